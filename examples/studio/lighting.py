"""Light on surfaces: lamps with soft shadows, LED tubes, a studio of softboxes to reflect, an open sky for fill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .colors import acescg
from .shapes import Array, Triple, column, dot, length, smoothstep, unit
from .tracing import Body, openness, shadow

LAMP_SIZE = 0.4  # least roughness of a highlight: lamps are not points
LIFT = 0.012  # start secondary rays off the surface they leave
BLEED = (0.34, 0.13, 0.05)  # how far skin carries red, green and blue past the terminator
SKY, GROUND = (0.085, 0.105, 0.14), (0.05, 0.038, 0.03)
SOFTBOXES = (  # direction, half width and height as tangents, radiance
    ((-0.62, 0.52, 0.60), 0.30, 0.42, (24.0, 22.5, 20.0)),
    ((0.93, 0.28, 0.02), 0.12, 0.75, (5.0, 6.0, 7.5)),
    ((0.25, 0.97, -0.05), 0.5, 0.2, (2.0, 2.0, 2.2)),
)


@dataclass(frozen=True)
class Lamp:
    """A round lamp.

    radiance: of a white surface that faces it at `reference` units, linear Rec.709.
    aim: where its cone points, or None for all around. cone: cosines of the cone's rim and its full core.
    sharpness: of its shadow, or None to cast none.
    """

    position: Triple
    radiance: Triple
    reference: float
    aim: Triple | None = None
    cone: tuple[float, float] = (0.9, 0.98)
    sharpness: float | None = None
    gloss: bool = True


@dataclass(frozen=True)
class Tube:
    """An LED tube from `start` to `end`, as bright on every side.

    radiance: of the tube itself, ACEScg; a negative channel is a color outside of ACEScg.
    """

    start: Triple
    end: Triple
    radiance: Triple
    radius: float


@dataclass(frozen=True)
class Surface:
    """What the rays met: N points, their frames and their materials, all float32; colors are ACEScg."""

    point: Array
    normal: Array
    eye: Array  # (3, N) unit, towards the viewer
    albedo: Array
    roughness: Array
    reflectance: Array
    scatter: Array
    glow: Array


def softboxes(direction: Array, roughness: Array) -> Array:
    """The studio's radiance (3, N) seen along `direction`, blurred for rough surfaces (N,)."""
    light = acescg(GROUND) + (acescg(SKY) - acescg(GROUND)) * smoothstep(-0.4, 0.6, direction[1])
    blur = 0.02 + 2.2 * roughness * roughness
    for axis, wide, high, radiance in SOFTBOXES:
        ahead = unit(column(axis))
        side = unit(np.cross(ahead, column((0, 1, 0)), axis=0))
        upward = np.cross(side, ahead, axis=0)
        depth = np.maximum(dot(ahead, direction), 1e-3)
        u, v = np.abs(dot(side, direction)) / depth, np.abs(dot(upward, direction)) / depth
        pane = falloff((wide - u) / blur) * falloff((high - v) / blur)
        spread = np.minimum(wide / blur, 1) * np.minimum(high / blur, 1)
        light = light + acescg(radiance) * pane * spread * (dot(ahead, direction) > 0)
    return light


def falloff(x: Array) -> Array:
    """0 to 1 across -1..1, smoothly: the edge of a softbox out of focus."""
    return smoothstep(-1, 1, x)


def fresnel(reflectance: Array, cosine: Array, roughness: Array) -> Array:
    """Share reflected (N,). Source: Schlick 1994, with the rise at grazing angles tempered by roughness."""
    return reflectance + np.maximum(1 - roughness - reflectance, 0) * (1 - np.clip(cosine, 0, 1)) ** 5


def highlight(surface: Surface, towards: Array) -> Array:
    """Specular lobe (N,) times pi. Source: Walter et al. 2007 (GGX); Karis 2013 (visibility)."""
    half = unit(towards + surface.eye)
    spread = np.maximum(surface.roughness, LAMP_SIZE) ** 4
    peak = dot(surface.normal, half) ** 2 * (spread - 1) + 1
    facing = np.clip(dot(surface.normal, surface.eye), 0.05, 1)
    lit = np.clip(dot(surface.normal, towards), 0.0, 1)
    k = (surface.roughness + 1) ** 2 / 8
    visible = 1 / (4 * (facing * (1 - k) + k) * (lit * (1 - k) + k))
    return spread / (peak * peak) * visible * fresnel(surface.reflectance, dot(surface.eye, half), surface.roughness)


def from_lamp(lamp: Lamp, surface: Surface, bodies: Sequence[Body]) -> Array:
    """Light (3, N) that one lamp sends to the eye by way of the surface."""
    offset = column(lamp.position) - surface.point
    distance = length(offset)
    towards = offset / distance
    strength = np.minimum((lamp.reference / distance) ** 2, 40)
    if lamp.aim is not None:
        beam = unit(column(lamp.aim) - column(lamp.position))
        strength = strength * smoothstep(*lamp.cone, -dot(beam, towards))
    cosine = dot(surface.normal, towards)
    bleed = column(BLEED) * surface.scatter
    diffuse = np.clip((cosine + bleed) / (1 + bleed), 0, 1) ** (1 + bleed)
    if lamp.sharpness is not None:
        reached = np.flatnonzero((strength > 0.004) & (cosine > -0.3 * surface.scatter))
        start = surface.point[:, reached] + surface.normal[:, reached] * LIFT * 2
        strength[reached] *= shadow(bodies, start, towards[:, reached], distance[reached], lamp.sharpness)
    answer = surface.albedo * diffuse
    if lamp.gloss:
        answer = answer + highlight(surface, towards) * np.clip(cosine, 0, 1)
    return acescg(lamp.radiance) * strength * answer


def from_tube(tube: Tube, surface: Surface) -> Array:
    """Light (3, N) that a tube sends to the eye by way of the surface; it casts no shadow and makes no highlight.

    The integral of cosine / distance^2 along a thin line has a closed form; half the radius makes it radiance.
    """
    along = column(tube.end) - column(tube.start)
    reach = length(along)
    along = along / reach
    offset = column(tube.start) - surface.point
    near = dot(along, offset)
    away = offset - along * near
    square = np.maximum(dot(away, away), tube.radius**2)
    facing, leaning = dot(surface.normal, away), dot(along, surface.normal)

    def until(t: Array) -> Array:
        return (facing * t / square - leaning) / np.sqrt(square + t * t)

    return column(tube.radiance) * surface.albedo * np.maximum(until(near + reach) - until(near), 0) * tube.radius / 2


def shade(
    surface: Surface, lamps: Sequence[Lamp], tubes: Sequence[Tube], bodies: Sequence[Body], reflected: Array
) -> Array:
    """Scene-linear ACEScg (3, N) from the surface to the eye; `reflected` (3, N) is what it mirrors."""
    ambient = openness(bodies, surface.point + surface.normal * LIFT, surface.normal)
    sky = acescg(GROUND) + (acescg(SKY) - acescg(GROUND)) * (0.5 + 0.5 * surface.normal[1])
    mirrored = reflected * fresnel(surface.reflectance, dot(surface.normal, surface.eye), surface.roughness)
    light = surface.glow + (surface.albedo * sky + mirrored) * ambient
    for lamp in lamps:
        light = light + from_lamp(lamp, surface, bodies)
    for tube in tubes:
        light = light + from_tube(tube, surface)
    return light
