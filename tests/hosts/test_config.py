"""OpenColorIO shows through our configs what the SDevs show: every view, look and named transform."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ocio_configs import opened, shown, with_look
from tolerance import OCIO

from lattice.hosts.chosen import sdev_of
from lattice.hosts.config import Written, extend_config
from lattice.inspect.scenes import colors
from lattice.looks import load_profile, profile_names
from lattice.sdev import SDev

LOOKS = ("premier", "vision", "premier-camera")
BASES = ("studio-config", "cg-config", "cg-config-v5.0.0_aces-v2.1_ocio-v2.6")
LINEAR, PLAIN = "Linear Rec.709 (sRGB)", "Un-tone-mapped"
# With the approximations that hosts use: a table in the place of the power leaves them nothing to approximate.
FAST = 2e-5
# ACES' displays and ours. A pure power has no toe, so its codes differ without bound: see `tolerance.OCIO`.
SHOWN_ON = {
    "sRGB - Display": "sRGB",
    "Rec.1886 Rec.709 - Display": "Rec.1886",
    "Rec.1886 Rec.2020 - Display": "Rec.2020",
    "P3-D65 - Display": "P3-D65",
    "P3-DCI - Display": "P3-DCI",
}


@cache
def natural() -> Any:
    """Natural colors, saturated ones, those of LEDs, and grays, (n, 3) float32."""
    return np.concatenate(list(colors(load_profile("premier")).values())).astype(np.float32)


@pytest.fixture(scope="module")
def written(ocio: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    @cache
    def made(base: str, suffix: str = "") -> Written:
        return extend_config(tmp_path_factory.mktemp("config") / f"made{suffix}", LOOKS, base)

    return made


def taking(sdev: SDev, space: str) -> SDev:
    """OpenColorIO takes D60 to D65 by Bradford."""
    return sdev if space == LINEAR else sdev.with_input(space, "Bradford")


@pytest.mark.parametrize("space", [LINEAR, "ACEScg"])
@pytest.mark.parametrize("base", BASES)
def test_a_view_and_a_look_and_a_named_transform_show_the_sdev(base: str, space: str, written: Any, ocio: Any) -> None:
    done = written(base)
    config = opened(ocio, done.path)
    for name, view, look, named in zip(LOOKS, done.views, done.looks, done.named, strict=True):
        expected = taking(sdev_of(name), space).apply(natural())
        viewed = config.getProcessor(ocio.DisplayViewTransform(space, "sRGB - Display", view))
        processors = [viewed, with_look(ocio, config, space, "sRGB - Display", PLAIN, look)]
        if space == LINEAR:
            processors.append(config.getProcessor(config.getNamedTransform(named), ocio.TRANSFORM_DIR_FORWARD))
        for processor in processors:
            assert np.abs(shown(processor, natural(), ocio.OPTIMIZATION_LOSSLESS) - expected).max() <= OCIO
            assert np.abs(shown(processor, natural(), ocio.OPTIMIZATION_DEFAULT) - expected).max() <= FAST


@pytest.mark.parametrize("display", SHOWN_ON)
def test_one_view_serves_every_display(display: str, written: Any, ocio: Any) -> None:
    config = opened(ocio, written("studio-config").path)
    for name in LOOKS:
        sdev = sdev_of(name).with_display(SHOWN_ON[display])
        processor = config.getProcessor(ocio.DisplayViewTransform(LINEAR, display, f"SDev {name}"))
        codes = shown(processor, natural(), ocio.OPTIMIZATION_LOSSLESS), sdev.apply(natural())
        light = [sdev.display.decode(code) for code in codes]
        assert np.abs(light[0] - light[1]).max() <= OCIO


def test_a_print_is_no_brighter_than_its_white_on_an_hdr_display(written: Any, ocio: Any) -> None:
    config = opened(ocio, written("studio-config").path)
    view = ocio.DisplayViewTransform(LINEAR, "Rec.2100-PQ - Display", "SDev premier")
    grays = np.repeat(0.18 * 2.0 ** np.linspace(-6, 8, 100)[:, None], 3, axis=1).astype(np.float32)
    codes = shown(config.getProcessor(view), grays, ocio.OPTIMIZATION_LOSSLESS)
    assert np.abs(codes - sdev_of("premier").with_display("PQ@100").apply(grays)).max() <= OCIO


def test_an_archive_is_the_same_config(written: Any, ocio: Any) -> None:
    made = [opened(ocio, written("cg-config", suffix).path) for suffix in ("", ".ocioz")]
    view = ocio.DisplayViewTransform("ACEScg", "sRGB - Display", "SDev vision")
    one, other = (shown(each.getProcessor(view), natural(), ocio.OPTIMIZATION_LOSSLESS) for each in made)
    assert np.array_equal(one, other)


@pytest.mark.slow
def test_every_shipped_look_fits_into_a_config(ocio: Any, tmp_path: Path) -> None:
    done = extend_config(tmp_path / "all", profile_names())  # each is held to its SDev
    assert len(done.views) == len(set(done.views)) == len(profile_names())


def test_menus_and_roles_are_extended(written: Any, ocio: Any) -> None:
    for base in BASES[:2]:
        config = opened(ocio, written(base).path)
        views = [f"SDev {name}" for name in LOOKS]
        assert (config.getMajorVersion(), config.getMinorVersion()) == (2, 1)
        assert list(config.getActiveViews())[-3:] == views
        for display in config.getDisplays():
            assert [view for view in config.getViews(display) if view in views] == views
        roles = {role: config.getRoleColorSpace(role) for role in config.getRoleNames()}
        assert roles["default_byte"] == roles["default_sequencer"] == "sRGB - Texture"
        assert roles["default_float"] == roles["scene_linear"] == "ACEScg"


def test_descriptions_say_what_goes_together(written: Any, ocio: Any) -> None:
    config = opened(ocio, written("studio-config").path)
    assert "leave Look at None" in config.getViewTransform("SDev premier").getDescription()
    assert "goes with the view 'Un-tone-mapped'" in config.getLook("premier print").getDescription()
    assert sdev_of("premier").sha256[:12] in config.getLook("premier print").getDescription()
    assert "SDev premier, SDev vision, SDev premier-camera" in config.getDescription()
