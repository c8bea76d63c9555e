"""ICC profiles: matrix and curves as OpenColorIO has them, device links as LittleCMS has them, and damaged files."""

from __future__ import annotations

import shutil
import struct
import subprocess
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line, require
from icc_samples import CURVES, FOREIGN, ONE, cube, curve, display, link, mab, mft, para, table, values
from lut_samples import difference, hosted, is_read, mutated, probes
from text_lut_samples import FACTS, corpus, ran

from lattice.files.luts import icc, icc_profile
from lattice.process_list import Cdl, Knots, Lut1D, Lut3D, ProcessList

ERROR = 2e-5  # of two float32 evaluations whose positions in a table differ by their rounding
# LittleCMS rounds to 16 bits before and behind each of three stages whose slopes are up to 2: ((1 * 2 + 1) * 2 + 1).
CODES = 7 / 65535
# transicc takes and prints 0..255 with four decimals.
PRINTED = 1e-4 / 255
MOST_MEMORY = 200e6


@pytest.mark.parametrize("name", ["icc-test-1.icc", "icc-test-2.pf", "icc-test-3.icm"])
def test_pixels_are_those_of_ocio(name: str) -> None:
    found = icc.FORMAT.parse((corpus() / name).read_bytes())
    assert found.name.startswith("test ")
    assert found.provenance["copyright"] == "Copyright Contributors to the OpenColorIO Project."
    with np.load(corpus() / "expected.npz") as expected:
        pixels, wanted = expected["input"], expected[f"{name}|linear"]
    assert difference(ran(found, pixels), wanted) <= ERROR


@pytest.mark.parametrize("name", CURVES)
def test_every_curve_is_as_ocio_has_it(name: str, ocio: Any, tmp_path: Path) -> None:
    data = display(*CURVES[name])
    wanted = hosted(ocio, tmp_path / "a.icc", data, probes())
    assert difference(ran(icc.FORMAT.parse(data), probes()), wanted) <= ERROR


def test_curves_without_entries_are_the_identity() -> None:  # OpenColorIO refuses them
    linear, plain = icc.FORMAT.parse(display(table(256))), icc.FORMAT.parse(display(table()))
    assert difference(ran(plain, probes()), ran(linear, probes())) <= ERROR


