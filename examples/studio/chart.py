"""The 24 patches of a ColorChecker Classic, scene-linear Rec.709, and the card that carries them."""

from __future__ import annotations

import numpy as np

from .shapes import Array, column, slab

# Source: X-Rite, "Colorimetric values for ColorChecker family of targets", sRGB column, rows from top left.
SRGB_8BIT = np.array(
    [
        (115, 82, 68), (194, 150, 130), (98, 122, 157), (87, 108, 67), (133, 128, 177), (103, 189, 170),
        (214, 126, 44), (80, 91, 166), (193, 90, 99), (94, 60, 108), (157, 188, 64), (224, 163, 46),
        (56, 61, 150), (70, 148, 73), (175, 54, 60), (231, 199, 31), (187, 86, 149), (8, 133, 161),
        (243, 243, 242), (200, 200, 200), (160, 160, 160), (122, 122, 121), (85, 85, 85), (52, 52, 52),
    ],
    np.float32,
)  # fmt: skip
COLUMNS, ROWS = 6, 4
HALF_SIZE = (0.93, 0.64, 0.03)
FRAME = 0.05  # width of the black border, in the card's own units
PATCH = 0.88  # share of a cell that is paint, the rest is border
BORDER = (0.015, 0.015, 0.016)


def reflectances() -> Array:
    """The patches as linear Rec.709 reflectance, (24, 3) float32, about 0.0 to 0.9.

    Source: IEC 61966-2-1 for the sRGB curve.
    """
    encoded = SRGB_8BIT / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4).astype(np.float32)


def card(p: Array) -> Array:
    """Distance to the upright card; its face looks along +z."""
    return slab(p, HALF_SIZE, 0.02)


def card_color(p: Array) -> Array:
    """Albedo (3, N) at points of the card: patches on the face, border elsewhere."""
    u = (p[0] / (HALF_SIZE[0] - FRAME) + 1) / 2 * COLUMNS
    v = (1 - p[1] / (HALF_SIZE[1] - FRAME)) / 2 * ROWS
    cell = np.clip(v, 0, ROWS - 1).astype(int) * COLUMNS + np.clip(u, 0, COLUMNS - 1).astype(int)
    inside = (u > 0) & (u < COLUMNS) & (v > 0) & (v < ROWS) & (p[2] > 0)
    painted = inside & (np.abs(u % 1 - 0.5) < PATCH / 2) & (np.abs(v % 1 - 0.5) < PATCH / 2)
    return np.where(painted, reflectances().T[:, cell], column(BORDER))
