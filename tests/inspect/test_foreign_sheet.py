"""The sheet of a LUT file: what its pixels show, beside a sheet whose LUT has no fault."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line, require
from foreign_samples import NARROW, curve, look, lut, wrong_node

from lattice.color.inputs import find
from lattice.inspect import foreign_sheet, panels
from lattice.inspect.domain import domain_of
from lattice.inspect.foreign_sheet import plot
from lattice.process_list import Exponent, Log, Lut3D
from lattice.sdev.lut import Lut
from lattice.types import decode_srgb, encode_srgb

HALVES = {"curves": slice(0, 0.38), "ramps": slice(0.38, 0.52), "lattice": slice(0.52, 0.66), "below": slice(0.66, 1)}


@pytest.fixture(autouse=True)
def _drawing() -> Any:
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        require("plot", "matplotlib is not installed")


def drawn(device: Any, path: Path) -> Any:
    """The pixels (h, w, 3) of a sheet, drawn without a warning."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plot(device, path, overwrite=True)
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def changed(one: Any, other: Any) -> dict[str, int]:
    """How many pixels of two sheets differ, in each row of panels."""
    differs = np.abs(one - other).max(axis=-1) > 8
    rows = {name: slice(*(int(len(one) * end) for end in (part.start, part.stop))) for name, part in HALVES.items()}
    return {name: int(differs[part].sum()) for name, part in rows.items()}


def test_a_look_is_drawn_from_its_file(built: Any, tmp_path: Path) -> None:
    pixels = drawn(built("premier"), tmp_path / "a.png")
    assert pixels.shape == (1050, 1600, 3)
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 5000  # ramps, slices and chart, not an empty page


def test_a_sheet_is_the_same_each_time(tmp_path: Path) -> None:
    assert (drawn(lut(Lut3D(look())), tmp_path / "a.png") == drawn(lut(Lut3D(look())), tmp_path / "a.png")).all()


def test_a_wrong_node_has_a_ring_in_the_slices(tmp_path: Path) -> None:
    good, bad = (drawn(lut(Lut3D(nodes)), tmp_path / "a.png") for nodes in (look(), wrong_node()))
    assert changed(good, bad)["lattice"] > 40
    assert changed(good, bad)["ramps"] == 0  # the node is away from all ramps


def test_what_is_beyond_the_tables_is_shaded(tmp_path: Path) -> None:
    whole, narrow = (drawn(lut(*nodes, Lut3D(look())), tmp_path / "a.png") for nodes in ((), (NARROW,)))
    shade = np.array([0x5A, 0x30, 0x30])
    counted = [int((np.abs(sheet - shade).max(axis=-1) < 4).sum()) for sheet in (whole, narrow)]
    assert counted[0] < 500 < 10_000 < counted[1]  # a few patches and ramps have such a color, too


@pytest.mark.parametrize(
    "device",
    [
        lut(),
        lut(curve([0.0, 1.5])),
        lut(Log("linToLog")),
        lut(Log("logToLin", log_slope=0.005)),
        lut(Lut3D(look()), Exponent("basicRev", 2.4)),
        lut(Lut3D(np.zeros((2, 2, 2, 3)))),
        lut(Lut3D(look(40))),
        Lut("money $x_2^3$ \\frac \n \x07", (Lut3D(look(5)),)),
    ],
    ids=["nothing", "beyond", "log", "infinite", "after", "black", "even", "odd name"],
)
def test_any_list_is_drawn_without_a_warning(device: Any, tmp_path: Path) -> None:
    assert len(np.unique(drawn(device, tmp_path / "a.png").reshape(-1, 3), axis=0)) > 100


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        ({}, "sRGB codes"),
        ({"takes": "ARRI LogC3 EI800 codes, Rec.709 primaries"}, "ARRI LogC3 EI800 codes"),
        ({"takes": "printing density"}, "sRGB codes, which it does not take"),
    ],
)
def test_the_chart_is_of_the_codes_that_the_file_takes(facts: dict[str, str], what: str, tmp_path: Path) -> None:
    """A LUT that shows codes as they are meant gives the patches themselves, but for its entries' straight lines."""
    ramp = np.linspace(0, 1, 4096)
    light = find("LogC3").decode(ramp) if what.startswith("ARRI") else decode_srgb(ramp)
    device = Lut("shows", (curve(encode_srgb(np.clip(light, 0, 1))),), facts)
    chart = np.maximum(panels.chart_reflectances(), 0)
    given, told = foreign_sheet._given(chart, encode_srgb(np.clip(chart, 0, 1)), device, domain_of(device))
    assert told == what
    shown = device.apply(given.astype(np.float32))
    assert np.abs(shown - encode_srgb(np.clip(chart, 0, 1))).max() < 1e-3


def test_a_sheet_is_written_as_other_files_are(tmp_path: Path) -> None:
    device = lut(Lut3D(look(5)))
    one_line(lambda: plot(device, tmp_path / "a.pdf"), ".png")
    (tmp_path / "a.png").write_bytes(b"mine")
    one_line(lambda: plot(device, tmp_path / "a.png"), "a.png")
    assert (tmp_path / "a.png").read_bytes() == b"mine"
