"""A line of a text LUT: its words and numbers, read strictly, and the message that names it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lattice.errors import LatticeError
from lattice.files.number import NUMBER
from lattice.process_list import LARGEST
from lattice.record import shortened

BLANK = b" \t\r\n"
SHOWN = 60  # characters of a line in a message
_WORD = re.compile(r"[^ \t]+")
_WHOLE = re.compile(r"[-+]?\d{1,9}", re.ASCII)


@dataclass(frozen=True)
class Line:
    """A line of a file. number: from 1. text: without white space at its ends."""

    number: int
    text: str

    @property
    def words(self) -> list[str]:
        """The words between spaces and tabs."""
        return _WORD.findall(self.text)

    def fault(self, expected: str) -> LatticeError:
        """Return the fault "line 3: expected ..., got (the line)"."""
        return LatticeError(f"line {self.number}: expected {expected}, got {shortened(self.text, SHOWN)}")

    def numbers(self, count: int, after: int = 0) -> list[float]:
        """Return the `count` words after the first `after` ones as numbers up to LARGEST; there is no other word."""
        words = self.words[after:]
        if len(words) != count or not all(NUMBER.fullmatch(word) for word in words):
            raise self.fault(numbers(count))
        found = [float(word) for word in words]
        if any(abs(value) > LARGEST for value in found):
            raise self.fault(f"numbers up to {LARGEST:g}")
        return found

    def whole(self, low: int, high: int, count: int = 1, after: int = 0) -> list[int]:
        """Return the `count` words after the first `after` ones as whole numbers from `low` to `high`."""
        words = self.words[after:]
        if len(words) != count or not all(_WHOLE.fullmatch(word) and low <= int(word) <= high for word in words):
            wanted = "a whole number" if count == 1 else f"{count} whole numbers"
            raise self.fault(f"{wanted} from {low:,} to {high:,}")
        return [int(word) for word in words]

    def rising(self, after: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the two numbers after the first `after` words, the ends of a domain of all channels: (3,) each."""
        first, last = self.numbers(2, after)
        if first >= last:
            raise self.fault("a domain that rises")
        return np.full(3, first), np.full(3, last)


def numbers(count: int) -> str:
    """Return "1 number" or "3 numbers"."""
    return "1 number" if count == 1 else f"{count} numbers"


def decoded(text: bytes) -> str:
    """Return a line's text in UTF-8, or else in Latin-1, without white space at its ends."""
    text = text.strip(BLANK)
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")
