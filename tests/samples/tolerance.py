"""Every tolerance of the engines, each derived once. A test takes its bound from here and never widens it.

EPS is the unit roundoff of float32: one operation on a result of magnitude m adds at most EPS * m. Each bound counts
operations; SECOND_ORDER covers the products of roundings, which are of the order EPS**2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lattice.interp import reference
from lattice.types import HALF_MAX, Display, FilmStage, SDevData

EPS = 2.0**-24
SECOND_ORDER = 1.001

# Along an axis an interpolated value is three operations (difference, product, sum) and there are three axes
# (trilinear), or three differences, three products and three sums in a row (tetrahedral): nine either way, each on
# magnitudes no larger than the largest node, and each later step a convex mix that does not amplify the earlier ones.
INTERPOLATION_ROUNDINGS = 9
# u of a float32 pixel: difference, product, sum between two table entries, all at most 1, or, where entries are larger,
# at most as large. A half pixel's is exact.
TABLE_ROUNDINGS = 3
# u * (size - 1) rounds once; taking the cell's number away is exact.
POSITION_ROUNDINGS = 1
# 3x3: the entry's own rounding, a product, two sums on its way.
MATRIX_ROUNDINGS = 4
# x ** (1 / 2.4): the exponent's rounding moves the result by |ln x| / 2.4 EPS <= 2.5 EPS above sRGB's toe; a
# float32 power is good to 4 units in the last place (8 EPS at most 1); scale and offset round twice more.
ENCODE_ROUNDINGS = 13
# A power alone, c = x ** p <= 1. Of a gamma below 1 it is 2 ** y: each relative rounding of y moves c by c |ln c| EPS,
# at most EPS / e; exponent, logarithm and its coefficient's sum make 3; c's own sum rounds once more. The logarithm's
# polynomial adds 4.8e-8 ln 2 p (bench/power_fit.py): 3 EPS / e + EPS + 3e-8. A root is its octave's power times its
# mantissa's: three roundings of values whose product is at most 1, 2 EPS; the sum before the last, EPS / 4; the
# polynomials, 4e-8 (interp/shader.py) and 1e-8: 1.9e-7. All floats up to 1 stay below 1.6e-7.
POWER = 2e-7

# PQ and HLG, c <= 1, of light without error. PQ is 2 ** (M2 log2(1 + t)): a relative error of its exponent moves c by
# c |ln c| <= 1 / e of it. t errs by 5 EPS (two sums, two products, a quotient) and by what y = gain * x ** M1 brings:
# its gain's rounding, 3e-8 M1 of the logarithm and EPS of its last sum, and ln x M1 EPS, which counts only where x, and
# so c, is small. The polynomial of log2(1 + t) / t adds 4.8e-8: (8 EPS + 8e-8) / e + 2 EPS = 3.3e-7. HLG's root and
# logarithm are of sizes at most 1 and of fewer roundings; its gain of the luminance errs by 4 EPS, half of which is
# left in c.
HDR = 3.3e-7

# OpenColorIO runs our CLF in float32 too, with its own order of operations, so both stand within node_bound of the
# exact value. A gray pixel's code is 1.055 v ** (3 / 2.4) of its node value v, so a slope of at most 1.32; the
# display matrix mixes channels, whose errors add by its rows' absolute sums, up to 3.8 after the print base's white;
# and node_bound of a look is about 67 EPS: 1.32 * 3.8 * 67 EPS = 2e-5. sRGB's straight toe bounds the slope near
# black by 12.92. A pure gamma has no toe: the slope of x ** (1 / g) at 0 is unbounded, and light that differs by
# 1e-9 shows as codes that differ by 1e-4. There codes are decoded, and light (slope g at most) is held to the bound.
OCIO = 2e-5


# log2 of a float: one rounding of its size, up to 16; the polynomial's 4.8e-8 (bench/power_fit.py), of at most 1/2.
LOG_ERROR = 16 * EPS + 5e-8


def stage_error(stage: FilmStage) -> float:
    """Lattice coordinates of a film stage in float32: each step's matrix mixes the errors before it, and its curves
    multiply them by their steepest slope."""
    error, size = np.full(3, LOG_ERROR), np.full(3, 16.0)
    for step in stage.steps:
        mix = np.abs(step.matrix)
        error = mix[:, :3] @ error + (MATRIX_ROUNDINGS + 1) * EPS * (mix @ np.append(size, 1))
        size = np.ones(3)
        if step.curves is not None:
            steep = np.diff(step.curves.astype(np.float64), axis=1).max(axis=1) * (step.curves.shape[1] - 1)
            bent = slice(3 - len(steep), 3)
            error[bent] = steep * (error[bent] + POSITION_ROUNDINGS * EPS) + TABLE_ROUNDINGS * EPS
    return float(SECOND_ORDER * error.max())


def largest_step(device: SDevData) -> float:
    """The largest difference between neighbouring nodes: the steepest slope of the lattice, per cell."""
    nodes = device.lattice.nodes.astype(np.float64)
    return float(max(np.abs(np.diff(nodes, axis=axis)).max() for axis in range(3)))


def node_bound(device: SDevData, u_error: Any = TABLE_ROUNDINGS * EPS) -> Any:
    """Float32 against float64, before the display, for u that is off by at most `u_error`, a number or (n,).

    The interpolant is continuous, so an error of the place moves the value by at most the steepest slope of each
    of three axes, over a cell's border too.
    """
    size = device.lattice.size
    magnitude = max(1.0, float(np.abs(device.lattice.nodes).max()))
    place = (size - 1) * (u_error + POSITION_ROUNDINGS * EPS)
    return SECOND_ORDER * (INTERPOLATION_ROUNDINGS * EPS * magnitude + 3 * place * largest_step(device))


def light_bound(display: Display, values: Any, node_error: Any) -> Any:
    """Display-linear light (3, n) of node values (3, n) that are off by at most `node_error`."""
    held = np.maximum(values, 0)
    power = (held + node_error) ** display.exponent - held**display.exponent  # convex: the upper side is the larger
    power += 2 * EPS * held**display.exponent  # two products make a cube
    mix = np.abs(display.matrix)
    return SECOND_ORDER * (mix @ power + MATRIX_ROUNDINGS * EPS * (mix @ held**display.exponent))


def code_bound(display: Display, values: Any, node_error: Any) -> Any:
    """Code values (3, n), through the encoding itself: it rises, so its ends bound what lies between."""
    light = reference.transform(display.matrix, np.maximum(values, 0) ** display.exponent)
    error = light_bound(display, values, node_error)
    low, middle, high = (display.encode(light + shift, axis=0) for shift in (-error, 0.0, error))
    return np.maximum(high - middle, middle - low) + ENCODE_ROUNDINGS * EPS


def exposure_error(matrix: Any, planes: Any) -> Any:
    """Film exposure (3, n) of pixels (3, n) in float32; one more rounding, for the table takes float32."""
    return SECOND_ORDER * (MATRIX_ROUNDINGS + 1) * EPS * (np.abs(matrix) @ np.abs(planes))


def half_bound(codes: Any) -> Any:
    """One unit in the last place of a half: half a unit by rounding, and float32's error may cross a tie."""
    return np.spacing(np.asarray(codes, np.float16)).astype(np.float64)


