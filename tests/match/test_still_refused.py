"""Pairs that tell no grade, one line each; holes in either picture; and the same choice on every processor."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from exr_samples import save
from match_samples import REC1886, changed, difference, shown
from still_samples import HEIGHT, WIDTH, graded, save_plate, save_still, scene

from lattice.match.still import GRAY_NOISE, NOISE, of_still

LOOK = changed("premier", 3)
CODES_ID = "g24_rec709_display"
MEAN = 0.25  # CIEDE2000 of a block's average of 8 bits against the look of its average light


@pytest.fixture(scope="module")
def picture() -> Any:
    light = scene()
    return light, graded(LOOK, light)


@pytest.fixture(scope="module")
def plate(tmp_path_factory: pytest.TempPathFactory, picture: Any) -> Path:
    return save_plate(tmp_path_factory.mktemp("plate") / "plate.exr", picture[0])


def refused(plate: Path, still: Path, *says: str) -> None:
    one_line(lambda: of_still(plate, still, None, REC1886), *says)


def missed(plate: Path, still: Path) -> Any:
    fitted, _ = of_still(plate, still, None, REC1886)
    return difference(shown(LOOK, fitted.light), fitted.lab)


@pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf])
def test_holes_in_a_target_are_left_out(plate: Path, tmp_path: Path, picture: Any, hole: float) -> None:
    codes = picture[1].copy()
    codes[:3, :200] = codes[200:260, 300:400, 1] = hole
    assert missed(plate, save_plate(tmp_path / "still.exr", codes, CODES_ID)).mean() < MEAN


def test_a_target_is_left_out_where_it_is_not_opaque(plate: Path, tmp_path: Path, picture: Any) -> None:
    channels = {name: picture[1][..., k].astype(np.float16) for k, name in enumerate("RGB")}
    alpha = np.ones((HEIGHT, WIDTH), np.float16)
    alpha[:200] = 0.5
    for name in channels:
        channels[name][:200] = 0.4
    save(tmp_path / "still.exr", {**channels, "A": alpha})
    assert missed(plate, tmp_path / "still.exr").mean() < MEAN
    save(tmp_path / "none.exr", {**channels, "A": np.zeros_like(alpha)})
    refused(plate, tmp_path / "none.exr", "none.exr: target: expected finite, opaque pixels where the source has them")


@pytest.mark.parametrize("shape", [(1, WIDTH), (2, WIDTH), (HEIGHT, 2), (HEIGHT, 1), (8, 480), (1, 1)])
def test_a_strip_is_refused(tmp_path: Path, picture: Any, shape: tuple[int, int]) -> None:
    light, codes = (each[: shape[0], : shape[1]] for each in picture)
    strip = save_plate(tmp_path / "strip.exr", light)
    says = (
        f"still.png: target: expected 6 rows and columns of blocks or more, got {{}} from {shape[1]}x{shape[0]} pixels"
    )
    refused(strip, save_still(tmp_path / "still.png", codes), *says.split("{}"))


def test_a_target_that_holds_light_is_refused(plate: Path, tmp_path: Path, picture: Any) -> None:
    named = save_plate(tmp_path / "named.exr", np.clip(picture[0], 0, 1))
    refused(plate, named, "named.exr: target: ", "'lin_rec709_scene'", "are --source and --target swapped?")
    older = save_plate(tmp_path / "older.exr", picture[1], "ACEScg")
    refused(plate, older, "older.exr: target: ", "'ACEScg'", "are --source and --target swapped?")
    bright = save_plate(tmp_path / "bright.exr", picture[0], "unknown")
    refused(plate, bright, "bright.exr: target: ", "% above 1.05", "are --source and --target swapped?")
    few = picture[1].copy()
    few[:2] = 1.5
    assert missed(plate, save_plate(tmp_path / "few.exr", few, CODES_ID)).mean() < MEAN


def test_what_disagrees_and_what_scatters_are_told_apart(plate: Path, tmp_path: Path, picture: Any) -> None:
    other = save_still(tmp_path / "other.png", graded(LOOK, scene(seed=5)))
    refused(plate, other, "expected the same picture before and after a grade, but")
    off = np.random.default_rng(1).normal(0, 0.04, (HEIGHT // 4, WIDTH // 4, 3)).repeat(4, 0).repeat(4, 1)
    noisy = save_still(tmp_path / "noisy.png", np.clip(picture[1] + off, 0, 1))
    refused(plate, noisy, "colors that are alike before are ", "CIEDE2000 apart after it, at most 3")


@pytest.mark.parametrize(("level", "got"), [(0.0, "a black one"), (0.18, "one of a single brightness")])
def test_a_plate_without_light_and_dark_is_refused(tmp_path: Path, picture: Any, level: float, got: str) -> None:
    flat = save_plate(tmp_path / "flat.exr", np.full_like(picture[0], level))
    still = save_still(tmp_path / "still.png", picture[1])
    refused(flat, still, f"still.png beside flat.exr: source: expected a picture of light and dark, got {got}")


def test_a_plate_of_noise_is_refused(tmp_path: Path, picture: Any) -> None:
    noise = np.exp(np.random.default_rng(2).normal(0, 3, picture[0].shape))
    rough = save_plate(tmp_path / "rough.exr", np.clip(noise, 0, 1000))
    refused(
        rough, save_still(tmp_path / "still.png", picture[1]), "expected 200 even parts of the picture or more, got"
    )


def test_grays_weigh_twice(plate: Path, tmp_path: Path, picture: Any) -> None:
    for reference in of_still(plate, save_still(tmp_path / "still.png", picture[1]), None, REC1886):
        assert {*reference.noise[reference.grays]} == {GRAY_NOISE}
        assert {*reference.noise[~reference.grays]} == {NOISE}
        assert NOISE == 5 * GRAY_NOISE


CHOSEN = """
import sys
from hashlib import sha256
from lattice.looks.display import DisplaySpec
from lattice.match.still import of_still
for each in of_still(sys.argv[1], sys.argv[2], None, DisplaySpec(primaries="Rec.709", gamma=2.4)):
    print(sha256(each.light.tobytes()).hexdigest(), sha256(each.lab.tobytes()).hexdigest())
"""


def test_other_kernels_choose_the_same_blocks(plate: Path, tmp_path: Path, picture: Any) -> None:
    """A library for linear algebra adds in another order on another processor, and with more threads."""
    still = save_still(tmp_path / "still.png", picture[1])

    def chosen(**kernel: str) -> str:
        words = [sys.executable, "-c", CHOSEN, str(plate), str(still)]
        return subprocess.run(words, env={**os.environ, **kernel}, check=True, capture_output=True, text=True).stdout

    usual = chosen()
    assert len(usual.split()) == 4
    for kernel in ({"OPENBLAS_CORETYPE": "Nehalem"}, {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_NUM_THREADS": "2"}):
        assert chosen(**kernel) == usual
