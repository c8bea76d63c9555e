"""Configs for OpenColorIO 1: a shaper and a 3D LUT of the exact chain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import colour
import numpy as np
import pytest
from basics import one_line
from ocio_configs import opened, shown

from lattice.build import render
from lattice.color.primaries import rgb_to_xyz
from lattice.export.bake import unshape
from lattice.export.recipe import BRIGHTEST
from lattice.hosts.chosen import sdev_of
from lattice.hosts.v1 import sampled, write_v1
from lattice.inspect.scenes import colors
from lattice.looks import load_profile
from lattice.types import decode_srgb

# Mean, 99 % and largest of CIEDE2000 against the exact chain, natural colors, by tetrahedra.
LOST = {33: (0.06, 0.22, 0.70), 65: (0.02, 0.07, 0.35)}

pytestmark = pytest.mark.usefixtures("ocio")


def lab(codes: Any) -> Any:
    xyz = decode_srgb(codes.astype(np.float64)) @ rgb_to_xyz("Rec.709").T
    return colour.XYZ_to_Lab(xyz, [0.3127, 0.3290])


@pytest.mark.parametrize("size", LOST)
def test_a_config_of_version_1_shows_the_exact_chain(size: int, ocio: Any, tmp_path: Path) -> None:
    done = write_v1(tmp_path / "made", ["premier"], size)
    config = opened(ocio, done.path)
    assert config.getMajorVersion() == 1
    profile = load_profile("premier")
    scene = colors(profile)["natural"]
    view = config.getProcessor(ocio.DisplayViewTransform("Linear Rec.709", "sRGB", "SDev premier"))
    codes = shown(view, scene.astype(np.float32), ocio.OPTIMIZATION_LOSSLESS)
    error = colour.delta_E(lab(np.clip(codes, 0, 1)), lab(render(profile, scene)), method="CIE 2000")
    found = (error.mean(), np.quantile(error, 0.99), error.max())
    assert all(lost <= most for lost, most in zip(found, LOST[size], strict=True)), found


def test_a_node_shows_the_exact_chain_itself(ocio: Any, tmp_path: Path) -> None:
    profile = load_profile("premier-camera")
    config = opened(ocio, write_v1(tmp_path / "made", ["premier-camera"], 9).path)
    nodes = node_light(9).reshape(-1, 3)
    view = config.getProcessor(ocio.DisplayViewTransform("Linear Rec.709", "sRGB", "SDev premier-camera"))
    codes = shown(view, nodes, ocio.OPTIMIZATION_LOSSLESS)
    # A node's light in float32 is off by 1e-7 of it, and lands within 1e-5 of a cell.
    assert np.abs(np.clip(codes, 0, 1) - render(profile, nodes)).max() <= 1e-5 * 8


def node_light(size: int) -> Any:
    """The light (size, size, size, 3) of every node."""
    steps = unshape(np.linspace(0, 1, size))
    return np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)


def test_the_shaper_rises_from_black_to_the_brightest() -> None:
    _, curve, _ = sampled("premier", 5)
    assert (curve.entries[0] == 0).all()
    assert (curve.entries[-1] == 1).all()
    assert (np.diff(curve.entries, axis=0) > 0).all()
    assert (curve.last == BRIGHTEST).all()


def test_a_clf_is_sampled_itself(ocio: Any, tmp_path: Path) -> None:
    sdev_of("premier").save(tmp_path / "mine.clf")
    done = write_v1(tmp_path / "made", [str(tmp_path / "mine.clf")], 9)
    view = opened(ocio, done.path).getProcessor(ocio.DisplayViewTransform("Linear Rec.709", "sRGB", "SDev premier"))
    nodes = node_light(9).reshape(-1, 3).astype(np.float32)
    codes = shown(view, nodes, ocio.OPTIMIZATION_LOSSLESS)
    assert np.abs(np.clip(codes, 0, 1) - sdev_of("premier").apply(nodes)).max() <= 1e-5 * 8


def test_what_is_no_config_of_version_1_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "made"
    one_line(lambda: write_v1(tmp_path / "a.ocioz", ["premier"]), "OpenColorIO 1 reads no archive")
    one_line(lambda: write_v1(target, ["premier"], 4), "--size: expected 5 to 129, got 4")
    one_line(lambda: write_v1(target, ["premier"], 130), "--size: expected 5 to 129, got 130")
    one_line(lambda: write_v1(target, ["premire"]), "no look named 'premire'")
    one_line(lambda: write_v1(target, []), "--sdev NAME")
    assert list(tmp_path.iterdir()) == []
