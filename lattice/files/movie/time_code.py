"""SMPTE time code: the label of a frame, and of those after it. Source: SMPTE ST 12-1."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

from lattice.types import LatticeError

# By rate: how many labels drop-frame time code leaves out at the begin of a minute, but for each tenth, so that it
# keeps to the clock.
LEFT_OUT = {Fraction(30000, 1001): 2, Fraction(60000, 1001): 4}
DAY = 24 * 60  # minutes, after which labels begin again
WRITTEN = re.compile(r"(\d\d):(\d\d):(\d\d)([:;])(\d\d\d?)", re.ASCII)
# A time code track counts the frames of a second in 8 bits, and FFmpeg rounds the rate to get their number.
SLOWEST, FASTEST = Fraction(1, 2), 255
DROP_FLAG = 1 << 6
DIGITS = 0x3F7F7F3F  # the bits of a header's decimals; the others are flags


@dataclass(frozen=True)
class TimeCode:
    """A frame's label. number: frames since midnight. rate: a second. drops: drop-frame."""

    number: int
    rate: Fraction
    drops: bool = False

    def later(self, frames: int) -> TimeCode:
        """Return the label so many frames later, or earlier if below 0; after a day labels begin again."""
        return replace(self, number=(self.number + frames) % self._labels(DAY))

    def _labels(self, minutes: int) -> int:
        """Return the number of labels in the first minutes of a day."""
        left_out = LEFT_OUT[self.rate] if self.drops else 0
        return minutes * 60 * ceil(self.rate) - left_out * (minutes + -minutes // 10)

    def __str__(self) -> str:
        """HH:MM:SS:FF, or HH:MM:SS;FF if drop-frame."""
        label, nominal = self.number, ceil(self.rate)
        if self.drops:
            left_out = LEFT_OUT[self.rate]
            tens, rest = divmod(self.number, self._labels(10))
            label += left_out * (9 * tens + max(0, rest - left_out) // (60 * nominal - left_out))
        seconds, frame = divmod(label, nominal)
        minutes, second = divmod(seconds, 60)
        return _text(minutes // 60, minutes % 60, second, frame, self.drops, self.rate)


def _text(hour: int, minute: int, second: int, frame: int, drops: bool, rate: Fraction) -> str:
    digits = 3 if rate > 100 else 2
    return f"{hour:02d}:{minute:02d}:{second:02d}{';' if drops else ':'}{frame:0{digits}d}"


def padded(text: str | None) -> str | None:
    """Return a time code with two digits of its frame, or three from 100 on: readers write one to three."""
    return text and re.sub(r"\d+$", lambda frame: f"{int(frame[0]):02d}", text)


def parse(text: str, rate: Fraction) -> TimeCode:
    """Return the time code of HH:MM:SS:FF, or of HH:MM:SS;FF for drop-frame.

    Raises LatticeError if the text has another form, no frame has this label at this rate, or a movie of this rate has
    no time code.
    """
    match = WRITTEN.fullmatch(text)
    if match is None:
        raise LatticeError(f"timecode: expected HH:MM:SS:FF, or HH:MM:SS;FF for drop-frame, got {text!r}")
    hour, minute, second, frame = (int(match[k]) for k in (1, 2, 3, 5))
    return _labelled(hour, minute, second, frame, match[4] == ";", rate)


def of_header(packed: int, rate: Fraction) -> TimeCode:
    """Return the time code in a frame's header.

    packed: binary coded decimal with flags, hours in the highest byte. Raises LatticeError if no frame has this label
    at this rate.
    """
    places = [(packed & DIGITS) >> shift & 0xFF for shift in (24, 16, 8, 0)]
    if any(place & 15 > 9 for place in places):
        raise LatticeError(f"timecode: expected decimals, got {packed & DIGITS:08x}")
    hour, minute, second, frame = (10 * (place >> 4) + (place & 15) for place in places)
    return _labelled(hour, minute, second, frame, bool(packed & DROP_FLAG), rate)


def _labelled(hour: int, minute: int, second: int, frame: int, drops: bool, rate: Fraction) -> TimeCode:
    text = _text(hour, minute, second, frame, drops, rate)
    check_rate(rate)
    if drops and rate not in LEFT_OUT:
        raise LatticeError(f"timecode: {text} is drop-frame, which needs a rate of 29.97 or 59.94, not {said(rate)}")
    left_out = LEFT_OUT[rate] if drops and second == 0 and minute % 10 else 0
    if hour > 23 or minute > 59 or second > 59 or not left_out <= frame < ceil(rate):
        none = f": drop-frame leaves out ;00 to ;{left_out - 1:02d} there" if frame < left_out else ""
        raise LatticeError(f"timecode: no frame is called {text} at {said(rate)} a second{none}")
    start = TimeCode(0, rate, drops)
    passed = LEFT_OUT[rate] if drops and minute % 10 else 0  # in this minute, which `_labels` has not begun
    return replace(start, number=start._labels(60 * hour + minute) + second * ceil(rate) + frame - passed)


def check_rate(rate: Fraction) -> None:
    """Raise LatticeError if a movie of this many frames a second cannot have a time code track."""
    if not SLOWEST <= rate <= FASTEST or floor(rate + Fraction(1, 2)) != ceil(rate):
        raise LatticeError(
            f"timecode: a movie of {said(rate)} a second has no time code track; --fps gives another rate"
        )


def said(rate: Fraction) -> str:
    """Return a rate for people: 24, 23.976, 12.5."""
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")