def _exact_places(matrix: Any, stage: FilmStage, pixels: Any) -> tuple[Any, Any]:
    """Lattice coordinates (3, n) of pixels (n, 3) through a film stage in float64, and how far float32 may be off."""
    with np.errstate(invalid="ignore"):  # signalling NaN
        planes = np.clip(np.nan_to_num(pixels.T.astype(np.float64), nan=0.0), -HALF_MAX, HALF_MAX)
    film, error = reference.transform(matrix, planes), exposure_error(matrix, planes)
    u, off = reference.expose(stage, film), np.full(planes.shape[1], stage_error(stage))
    for k in range(3 * (not np.array_equal(matrix, np.eye(3)))):
        moved = [np.where(np.arange(3)[:, None] == k, film + sign * error, film) for sign in (-1, 1)]
        off = off + np.max([np.abs(reference.expose(stage, each) - u).max(axis=0) for each in moved], axis=0)
    return u, off


def exact_codes(device: SDevData, image: Any, interpolation: str) -> tuple[Any, Any]:
    """The definition's code values (3, n) of a picture in float64, and how far float32 may be from each."""
    columns, pixels = reference.columns_of(device), image[..., :3].reshape(-1, 3)
    straight = np.array_equal(device.matrix, np.eye(3))
    if isinstance(device.table, FilmStage):
        u, place_error = _exact_places(device.matrix, device.table, pixels)
    elif straight and pixels.dtype == np.float16:
        entries = reference.look_up_half(columns, pixels.T.view(np.uint16)).astype(np.float64)
        u, place_error = np.clip(entries, 0, 1), 0.0
    else:
        with np.errstate(invalid="ignore"):  # signalling NaN
            film, error = pixels.T.astype(np.float64), np.zeros(1)
        if not straight:
            planes = np.clip(np.nan_to_num(film, nan=0.0), -HALF_MAX, HALF_MAX)
            film, error = reference.transform(device.matrix, planes), exposure_error(device.matrix, planes)
        moved = (film + shift for shift in (0.0, -error, error))
        u, low, high = (np.clip(reference.look_up(columns, each), 0, 1) for each in moved)
        size = max(1.0, float(np.abs(columns).max()))
        place_error = np.maximum(np.abs(high - u), np.abs(u - low)).max(axis=0) + TABLE_ROUNDINGS * EPS * size
    nodes = device.lattice.nodes.reshape(-1, 3).T.astype(np.float64)
    values = reference.METHODS[interpolation](nodes, u, device.lattice.size)
    return (reference.show(device.display, values), code_bound(device.display, values, node_bound(device, place_error)))
