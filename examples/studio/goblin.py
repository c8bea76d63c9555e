"""The hero: a green-skinned goblin in a dark leather vest, about two units from chin to crown."""

from __future__ import annotations

import numpy as np

from .faces import eyeball, iris
from .shapes import Array, ball, blend, carve, collar, column, ellipsoid, length, limb, mirrored, smoothstep
from .tracing import Body, Material, even

SKIN = (0.16, 0.36, 0.06)
SPOTS = (0.085, 0.23, 0.035)
BLUSH = (0.30, 0.30, 0.09)
LIP = (0.20, 0.20, 0.07)
EYE, EYE_SIZE = (0.31, 0.13, 0.66), 0.205
MOUTH_CENTER, MOUTH_RADIUS, MOUTH_WIDTH = 0.42, 0.95, 0.46


def smile(p: Array) -> Array:
    """Distance (N,) in the front view to the line of the mouth, points mirrored."""
    arc = np.hypot(p[0], p[1] - MOUTH_CENTER) - MOUTH_RADIUS
    return np.hypot(np.where(p[1] < 0, arc, 1), np.maximum(p[0] - MOUTH_WIDTH, 0))


def crease(distance: Array, width: float, front: Array) -> Array:
    """A soft furrow (N,) around a line, only on the face's front."""
    return np.exp(-((distance / width) ** 2)) * smoothstep(0.2, 0.5, front)


def ear(p: Array) -> Array:
    """A long pointed ear, hollowed in front; points mirrored."""
    flat = p * column((1, 1, 1.5))
    leaf = limb(flat, (0.7, 0.08, -0.1), (1.52, 0.52, -0.42), 0.25, 0.02)
    return carve(leaf, limb(flat, (0.86, 0.16, 0.16), (1.36, 0.42, -0.12), 0.16, 0.03), 0.1) / 1.5


def skull(p: Array) -> Array:
    """Cranium, jaw, cheeks, chin and neck; points mirrored."""
    head = ellipsoid(p, (0, 0.2, -0.05), (0.8, 0.78, 0.82))
    head = blend(head, ellipsoid(p, (0, -0.42, 0.12), (0.74, 0.5, 0.62)), 0.35)
    head = blend(head, ball(p, (0.44, -0.22, 0.48), 0.24), 0.2)
    head = blend(head, ellipsoid(p, (0, -0.78, 0.42), (0.3, 0.17, 0.24)), 0.2)
    return blend(head, limb(p, (0, -0.5, -0.15), (0, -1.4, -0.2), 0.5, 0.56), 0.15)


def features(head: Array, p: Array) -> Array:
    """Brow, nose, eyelids and ears joined to the skull."""
    head = carve(head, ball(p, (0.31, 0.11, 0.86), 0.2), 0.16)
    head = blend(head, limb(p, (0, 0.37, 0.78), (0.54, 0.4, 0.52), 0.1, 0.08), 0.14)
    head = blend(head, limb(p, (0, 0.18, 0.78), (0, -0.1, 0.98), 0.1, 0.17), 0.14)
    head = blend(head, ball(p, (0.16, -0.14, 0.9), 0.105), 0.08)
    above, below = p[1] - 0.21 + 0.14 * (p[0] - EYE[0]), 0.035 - p[1]
    lids = np.maximum(ball(p, EYE, EYE_SIZE * 1.13), -np.maximum(above, below))
    return blend(blend(head, lids, 0.05), ear(p), 0.16)


def skin(p: Array) -> Array:
    """The whole head with its furrows: mouth, forehead and cheeks."""
    p = mirrored(p)
    head = features(skull(p), p)
    mouth = smile(p)
    lip = blend(head, head + 0.05 - 0.07 * crease(mouth - 0.09, 0.07, p[2]), 0.02)
    forehead = np.abs(p[1] - 0.62 - 0.1 * np.cos(3 * p[0]))
    fold = np.abs(np.hypot(p[0] - 0.2, p[1] + 0.5) - 0.42) + np.maximum(0.12 - p[0] + 0.25, 0)
    furrows = (
        0.055 * crease(mouth, 0.04, p[2]) + 0.014 * crease(forehead, 0.035, p[2]) + 0.018 * crease(fold, 0.05, p[2])
    )
    return np.minimum(head, lip) + furrows


