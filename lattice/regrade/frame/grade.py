"""Regrade one frame, file to file: read, grade, write verified."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from lattice.channels.layers import RGBLayer
from lattice.color.inputs import encoded
from lattice.cpu_time import cpu_seconds
from lattice.errors import one_line
from lattice.files.exr import file as exr
from lattice.files.exr import lines, luma_chroma
from lattice.files.frame import LOOK, Frame, FrameHeader
from lattice.files.images import file as images
from lattice.files.images.spec import EncodedImage
from lattice.files.storage import atomic
from lattice.files.storage.read import read_bytes
from lattice.regrade.frame import lossless, still
from lattice.regrade.frame.alpha import Alphas, alphas, premultiplied
from lattice.regrade.frame.color import grade_color
from lattice.regrade.frame.done import drops_mips, is_done
from lattice.regrade.frame.existing import obstacle
from lattice.regrade.frame.header import SOURCE, graded_header
from lattice.regrade.frame.packing import packed
from lattice.regrade.frame.plan import FramePlan, plan_frame, size_of
from lattice.regrade.frame.request import REQUEST
from lattice.regrade.frame.session import Session
from lattice.regrade.options import Job
from lattice.regrade.process.usage import peak_bytes
from lattice.regrade.report import Counts, FrameReport, Status
from lattice.types import LatticeError, Pixels

Parts = tuple[Frame[FrameHeader], ...]
Graded = dict[str, Pixels]  # channels by name
NO_PLANES: Mapping[str, Pixels] = MappingProxyType({})


def regrade_frame(job: Job, session: Session) -> FrameReport:
    """Grade one file into another; skip it if that is done already. Return the report.

    Raises nothing: the report has the reason of a failure, and the target is then as it was.
    """
    start, cpu = time.perf_counter(), cpu_seconds()
    counts, why = None, ""
    assumed: Mapping[str, str] = {}
    try:
        if not os.path.lexists(job.source):
            raise LatticeError(f"{job.source}: missing frame")
        plan = plan_frame(job, session)
        assumed = plan.assumed
        counts = execute(plan, session)
    except LatticeError as error:
        why = str(error)
    except Exception as error:  # a bug here or in a library must not stop the other frames
        why = f"{job.source}: {type(error).__name__}: {one_line(error)}"
    status: Status = "failed" if why else "skipped" if counts is None else "ok"
    verified = "" if status != "ok" else session.options.verify if plan.action == "grade" else "crc"  # of a copy
    counts = counts or Counts()
    return FrameReport(
        job.frame,
        job.source,
        job.target,
        status,
        why,
        counts.nan,
        counts.inf,
        counts.negative,
        counts.clipped,
        time.perf_counter() - start,
        cpu_seconds() - cpu,
        size_of(job.source),
        size_of(job.target) if status == "ok" else 0,
        peak_bytes(),
        assumed,
        verified,
    )


def execute(plan: FramePlan, session: Session) -> Counts | None:
    """Execute a plan; return the counts, or None if the frame is done already.

    Raises LatticeError, with the target as it was, if the source cannot be read, changed since the plan, or needs more
    memory than the budget, or the output cannot be written and verified.
    """
    if plan.in_place and not session.options.in_place:
        raise LatticeError(f"{plan.job.target}: expected an output apart from its input, got the same file")
    if plan.action == "nothing":
        return None
    if plan.action == "copy":
        return _copy(plan, session)
    job, budget = plan.job, session.budget
    with budget.holding(plan.bytes_needed):
        # Checked now, not before: another job may have done it while this one waited.
        if not plan.in_place and os.path.lexists(job.target):
            if not session.options.force and is_done(job, dict(plan.stamps), session):
                return None
            _check_target(job, session)
        budget.check(plan.bytes_needed, str(job.source))
        return _write_exr(plan, session) if plan.still is None else _write_still(plan, plan.still, session)


def _check_target(job: Job, session: Session) -> None:
    """Raise LatticeError if the target must not be replaced unasked, in case it came since the sequence was planned."""
    found = obstacle(job.target, session.request, session.options, lambda name: job.is_torn)
    if found is not None:
        raise LatticeError(f"{job.target}: {found.what}; {found.flag} replaces it")


def _copy(plan: FramePlan, session: Session) -> Counts | None:
    """Copy a file; return None if the target has its content already."""
    job = plan.job
    if job.stand_in == "black":
        raise LatticeError(f"{job.source}: expected flat pixels to make a black frame of, got deep ones")
    session.budget.check(plan.bytes_needed, str(job.source))
    with session.budget.holding(plan.bytes_needed), session.disk_slot():
        is_there = os.path.isfile(job.target) and exr.digest(job.target) == exr.digest(job.source)
        if plan.in_place or (is_there and not session.options.force):
            return None
        if not (is_there or session.options.overwrite or _is_torn_copy(job)):
            raise LatticeError(f"{job.target}: expected a free name or a copy of {job.source}; --overwrite replaces it")
        exr.copy(job.source, job.target)
        return Counts()


def _is_torn_copy(job: Job) -> bool:
    """True if the target is free, or holds the first bytes of the source: a copy that something cut short."""
    if not os.path.lexists(job.target):
        return True
    held = size_of(job.target)
    return held < size_of(job.source) and read_bytes(job.source, held) == read_bytes(job.target)


def read_planned(plan: FramePlan, session: Session) -> Parts:
    """Read the parts of a plan's source, luminance-chroma as R, G, B.

    Raises LatticeError if the file cannot be read, or its headers changed since the plan.
    """
    path = plan.job.source
    parts = tuple(map(luma_chroma.to_rgb, session.read(path)))
    if tuple(part.header for part in parts) != plan.headers:
        raise LatticeError(f"{path}: expected a finished file, got one that changed while it was read")
    return parts


def told(plan: FramePlan, session: Session, source_sha256: str) -> dict[str, str]:
    """Return all that an output says of its grade, by name: what determines it, and remarks."""
    look = session.sdev.provenance.get(LOOK)
    before = next((header.graded_by for header in plan.headers if header.graded_by is not None), None)
    source = plan.job.source.name + ("" if before is None else f", graded with {before or 'an SDev'}")
    remarks = {**plan.remarks, "source": source.encode("ascii", "replace").decode()}
    facts = {**plan.stamps, **remarks, REQUEST: session.request.text, SOURCE: source_sha256}
    return facts if look is None else {**facts, LOOK: look}


def _write_exr(plan: FramePlan, session: Session) -> Counts:
    parts = read_planned(plan, session)
    target, total, outputs = plan.job.target, Counts(), []
    sources, graded = [part.header for part in parts], [bool(each.rgb_layers) for each in plan.channels]
    laid: lines.Lines | None = None  # of the only part: parts of a file are never laid
    for number, part in enumerate(parts):
        stamped = told(plan, session, part.sha256)
        header = graded_header(sources, number, graded, session.sdev, stamped)
        header = packed(header.one_level() if drops_mips(header, session.options) else header, session.options)
        laid = lines.lay(header, session.room) if lines.is_laid(header) else None
        output, counts = _graded_part(plan, parts, number, session, NO_PLANES if laid is None else laid.planes)
        if laid is not None:
            output = [laid.filled(output[0])]
        outputs.append(exr.Frame(target, header, output[0], smaller=tuple(output[1:])))
        total += counts
    settled = lossless.apply_codec_policy(outputs, plan.channels, session.options.lossy, sources)
    exr.write_parts(
        target,
        [part for part, _ in settled],
        [channels.passing for _, channels in settled],
        backup=Path(os.path.realpath(target) + atomic.BACKUP) if plan.in_place else None,
        threads=session.threads,
        disk_slot=session.disk_slot,
        checksummed=True,
        verify=session.options.verify,
        laid=() if laid is None else (laid,),
        room=session.room,
    )
    return total


def _graded_part(
    plan: FramePlan, parts: Parts, number: int, session: Session, planes: Mapping[str, Pixels]
) -> tuple[list[Mapping[str, Pixels]], Counts]:
    """Return every channel of each level to write, the graded ones premultiplied as in an EXR, and the counts.
    planes: as for `grade_layers`."""
    part, layers, total = parts[number], plan.channels[number].rgb_layers, Counts()
    written: list[Mapping[str, Pixels]] = []
    levels = part.levels[:1] if drops_mips(part.header, session.options) else part.levels
    for k, level in enumerate(levels):
        if plan.job.stand_in == "black":
            graded = {name: np.zeros_like(array) for name, array in level.items()}
        else:
            graded, counts = grade_associated(plan, parts, number, layers, session, k, planes)
            total += counts
        written.append({**level, **graded})
    return written, total


def _write_still(plan: FramePlan, kept: still.Still, session: Session) -> Counts:
    codes, counts = _still(plan, kept, session)
    images.write(plan.job.target, kept.kind, codes, session.disk_slot)
    return counts


def _still(plan: FramePlan, kept: still.Still, session: Session) -> tuple[EncodedImage, Counts]:
    """Return the image to write, and the counts; what it is made of is no longer in memory then."""
    parts, counts = read_planned(plan, session), Counts()
    part = parts[kept.part]
    alpha = alphas(parts, kept.part, (kept.rgb_layer,))
    if plan.job.stand_in == "black":
        alpha = {layer: np.zeros_like(plane) for layer, plane in alpha.items()}
        graded = {name: np.zeros_like(part.channels[name]) for name in kept.rgb_layer.names}
    else:
        graded, counts = grade_layers(plan, part, alpha, (kept.rgb_layer,), session)
    note = still.note(plan.stamps, part.sha256, session.request.digest)
    about = json.dumps(told(plan, session, part.sha256), sort_keys=True)
    shown = session.sdev.shown if session.given is None else None
    codes = still.codes_of(kept, part.header, graded, alpha.get(kept.rgb_layer), shown, note)
    codes = replace(codes, about=about, icc=session.icc if "icc" in kept.kind.tags else b"")
    if "cicp" in kept.kind.tags and session.encoding is not None:
        codes = replace(codes, cicp=session.encoding.cicp)
    return codes, counts


def grade_associated(
    plan: FramePlan,
    parts: Parts,
    number: int,
    layers: tuple[RGBLayer, ...],
    session: Session,
    level: int = 0,
    planes: Mapping[str, Pixels] = NO_PLANES,
) -> tuple[Graded, Counts]:
    """Grade layers of one part; return the channels by name, premultiplied as in an EXR, and the counts.

    number: of the part. level: of a mip- or rip-map. planes: as for `grade_layers`. Raises LatticeError as
    `grade_layers` does.
    """
    alpha = alphas(parts, number, layers, level)
    graded, counts = grade_layers(plan, parts[number], alpha, layers, session, level, planes)
    return (premultiplied(graded, alpha) if parts[number].header.straight else graded), counts


def grade_layers(
    plan: FramePlan,
    part: Frame[FrameHeader],
    alpha: Alphas,
    layers: tuple[RGBLayer, ...],
    session: Session,
    level: int = 0,
    planes: Mapping[str, Pixels] = NO_PLANES,
) -> tuple[Graded, Counts]:
    """Grade layers of one part; return the channels by name and the counts. A straight part's channels stay straight.

    alpha: plane of each layer that has one, in the shape of the part's level. planes: arrays to write channels to, by
    their names; none gives new ones. Raises LatticeError as `grade_color`
    does, with the file's name.
    """
    channels, options = part.levels[level], session.options
    divides = options.premult == "auto" and not part.header.straight
    sdev, total = session.sdev_for(plan.primaries), Counts()
    is_coded = part.header.exr is not None or part.header.stays_coded
    space = encoded(plan.primaries) if is_coded else None
    graded: Graded = {}
    for layer in layers:
        try:
            results, counts = grade_color(
                sdev,
                [channels[name] for name in layer.names],
                alpha.get(layer) if divides else None,
                options.transparent,
                options.nonfinite,
                options.engine,
                session.threads,
                None if space is None else space.light,
                [planes[name] for name in layer.names] if planes else None,
                session.room,
            )
        except LatticeError as error:
            raise LatticeError(f"{plan.job.source}: {error}") from None
        graded.update(zip(layer.names, results, strict=True))
        total += counts
    return graded, total
