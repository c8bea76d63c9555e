"""Bodies made of distance functions, and the rays that meet them: hits, normals, soft shadows, occlusion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .shapes import Array, column, dot, length, unit

STEPS = 72
CAUTION = 0.85  # the distances are estimates: a full step could pass through a thin ear
TOUCH = 0.0008  # a ray this close, as a share of its length, has arrived
FAR = 60.0
CROWD = 0.8  # share of rays still on their way below which the others are dropped from the arrays
SHADOW_STEPS = 20
OCCLUSION_REACH = (0.06, 0.16, 0.34, 0.62)


@dataclass(frozen=True)
class Material:
    """How a surface answers light.

    color: points (3, N) in the body's own frame -> albedo (3, N), linear Rec.709, 0 to 1.
    roughness: GGX roughness, 0.05 to 1. reflectance: mirror reflection face on, 0 to 1.
    scatter: 0 to 1, how far light bleeds past the terminator, red first, as in skin.
    glow: (points, cosine to the eye (N,)) -> emitted scene-linear ACEScg (3, N), or None.
    mirror: trace what it reflects instead of reading the studio's softboxes.
    """

    color: Callable[[Array], Array]
    roughness: float = 0.6
    reflectance: float = 0.04
    scatter: float = 0.0
    glow: Callable[[Array, Array], Array] | None = None
    mirror: bool = False


def even(color: tuple[float, float, float]) -> Callable[[Array], Array]:
    """One albedo all over."""
    return lambda p: column(color)


@dataclass(frozen=True)
class Body:
    """Parts that share a frame: (distance function, material) pairs inside a ball of `bound` own units at `center`."""

    parts: tuple[tuple[Callable[[Array], Array], Material], ...]
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0)
    yaw: float = 0.0
    tilt: float = 0.0
    scale: float = 1.0
    bound: float = FAR
    center: tuple[float, float, float] = (0.0, 0.0, 0.0)
    casts: bool = True
    breaks_frame: bool = False

    def rotation(self) -> Array:
        """Own frame to world, (3, 3): tilt about x, then yaw about y; radians."""
        cy, sy, cx, sx = np.cos(self.yaw), np.sin(self.yaw), np.cos(self.tilt), np.sin(self.tilt)
        turn = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        return (turn @ np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])).astype(np.float32)

    def local(self, p: Array) -> Array:
        """World points (3, N) in the body's own frame and units."""
        return self.rotation().T @ (p - column(self.origin)) / self.scale

    def distance(self, p: Array) -> Array:
        """Signed distance (N,) in own units from own points (3, N)."""
        nearest = self.parts[0][0](p)
        for shape, _ in self.parts[1:]:
            nearest = np.minimum(nearest, shape(p))
        return nearest

    def nearest_part(self, p: Array) -> NDArray[np.intp]:
        """Which part (N,) each own point lies on."""
        return np.argmin(np.stack([shape(p) for shape, _ in self.parts]), axis=0)

    def normal(self, p: Array) -> Array:
        """World normal (3, N) at own points, from four samples at the corners of a tetrahedron."""
        corners = np.array([(1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1)], np.float32)
        step = 0.002
        slope = sum(corner[:, None] * self.distance(p + step * corner[:, None]) for corner in corners)
        return self.rotation() @ unit(np.asarray(slope))


def span(body: Body, origin: Array, direction: Array, margin: float = 0.0) -> tuple[Array, Array]:
    """Where own-frame rays enter and leave the bounding ball, (N,) each; leave < enter is a miss."""
    origin = origin - column(body.center)
    middle = -dot(origin, direction)
    inside = (body.bound + margin) ** 2 - dot(origin, origin) + middle * middle
    half = np.sqrt(np.maximum(inside, 0))
    return np.maximum(middle - half, 0), np.where(inside > 0, middle + half, -1)


