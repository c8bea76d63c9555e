"""How pixels get onto film: a recorder's film-out, the camera's negative, a scan; each as the device holds it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from basics import one_line
from film_samples import grays, lab
from stage_samples import FLOOR

from lattice.build import film_exposure, make_chain, simulate
from lattice.build.onto_film import CORE, LEAST, stage_of
from lattice.build.samples import gray_scale, natural_colors
from lattice.build.shaper import make_shaper
from lattice.build.steps import to_lattice
from lattice.color.primaries import convert, rgb_to_xyz
from lattice.interp import reference
from lattice.looks import Profile, load_profile, profile_names
from lattice.types import MID_GRAY, FilmStage, Table

FILM_OUTS = [name for name in profile_names() if load_profile(name).chain == "film-out"]
EVERY_FILM_OUT = pytest.mark.parametrize("name", FILM_OUTS)
# ACEScg of light-emitting diodes of 630, 595, 525, 500 and 460 nm and of a neon sign. Source: their spectra, as in
# lattice/inspect/spectra.py, seen under 3200 K.
EMITTERS = {
    "red": (1.0, 0.016, 0.015),
    "amber": (1.0, 0.403, 0.02),
    "green": (-0.16, 1.0, 0.149),
    "cyan": (-0.253, 0.832, 1.0),
    "blue": (0.039, -0.011, 1.0),
    "neon": (1.0, 0.165, 0.017),
}
STOPS = np.arange(-4, 10.01, 0.25)
MAGENTA = (312.0, 360.0)  # hue of L*a*b* in degrees; the bluest of the display's own is 306


@cache
def shipped(name: str, **changes: Any) -> Profile:
    return load_profile(name).replace(**changes)


def outside(count: int, seed: int = 3) -> Any:
    """Colors of all kinds, with negatives: (count, 3)."""
    random = np.random.default_rng(seed)
    return MID_GRAY * 2.0 ** random.uniform(-7, 7, (count, 1)) * random.uniform(-0.3, 1, (count, 3))


@EVERY_FILM_OUT
def test_each_channel_alone_has_the_print_exposure_of_a_neutral(name: str) -> None:
    chain, scene = make_chain(shipped(name)), natural_colors(500, np.random.default_rng(1))
    found = chain.print_exposure(scene)
    for k in range(3):
        neutral = chain.print_exposure(np.repeat(scene[:, k : k + 1], 3, axis=1))
        assert np.abs(found[:, k] - neutral[:, k]).max() < 1e-9


@EVERY_FILM_OUT
def test_gray_is_that_of_a_scan_whichever_chain(name: str) -> None:
    scene = gray_scale(300)
    assert simulate(shipped(name), scene) == pytest.approx(simulate(shipped(name, chain="scan"), scene), abs=1e-12)


def test_colors_well_inside_the_primaries_are_written_as_they_are() -> None:
    scene, look = natural_colors(20_000, np.random.default_rng(2)), shipped("vision")
    inside = scene.min(axis=1) >= CORE * scene.max(axis=1)
    written = film_exposure(look, scene)
    assert 0.9 < inside.mean() < 1
    assert written[inside] == pytest.approx(scene[inside], rel=1e-9)
    assert (written[~inside].min(axis=1) > scene[~inside].min(axis=1)).all()


def test_the_least_of_a_color_is_a_share_of_its_largest() -> None:
    written = film_exposure(shipped("vision"), outside(20_000))
    bright = written.max(axis=1) > FLOOR / LEAST
    shares = written[bright].min(axis=1) / written[bright].max(axis=1)
    assert shares.min() >= LEAST * (1 - 1e-9)
    assert film_exposure(shipped("vision"), [[0.0, 0, 1]])[0] == pytest.approx([LEAST, LEAST, 1], rel=0.06)


def test_a_recorder_keeps_the_order_of_channels_and_the_largest() -> None:
    scene = np.maximum(outside(20_000), 2 * FLOOR)
    written = film_exposure(shipped("vision"), scene)
    assert written.max(axis=1) == pytest.approx(scene.max(axis=1), rel=1e-9)
    order = np.argsort(scene, axis=1)
    assert np.diff(np.take_along_axis(written, order, axis=1), axis=1).min() >= -1e-9


def test_twice_the_light_is_twice_the_exposure() -> None:
    scene = np.abs(outside(3000)) + 64 * FLOOR
    for look in (shipped("vision"), shipped("vision-5219")):
        assert film_exposure(look, 4 * scene) == pytest.approx(4 * film_exposure(look, scene), rel=2e-3)


def shown(look: Profile, scene: Any) -> Any:
    """L*, C*, hue of what the display shows, (n, 3)."""
    from lattice.build import render

    codes = render(look, scene)
    light = np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)
    values = lab(light @ rgb_to_xyz("Rec.709").T)
    hue = np.degrees(np.arctan2(values[:, 2], values[:, 1])) % 360
    return np.stack([values[:, 0], np.hypot(values[:, 1], values[:, 2]), hue], axis=1)


@pytest.mark.parametrize("emitter", EMITTERS)
@pytest.mark.parametrize("name", ["vision", "premier", "fuji"])
def test_strong_light_pales_on_its_way_and_never_darkens(name: str, emitter: str) -> None:
    color = np.array(EMITTERS[emitter]) @ convert("ACEScg", "Rec.709").T
    path = shown(shipped(name), MID_GRAY * 2.0 ** STOPS[:, None] * color / color.max())
    assert np.diff(path[:, 0]).min() >= -1e-6
    assert path[-1, 1] < path[:, 1].max() / 2
    if emitter in ("red", "blue"):
        seen = path[path[:, 1] > 10]
        assert not ((seen[:, 2] > MAGENTA[0]) & (seen[:, 2] < MAGENTA[1])).any()


CHAINS = {
    "film-out": {"name": "vision"},
    "film-out of P3": {"name": "vision", "input": "Display P3"},
    "camera": {"name": "vision-5219"},
    "camera in Rec.2020": {"name": "vision-5219", "input": "Rec.2020"},
    "camera without coupling": {"name": "vision-5219", "interimage": 0},
    "a matrix of one's own": {"name": "vision-camera"},
    "a coupled scan": {"name": "vision-scan", "interimage": 0.2},
    "a coupled scan of a dense negative": {"name": "vision-scan", "interimage": 0.2, "negative_stops": 4},
    "a brighter scene": {"name": "vision-5219", "exposure": 1.5},
}


@pytest.mark.parametrize("kind", CHAINS)
def test_the_steps_of_a_device_are_the_stage_the_coupling_and_the_shaper(kind: str) -> None:
    look = shipped(**CHAINS[kind])
    chain, stage = make_chain(look), stage_of(look)
    shaper = make_shaper(look, chain)
    table = to_lattice(stage, chain, shaper)
    assert isinstance(table, FilmStage)
    scene = np.concatenate([natural_colors(2000, np.random.default_rng(4)), np.abs(outside(2000)), np.eye(3)])
    light = 2.0**look.exposure * scene @ stage.mixing.T
    wanted = shaper.coordinate(chain.coupled(film_exposure(look, scene)))
    held = light.min(axis=1) > 2 * FLOOR if stage.rounds else np.full(len(scene), True)
    assert np.abs(reference.expose(table, light.T).T - wanted)[held].max() < 2e-6


def test_a_plain_scan_needs_no_steps() -> None:
    look = shipped("vision-scan")
    assert isinstance(to_lattice(stage_of(look), make_chain(look), make_shaper(look, make_chain(look))), Table)


@pytest.mark.parametrize(
    ("name", "changes", "says"),
    [
        ("vision", {"interimage": 0.2}, 'interimage: in a film-out no layer sees another; chain = "camera" or "scan"'),
        ("vision", {"film_matrix": ((0.9, 0.1, 0), (0, 1, 0), (0, 0, 1))}, "film_matrix: in a film-out no layer sees"),
        ("eterna", {"chain": "camera"}, "has no film_stage for a camera; give a film_matrix, or chain ="),
        ("vision", {"chain": "filmout"}, "chain"),
    ],
)
def test_fields_that_a_chain_does_not_have_are_told_in_a_line(name: str, changes: Any, says: str) -> None:
    one_line(lambda: load_profile(name).replace(**changes), says)


def test_gray_stays_gray_in_every_chain() -> None:
    for name in ("vision", "vision-5219", "vision-camera", "vision-scan"):
        scene = grays(np.linspace(-7, 7, 29))
        assert film_exposure(shipped(name), scene) == pytest.approx(scene, rel=1e-4)
