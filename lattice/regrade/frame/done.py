"""Decide whether a frame is done: its output is whole, and its stamps match the source's present content.

File times are not used.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path

from lattice.channels import plan as channels
from lattice.channels.input import Primaries
from lattice.files.exr import file as exr
from lattice.files.frame import FrameHeader
from lattice.files.images import file as images
from lattice.files.images.formats import format_of
from lattice.regrade.frame import lossless, packing, still
from lattice.regrade.frame.header import SOURCE, has_stamps, stamps
from lattice.regrade.frame.packing import packed_header
from lattice.regrade.frame.session import Session
from lattice.regrade.options import Job, Options
from lattice.types import LatticeError

MIPS_DROPPED = " mips=drop"  # part of the "options" stamp
Headers = Sequence[FrameHeader]
ChannelPlans = tuple[channels.ChannelPlan, ...]


def drops_mips(header: FrameHeader, options: Options) -> bool:
    """True if the smaller levels of this part are left out."""
    return options.mips == "drop" and len(header.images) > 1


def stamps_of(
    job: Job, headers: Headers, plans: ChannelPlans, primaries: Primaries, session: Session
) -> dict[str, str]:
    """Return the stamps of the graded frame: all that determines it, except its source.

    headers, plans: of each part. Raises LatticeError if the SDev does not accept `primaries`.
    """
    made = stamps(session, session.sdev_for(primaries), primaries, _graded(headers, plans))
    transfer = {} if headers[0].transfer is None else {"transfer": headers[0].transfer}
    return {**made, **transfer, "options": made["options"] + _extras(job, headers, plans, session.options)}


def _extras(job: Job, headers: Headers, plans: ChannelPlans, options: Options) -> str:
    """Return the end of the "options" stamp: the other settings that determine this frame."""
    is_exr = format_of(job.target) is None
    written = [packed_header(header, options) if is_exr else header for header in headers]
    changes = any(lossless.changing(header, plan) for header, plan in zip(written, plans, strict=True))
    return (
        (" black" if job.stand_in == "black" else "")
        + (MIPS_DROPPED if any(drops_mips(header, options) for header in headers) else "")
        + (f" lossy={options.lossy}" if options.lossy != "refuse" and changes else "")
        + ("".join(packing.words(headers, options)) if is_exr else "")
    )


def _graded(headers: Headers, plans: ChannelPlans) -> str:
    """Return the graded channels as one word; in a multi-part file each part's channels follow its name."""
    return ";".join(
        plan.graded if header.part is None else f"{header.text('name')}:{plan.graded}"
        for header, plan in zip(headers, plans, strict=True)
        if plan.rgb_layers
    )


def is_done(job: Job, stamped: dict[str, str], session: Session) -> bool:
    """True if the target is whole, has these stamps and was made from the source's present content.

    stamped: from `stamps_of`. The session's disk slot is held while files are read. False for an unreadable file, and
    for an EXR without a checksum, from an older version: its chunks cannot be verified.
    """
    try:
        if format_of(job.target) is not None:
            with session.disk_slot():
                return images.says(job.target, still.note(stamped, exr.digest(job.source), session.request.digest))
        if not _all_have(exr.read_headers(job.target), stamped):
            return False
        with session.disk_slot():
            whole = exr.read_whole_headers(job.target)
            return exr.CHECKSUM in whole[0].attributes and _all_have(whole, {SOURCE: exr.digest(job.source)})
    except LatticeError:
        return False


def _all_have(headers: Headers, stamped: dict[str, str]) -> bool:
    return all(has_stamps(header, stamped) for header in headers)


def is_graded_by(headers: Headers, source: Path, session: Session) -> bool:
    """True if this in-place frame already carries the stamps of this run.

    The grade overwrote its chromaticities, so input primaries are compared only if the user named them. Frames from
    versions without a checksum cannot be verified and count as done. Raises LatticeError if the frame is damaged.
    """
    options = session.options
    plans = channels.plan_parts(headers, options.layers, options.views, str(source), options.lossy != "refuse")
    sdev = session.sdev if options.input is None else session.sdev_for(options.input)
    stamped = stamps(session, sdev, options.input or "", _graded(headers, plans))
    if options.input is None:
        del stamped["input"], stamped["device_sha256"]
    if any(
        lossless.settled(packed_header(h, options), p, options.lossy) != h for h, p in zip(headers, plans, strict=True)
    ):
        return False
    # Dropped levels and a changed codec leave no trace in the file, so either form of their stamps is accepted.
    choices = (
        ("", MIPS_DROPPED if options.mips == "drop" else ""),
        ("", f" lossy={options.lossy}"),
        ("", f" compression={options.compression}"),
        ("", f" tiles={options.tiles}"),
    )
    extras = ["".join(each) for each in product(*choices)]
    if not any(_all_have(headers, {**stamped, "options": stamped["options"] + extra}) for extra in extras):
        return False
    exr.read_whole_headers(source)
    return True
