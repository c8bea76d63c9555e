"""How pixels get onto film, by the profile's chain: through a recorder, as the light of a scene, or from a scan."""

from __future__ import annotations

import numpy as np

from lattice.build.film_stage import FilmStage, Round, make_film_stage
from lattice.color.primaries import convert
from lattice.looks.profile import Profile
from lattice.types import Array

# Film-out. A channel that has CORE of the largest, or more, is written as it is: nine tenths of the way from gray to
# the edge of the primaries. One with less is lifted, and the least is LEAST of the largest: a recorder writes no
# negative light, and film shows strong pure light pale.
CORE, LEAST = 0.1, 1 / 64
WIDEST = 32.0  # stops; two channels are less apart. A power of two, by which float32 multiplies exactly
ENTRIES = 2049


def stage_of(profile: Profile) -> FilmStage:
    """Return what turns pixels in the profile's input primaries to film-layer exposures, after its `exposure`."""
    if profile.chain == "film-out":
        return FilmStage(np.eye(3), *_recorder())
    if not profile.has_film_stage or profile.negative.film_stage is None:
        return FilmStage(np.array(profile.film_matrix), (), np.eye(3))
    stage = make_film_stage(profile.negative.film_stage)
    return FilmStage(stage.mixing @ convert(profile.input, "ACEScg"), stage.rounds, stage.layers)


def _recorder() -> tuple[tuple[Round, ...], Array]:
    """Return a film-out's rounds, one for each channel, to which the others are lifted, and its layers.

    A later round undoes no earlier one, since all only lift.
    """
    from_red, from_green, from_blue = (
        [[1, 0, 0], [-1, 1, 0], [-1, 0, 1]],  # red; green and blue from it
        [[1, 1, 0], [0, -1, 0], [0, -1, 1]],  # green; red and blue from it
        [[1, 0, 1], [0, 1, -1], [0, 0, -1]],  # blue; red and green from it
    )
    lifts = np.repeat(_lifted()[None], 2, axis=0)
    rounds = tuple(Round(np.array(matrix, float), lifts, WIDEST) for matrix in (from_red, from_green, from_blue))
    return rounds, np.array([[1.0, 1, 0], [1, 0, 1], [1, 0, 0]])


def _lifted() -> Array:
    """Return the curve, (ENTRIES,) over -WIDEST to WIDEST stops, of a channel's log above that of a larger one."""
    stops = np.linspace(-WIDEST, WIDEST, ENTRIES)
    core, room = stops[np.searchsorted(stops, np.log2(CORE))], np.log2(CORE / LEAST)  # exact above an entry
    return np.where(stops < core, core + room * np.expm1((stops - core) / room), stops)
