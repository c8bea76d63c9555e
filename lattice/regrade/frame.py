"""One frame, file to file: read, grade, write verified."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lattice.files import channels, exr
from lattice.files.header import Header
from lattice.regrade.color import grade_color
from lattice.regrade.metadata import (
    SOURCE,
    display_chromaticities,
    graded_header,
    has_stamps,
    input_of,
    is_graded,
    stamps,
)
from lattice.regrade.records import Counts, FrameReport, Job, Options, Status
from lattice.types import LatticeError

if TYPE_CHECKING:
    from lattice.sdev import SDev
    from lattice.sdev.engines import Engine

Headers = tuple[Header, ...]
BACKUP = ".orig"  # added to the name of a file that is graded in place


class Grader:
    """The device of a run, made ready once for each set of input primaries that the run meets.

    Shared by threads. Raises LatticeError where the device's output chromaticities are not 8 numbers, or no engine
    can run it.
    """

    def __init__(self, sdev: SDev, engine: Engine = "auto") -> None:
        self.sdev, self.engine = sdev, engine
        self._ready: dict[str | tuple[float, ...], SDev] = {}
        self._lock = threading.Lock()
        display_chromaticities(sdev)
        sdev.prepare(engine)

    def taking(self, pixels: str | tuple[float, ...]) -> SDev:
        """The device for pixels of these primaries, a name or 8 chromaticities. Raises what `with_input` raises."""
        with self._lock:
            if pixels not in self._ready:
                self._ready[pixels] = self.sdev.with_input(pixels)
                self._ready[pixels].prepare(self.engine)
            return self._ready[pixels]


def describe(source: Path, grader: Grader, options: Options, in_place: bool = False) -> list[str]:
    """What would be done to a file, for people: its input primaries and its channel plan, line by line.

    Nothing is decoded. Raises LatticeError where the frame would be refused for what its header says.
    """
    headers = exr.read_headers(source)
    if in_place and not options.force and _was_graded(headers, source, grader, options):
        return ["done already"]
    plans, pixels = intend(headers, source, grader, options)
    shown = pixels if isinstance(pixels, str) else " ".join(f"{number:.4g}" for number in pixels)
    lines = [f"input {shown}, output {grader.sdev.provenance.get('output', 'unknown')}"]
    for header, plan in zip(headers, plans, strict=True):
        lines += [] if header.part is None else [f"part {header.part} {header.text('name')}"]
        lines += plan.lines()
    return lines


def regrade_frame(job: Job, grader: Grader, options: Options) -> FrameReport:
    """Grade one file into another, unless that is done already: then it is skipped.

    Whatever goes wrong is told in the report, and the target is as it was.
    """
    start, cpu = time.perf_counter(), time.thread_time()
    counts, why = None, ""
    try:
        counts = _regrade(job, grader, options)
    except LatticeError as error:
        why = str(error)
    except Exception as error:  # a fault of ours or of a library must not take the other frames along
        why = f"{job.source}: {type(error).__name__}: {' '.join(str(error).split())}"
    status: Status = "failed" if why else "skipped" if counts is None else "ok"
    counts = counts or Counts()
    return FrameReport(job.frame, job.source, job.target, status, why, counts.nan, counts.inf, counts.negative,
                       counts.clipped, time.perf_counter() - start, time.thread_time() - cpu, _size(job.source),
                       _size(job.target) if status == "ok" else 0)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def same_file(one: Path, other: Path) -> bool:
    """True where both names lead to one file, by links too."""
    try:
        return os.path.samefile(one, other)
    except OSError:
        return os.path.realpath(one) == os.path.realpath(other)


def intend(headers: Headers, source: Path, grader: Grader,
           options: Options) -> tuple[tuple[channels.ChannelPlan, ...], str | tuple[float, ...]]:
    """The channel plan of each part and the input primaries, which the grader then takes; LatticeError says why the
    file is refused."""
    graded = next((header for header in headers if is_graded(header)), None)
    if graded is not None and not options.force:
        raise LatticeError(f"{source}: expected a frame that is not graded yet, got one graded with "
                           f"{graded.text('sdev:name') or 'an SDev'}; force grades it again")
    plans = channels.plan_parts(headers, options.layers, options.views, str(source))
    pixels = input_of(headers[0], options.input, str(source))  # all parts have the same
    try:
        grader.taking(pixels)
    except LatticeError as error:
        raise LatticeError(f"{source}: {error}") from None
    return plans, pixels


def _regrade(job: Job, grader: Grader, options: Options) -> Counts | None:
    """Grade a frame; None where it is done already."""
    if not os.path.lexists(job.source):
        raise LatticeError(f"{job.source}: missing frame")
    in_place = same_file(job.source, job.target)
    if in_place and not options.in_place:
        raise LatticeError(f"{job.target}: expected an output apart from its input, got the same file")
    headers = exr.read_headers(job.source)
    if in_place and not options.force and _was_graded(headers, job.source, grader, options):
        return None
    plans, pixels = intend(headers, job.source, grader, options)
    stamped = stamps(grader.sdev, grader.taking(pixels), pixels, _graded(headers, plans), options, grader.engine)
    if job.stand_in == "black":
        stamped["options"] += " black"
    if not in_place and not options.force and _is_done(job, stamped):
        return None
    parts = exr.read_parts(job.source)
    if tuple(part.header for part in parts) != headers:
        raise LatticeError(f"{job.source}: expected a finished file, got one that changed while it was read")
    target = Path(os.path.realpath(job.target))
    outputs, total = [], Counts()
    for part, plan in zip(parts, plans, strict=True):
        if job.stand_in == "black":
            graded, counts = {name: np.zeros_like(array) for name, array in part.channels.items()}, Counts()
        else:
            graded, counts = grade_part(part, plan.triples, grader.taking(pixels), options, grader.engine)
        header = graded_header(part.header, grader.sdev, stamped | {SOURCE: part.sha256}, bool(plan.triples))
        outputs.append(exr.Frame(target, header, {**part.channels, **graded}))
        total += counts
    backup = target.with_name(target.name + BACKUP) if in_place else None
    exr.write_parts(target, outputs, [plan.passing for plan in plans], backup=backup)
    return total


def _graded(headers: Headers, plans: tuple[channels.ChannelPlan, ...]) -> str:
    """The graded channels as one word, each part's after its name where there are parts."""
    return ";".join(plan.graded if header.part is None else f"{header.text('name')}:{plan.graded}"
                    for header, plan in zip(headers, plans, strict=True) if plan.triples)


