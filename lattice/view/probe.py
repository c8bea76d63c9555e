"""The numbers of a pixel, or the mean of an area: scene light, stops, place in the lattice, display codes."""

from __future__ import annotations

from math import log2
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lattice.interp import reference
from lattice.sdev import SDev
from lattice.types import MID_GRAY
from lattice.view.looking import LUMA, Picture

FARTHEST = 10**6  # pixels from the display window's corner


def probe(picture: Picture, area: tuple[int, ...], sdev: SDev | None, exposure: float = 0.0) -> dict[str, Any]:
    """Return the numbers of an area as a JSON object; without data there, all None.

    picture: of scale 1. area: x, y, width, height in pixels from the display window's corner. sdev: for the picture's
    light; None where its codes are shown as they are. exposure: stops, of what is shown.
    scene: mean of each plane; None for one that is not finite. exact: of the first pixel, each half as hex. stops: of
    the scene's luminance from mid gray, None at 0 or below. Of the exposed light, u: lattice coordinates; cell: of the
    lattice; code: on the display, multiplied by alpha as the picture is drawn.
    """
    x, y, width, height = area
    left, top = picture.corner
    planes = picture.planes[
        :, max(0, y - top) : max(0, y - top + max(1, height)), max(0, x - left) : max(0, x - left + max(1, width))
    ]
    if not planes.size:
        return {"scene": None, "exact": None, "stops": None, "u": None, "cell": None, "code": None, "pixels": 0}
    with np.errstate(invalid="ignore"):  # infinities of both signs have no mean
        scene = planes.astype(np.float64).mean(axis=(1, 2))
    light = _light(picture, scene)
    luminance = float(light @ np.array(LUMA))
    found = {
        "scene": [_finite(value) for value in scene],
        "exact": [f"0x{int(bits):04x}" for bits in planes[:, 0, 0].view(np.uint16)],
        "stops": log2(luminance / MID_GRAY) if np.isfinite(luminance) and luminance > 0 else None,
        "pixels": int(planes[0].size),
    }
    return found | _shown(light * 2.0**exposure, sdev, _cover(picture, scene))


def _light(picture: Picture, scene: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the color that is graded: divided by alpha where that is above 0."""
    if picture.premultiplied and scene[3] > 0 and np.isfinite(scene[3]):
        return scene[:3] / scene[3]
    return scene[:3]


def _cover(picture: Picture, scene: NDArray[np.float64]) -> float:
    """Return what codes are multiplied by, as `drawn` does: alpha where that is above 0, elsewhere 0 for black."""
    if not picture.premultiplied or not np.isfinite(scene[3]):
        return 1.0
    return float(scene[3]) if scene[3] > 0 else float(scene[:3].any())


def _shown(light: NDArray[np.float64], sdev: SDev | None, cover: float) -> dict[str, Any]:
    """Return where light is in the lattice, and its codes times `cover`."""
    if sdev is None:
        return {"u": None, "cell": None, "code": [_finite(value) for value in np.clip(light, 0, 1) * cover]}
    pixel = light.astype(np.float32)[None]
    u = reference.coordinates(sdev, reference.columns_of(sdev), pixel, np.float32)[:, 0]
    last = sdev.lattice.size - 2
    cell = np.clip((u * (sdev.lattice.size - 1)).astype(int), 0, last)
    code = sdev.apply(pixel)[0] * cover
    return {"u": [float(v) for v in u], "cell": [int(v) for v in cell], "code": [float(v) for v in code]}


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