REFUSED = {
    "another file": (b"x" * 200, "mark at byte 36"),
    "nothing": (b"", "mark at byte 36"),
    "cut short": (display(table(256))[:300], "cut short at byte 300"),
    "many tags": (display(table(256))[:128] + b"\xff" * 1000, "at most 100 tags"),
    "a tag outside": (display(table(256)).replace(b"rXYZ\0", b"rXYZ\x7f", 1), "tag b'rXYZ' inside"),
    "CMYK": (display(table(256), kinds=(b"prtr", b"CMYK", b"Lab ")), "'prtr' of 'CMYK' and 'Lab'"),
    "a link of CMYK": (link(b"", (b"link", b"CMYK", b"CMYK")), "from RGB to RGB, got 'CMYK' to 'CMYK'"),
    "no matrix": (display(table(256), rXYZ=b""), "tag rXYZ of type 'XYZ '"),
    "a short column": (display(table(256), rXYZ=b"XYZ " + bytes(8)), "cut short"),
    "columns on a plane": (display(table(256), rXYZ=b"XYZ " + bytes(16)), "span a volume"),
    "no curve": (display(table(256), gTRC=b"text"), "tag gTRC of type 'curv' or 'para', got 'text'"),
    "a power of 0": (display(table(0)), "above 0"),
    "a long curve": (display(table(1, 2)[:8] + b"\xff" * 4), "cut short"),
    "curves of two types": (display(table(0, 9), para(0, 2), para(0, 2)), "one type and length"),
    "curves of two lengths": (display(table(0, 9), table(0, 9), table(0, 3, 9)), "one type and length"),
    "types that differ": (display(para(0, 2), para(0, 2), para(1, 2, 1, 0)), "one type and length"),
    "type 5": (display(para(5, 1)), "type 0 to 4, got 5"),
    "few numbers": (display(para(4, 1)), "cut short"),
    "a curve that falls": (display(para(3, 2, 1, 0, 3, 0.5)), "rise"),
    "a factor below 0": (display(para(1, 2, -1, 0)), "rises, got a of -1"),
    "a link without a table": (link(b""), "tag A2B0 of type 'mft1' or 'mft2' or 'mAB ', got none"),
    "a link of 4 channels": (link(mft(2, 2)[:8] + b"\4" + mft(2, 2)[9:]), "3 channels in and out, got 4 and 3"),
    "a grid of 1": (link(mft(2, 2)[:10] + b"\1" + mft(2, 2)[11:]), "from 2 to 129, got [1, 1, 1]"),
    "a grid of 255": (link(mft(2, 2)[:10] + b"\xff" + mft(2, 2)[11:]), "from 2 to 129"),
    "one entry": (link(mft(2, 2)[:48] + b"\0\1" + mft(2, 2)[50:]), "2 to 4,096 entries, got 1, 2"),
    "a short table": (link(mft(9, 2)[:-1]), "cut short"),
    "a short head": (link(b"mft2" + bytes(9)), "13 bytes"),
    "no B curves": (link(b"mAB " + bytes(4) + struct.pack(">2B2x5I", 3, 3, 0, 0, 0, 0, 0)), "B curves"),
    "a matrix alone": (link(b"mAB " + bytes(4) + struct.pack(">2B2x5I", 3, 3, 32, 32, 0, 0, 0)), "one of a pair"),
    "curves outside": (link(b"mAB " + bytes(4) + struct.pack(">2B2x5I", 3, 3, 2**31, 0, 0, 0, 0)), "curve at byte"),
    "unequal axes": (link(mab([table()] * 3, size=3).replace(b"\3\3\3\0", b"\3\3\2\0")), "[3, 3, 2]"),
    "a grid of floats": (link(mab([table()] * 3, size=3).replace(b"\0\2\0\0\0", b"\0\4\0\0\0")), "1 or 2 bytes"),
    "no curve in a list": (link(mab([b"text" + bytes(12)] * 3)), "got 'text'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_are_one_line(name: str) -> None:
    data, says = REFUSED[name]
    one_line(lambda: icc.FORMAT.parse(data), says)


SHAPES = {
    "a cube": (Lut3D(values(cube(17))),),
    "a curve before": (Lut1D(values(curve(4096))), Lut3D(values(cube(33)))),
    "a curve behind": (Lut3D(values(cube(9))), Lut1D(values(curve(100)))),
    "both": (Lut1D(values(curve(33))), Lut3D(values(cube(9))), Lut1D(values(curve(256)))),
}


def held(name: str) -> ProcessList:
    return ProcessList(FACTS["title"], SHAPES[name], FACTS)


@pytest.mark.parametrize("name", SHAPES)
def test_links_come_back(name: str) -> None:
    data = icc.write(held(name))
    again = icc.FORMAT.parse(data)
    assert again.sha256 == held(name).sha256
    assert (again.name, dict(again.provenance)) == (FACTS["title"], FACTS)
    assert icc.write(again) == data


def test_an_identity_is_kept_unless_it_has_two_entries() -> None:
    lut = SHAPES["a cube"][0]
    for count in (2, 3, 256):
        plain = Lut1D(np.linspace(0, 1, count)[:, None].repeat(3, axis=1))
        again = icc.FORMAT.parse(icc.write(ProcessList("", (plain, lut))))
        assert len(again.nodes) == (1 if count == 2 else 2)


def test_rights_are_kept() -> None:
    named = ProcessList("x", SHAPES["a cube"], {"copyright": "(c) Someone"})
    found = icc_profile.read(icc.write(named))
    assert icc_profile.text_of(found.given(b"cprt")) == "(c) Someone"
    assert icc.FORMAT.parse(icc.write(named)).provenance["copyright"] == "(c) Someone"
    assert "copyright" not in icc.FORMAT.parse(icc.write(held("a cube"))).provenance


def test_what_a_link_does_not_hold_is_refused() -> None:
    lut, plain = SHAPES["a cube"][0], Lut1D(np.eye(3))
    lists: list[tuple[Any, ...]] = [
        (),
        (plain,),
        (Cdl(), lut),
        (lut, lut),
        (lut, plain, plain),
        (Lut1D(np.eye(3), np.full(3, -1.0)), lut),
        (Lut1D(values(curve(4097))), lut),
        (lut, Lut1D(np.eye(3), hue=True)),
    ]
    for nodes in lists:
        one_line(lambda nodes=nodes: icc.write(ProcessList("", nodes)), "holds one LUT3D")
    one_line(lambda: icc.write(ProcessList("", (Lut3D(values(cube(2)) * 2),))), "values from 0 to 1")


def by_transicc(data: bytes, pixels: Any, folder: Path) -> Any:
    """What LittleCMS makes of codes (n, 3) through a link."""
    program = shutil.which("transicc")
    if program is None:
        require("lcms", "transicc of liblcms2-utils is not installed")
    path = folder / "link.icc"
    path.write_bytes(data)
    lines = "".join(" ".join(f"{code * 255:.6f}" for code in pixel) + "\n" for pixel in pixels.tolist())
    done = subprocess.run([program, "-n", "-c0", f"-l{path}"], input=lines + "q\n", capture_output=True, text=True)
    found = np.array([line.split()[:3] for line in done.stdout.splitlines() if line.strip()], float)
    assert found.shape == pixels.shape, done.stderr
    return found / 255


def inside() -> Any:
    return np.random.default_rng(5).uniform(0, 1, (200, 3)).astype(np.float32)


@pytest.mark.parametrize("name", SHAPES)
def test_littlecms_makes_the_same_of_our_links(name: str, tmp_path: Path) -> None:
    wanted = by_transicc(icc.write(held(name)), inside(), tmp_path)
    assert np.abs(ran(held(name), inside()) - wanted).max() <= CODES + PRINTED


@pytest.mark.parametrize("name", FOREIGN)
def test_links_of_every_type_are_as_littlecms_has_them(name: str, tmp_path: Path) -> None:
    wanted = by_transicc(link(FOREIGN[name]), inside(), tmp_path)
    got = ran(icc.FORMAT.parse(link(FOREIGN[name])), inside())
    assert np.abs(got - np.clip(wanted, 0, 1)).max() <= CODES + PRINTED


def test_curves_of_one_length_are_one_lut1d() -> None:
    found = icc.FORMAT.parse(link(FOREIGN["a table for each"])).nodes
    assert [type(node) for node in found] == [Lut1D]
    assert [type(node) for node in icc.FORMAT.parse(link(FOREIGN["B curves"])).nodes] == [Knots]
    assert icc.FORMAT.parse(link(mab([table()] * 3))).nodes == ()


@pytest.mark.parametrize("power", [0.2, 1 / 2.4, 1.0, 2.4, 8.0])
def test_points_join_to_powers(power: float) -> None:
    found = icc.FORMAT.parse(link(mab([para(0, power)] * 3)))
    exact = np.rint(power * ONE) / ONE
    x = np.geomspace(1e-8, 1, 5000, dtype=np.float32)
    got = ran(found, x[:, None].repeat(3, axis=1))[:, 0]
    # A chord of width h errs by h^2 / 8 times the second derivative, here with h = 3 t^2 / 4095 at x = t^3.
    t = x.astype(float) ** (1 / 3)
    chord = 9 / 8 * abs(exact * (exact - 1)) * t ** (3 * exact - 2) / 4095**2
    assert (np.abs(got - x.astype(float) ** exact) <= 1.5 * chord + 2e-7).all()  # spans are not small where t is


def test_129_nodes_take_little_memory() -> None:
    data = icc.write(ProcessList("", (Lut3D(values(cube(129))),)))
    assert len(data) <= icc.FORMAT.most_bytes
    assert is_read(icc.FORMAT.parse, data)
    tracemalloc.start()
    icc.FORMAT.parse(data)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most <= MOST_MEMORY


@pytest.mark.parametrize("kind", ["display", "written", "lut8", "mab"])
def test_damaged_files_are_read_or_refused(kind: str) -> None:
    whole = {
        "display": display(*CURVES["type 4"]),
        "written": icc.write(held("both")),
        "lut8": link(mft(3, 256, is_wide=False)),
        "mab": link(FOREIGN["all in bytes"]),
    }[kind]
    random = np.random.default_rng(6)
    read = sum(is_read(icc.FORMAT.parse, mutated(whole, random)) for _ in range(1000))
    assert 10 < read < 950  # else the damage is too small or too large to try the reader


def test_long_texts_are_cut() -> None:
    fact = struct.pack(">4I", 0, 2**24 - 1, 0, 2**24 - 1)
    many = b"dict" + bytes(4) + struct.pack(">2I", 2**32 - 1, 16) + fact * 3000
    found = icc.FORMAT.parse(display(table(256), desc=b"desc" + bytes(8) + b"a" * 10**6, meta=many))
    assert found.name == "a" * icc_profile.MOST_TEXT
    assert len(found.provenance.get("comments", "")) <= 2000
