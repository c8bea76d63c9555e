"""What decides whether a frame is done: its output is whole and says that it was made so, of what the source holds now.

File times are not looked at.
"""

from __future__ import annotations

from pathlib import Path

from lattice.channels import plan as channels
from lattice.files.exr import file as exr
from lattice.files.exr.file import IO
from lattice.files.exr.header import Header
from lattice.files.images import file as images
from lattice.files.images.formats import format_of
from lattice.regrade.frame import lossless
from lattice.regrade.frame import still as stills
from lattice.regrade.frame.header import SOURCE, has_stamps, stamps
from lattice.regrade.frame.session import Grader
from lattice.regrade.options import Job, Options
from lattice.types import LatticeError

MIPS_DROPPED = " mips=drop"  # in the stamp of the options
Headers = tuple[Header, ...]
Plans = tuple[channels.ChannelPlan, ...]


def drops(header: Header, options: Options) -> bool:
    """Whether smaller levels are left out."""
    return options.mips == "drop" and len(header.images) > 1


def stamps_of(job: Job, headers: Headers, plans: Plans, pixels: str | tuple[float, ...], grader: Grader,
              options: Options) -> dict[str, str]:
    """What the graded frame will say of how it was made: all that decides it but its source."""
    made = stamps(grader.sdev, grader.taking(pixels), pixels, _graded(headers, plans), options, grader.engine)
    image = next((header for header in headers if isinstance(header, images.ImageHeader)), None)
    taken = {} if image is None else {"transfer": image.transfer}
    return {**made, **taken, "options": made["options"] + _extras(job, headers, plans, options)}


def _extras(job: Job, headers: Headers, plans: Plans, options: Options) -> str:
    """What else decides this frame, for its stamp."""
    changes = any(lossless.changing(header, plan) for header, plan in zip(headers, plans, strict=True))
    return ((" black" if job.stand_in == "black" else "")
            + (MIPS_DROPPED if any(drops(header, options) for header in headers) else "")
            + (f" lossy={options.lossy}" if options.lossy != "refuse" and changes else ""))


def _graded(headers: Headers, plans: Plans) -> str:
    """The graded channels as one word, each part's after its name where there are parts."""
    return ";".join(plan.graded if header.part is None else f"{header.text('name')}:{plan.graded}"
                    for header, plan in zip(headers, plans, strict=True) if plan.triples)


def is_done(job: Job, stamped: dict[str, str], io: IO) -> bool:
    """Whether the target is whole and says it was made so from what the source holds now.

    An EXR without a seal, by an older version, is not: nothing says that its blocks are those that were written.
    """
    try:
        if format_of(job.target) is not None:
            with io():
                return images.says(job.target, stills.note(stamped, exr.digest(job.source)))
        if not _all_have(exr.read_headers(job.target), stamped):
            return False
        with io():
            whole = exr.read_whole_headers(job.target)
            return exr.SEAL in whole[0].attributes and _all_have(whole, {SOURCE: exr.digest(job.source)})
    except LatticeError:
        return False


def _all_have(headers: Headers, stamped: dict[str, str]) -> bool:
    return all(has_stamps(header, stamped) for header in headers)


def was_graded(headers: Headers, source: Path, grader: Grader, options: Options) -> bool:
    """Whether a frame that is to be graded in place was; the primaries it had before are gone, but for named ones.

    Raises LatticeError where it was, and is not whole. One without a seal, by an older version, can be made no more.
    """
    plans = channels.plan_parts(headers, options.layers, options.views, str(source), options.lossy != "refuse")
    taken = grader.sdev if options.input is None else grader.taking(options.input)
    stamped = stamps(grader.sdev, taken, options.input or "", _graded(headers, plans), options, grader.engine)
    if options.input is None:
        del stamped["input"], stamped["device_sha256"]
    # The levels that were dropped, and the codec that was changed, can be seen no more.
    extras = [mips + lossy for mips in ("", MIPS_DROPPED if options.mips == "drop" else "")
              for lossy in ("", f" lossy={options.lossy}")]
    if not any(_all_have(headers, {**stamped, "options": stamped["options"] + extra}) for extra in extras):
        return False
    exr.read_whole_headers(source)
    return True
