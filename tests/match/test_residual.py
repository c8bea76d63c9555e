"""A residual brings a look onto a LUT that film alone does not reach, fits no noise, and folds nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import ROOT
from foreign_film_samples import DISPLAY, loved, loved_lut
from match_samples import changed, difference, measured, natural, patches, shown

from lattice import load
from lattice.build import film_exposure, make_chain
from lattice.inspect.quality import check
from lattice.looks import Profile, load_profile
from lattice.match.freedoms import freedoms
from lattice.match.lut import of_lut
from lattice.match.reference import Reference, lab_of_codes, seen
from lattice.match.residual import moved, residual
from lattice.match.solve import solve
from lattice.types import MID_GRAY, LatticeError

LUT_MISS, FILM_MISS = 0.3, 1.5  # mean CIEDE2000 of natural colors: with a residual; of film alone, at most
SILVER = 0.4  # an edit


@pytest.fixture(scope="module")
def loved_here(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The LUT as two references and one that is dense, and the film that is nearest to it."""
    aim = of_lut(loved_lut(tmp_path_factory.mktemp("loved")))
    start, natural_ones = load_profile("vision"), np.array(aim.tested.groups) == "natural"
    return solve(start, freedoms(start), aim.fitted).profile, aim.dense, aim.tested.some(natural_ones)


@pytest.fixture(scope="module")
def held(loved_here: Any) -> Profile:
    """The film with its residual."""
    film, colors, _ = loved_here
    return residual(film, colors)


def misses(look: Profile, tested: Reference) -> Any:
    return difference(_exact(look, tested.light), tested.lab)


def _exact(look: Profile, light: Any) -> Any:
    return seen(look, make_chain(look), film_exposure(look, light), DISPLAY, True)


@pytest.mark.parametrize("interpolation", ["trilinear", "tetrahedral"])
def test_the_sdev_shows_the_lut(loved_here: Any, held: Profile, interpolation: Any) -> None:
    film, _, tested = loved_here
    assert LUT_MISS < misses(film, tested).mean() < FILM_MISS
    sdev = load(held.replace(display=DISPLAY, interpolation=interpolation))
    codes = sdev.apply(tested.light.astype(np.float32)[None])[0].astype(np.float64)
    off = difference(lab_of_codes(codes, DISPLAY), tested.lab)
    assert held.size == 13
    assert off.mean() < LUT_MISS
    assert np.percentile(off, 95) < np.percentile(misses(film, tested), 95) / 2


def test_amount_goes_from_film_to_lut(loved_here: Any, held: Profile) -> None:
    film, _, tested = loved_here
    assert held.residual is not None
    means = [misses(held.replace(residual=held.residual.replace(amount=k)), tested).mean() for k in (0, 0.5, 1)]
    assert means[0] == pytest.approx(misses(film, tested).mean(), abs=1e-9)
    assert means[0] > means[1] > means[2]
    told, half = moved(held), moved(held.replace(residual=held.residual.replace(amount=0.5)))
    assert moved(film).largest == 0
    assert 0.4 < half.mean / told.mean < 0.6
    assert told.largest > told.mean > 0.3


def test_it_follows_an_edit_of_the_film(loved_here: Any, held: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    """With more silver in both, the look with its residual is nearer to the other film than without."""
    film, _, tested = loved_here
    import foreign_film_samples

    other = foreign_film_samples.other_film()
    monkeypatch.setattr(
        foreign_film_samples, "other_film", lambda seed: other.replace(print_silver=other.print_silver + SILVER)
    )
    wanted = loved(tested.light)
    off = [difference(_exact(look.replace(print_silver=look.print_silver + SILVER), tested.light), wanted).mean()
           for look in (film, held)]  # fmt: skip
    assert off[1] < 0.6 * off[0]


def test_grays_rise_nearly_as_film_alone(held: Profile) -> None:
    gray = MID_GRAY * 2.0 ** np.linspace(-7, 6, 2000)[:, None] * np.ones(3)
    lightness = _exact(held, gray)[:, 0]
    assert np.diff(lightness).min() > -1e-9
    film = _exact(held.replace(residual=None), gray)[:, 0]
    rise, alone = (np.diff(each) for each in (lightness, film))
    assert (rise[alone > 0.01] > 0.3 * alone[alone > 0.01]).all()


def test_its_lattice_is_as_good_as_that_of_any_look(held: Profile) -> None:
    report = check(held)
    assert report.good, str(report)


@pytest.mark.parametrize("name", ["premier", "vision-camera"])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_noisy_chart_makes_no_other_color_worse(name: str, seed: int) -> None:
    truth, start = changed(name, seed), load_profile(name)
    reference = measured(truth, patches(start.input), seed)
    film = solve(start, freedoms(start), reference).profile
    light = natural(1000, 5)
    wanted = shown(truth, light)
    off = [difference(shown(look, light), wanted).mean() for look in (film, residual(film, reference))]
    assert off[1] <= off[0] + 0.01


def test_a_chart_that_film_is_far_from_makes_others_better() -> None:
    truth, start = changed("premier", 1), load_profile("premier")
    reference = measured(truth, patches(start.input), 1)
    look, light = residual(start, reference), natural(1000, 5)
    off = [difference(shown(each, light), shown(truth, light)).mean() for each in (start, look)]
    assert off[1] < 0.5 * off[0]


def test_a_look_that_is_there_gets_none() -> None:
    truth = load_profile("vision")
    light = np.concatenate([natural(300, 8), MID_GRAY * 2.0 ** np.linspace(-4, 4, 9)[:, None] * np.ones(3)])
    reference = measured(truth, light, 9)
    assert residual(truth, reference).residual is None


def test_an_older_residual_does_not_count(loved_here: Any, held: Profile) -> None:
    assert residual(held, loved_here[1]).residual == held.residual


@pytest.mark.parametrize("size", [1, 4, 17, 100_001])
def test_sizes_are_checked_before_any_work(size: int) -> None:
    look = load_profile("vision")
    with pytest.raises(LatticeError, match=f"size: expected an odd number from 3 to 15, got {size}"):
        residual(look, measured(look, patches(look.input), 9), size)


THREADS = """
import sys
sys.path.insert(0, sys.argv[1])
from match_samples import changed, measured, patches
from lattice.looks import load_profile
from lattice.match.residual import residual
from lattice.match.solve import solve
start = load_profile("premier")
look = residual(start, measured(changed("premier", 1), patches(start.input), 1))
print(hash(look.residual.offsets.tobytes()), look.residual)
"""


def test_the_numbers_are_the_same_with_any_number_of_threads() -> None:
    def numbers(threads: int) -> str:
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        asked = {**os.environ, **dict.fromkeys(names, str(threads)), "PYTHONHASHSEED": "0"}
        samples = str(Path(ROOT) / "tests" / "samples")
        return subprocess.run(
            [sys.executable, "-c", THREADS, samples], env=asked, capture_output=True, text=True, check=True
        ).stdout

    first = numbers(1)
    assert "13^3 nodes" in first
    assert numbers(2) == first
