"""Parts of a still that are the plate without the grade, through a plain curve: one side of a wipe."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import ndimage

from lattice.build.seen import lab_slopes
from lattice.color.transfer import TRANSFERS
from lattice.looks.display import DisplaySpec
from lattice.match.blocks import Mask
from lattice.match.occluded import settled
from lattice.match.reference import lab_of_codes
from lattice.types import Array

CURVES: dict[str, Callable[[Array], Array]] = {
    **{name: TRANSFERS[name].encode for name in ("srgb", "rec709")},
    "gamma 2.2": lambda light: light ** (1 / 2.2),
    "gamma 2.4": lambda light: light ** (1 / 2.4),
}
STOPS = np.arange(-4, 4.01, 0.25)  # exposures that are tried
FINER = np.arange(-0.2, 0.21, 0.05)  # about the best of them
ALIKE = 2.0  # CIEDE2000
AROUND, MOST = 5.0, 0.8  # blocks; share of the blocks around that are alike in a part that is plain
LEAST, RANGE = 0.02, 30.0  # share of the picture, and L* from dark to bright: a grade is a plain curve in no such part
ENDS = (5.0, 95.0)  # L* of blocks that tell a curve
TRIED = 2000  # blocks
NONE = 1e-3


def plain(light: Array, lab: Array, calm: Mask, display: DisplaySpec) -> Mask:
    """Return the blocks (rows, columns) that show the plate through a plain curve, where they are a part of a still.

    light: (rows, columns, 3), linear, of the display's primaries. lab: (rows, columns, 3) of the still. calm: (rows,
    columns), those to compare.
    """
    telling = calm & (lab[..., 0] > ENDS[0]) & (lab[..., 0] < ENDS[1])
    at = np.argwhere(telling)
    if not len(at):
        return telling
    some = tuple(at[:: max(1, len(at) // TRIED)].T)
    curve, stops = _best([(curve, stops) for curve in CURVES for stops in STOPS], light[some], lab[some], display)
    chosen = _best([(curve, stops + finer) for finer in FINER], light[some], lab[some], display)
    alike = np.zeros(calm.shape, bool)
    alike[telling] = _off(chosen, light[telling], lab[telling], display) < ALIKE
    around = ndimage.gaussian_filter(telling.astype(float), AROUND)
    share = ndimage.gaussian_filter(alike.astype(float), AROUND) / np.maximum(around, NONE)
    region = ndimage.binary_dilation((share > MOST) & (around > NONE), iterations=int(AROUND))
    held = alike & region
    if held.sum() < LEAST * telling.sum() or held.sum() > telling.sum() / 2:
        return np.zeros(calm.shape, bool)
    dark, bright = np.quantile(lab[held][:, 0], (0.05, 0.95))
    return np.asarray(region if bright - dark > RANGE else np.zeros(calm.shape, bool))


def _off(curve: tuple[str, float], light: Array, lab: Array, display: DisplaySpec) -> Array:
    """Return how far (n,) colors are off those of a curve and an exposure, CIEDE2000."""
    codes = CURVES[curve[0]](np.clip(light * 2.0 ** curve[1], 0, 1))
    off = settled(lab_of_codes(codes, display)) - lab
    return np.asarray(np.linalg.norm(np.einsum("nij,nj->ni", lab_slopes(lab), off), axis=1))


def _best(curves: Sequence[tuple[str, float]], light: Array, lab: Array, display: DisplaySpec) -> tuple[str, float]:
    return max(curves, key=lambda curve: np.count_nonzero(_off(curve, light, lab, display) < ALIKE))