def _is_done(job: Job, stamped: dict[str, str]) -> bool:
    """Whether the target is whole and says it was made so from what the source holds now. Times are not looked at."""
    try:
        return (_all_have(exr.read_headers(job.target), stamped)
                and _all_have(exr.read_whole_headers(job.target), {SOURCE: exr.digest(job.source)}))
    except LatticeError:
        return False


def _all_have(headers: Headers, stamped: dict[str, str]) -> bool:
    return all(has_stamps(header, stamped) for header in headers)


def _was_graded(headers: Headers, source: Path, grader: Grader, options: Options) -> bool:
    """Whether a frame that is to be graded in place was; the primaries it had before are gone, but for named ones.

    Raises LatticeError where it was, and is not whole.
    """
    graded = _graded(headers, channels.plan_parts(headers, options.layers, options.views, str(source)))
    taken = grader.sdev if options.input is None else grader.taking(options.input)
    stamped = stamps(grader.sdev, taken, options.input or "", graded, options, grader.engine)
    if options.input is None:
        del stamped["input"], stamped["device_sha256"]
    if not _all_have(headers, stamped):
        return False
    exr.read_whole_headers(source)
    return True


def grade_part(frame: exr.Frame, triples: tuple[channels.Triple, ...], sdev: SDev, options: Options,
               engine: Engine) -> tuple[dict[str, NDArray[Any]], Counts]:
    """The graded channels by name, and what was odd in them. Raises what `grade_color` does, naming the file."""
    graded: dict[str, NDArray[Any]] = {}
    total = Counts()
    for triple in triples:
        alpha = frame.channels[triple.alpha] if triple.alpha and options.premult == "auto" else None
        color = [frame.channels[name] for name in triple.names]
        try:
            results, counts = grade_color(sdev, color, alpha, options.transparent, options.nonfinite, engine)
        except LatticeError as error:
            raise LatticeError(f"{frame.path}: {error}") from None
        graded.update(zip(triple.names, results, strict=True))
        total += counts
    return graded, total
