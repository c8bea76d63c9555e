"""The text of a measured file, and its table where it is one: a header of names, rows that know their line."""

from __future__ import annotations

import csv
import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lattice.errors import LatticeError
from lattice.files.number import NUMBER
from lattice.files.storage.read import read_bytes
from lattice.record import shortened
from lattice.types import Array

MOST_BYTES = 2**24
MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 100_000, 1_000, 1_000_000
MOST_CHARACTERS = 100_000  # of a line: 100 a column
SHOWN, NAMES_SHOWN = 40, 12  # characters of a cell and names of columns in a message
DELIMITERS = "\t;,"  # of as many, the first is it
LINE_END = re.compile(r"\r\n|\n|\r")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_COMMA = re.compile(r"[-+]?\d*,\d+([eE][-+]?\d{1,4})?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?(nan|inf(inity)?|#?n/?a!?)", re.IGNORECASE | re.ASCII)
_SEPARATOR = re.compile(r" *sep=([\t;,]) *", re.IGNORECASE)  # a first line that spreadsheets write
_QUOTED = re.compile(r'"[^"]*"')


def read_text(path: str | os.PathLike[str]) -> str:
    """Return the text of a file: UTF-8 with or without a byte order mark, or UTF-16 with one; the mark is left out.

    Raises LatticeError, one line, for a file that `read_bytes` refuses, of more than MOST_BYTES, or that is other text.
    """
    data = read_bytes(path, MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise LatticeError(f"{path}: expected a measured file of at most {MOST_BYTES:,} bytes, got more")
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LatticeError(
            f"{path}: line {line}: expected text in UTF-8, or in UTF-16 with a byte order mark, got other bytes: "
            "save it as UTF-8"
        ) from None
    if (zero := text.find("\0")) >= 0:
        raise LatticeError(
            f"{path}: line {text.count(chr(10), 0, zero) + 1}: expected text in UTF-8, or in UTF-16 with a byte order "
            "mark, got a byte of 0: save it as UTF-8"
        )
    return text


def number(text: str, where: str) -> float:
    """Return the number that a cell holds, with a decimal point. where: file, line and column, for messages.

    Raises LatticeError for other text, an empty cell, NaN and infinity.
    """
    plain = text.strip()
    if _NOT_FINITE.fullmatch(plain):
        raise LatticeError(f"{where}: expected a finite number, got {shortened(plain, SHOWN)}")
    if not plain or not NUMBER.fullmatch(plain):
        raise LatticeError(f"{where}: expected a number, got {shortened(plain, SHOWN) if plain else 'nothing'}")
    found = float(plain)
    if not math.isfinite(found):
        raise LatticeError(f"{where}: expected a finite number, got {shortened(plain, SHOWN)}")
    return found


@dataclass(frozen=True)
class Row:
    """A row of a table. line: its number in the file, from 1. cells: without white space at their ends."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Rows:
    """A table. header: the names of its columns, "" for an empty one; no two are alike in any case, but the b of
    r, g, b and that of L, a, b. rows: 1 or more. delimiter: " " of words."""

    path: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    delimiter: str

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def has_commas(self) -> bool:
        """True if numbers have decimal commas: the cells are not separated by commas, and none has a point."""
        if self.delimiter == ",":
            return False
        cells = [cell for row in self.rows for cell in row.cells]
        has_points = any("." in cell and NUMBER.fullmatch(cell) for cell in cells)
        return not has_points and any(_COMMA.fullmatch(cell) for cell in cells)

    def find(self, *names: str) -> int | None:
        """Return the place of the first column with one of these names, in any case; None without one."""
        folded = [name.casefold() for name in self.header]
        return next((folded.index(name.casefold()) for name in names if name.casefold() in folded), None)

    def number(self, row: int, column: int) -> float:
        """Return the number in a cell. Raises LatticeError, with file, line and column, unless it is a finite one."""
        text = self.rows[row].cells[column]
        if self.has_commas and _COMMA.fullmatch(text):
            text = text.replace(",", ".")
        return number(text, f"{self.path}: line {self.rows[row].line}: {self.header[column]}")

    def numbers(self, *columns: int) -> Array:
        """Return columns of numbers: (rows, columns) float64. Raises LatticeError as `number`."""
        return np.array([[self.number(row, column) for column in columns] for row in range(len(self))])

    def missing(self, expected: str) -> LatticeError:
        """Return the fault that columns are not there; it lists those that are."""
        named = [shortened(name, SHOWN) for name in self.header if name]
        more = ", ..." if len(named) > NAMES_SHOWN else ""
        return LatticeError(f"{self.path}: expected {expected}, got {', '.join(named[:NAMES_SHOWN])}{more}")


def read_table(path: str | os.PathLike[str]) -> Rows:
    """Read a table of cells between commas, semicolons or tabs, whichever its header has most of.

    Lines that begin with # are comments; blank lines, and rows of empty cells, are passed over. A cell may be quoted; a
    quoted cell ends on its line. Decimal commas are taken where the cells are not separated by commas.
    Raises LatticeError as `read_text`, and with the line for a row of another length than the header, a broken quote,
    two columns of one name, a header of numbers alone, no rows, a line of more than MOST_CHARACTERS, and more than
    MOST_ROWS, MOST_COLUMNS or MOST_CELLS.
    """
    return table_of(read_text(path), str(path))


def table_of(text: str, path: str) -> Rows:
    """Return the table that a text holds, as `read_table` does. path: for messages."""
    delimiter = ""
    header: tuple[str, ...] = ()
    found: list[Row] = []
    for line, written in lines(text):
        if not header and not delimiter and (said := _SEPARATOR.fullmatch(written)):
            delimiter = said[1]
            continue
        delimiter = delimiter or max(DELIMITERS, key=_QUOTED.sub("", written).count)
        cells = _cells(written, delimiter, f"{path}: line {line}")
        if not any(cells):
            continue
        if not header:
            header = checked_header(cells, f"{path}: line {line}")
        elif len(cells) != len(header):
            hint = " (decimal commas need semicolons or tabs between cells)" if delimiter == "," else ""
            raise LatticeError(f"{path}: line {line}: expected {len(header)} cells, got {len(cells)}{hint}")
        else:
            found.append(Row(line, cells))
        if len(found) > MOST_ROWS or len(found) * len(header) > MOST_CELLS:
            most = f"{MOST_ROWS:,} rows and {MOST_CELLS:,} cells"
            raise LatticeError(f"{path}: line {line}: expected at most {most}, got more")
    if not header:
        raise LatticeError(f"{path}: expected a table with a header, got an empty file")
    if not found:
        raise LatticeError(f"{path}: expected rows below the header, got none")
    return Rows(path, header, tuple(found), delimiter)


def lines(text: str) -> Iterator[tuple[int, str]]:
    """Give the lines that are neither blank nor comments, with their numbers."""
    for line, written in enumerate(LINE_END.split(text), 1):
        if written.strip() and not written.lstrip().startswith("#"):
            yield line, written


def _cells(written: str, delimiter: str, where: str) -> tuple[str, ...]:
    if len(written) > MOST_CHARACTERS:
        raise LatticeError(f"{where}: expected at most {MOST_CHARACTERS:,} characters, got {len(written):,}")
    try:
        cells = next(csv.reader([written], delimiter=delimiter, strict=True, skipinitialspace=delimiter != "\t"))
    except csv.Error as error:
        raise LatticeError(f"{where}: expected cells, quoted ones on one line: {error}") from None
    return tuple(cell.strip() for cell in cells)


def checked_header(cells: tuple[str, ...], where: str) -> tuple[str, ...]:
    """Return the names of a table's columns. where: for messages. Raises LatticeError as `read_table`."""
    names = [cell.casefold() for cell in cells if cell]
    if all(NUMBER.fullmatch(name) for name in names):
        raise LatticeError(f"{where}: expected a header, the names of the columns, got numbers alone")
    if len(cells) > MOST_COLUMNS:
        raise LatticeError(f"{where}: expected at most {MOST_COLUMNS:,} columns, got {len(cells):,}")
    apart = ["a b" if pair == ("a", "b") else pair[1] for pair in zip(["", *names], names, strict=False)]
    twice = next((name for at, name in enumerate(apart) if name in apart[:at]), None)
    if twice is not None:
        raise LatticeError(f"{where}: expected each column once, got {shortened(twice, SHOWN)} twice")
    return cells
