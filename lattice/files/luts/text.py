"""The lines of a text LUT, taken one after the other within bounds; every fault names its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lattice.errors import LatticeError, did_you_mean
from lattice.files.luts.line import Line, decoded, numbers
from lattice.files.luts.rows import CHUNK, chunk_at, nth, parsed, without_comments

LONGEST = 2**21  # bytes of a line: 65,536 points of a .csp take 1.6 million
MOST_LINES = 10_000  # beside the rows
MOST_MARKS = 100_000  # of comments among the rows
LONGEST_COMMENT = 500  # characters that are kept
_BARE_RETURN = re.compile(rb"\r(?!\n)")


class Lines:
    """The lines of a text file, taken one after the other; blank ones are passed over.

    data: UTF-8 with or without a BOM, or Latin-1; lines end with LF or CRLF. has_comments: lines that begin with # are
    comments, collected in `comments` without the mark. number: of the first line.
    Raises LatticeError for other text, such as UTF-16.
    """

    def __init__(self, data: bytes, has_comments: bool = True, number: int = 1) -> None:
        self.data = data
        self.has_comments = has_comments
        self.comments: list[str] = []
        self.number = number
        self.at = 3 if data.startswith(b"\xef\xbb\xbf") else 0
        self.block = self.at, number  # where the rows that were read last begin
        self._taken = 0
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise LatticeError("line 1: expected text in UTF-8 or Latin-1, got UTF-16")
        if (zero := data.find(b"\0")) >= 0:
            raise LatticeError(f"line {self._line_at(zero)}: expected text, got a byte of 0")
        has_bare = data.count(b"\r") > data.count(b"\r\n")
        if has_bare and (bare := _BARE_RETURN.search(data)):
            raise LatticeError(
                f"line {self._line_at(bare.start())}: expected lines that end with LF or CRLF, got CR alone"
            )

    def peek(self) -> Line | None:
        """Return the next line that is neither blank nor a comment, None at the end."""
        while self.at < len(self.data):
            line = self._here()
            is_comment = self.has_comments and line.text.startswith("#")
            if line.text and not is_comment:
                return line
            if is_comment:
                self.comments.append(line.text[1:].strip()[:LONGEST_COMMENT])
            self._pass()
        return None

    def take(self, expected: str) -> Line:
        """Return the next line and go on behind it. expected: what it should be, for the message at the end."""
        line = self.peek()
        if line is None:
            raise LatticeError(f"line {self.number}: expected {expected}, got the end of the file")
        self._pass()
        return line

    def header(self, keywords: Mapping[str, int | None], until: str = "") -> dict[str, Line]:
        """Return the lines that begin with a keyword, by keyword, up to the first number or the keyword `until`.

        keywords: the number of words after each, None for any; their case does not count. The line `until` is taken,
        too, and returned. Raises LatticeError for an unknown or repeated keyword.
        """
        spelled = {word.casefold(): word for word in (*keywords, until)}
        found: dict[str, Line] = {}
        while until not in found:
            line = self.peek()
            if line is None or (not until and line.text[0] in "0123456789+-."):
                break
            word = spelled.get(line.words[0].casefold())
            if not word:
                close = did_you_mean(line.words[0], keywords)
                raise line.fault(f"a keyword, one of {', '.join(keywords)}{close}")
            if word in found:
                raise line.fault(f"{word} once")
            count = keywords.get(word)
            if count is not None and len(line.words) != count + 1:
                raise line.fault(f"{word} and {count} word{'s' * (count > 1)}")
            found[word] = self.take(word)
        return found

    def missing(self, what: str) -> LatticeError:
        """Return the fault that something does not come before the next line."""
        line = self.peek()
        return (
            line.fault(what) if line else LatticeError(f"line {self.number}: expected {what}, got the end of the file")
        )

    def rows(self, columns: int, most: int, whole: bool = False, dtype: Any = np.float32) -> NDArray[Any]:
        """Return the rows of numbers up to the next line that begins otherwise: (n, columns), n from 0 to `most`.

        whole: the numbers have neither point nor exponent. Raises LatticeError for a malformed row, or one too many.
        """
        self.block = self.at, self.number
        found: list[NDArray[Any]] = [np.empty((0, columns), dtype)]
        count, marks, goes_on = 0, 0, True
        while goes_on and self.at < len(self.data):
            chunk, goes_on = chunk_at(self.data, self.at, self.has_comments)
            if goes_on and not chunk:
                raise LatticeError(
                    f"line {self.number}: expected a row of up to {CHUNK:,} characters, got a longer one"
                )
            marks += chunk.count(b"#")
            if marks > MOST_MARKS:
                raise LatticeError(f"line {self.number}: expected at most {MOST_MARKS:,} # among the rows, got more")
            plain, comments = without_comments(chunk) if self.has_comments else (chunk, [])
            self.comments += [comment[:LONGEST_COMMENT] for comment in comments]
            found.append(parsed(plain, self.number, columns, whole, dtype))
            count += len(found[-1])
            if count > most:
                raise LatticeError(f"line {nth(plain, self.number, most - count)}: expected {most:,} rows, got more")
            self.at += len(chunk)
            self.number += chunk.count(b"\n")
        return np.concatenate(found)

    def exactly(self, columns: int, count: int, whole: bool = False, dtype: Any = np.float32) -> NDArray[Any]:
        """Return `count` rows of numbers: (count, columns). Raises LatticeError for less, for more, or other lines."""
        found = self.rows(columns, count, whole, dtype)
        if len(found) < count:
            raise self.missing(f"row {len(found) + 1:,} of {count:,}, {numbers(columns)}")
        return found

    def row_fault(self, row: int, expected: str) -> LatticeError:
        """Return the fault of a row, counted from 0, of those that were read last."""
        at, number = self.block
        while at < self.at:
            end = self.data.find(b"\n", at, self.at)
            line = Line(number, decoded(self.data[at : end if end >= 0 else self.at]))
            row -= bool(line.text and not (self.has_comments and line.text.startswith("#")))
            if row < 0:
                return line.fault(expected)
            at, number = (end + 1 if end >= 0 else self.at), number + 1
        raise IndexError(row)

    def finish(self) -> None:
        """Raise LatticeError unless nothing is left but blank lines and comments."""
        if line := self.peek():
            raise line.fault("the end of the file")

    def _line_at(self, at: int) -> int:
        return self.number + self.data.count(b"\n", 0, at)

    def _end(self) -> int:
        end = self.data.find(b"\n", self.at, self.at + LONGEST)
        if end < 0 and len(self.data) - self.at > LONGEST:
            raise LatticeError(f"line {self.number}: expected a line of up to {LONGEST:,} characters, got a longer one")
        return len(self.data) if end < 0 else end

    def _here(self) -> Line:
        return Line(self.number, decoded(self.data[self.at : self._end()]))

    def _pass(self) -> None:
        self.at = min(self._end() + 1, len(self.data))
        self.number += 1
        self._taken += 1
        if self._taken > MOST_LINES:
            raise LatticeError(f"line {self.number}: expected at most {MOST_LINES:,} lines beside the rows, got more")
