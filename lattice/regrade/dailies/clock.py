"""A movie's rate and time code: from its frames' headers, or as the user says; notes where they disagree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from lattice.files.frame import near_ntsc
from lattice.files.movie import time_code as labels
from lattice.files.movie.file import FINEST, parse_rate
from lattice.files.movie.time_code import TimeCode, said
from lattice.files.storage.sequence import frame_range
from lattice.types import LatticeError

PAIRED_ABOVE = 30  # a second: a header's label counts to 39 at most. Source: SMPTE ST 12-1
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
            others.setdefault((where, its), []).extend([] if frame is None else [frame])
    return chosen, tuple(
        f"{where}: {f'frames {frame_range(frames)} say' if frames else 'it says'} {said(its)} a second; "
        f"the movie has {said(chosen)}, {because}"
        for (where, its), frames in others.items()
    )


def _usual(found: Fraction | None) -> Fraction:
    return near_ntsc(found or USUAL).limit_denominator(FINEST)


def start(where: str, frames: Sequence[Told], rate: Fraction) -> tuple[TimeCode | None, tuple[str, ...]]:
    """Return the time code of a shot's first frame, counted back from the first that says; None if none does.

    where: the shot's name. Labels of two frames each, as plates above 30 a second have them, are counted twice as fast.
    The notes tell of these, of labels that no frame has at this rate, and of a jump.
    """
    pair = _first_pair(frames) if rate > PAIRED_ABOVE else None
    per = 1 if pair is None else 2  # frames with one label
    codes: list[tuple[int, TimeCode]] = []
    wrong: list[str] = []
    for number, each in enumerate(frames):
        if each.code is None:
            continue
        try:
            labels.check_rate(rate)
            codes.append((number, labels.of_header(each.code, rate / per)))
        except LatticeError as error:
            wrong.append(str(error))
    notes = (
        [f"{where}: {wrong[0]}; left out" + (f", as in {len(wrong)} frames" if len(wrong) > 1 else "")] if wrong else []
    )
    if not codes:
        return None, tuple(notes)
    if pair is not None:
        notes.append(f"{where}: its time code counts pairs of frames; the movie's counts each frame")
    at, code = next((each for each in codes if each[0] == pair), codes[0])
    first = TimeCode(per * code.number, rate, code.drops).later(-at)

    def meant(number: int) -> TimeCode:
        return TimeCode(first.later(number).number // per, rate / per, first.drops)

    jumps = [(number, code) for number, code in codes if code != meant(number)]
    if jumps:
        number, code = jumps[0]
        frame = frames[number].frame
        notes.append(
            f"{where}: the time code jumps at frame {number if frame is None else frame} (to {code}, not "
            f"{meant(number)}); the movie's runs on"
        )
    return first, tuple(notes)


def _first_pair(frames: Sequence[Told]) -> int | None:
    """Return the first frame whose label the next one has, too, if every second frame repeats one; else None.

    The field flag that marks the second is at several places, by rate and by writer, so it is not looked at.
    """
    codes = [None if each.code is None else each.code & labels.DIGITS for each in frames]
    both = [(one, other) for one, other in pairwise(codes) if one is not None and other is not None]
    same = sum(one == other for one, other in both)
    if not same or abs(2 * same - len(both)) > 1:
        return None
    return next(k for k, (one, other) in enumerate(pairwise(codes)) if one is not None and one == other)
