"""Plan the grade of a frame from its header, before a pixel is decoded."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from lattice.channels import plan as channels
from lattice.channels.input import DENSITY, Input, Primaries, assumption, input_of
from lattice.channels.layers import RGBLayer, rgb_layers_of
from lattice.color.inputs import encoded
from lattice.color.primaries import named
from lattice.files import source
from lattice.files.exr import luma_chroma
from lattice.files.frame import STAMP, STAND_IN, FrameHeader
from lattice.files.images.formats import Format, format_of
from lattice.regrade.frame import lossless, packing, still
from lattice.regrade.frame.done import ChannelPlans, Headers, is_graded_by, stamps_of
from lattice.regrade.frame.memory import bytes_needed
from lattice.regrade.frame.packing import packed_header
from lattice.regrade.frame.session import Session
from lattice.regrade.options import Job
from lattice.sdev.told import NUMBERS
from lattice.types import LatticeError

DEEP_NOTE = "deep pixels are copied as they are, not graded"
LUMA_NOTE = "luminance-chroma (Y RY BY) is written as R G B"
GRAY_NOTE = "gray is graded as R = G = B"


@dataclass(frozen=True)
class FramePlan:
    """The plan of a frame; `execute` carries it out.

    action: "grade"; "copy", for deep pixels; "nothing", for a frame that was graded in place before.
    headers: of each part, luminance-chroma as R, G, B. channels: the plan of each part. primaries: as in `Input`.
    still: the content of an output other than EXR; None for an EXR. stamps: of the output, except the source's.
    bytes_needed: peak memory. notes: a line for each result that a user may not expect. assumed: as in `Input`.
    in_place: True if the target is the source. asked: the exposure, the lights and what a LUT takes, for
    people.
    """

    job: Job
    action: Literal["grade", "copy", "nothing"]
    bytes_needed: int
    headers: Headers = ()
    channels: ChannelPlans = ()
    primaries: Primaries = ""
    still: still.Still | None = None
    stamps: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    assumed: Mapping[str, str] = field(default_factory=dict)
    in_place: bool = False
    asked: str = ""

    @property
    def remarks(self) -> dict[str, str]:
        """Stamps that only tell: a frame without them is done all the same."""
        said = " ".join(f"{option}={value}" for option, value in self.assumed.items())
        stand_in = self.job.stand_in
        return ({"assumed": said} if said else {}) | ({STAND_IN: stand_in} if stand_in else {})

    def lines(self) -> list[str]:
        """Return lines for people: the input primaries and the channel plan."""
        if self.action == "copy":
            return list(self.notes)
        if self.action == "nothing":
            return ["done already"]
        lines = [f"input {_told(self.primaries)}, output {self.stamps['output']}{self.asked}"]
        lines += [header.line for header in self.headers if header.line]
        assumed = assumption(self.assumed, self.job.source.name)
        lines += [*([] if assumed is None else [assumed]), *self.notes]
        if self.still is not None:
            return lines + self.still.lines(self.headers[self.still.part])
        space = encoded(self.primaries)
        passing = "scene-linear" if space is None else f"codes of {space.name}"
        for header, plan in zip(self.headers, self.channels, strict=True):
            lines += [] if header.part is None else [f"part {header.part} {header.text('name')}"]
            lines += plan.lines()
            kept = [t.layer for t in rgb_layers_of(header) if t.names[0] in plan.passing] if plan.rgb_layers else []
            lines += [f"{', '.join(kept)}: stays {passing}, though its header names the display"] if kept else []
        return lines

    def shown(self, views: tuple[str, ...] = (), layers: tuple[str, ...] = ()) -> tuple[int, RGBLayer]:
        """Return the part's number and the layer that one picture shows: the one in `layers`, else the beauty.

        It is of the first of `views`, else of the file's first view; a view's bare color comes before Blender's layers.
        Raises LatticeError if `layers` has several names.
        """
        found = still.showable(self.channels, layers, "layers: expected one for a picture")
        wanted = (*views, *self.headers[0].views, found[0][1].view)[0]
        return min(found, key=lambda each: (each[1].view != wanted, bool(each[1].layer)))


def _told(primaries: Primaries) -> str:
    """Return the primaries of pixels for people: a name, or eight numbers that no name has."""
    if isinstance(primaries, str):
        return primaries
    record = named(primaries)
    return " ".join(f"{number:.4g}" for number in primaries) if record is None else record.name


def _asked(session: Session) -> str:
    """Return the exposure, the printer lights and the grade that are asked for, and what a LUT takes, for people."""
    options, numbers = session.options, session.sdev.provenance.get(NUMBERS)
    takes = "" if numbers is None else f", {session.sdev.name} takes {numbers}"
    exposure = f", exposure {options.exposure:+g}" if options.exposure else ""
    lights = f", printer lights {options.printer_lights}" if options.printer_lights else ""
    return takes + exposure + lights + (f", grade {options.grade}" if options.grade else "")


def plan_frame(job: Job, session: Session) -> FramePlan:
    """Plan a frame, and prepare the SDev for its primaries; no pixel is decoded.

    Raises LatticeError if the source cannot be read, its header is refused, or a frame graded in place is damaged.
    """
    options, kind = session.options, format_of(job.target)
    check_display(job.target, session)
    stored = tuple(source.read_headers(job.source, session.decoding(job.source), deep=options.deep == "pass"))
    in_place = same_file(job.source, job.target)
    if any(header.deep for header in stored):
        _check_flat(job, kind)
        return FramePlan(job, "copy", size_of(job.source), stored, notes=(DEEP_NOTE,), in_place=in_place)
    if options.gray == "refuse" and any(header.is_gray for header in stored):
        raise LatticeError(f"{job.source}: expected R, G, B, got gray alone; --gray rgb grades it as R = G = B")
    headers = tuple(map(luma_chroma.rgb_header, stored))
    if in_place and not options.force:
        with session.budget.holding(size_of(job.source)):
            if is_graded_by(headers, job.source, session):
                return FramePlan(job, "nothing", 0, headers, in_place=True)
    plans, taken = _channel_plans(job, headers, session, keeps_all=kind is None and not _is_movie(job.target))
    kept = None if kind is None else still.choose(kind, headers, plans, options, str(job.source))
    return FramePlan(
        job,
        "grade",
        bytes_needed(
            stored,
            headers,
            plans,
            kept,
            size_of(job.source),
            options,
            encoded(taken.primaries) is not None,
            session.threads,
        ),
        headers,
        plans,
        taken.primaries,
        kept,
        stamps_of(job, headers, plans, taken.primaries, session),
        _notes(stored, kind is None) + _untold(kind, session),
        taken.assumed,
        in_place,
        _asked(session),
    )


def _is_movie(target: Path) -> bool:
    """True if a target is one picture of a movie, without other channels."""
    suffix = target.suffix.lower()
    if suffix == ".exr":
        return False
    from lattice.files.movie import codecs  # here: it takes a command two milliseconds to start

    return suffix in codecs.suffixes()


def _notes(stored: Headers, is_exr: bool) -> tuple[str, ...]:
    """Return a line for each result that a user may not expect. stored: as in the file. is_exr: of the output."""
    gray = (GRAY_NOTE,) if any(header.is_gray for header in stored) else ()
    luma = (LUMA_NOTE,) if is_exr and any(map(luma_chroma.is_luma, stored)) else ()
    return gray + luma + stored[0].notes


def check_display(target: Path, session: Session) -> None:
    """Raise LatticeError if an output of printing density is asked for a display whose white is not code 1, or if an
    image cannot hold a negative's densities."""
    kind = format_of(target)
    if kind is not None and session.given is not None:
        held = ("cineon",) if kind.log else ("adx16", "cineon")
        if session.given.name not in held:
            raise LatticeError(
                f"{target}: expected a negative of {' or '.join(held)} codes for a {kind.name}, got densities as "
                f"{session.given.name}: lattice build --stage negative --density {held[0]} makes it"
            )
    if kind is not None and kind.log and session.has_headroom:
        raise LatticeError(
            f"{target}: a {kind.name} holds printing density, not the codes of {session.output}: "
            "write .exr or .tif, or take another --display, such as P3-DCI"
        )


