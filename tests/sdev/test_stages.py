"""A look in two: negative, then print, show what the whole shows, here and in OpenColorIO."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import halves, one_line
from ocio_host import host

from lattice import load
from lattice.files.luts import register
from lattice.inspect.scenes import colors
from lattice.looks import load_profile, profile_names
from lattice.sdev import Lut, SDev
from lattice.sdev.density import ENCODINGS, encoding_of
from lattice.sdev.relight import with_printer_lights

NAMES = profile_names()
PAIR = 8e-5  # of code
BLACK, PAIR_IN_BLACK = 0.01, 1.5e-4  # below this code the display's power makes 1e-4 of code of a light of 4e-9
PAIR_IN_CINEON = 2.5e-4  # a table entry each 0.001 of density, and blacks of saturated colors with 35 times the slope
HALF = 8e-3  # of code where densities are halves: 0.0005 of density, on the steepest slope, and near black
ADX_16_BITS, CINEON_10_BITS = 2e-3, 3e-2  # the same of integers, one of any color and the next of grays
ADX_GRAY, CINEON_GRAY = 2e-4, 2.5e-3
NEAR_END = 0.005  # of Cineon's codes, where a curve of 1,025 points turns
CLIPPED = 0.01  # of code where Cineon's codes end: in highlights, which the print shows nearly clear


@cache
def scenes(name: str) -> dict[str, Any]:
    found = {kind: each.astype(np.float32) for kind, each in colors(load_profile(name)).items()}
    positive = np.repeat(halves()[:0x7C00].astype(np.float32)[:, None], 3, axis=1)
    return found | {"halves": positive}


@cache
def stage(name: str, which: Any, density: Any = "adx16") -> Any:
    return load(name, stage=which, density=density)


@cache
def whole(name: str, kind: str) -> Any:
    """What the look in one shows of a scene."""
    return load(name).apply(scenes(name)[kind])


def off(name: str, density: Any, kind: str, between: Any = None) -> Any:
    """How far the pair is off the whole, for each color; between: what becomes of the densities."""
    seen = stage(name, "negative", density).apply(scenes(name)[kind])
    seen = seen if between is None else between(seen)
    return np.abs(stage(name, "print", density).apply(seen) - whole(name, kind)).max(axis=1)


@pytest.mark.parametrize("name", NAMES)
def test_the_pair_is_the_whole(name: str) -> None:
    for kind in scenes(name):
        is_black = (whole(name, kind) < BLACK).any(axis=1)
        for density in ("adx16", "float"):
            found = off(name, density, kind)
            assert found[~is_black].max(initial=0) < PAIR, kind
            assert found[is_black].max(initial=0) < PAIR_IN_BLACK, kind


@pytest.mark.parametrize("name", ["vision", "vision-5219"])  # a film-out and a camera
def test_the_print_has_the_residual(name: str) -> None:
    offsets = np.broadcast_to([1.0, -2.0, 3.0], (3, 3, 3, 3))
    look, scene = load_profile(name).replace(residual={"size": 3, "offsets": offsets}), scenes(name)["natural"]
    negative, whole = load(look, stage="negative"), load(look).apply(scene)
    assert np.abs(load(look, stage="print").apply(negative.apply(scene)) - whole).max() < PAIR
    assert np.abs(whole - load(name).apply(scene)).mean() > 0.005


@pytest.mark.parametrize("name", NAMES)
def test_the_pair_with_densities_in_halves(name: str) -> None:
    for kind in scenes(name):
        assert off(name, "adx16", kind, lambda seen: seen.astype(np.float16).astype(np.float32)).max() < HALF, kind
    scene = scenes(name)["natural"].astype(np.float16)
    seen = stage(name, "negative").apply(scene)
    assert seen.dtype == np.float16
    shown = stage(name, "print").apply(seen)
    assert np.abs(shown.astype(np.float32) - load(name).apply(scene.astype(np.float32))).max() < HALF + 2**-11


@pytest.mark.parametrize("name", NAMES)
def test_the_pair_with_densities_in_integers(name: str) -> None:
    for kind, scene in scenes(name).items():
        is_gray = kind in ("gray", "halves")
        found = off(name, "adx16", kind, lambda seen: (np.rint(seen * 65535) / 65535).astype(np.float32))
        assert found.max() < (ADX_GRAY if is_gray else ADX_16_BITS), kind
        is_held = (stage(name, "negative", "cineon").apply(scene) < 1 - NEAR_END).all(axis=1)
        found = off(name, "cineon", kind, lambda seen: (np.rint(seen * 1023) / 1023).astype(np.float32))
        assert found[is_held].max() < (CINEON_GRAY if is_gray else CINEON_10_BITS), kind


@pytest.mark.parametrize("name", NAMES)
def test_what_cineon_clips_is_told(name: str) -> None:
    told = stage(name, "negative", "cineon").provenance["densities"]
    top = stage(name, "negative", "float").apply(np.full((1, 3), 60000, np.float32))[0]
    for channel, value in zip(("red", "green", "blue"), top, strict=True):
        assert (f"{channel} is clipped from" in told) == (value > ENCODINGS["cineon"].most)
    assert "clipped" not in stage(name, "negative").provenance["densities"]
    for kind, scene in scenes(name).items():
        found = off(name, "cineon", kind)
        is_clipped = (stage(name, "negative", "cineon").apply(scene) > 1 - NEAR_END).any(axis=1)
        assert found[~is_clipped].max() < PAIR_IN_CINEON
        assert found.max() < (CLIPPED if name != "negative-bleach-bypass" else 0.3)  # it goes to density 2.8


def test_densities_are_what_the_encoding_says() -> None:
    gray = np.full((1, 3), 0.18, np.float32)
    plain = stage("premier", "negative", "float").apply(gray)
    assert plain[0] == pytest.approx([0.630, 0.699, 0.651], abs=1e-3)
    adx, cineon = (stage("premier", "negative", name).apply(gray) for name in ("adx16", "cineon"))
    assert adx * 65535 == pytest.approx(1520 + 8000 * plain, abs=0.05)
    assert cineon * 1023 == pytest.approx(95 + 500 * plain, abs=0.01)
    black = stage("premier", "negative").apply(np.zeros((1, 3), np.float32))
    assert black * 65535 == pytest.approx(np.full((1, 3), 1520), abs=1)


def test_a_graded_density_is_shown_as_another_exposure_of_that_density() -> None:
    """A film-out's print knows nothing of where a density came from: each channel by itself, any order."""
    negative, shown = stage("vision", "negative"), stage("vision", "print")
    random = np.random.default_rng(3)
    scene = 0.18 * 2.0 ** (random.uniform(-5, 4, (500, 1)) + random.uniform(-1, 1, (500, 3)))  # no channel is lifted
    scene = scene.astype(np.float32)
    separate = [negative.apply(np.repeat(scene[:, k : k + 1], 3, axis=1))[:, k] for k in range(3)]
    assert np.abs(shown.apply(np.stack(separate, axis=-1)) - load("vision").apply(scene)).max() < PAIR
    far = np.array([[0, 0, 0], [1, 1, 1]], np.float32)
    assert np.isfinite(shown.apply(far)).all()


