"""A lit studio still in NumPy, scene-linear: a goblin, three people, a color chart, a candle, a bulb, neon and LEDs.

Light is ACEScg, from about 0.001 in the folds of a vest to 30 in a flame and 60 in an LED; nothing is read or random.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from studio.colors import acescg
from studio.lighting import LIFT, Lamp, Surface, Tube, shade, softboxes
from studio.set import TUBES, bodies_at, camera_at, lamps_at
from studio.shapes import Array, column, dot, unit
from studio.tracing import Body, first_hit

ASPECT = (16, 9)
LENS = 0.29  # tangent of half the vertical angle of view
MATTE = (0.955, 0.93, 0.07)  # half width and height of the picture's window, corner radius; 1 = edge of the frame
EDGE = 0.18  # contrast, after x / (x + 0.3), above which a pixel is sampled again
SUBSAMPLES = (5, 2)  # in a pixel on an edge: how many, and the stride of the lattice that spreads them
NOTHING = 1e10  # depth where there is no surface
CHUNK = 1 << 16  # rays in flight: enough to outweigh NumPy's cost per call, few enough for memory
BLOOM = ((0.0013, 0.35), (0.006, 0.03), (0.03, 0.018))  # radius as a share of the width, share of the light
HALF_MAX = 65504.0


@dataclass(frozen=True)
class Shot:
    """What stands still within one frame."""

    bodies: tuple[Body, ...]
    lamps: tuple[Lamp, ...]
    tubes: tuple[Tube, ...]
    eye: Array  # (3, 1)
    basis: Array  # (3, 3): columns are right, up and forward

    @classmethod
    def at(cls, frame: int, frames: int) -> Shot:
        """The shot at `frame` of a loop of `frames`."""
        phase = 2 * np.pi * frame / frames
        eye, target = camera_at(phase)
        forward = unit(column(target) - column(eye))
        right = unit(np.cross(forward, column((0, 1, 0)), axis=0))
        basis = np.concatenate((right, np.cross(right, forward, axis=0), forward), axis=1)
        return cls(bodies_at(phase), lamps_at(phase), TUBES, column(eye), basis.astype(np.float32))


def surface_at(bodies: tuple[Body, ...], which: NDArray[np.intp], point: Array, eye: Array) -> tuple[Surface, Array]:
    """Normals and materials at hit points (3, N), and which of them (N,) bool are mirrors."""
    count = which.size
    normal, albedo, glow = (np.zeros((3, count), np.float32) for _ in range(3))
    rough, reflectance, scatter = (np.zeros(count, np.float32) for _ in range(3))
    mirror = np.zeros(count, bool)
    for index in np.unique(which):
        body = bodies[index]
        mine = np.flatnonzero(which == index)
        local = body.local(point[:, mine])
        normal[:, mine] = body.normal(local)
        part = body.nearest_part(local)
        for number, (_, material) in enumerate(body.parts):
            here, spot = mine[part == number], local[:, part == number]
            albedo[:, here] = acescg(material.color(spot))
            rough[here], reflectance[here], scatter[here] = material.roughness, material.reflectance, material.scatter
            mirror[here] = material.mirror
            if material.glow is not None:
                glow[:, here] = material.glow(spot, dot(normal[:, here], eye[:, here]))
    return Surface(point, normal, eye, albedo, rough, reflectance, scatter, glow), mirror


def radiance(shot: Shot, origin: Array, direction: Array, bounces: int = 1) -> tuple[Array, Array, NDArray[np.intp]]:
    """Light (3, N) along rays, how far they went (N,) and the body they met (N,), -1 for none."""
    distance, which = first_hit(shot.bodies, origin, direction)
    light = softboxes(direction, np.zeros_like(distance))
    hit = np.flatnonzero(which >= 0)
    point = origin[:, hit] + direction[:, hit] * distance[hit]
    surface, mirror = surface_at(shot.bodies, which[hit], point, -direction[:, hit])
    bounce = 2 * dot(surface.eye, surface.normal) * surface.normal - surface.eye
    seen = softboxes(bounce, surface.roughness)
    if bounces:
        start = (point + surface.normal * LIFT)[:, mirror]
        seen[:, mirror] = radiance(shot, start, bounce[:, mirror], bounces - 1)[0]
    light[:, hit] = shade(surface, shot.lamps, shot.tubes, shot.bodies, seen)
    return light, distance, which


def in_matte(x: Array, y: Array) -> NDArray[np.bool_]:
    """Whether frame positions (N,), -1 to 1 with y up, lie in the picture's rounded window."""
    wide = ASPECT[0] / ASPECT[1]
    half_wide, half_high, corner = MATTE[0] * wide, MATTE[1], MATTE[2]
    across = np.maximum(np.abs(x * wide) - half_wide + corner, 0)
    along = np.maximum(np.abs(y) - half_high + corner, 0)
    return np.hypot(across, along) < corner