def _untold(kind: Format | None, session: Session) -> tuple[str, ...]:
    """Return lines of what an image cannot say or hold of a display whose white is not code 1."""
    if kind is None or not session.has_headroom:
        return ()
    name, notes = session.output, []
    if "cicp" not in kind.tags or session.encoding is None or session.encoding.cicp is None:
        notes.append(f"a {kind.name} cannot say that its codes are of {name}: whoever opens it must know")
    if session.sdev.shown.is_hdr and max(kind.bits) == 8:
        notes.append(f"8 bits are too few for {name}, gradients band: .exr or .tif holds more")
    return tuple(notes)


def _channel_plans(job: Job, headers: Headers, session: Session, keeps_all: bool) -> tuple[ChannelPlans, Input]:
    """Return each part's channel plan and the input, and prepare the SDev for its primaries.

    keeps_all: True if the output is an EXR, with the pass-through channels in the file's codec. Raises LatticeError if
    the file is refused.
    """
    options, where = session.options, str(job.source)
    _check_gradable(headers, session, where)
    written = tuple(packed_header(header, options) for header in headers) if keeps_all else headers
    plans = channels.plan_parts(
        written, options.layers, options.views, where, options.lossy != "refuse" or not keeps_all
    )
    if keeps_all:
        packing.check(headers, options, where)
        lossless.check(headers, written, plans, options.lossy, where)
    graded = [header for header, each in zip(headers, plans, strict=True) if each.rgb_layers]
    if session.taken is None:
        taken = input_of(headers, graded, options.input, where)
    else:
        kind = format_of(job.source)
        is_told = (kind is not None and kind.log) or all(_is_taken(header, session) for header in graded)
        told = {} if is_told else {DENSITY: session.taken.name}
        taken = Input(f"printing density, {session.taken.name}", told)
    try:
        session.sdev_for(taken.primaries)
    except LatticeError as error:
        raise LatticeError(f"{where}: {error}") from None
    return plans, taken


