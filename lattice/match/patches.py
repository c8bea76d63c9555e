"""Measured patches as a reference: the scene's colors decoded, the measured ones over the display's white."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lattice.build.instruments import colour_science
from lattice.color.inputs import TEN, InputSpace, find
from lattice.errors import LatticeError
from lattice.files.measured.measured import Measured
from lattice.looks.display import DisplaySpec
from lattice.match.reference import FEWEST, NOISE, TOO_FEW, Reference, group_of
from lattice.match.white import lab_of
from lattice.types import Array

FULL_SCALES = {1.0: TEN, 100.0: TEN, 255.0: 8, 1023.0: 10, 4095.0: 12, 65535.0: 16}  # of codes, with their bits
OVER_ONE = 1.1  # floats of codes reach it: LogC3 at high indexes, super-whites of legal range
SMALLEST_LIGHT = 0.045  # of the brightest patch: 2 stops under mid gray
LARGEST_LIGHT = 100.0  # 9 stops over mid gray: more is no patch, but a code
FARTHEST_REPEAT = 5.0  # CIEDE2000 of a repeat from the mean: ten times what an instrument repeats


def of_patches(
    measured: Measured, display: DisplaySpec, encoding: str, white: str | None = None, scale: float | None = None
) -> Reference:
    """Return measured patches as a reference; several of one scene color, an instrument's repeats, count as their mean.

    encoding: a name of `lattice.color.inputs`, of what the file's r, g, b are: linear light as written, or codes over
    `scale`. scale: what r, g, b are divided by; by default what the format says (Argyll's are 0 to 100), else 1 for
    light, and for codes the smallest of FULL_SCALES that holds the largest. white: the name of the patch that is the
    screen's white and no color then, "X,Y,Z" of it in the file's units, or the illuminant that the colors are over; by
    default what the file says, else the display's white at Y 100, or at 1 if no color is above.
    Where the white is not the display's, colors are adapted to that (CAT02). Spectra are radiance in W/(m2 sr nm).
    Raises LatticeError, one line with the file, for fewer than 12 colors, none gray, one color alone, two of one name,
    repeats that differ by more than FARTHEST_REPEAT CIEDE2000, and colors that contradict what is asked or assumed.
    """
    space = find(encoding)
    if len(measured) < FEWEST:
        raise LatticeError(f"{measured.path}: expected {FEWEST} colors or more, got {len(measured)}{TOO_FEW}")
    _check_names(measured)
    light, told = _light(measured, space, scale)
    lab, colors, over = lab_of(measured, light, display, white)
    light, lab, rows = _averaged(measured, light, lab, np.flatnonzero(colors))
    names = tuple(measured.names[row] for row in rows)
    count = f"{len(rows)} colors of {len(measured)} rows"
    try:
        return Reference(
            *(light, lab, space.primaries, display, group_of(light), np.full(len(rows), NOISE)),
            names=names if any(names) else (),
            about=Path(measured.path).name,
            notes=(count, told, over),
        )
    except LatticeError as error:
        raise LatticeError(f"{measured.path}: {str(error).removeprefix('reference: ')}") from None


def _light(measured: Measured, space: InputSpace, scale: float | None) -> tuple[Array, str]:
    """Return the scene light (n, 3) and what was assumed."""
    file, largest = measured.path, float(measured.rgb.max())
    if np.ptp(measured.rgb, axis=0).max() == 0 and len(measured) > 1:
        raise LatticeError(f"{file}: expected colors of a scene that differ, got r, g, b that are the same on all rows")
    if scale is not None and not (np.isfinite(scale) and scale > 0):
        raise LatticeError(f"scale: expected a number above 0, got {scale}")
    full = scale or measured.full_scale or (_full_scale(largest, file) if space.is_encoded else 1.0)
    light = space.decode(measured.rgb / full, FULL_SCALES.get(full, TEN))
    if not np.isfinite(light).all():
        raise LatticeError(f"{file}: expected codes of {space.name}, got ones that are no light, up to {largest:g}")
    if light.max() < SMALLEST_LIGHT:
        raise LatticeError(
            f"{file}: expected scene light of {space.name}, 0.18 at mid gray, got {light.max():.2g} at most: --input "
            f"NAME says what r, g, b are, --scale NUMBER what they are divided by (now {full:g})"
        )
    if light.max() > LARGEST_LIGHT:
        raise LatticeError(
            f"{file}: expected scene light of {space.name}, 0.18 at mid gray, got up to {light.max():g}: --input "
            "NAME says that r, g, b are codes, --scale 255 what they are divided by"
        )
    return light, f"r, g, b are {space.title}" + (f", over {full:g}" if full != 1 else "")


def _full_scale(largest: float, file: str) -> float:
    if largest <= OVER_ONE:
        return 1.0
    found = next((full for full in FULL_SCALES if full >= largest), None)
    if found is None:
        raise LatticeError(f"{file}: expected codes up to {max(FULL_SCALES):g}, got {largest:g}: type --scale")
    return found


def _check_names(measured: Measured) -> None:
    first: dict[str, int] = {}
    for row, name in enumerate(measured.names):
        before = first.setdefault(name, row)
        if name and not np.array_equal(measured.rgb[before], measured.rgb[row]):
            raise LatticeError(
                f"{measured.path}: {measured.places[row]}: expected each name for one color, got {name!r:.40} with "
                f"another r, g, b than at {measured.places[before]}"
            )


def _averaged(
    measured: Measured, light: Array, lab: Array, rows: NDArray[np.intp]
) -> tuple[Array, Array, NDArray[np.intp]]:
    """Return light and the mean CIELAB of each scene color, in the file's order, and its first row."""
    if not len(rows):
        raise LatticeError(f"{measured.path}: expected colors beside the white, got none")
    _, first, of = np.unique(measured.rgb[rows], axis=0, return_index=True, return_inverse=True)
    of = of.ravel()
    mean = np.stack([np.bincount(of, channel) for channel in lab[rows].T], axis=-1) / np.bincount(of)[:, None]
    off = np.asarray(colour_science().difference.delta_E_CIE2000(lab[rows], mean[of]))
    if off.max() > FARTHEST_REPEAT:
        far = rows[int(off.argmax())]
        raise LatticeError(
            f"{measured.path}: {measured.places[far]}: expected repeats of one r, g, b to look alike, got one that is "
            f"{off.max():.0f} CIEDE2000 from their mean"
        )
    order = np.argsort(first)
    return light[rows[first[order]]], mean[order], rows[first[order]]
