"""The colors that a fit looks at: of scenes, of lights and of the whole lattice, and how much each of them counts."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

import numpy as np

from lattice.build.chain import Chain
from lattice.build.display import encode_nodes, make_display
from lattice.build.film_stage import exposures
from lattice.build.onto_film import stage_of
from lattice.build.shaper import Shaper, stops_of
from lattice.color.primaries import convert, rgb_to_xyz
from lattice.looks.profile import DisplaySpec, Profile
from lattice.types import MID_GRAY, Array

# How many colors of each kind there are, and how much one of them counts: found by trial on other samples.
NATURAL, LIGHTS, UNIFORM, GRAYS = 75_000, 35_000, 40_000, 4_000
NATURAL_WEIGHT, LIGHT_WEIGHT, UNIFORM_WEIGHT, GRAY_WEIGHT = 1.0, 1.5, 0.3, 1.5
GRAY_STOPS, NATURAL_SPREAD = (-7.0, 6.0), 0.7  # stops: range of natural colors, and their scatter per channel
# In ACEScg, a little wider than LEDs and lasers are there: stops of a light's strongest channel about mid gray, stops
# of another below that, and the share of it that the third has.
LIGHT_STOPS, SECOND_STOPS, THIRD = (-4.0, 12.0), (-7.0, 0.0), (-0.3, 0.4)
BEYOND = 0.2  # of the lattice's edge: uniform colors from as far outside are held to its faces, as pure light is
SOME = 30_000  # of the colors that are not gray, for the rounds


def natural_colors(count: int, random: np.random.Generator) -> Array:
    """Draw scene colors (count, 3): grays of -7 to +6 stops with 0.7 stops of scatter per channel."""
    gray = random.uniform(*GRAY_STOPS, (count, 1))
    return MID_GRAY * 2.0 ** (gray + random.normal(0, NATURAL_SPREAD, (count, 3)))


def pure_lights(count: int, random: np.random.Generator) -> Array:
    """Draw the light of LEDs, lasers and gels, from black to over-exposed: ACEScg (count, 3), partly negative."""
    second, third = 2.0 ** random.uniform(*SECOND_STOPS, count), random.uniform(*THIRD, count)
    color = random.permuted(np.stack([np.ones(count), second, third], axis=-1), axis=1)
    return MID_GRAY * 2.0 ** random.uniform(*LIGHT_STOPS, (count, 1)) * color


def gray_scale(count: int) -> Array:
    """Return grays (count, 3) of -7 to +6 stops, evenly spaced in stops."""
    return MID_GRAY * 2.0 ** np.linspace(*GRAY_STOPS, count)[:, None] * np.ones(3)


@dataclass(frozen=True)
class Samples:
    """stops: (n, 3) film exposures after the coupling, log2 over mid gray; nodes: (n, 3) wanted lattice values there.

    form: (n, 6), as in `Placed`. share: (n,) how much each counts.
    """

    stops: Array
    nodes: Array
    form: Array
    share: Array

    @property
    def weight(self) -> Array:
        """Return weights (n,) of squared errors of node values, by which equal errors look equal."""
        return self.share * self.form[:, :3].sum(axis=1)

    def some(self, random: np.random.Generator) -> Samples:
        """Draw 30,000 of the colors; all grays, which come last, are kept."""
        colors = len(self.stops) - GRAYS
        rows = np.concatenate([random.choice(colors, SOME, replace=False), np.arange(colors, len(self.stops))])
        return Samples(self.stops[rows], self.nodes[rows], self.form[rows], self.share[rows])


def draw_samples(
    profile: Profile, chain: Chain, shaper: Shaper, random: np.random.Generator, kernels: ModuleType
) -> Samples:
    """Draw the colors of a fit. They are weighed as the default display shows them, whatever the profile's display is,
    so that a look has one lattice for every display.

    kernels: as in `fit`. Spectra are in single precision, which moves a node by a few of a float32's last bits.
    """
    lights = pure_lights(LIGHTS, random) @ convert("ACEScg", profile.input).T
    scene = np.concatenate([natural_colors(NATURAL, random), lights])
    uniform = np.clip(random.uniform(-BEYOND, 1 + BEYOND, (UNIFORM, 3)), 0, 1)
    received = chain.coupled(exposures(stage_of(profile), scene))
    film = np.concatenate([received, shaper.exposure(uniform), gray_scale(GRAYS)])
    nodes = encode_nodes(chain.uncoupled().seen_by(kernels.spectra).project(film), chain)
    weights = [NATURAL_WEIGHT, LIGHT_WEIGHT, UNIFORM_WEIGHT, GRAY_WEIGHT]
    share = np.repeat(weights, [NATURAL, LIGHTS, UNIFORM, GRAYS])
    return Samples(stops_of(film), nodes, kernels.forms(nodes, _shown(profile, chain)), share)


def _shown(profile: Profile, chain: Chain) -> Array:
    """Return the matrix (3, 3) from the light of node values to XYZ over that of the default display's white."""
    display = DisplaySpec()
    to_xyz = rgb_to_xyz(display.primaries)
    shown = to_xyz @ make_display(profile.replace(display=display), chain).matrix
    return np.asarray(shown / to_xyz.sum(axis=1)[:, None])
