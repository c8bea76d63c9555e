"""What a LUT loses of the look that it was sampled from, measured on colors that are no nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lattice.build.instruments import colour_science
from lattice.build.seen import cie_lab
from lattice.color.displays import display_in
from lattice.color.primaries import convert, rgb_to_xyz
from lattice.export.bake import Source
from lattice.export.recipe import BRIGHTEST, Recipe
from lattice.interp import process
from lattice.process_list import ProcessList
from lattice.sdev.asked import told_display
from lattice.types import Array

Steps = tuple[float, float, float]
LOSS = "loss"  # the fact of a file that says how near it is to what it was made of
MOST_OF_ALL = 0.99  # of colors in range, above which the others are not told
SHORT = {"natural": "natural", "gray": "gray", "saturated": "saturated", "emitters": "LEDs and lasers"}


@dataclass(frozen=True)
class Loss:
    """CIEDE2000 of a kind of colors: mean, 99th percentile, largest. share: of them that the file takes, within its
    range. taken: the three numbers of these alone."""

    mean: float
    p99: float
    largest: float
    share: float
    taken: Steps

    def __str__(self) -> str:
        every = "/".join(f"{each:.2f}" for each in (self.mean, self.p99, self.largest))
        if self.share > MOST_OF_ALL:
            return every
        inside = "/".join(f"{each:.2f}" for each in self.taken)
        return f"{every} ({100 * self.share:.0f} % are in its range: {inside})"


def measure(source: Source, recipe: Recipe, lists: Sequence[ProcessList], scenes: dict[str, Array]) -> dict[str, Loss]:
    """Return the loss of each kind of scene colors (n, 3), which are in the source's primaries.

    lists: as `bake` returns them. Colors below what the file can be given are part of the loss.
    """
    shown = display_in(source.facts)
    to_xyz = rgb_to_xyz("Rec.709" if shown is None else shown[0])

    def lab(codes: Array) -> Array:
        return cie_lab(source.display.decode(np.clip(codes, 0, 1)) @ to_xyz.T / to_xyz.sum(axis=1))

    found = {}
    for kind, scene in scenes.items():
        light = scene @ convert(source.primaries, recipe.primaries, recipe.space.adaptation).T
        given = (recipe.space.encode(light) if recipe.shaper == "none" else light).T
        is_taken = (given.max(axis=0) <= (1 if recipe.shaper == "none" else BRIGHTEST)) & (given.min(axis=0) >= 0)
        for each in lists:
            given = process.run(each.nodes, given)
        steps = np.asarray(colour_science().difference.delta_E_CIE2000(lab(given.T), lab(source.codes(scene))))
        found[kind] = Loss(*_seen(steps), float(is_taken.mean()), _seen(steps[is_taken]))
    return found


def between(codes: Array, others: Array, facts: Mapping[str, str]) -> Steps | None:
    """Return CIEDE2000 of display codes (n, 3), held to [0, 1], mean, 99th percentile and largest; None where facts do
    not tell whose codes they are."""
    display, shown = told_display(facts), display_in(facts)
    if display is None or shown is None:
        return None
    to_xyz = rgb_to_xyz(shown[0])

    def lab(values: Array) -> Array:
        return cie_lab(display.decode(np.clip(values, 0, 1)) @ to_xyz.T / to_xyz.sum(axis=1))

    return _seen(np.asarray(colour_science().difference.delta_E_CIE2000(lab(codes), lab(others))))


def _seen(steps: Array) -> Steps:
    return (float(steps.mean()), float(np.percentile(steps, 99)), float(steps.max())) if len(steps) else (0.0, 0.0, 0.0)


def told(losses: dict[str, Loss]) -> str:
    """Return the losses in one line for people."""
    return "CIEDE2000 mean/p99/max: " + ", ".join(f"{SHORT[kind]} {loss}" for kind, loss in losses.items())
