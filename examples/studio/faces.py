"""Human busts, simply modelled: one face, with skin, hair and clothes to choose."""

from __future__ import annotations

from functools import partial

import numpy as np

from .shapes import (
    Array,
    Triple,
    ball,
    blend,
    carve,
    collar,
    column,
    ellipsoid,
    length,
    limb,
    mirrored,
    smoothstep,
    unit,
)
from .tracing import Body, Material, even

SCLERA = (0.48, 0.44, 0.41)
EYE, EYE_SIZE = (0.255, 0.08, 0.6), 0.13


def eyeball(p: Array, center: Triple, radius: float) -> Array:
    """Both eyes, from points that are not mirrored yet."""
    return ball(mirrored(p), center, radius)


def iris(center: Triple, radius: float, gaze: Triple, color: Triple) -> Material:
    """A wet eye that looks along `gaze` in the head's frame."""

    def paint(p: Array) -> Array:
        offset = np.stack((np.abs(p[0]) - center[0], p[1] - center[1], p[2] - center[2]))
        offset[0] *= np.sign(p[0])
        off_axis = length(unit(offset) - unit(column(gaze)))
        fiber = 0.75 + 0.5 * smoothstep(0.25, 0.5, off_axis)
        ring = column(color) * fiber * smoothstep(0.62, 0.5, off_axis) + 0.004
        white = column(SCLERA) + (ring - column(SCLERA)) * smoothstep(0.62, 0.56, off_axis)
        return white * smoothstep(0.2, 0.27, off_axis)

    return Material(paint, 0.08, 0.05, 0.3)


def face(p: Array) -> Array:
    """Head, neck, nose, ears, lids and lips."""
    p = mirrored(p)
    head = blend(
        ellipsoid(p, (0, 0.22, -0.08), (0.7, 0.8, 0.82)), ellipsoid(p, (0, -0.35, 0.12), (0.52, 0.6, 0.56)), 0.3
    )
    head = blend(head, ball(p, (0.3, -0.22, 0.45), 0.17), 0.22)
    head = blend(head, ball(p, (0, -0.82, 0.43), 0.13), 0.22)
    head = carve(head, ball(p, (0.27, 0.09, 0.84), 0.16), 0.2)
    head = blend(head, limb(p, (0, 0.12, 0.72), (0, -0.2, 0.86), 0.055, 0.1), 0.12)
    head = blend(head, ball(p, (0.085, -0.23, 0.8), 0.055), 0.06)
    head = blend(head, ellipsoid(p, (0.72, -0.02, -0.08), (0.09, 0.2, 0.13)), 0.06)
    lids = np.maximum(ball(p, EYE, EYE_SIZE * 1.14), -np.maximum(p[1] - 0.14, 0.02 - p[1]))
    head = blend(head, lids, 0.05)
    head = blend(head, ellipsoid(p, (0, -0.47, 0.66), (0.19, 0.075, 0.09)), 0.05)
    head = head + 0.03 * np.exp(-((mouth_line(p) / 0.022) ** 2)) * smoothstep(0.3, 0.5, p[2])
    return blend(head, limb(p, (0, -0.5, -0.15), (0, -1.4, -0.2), 0.33, 0.38), 0.12)


def mouth_line(p: Array) -> Array:
    """Distance (N,) in the front view to the mouth, points mirrored: a slight smile."""
    return np.hypot(p[1] + 0.475 - 0.35 * p[0] * p[0], np.maximum(p[0] - 0.21, 0))


def face_color(p: Array, skin: Triple, lip: Triple) -> Array:
    """Skin, redder on nose and cheeks, lips and brows drawn on."""
    q = mirrored(p)
    color = column(skin) + 0 * p
    warm = np.exp(-((ball(q, (0.36, -0.2, 0.62), 0.0) / 0.24) ** 2)) + np.exp(
        -((ball(q, (0, -0.2, 0.95), 0.0) / 0.14) ** 2)
    )
    color = color * (1 + np.clip(warm, 0, 1) * column((0.1, -0.16, -0.2)))
    lips = np.hypot(q[0] / 0.2, (q[1] + 0.47) / 0.085)
    color = color + (column(lip) - color) * smoothstep(1.1, 0.8, lips) * smoothstep(0.3, 0.5, p[2])
    brow = np.hypot((q[1] - 0.3 + 0.5 * (q[0] - 0.26) ** 2) / 0.035, np.maximum(np.abs(q[0] - 0.27) - 0.14, 0) / 0.03)
    return color * (1 - 0.8 * smoothstep(1.3, 0.6, brow) * smoothstep(0.2, 0.4, p[2]))


def cropped(p: Array) -> Array:
    """Short hair: a cap a little larger than the skull, open at the face."""
    cap = ellipsoid(p, (0, 0.28, -0.12), (0.75, 0.8, 0.84))
    return carve(cap, ellipsoid(mirrored(p), (0, -0.32, 0.62), (0.74, 0.86, 0.72)), 0.08)


def bob(p: Array) -> Array:
    """Hair to the jaw with strands combed into it."""
    strands = 0.012 * np.sin(26 * np.arctan2(p[0], p[2] + 0.1) + 3 * np.sin(2 * p[1]))
    hair = blend(
        ellipsoid(p, (0, 0.3, -0.15), (0.88, 0.86, 0.92)), ellipsoid(p, (0, -0.4, -0.22), (0.9, 0.62, 0.72)), 0.3
    )
    return carve(hair, ellipsoid(p, (0.08, -0.3, 0.82), (0.56, 0.78, 0.78)), 0.1) + strands


def bun(p: Array) -> Array:
    """Hair drawn back into a bun on the crown."""
    return blend(cropped(p), ball(p, (0, 1.1, -0.35), 0.33), 0.1)


def shoulders(p: Array) -> Array:
    """A plain top with a round collar."""
    q = mirrored(p)
    body = blend(ellipsoid(q, (0, -2.35, -0.2), (1.0, 1.1, 0.55)), ball(q, (0.82, -1.72, -0.2), 0.32), 0.3)
    body = blend(body, limb(q, (0.95, -1.75, -0.2), (1.08, -3.2, -0.1), 0.29, 0.27), 0.15)
    return blend(body, collar(p, (0, -1.3, -0.18), 0.41, 0.09), 0.06)


HAIR = {"cropped": cropped, "bob": bob, "bun": bun}


def human(
    origin: Triple, yaw: float, scale: float, skin: Triple, lip: Triple, hair: tuple[str, Triple], cloth: Triple
) -> tuple[Body, Body]:
    """A bust with the center of its head at `origin`; colors are linear Rec.709 albedos, yaw in radians."""
    style, hair_color = hair
    head = (
        (face, Material(partial(face_color, skin=skin, lip=lip), 0.5, 0.035, 1.0)),
        (partial(eyeball, center=EYE, radius=EYE_SIZE), iris(EYE, EYE_SIZE, (0.0, 0.0, 1.0), (0.12, 0.07, 0.03))),
        (HAIR[style], Material(even(hair_color), 0.45, 0.03)),
    )
    torso = ((shoulders, Material(even(cloth), 0.8, 0.02)),)
    return (
        Body(head, origin, yaw, 0.0, scale, bound=1.5, center=(0, -0.05, -0.1)),
        Body(torso, origin, yaw, 0.0, scale, bound=1.75, center=(0, -2.2, -0.2)),
    )
