"""The CLF and CTF of others: OpenColorIO decides what every node, style and bit depth means."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import SHARED, halves, one_line, require
from clf_samples import DEPTHS, MADE, array, curves, listed
from lut_samples import difference, hosted, is_read, mutated, probes

from lattice.files import clf_nodes
from lattice.files.luts import clf, ctf
from lattice.interp import process
from lattice.process_list import InverseLut3D, Lut1D, Lut3D, Matrix, Range

LUTS = SHARED / "luts"
# Of the larger of 1 and the value: the powers and logarithms of two libraries in float32, one after the other up to 12
# times (log_all_styles.clf), each within 1e-6; the steepest of the files multiplies that by less than 20.
NEAR = 2e-5


@pytest.mark.parametrize("name", MADE)
def test_made_up_nodes_give_the_pixels_of_opencolorio(name: str, ocio: Any, tmp_path: Path) -> None:
    pixels = probes()
    if "hue" in name:
        pixels = pixels[np.abs(pixels).max(axis=1) < 1e6]  # inf - inf
    wanted = hosted(ocio, tmp_path / "made.ctf", MADE[name], pixels)
    found = process.run(clf.FORMAT.parse(MADE[name]).nodes, np.ascontiguousarray(pixels.T)).T
    assert difference(found, wanted) <= NEAR


@pytest.mark.parametrize("name", [path.name for path in sorted(LUTS.glob("*.c[lt]f"))] or ["none"])
def test_files_of_others_give_the_pixels_of_opencolorio(name: str) -> None:
    if not LUTS.is_dir():
        require("luts", "no folder ../shared/luts beside the repository")
    expected = np.load(LUTS / "expected.npz")
    data = (LUTS / name).read_bytes()
    if f"{name}|error" in expected:
        one_line(lambda: clf.FORMAT.parse(data), "expected")
        return
    found = clf.FORMAT.parse(data)
    assert ctf.FORMAT.parse(ctf.write(found)) == found
    if any(isinstance(node, InverseLut3D) for node in found.nodes):
        return  # its pixels are those of the inverse
    pixels = process.run(found.nodes, np.ascontiguousarray(expected["input"].T)).T
    # A LUT3D that says no interpolation is trilinear; a host that is asked for another takes that.
    methods = ("linear", "tetrahedral") if b"interpolation" in data or b"<LUT3D" not in data else ("linear",)
    assert max(difference(pixels, expected[f"{name}|{method}"]) for method in methods) <= NEAR


def test_versions_and_namespaces() -> None:
    body = f"<p:Matrix {DEPTHS}>{array('3 3', 2, 0, 0, 0, 2, 0, 0, 0, 2).replace('Array', 'p:Array')}</p:Matrix>"
    spaces = (
        "urn:AMPAS:CLF:v3.0",
        "urn:AMPAS:CLF:v2.0",
        "http://www.smpte-ra.org/ns/2136-1/2024",
        "urn:NATAS:ASC:LUT:v0.95",
    )
    for space in spaces:
        found = clf.FORMAT.parse(f'<p:ProcessList xmlns:p="{space}" id="a">{body}</p:ProcessList>'.encode())
        assert found.nodes == (Matrix(2 * np.eye(3)),)
    for version in ('compCLFversion="2.0"', 'compCLFversion="ST2136-1:2024"', 'version="1.3"', ""):
        assert clf.FORMAT.parse(listed(body.replace("p:", ""), version)).nodes == (Matrix(2 * np.eye(3)),)


def test_notes_anywhere_are_kept() -> None:
    data = listed(
        f"<InputDescriptor>LogC3 &amp; AWG3</InputDescriptor><Description>one</Description><Matrix {DEPTHS}>"
        f"<Description>of the node</Description>{array('3 3', 1, 0, 0, 0, 1, 0, 0, 0, 1)}</Matrix><Info>made <by>a "
        "person</by></Info><Description>two</Description><OutputDescriptor>Rec.709</OutputDescriptor>",
        'name="a look" inverseOf="b" version="2.0"',
    )
    found = clf.FORMAT.parse(b"\xef\xbb\xbf" + data)
    assert found.name == "a look"
    assert dict(found.provenance) == {
        "title": "a look",
        "input descriptor": "LogC3 & AWG3",
        "output descriptor": "Rec.709",
        "description": "one; two",
        "about": "of the node; made a person; inverse of b",
    }
    assert dict(clf.FORMAT.parse(clf.write(found)).provenance) == dict(found.provenance)


def test_unknown_elements_are_passed_over_and_said() -> None:
    matrix = f"<Matrix {DEPTHS}><More/>{array('3 3', 2, 0, 0, 0, 2, 0, 0, 0, 2)}{array('1 1', 7)}</Matrix>"
    found = clf.FORMAT.parse(listed(f"<Other>words</Other>{matrix}"))
    assert found.nodes == (Matrix(2 * np.eye(3)),)
    assert found.provenance["about"] == "passed over: Other"


def test_entries_of_no_number_change_no_finite_pixel() -> None:
    values = halves().astype(np.float64)
    data = listed(f'<LUT1D {DEPTHS} halfDomain="true">{curves(values[:, None])}</LUT1D>')
    lut = clf.FORMAT.parse(data).nodes[0]
    assert isinstance(lut, Lut1D)
    assert lut.entries[0x7E00, 0] == 0
    assert lut.entries[0x7C00, 0] > 1e38
    finite = np.isfinite(values)
    assert np.array_equal(lut.entries[finite, 0], values[finite])


REFUSED = {
    "another root": (b"<look/>", "expected a ProcessList"),
    "no node": (listed(""), "at least one process node"),
    "no XML": (b"LUT_3D_SIZE 2", "line 1: expected XML"),
    "no bytes": (b"", "expected XML"),
    "a DOCTYPE": (b'<!DOCTYPE l [<!ENTITY a "aa">]>' + listed(""), "without a DOCTYPE"),
    "UTF-16": ("<a/>".encode("utf-16"), "UTF-8"),
    "UTF-16 without its mark": ('<!DOCTYPE l [<!ENTITY a "a">]><l>&a;</l>'.encode("utf-16-le"), "NUL"),
    "deep": (b"<a>" * 60, "inside each other"),
    "a node of OpenColorIO": (listed(f'<FixedFunction {DEPTHS} style="x"/>'), "line 2: FixedFunction"),
    "a Reference": (listed('<Reference path="b"/>'), "line 2: Reference"),
    "a node of others": (listed(f"<Blur {DEPTHS}/>"), "line 2: Blur"),
    "a dynamic part": (listed(f'<Log {DEPTHS} style="log2"><DynamicParameter/></Log>'), "DynamicParameter"),
    "bypass": (listed(f'<Log {DEPTHS} style="log2" bypass="true"/>'), "bypass"),
    "an inverse in a CLF": (listed(f"<InverseLUT1D {DEPTHS}/>"), "this version"),
    "depths that differ": (
        listed('<Log inBitDepth="8i" outBitDepth="8i" style="log2"/>' + f'<Log {DEPTHS} style="log2"/>'),
        "8i",
    ),
    "no depth": (listed('<Log style="log2"/>'), "inBitDepth"),
    "a comma": (listed(f"<LUT1D {DEPTHS}><Array dim='2 1'>0 0,5</Array></LUT1D>"), "'0,5'"),
    "letters": (listed(f"<LUT1D {DEPTHS}><Array dim='2 1'>0 0.5abc</Array></LUT1D>"), "'0.5abc'"),
    "an underscore": (listed(f"<LUT1D {DEPTHS}><Array dim='2 1'>0 1_0</Array></LUT1D>"), "'1_0'"),
    "NaN": (listed(f"<LUT1D {DEPTHS}><Array dim='2 1'>0 nan</Array></LUT1D>"), "finite"),
    "infinity": (listed(f"<LUT3D {DEPTHS}><Array dim='2 2 2 3'>{'0 ' * 23}1e999</Array></LUT3D>"), "finite"),
    "fewer": (listed(f"<LUT1D {DEPTHS}><Array dim='2 1'>0</Array></LUT1D>"), "expected 2 numbers, got 1"),
    "more": (listed(f"<LUT1D {DEPTHS}><Array dim='2 1'>0 1 2</Array></LUT1D>"), "expected 2 numbers, got more"),
    "a huge dim": (listed(f"<LUT3D {DEPTHS}><Array dim='9999 9999 9999 3'>0</Array></LUT3D>"), "2 to 129"),
    "two limits": (listed(f"<Range {DEPTHS}><minInValue>0</minInValue><minInValue>0</minInValue></Range>"), "two"),
    "false": (listed(f"<LUT1D {DEPTHS} halfDomain='false'>{array('2 1', 0, 1)}</LUT1D>"), "expected halfDomain true"),
    "no id": (listed(f'<Log {DEPTHS} style="log2"/>').replace(b'id="a"', b""), "expected an id"),
    "a Log in CLF 2": (listed(f'<Log {DEPTHS} style="log2"/>', 'compCLFversion="2.0"'), "this version"),
    "a newer CTF": (listed(f'<Log {DEPTHS} style="log2"/>', 'version="2.9"'), "1.0 to 2.5"),
    "cubic": (listed(f"<LUT1D {DEPTHS} interpolation='cubic'>{array('2 1', 0, 1)}</LUT1D>"), "linear"),
    "alpha": (listed(f"<Matrix {DEPTHS}>{array('4 4', *[1.0] * 16)}</Matrix>"), "alpha"),
    "a Range without its end": (listed(f"<Range {DEPTHS}><minInValue>0</minInValue></Range>"), "minOutValue"),
    "limits that differ": (
        listed(f"<Range {DEPTHS}><minInValue>0</minInValue><minOutValue>.1</minOutValue></Range>"),
        "equal",
    ),
    "one break": (
        listed(f'<Log {DEPTHS} style="cameraLinToLog"><LogParams channel="R" linSideBreak=".1"/></Log>'),
        "linSideBreak",
    ),
    "a half CDL": (listed(f"<ASC_CDL {DEPTHS}><SOPNode><Slope>1 1 1</Slope></SOPNode></ASC_CDL>"), "Offset"),
    "an exponent of 0": (
        listed(f'<Exponent {DEPTHS} style="basicFwd"><ExponentParams exponent="0"/></Exponent>'),
        "0.01",
    ),
    "three pairs": (
        listed(
            f"<LUT1D {DEPTHS}><IndexMap dim='3'>0@0 1@1 2@2</IndexMap>{array('2 1', 0, 1)}</LUT1D>", 'version="1.7"'
        ),
        "two entries",
    ),
    "a newer CLF": (listed(f'<Log {DEPTHS} style="log2"/>', 'compCLFversion="4.0"'), "1 to 3"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_are_one_line(name: str) -> None:
    data, says = REFUSED[name]
    started = time.process_time()
    one_line(lambda: clf.FORMAT.parse(data), says)
    assert time.process_time() - started < 1


def test_sdevs_reader_sees_no_utf_16_either() -> None:
    one_line(lambda: clf_nodes.parse(REFUSED["UTF-16 without its mark"][0]), "NUL")


def test_damaged_files_are_read_or_refused() -> None:
    random = np.random.default_rng(5)
    sources = [data for data in MADE.values() if len(data) < 5000]
    read = sum(is_read(clf.FORMAT.parse, mutated(sources[random.integers(len(sources))], random)) for _ in range(3000))
    assert 50 < read < 2900  # else the damage is too small or too large to try the reader


def test_a_large_cube_is_within_the_bounds() -> None:
    row = b"-0.123456789 " * 3 + b"\n"
    assert 129**3 * len(row) < clf.FORMAT.most_bytes
    found = clf.FORMAT.parse(
        listed(f'<LUT3D {DEPTHS}><Array dim="65 65 65 3">\n{(row * 65**3).decode()}</Array></LUT3D>')
    )
    held = found.nodes[0]
    assert isinstance(held, Lut3D)
    assert held.size == 65
    assert (held.nodes == np.float32(-0.123456789)).all()


def test_ranges_round_scale_and_offset_once() -> None:
    names = zip(("minIn", "maxIn", "minOut", "maxOut"), (0, 3, 0.1, 0.4), strict=True)
    limits = "".join(f"<{name}Value>{value}</{name}Value>" for name, value in names)
    assert clf.FORMAT.parse(listed(f"<Range {DEPTHS}>{limits}</Range>")).nodes == (Range(0.1, 0.4, 0.1, 0.1),)
