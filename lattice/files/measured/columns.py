"""The columns of a table of patches: which hold names, the scene's colors and what was measured."""

from __future__ import annotations

import re

import numpy as np

from lattice.errors import LatticeError
from lattice.files.measured.measured import Kind, Measured
from lattice.files.measured.text import Rows
from lattice.types import Array

NAMES = ("SAMPLE_NAME", "name", "patch", "sample", "label", "SAMPLE_ID", "id", "SAMPLE_LOC")
# Each channel's spellings, in lower case without punctuation.
RGB = (("r", "red", "rgbr"), ("g", "green", "rgbg"), ("b", "blue", "rgbb"))
XYZ = (("x", "xyzx", "ciex"), ("y", "xyzy", "ciey"), ("z", "xyzz", "ciez"))
LAB = (("l", "labl", "ciel", "lstar"), ("a", "laba", "ciea", "astar"), ("b", "labb", "cieb", "bstar"))
FEWEST_BANDS, SHORTEST_NM, LONGEST_NM = 3, 300.0, 1200.0
_PUNCTUATION = re.compile(r"[\W_]+")
_BAND = re.compile(
    r"(?:spectral|spec|sd)?[ _]?(?:nm|dec|pct)?[ _]?(\d{3,4}(?:\.\d{1,3})?)[ _]?(?:nm)?", re.IGNORECASE | re.ASCII
)


def measured_of(rows: Rows, form: str, full_scale: float | None = None) -> Measured:
    """Return the patches of a table. form: the format's name. full_scale: of its RGB, where the format says one.

    Raises LatticeError, with file and line, for columns that are not there, rows that are not measured yet and cells
    that hold no finite number.
    """
    rgb = _channels(rows, RGB)
    if rgb is None:
        raise rows.missing("columns r, g, b of the scene's colors (also R, RGB_R, red)")
    kind = kind_of(rows)
    if kind is None:
        raise rows.missing("measured columns X, Y, Z, or L, a, b, or one a wavelength such as 380")
    nm, columns = _bands(rows) if kind == "spectral" else (None, _channels(rows, XYZ if kind == "XYZ" else LAB, rgb))
    columns = columns or ()
    _check_filled(rows, columns, kind)
    at = next((place for name in NAMES if (place := rows.find(name)) is not None), None)
    return Measured(
        rows.path,
        tuple("" if at is None else row.cells[at] for row in rows.rows),
        tuple(f"line {row.line}" for row in rows.rows),
        rows.numbers(*rgb),
        kind,
        rows.numbers(*columns),
        form,
        full_scale,
        nm,
    )


def _check_filled(rows: Rows, columns: tuple[int, ...], kind: Kind) -> None:
    """Raise LatticeError, with the first row, for rows whose measured cells are all empty."""
    empty = [row for row in rows.rows if not any(row.cells[at] for at in columns)]
    if not empty:
        return
    got = "no patch is measured yet" if len(empty) == len(rows) else f"{len(empty)} of {len(rows)} are not measured yet"
    names = "the spectrum" if kind == "spectral" else ", ".join(rows.header[at] for at in columns)
    raise LatticeError(f"{rows.path}: line {empty[0].line}: {got}: write {names}, or remove the row")


def kind_of(rows: Rows) -> Kind | None:
    """Return what a table measures, of several kinds the first of KINDS; None if nothing."""
    rgb = _channels(rows, RGB) or ()
    if _channels(rows, XYZ, rgb) is not None:
        return "XYZ"
    if _channels(rows, LAB, rgb) is not None:
        return "Lab"
    return "spectral" if len(_bands(rows)[1]) >= FEWEST_BANDS else None


def _channels(rows: Rows, spelled: tuple[tuple[str, ...], ...], taken: tuple[int, ...] = ()) -> tuple[int, ...] | None:
    """Return the places of three columns: side by side, or where each is named once; None if they are not there."""
    names = ["" if at in taken else _PUNCTUATION.sub("", name.casefold()) for at, name in enumerate(rows.header)]
    found = [[at for at, name in enumerate(names) if name in each] for each in spelled]
    beside = next(((at, at + 1, at + 2) for at in found[0] if at + 1 in found[1] and at + 2 in found[2]), None)
    once = tuple(each[0] for each in found) if all(len(each) == 1 for each in found) else None
    return beside or once


def _bands(rows: Rows) -> tuple[Array, tuple[int, ...]]:
    """Return the wavelengths that columns are named by, rising, and their places."""
    found = [(float(said[1]), at) for at, name in enumerate(rows.header) if (said := _BAND.fullmatch(name))]
    inside = sorted((nm, at) for nm, at in found if SHORTEST_NM <= nm <= LONGEST_NM)
    wavelengths = np.array([nm for nm, _ in inside])
    if len(wavelengths) and (np.diff(wavelengths) <= 0).any():
        twice = wavelengths[:-1][np.diff(wavelengths) <= 0][0]
        raise LatticeError(f"{rows.path}: expected a column a wavelength, got {twice:g} nm twice")
    return wavelengths, tuple(at for _, at in inside)
