"""CGATS.17, IT8.7 and Argyll's .ti3: tables between BEGIN_DATA and END_DATA, with keywords before each.

Source: ANSI CGATS.17-2009; the .ti3 format of ArgyllCMS 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from lattice.errors import LatticeError
from lattice.files.measured.columns import kind_of, measured_of
from lattice.files.measured.measured import Measured
from lattice.files.measured.text import MOST_CELLS, SHOWN, Row, Rows, checked_header, lines, number
from lattice.record import shortened
from lattice.types import Array

ARGYLL = "CTI3"
NOT_MEASURED = ("CTI1", "CTI2")  # .ti1, .ti2
MOST_TABLES = 100  # an .it8 or .ti3 has 1 to 3
FULL_SCALE = 100.0  # of Argyll's RGB, and of its XYZ if they are normalized
_WORD = re.compile(r'"((?:[^"]|"")*)"|(\S+)')
_ILLUMINANT = re.compile(r"(?:illuminant|illumination_name)[^\w;]+(\w+)", re.IGNORECASE)
_TEN_DEGREES = re.compile(r"\b(10|1964)(\b|_)")


@dataclass(frozen=True)
class Table:
    """A table and the keywords before it, in capitals; the values of one that comes again are joined."""

    keywords: dict[str, str]
    rows: Rows


def is_it(text: str) -> bool:
    """True if a text has a table of CGATS."""
    return "BEGIN_DATA_FORMAT" in text


def parse(text: str, path: str) -> Measured:
    """Return the first table of a text that has measured colors. path: for messages.

    Raises LatticeError, with file and line, for a malformed table, for Argyll's .ti1 and .ti2, a device that is no
    display, the 10 degree observer, and if no table has measured colors.
    """
    first: Table | None = None
    for table in tables(text, path):
        _check(table, path)
        first = first or table
        if kind_of(table.rows) is not None:
            return _measured(table, path)
    if first is None:
        raise LatticeError(f"{path}: expected a table between BEGIN_DATA and END_DATA, got none")
    return measured_of(first.rows, "CGATS")  # which says what it lacks


def _measured(table: Table, path: str) -> Measured:
    if ARGYLL not in table.keywords:
        words = ("ILLUMINANT", "ILLUMINATION_NAME", "WEIGHTING_FUNCTION")
        named = _ILLUMINANT.search(" ".join(f"{word} {table.keywords.get(word, ';')}" for word in words))
        return replace(measured_of(table.rows, "CGATS"), illuminant=named[1] if named else None)
    found = measured_of(table.rows, "ti3", FULL_SCALE)
    if found.kind == "Lab":
        return replace(found, illuminant="D50")
    return replace(found, white=_white(table, path) if found.kind == "XYZ" else None)


def _white(table: Table, path: str) -> Array | None:
    """Return the screen's white in the units of a .ti3's XYZ; None if it is not told."""
    words = table.keywords.get("LUMINANCE_XYZ_CDM2", "").split()
    if not words:
        return None
    white = np.array([number(word, f"{path}: LUMINANCE_XYZ_CDM2") for word in words])
    if white.shape != (3,) or white.min() <= 0:
        raise LatticeError(f"{path}: LUMINANCE_XYZ_CDM2: expected X, Y, Z above 0, got {' '.join(words):.60}")
    is_absolute = table.keywords.get("NORMALIZED_TO_Y_100", "").upper() == "NO"
    return white if is_absolute else white * FULL_SCALE / white[1]


def _check(table: Table, path: str) -> None:
    said = table.keywords
    if kind := next((each for each in NOT_MEASURED if each in said), None):
        raise LatticeError(f"{path}: expected measured colors (.ti3), got {kind}: colors to show, not measured yet")
    if (device := said.get("DEVICE_CLASS", "DISPLAY").upper()) != "DISPLAY":
        raise LatticeError(
            f"{path}: DEVICE_CLASS: expected DISPLAY, colors off a screen, got {shortened(device, SHOWN)}"
        )
    observer = " ".join(said.get(word, "") for word in ("OBSERVER", "OBSERVER_ANGLE", "WEIGHTING_FUNCTION"))
    if _TEN_DEGREES.search(observer):
        raise LatticeError(f"{path}: expected the CIE 1931 2 degree observer, got {shortened(observer.strip(), SHOWN)}")


def tables(text: str, path: str) -> Iterator[Table]:
    """Give the tables of a text, one after the other. Raises LatticeError, with file and line, for malformed ones."""
    keywords: dict[str, list[str]] = {}
    fields: list[str] = []
    words: list[tuple[int, str]] = []
    ends, line, found_tables = "", 0, 0
    for line, written in lines(text):
        found = _words(written, f"{path}: line {line}")
        first = found[0].upper() if found else ""
        if ends and first == ends:
            if ends == "END_DATA":
                found_tables += 1
                if found_tables > MOST_TABLES:
                    raise LatticeError(f"{path}: line {line}: expected at most {MOST_TABLES:,} tables, got more")
                said = {keyword: "; ".join(filter(None, values)) for keyword, values in keywords.items()}
                yield Table(said, _rows(said, fields, words, path))
                keywords, fields, words = {}, [], []
            ends = ""
        elif ends == "END_DATA_FORMAT":
            fields += found
        elif ends:
            words += [(line, word) for word in found]
            if len(words) > MOST_CELLS:
                raise LatticeError(f"{path}: line {line}: expected at most {MOST_CELLS:,} cells, got more")
        elif first in ("BEGIN_DATA_FORMAT", "BEGIN_DATA"):
            ends = first.replace("BEGIN", "END")
        elif found:
            keywords.setdefault(first, []).append(" ".join(found[1:]))
    if ends:
        raise LatticeError(f"{path}: line {line}: expected {ends}, got the end of the file")


def _words(written: str, where: str) -> list[str]:
    found = []
    for quoted, plain in _WORD.findall(written):
        if plain.startswith("#"):
            break
        if plain.startswith('"'):
            raise LatticeError(f"{where}: expected a quote that ends on its line, got {shortened(plain, SHOWN)}")
        found.append(plain or quoted.replace('""', '"'))
    return found


def _rows(keywords: dict[str, str], fields: list[str], words: list[tuple[int, str]], path: str) -> Rows:
    """Return the records of a table, each of as many words as there are fields, on one line or several."""
    if not fields:
        raise LatticeError(f"{path}: expected fields between BEGIN_DATA_FORMAT and END_DATA_FORMAT, got none")
    if not words:
        raise LatticeError(f"{path}: expected data between BEGIN_DATA and END_DATA, got none")
    header = checked_header(tuple(fields), f"{path}: BEGIN_DATA_FORMAT")
    if len(words) % len(header):
        raise LatticeError(f"{path}: {_odd(words, len(header))}: expected {len(header)} words a record, got others")
    records = [words[at : at + len(header)] for at in range(0, len(words), len(header))]
    for keyword, count in (("NUMBER_OF_FIELDS", len(header)), ("NUMBER_OF_SETS", len(records))):
        if keyword in keywords and keywords[keyword].strip() != str(count):
            said = shortened(keywords[keyword], SHOWN)
            raise LatticeError(f"{path}: {keyword}: expected {count}, as many as there are, got {said}")
    rows = tuple(Row(record[0][0], tuple(word for _, word in record)) for record in records)
    return Rows(path, header, rows, " ")


def _odd(words: list[tuple[int, str]], columns: int) -> str:
    """Return the line that has another count of words than the fields, or the last."""
    counts: dict[int, int] = {}
    for line, _ in words:
        counts[line] = counts.get(line, 0) + 1
    return f"line {next((line for line, count in counts.items() if count != columns), words[-1][0])}"