def march(body: Body, origin: Array, direction: Array, limit: Array) -> Array:
    """World distance (N,) to the body along world rays (3, N), `inf` where it is missed or beyond `limit` (N,)."""
    found = np.full(limit.shape, np.inf, np.float32)
    turn = body.rotation().T
    start, heading = body.local(origin), turn @ direction
    enter, leave = span(body, start, heading)
    leave = np.minimum(leave, limit / body.scale)
    live = np.flatnonzero(leave > enter)
    start, heading, travelled, leave = start[:, live], heading[:, live], enter[live], leave[live]
    for _ in range(STEPS):
        gap = body.distance(start + heading * travelled)
        travelled = travelled + gap * CAUTION
        arrived = gap < TOUCH * (1 + travelled)
        found[live[arrived]] = travelled[arrived] * body.scale
        keep = np.flatnonzero(~arrived & (travelled < leave))
        if keep.size == 0:
            break
        if keep.size < CROWD * live.size:
            live, travelled, leave, start, heading = (
                a.take(keep, axis=-1) for a in (live, travelled, leave, start, heading)
            )
    return found


def first_hit(bodies: Sequence[Body], origin: Array, direction: Array) -> tuple[Array, NDArray[np.intp]]:
    """Distance (N,) and index (N,) of the first body met; `inf` and -1 where there is none."""
    nearest = np.full(direction.shape[1], FAR, np.float32)
    which = np.full(direction.shape[1], -1)
    for index, body in enumerate(bodies):
        distance = march(body, origin, direction, nearest)
        closer = distance < nearest
        nearest[closer], which[closer] = distance[closer], index
    return np.where(which < 0, np.inf, nearest).astype(np.float32), which


def shadow(bodies: Sequence[Body], point: Array, towards: Array, reach: Array, sharpness: float) -> Array:
    """Share of a soft light that arrives, (N,) 0 to 1.

    point: (3, N), lifted off its surface; towards: (3, N) unit, to the light; reach: (N,) distance to it.
    sharpness: light distance over light radius; larger gives harder edges.
    Source: Quilez, "Soft shadows in raymarched SDFs".
    """
    lit = np.ones(reach.shape, np.float32)
    for body in bodies:
        if not body.casts:
            continue
        start, heading = body.local(point), body.rotation().T @ towards
        enter, leave = span(body, start, heading, margin=0.5)
        leave = np.minimum(leave, reach / body.scale)
        live = np.flatnonzero((leave > enter) & (lit > 0.004))
        lit[live] = np.minimum(
            lit[live], gaps(body, start[:, live], heading[:, live], enter[live], leave[live], sharpness)
        )
    return lit * lit * (3 - 2 * lit)


def gaps(body: Body, start: Array, heading: Array, travelled: Array, leave: Array, sharpness: float) -> Array:
    """Least (clearance x sharpness / distance) along own-frame rays, (N,) clipped to 0..1."""
    least = np.ones(leave.shape, np.float32)
    live = np.arange(leave.size)
    for _ in range(SHADOW_STEPS):
        gap = body.distance(start + heading * travelled)
        least[live] = np.minimum(least[live], sharpness * gap / np.maximum(travelled, 0.05))
        travelled = travelled + np.clip(gap, 0.04, 0.5)
        keep = np.flatnonzero((travelled < leave) & (gap > 0.001))
        if keep.size == 0:
            break
        if keep.size < CROWD * live.size:
            live, travelled, leave, start, heading = (
                a.take(keep, axis=-1) for a in (live, travelled, leave, start, heading)
            )
    return np.clip(least, 0, 1)


def openness(bodies: Sequence[Body], point: Array, normal: Array) -> Array:
    """Ambient light that reaches each point, (N,) 0 to 1, from the room left along its normal."""
    closed = np.zeros(point.shape[1], np.float32)
    for body in bodies:
        near = np.flatnonzero(
            length(body.local(point) - column(body.center)) < body.bound + OCCLUSION_REACH[-1] / body.scale
        )
        missing = np.zeros(near.size, np.float32)
        for reach in OCCLUSION_REACH:
            room = body.distance(body.local(point[:, near] + normal[:, near] * reach)) * body.scale
            missing += np.clip(1 - room / reach, 0, 1) * (0.36 - 0.3 * reach)
        closed[near] += missing
    return np.clip(1 - closed, 0, 1) ** 1.3
