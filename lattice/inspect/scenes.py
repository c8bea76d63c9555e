"""Scene colors that a lattice is measured on; none of them was fitted. All are in a profile's input primaries."""

from __future__ import annotations

import numpy as np

from lattice.build.samples import gray_scale, natural_colors
from lattice.color.primaries import convert
from lattice.inspect import spectra
from lattice.inspect.emitters import emitters
from lattice.inspect.truth import Scene, emitter_groups, seen
from lattice.looks import Profile
from lattice.types import MID_GRAY, Array

COLORS, GRAYS, SEED = 30_000, 4_001, 99  # the fit draws from another seed
SATURATED_STOPS, SATURATED_SPREAD = (-5.0, 5.0), 2.0
STEPS = 1024  # of a gradient: those of a 10-bit picture
EMITTER_STOPS, GRAY_STOPS, SKIN_STOPS = (-4.0, 10.0), (-7.0, 7.0), (3.0, -7.0)
# ACEScg, at a normal exposure: white haze at the horizon, deep blue 90 degrees from the sun. Made up.
HORIZON, ZENITH, SKY_STOPS = (1.0, 1.05, 1.1), (0.02, 0.06, 0.3), (-2, 0, 2)
CHART = {"orange": 6, "blue": 12, "green": 13, "red": 14, "yellow": 15, "magenta": 16}  # numbers of patches, from 0
BLENDS = (("orange", "blue"), ("red", "green"), ("magenta", "yellow"))
CROSSFADES, CROSSFADE_STOPS = (("red 630", "green 525"), ("green 525", "blue 460"), ("blue 460", "red 630")), 2.0


def colors(profile: Profile) -> dict[str, Array]:
    """Return scene colors (n, 3) by their kind: natural, saturated, emitters, gray.

    Emitters are LEDs, LEDs beside white, and lasers, as `truth.emitter_groups` has them under both lights.
    """
    random = np.random.default_rng(SEED)
    gray = random.uniform(*SATURATED_STOPS, (COLORS, 1))
    saturated = MID_GRAY * 2.0 ** (gray + random.normal(0, SATURATED_SPREAD, (COLORS, 3)))
    lights = [group.pixels for scene in seen(profile.negative) for group in emitter_groups(scene).values()]
    return {
        "natural": natural_colors(COLORS, random),
        "saturated": saturated,
        "emitters": np.vstack(lights) @ convert("ACEScg", profile.input).T,
        "gray": gray_scale(GRAYS),
    }


def emitter_paths(profile: Profile) -> dict[str, Array]:
    """Return the pixels (1024, 3) of six lights by name, each from -4 to +10 stops of its strongest layer."""
    own, to_input = seen(profile.negative)[0], convert("ACEScg", profile.input)
    found = emitters(own, np.linspace(*EMITTER_STOPS, STEPS))
    return {name: samples.pixels @ to_input.T for name, samples in found.items()}


def gradients(profile: Profile) -> dict[str, Array]:
    """Return the pixels (1024, 3) of smooth gradients by name: skies, skin, gray, blends, and the emitters' paths."""
    own, to_input = seen(profile.negative)[0], convert("ACEScg", profile.input)
    pixels = {
        **{f"sky at {stops:+d} stops": 2.0**stops * _even_stops(HORIZON, ZENITH) for stops in SKY_STOPS},
        **_skin(own),
        **_blends(own),
    }
    gray = MID_GRAY * 2.0 ** np.linspace(*GRAY_STOPS, STEPS)[:, None] * np.ones(3)
    return {**{name: each @ to_input.T for name, each in pixels.items()}, "gray": gray, **emitter_paths(profile)}


def _skin(scene: Scene) -> dict[str, Array]:
    """Light that falls off over dark and light skin."""
    dark, light = _patches(scene)[list(spectra.SKIN_CHART)]
    falloff = 2.0 ** np.linspace(*SKIN_STOPS, STEPS)[:, None]
    return {"dark skin": dark * falloff, "light skin": light * falloff}


def _blends(scene: Scene) -> dict[str, Array]:
    """One surface over another, and stage lights that take turns: both mix in linear light."""
    patches = _patches(scene)
    lights = {name: each.pixels[0] for name, each in emitters(scene, np.array([CROSSFADE_STOPS])).items()}
    ends = {f"{a} to {b}": (patches[CHART[a]], patches[CHART[b]]) for a, b in BLENDS}
    ends |= {f"{a} to {b}": (lights[a], lights[b]) for a, b in CROSSFADES}
    share = np.linspace(0, 1, STEPS)[:, None]
    return {name: (1 - share) * first + share * last for name, (first, last) in ends.items()}


def _patches(scene: Scene) -> Array:
    return scene.sample(spectra.chart() * scene.light).pixels


def _even_stops(first: tuple[float, ...], last: tuple[float, ...]) -> Array:
    """Return colors (1024, 3) from one to another; each channel falls by as many stops a step."""
    return np.exp2(np.linspace(np.log2(first), np.log2(last), STEPS))
