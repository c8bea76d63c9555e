"""Every text LUT that is written is read back bit for bit, and read by OpenColorIO and colour-science."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from text_lut_samples import (
    FACTS,
    FORMATS,
    SHAPES,
    WHOLE,
    colors,
    difference,
    nodes,
    ran,
    shape,
    through_colour,
    through_ocio,
)

from lattice.files.luts import discreet, domain, layout, notes, three_dl
from lattice.process_list import LARGEST, Cdl, Knots, Lut1D, Lut3D, Matrix, ProcessList

ERROR = 2e-5  # of two float32 evaluations whose positions in a table differ by their rounding
HALF_CODE = 0.5 / 65535
CODED = [name for name, (form, _) in SHAPES.items() if form in WHOLE] + ["discreet of 12 bits"]
COMMENTED = [name for name, (form, _) in SHAPES.items() if form not in ("spimtx", "houdini", "m3d", "itx")]
# Formats that colour-science reads. It takes a channel with fewer points than another to be padded with NaN.
BY_COLOUR = [name for name, (form, _) in SHAPES.items() if form in ("cube", "spi1d", "spi3d", "spimtx", "csp")]


def written(name: str, folder: Path) -> Path:
    form, held = shape(name)
    assert form.write is not None
    path = folder / f"a{form.suffixes[0]}"
    path.write_bytes(form.write(held))
    return path


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_written_is_read_back(name: str, tmp_path: Path) -> None:
    form, held = shape(name)
    again = form.parse(written(name, tmp_path).read_bytes())
    if name in CODED:
        for got, expected in zip(again.nodes, held.nodes, strict=True):
            values, wanted = (getattr(node, "nodes", getattr(node, "entries", None)) for node in (got, expected))
            assert np.abs(values.astype(np.float64) - wanted).max() <= HALF_CODE * (1 + 1e-6)
    elif name == "discreet beyond 0..1":  # half floats: eleven bits
        assert difference(again.nodes[0].entries, held.nodes[0].entries) <= 2**-11
    else:
        assert again.sha256 == held.sha256
    assert form.write is not None
    assert form.parse(form.write(again)).sha256 == again.sha256


@pytest.mark.parametrize("name", SHAPES)
def test_ocio_makes_the_same_of_it(name: str, ocio: Any, tmp_path: Path) -> None:
    path, pixels = written(name, tmp_path), colors()
    held = shape(name)[0].parse(path.read_bytes())
    expected = through_ocio(ocio, path, pixels)
    if "points" in name:  # a cubic through three or more points: compared at the points alone
        pixels = np.repeat(np.float32([-0.5, 46.1])[:, None], 3, axis=1)
        expected = through_ocio(ocio, path, pixels)
    assert difference(ran(held, pixels), expected) <= ERROR


@pytest.mark.parametrize("name", BY_COLOUR)
def test_colour_science_makes_the_same_of_it(name: str, tmp_path: Path) -> None:
    path = written(name, tmp_path)
    pixels = colors(0.5, 1.0)[8:]  # inside every domain: it goes on straight where a 1D LUT ends
    held = shape(name)[1]
    if "points" in name:
        held = ProcessList("", (_same_points(held.nodes[0]), *held.nodes[1:]))
        path.write_bytes(FORMATS["csp"].write(held))  # type: ignore[misc]
    assert difference(ran(held, pixels, "trilinear"), through_colour(path, pixels)) <= ERROR


def _same_points(points: Any) -> Knots:
    """Points as many in every channel: colour-science fills up shorter ones with NaN, and joins those, too."""
    return Knots((points.x[0],) * 3, (points.y[0],) * 3)


@pytest.mark.parametrize("name", COMMENTED)
def test_provenance_comes_back(name: str, tmp_path: Path) -> None:
    form, held = shape(name)
    again = form.parse(written(name, tmp_path).read_bytes())
    assert again.provenance == FACTS
    assert again.name == held.name


def test_notes_are_short_lines_of_ascii() -> None:
    facts = {"look": "x" * 9, "long": "\u00fc\n" * 500, "k:e\ty": "v", "plain": "a: b"}
    lines = notes.to_lines(facts)
    assert all(len(line) <= notes.LONGEST and line.isascii() and line.isprintable() for line in lines)
    again = notes.from_lines([*lines, "of another", "", "lattice of old"])
    assert again.pop("comments") == "of another\nlattice of old"
    assert again["long"] == facts["long"]
    assert "look" not in again
    assert {key: again[key] for key in ("k:e\ty", "plain")} == {"k:e\ty": "v", "plain": "a: b"}
    assert len(notes.from_lines(["y" * 300] * 100)["comments"]) == notes.MOST_COMMENTS
    assert notes.from_lines([r"lattice a: \x", "lattice b: \u00fc"]) == {"a": r"\x", "b": "\u00fc"}


@pytest.mark.parametrize(
    "value", ["word " * 300, "x" * 1000, "a  b " * 200, " " * 400, "\\" * 300, "end " * 44 + "\n", "w" * 170 + " " * 9]
)
def test_a_long_fact_is_held_whole(value: str) -> None:
    lines = notes.to_lines({"long": value, "+": "v"})
    assert len(lines) > 2
    assert all(len(line) <= notes.LONGEST for line in lines)
    stripped = [line.strip() for line in lines]  # as readers do
    assert notes.from_lines(stripped) == {"long": value, "+": "v"}
    assert len(notes.from_lines(notes.to_lines({"a": "y" * 9999}))["a"]) == notes.MOST_FACT


@pytest.mark.parametrize("form", FORMATS)
def test_what_a_format_does_not_hold_is_refused(form: str) -> None:
    write = FORMATS[form].write
    assert write is not None
    lut, cube = Lut1D(np.eye(3)), Lut3D(nodes(2, 0, 1))
    others = [
        (),
        (Cdl(),),
        (cube, cube),
        (lut, lut),
        (cube, lut),
        (Lut1D(np.eye(3), hue=True),),
        (cube, Matrix(np.eye(3))),
    ]
    for held in others:
        one_line(lambda held=held: write(ProcessList("", held)), "holds")


@pytest.mark.parametrize("bits", [10, 12, 16])
def test_3dl_of_fewer_bits(bits: int, ocio: Any, tmp_path: Path) -> None:
    cube = Lut3D(nodes(17, 0, 1))
    path = tmp_path / "a.3dl"
    path.write_bytes(three_dl.write(ProcessList("", (cube,)), bits))
    again = three_dl.parse(path.read_bytes())
    assert np.abs(again.nodes[0].nodes - cube.nodes).max() <= 0.5 / (2**bits - 1) + 1e-7  # type: ignore[attr-defined]
    assert difference(ran(again, colors()), through_ocio(ocio, path, colors())) <= ERROR


@pytest.mark.parametrize("largest", [128, 511, 512, 2047, 2048, 8191, 8192, 20000, 32768, 131071])
def test_3dl_depth_is_guessed_as_ocio_does(largest: int, ocio: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.3dl"
    rows = np.indices((2, 2, 2)).reshape(3, -1).T * largest
    path.write_text(f"0 {largest // 5} {largest // 2} {largest}\n{layout.whole_rows(rows)}")
    assert difference(ran(three_dl.parse(path.read_bytes()), colors()), through_ocio(ocio, path, colors())) <= ERROR


def test_3dl_that_readers_would_guess_wrongly_is_refused() -> None:
    for values, says in (
        (nodes(4, 0, 0.4), "above 0.5"),
        (nodes(4, 0, 1.1), "from 0 to 1"),
        (nodes(4, -0.1, 1), "from 0"),
    ):
        one_line(lambda values=values: three_dl.write(ProcessList("", (Lut3D(values),))), says)
    one_line(lambda: three_dl.write(ProcessList("", (Lut3D(nodes(4, 0, 1)),)), 14), "10, 12 or 16")
    long = Lut1D(np.repeat(np.linspace(0, 1, 1024)[:, None], 3, axis=1))
    one_line(lambda: three_dl.write(ProcessList("", (long, Lut3D(nodes(4, 0, 1))))), "4,000 characters")


def test_discreet_values_of_depths_that_the_file_does_not_say() -> None:
    def read(header: str, *codes: int) -> Any:
        return (
            discreet.parse(f"{header}\n{layout.whole_rows(np.array(codes)[:, None])}".encode()).nodes[0].entries[:, 0]
        )  # type: ignore[attr-defined]

    steps = np.arange(256)
    assert np.allclose(read("# old", *steps), steps / 255)
    assert np.allclose(read("LUT: 1 256", *steps), steps / 255)
    assert np.allclose(read("LUT: 1 256", *(steps * 257)), steps / 255)
    assert np.allclose(read("LUT: 1 256 4096", *steps), steps / 4095)
    assert np.allclose(read("LUT: 1 256", *(0x3800 + steps)), 0.5 + steps / 2048)
    three = discreet.parse(b"LUT: 4 2 256\n" + b"".join(b"%d\n" % code for code in (0, 51, 0, 102, 0, 153, 0, 204)))
    assert np.allclose(three.nodes[0].entries, [[0, 0, 0], [0.2, 0.4, 0.6]])  # type: ignore[attr-defined]
    halves = layout.whole_rows(np.arange(65536)[:, None])
    entries = discreet.parse(f"LUT: 1 65536 65536f\n{halves}".encode()).nodes[0].entries[:, 0]  # type: ignore[attr-defined]
    assert (entries[0x3C00], entries[0x7C00], entries[0xFC00], entries[0x7E00]) == (1, 65504, -65504, 0)
    one_line(lambda: read("LUT: 1 2 65536f", 0, 0x7C00), "finite")
    one_line(lambda: discreet.write(ProcessList("", (Lut1D(np.full((1024, 3), 7e4)),))), "65,504")


@pytest.mark.parametrize("seed", range(40))
def test_any_matrix_of_a_domain_comes_back(seed: int) -> None:
    random = np.random.default_rng(seed)
    scale, offset = np.exp(random.uniform(-8, 8, 3)), random.normal(0, 3, 3) * (seed % 3) + 0.0
    matrix = Matrix(np.column_stack([np.diag(scale), offset]))
    first, last = domain.from_matrix(matrix)
    assert domain.to_matrix(first, last) == matrix
    assert np.allclose(matrix.matrix[:, :3] @ np.array(first, float) + offset, 0, atol=1e-9)
    assert np.allclose(matrix.matrix[:, :3] @ np.array(last, float) + offset, 1, atol=1e-9)


def test_a_domain_is_written_as_short_as_it_was() -> None:
    ends = ["-0.1", "0", "0.00001"], ["46.1", "1.5", "2"]
    assert domain.from_matrix(domain.to_matrix(*ends)) == ends
    for matrix in (np.eye(3)[::-1], -np.eye(3), np.diag([1.0, 0.0, 1.0])):
        one_line(lambda matrix=matrix: domain.from_matrix(Matrix(matrix)), "each channel by itself")


def test_odd_numbers_come_back(ocio: Any, tmp_path: Path) -> None:
    bits = np.random.default_rng(3).integers(0, 2**32, 3 * 33**3, dtype=np.uint32).view(np.float32)
    normal = np.isfinite(bits) & (np.abs(bits) > 1e-37) & (np.abs(bits) < LARGEST)
    values = np.where(normal, bits, np.float32(-0.0)).reshape(33, 33, 33, 3)
    again = FORMATS["cube"].parse(FORMATS["cube"].write(ProcessList("", (Lut3D(values),))))  # type: ignore[misc]
    assert again.nodes[0].content() == Lut3D(values).content()
    path = tmp_path / "a.cube"  # OpenColorIO refuses numbers below the smallest normal one: they are written as 0
    path.write_bytes(FORMATS["cube"].write(ProcessList("", (Lut3D(np.full((2, 2, 2, 3), 1e-40)),))))  # type: ignore[misc]
    assert not through_ocio(ocio, path, colors()).any()


@pytest.mark.parametrize("form", ["cube", "spi3d", "csp", "vf", "cub", "houdini", "itx", "three_dl", "m3d"])
def test_65_nodes_are_read_and_written_at_once(form: str) -> None:
    held = ProcessList("", (Lut3D(nodes(65, 0, 1)),))
    parse, write = FORMATS[form].parse, FORMATS[form].write
    assert write is not None
    start = time.process_time()
    data = write(held)
    middle = time.process_time()
    again = parse(data)
    end = time.process_time()
    assert len(data) <= FORMATS[form].most_bytes
    assert form in WHOLE or again.sha256 == held.sha256
    print(f"{form}: {len(data) / 1e6:.1f} MB, written {middle - start:.2f} s, read {end - middle:.2f} s")
    assert middle - start < 2, "a row at a time takes 5 s on a loaded machine"
    assert end - middle < 2, "a row at a time takes 5 s on a loaded machine"
