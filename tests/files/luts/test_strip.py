"""Strips of slices: where each node is, what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from basics import one_line
from hald_samples import by_oiio, codes

from lattice.files.luts import register, strip
from lattice.process_list import Lut3D, ProcessList

FACTS = {strip.LAYOUT: strip.STRIP, "takes": "sRGB codes"}


def test_blue_runs_from_slice_to_slice_and_green_down(tmp_path: Path) -> None:
    size = 16
    pixels = np.zeros((size, size**2, 3), np.uint8)
    g, x = np.indices(pixels.shape[:2])
    pixels[...] = np.stack([x % size, g, x // size], axis=-1) * 17
    pixels[3, 2 * size + 5] = 1, 2, 3  # red 5, green 3, blue 2
    path = tmp_path / "a.png"
    by_oiio(pixels, path)
    found = register.read(path)
    (lut,) = found.nodes
    assert isinstance(lut, Lut3D)
    axis = np.linspace(0, 1, size)
    wanted = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)
    wanted[5, 3, 2] = np.array([1, 2, 3]) / 255
    assert np.abs(lut.nodes - wanted).max() < 1e-6
    again = register.parsed(register.text_of(found, path), path)
    assert again.nodes[0] == lut


def test_what_is_said_comes_back_and_a_hald_stays_one(tmp_path: Path) -> None:
    nodes = np.random.default_rng(0).integers(0, 256, (9, 9, 9, 3)).astype(np.float32) / np.float32(255)
    path = tmp_path / "a.png"
    path.write_bytes(register.text_of(ProcessList("x", (Lut3D(nodes),), FACTS), path))
    found = register.read(path)
    assert found.provenance == {**FACTS, "title": "x"}
    assert np.array_equal(found.nodes[0].nodes, nodes)  # type: ignore[attr-defined]  # a Lut3D
    assert not strip.is_strip(by_oiio(codes(3), path))
    assert strip.LAYOUT not in register.read(path).provenance


def test_what_is_no_strip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    for shape in ((16, 255, 3), (65, 65**2, 3), (1, 1, 3)):
        data = by_oiio(np.zeros(shape, np.uint8), path)
        one_line(lambda data=data: strip.parse(data), "expected a strip, N^2 x N pixels")
    opaque = np.full((4, 16, 4), 255, np.uint8)
    strip.parse(by_oiio(opaque, path))
    opaque[0, 0, 3] = 254
    one_line(lambda: strip.parse(by_oiio(opaque, path)), "alpha is opaque")
    cube = Lut3D(np.full((2, 2, 2, 3), 1.5, np.float32))
    one_line(lambda: strip.write(ProcessList("", (cube,), FACTS)), "a strip holds values from 0 to 1")
    one_line(lambda: strip.write(ProcessList("", (cube, cube), FACTS)), "a strip of slices, which holds one LUT3D")
