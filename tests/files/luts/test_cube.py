"""The .cube files of Iridas, Adobe and Resolve: what their keywords mean, and how ours are laid out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from text_lut_samples import FACTS, colors, curve, difference, nodes, ran, through_colour, through_ocio

from lattice.files.luts import cube, domain
from lattice.process_list import Lut1D, Lut3D, Matrix, ProcessList

ERROR = 2e-5
ROWS_1D = "0 0 0\n0.5 0.25 0.1\n1 1 1\n"
ROWS_3D = "".join(f"{r} {0.5 * g + 0.1 * r} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1))
BOTH_OF_OCIO = {  # and of colour-science
    "1D": f"LUT_1D_SIZE 3\n{ROWS_1D}",
    "1D with a domain": f"DOMAIN_MAX 2 3 4\nLUT_1D_SIZE 3\nDOMAIN_MIN -1 0 -0.5\n{ROWS_1D}",
    "3D": f"LUT_3D_SIZE 2\n{ROWS_3D}",
    "3D with a domain": f'TITLE "a"\nLUT_3D_SIZE 2\nDOMAIN_MIN -1 0 -0.5\nDOMAIN_MAX 2 3 4\n# b\n{ROWS_3D}',
    "comments in the data": f"LUT_3D_SIZE 2\n{ROWS_3D}".replace("\n1", "\n# a\n\n1", 2),
    "a shaper": f"# a\nLUT_1D_SIZE 3\nLUT_3D_SIZE 2\n{ROWS_1D}{ROWS_3D}",
    "a shaper with ranges": "LUT_1D_SIZE 3\nLUT_1D_INPUT_RANGE -1 3\nLUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE -0.5 1.5\n"
    f"{ROWS_1D}{ROWS_3D}",
    "3D with a range": f"LUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE -0.5 1.5\n{ROWS_3D}",
    "1D with a range": f"LUT_1D_SIZE 3\nLUT_1D_INPUT_RANGE -1 3\n{ROWS_1D}",
}
OF_OCIO = {
    "small letters": f"title a\nlut_3d_size 2\ndomain_max 2 2 2\n{ROWS_3D}",
    "a range of no LUT": f"LUT_3D_SIZE 2\nLUT_1D_INPUT_RANGE -1 3\n{ROWS_3D}",
}
OF_COLOUR = {  # TITLE beside a range, and comments in a shaper's data: refused by OpenColorIO
    "a title with a shaper": f'TITLE "a"\nLUT_1D_SIZE 3\nLUT_3D_SIZE 2\n{ROWS_1D}{ROWS_3D}',
    "a title with a range": f'TITLE "a"\nLUT_1D_SIZE 3\nLUT_1D_INPUT_RANGE -1 3\n{ROWS_1D}',
    "comments in a shaper": f"LUT_1D_SIZE 3\nLUT_3D_SIZE 2\n{ROWS_1D}# the cube\n{ROWS_3D}",
}


@pytest.mark.parametrize("text", [*BOTH_OF_OCIO.values(), *OF_OCIO.values()], ids=[*BOTH_OF_OCIO, *OF_OCIO])
def test_ocio_reads_the_same(text: str, ocio: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.cube"
    path.write_text(text)
    assert difference(ran(cube.parse(text.encode()), colors(-2, 5)), through_ocio(ocio, path, colors(-2, 5))) <= ERROR


@pytest.mark.parametrize("text", OF_COLOUR.values(), ids=[*OF_COLOUR])
def test_colour_science_reads_the_same(text: str, ocio: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.cube"
    path.write_text(text)
    pixels = colors(0, 1)
    from colour.io import read_LUT_ResolveCube

    expected = read_LUT_ResolveCube(str(path)).apply(pixels.astype(np.float64))
    assert difference(ran(cube.parse(text.encode()), pixels, "trilinear"), expected) <= ERROR
    with pytest.raises(ocio.Exception):
        through_ocio(ocio, path, pixels)


def test_red_is_fastest_and_the_domain_a_matrix() -> None:
    held = cube.parse(BOTH_OF_OCIO["3D with a domain"].encode())
    matrix, lut = held.nodes
    assert isinstance(matrix, Matrix)
    assert isinstance(lut, Lut3D)
    assert (lut.nodes[1, 0, 0, 0], lut.nodes[0, 0, 0, 0], lut.nodes[0, 0, 1, 2]) == (1, 0, 1)
    assert lut.interpolation == "tetrahedral"
    ends = matrix.matrix[:, :3] @ np.array([[-1, 2], [0, 3], [-0.5, 4]]) + matrix.matrix[:, 3:]
    assert np.allclose(ends, [[0, 1]] * 3, atol=1e-15)
    assert held.name == "a"


@pytest.mark.parametrize(
    ("line", "name"),
    [('TITLE "a b" # c', "a b"), ("TITLE a b", "a b"), ('title ""', ""), ('TITLE "a', '"a'), ("TITLE", "")],
)
def test_titles(line: str, name: str) -> None:
    assert cube.parse(f"{line}\n{BOTH_OF_OCIO['3D']}".encode()).name == name


def header(*held: Any, name: str = FACTS["title"]) -> list[str]:
    lines = cube.write(ProcessList(name, held, FACTS)).decode("ascii").split("\n")
    return [line for line in lines if line[:1] in "#TLD"]


NOTES = [
    "# lattice title: A look: one",
    "# lattice input: LogC3 EI800 / Rec.709",
    r"# lattice odd: \x20b\\c\n\xfc: d\x20",
    "",
]


def test_the_header_opens_everywhere() -> None:
    """Comments first, then TITLE; DOMAIN only where it is not 0..1; no TITLE beside a range or a shaper."""
    plain, lut = Lut3D(nodes()), Lut1D(curve(4))
    assert header(plain) == [*NOTES[:-1], 'TITLE "A look: one"', "LUT_3D_SIZE 5", ""]
    wide = domain.to_matrix(["-0.1"] * 3, ["46.1"] * 3)
    ends = ["DOMAIN_MIN -0.1 -0.1 -0.1", "DOMAIN_MAX 46.1 46.1 46.1"]
    assert header(wide, plain)[3:-1] == ['TITLE "A look: one"', "LUT_3D_SIZE 5", *ends]
    assert header(lut)[3:-1] == ['TITLE "A look: one"', "LUT_1D_SIZE 4"]
    assert header(lut, plain) == [*NOTES[:-1], "LUT_1D_SIZE 4", "LUT_3D_SIZE 5", ""]
    shaper = Lut1D(curve(4), np.full(3, -0.1), np.full(3, 46.1))
    ranges = ["LUT_1D_SIZE 4", "LUT_1D_INPUT_RANGE -0.1 46.1", "LUT_3D_SIZE 5", "LUT_3D_INPUT_RANGE -0.1 46.1"]
    assert header(shaper, wide, plain) == [*NOTES[:-1], *ranges, ""]


def test_a_title_is_one_line_of_ascii_without_quotes_and_comes_back() -> None:
    odd = 'a "b"\n\xfc' + "x" * 300
    held = ProcessList(odd, (Lut3D(nodes(2)),))
    data = cube.write(held)
    assert data.isascii()
    titles = [line for line in data.split(b"\n") if line.startswith(b"TITLE")]
    assert len(titles) == 1
    assert titles[0].count(b'"') == 2
    assert odd.startswith(cube.parse(data).name[:100])
    assert cube.write(ProcessList("", (Lut3D(nodes(2)),))).startswith(b"LUT_3D_SIZE 2\n")


def test_what_a_cube_does_not_hold_is_refused() -> None:
    plain, lut = Lut3D(nodes(2)), Lut1D(curve(4))
    uneven = domain.to_matrix(["0"] * 3, ["1", "2", "3"])
    for held, says in (
        ((lut, uneven, plain), "one for all channels"),
        ((Lut1D(curve(4), np.zeros(3), np.array([1, 2, 3])), plain), "holds"),
        ((Matrix(np.full((3, 3), 0.5)), plain), "each channel by itself"),
        ((uneven, lut), "holds"),
        ((uneven,), "holds"),
    ):
        one_line(lambda held=held: cube.write(ProcessList("", held)), says)


def test_colour_science_reads_ours(tmp_path: Path) -> None:
    path = tmp_path / "a.cube"
    held = ProcessList("a", (Lut3D(nodes(9)),), FACTS)
    path.write_bytes(cube.write(held))
    assert difference(ran(held, colors(0, 1), "trilinear"), through_colour(path, colors(0, 1))) <= ERROR