def test_film_outs_are_sdevs_and_others_luts() -> None:
    for name in NAMES:
        kind = SDev if load_profile(name).chain == "film-out" else Lut
        assert isinstance(stage(name, "negative"), kind)
        assert isinstance(stage(name, "print"), kind)


@pytest.mark.parametrize("name", ["premier", "premier-5219", "vision-scan", "eterna"])
def test_opencolorio_shows_the_same(name: str, ocio: Any, tmp_path: Path) -> None:
    for density in ("adx16", "float"):
        paths = []
        for which in ("negative", "print"):
            path = tmp_path / f"{which}.clf"
            made = stage(name, which, density)
            path.write_bytes(register.text_of(made, path)) if isinstance(made, Lut) else made.save(path, overwrite=True)
            again = load(path)
            assert again.sha256 == made.sha256 or isinstance(made, Lut)
            paths.append(path)
        for kind, scene in scenes(name).items():
            seen = host(ocio, paths[0], scene)
            assert np.abs(seen - stage(name, "negative", density).apply(scene)).max() < 5e-5
            assert np.abs(host(ocio, paths[1], seen) - whole(name, kind)).max() < PAIR


def test_printer_lights_contrast_and_display_are_the_prints() -> None:
    profile = load_profile("vision")
    lit = profile.replace(printer_lights=(26, 25, 24), contrast=(1.1, 1, 1), display="P3-DCI")
    scene = scenes("vision")["natural"]
    negative, of_lit = stage("vision", "negative"), load(lit, stage="negative")
    assert np.abs(negative.apply(scene) - of_lit.apply(scene)).max() < 1e-6
    print_ = load(lit, stage="print")
    assert print_.provenance["output"] == "P3-DCI 2.6"
    assert np.abs(print_.apply(negative.apply(scene)) - load(lit).apply(scene)).max() < PAIR
    assert stage("vision", "print").with_display("PQ@203").provenance["output"] == "Rec.2020 PQ@203"


def test_stages_say_what_they_take_and_give() -> None:
    for name in ("premier", "premier-5219"):
        negative, print_ = stage(name, "negative"), stage(name, "print")
        assert negative.provenance["input"] == load_profile(name).input
        assert negative.provenance["output"] == "printing density, ADX16 codes, (8000 D + 1520) / 65535"
        assert "output_chromaticities" not in negative.provenance
        assert "input" not in print_.provenance
        assert print_.provenance["takes"] == "printing density, ADX16 codes, (8000 D + 1520) / 65535"


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: stage("premier", "negative").with_display("P3-DCI"), "display is not known"),
        (lambda: stage("premier", "print").with_input("ACEScg"), "takes printing density, not light"),
        (lambda: stage("premier", "print").with_exposure(1), "expose the negative"),
        (lambda: stage("premier-5219", "print").with_exposure(1), "exposure"),
        (lambda: stage("premier-5219", "print").with_input("ACEScg"), "takes printing density, not light"),
        (lambda: with_printer_lights(stage("premier", "print"), (26, 25, 25)), "--printer-lights"),
        (lambda: load("premier", stage="prints"), "expected full or negative or print, got 'prints'"),  # type: ignore[arg-type]
        (lambda: load("premier", stage="print", density="adx10"), "expected adx16 or cineon or float"),  # type: ignore[arg-type]
        (lambda: encoding_of(None), "expected adx16"),
        (lambda: load("a.cube", stage="print"), "a.cube: stage: expected a look's name"),
        (lambda: load(load_profile("premier-5219").replace(display="HLG"), stage="print"), "cannot hold HLG"),
    ],
)
def test_refused(ask: Any, says: str) -> None:
    one_line(ask, says)
