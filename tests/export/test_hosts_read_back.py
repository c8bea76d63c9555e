"""What is written for each program is read by OpenColorIO, colour-science or OpenImageIO with our pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from export_samples import natural, written
from ocio_host import host as through_ocio
from text_lut_samples import through_colour

from lattice.export.hosts import hosts
from lattice.export.recipe import is_exact
from lattice.files.luts import register
from lattice.interp import process

# tests/files/luts/test_icc.py asks LittleCMS about links; CLFs are no LUTs
FILES = [
    (name, suffix)
    for name, host in hosts().items()
    for suffix in host.suffixes
    if not is_exact(suffix) and suffix != ".icc"
]
BY_OCIO, BY_COLOUR = (".cube", ".csp", ".spi3d"), (".cube", ".csp", ".spi3d")
OCIO, COLOUR = 2e-5, 2e-5
JOINED = 1e-4  # of a .csp, whose points OpenColorIO joins by a cubic
STEP = {"Hald": 1 / 65535, "strip": 1 / 255}


def made_of(files: list[Path], given: Any, method: Any) -> Any:
    planes = np.ascontiguousarray(given.T, np.float64)
    for path in files:
        planes = process.run(register.read(path).with_interpolation(method).nodes, planes)
    return planes.T


@pytest.mark.parametrize(("name", "suffix"), FILES)
def test_others_read_the_same(name: str, suffix: str, tmp_path: Path, ocio: Any) -> None:
    files, recipe = written("premier", tmp_path / f"a{suffix}", size=16, host=name)
    light = np.clip(natural()[:2000], 0, 40)
    given = (np.clip(recipe.space.encode(light), 0, 1) if recipe.shaper == "none" else light).astype(np.float32)
    if suffix in BY_OCIO:
        found = given
        for path in files:
            found = through_ocio(ocio, path, found)
        most = JOINED if suffix == ".csp" and recipe.shaper == "points" else OCIO
        assert np.abs(found - made_of(files, given, "tetrahedral")).max() < most
        theirs = given.astype(np.float64)
        for path in files:
            theirs = through_colour(path, theirs)
        assert np.abs(theirs - made_of(files, given, "trilinear")).max() < COLOUR
    else:
        _same_image(files[0], hosts()[name].layout)


def _same_image(path: Path, layout: str) -> None:
    oiio = pytest.importorskip("OpenImageIO")
    pixels = oiio.ImageBuf(str(path)).get_pixels(oiio.FLOAT)[..., :3]
    nodes = register.read(path).nodes[0].nodes  # type: ignore[attr-defined]  # a Lut3D
    r, g, b = 3, 5, 11
    size = len(nodes)
    at = (b * size + g) * size + r
    found = pixels.reshape(-1, 3)[at] if layout == "Hald" else pixels[g, b * size + r]
    assert np.abs(found - nodes[r, g, b]).max() < STEP[layout]
    assert pixels.shape[:2] == ((64, 64) if layout == "Hald" else (16, 256))
