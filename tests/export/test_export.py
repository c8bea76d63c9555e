"""Exported looks: how near to the film they are as written, the same pixels in hosts, whole files or none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from export_samples import film_codes, loss, natural, source_of, written
from ocio_host import host

from lattice.color.displays import find, table_of
from lattice.color.primaries import convert
from lattice.export import looks, write
from lattice.export.bake import bake, of_profile, of_sdev, shape, split, unshape
from lattice.export.recipe import BRIGHTEST, FORMS, LOG, choose
from lattice.files.luts import register
from lattice.files.storage import atomic
from lattice.interp import process
from lattice.looks import load_profile
from lattice.process_list import Lut3D
from lattice.sdev import Lut, SDev, load
from lattice.types import LatticeError

HOSTED = 2e-5  # of a code: OpenColorIO's float32 and ours
FILM = {33: (0.06, 0.22, 0.70), 65: (0.02, 0.07, 0.35)}  # CIEDE2000 mean, p99, largest, of natural colors
CAMERA = {33: (0.26, 1.0, 2.0), 65: (0.08, 0.30, 0.80)}
SUFFIXES = (".cube", ".csp", ".spi3d")
SAY_NOTHING = (".itx", ".lut")  # formats without room for words
READ_BY_OCIO = (".cube", ".csp", ".spi3d", ".3dl", ".vf", ".cub", ".itx", ".m3d", ".lut")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("size", [33, pytest.param(65, marks=pytest.mark.slow)])
def test_premier_is_as_near_to_the_film_as_its_format_allows(suffix: str, size: int, tmp_path: Path) -> None:
    files, recipe = written("premier", tmp_path / f"premier{suffix}", size=size)
    assert len(files) == 1 + (suffix == ".spi3d")
    found = loss("premier", files, recipe)
    assert all(a <= b for a, b in zip(found, FILM[size], strict=True)), found


@pytest.mark.slow
@pytest.mark.parametrize("look", ["premier-camera", "vision-camera"])
@pytest.mark.parametrize("size", [33, 65])
def test_camera_looks_over_acescg_lose_little(look: str, size: int, tmp_path: Path) -> None:
    files, recipe = written(look, tmp_path / f"{look}.cube", "ACEScg", size)
    found = loss(look, files, recipe)
    assert all(a <= b for a, b in zip(found, CAMERA[size], strict=True)), found


def test_the_loss_that_is_told_is_that_of_what_is_written(tmp_path: Path) -> None:
    recipe = choose(".cube", None, None, 17, "Rec.709")
    said = looks.export(source_of("premier"), {"natural": natural()}, recipe, tmp_path / "a.cube")
    numbers = "/".join(f"{each:.2f}" for each in loss("premier", [tmp_path / "a.cube"], recipe))
    assert f"natural {numbers}" in said[1]
    assert numbers in load(tmp_path / "a.cube").provenance["loss"]


@pytest.mark.parametrize("suffix", READ_BY_OCIO)
def test_opencolorio_shows_the_same_pixels(suffix: str, tmp_path: Path, ocio: Any) -> None:
    asked = None if FORMS[suffix].shaper != "none" else LOG
    files, recipe = written("premier", tmp_path / f"a{suffix}", asked, 17)
    light = natural()[:5000]
    given = (recipe.space.encode(light) if recipe.shaper == "none" else light).astype(np.float32)
    ours, theirs = given.T.astype(np.float64), given
    for path in files:
        ours, theirs = process.run(register.read(path).nodes, ours), host(ocio, path, theirs)
    # a .csp's points are joined by a cubic there, which leaves the straight line between two by this much of a code
    assert np.abs(theirs - ours.T).max() < (2e-3 if suffix == ".csp" else HOSTED)


@pytest.mark.parametrize("suffix", [suffix for suffix in FORMS if suffix not in (".m3d",)])
def test_what_the_file_says_comes_back(suffix: str, tmp_path: Path) -> None:
    asked = None if FORMS[suffix].shaper != "none" else "LogC3"
    size = 16 if suffix in (".png", ".tif", ".tiff") else 9
    files, recipe = written("premier", tmp_path / f"a{suffix}", asked, size)
    facts = register.read(files[-1]).provenance
    for key, wanted in (("profile", "premier"), ("output", "Rec.709 sRGB"), ("takes", recipe.takes)):
        if suffix == ".spi3d" and key == "takes":
            wanted = "what the shaper before it gives"
        assert facts.get(key) == (None if suffix in SAY_NOTHING else wanted)


def test_a_lut_of_light_is_graded_with_as_it_is_and_one_in_two_files_is_not(tmp_path: Path) -> None:
    (whole,), _ = written("premier", tmp_path / "a.cube", size=17)
    lut = load(whole)
    assert isinstance(lut, Lut)
    light = natural()[None, :2000].astype(np.float32)
    assert lut.with_input("ACEScg").provenance["input"] == "ACEScg"
    for files in (
        written("premier", tmp_path / "b.cube", size=17, split=True)[0],
        written("premier", tmp_path / "c.spi3d", size=17)[0],
    ):
        assert len(files) == 2
        shaper, lattice = map(load, files)
        assert isinstance(shaper, Lut)
        assert shaper.provenance["input"] == "Rec.709"
        assert "output" not in shaper.provenance
        one_line(lambda lattice=lattice: lattice.with_input("ACEScg"), "its input primaries are not known")
        found = lattice.apply(np.clip(shaper.apply(light), 0, 1))
        assert np.abs(np.clip(found, 0, 1) - np.clip(lut.apply(light), 0, 1)).max() < 2e-4
    assert isinstance(load(files[0]), Lut)


@pytest.mark.parametrize("display", ["pq@203", "hlg@203", "P3-DCI", "rec1886"])
def test_other_displays_are_inside_the_lut(display: str, tmp_path: Path) -> None:
    shown = find(display).shown
    source = of_profile(load_profile("premier").replace(display=table_of(shown)))
    recipe = choose(".cube", None, None, 33, "Rec.709")
    looks.export(source, {"natural": natural()[:500]}, recipe, tmp_path / "a.cube")
    listed = register.read(tmp_path / "a.cube")
    found = process.run(listed.nodes, natural()[:5000].T).T
    wanted = source.codes(natural()[:5000])
    power = shown.gamma if isinstance(shown.gamma, float) else 1.0  # codes of a pure root are too steep at 0
    steps = np.abs(np.clip(found, 0, 1) ** power - wanted**power)
    assert (steps.max() < 0.02, steps.mean() < 5e-4) == (True, True)
    lut = Lut.from_list(listed)
    assert lut.shown.gamma == shown.gamma
    assert lut.provenance["output"].startswith(str(shown.primaries))
    assert np.abs(found - film_codes("premier")[:5000]).max() > 0.01


def test_exposure_and_an_sdev_are_sources_too(premier: SDev, tmp_path: Path) -> None:
    brighter = of_profile(load_profile("premier"), 1.0)
    light = natural()[:3000]
    assert np.allclose(brighter.codes(light), source_of("premier").codes(2 * light), atol=1e-9)
    fitted = of_sdev(premier)
    assert np.abs(fitted.codes(light) - premier.apply(light[None].astype(np.float32))[0]).max() < 2e-5
    recipe = choose(".cube", None, "ACEScg", 33, fitted.primaries)
    [listed] = bake(fitted, recipe)
    in_aces = light @ convert("Rec.709", "ACEScg").T
    assert np.abs(process.run(listed.nodes, in_aces.T).T.clip(0, 1) - fitted.codes(light)).mean() < 5e-3


def test_a_shaper_is_its_own_inverse_and_rises() -> None:
    light = np.linspace(0, BRIGHTEST, 1001)
    assert np.allclose(unshape(shape(light)), light, atol=1e-12)
    assert (np.diff(shape(light)) > 0).all()
    assert (shape(0.0), shape(BRIGHTEST)) == (0.0, 1.0)
    assert (shape(-3.0), shape(1e6)) == (0.0, 1.0)


def test_files_are_replaced_only_if_asked(tmp_path: Path) -> None:
    target = tmp_path / "a.cube"
    written("premier", target, size=5)
    first = target.read_bytes()
    written("premier", target, size=5)  # the same bytes are there
    one_line(lambda: written("premier", target, size=6), "a.cube: exists already; --overwrite")
    assert target.read_bytes() == first
    written("premier", target, size=6, overwrite=True)
    assert target.read_bytes() != first
    target.write_text("LUT_3D_SIZE 2\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(looks, "bake", lambda *_: pytest.fail("work was done before"))
        one_line(lambda: written("premier", target, size=5), "a.cube: exists already; --overwrite")
        (tmp_path / "b.spi1d").write_text("theirs")
        one_line(lambda: written("premier", tmp_path / "b.spi3d", size=5), "b.spi1d: exists already")
    assert {path.name for path in tmp_path.iterdir()} == {"a.cube", "b.spi1d"}


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("taken", ["b.spi1d", "b.spi3d"])
def test_of_two_files_none_is_written_where_one_is_refused(taken: str, overwrite: bool, tmp_path: Path) -> None:
    (tmp_path / taken).mkdir()
    with pytest.raises(LatticeError) as caught:
        written("premier", tmp_path / "b.spi3d", size=5, overwrite=overwrite)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == [taken]


def test_of_two_files_none_is_left_where_the_disk_refuses_the_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = atomic.gather

    def full(temporary: Path, pieces: Any) -> None:
        if "spi3d" in temporary.name:
            raise OSError(28, "No space left on device")
        real(temporary, pieces)

    monkeypatch.setattr(atomic, "gather", full)
    one_line(lambda: written("premier", tmp_path / "b.spi3d", size=5), "b.spi3d: cannot be written: No space left")
    assert not os.listdir(tmp_path)


def test_what_reads_back_as_another_lut_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = split(bake(source_of("premier"), choose(".cube", None, None, 5, "Rec.709"))[0])[1]
    other = Lut3D(np.zeros((5, 5, 5, 3)))
    text = register.text_of(listed, tmp_path / "a.cube")
    monkeypatch.setattr(
        register, "text_of", lambda each, target: text if each.nodes == (other,) else pytest.fail("another")
    )
    changed = type(listed)("a", (other,))
    one_line(lambda: write.write([tmp_path / "a.cube"], [changed], False), "expected to read back what was written")
    assert not os.listdir(tmp_path)
