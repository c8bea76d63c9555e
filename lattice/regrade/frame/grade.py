"""One frame, file to file: read, grade, write verified."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lattice.channels import plan as channels
from lattice.channels.layers import Triple
from lattice.files.exr import file as exr
from lattice.files.exr import luma_chroma as luma
from lattice.files.images import file as images
from lattice.files.images.formats import format_of
from lattice.files.storage import atomic
from lattice.regrade.frame import lossless
from lattice.regrade.frame import still as stills
from lattice.regrade.frame.color import grade_color
from lattice.regrade.frame.done import Headers, Plans, drops, is_done, stamps_of, was_graded
from lattice.regrade.frame.header import SOURCE, graded_header, input_of, is_graded
from lattice.regrade.frame.session import Grader
from lattice.regrade.frame.window import Alphas, alphas
from lattice.regrade.options import Job, Options
from lattice.regrade.process.memory_budget import needed
from lattice.regrade.process.usage import peak_bytes
from lattice.regrade.report import Counts, FrameReport, Status
from lattice.types import LatticeError

if TYPE_CHECKING:
    from lattice.sdev import SDev
    from lattice.sdev.engines import Engine

DEEP_SAID = "deep pixels are copied as they are, not graded"
LUMA_SAID = "luminance-chroma (Y RY BY) is written as R G B"
FILES_HELD = 2  # of a file that passes, in memory: what is written, and what is read again


def describe(job: Job, grader: Grader, options: Options) -> list[str]:
    """What would be done to a frame, for people: its input primaries and its channel plan, line by line.

    Nothing is decoded. Raises LatticeError where the frame would be refused for what its header says.
    """
    stored = images.read_headers(job.source, options.transfer, deep=options.deep == "pass")
    kind = format_of(job.target)
    if any(header.deep for header in stored):
        _check_flat(job)
        return [DEEP_SAID]
    headers = tuple(map(luma.rgb_header, stored))
    if same_file(job.source, job.target) and not options.force and was_graded(headers, job.source, grader, options):
        return ["done already"]
    plans, pixels = intend(headers, job.source, grader, options, keeps_all=kind is None)
    shown = pixels if isinstance(pixels, str) else " ".join(f"{number:.4g}" for number in pixels)
    lines = [f"input {shown}, output {grader.sdev.provenance.get('output', 'unknown')}"]
    lines += [header.line for header in headers if isinstance(header, images.ImageHeader)]
    if headers != stored and kind is None:
        lines.append(LUMA_SAID)
    if kind is not None:
        still = stills.choose(kind, headers, plans, options, str(job.source))
        return lines + still.lines(headers[still.part])
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
                       _size(job.target) if status == "ok" else 0, peak_bytes())


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


def intend(headers: Headers, source: Path, grader: Grader, options: Options,
           keeps_all: bool = True) -> tuple[Plans, str | tuple[float, ...]]:
    """The channel plan of each part and the input primaries, which the grader then takes; LatticeError says why the
    file is refused. keeps_all: the output holds the channels that pass, packed by the file's codec."""
    graded = next((header for header in headers if is_graded(header)), None)
    if graded is not None and not options.force:
        raise LatticeError(f"{source}: expected a frame that is not graded yet, got one graded with "
                           f"{graded.text('sdev:name') or 'an SDev'}; force grades it again")
    if options.mips == "refuse" and any(len(header.images) > 1 for header in headers):
        raise LatticeError(f"{source}: expected one level, got a mip- or rip-map; mips can be dropped or rebuilt")
    plans = channels.plan_parts(headers, options.layers, options.views, str(source),
                                options.lossy != "refuse" or not keeps_all)
    if keeps_all:
        lossless.check(headers, plans, options.lossy, str(source))
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
    stored = images.read_headers(job.source, options.transfer, deep=options.deep == "pass")
    kind = format_of(job.target)
    if any(header.deep for header in stored):
        _check_flat(job)
        return _pass_on(job, in_place, grader, options)
    headers = tuple(map(luma.rgb_header, stored))
    if in_place and not options.force:
        with grader.budget.holding(_size(job.source)):
            if was_graded(headers, job.source, grader, options):
                return None
    plans, pixels = intend(headers, job.source, grader, options, keeps_all=kind is None)
    still = None if kind is None else stills.choose(kind, headers, plans, options, str(job.source))
    stamped = stamps_of(job, headers, plans, pixels, grader, options)
    size = needed(stored, _size(job.source), kind is not None)
    with grader.budget.holding(size):
        # Looked at now, not before: another job may have done it while this one waited.
        if not in_place and not options.force and is_done(job, stamped, grader.io):
            return None
        grader.budget.check(size, str(job.source))
        if still is not None:
            return _grade_still(job, headers, still, grader.taking(pixels), grader, stamped, options)
        return _grade_file(job, headers, plans, grader.taking(pixels), grader, stamped, options)


