"""Looks that a match is to find: shipped ones, changed as another lab might, and how colors are measured."""

from __future__ import annotations

from typing import Any

import numpy as np

from lattice.build import film_exposure, make_chain
from lattice.build.film import density
from lattice.build.instruments import colour_science
from lattice.build.seen import lab_slopes
from lattice.color.primaries import convert
from lattice.inspect.spectra import balance_lights, chart
from lattice.inspect.truth import camera
from lattice.looks import Profile, load_profile
from lattice.looks.display import DisplaySpec
from lattice.match import Reference, Wedge
from lattice.match.freedoms import LAYERS
from lattice.match.reference import seen
from lattice.types import MID_GRAY, Curve

REC1886 = DisplaySpec(primaries="Rec.709", gamma=2.4)
NOISE = 0.5  # CIEDE2000, root mean square
STEPS, WEDGE_NOISE = 21, 0.01


def changed(name: str, seed: int) -> Profile:
    """A shipped look with other curves, lights, silver and, of a camera, interimage."""
    random, look, place = np.random.default_rng(seed), load_profile(name), np.linspace(-1, 1, 12)
    curves = {}
    for layer in LAYERS:
        curve = getattr(look.print.curves, layer)
        level, tilt, bend = random.normal(0, 0.08, 3)
        exponent = level + tilt * place + bend * np.cos(np.pi * place) + random.normal(0, 0.03, 12)
        rises = np.maximum(np.diff(curve.density, prepend=0), 1e-4) * np.exp(exponent)
        curves[layer] = Curve(curve.log_exposure, np.minimum(np.cumsum(rises), 5.5))
    changes: dict[str, Any] = {
        "print": look.print.replace(curves=look.print.curves.replace(**curves)),
        "printer_lights": tuple(np.array(look.printer_lights) + random.normal(0, 2, 3)),
        "print_silver": float(np.clip(look.print_silver + random.uniform(-0.2, 0.25), 0, 1)),
    }
    if look.chain != "film-out":
        changes["interimage"] = float(np.clip(look.interimage + random.normal(0, 0.08), 0, 0.5))
    return look.replace(**changes)


def patches(primaries: str) -> Any:
    """The 24 patches of a chart in daylight (24, 3), its third gray at 0.18."""
    daylight = balance_lights()[1]
    pixels = (chart() * daylight) @ camera(daylight).T @ convert("ACEScg", primaries).T
    return pixels * MID_GRAY / pixels[21].mean()


def natural(count: int, seed: int) -> Any:
    """Scene colors (count, 3) of -4 to +4 stops, others than those that a fit draws."""
    random = np.random.default_rng(seed)
    color = np.exp(random.normal(0, 0.6, (count, 3)))
    return MID_GRAY * 2.0 ** random.uniform(-4, 4, (count, 1)) * color / (color @ [[0.2126], [0.7152], [0.0722]])


def shown(look: Profile, light: Any) -> Any:
    """CIELAB (n, 3) of a look on REC1886."""
    return seen(look, make_chain(look), film_exposure(look, light), REC1886, True)


def difference(first: Any, second: Any) -> Any:
    """CIEDE2000 (n,)."""
    return colour_science().difference.delta_E_CIE2000(first, second)


def measured(look: Profile, light: Any, seed: int, noise: float = NOISE) -> Reference:
    """A look's colors as an instrument measures them."""
    random, lab = np.random.default_rng(seed), shown(look, light)
    off = random.normal(0, 1, lab.shape) * noise / np.sqrt(3)
    found = lab + np.linalg.solve(lab_slopes(lab), off[..., None])[..., 0]
    return Reference(light, found, look.input, REC1886, ("all",) * len(light), np.full(len(light), noise))


def wedge_of(look: Profile, seed: int) -> Wedge:
    """A wedge of 21 steps on a look's print stock, as a densitometer reads it."""
    curves = [getattr(look.print.curves, layer) for layer in LAYERS]
    x = np.linspace(min(c.log_exposure[0] for c in curves), max(c.log_exposure[-1] for c in curves), STEPS)
    read = np.stack([density(curve, x) for curve in curves], axis=-1)
    return Wedge(x, read + np.random.default_rng(seed).normal(0, WEDGE_NOISE, read.shape), WEDGE_NOISE)
