"""Rows of numbers, parsed many at once; the first malformed one is found and named."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lattice.errors import LatticeError
from lattice.files.luts.line import BLANK, Line, decoded
from lattice.process_list import LARGEST

CHUNK = 2**18  # bytes that are parsed at once; a row is shorter
WHOLE = b"0123456789+-" + BLANK
MOST_COMMENTS = 100  # that are kept of a chunk
FLOATS = WHOLE + b".eE"
_COMMENT = re.compile(rb"^[ \t]*#[^\n]*", re.MULTILINE)
_NO_ROW = re.compile(rb"^[ \t]*[^0-9+.\- \t\r\n]", re.MULTILINE)
_NO_ROW_NO_COMMENT = re.compile(rb"^[ \t]*[^0-9+.\- \t\r\n#]", re.MULTILINE)


def chunk_at(data: bytes, at: int, has_comments: bool) -> tuple[bytes, bool]:
    """Return whole lines that begin as rows or comments do, from `at`, and whether the next line may be a row, too.

    They are nothing, and the next line may be a row, where a line is longer than CHUNK.
    """
    end = len(data)
    if end - at > CHUNK:
        end = max(at, data.rfind(b"\n", at, at + CHUNK) + 1)
    chunk = data[at:end]
    if not chunk.translate(None, FLOATS):
        return chunk, True
    stop = (_NO_ROW_NO_COMMENT if has_comments else _NO_ROW).search(chunk)
    return (chunk[: stop.start()], False) if stop else (chunk, True)


def without_comments(chunk: bytes) -> tuple[bytes, list[str]]:
    """Return lines with those that are comments made blank, and the comments, at most MOST_COMMENTS."""
    if b"#" not in chunk:
        return chunk, []
    found = [decoded(match[0])[1:].strip() for match in islice(_COMMENT.finditer(chunk), MOST_COMMENTS)]
    return _COMMENT.sub(b"", chunk), found


def parsed(chunk: bytes, number: int, columns: int, whole: bool, dtype: Any) -> NDArray[Any]:
    """Return the rows of whole lines, (n, columns). number: of the first line. Blank lines are no rows.

    whole: the numbers have neither point nor exponent. Raises LatticeError for the first malformed line.
    """
    if not chunk.strip(BLANK):
        return np.empty((0, columns), dtype)
    if not chunk.translate(None, WHOLE if whole else FLOATS):
        try:
            found = np.loadtxt(chunk.decode("ascii").splitlines(), dtype, comments=None, ndmin=2)
        except ValueError:
            found = np.empty((0, 0), dtype)  # of words that are no numbers, or another number of them
        if found.shape[1] == columns and np.abs(found).max() <= LARGEST:
            return found
    raise _bad_row(chunk, number, columns, whole)


def _bad_row(chunk: bytes, number: int, columns: int, whole: bool) -> LatticeError:
    for row, text in enumerate(chunk.split(b"\n"), number):
        line = Line(row, decoded(text))
        if line.text:
            try:
                line.numbers(columns)
            except LatticeError as error:
                return error
            if whole and not all(word.isdigit() for word in line.text.replace("-", " ").replace("+", " ").split()):
                return line.fault("whole numbers")
    raise AssertionError("no row is malformed")


def nth(chunk: bytes, number: int, row: int) -> int:
    """Return the number of the line of a row, counted from the chunk's end by a negative `row`."""
    held = [at for at, text in enumerate(chunk.split(b"\n"), number) if text.strip(BLANK)]
    return held[row]
