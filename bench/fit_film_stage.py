"""Fit a negative's film-exposure stage to the spectral truth, and write it into the stock's TOML.

    python bench/fit_film_stage.py kodak_5219 [--tries 4] [--dry-run]

The fit looks at the picture: film exposures of the stage and of the truth go through the exact chain of a look (as a
table, for speed), and the errors are those of a compressed CIELAB. Beside the samples it holds guards: pure colors of
computer graphics stay what an artist calls them, noise does not grow, and no emitter meets the floor.
Prints CIEDE2000 mean/p95/max of each group of light and the paths of emitters, before and after, by the exact chain.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from itertools import product

import numpy as np
from film_stage_numbers import HIGH, LOW, MIXED, SPREAD, numbers, pack, unpack, write
from film_stage_table import Table
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, least_squares

from lattice.build.film_stage import FLOOR, FilmStage, exposures, log_exposures, make_film_stage
from lattice.inspect import spectra
from lattice.inspect.emitters import emitters, paths
from lattice.inspect.truth import Samples, both_lights, measure, scenes
from lattice.looks import Profile, load_profile, stock_names
from lattice.looks.toml import load_stock
from lattice.types import MID_GRAY

Array = NDArray[np.float64]
LOOK, INTERIMAGE = "vision-scan", 0.33
SOURCE = (
    "make fit-film-stage: least squares in the picture of vision under K = 0.33, against log_sensitivity times the "
    "spectra of surfaces, lamps, gels, LEDs and lasers (lattice/inspect/spectra.py)"
)
SHORT, LONG, SEED = 40, 150, 1  # steps of a fit that is tried, and of the best
WEIGHTS = {
    "reflectances": 7.0,
    "skin": 5.0,
    "reflectances, other lamps": 0.8,
    "gels": 3.0,
    "lamps": 0.4,
    "LEDs + white": 1.8,
    "LEDs": 1.0,
    "lasers": 0.4,
}
PATH_WEIGHTS = {"red 630": 0.6, "amber 595": 0.82, "green 525": 0.7, "cyan 500": 0.6, "blue 460": 0.6, "neon": 0.65}
# Where the common weights leave one group of a negative worse than the others' same group.
OWN_WEIGHTS = {"kodak_5248": {"gels": 4.6, "amber 595": 1.0}, "kodak_5277": {"amber 595": 1.0}}
YELLOW_WEIGHT, PURE_WEIGHT, OUTSIDE_WEIGHT = 0.3, 0.3, 0.3
ROBUST = 15.0  # errors grow as their square root beyond this
NUDGE = 1e-4  # of a number, for the slopes of the fit
# ACEScg yellow is the chromaticity of light that a negative sees as green; an artist wants yellow.
YELLOWS = {(1, 1, 0): (0.8, 1, 0.004), (1, 1, 0.02): (0.8, 1, 0.02), (1, 0.9, 0): (0.85, 0.9, 0.004)}
YELLOWS |= {(0.9, 1, 0): (0.65, 1, 0.004)}
# Pure colors and mixtures, and what two matrices with a root (fitted to each negative) expose with them on average.
PURE = {
    (1, 0, 0): (1.38, 0.002, 0.002),
    (0, 1, 0): (0.02, 1.08, 0.002),
    (0, 0, 1): (0.002, 0.02, 1.07),
    (0, 1, 1): (0.02, 1.09, 1.02),
    (1, 0, 1): (1.34, 0.005, 1.05),
    (1, 0.3, 0): (1.28, 0.23, 0.002),
    (0.5, 0, 1): (0.65, 0.008, 1.06),
    (0, 0.5, 1): (0.01, 0.55, 1.05),
    (0, 1, 0.3): (0.02, 1.08, 0.27),
    (1, 0, 0.3): (1.37, 0.002, 0.3),
}
PURE_STOPS = (-1, 1, 3)
# Outside of ACEScg, as cameras give saturated lights and dyes: negatives count as a little light.
OUTSIDE = np.array(
    [
        [[1, -0.05, -0.05], [1, -0.1, -0.05], [1, -0.3, -0.3], [1, 0.3, -0.1], [1, 0.6, -0.1]],
        [[-0.1, 1, -0.05], [-0.3, 1, 0], [-0.4, 1, -0.4], [0.8, 1, -0.2], [1, 1, -0.1]],
        [[-0.05, -0.1, 1], [-0.05, -0.2, 1], [0.2, -0.2, 1], [-0.3, 0.8, 1], [1, -0.2, 1]],
    ]
).reshape(-1, 3)
OUTSIDE_STOPS, LITTLE = (-2, 0, 2, 4, 6, 8), 0.005
STEP_UP = 1.02  # of one channel, for the gains of noise
MOST_GAIN, LEAST_OWN = 4.0, 0.1  # stops of a layer for a stop of noise in the channels, in its own channel
MOST_NOISE = 1.22  # of mid gray on the display, over what noise is without a stage
LEAST_LIGHT = 0.006  # of an emitter's largest mixed channel that its smallest holds
DARK_LEVELS = ((-5e-4, 0, 5e-4, 1e-3, 2.5e-3), (0, 3e-3, 6e-3))  # channels of noisy dark grays
MOST_SPARKLE, MOST_HOLE = 0.6, 1.0  # stops of the brightest layer above and below the largest channel
WILD_LEVELS = (0.03, 0.06, 0.12, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64)
WILD = 0.3
STIFF, SMALL = 0.15, 0.05  # of the curves' log slopes: how even, how small


def made_up(pairs: dict[tuple[float, ...], tuple[float, ...]]) -> Samples:
    """Return samples of pixels and the exposures wanted of them, at three levels."""
    pixels, film = (np.array(list(each), float) * MID_GRAY for each in (pairs.keys(), pairs.values()))
    return Samples(pixels, film).at(PURE_STOPS)


def stepped(colors: Array) -> Array:
    """Return colors (n, 3), then those with one channel higher: (4, n, 3)."""
    return np.stack([colors, *(colors * np.where(np.arange(3) == k, STEP_UP, 1.0) for k in range(3))])


class Problem:
    """What a stage of one negative is held to: `miss` are the errors of 62 numbers, `slopes` their derivatives."""

    def __init__(self, profile: Profile, own: dict[str, float]) -> None:
        """own: weights that replace the common ones, by group or path."""
        negative = profile.negative
        found, path = both_lights(negative), emitters(scenes(negative)[0])
        outside = Samples(MID_GRAY * OUTSIDE, MID_GRAY * np.maximum(OUTSIDE, LITTLE)).at(OUTSIDE_STOPS)
        sets = [found[name] for name in WEIGHTS] + [path[name] for name in PATH_WEIGHTS]
        sets += [made_up(YELLOWS), made_up(PURE), outside]
        common = {**WEIGHTS, **PATH_WEIGHTS, **own}
        weights = [*common.values(), YELLOW_WEIGHT, PURE_WEIGHT, OUTSIDE_WEIGHT]
        self.table = Table(profile)
        self.pixels = np.vstack([each.pixels for each in sets])
        self.wanted = self.table(np.log2(np.maximum(np.vstack([each.film for each in sets]), 1e-9)))[0]
        self.weights = np.concatenate(
            [np.full(len(s.pixels), np.sqrt(w / len(s.pixels))) for w, s in zip(weights, sets, strict=True)]
        )
        random = np.random.default_rng(7)
        self.random = stepped(MID_GRAY * 10 ** random.uniform(-2, 0.3, (120, 3)))
        self.gray = stepped(np.full((1, 3), MID_GRAY))
        self.seen = self.table(np.log2(self.gray[0]))[1][0]
        self.noisy = np.vstack([np.array(list(product(levels, repeat=3))) for levels in DARK_LEVELS])
        wild = random.uniform(-0.4, 1, (60, 3))
        wild = np.vstack([OUTSIDE, wild / wild.max(axis=1, keepdims=True)])
        self.wild = np.array(WILD_LEVELS)[:, None, None] * wild
        lights = [scene.sample(np.vstack([spectra.leds(), spectra.lasers()])).pixels for scene in scenes(negative)]
        self.lights = np.vstack(lights) / np.abs(np.vstack(lights)).max(axis=1, keepdims=True)

    def picture(self, vector: Array) -> tuple[Array, Array, Array]:
        """Return weighed errors (n, 3); for their slopes those of the table (n, 3, 3), and the errors as they are."""
        values, slopes = self.table(log_exposures(unpack(vector), self.pixels))
        errors = values - self.wanted
        return errors * self.shrink(errors)[:, None], slopes, errors

    def shrink(self, errors: Array) -> Array:
        """Return the weight of each error: that of its sample, less for a large one."""
        return self.weights * (1 + (errors**2).sum(axis=1) / ROBUST**2) ** -0.25

    def guards(self, vector: Array) -> Array:
        """Return the errors of the guards: 0 where a stage behaves."""
        stage = unpack(vector)
        gray, gains = (self.gains(stage, colors) for colors in (self.gray, self.random))
        mixed = self.lights @ stage.mixing.T
        dark = mixed.min(axis=1) / mixed.max(axis=1)
        sparkle, wild = self.above(stage, self.noisy), self.above(stage, self.wild)
        falls = -np.diff(log_exposures(stage, self.wild), axis=0)
        log_slopes = np.insert(vector[-40:].reshape(4, 10), 5, 0.0, axis=1)
        own = np.stack([gains[k, :, k] for k in range(3)])
        return np.concatenate(
            [
                [20 * max(np.linalg.norm(gray[:, 0] @ self.seen.T) / np.linalg.norm(self.seen) - MOST_NOISE, 0)],
                0.3 * np.maximum(np.linalg.norm(gains, axis=0).ravel() - MOST_GAIN, 0),
                1.5 * np.maximum(LEAST_OWN - own.ravel(), 0),
                500 * np.maximum(LEAST_LIGHT - dark, 0),
                np.maximum(sparkle - MOST_SPARKLE, 0),
                WILD * (np.maximum(wild - MOST_SPARKLE, 0) + np.maximum(-MOST_HOLE - wild, 0)).ravel(),
                WILD * np.maximum(falls, 0).ravel(),
                STIFF * np.diff(log_slopes, 2, axis=1).ravel(),
                SMALL * log_slopes.ravel(),
                0.1 * vector[6:10],
            ]
        )

    def above(self, stage: FilmStage, pixels: Array) -> Array:
        """Return the stops of the brightest layer above the largest channel."""
        return log_exposures(stage, pixels).max(axis=-1) - np.log2(np.maximum(pixels.max(axis=-1), FLOOR))

    def gains(self, stage: FilmStage, colors: Array) -> Array:
        """Return log2 exposure of each layer by log2 of each channel: (3 channels, n, 3 layers)."""
        level = log_exposures(stage, colors)
        return (level[1:] - level[0]) / np.log2(STEP_UP)

    def miss(self, vector: Array) -> Array:
        """Return all errors: of the picture, then of the guards."""
        return np.concatenate([self.picture(vector)[0].ravel(), self.guards(vector)])

    def slopes(self, vector: Array) -> Array:
        """Return the derivatives of `miss`: exposures by small steps, the picture by the table's slopes."""
        _, table, errors = self.picture(vector)
        here, guards = log_exposures(unpack(vector), self.pixels), self.guards(vector)
        shrink = self.shrink(errors)[:, None]
        lean = 0.5 * errors / (ROBUST**2 + (errors**2).sum(axis=1, keepdims=True))
        columns = []
        for k in range(vector.size):
            moved = vector.copy()
            moved[k] += NUDGE
            change = (log_exposures(unpack(moved), self.pixels) - here) / NUDGE
            shown = np.einsum("nij,nj->ni", table, change)
            shown = shrink * (shown - lean * (errors * shown).sum(axis=1, keepdims=True))
            columns.append(np.concatenate([shown.ravel(), (self.guards(moved) - guards) / NUDGE]))
        return np.stack(columns, axis=1)


