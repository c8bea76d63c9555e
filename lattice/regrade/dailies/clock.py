"""A movie's rate and time code: from its frames' headers, or as the user says; notes where they disagree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

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

    where: the shot's name. Above 30 a second a label may be that of two frames, which are counted apart.
    The notes tell of this, of labels that no frame has at this rate, and of a jump.
    """
    read = _read(frames, rate, 1, 0)
    pair = next(
        (k for k, (one, other) in enumerate(pairwise(frames)) if _label(one) == _label(other) is not None), None
    )
    if rate > PAIRED_ABOVE and pair is not None:
        # The field flag that marks the second is at several places, by rate and by writer, so it is not looked at.
        read = min(read, _read(frames, rate, 2, pair), key=lambda each: len(each.wrong) + len(each.jumps))
    notes = []
    if read.wrong:
        more = f", as in {len(read.wrong)} frames" if len(read.wrong) > 1 else ""
        notes.append(f"{where}: {read.wrong[0]}; left out{more}")
    if read.per == 2:
        notes.append(f"{where}: its time code counts pairs of frames; the movie's counts each frame")
    if read.jumps:
        number, code, meant = read.jumps[0]
        frame = frames[number].frame
        at = number if frame is None else frame
        notes.append(f"{where}: the time code jumps at frame {at} (to {code}, not {meant}); the movie's runs on")
    return read.first, tuple(notes)


def _label(frame: Told) -> int | None:
    return None if frame.code is None else frame.code & labels.DIGITS


class _Reading(NamedTuple):
    """A shot's time code if a label is that of `per` frames. first: of the first frame. wrong: why labels are none.
    jumps: of each frame that has another label, its number in the shot, the label, and the one that is due."""

    per: int
    first: TimeCode | None
    wrong: list[str]
    jumps: list[tuple[int, TimeCode, TimeCode]]


def _read(frames: Sequence[Told], rate: Fraction, per: int, at: int) -> _Reading:
    """Read the labels of a shot. at: a frame that is the first with its label."""
    codes: dict[int, TimeCode] = {}
    wrong: list[str] = []
    for number, each in enumerate(frames):
        if each.code is None:
            continue
        try:
            labels.check_rate(rate)
            codes[number] = labels.of_header(each.code, rate / per)
        except LatticeError as error:
            wrong.append(str(error))
    if not codes:
        return _Reading(per, None, wrong, [])
    at = at if at in codes else next(iter(codes))
    first = TimeCode(per * codes[at].number, rate, codes[at].drops).later(-at)
    due = {number: TimeCode(first.later(number).number // per, rate / per, first.drops) for number in codes}
    return _Reading(per, first, wrong, [(n, code, due[n]) for n, code in codes.items() if code != due[n]])
