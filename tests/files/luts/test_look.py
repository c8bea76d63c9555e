"""The LUT of an Iridas look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from look_samples import DIGITS, NODES, ROWS, text
from lut_samples import difference, hosted, is_read, mutated, probes

from lattice.files.luts import look
from lattice.interp import process
from lattice.process_list import Lut3D

NEAR = 2e-6  # of the larger of 1 and the value: eight products of float32


def test_nodes_are_those_of_the_digits(ocio: Any, tmp_path: Path) -> None:
    found = look.FORMAT.parse(text()).nodes
    assert found == (Lut3D(NODES),)
    assert look.FORMAT.parse(text(digits=ROWS.lower(), more="<mask/>")).nodes == found
    pixels = probes()
    wanted = hosted(ocio, tmp_path / "a.look", text(), pixels)  # trilinear, as a host that is asked for nothing
    assert difference(process.run([Lut3D(NODES, "trilinear")], np.ascontiguousarray(pixels.T)).T, wanted) <= NEAR


REFUSED = {
    "another root": (b"<ProcessList/>", "expected a look"),
    "no LUT": (b"<look/>", "expected one LUT, got none"),
    "a mask": (text(more="<mask><name/></mask>"), "mask"),
    "another size": (text(size='"5"'), "expected 375 numbers of 8 digits"),
    "a huge size": (text(size='"999"'), "2 to 129"),
    "no size": (text(size='"4.5"'), "'4.5'"),
    "other letters": (text(digits="G" + DIGITS[1:]), "hexadecimal"),
    "NaN": (text(digits="0000C07F" + DIGITS[8:]), "finite"),
    "a digit less": (text(digits=DIGITS[1:]), "digits"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_are_one_line(name: str) -> None:
    data, says = REFUSED[name]
    one_line(lambda: look.FORMAT.parse(data), says)


def test_damaged_files_are_read_or_refused() -> None:
    random = np.random.default_rng(6)
    read = sum(is_read(look.FORMAT.parse, mutated(text(), random)) for _ in range(1000))
    assert 10 < read < 900  # else the damage is too small or too large to try the reader