def show(title: str, profile: Profile, stage: Callable[[Array], Array]) -> None:
    """Print what a stage reaches by the exact chain."""
    print(title)
    for name, found in measure(profile, stage).items():
        print(f"  {name:26}{found}")
    for name, path in paths(profile, stage).items():
        print(f"  {name:26}{path}", flush=True)


def search(problem: Problem, starts: list[Array], tries: int) -> OptimizeResult:
    """Return the best fit from all starts and from places near the first one, carried to its end."""
    random = np.random.default_rng(SEED)

    def fit(first: Array, rounds: int) -> OptimizeResult:
        inside = np.clip(first, LOW + 1e-6, HIGH - 1e-6)
        return least_squares(problem.miss, inside, problem.slopes, bounds=(LOW, HIGH), x_scale="jac", max_nfev=rounds)

    def near(start: Array) -> Array:
        mixed = start[:MIXED] * np.exp(SPREAD[-1] * random.normal(size=MIXED))
        return np.concatenate([mixed, (start + SPREAD * random.normal(size=start.size))[MIXED:]])

    found = []
    for start in [*starts, *(near(starts[0]) for _ in range(tries))]:
        found.append(fit(start, SHORT))
        print(f"  start {len(found)}: cost {found[-1].cost:.2f}", flush=True)
    return fit(min(found, key=lambda each: each.cost).x, LONG)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stock", help="a negative with spectra, such as kodak_5219")
    parser.add_argument("--tries", type=int, default=4, help="starts near its own stage, beside those of all negatives")
    parser.add_argument("--dry-run", action="store_true", help="print, write nothing")
    asked = parser.parse_args()
    stages = [load_stock(name).film_stage for name in dict.fromkeys([asked.stock, *stock_names()])]
    known = [stage for stage in stages if stage is not None]
    profile = load_profile(LOOK).replace(negative=asked.stock, interimage=INTERIMAGE)
    show("start", profile, partial(exposures, make_film_stage(known[0])))
    found = search(Problem(profile, OWN_WEIGHTS.get(asked.stock, {})), [pack(stage) for stage in known], asked.tries)
    fitted = numbers(found.x)
    show(f"fitted, cost {found.cost:.2f}", profile, partial(exposures, make_film_stage(fitted)))
    if not asked.dry_run:
        write(asked.stock, fitted, SOURCE)


if __name__ == "__main__":
    main()
