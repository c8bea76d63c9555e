"""Process lists as CLF and CTF: they come back bit for bit, and OpenColorIO shows the same pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from basics import one_line
from lut_samples import difference, hosted, probes

from lattice.files.luts import clf, ctf
from lattice.interp import process
from lattice.process_list import (
    Cdl,
    Exponent,
    ExponentStyle,
    InverseLut1D,
    InverseLut3D,
    Knots,
    Log,
    Lut1D,
    Lut3D,
    Matrix,
    Node,
    ProcessList,
    Range,
)

NEAR = 2e-5  # as in test_clf_foreign.py
RANDOM = np.random.default_rng(2)
NUMBERS = RANDOM.normal(size=(17, 3))
RISING = np.sort(NUMBERS, axis=0)
NODES = RANDOM.normal(size=(5, 5, 5, 3))
A, B, C = np.array([0.3, 0.4, 1 / 3]), np.array([0.1, 0.2, 0.3]), np.array([1.0, 2, 3])
HELD: dict[str, Node] = {
    "Matrix 3x4": Matrix(RANDOM.normal(size=(3, 4))),
    "Matrix 3x3": Matrix(RANDOM.normal(size=(3, 3))),
    "Range": Range(0.1, 0.7, 1 / 3, -0.05),
    "Range of large numbers": Range(-1e9, 1e9, 1 / 3, 1e-7),
    "Range without limits": Range(None, None, 1.3, -0.05),
    "Range of nothing": Range(),
    "low": Range(0.1, None),
    "high": Range(None, 0.5),
    "one value": Range(0.3, 0.3, 0, 0.3),
    "LUT1D": Lut1D(NUMBERS),
    "LUT1D of one curve": Lut1D(np.repeat(NUMBERS[:, :1], 3, axis=1)),
    "LUT3D trilinear": Lut3D(NODES, "trilinear"),
    "LUT3D": Lut3D(NODES * 1e-30),
    "log10": Log("linToLog", 10.0),
    "logToLin": Log("logToLin", 2.5, A, B, C, B),
    "cameraLinToLog": Log("linToLog", 2.0, A, B, C, B, B / 10),
    "cameraLogToLin": Log("logToLin", 2.0, A, B, C, B, B / 10, C),
    **{
        style: Exponent(style, np.array([1.5, 2.4, 1]), np.array([0.05, 0.1, 0]) if "mon" in style else np.zeros(3))
        for style in get_args(ExponentStyle)
    },
    **{
        f"CDL {clamped} {inverse}": Cdl(1 + B, B - 0.1, 1 / C, 0.7, clamped, inverse)
        for clamped in (True, False)
        for inverse in (True, False)
    },
}
IN_CTF: dict[str, Node] = {
    "hue": Lut1D(RISING, hue=True),
    "InverseLUT1D": InverseLut1D(Lut1D(RISING)),
    "InverseLUT3D": InverseLut3D(Lut3D(NODES)),
}
# What has no single node in a CLF, and what it comes back as.
SEVERAL: dict[str, tuple[Node, str]] = {
    "a falling Range": (Range(0.1, 0.9, -1, 0.5), "Matrix Range Range"),
    "a Range with one limit": (Range(0.1, None, 2, 0.1), "Matrix Range"),
    "a steep Range": (Range(0.1, 0.2, 1e6, 0.15), "Matrix Range Range"),
    "a Range of one limit twice": (Range(0.3, 0.3), "Range Range"),
    "a domain": (Lut1D(NUMBERS, np.full(3, -1 / 3), np.full(3, 1.7)), "Range Lut1D"),
    "domains": (Lut1D(NUMBERS, B - 0.2, C), "Range Matrix Lut1D"),
    "even points": (Knots((np.linspace(-0.2, 1.5, 17),) * 3, tuple(NUMBERS.T)), "Range Lut1D"),  # type: ignore[arg-type]
    "points at halves": (
        Knots(
            (np.array([0, 0.25, 0.5, 2]), np.array([-1, 0, 65504]), np.array([0, 1])),
            (np.array([0, 0.25, 0.7, 2]), np.array([-1, 0, 3]), np.array([0, 0.9])),
        ),
        "Lut1D",
    ),
}


def pixels_of(nodes: Any) -> Any:
    return process.run(nodes, np.ascontiguousarray(probes().T)).T


def listed(*nodes: Node) -> ProcessList:
    return ProcessList('a & "b"\n', nodes, {"description": "<d>", "source": "x & y\nz", "title": 'a & "b"\n'})


@pytest.mark.parametrize("name", [*HELD, *IN_CTF])
def test_a_node_comes_back_and_hosts_show_it(name: str, ocio: Any, tmp_path: Path) -> None:
    wanted = listed((HELD | IN_CTF)[name])
    for module in (ctf, clf) if name in HELD else (ctf,):
        data = module.write(wanted)
        found = module.FORMAT.parse(data)
        assert found.sha256 == wanted.sha256
        assert found.name == wanted.name
        assert dict(found.provenance) == dict(wanted.provenance)
        assert module.write(found) == data
        if name != "InverseLUT3D":
            shown = hosted(ocio, tmp_path / f"a{module.FORMAT.suffixes[0]}", data, probes())
            assert difference(pixels_of(wanted.nodes), shown) <= NEAR


@pytest.mark.parametrize("name", SEVERAL)
def test_a_node_that_takes_several_shows_the_same(name: str, ocio: Any, tmp_path: Path) -> None:
    node, kinds = SEVERAL[name]
    data = clf.write(listed(node))
    found = clf.FORMAT.parse(data)
    assert " ".join(type(one).__name__ for one in found.nodes) == kinds
    assert difference(pixels_of(found.nodes), pixels_of([node])) <= NEAR
    assert difference(pixels_of([node]), hosted(ocio, tmp_path / "a.clf", data, probes())) <= NEAR


def test_an_inverse_with_a_domain_is_followed_by_it(ocio: Any, tmp_path: Path) -> None:
    for first, last in ((np.full(3, -0.5), np.full(3, 2.0)), (B - 0.2, C)):
        node = InverseLut1D(Lut1D(RISING, first, last))
        data = ctf.write(listed(node))
        assert difference(pixels_of(ctf.FORMAT.parse(data).nodes), pixels_of([node])) <= NEAR
        assert difference(pixels_of([node]), hosted(ocio, tmp_path / "a.ctf", data, probes())) <= NEAR


def test_a_half_domain_comes_back_with_every_bit() -> None:
    entries = np.random.default_rng(3).normal(size=(65536, 3)).astype(np.float32) * np.float32(1e-40)
    wanted = listed(Lut1D(entries, half_domain=True))
    assert clf.FORMAT.parse(clf.write(wanted)) == wanted


def test_many_nodes_and_none() -> None:
    wanted = ProcessList("", tuple(HELD.values()))
    assert clf.FORMAT.parse(clf.write(wanted)) == wanted
    assert clf.FORMAT.parse(clf.write(ProcessList("", ()))).nodes == (Matrix(np.eye(3)),)


def test_what_a_format_does_not_hold_is_refused() -> None:
    for name, node in IN_CTF.items():
        one_line(lambda node=node: clf.write(listed(node)), "a CLF holds no", name.partition("L")[0], ".ctf")  # type: ignore[misc]
    uneven = Knots((np.array([0, 0.1, 1]),) * 3, (np.array([0, 0.1, 1]),) * 3)
    one_line(lambda: ctf.write(listed(uneven)), "points", ".csp")
    one_line(lambda: ctf.write(listed(Lut1D(RISING, B, C, hue=True))), "hueAdjust")


def test_texts_that_xml_cannot_hold() -> None:
    found = clf.FORMAT.parse(clf.write(ProcessList("\0a\ud800", (Matrix(np.eye(3)),), {"about": "\x1b[0m"})))
    assert found.name == "\ufffda\ufffd"
    assert found.provenance["about"] == "\ufffd[0m"