def _check_gradable(headers: Headers, session: Session, where: str) -> None:
    options = session.options
    by = (header.graded_by for header in headers if header.graded_by is not None and not _is_taken(header, session))
    graded = next(by, None)
    if session.taken is not None and graded is not None and not options.force:
        given = next((text for text in (header.text(STAMP + "output") for header in headers) if text), "")
        if given.startswith("printing density"):
            raise LatticeError(f"{where}: expected printing density, {session.taken.title}, got {given}")
    if graded is not None and not options.force:
        raise LatticeError(
            f"{where}: expected a frame that is not graded yet, got one graded with "
            f"{graded or 'an SDev'}; name the frame that it was made from, or add --force to grade a graded frame"
        )
    if options.input not in (None, headers[0].pixels_are) and headers[0].pixels_are:
        raise LatticeError(
            f"{where}: input: expected none for {headers[0].pixels_are}, got {options.input}; leave --input out"
        )
    if options.mips == "refuse" and any(len(header.images) > 1 for header in headers):
        raise LatticeError(f"{where}: expected one level, got a mip- or rip-map; add --mips drop or --mips rebuild")


def _is_taken(header: FrameHeader, session: Session) -> bool:
    """True if a file says that it holds a negative's densities, coded as the session's print takes them."""
    return session.taken is not None and header.text(STAMP + "output") == f"printing density, {session.taken.title}"


def _check_flat(job: Job, kind: Format | None) -> None:
    if kind is not None:
        raise LatticeError(f"{job.source}: expected flat pixels to make a {kind.name} of, got deep ones")


def same_file(one: Path, other: Path) -> bool:
    """True if both paths are the same file, also by links."""
    try:
        return os.path.samefile(one, other)
    except OSError:
        if os.path.exists(one) and not os.path.lexists(other):
            return False
        return os.path.realpath(one) == os.path.realpath(other)


def size_of(path: Path) -> int:
    """Return the size of a file in bytes; 0 if the system does not report it."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
