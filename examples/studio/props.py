"""Things on the table and around it: candle, bulb, neon ring, LEDs, polished balls, color chart."""

from __future__ import annotations

from functools import partial

import numpy as np

from .chart import card, card_color
from .colors import acescg
from .lighting import Tube
from .shapes import Array, Triple, ball, blend, column, cylinder, ellipsoid, limb, ring, smoothstep
from .tracing import Body, Material, even

UNLIT = (0.0, 0.0, 0.0)  # albedo of things that only glow
CAP = 0.12  # length of a tube's black end
LED_FOCUS = 6  # power of the cosine by which a dome's light falls to its rim


def flame(p: Array) -> Array:
    """A drop drawn out to a point."""
    root = ellipsoid(p, (0, 0.12, 0), (0.085, 0.15, 0.085))
    return blend(root, limb(p, (0, 0.12, 0), (0, 0.46, 0), 0.05, 0.006), 0.08)


def flame_glow(p: Array, facing: Array) -> Array:
    """Yellow-white inside, orange at the rim and tip, blue-dark at the root."""
    core = np.clip(facing, 0, 1) ** 1.5 * smoothstep(0.5, 0.12, p[1])
    light = acescg((6.0, 1.2, 0.08)) * (1 - core) + acescg((30.0, 17.0, 5.0)) * core
    return light * (0.25 + 0.75 * smoothstep(-0.04, 0.1, p[1]))


def wax_glow(p: Array, facing: Array) -> Array:
    """Light of the flame that soaks through the top of the candle."""
    return acescg((1.5, 0.5, 0.1)) * smoothstep(0.35, 0.9, p[1]) ** 2 * (0.4 + 0.6 * np.clip(facing, 0, 1))


def candle(foot: Triple, flicker: float) -> tuple[Body, Body]:
    """Wax that stands at `foot`, and its flame, which sways and stretches with `flicker` in -1..1."""
    stick = partial(cylinder, center=(0, 0.42, 0), radius=0.2, half_height=0.42, rounding=0.05)
    wax = Material(even((0.62, 0.5, 0.34)), 0.4, 0.04, 1.0, wax_glow)
    fire = Material(even(UNLIT), 1.0, 0.0, 0.0, flame_glow)
    top, sway, stretch = (foot[0], 0.92, foot[2]), 0.12 * flicker, 1 + 0.1 * flicker
    return (
        Body(((stick, wax),), foot, bound=1.1, breaks_frame=True),
        Body(((flame, fire),), top, tilt=sway, scale=stretch, bound=0.52, casts=False),
    )


def bulb_glow(p: Array, facing: Array) -> Array:
    """Hot in the middle, amber at the rim."""
    core = np.clip(facing, 0, 1) ** 5
    return acescg((1.6, 0.6, 0.12)) * (1 - core) + acescg((26.0, 18.0, 9.0)) * core


def bulb_glass(p: Array) -> Array:
    """A pear."""
    return blend(ball(p, (0, 0, 0), 0.24), limb(p, (0, 0, 0), (0, 0.28, 0), 0.12, 0.1), 0.12)


def bulb(origin: Triple) -> Body:
    """A bare bulb in its socket on a cord."""
    socket = partial(cylinder, center=(0, 0.42, 0), radius=0.115, half_height=0.13, rounding=0.03)
    cord = partial(limb, start=(0, 0.5, 0), end=(0, 3, 0), radius=0.02, end_radius=0.02)
    glass = Material(even(UNLIT), 0.1, 0.04, 0.0, bulb_glow)
    dark = Material(even((0.018, 0.016, 0.014)))
    return Body(((bulb_glass, glass), (socket, dark), (cord, dark)), origin, bound=3.1, casts=False)


def neon_glow(p: Array, facing: Array) -> Array:
    """Saturated at the tube's rim, washed out along its middle."""
    core = np.clip(facing, 0, 1) ** 6
    return acescg((3.4, 0.03, 0.6)) * (1 - core) + acescg((8.0, 1.0, 3.2)) * core


def neon(origin: Triple, radius: float) -> Body:
    """An upright ring of neon."""
    tube = partial(ring, center=(0, 0, 0), radius=radius, tube=0.05)
    gas = Material(even(UNLIT), 0.2, 0.04, 0.0, neon_glow)
    return Body(((tube, gas),), origin, bound=radius + 0.1, casts=False)


def tube(light: Tube) -> Body:
    """An LED tube: a diffuser that glows, a black cap at each end."""
    axis = np.subtract(light.end, light.start)
    cap = CAP * axis / np.linalg.norm(axis)
    ends = [(light.start, tuple(light.start - cap)), (light.end, tuple(light.end + cap))]
    wide = light.radius * 1.15
    caps = [partial(limb, start=a, end=b, radius=wide, end_radius=wide) for a, b in ends]
    diffuser = partial(limb, start=light.start, end=light.end, radius=light.radius, end_radius=light.radius)
    glow = Material(even(UNLIT), 1.0, 0.0, 0.0, lambda p, facing: column(light.radiance) * (0.55 + 0.45 * facing))
    black = Material(even((0.012, 0.012, 0.012)), 0.5)
    middle = tuple(np.add(light.start, light.end) / 2)
    bound = float(np.linalg.norm(axis)) / 2 + CAP + wide
    return Body(((diffuser, glow), *((each, black) for each in caps)), bound=bound, center=middle, casts=False)


def led(center: Triple, radius: float, radiance: Triple) -> Body:
    """A round LED in a clear dome: `radiance`, ACEScg, at its core, a hundredth of it at the dome's rim."""

    def glow(p: Array, facing: Array) -> Array:
        return column(radiance) * (0.01 + 0.99 * np.clip(facing, 0, 1) ** LED_FOCUS)

    dome = partial(ball, center=(0, 0, 0), radius=radius)
    clear = Material(even((0.02, 0.02, 0.02)), 0.1, 0.04, 0.0, glow)
    return Body(((dome, clear),), center, bound=radius * 1.02, casts=False, breaks_frame=True)


def marble(center: Triple, radius: float, color: Triple, mirror: bool = False) -> Body:
    """A polished ball; a mirror one is chrome."""
    shape = partial(ball, center=(0, 0, 0), radius=radius)
    polish = Material(even(color), 0.06, 0.9 if mirror else 0.05, mirror=mirror)
    return Body(((shape, polish),), center, bound=radius * 1.01, breaks_frame=True)


def chart(origin: Triple, yaw: float, tilt: float) -> Body:
    """The color chart, matte, leaning back by `tilt` radians."""
    return Body(((card, Material(card_color, 0.9, 0.01)),), origin, yaw, tilt, 0.95, bound=1.15, breaks_frame=True)