def sample(shot: Shot, x: Array, y: Array) -> tuple[Array, Array, Array]:
    """Premultiplied RGBA (4, N), depth (N,) and body number (N,) at frame positions (N,) in -1..1, y up."""
    color, depth, body = np.zeros((4, x.size), np.float32), np.full(x.size, NOTHING, np.float32), np.full(x.size, -1.0)
    for start in range(0, x.size, CHUNK):
        part = slice(start, start + CHUNK)
        lens = np.stack((x[part] * LENS * ASPECT[0] / ASPECT[1], y[part] * LENS, np.ones_like(x[part])))
        direction = unit(shot.basis @ lens)
        light, distance, which = radiance(shot, np.broadcast_to(shot.eye, direction.shape), direction)
        free = np.array([b.breaks_frame for b in shot.bodies] + [False])[which]
        covered = (in_matte(x[part], y[part]) | free) & (which >= 0)
        color[:, part] = np.concatenate((light, np.ones((1, which.size), np.float32))) * covered
        depth[part] = np.where(covered, distance * dot(shot.basis[:, 2:], direction), NOTHING)
        body[part] = np.where(covered, which, -1)
    return color, depth, body


def edges(color: Array, body: Array) -> NDArray[np.bool_]:
    """Pixels (H, W) that differ from a neighbour in body or visibly in light; color is (4, H, W)."""
    light = np.maximum(color[:3], 0)
    tone = light / (light + 0.3)
    rough = np.zeros(body.shape, bool)
    for axis in (0, 1):
        step = (np.abs(np.diff(tone, axis=axis + 1)).max(axis=0) > EDGE) | (np.diff(body, axis=axis) != 0)
        before, after = [slice(None)] * 2, [slice(None)] * 2
        before[axis], after[axis] = slice(None, -1), slice(1, None)
        rough[tuple(before)] |= step
        rough[tuple(after)] |= step
    return rough


def blur(count: int, radius: float) -> Array:
    """The spectrum (count,) of a Gaussian of `radius` pixels; made in pixels, so that no light rings below zero."""
    weight = np.exp(-0.5 * (np.fft.fftfreq(count, 1 / count) / radius) ** 2)
    return np.asarray(np.fft.fft(weight / weight.sum()).real)


def bloom(color: Array) -> Array:
    """Light scattered in the lens: (H, W, 4) premultiplied float32 in and out, alpha and empty pixels untouched."""
    height, width = color.shape[:2]
    spread = np.full((height, width // 2 + 1), 1 - sum(share for _, share in BLOOM))
    for size, share in BLOOM:
        spread += share * np.outer(blur(height, size * width), blur(width, size * width)[: width // 2 + 1])
    waves = np.fft.rfft2(color[..., :3], axes=(0, 1)) * spread[..., None]
    light = np.fft.irfft2(waves, (height, width), (0, 1))
    return np.concatenate((light * color[..., 3:], color[..., 3:]), axis=2).astype(np.float32)


def render_with_depth(width: int, frame: int, frames: int) -> tuple[NDArray[np.float16], NDArray[np.float32]]:
    """The picture as in `render`, and the depth (H, W) float32 of each pixel's center in scene units.

    Depth runs along the lens axis; it is 1e10 where the picture is transparent.
    """
    height = round(width * ASPECT[1] / ASPECT[0])
    shot = Shot.at(frame, frames)
    row, col = np.mgrid[:height, :width].astype(np.float32)
    x, y = (col + 0.5) * 2 / width - 1, 1 - (row + 0.5) * 2 / height
    color, depth, body = sample(shot, x.ravel(), y.ravel())
    color, body = color.reshape(4, height, width), body.reshape(height, width)
    rough = edges(color, body)
    count, stride = SUBSAMPLES
    step = np.arange(count, dtype=np.float32)[:, None]
    dx, dy = ((step + 0.5) / count - 0.5) * 2 / width, ((step * stride % count + 0.5) / count - 0.5) * 2 / height
    fine = sample(shot, (x[rough] + dx).ravel(), (y[rough] + dy).ravel())[0]
    color[:, rough] = fine.reshape(4, count, -1).mean(axis=1)
    picture = bloom(color.transpose(1, 2, 0))
    return np.minimum(picture, HALF_MAX).astype(np.float16), depth.reshape(height, width)


def render(width: int, frame: int, frames: int) -> NDArray[np.float16]:
    """One frame of the sequence, (H, W, 4) float16: scene-linear ACEScg, premultiplied alpha, 16:9.

    width: pixels; the height is width x 9 / 16, rounded. frame: 0 to frames - 1; the motion loops after `frames`.
    Red, green and blue are exactly 0 where alpha is 0.
    """
    return render_with_depth(width, frame, frames)[0]
