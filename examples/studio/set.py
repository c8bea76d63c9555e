"""What stands where: the bodies, lamps and camera at a phase of the loop."""

from __future__ import annotations

import numpy as np

from .colors import AMBER, BLUE, CYAN, GREEN, RED
from .faces import human
from .goblin import goblin
from .lighting import Lamp, Tube
from .props import bulb, candle, chart, led, marble, neon, tube
from .shapes import Triple, blend
from .tracing import Body, Material, even

HERO: Triple = (-0.35, 2.45, 0.35)
WALL = -7.0  # z of the back wall
TABLE = -2.4  # z of the table's far edge; its top is y = 0
CANDLE: Triple = (-2.15, 0.0, 1.55)
BULB: Triple = (-2.35, 4.05, -1.6)
NEON: Triple = (-0.35, 2.85, -2.6)
NEON_RADIUS = 2.0
LIGHT_SKIN, DARK_SKIN, OLIVE_SKIN = (0.60, 0.36, 0.26), (0.115, 0.055, 0.034), (0.36, 0.20, 0.125)
AUBURN, BLACK, BROWN = (0.16, 0.045, 0.015), (0.006, 0.005, 0.005), (0.02, 0.012, 0.008)
DENIM, MUSTARD, WINE = (0.05, 0.09, 0.2), (0.42, 0.27, 0.05), (0.22, 0.03, 0.035)
TUBE_RADIANCE, TUBE_RADIUS = 30.0, 0.06  # 7 stops over mid gray
RED_RADIANCE = 18.0  # the wall around it stays under the most that a print shows of deep red
DOME_RADIANCE, DOME_RADIUS = 60.0, 0.09  # 8 stops over mid gray


def lit(color: Triple, radiance: float) -> Triple:
    """A color whose largest channel is 1, at this radiance."""
    red, green, blue = color
    return radiance * red, radiance * green, radiance * blue


TUBES = (
    Tube((-6.75, 0.4, WALL + 0.7), (-6.75, 4.6, WALL + 0.7), lit(RED, RED_RADIANCE), TUBE_RADIUS),
    Tube((3.2, 5.3, WALL + 0.7), (5.6, 5.3, WALL + 0.7), lit(GREEN, TUBE_RADIANCE), TUBE_RADIUS),
    Tube((7.0, 0.4, WALL + 0.7), (7.0, 4.6, WALL + 0.7), lit(BLUE, TUBE_RADIANCE), TUBE_RADIUS),
)


def people() -> tuple[Body, ...]:
    """The goblin in front, a person on the left and two on the right."""
    left = human((-3.05, 1.95, -0.9), 0.35, 0.72, LIGHT_SKIN, (0.42, 0.12, 0.1), ("bob", AUBURN), DENIM)
    middle = human((1.95, 2.15, -1.0), -0.15, 0.76, DARK_SKIN, (0.1, 0.035, 0.03), ("cropped", BLACK), MUSTARD)
    right = human((3.35, 1.95, -0.9), -0.4, 0.70, OLIVE_SKIN, (0.3, 0.09, 0.07), ("bun", BROWN), WINE)
    return (*goblin(HERO, 0.12, 1.12), *left, *middle, *right)


def room() -> tuple[Body, Body]:
    """A matte wall and a lacquered table with a rounded far edge."""
    matte = Material(even((0.055, 0.115, 0.15)), 1.0, 0.0)
    lacquer = Material(even((0.014, 0.011, 0.010)), 0.4, 0.02, mirror=True)
    return (
        Body(((lambda p: p[2] - WALL, matte),), casts=False),
        Body(((lambda p: -blend(-p[1], p[2] - TABLE, 0.16), lacquer),), casts=False),
    )


def bodies_at(phase: float) -> tuple[Body, ...]:
    """Everything in the picture; `phase` in radians runs once around the loop."""
    flicker = float(np.sin(3 * phase) * 0.6 + np.sin(5 * phase + 1) * 0.4)
    balls = (
        marble((0.95, 0.3, 1.75), 0.3, (0.02, 0.02, 0.02), mirror=True),
        marble((-1.35, 0.22, 2.15), 0.22, (0.5, 0.012, 0.01)),
        marble((1.45, 0.16, 2.35), 0.16, (0.02, 0.05, 0.42)),
    )
    card = chart((2.5, 0.62, 1.6), -0.25, -0.14)
    domes = [
        led((-0.8 + 0.29 * place, DOME_RADIUS, 1.75), DOME_RADIUS, lit(color, DOME_RADIANCE))
        for place, color in enumerate((RED, AMBER, GREEN, CYAN, BLUE))
    ]
    lights = (bulb(BULB), neon(NEON, NEON_RADIUS), *map(tube, TUBES), *domes)
    return (*room(), *people(), card, *candle(CANDLE, flicker), *lights, *balls)


def lamps_at(phase: float) -> tuple[Lamp, ...]:
    """Key, fill, two rims, a pool on the wall, and the practical lights."""
    key = (-3.5 + 0.5 * float(np.sin(phase)), 7.4, 5.6)
    flicker = 1 + 0.12 * float(np.sin(3 * phase) + np.sin(5 * phase + 1))
    around = [
        (NEON[0] + NEON_RADIUS * float(np.cos(a)), NEON[1] + NEON_RADIUS * float(np.sin(a)), NEON[2] + 0.15)
        for a in (0.5, 2.1, 3.7, 5.2)
    ]
    return (
        Lamp(key, (4.6, 4.25, 3.8), 8.4, (-0.35, 2.6, 0), (0.872, 0.99), 9.0, gloss=False),
        Lamp((5.5, 2.5, 7.0), (0.16, 0.19, 0.25), 9.0, gloss=False),
        Lamp((4.6, 6.0, -6.0), (6.5, 7.2, 8.6), 8.0, (0.2, 2.0, 0), (0.8, 0.95), 14.0),
        Lamp((-5.0, 5.6, -6.0), (5.0, 3.6, 2.3), 8.0, (-0.8, 2.0, 0), (0.8, 0.95), 14.0),
        Lamp((-0.4, 7.0, -3.0), (1.7, 1.7, 1.7), 5.5, (-0.4, 2.2, WALL), (0.66, 1.0), gloss=False),
        Lamp(BULB, (0.55, 0.36, 0.16), 1.6, gloss=False),
        Lamp((CANDLE[0], 1.15, CANDLE[2]), (0.62 * flicker, 0.25 * flicker, 0.05 * flicker), 1.0),
        *(Lamp(spot, (0.12, 0.006, 0.035), 1.0, gloss=False) for spot in around),
    )


def camera_at(phase: float) -> tuple[Triple, Triple]:
    """Eye and target: a slow sway."""
    return (0.45 * float(np.sin(phase)), 2.35 + 0.1 * float(np.cos(phase)), 9.4), (0.1, 1.9, 0.0)
