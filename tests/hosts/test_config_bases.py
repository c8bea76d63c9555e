"""Configs of studios and of Blender, extended: nothing of theirs is lost, and traps of hosts are seen to."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from ocio_configs import first_version, named_otherwise, opened, shown, with_look, xyz_reference
from tolerance import OCIO

from lattice.hosts.chosen import sdev_of
from lattice.hosts.config import extend_config
from lattice.hosts.proof import probe

pytestmark = pytest.mark.usefixtures("ocio")


def codes(ocio: Any, config: Any, source: str, display: str, view: str) -> Any:
    processor = config.getProcessor(ocio.DisplayViewTransform(source, display, view))
    return shown(processor, probe(), ocio.OPTIMIZATION_LOSSLESS)


def test_a_reference_of_xyz_is_led_to_linear_light(ocio: Any, tmp_path: Path) -> None:
    base = xyz_reference(tmp_path / "base")
    done = extend_config(tmp_path / "made", ["premier"], str(base))
    config = opened(ocio, done.path)
    expected = sdev_of("premier").apply(probe())
    assert np.abs(codes(ocio, config, "Linear Rec.709", "sRGB", "SDev premier") - expected).max() <= OCIO
    assert list(config.getActiveViews()) == ["Standard", "AgX", "SDev premier"]
    assert list(config.getViews("sRGB")) == ["Standard", "AgX", "SDev premier"]
    assert config.getRoleColorSpace("default_byte") == "sRGB"
    assert done.looks == ("Standard - premier print",)  # as its own looks are named
    assert (config.getMajorVersion(), config.getMinorVersion()) == (2, 0)


def test_the_bases_own_files_come_along(ocio: Any, tmp_path: Path) -> None:
    base = xyz_reference(tmp_path / "base")
    for name in ("made", "made.ocioz"):
        extend_config(tmp_path / name, ["premier"], str(base))
    shutil.rmtree(tmp_path / "base")
    shutil.move(tmp_path / "made", tmp_path / "elsewhere")
    for name in ("elsewhere", "made.ocioz"):
        config = opened(ocio, tmp_path / name)
        halved = shown(config.getProcessor("graded", "Linear CIE-XYZ"), probe(), ocio.OPTIMIZATION_LOSSLESS)
        assert np.abs(halved - np.clip(probe(), 0, 1) / 2).max() <= 1e-6


@pytest.mark.parametrize("source", ["Rec.709", "ACEScg"])
def test_a_display_goes_by_its_color_space_and_reference(source: str, ocio: Any, tmp_path: Path) -> None:
    done = extend_config(tmp_path / "made", ["premier"], str(named_otherwise(tmp_path / "base")))
    assert (done.linear, done.plain, done.looks) == ("Rec.709", "Un-tone-mapped", ("premier print",))
    config = opened(ocio, done.path)
    sdev = sdev_of("premier") if source == "Rec.709" else sdev_of("premier").with_input("ACEScg", "Bradford")
    plain = with_look(ocio, config, source, "My monitor", "Un-tone-mapped", "premier print")
    looked = shown(plain, probe(), ocio.OPTIMIZATION_LOSSLESS)
    for made in (codes(ocio, config, source, "My monitor", "SDev premier"), looked):
        assert np.abs(made - sdev.apply(probe())).max() <= OCIO


def test_a_config_of_version_1_gets_a_color_space(ocio: Any, tmp_path: Path) -> None:
    done = extend_config(tmp_path / "made", ["premier"], str(first_version(tmp_path / "base")))
    config = opened(ocio, done.path)
    assert (config.getMajorVersion(), done.named) == (1, ())
    linear = codes(ocio, config, "Utility - Linear - sRGB", "ACES", "SDev premier")
    assert np.abs(linear - sdev_of("premier").apply(probe())).max() <= OCIO
    aces = codes(ocio, config, "ACES - ACES2065-1", "ACES", "SDev premier")
    taking = sdev_of("premier").with_input("ACES2065-1", "Bradford")
    assert np.abs(aces - taking.apply(probe())).max() <= OCIO
    assert list(config.getActiveViews()) == []  # one entry would hide the base's own


@pytest.mark.parametrize("search_path", ["", "../luts", "{absolute}"])
def test_files_of_search_paths_are_found_again(search_path: str, ocio: Any, tmp_path: Path) -> None:
    base = first_version(tmp_path / "show" / "base", source="luts/gain.spi1d" if not search_path else "gain.spi1d")
    if search_path:
        shutil.move(base.parent / "luts", tmp_path / "show" / "luts")
    path = search_path.format(absolute=tmp_path / "show" / "luts") or '""'
    base.write_text(base.read_text().replace("search_path: luts", f"search_path: {path}"))
    done = extend_config(tmp_path / "made", ["premier"], str(base))
    outside = str(tmp_path / "show" / "luts")
    assert done.notes == ((f"needs {outside}, which it does not hold",) if search_path else ())
    config = opened(ocio, done.path)
    halved = shown(config.getProcessor("graded", "ACES - ACES2065-1"), probe(), ocio.OPTIMIZATION_LOSSLESS)
    assert np.abs(halved - np.clip(probe(), 0, 1) / 2).max() <= 1e-6
    if search_path:
        one_line(lambda: extend_config(tmp_path / "a.ocioz", ["premier"], str(base)), "cannot hold", outside)
        assert not (tmp_path / "a.ocioz").exists()


def test_a_base_whose_file_would_be_lost_is_refused(tmp_path: Path) -> None:
    base = first_version(tmp_path / "base", source="../grades/gain.spi1d")
    (tmp_path / "base" / "grades").mkdir()
    shutil.move(tmp_path / "base" / "luts" / "gain.spi1d", tmp_path / "base" / "grades" / "gain.spi1d")
    call = lambda: extend_config(tmp_path / "made", ["premier"], str(base))  # noqa: E731
    one_line(call, "its file ../grades/gain.spi1d is not found")
    assert [each.name for each in tmp_path.iterdir()] == ["base"]


def test_a_name_that_is_there_is_refused(tmp_path: Path) -> None:
    first = extend_config(tmp_path / "one", ["premier"], "cg-config")
    again = str(first.path / "config.ocio")
    one_line(lambda: extend_config(tmp_path / "two", ["premier"], again), "has 'SDev premier' already")
    done = extend_config(tmp_path / "two", ["vision"], again)
    assert len(list((done.path / "sdev").iterdir())) == 3


REFUSED = {
    "no such config": ("blnder", "expected studio-config, cg-config, blender or a .ocio file, got 'blnder'"),
    "no file": ("none.ocio", "none.ocio: expected a file, got none"),
    "no config": ("bad.ocio", "bad.ocio: "),
    "no UTF-8": ("latin.ocio", "latin.ocio: expected text in UTF-8, got the byte 0xe9"),
    "too large": ("large.ocio", "large.ocio: expected a config of at most 16,777,216 bytes"),
    "no linear Rec.709": ("few.ocio", "few.ocio: expected a color space or an alias Linear Rec.709 (sRGB) or"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_base_that_cannot_be_extended_is_refused(fault: str, tmp_path: Path) -> None:
    name, says = REFUSED[fault]
    (tmp_path / "bad.ocio").write_text("no config")
    (tmp_path / "latin.ocio").write_bytes(b"ocio_profile_version: 2\ndescription: caf\xe9\n")
    (tmp_path / "large.ocio").write_bytes(b"#" * (2**24 + 1))
    few = xyz_reference(tmp_path / "few").read_text().replace("Linear Rec.709", "Lin")
    (tmp_path / "few.ocio").write_text(few)
    base = str(tmp_path / name) if name.endswith(".ocio") else name
    one_line(lambda: extend_config(tmp_path / "made", ["premier"], base), says)
    assert not (tmp_path / "made").exists()


def test_a_base_of_very_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = str(xyz_reference(tmp_path / "base"))
    for limit, says in (
        ("MOST_ENTRIES", "expected at most 0 files below 'luts'"),
        ("MOST_FILES", "expected at most 0 LUT"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(f"lattice.files.ocio.base.{limit}", 0)
            one_line(lambda: extend_config(tmp_path / "made", ["premier"], base), says)


def blender(folder: Path, config: str) -> Path:
    made = folder / config
    made.mkdir(parents=True)
    base = xyz_reference(folder / "base")
    shutil.copytree(base.parent, made, dirs_exist_ok=True)
    shutil.rmtree(base.parent)
    return made


PLACES = {
    "a folder of a version": ("blender-5.3/5.3/datafiles/colormanagement", "blender-5.3"),
    "a program": ("blender-5.3/5.3/datafiles/colormanagement", "blender-5.3/blender"),
    "an application of macOS": ("B.app/Contents/Resources/5.3/datafiles/colormanagement", "B.app"),
    "a package of a system": ("usr/share/blender/datafiles/colormanagement", "usr/bin/blender"),
    "the config's folder": ("cm", "cm"),
    "the config": ("cm", "cm/config.ocio"),
}


@pytest.mark.parametrize("place", PLACES)
def test_blender_is_found(place: str, tmp_path: Path) -> None:
    config, told = PLACES[place]
    made = blender(tmp_path, config)
    if told.endswith("blender"):
        (tmp_path / told).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / told).touch()
    done = extend_config(tmp_path / "made", ["premier"], "blender", tmp_path / told)
    assert done.base == str(made.resolve() / "config.ocio")
    assert done.looks == ("Standard - premier print",)


def test_the_newest_blender_of_a_folder_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("4.10", "4.9"):
        blender(tmp_path, f"b/{version}/datafiles/colormanagement")
    monkeypatch.setenv("BLENDER_SYSTEM_DATAFILES", str(tmp_path / "b"))
    assert "/4.10/" in extend_config(tmp_path / "made", ["premier"], "blender").base


def test_blender_that_is_not_there_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one_line(lambda: extend_config(tmp_path / "a", ["premier"], "blender", tmp_path), "got one without config.ocio")
    one_line(lambda: extend_config(tmp_path / "a", ["premier"], "cg-config", tmp_path), "goes with --base blender")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("lattice.files.ocio.blender.SYSTEM", tmp_path)
    monkeypatch.setattr("lattice.files.ocio.blender.find_spec", lambda name: None)
    one_line(lambda: extend_config(tmp_path / "a", ["premier"], "blender"), "--blender names its program or its folder")


def test_a_clf_keeps_its_nodes_and_is_told_so(built: Any, ocio: Any, tmp_path: Path) -> None:
    built("vision").save(tmp_path / "mine.clf")
    done = extend_config(tmp_path / "made", ["premier", str(tmp_path / "mine.clf")], "cg-config")
    assert [note.partition(",")[0] for note in done.notes] == ["vision has trilinear nodes"]
    view = ocio.DisplayViewTransform("Linear Rec.709 (sRGB)", "sRGB - Display", "SDev vision")
    made = shown(opened(ocio, done.path).getProcessor(view), probe(), ocio.OPTIMIZATION_LOSSLESS)
    assert np.abs(made - built("vision").apply(probe())).max() <= OCIO


def test_two_sdevs_of_one_name_are_refused(built: Any, tmp_path: Path) -> None:
    built("vision").save(tmp_path / "vision.clf")
    one_line(
        lambda: extend_config(tmp_path / "made", ["vision", str(tmp_path / "vision.clf")], "cg-config"),
        "vision.clf: its name 'vision' is taken",
        "--name NAME gives another",
    )
