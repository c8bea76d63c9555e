"""A movie's rate and time code: from its frames' headers, or as the user says; notes where they disagree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from lattice.files.frame import near_ntsc
from lattice.files.movie import time_code as labels
from lattice.files.movie.file import FINEST, parse_rate
from lattice.files.movie.time_code import TimeCode, said
from lattice.files.storage.sequence import frame_range
from lattice.types import LatticeError

USUAL = Fraction(24)  # a second, where no frame says


@dataclass(frozen=True)
class Told:
    """What the header of one frame of a shot tells of time. frame: its number; None for a plain file. rate: a second.
    code: binary coded decimal. Both None if the file does not say, or stands in for a missing one."""

    frame: int | None
    rate: Fraction | None
    code: int | None


def rate(shots: Sequence[tuple[str, Sequence[Told]]], asked: str | None) -> tuple[Fraction, tuple[str, ...]]:
    """Return the movie's frames a second, and a note for each shot whose frames say another rate.

    shots: of each the name and the frames. asked: as `parse_rate` takes it; None: the first rate that a frame says,
    else USUAL. Raises LatticeError as `parse_rate` does.
    """
    found = [(where, each.frame, _usual(each.rate)) for where, frames in shots for each in frames if each.rate]
    if asked is not None:
        chosen, because = parse_rate(asked), "--fps says so"
    elif found:
        chosen, because = found[0][2], "the first frame that says"
    else:
        return USUAL, (f"no frame says its rate: the movie has {USUAL} a second (--fps says otherwise)",)
    others: dict[tuple[str, Fraction], list[int]] = {}
    for where, frame, its in found:
        if its != chosen:
            others.setdefault((where, its), []).append(frame or 0)
    return chosen, tuple(
        f"{where}: frames {frame_range(frames)} say {said(its)} a second; the movie has {said(chosen)}, {because}"
        for (where, its), frames in others.items()
    )


def _usual(found: Fraction | None) -> Fraction:
    return near_ntsc(found or USUAL).limit_denominator(FINEST)


def start(where: str, frames: Sequence[Told], rate: Fraction) -> tuple[TimeCode | None, tuple[str, ...]]:
    """Return the time code of a shot's first frame, counted back from the first that says; None if none does.

    where: the shot's name. The notes tell of labels that no frame has at this rate, and of a jump.
    """
    codes: list[tuple[int, TimeCode]] = []
    wrong: list[str] = []
    for number, each in enumerate(frames):
        try:
            codes += [] if each.code is None else [(number, labels.of_header(each.code, rate))]
        except LatticeError as error:
            wrong.append(str(error))
    notes = (
        [f"{where}: {wrong[0]}; left out" + (f", as in {len(wrong)} frames" if len(wrong) > 1 else "")] if wrong else []
    )
    if not codes:
        return None, tuple(notes)
    first = codes[0][1].later(-codes[0][0])
    jumps = [(number, code) for number, code in codes if code != first.later(number)]
    if jumps:
        number, code = jumps[0]
        at = frames[number].frame
        notes.append(
            f"{where}: the time code jumps at frame {number if at is None else at} (to {code}, not "
            f"{first.later(number)}); the movie's runs on"
        )
    return first, tuple(notes)
