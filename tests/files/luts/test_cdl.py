"""ASC CDL files: what OpenColorIO makes of them, choosing by id, and what is written."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from lut_samples import difference, hosted, is_read, mutated, probes

from lattice.files.luts import cdl
from lattice.interp import process
from lattice.process_list import Cdl, Matrix, ProcessList

NEAR = 2e-5  # of the larger of 1 and the value: a power in float32 of values up to 1e5, whose error saturation adds up
SOP = "<SOPNode><Slope>1.1 .9 1.2</Slope><Offset>.1 -.1 .01</Offset><Power>1.2 .8 1</Power></SOPNode>"
SAT = "<SATNode><Saturation>1.3</Saturation></SATNode>"
FIRST = f'<ColorCorrection id="a"><Description>warm</Description>{SOP}{SAT}</ColorCorrection>'
SECOND = f"<ColorCorrection>{SAT}</ColorCorrection>"
GRADE = Cdl(np.array([1.1, 0.9, 1.2]), np.array([0.1, -0.1, 0.01]), np.array([1.2, 0.8, 1]), 1.3, is_clamped=False)
FILES = {
    ".cc": FIRST,
    ".ccc": f'<ColorCorrectionCollection xmlns="urn:ASC:CDL:v1.01">{FIRST}{SECOND}</ColorCorrectionCollection>',
    ".cdl": f"<ColorDecisionList><ColorDecision><MediaRef ref='x'/>{FIRST}</ColorDecision></ColorDecisionList>",
}
FORMATS = {one.suffixes[0]: one for one in (cdl.FORMAT, cdl.COLLECTION, cdl.CORRECTION)}


@pytest.mark.parametrize("suffix", FILES)
def test_a_file_is_a_correction_without_clamping(suffix: str, ocio: Any, tmp_path: Path) -> None:
    data = FILES[suffix].encode()
    found = cdl.parse(data, "a")
    assert found.nodes == (GRADE,)
    assert found.name == "a"
    assert dict(found.provenance) == {"id": "a", "description": "warm"}
    pixels = probes()
    wanted = hosted(ocio, tmp_path / f"a{suffix}", data, pixels)
    assert difference(process.run(found.nodes, np.ascontiguousarray(pixels.T)).T, wanted) <= NEAR


def test_corrections_are_chosen_by_id() -> None:
    found = cdl.corrections(FILES[".ccc"].encode())
    assert list(found) == ["a", "2"]
    assert found["2"].nodes == (Cdl(saturation=1.3, is_clamped=False),)
    assert found["2"].name == ""
    assert cdl.parse(FILES[".ccc"].encode(), "2") == found["2"]
    one_line(lambda: cdl.parse(FILES[".ccc"].encode()), "holds 2 corrections, a, 2: name one, as in FILE.ccc@a")
    one_line(lambda: cdl.parse(FILES[".ccc"].encode(), "b"), "no correction has the id 'b'; did you mean 'a'?")


@pytest.mark.parametrize("suffix", FILES)
def test_what_is_written_comes_back(suffix: str, ocio: Any, tmp_path: Path) -> None:
    node = Cdl(np.array([1 / 3, 0, 2]), np.array([-0.1, 1e-9, 0.2]), np.array([0.7, 1 / 7, 2]), 2 / 3, is_clamped=False)
    wanted = ProcessList("a & b", (node,), {"description": "<warm>", "id": "a & b"})
    write = FORMATS[suffix].write
    assert write is not None
    found = FORMATS[suffix].parse(write(wanted))
    assert found == wanted
    assert dict(found.provenance) == dict(wanted.provenance)
    pixels = probes()
    shown = hosted(ocio, tmp_path / f"a{suffix}", write(wanted), pixels)
    assert difference(process.run([node], np.ascontiguousarray(pixels.T)).T, shown) <= NEAR


def test_a_list_of_anything_else_is_not_written() -> None:
    for nodes in ((), (Cdl(),), (GRADE, GRADE), (Matrix(np.eye(3)),), (Cdl(is_clamped=False, is_inverse=True),)):
        one_line(lambda nodes=nodes: cdl.write_cc(ProcessList("", nodes)), "one CDL", ".clf")  # type: ignore[misc]


REFUSED = {
    "another root": ("<ProcessList/>", "ColorDecisionList"),
    "none": ("<ColorDecisionList/>", "expected a ColorCorrection"),
    "an id twice": (f"<ColorCorrectionCollection>{FIRST}{FIRST}</ColorCorrectionCollection>", "'a' again"),
    "two of a kind": (f"<ColorCorrection>{SAT}{SAT}</ColorCorrection>", "line 1: SATNode"),
    "no Offset": ("<ColorCorrection><SOPNode><Slope>1 1 1</Slope></SOPNode></ColorCorrection>", "Offset"),
    "two numbers": (FIRST.replace("1.1 .9 1.2", "1.1 .9"), "expected 3 numbers, got 2"),
    "a comma": (FIRST.replace("1.1 .9 1.2", "1,1 0,9 1,2"), "'1,1'"),
    "a slope below 0": (FIRST.replace("1.1 .9 1.2", "-1.1 .9 1.2"), "slope"),
    "NaN": (FIRST.replace("1.3", "nan"), "finite"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_are_one_line(name: str) -> None:
    text, says = REFUSED[name]
    one_line(lambda: cdl.parse(text.encode()), says)


def test_damaged_files_are_read_or_refused() -> None:
    random = np.random.default_rng(6)
    first = partial(cdl.parse, name="a")
    read = sum(is_read(first, mutated(FILES[".ccc"].encode(), random)) for _ in range(1000))
    assert 10 < read < 900  # else the damage is too small or too large to try the reader