def _grade_file(job: Job, headers: Headers, plans: Plans, taking: SDev, grader: Grader, stamped: dict[str, str],
                options: Options) -> Counts:
    parts = _read(job, headers, grader, options)
    target = Path(os.path.realpath(job.target))
    outputs, total = [], Counts()
    for number, (part, plan) in enumerate(zip(parts, plans, strict=True)):
        header = part.header.one_level() if drops(part.header, options) else part.header
        header = graded_header(header, grader.sdev, stamped | {SOURCE: part.sha256}, bool(plan.triples))
        levels = []
        for k, level in enumerate(part.levels[:len(header.images)]):
            if job.stand_in == "black":
                graded, counts = {name: np.zeros_like(array) for name, array in level.items()}, Counts()
            else:
                alpha = alphas(parts, number, plan.triples, k)
                graded, counts = grade_part(level, alpha, plan.triples, job.source, taking,
                                            stills.as_stored(part.header, options), grader.engine)
                if stills.is_straight(part.header):
                    graded = stills.premultiplied(graded, alpha)
            levels.append({**level, **graded})
            total += counts
        outputs.append(exr.Frame(target, header, levels[0], smaller=tuple(levels[1:])))
    backup = target.with_name(target.name + atomic.BACKUP) if same_file(job.source, job.target) else None
    settled = lossless.settle(outputs, plans, options.lossy)
    exr.write_parts(target, [part for part, _ in settled], [plan.passing for _, plan in settled],
                    backup=backup, io=grader.io, sealed=True)
    return total


def _grade_still(job: Job, headers: Headers, still: stills.Still, taking: SDev, grader: Grader,
                 stamped: dict[str, str], options: Options) -> Counts:
    parts = _read(job, headers, grader, options)
    part, counts = parts[still.part], Counts()
    alpha = alphas(parts, still.part, (still.triple,))
    if job.stand_in == "black":
        alpha = {triple: np.zeros_like(plane) for triple, plane in alpha.items()}
        graded = {name: np.zeros_like(part.channels[name]) for name in still.triple.names}
    else:
        graded, counts = grade_part(part.channels, alpha, (still.triple,), job.source, taking,
                                    stills.as_stored(part.header, options), grader.engine)
    note = stills.note(stamped, part.sha256)
    codes = stills.codes_of(still, part.header, graded, alpha.get(still.triple), grader.sdev.display, note)
    images.write(Path(os.path.realpath(job.target)), still.kind, codes, grader.io)
    return counts


def _read(job: Job, headers: Headers, grader: Grader, options: Options) -> tuple[exr.Frame, ...]:
    parts = tuple(map(luma.to_rgb, images.read_parts(job.source, options.transfer, grader.io)))
    if tuple(part.header for part in parts) != headers:
        raise LatticeError(f"{job.source}: expected a finished file, got one that changed while it was read")
    return parts


def _check_flat(job: Job) -> None:
    kind = format_of(job.target)
    if kind is not None:
        raise LatticeError(f"{job.source}: expected flat pixels to make a {kind.name} of, got deep ones")


def _pass_on(job: Job, in_place: bool, grader: Grader, options: Options) -> Counts | None:
    """Copy a file; None where the target is that file already."""
    if job.stand_in == "black":
        raise LatticeError(f"{job.source}: expected flat pixels to make a black frame of, got deep ones")
    size = FILES_HELD * _size(job.source)
    grader.budget.check(size, str(job.source))
    with grader.budget.holding(size), grader.io():
        is_there = os.path.isfile(job.target) and exr.digest(job.target) == exr.digest(job.source)
        if in_place or (is_there and not options.force):
            return None
        exr.copy(job.source, Path(os.path.realpath(job.target)))
        return Counts()


def grade_part(source: Mapping[str, NDArray[Any]], alpha: Alphas, triples: tuple[Triple, ...], path: Path, sdev: SDev,
               options: Options, engine: Engine) -> tuple[dict[str, NDArray[Any]], Counts]:
    """The graded channels by name, and what was odd in them. source: every channel of the part by name. alpha: what
    each color is premultiplied by, where it is. Raises what `grade_color` does, naming the file `path`."""
    graded: dict[str, NDArray[Any]] = {}
    total = Counts()
    for triple in triples:
        divisor = alpha.get(triple) if options.premult == "auto" else None
        color = [source[name] for name in triple.names]
        try:
            results, counts = grade_color(sdev, color, divisor, options.transparent, options.nonfinite, engine,
                                          1 if options.workers > 1 else None)  # each frame has a core
        except LatticeError as error:
            raise LatticeError(f"{path}: {error}") from None
        graded.update(zip(triple.names, results, strict=True))
        total += counts
    return graded, total
