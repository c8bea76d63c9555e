"""The session that all frames of a run share: the prepared SDev, the options, the memory budget, the disk slots."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lattice.channels.input import Primaries
from lattice.choices import Engine
from lattice.color.inputs import find
from lattice.files import source
from lattice.files.frame import Frame, FrameHeader
from lattice.files.images import icc
from lattice.files.images.formats import format_of
from lattice.files.storage.buffers import Room, fresh
from lattice.files.storage.read import DiskSlot
from lattice.process_list import Cdl
from lattice.regrade.frame.header import display_encoding
from lattice.regrade.frame.request import Request
from lattice.regrade.options import Options
from lattice.regrade.process.memory_budget import Budget
from lattice.sdev.asked import told_input
from lattice.sdev.density import given_density, taken_density
from lattice.types import LatticeError

if TYPE_CHECKING:
    from lattice.regrade.frame.ahead import Ahead
    from lattice.sdev import AnySDev


def as_asked(sdev: AnySDev, options: Options) -> AnySDev:
    """Return an SDev on the display, with the printer lights and the grade of the options; one that is so stays as it
    is.

    Raises LatticeError if the SDev's display, or for lights and a grade its look, is not known, or if a GPU is asked
    for and does not run the grade.
    """
    if options.points is not None:
        from lattice.sdev.relight import with_printer_lights

        sdev = with_printer_lights(sdev, options.points)
    sdev = sdev if options.display is None else sdev.with_display(options.display)
    return sdev if options.grade is None else _graded(sdev, options.grade, options.engine)


def _graded(sdev: AnySDev, grade: str, engine: Engine) -> AnySDev:
    from lattice.sdev import Lut
    from lattice.sdev.grade import with_grade

    graded = with_grade(sdev, grade)
    if engine == "cuda" and isinstance(graded, Lut):
        raise LatticeError(
            f"{sdev.name}: grade: a GPU runs one on film-out looks alone, without saturation: leave out --engine cuda"
        )
    return graded


def _check_light(sdev: AnySDev) -> None:
    """Raise LatticeError if it is not known what an SDev takes; of a CDL alone it is no light, as a rule."""
    if "input" not in sdev.provenance and [type(node) for node in getattr(sdev, "nodes", ())] == [Cdl]:
        raise LatticeError(
            f"{sdev.name}: a CDL does not say what it takes: between negative and print it is the --grade of the whole "
            "look or of the print (--sdev print.clf --grade FILE.cdl); --takes NAME says it of another"
        )
    told_input(sdev)


def _check_densities(options: Options, name: str) -> None:
    """Raise LatticeError for options that say what light is, of what takes printing densities."""
    for option in ("input", "exposure", "transfer"):
        if getattr(options, option) not in (None, 0, "auto"):
            raise LatticeError(f"{name}: {option}: it takes printing density, not light: leave out --{option}")


class Session:
    """A run's SDev and options, with the SDev prepared once for each set of input primaries in the run.

    sdev: as the options ask: on their display, with their printer lights and their grade.
    given, taken: how printing densities are coded that it gives or takes, of a negative's or a print's; else None.
    request: what is asked of each frame.
    encoding: of the display's code values; None if the SDev does not have it. icc: its ICC profile; empty for none.
    threads: that one frame is decoded, graded, encoded and verified by; 1 where frames have a core each.
    options: `engine` must run here; `memory` limits the frames in hand together, as in `Budget`. disk_slot: held during
    each read and write; by default no limit. room: memory for the bytes of files and for graded color; by default new.
    ahead: a frame that is read already, if any.
    Threads may share a session. A pickled session is prepared again where it is unpickled, with a memory budget of its
    own, no disk limit and new memory.
    Raises LatticeError if it is not known what the SDev takes, its output chromaticities are not 8 numbers, or the
    engine cannot run it.
    """

    def __init__(self, sdev: AnySDev, options: Options | None = None) -> None:
        self.options = options or Options()
        self.sdev = as_asked(sdev, self.options)
        self.given, self.taken = given_density(self.sdev.provenance), taken_density(self.sdev.provenance)
        if self.taken is None:
            _check_light(self.sdev)
        else:
            _check_densities(self.options, self.sdev.name)
        self.request = Request.of(self.sdev, self.options)
        self.budget = Budget(self.options.memory)
        self.disk_slot: DiskSlot = nullcontext
        self.room: Room = fresh
        self.ahead: Ahead | None = None
        self.threads = self.options.usable_cores if self.options.workers == 1 else 1
        self._ready: dict[Primaries, AnySDev] = {}
        self._lock = threading.Lock()
        self.encoding = display_encoding(self.sdev)
        self.icc = b""
        with suppress(LatticeError):  # primaries that no profile can hold
            self.icc = b"" if self.encoding is None else icc.profile(self.encoding)
        self.sdev.prepare(self.options.engine)

    @property
    def output(self) -> str:
        """The display in words: "Rec.2020 PQ@203"; "unknown" if the SDev does not say."""
        return self.sdev.provenance.get("output", "unknown")

    @property
    def has_headroom(self) -> bool:
        """True if the display's codes go above a picture's white: HDR and DCDM."""
        return self.encoding is not None and self.encoding.has_headroom

    def decoding(self, path: Path) -> str:
        """What decodes the code values of a file; printing densities are taken as they are."""
        if self.taken is None or format_of(path) is None:
            return self.options.decoding
        return "linear"

    def read(self, path: Path) -> Sequence[Frame[FrameHeader]]:
        """Return the parts of a file, which may be read already. Raises LatticeError as `source.read_parts` does."""
        ahead = None if self.ahead is None else self.ahead.parts(path)
        if ahead is not None:
            return ahead
        return source.read_parts(path, self.decoding(path), self.disk_slot, self.room, self.threads)

    def share(self, room: Room, threads: int) -> None:
        """Take the memory and the threads of a frame from now on."""
        self.room, self.threads = room, threads

    def with_disk_slots(self, disk_slot: DiskSlot) -> Session:
        """Return a session with the same SDev and options that reads and writes only while holding a slot."""
        bounded = Session(self.sdev, self.options)
        bounded.disk_slot, bounded.threads = disk_slot, self.threads
        return bounded

    def __reduce__(self) -> tuple[object, ...]:
        return Session, (self.sdev, self.options)

    def sdev_for(self, primaries: Primaries) -> AnySDev:
        """Return the SDev prepared for linear light of these primaries, or of the primaries that an input has.

        Raises LatticeError as `SDev.with_input` does.
        """
        with self._lock:
            if primaries not in self._ready:
                self._ready[primaries] = self._taking(primaries).with_exposure(self.options.exposure)
                self._ready[primaries].prepare(self.options.engine)
            return self._ready[primaries]

    def _taking(self, primaries: Primaries) -> AnySDev:
        if self.taken is not None:
            return self.sdev
        if not isinstance(primaries, str):
            return self.sdev.with_input(primaries)
        space = find(primaries)
        return self.sdev.with_input(space.primaries, space.adaptation)