def tusks(p: Array) -> Array:
    return limb(mirrored(p), (0.3, -0.55, 0.62), (0.325, -0.27, 0.83), 0.075, 0.02)


def eyes(p: Array) -> Array:
    return eyeball(p, EYE, EYE_SIZE)


def vest(p: Array) -> Array:
    """Shoulders, arms and a rolled collar; the seam is a groove down the chest."""
    q = mirrored(p)
    body = blend(ellipsoid(q, (0, -2.25, -0.15), (1.3, 1.1, 0.74)), ball(q, (1.05, -1.72, -0.15), 0.42), 0.35)
    body = blend(body, limb(q, (1.2, -1.8, -0.1), (1.32, -2.9, 0.1), 0.36, 0.34), 0.2)
    seam = 0.04 * np.exp(-((q[0] / 0.035) ** 2)) * smoothstep(0, 0.3, q[2])
    quilt = [np.exp(-((np.sin(5.5 * (q[0] + slant * q[1])) / 0.16) ** 2)) for slant in (1, -1)]
    ribs = 0.012 * np.cos(44 * np.arctan2(p[0], p[2] + 0.12))
    return np.minimum(body + seam + 0.014 * (quilt[0] + quilt[1]), collar(p, (0, -1.16, -0.12), 0.66, 0.17) + ribs)


def buttons(p: Array) -> Array:
    rows = np.stack((np.abs(p[0]) - 0.14, (p[1] + 1.74) - 0.3 * np.clip(np.round((p[1] + 1.74) / 0.3), -2, 1), p[2]))
    depth = 0.74 * np.sqrt(np.clip(1 - ((p[1] + 2.25) / 1.1) ** 2, 0, 1)) - 0.15
    return length(np.stack((rows[0], rows[1], rows[2] - depth))) - 0.06


def skin_color(p: Array) -> Array:
    """Green, mottled; warmer on nose, cheeks and ears; dark in the mouth."""
    mottle = np.sin(19 * p[0] + 7 * p[1]) * np.sin(17 * p[1] + 5 * p[2] + 1) * np.sin(15 * p[2] + 9 * p[0])
    color = column(SKIN) + (column(SPOTS) - column(SKIN)) * smoothstep(0.12, 0.5, mottle) * 0.7
    q = mirrored(p)
    warm = np.exp(-((ball(q, (0, -0.1, 1.05), 0.0) / 0.24) ** 2)) + np.exp(
        -((ball(q, (0.5, -0.2, 0.6), 0.0) / 0.26) ** 2)
    )
    warm = warm + smoothstep(0.85, 1.5, q[0])
    color = color + (column(BLUSH) - color) * np.clip(warm, 0, 1) * 0.55
    line = smile(q)
    color = color + (column(LIP) - color) * crease(line - 0.06, 0.06, p[2])
    return color * (1 - 0.8 * crease(line, 0.03, p[2]))


def goblin(origin: tuple[float, float, float], yaw: float, scale: float) -> tuple[Body, Body]:
    """The figure with the center of its head at `origin`, looking along +z turned by `yaw` radians."""
    leather = Material(even((0.020, 0.012, 0.008)), 0.55, 0.03)
    brass = Material(even((0.5, 0.3, 0.1)), 0.25, 0.5)
    ivory = Material(even((0.62, 0.52, 0.34)), 0.25, 0.05, 0.5)
    look = iris(EYE, EYE_SIZE, (-0.12, 0.0, 1.0), (0.62, 0.24, 0.02))
    head = ((skin, Material(skin_color, 0.45, 0.045, 0.8)), (eyes, look), (tusks, ivory))
    torso = ((vest, leather), (buttons, brass))
    return (
        Body(head, origin, yaw, 0.04, scale, bound=1.75, center=(0, -0.1, 0)),
        Body(torso, origin, yaw, 0.04, scale, bound=1.9, center=(0, -2.2, -0.1)),
    )
