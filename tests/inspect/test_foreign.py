"""What `lattice check` measures of a LUT file: of sound ones, of ones with a made-up fault, and of others' files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import PLAIN, ROOT, grid, make_device
from foreign_samples import MIX, NARROW, curve, look, lut, wrong_node
from text_lut_samples import corpus
from wide_samples import tables

from lattice.inspect.domain import domain_of, held
from lattice.inspect.foreign import COLORS, measure
from lattice.inspect.foreign_report import FOLDED
from lattice.interp import reference
from lattice.process_list import Cdl, Exponent, Knots, Log, Lut1D, Lut3D, Matrix, Range
from lattice.sdev.device import SDev
from lattice.sdev.load import load_lut
from lattice.types import HALF_MAX, LatticeError

HALF_STEP = 2.0**-11  # of a half, relative: how near the end of an SDev's table is found
ROWS = np.array([[-1.0, 0.0, 0.5], [0.0, 0.25, 0.75], [0.5, 1.0, 1.5]])  # points of three curves


@pytest.mark.parametrize("name", ["premier", "vision", "vision-5219", "vision-scan", "bleach-bypass", "eterna"])
def test_a_fitted_look_passes(name: str, built: Any) -> None:
    report = measure(built(name))
    assert (report.failures, report.notes) == ((), ())
    assert report.domain.is_light
    assert report.domain.told
    assert (report.finite.bad, report.finite.odd) == (0, 0)
    assert 0 <= report.range.low <= report.range.high <= 1
    assert report.ramps["gray"].fall < 1e-6  # float32 leaves some
    assert max(each.share for each in report.folds) < FOLDED
    assert not report.range.mirrored


def test_the_page_tells_which_share_of_codes_a_look_gives(built: Any) -> None:
    page = " ".join((ROOT / "docs" / "model.md").read_text().split())
    told = re.search(r"codes (\d+) % are inside `premier`, (\d+) % inside `bleach-bypass`", page)
    assert told is not None
    codes = np.random.default_rng(2).uniform(0, 1, (40, 500, 3))
    for name, percent in zip(("premier", "bleach-bypass"), told.groups(), strict=True):
        assert f"fills {percent} % of the cube of codes" in str(measure(built(name)))
        assert built(name).inverse(codes)[1].mean() == pytest.approx(int(percent) / 100, abs=0.015)


def test_a_saved_look_measures_as_it_did(built: Any, tmp_path: Path) -> None:
    built("premier").save(tmp_path / "premier.clf")
    assert measure(load_lut(tmp_path / "premier.clf")).as_dict() == measure(built("premier")).as_dict()


def test_an_identity_does_nothing() -> None:
    for each in (lut(), lut(Lut3D(grid(5))), lut(curve([0.0, 1.0])), lut(Range(0.0, 1.0))):
        report = measure(each)
        assert report.does_nothing
        assert report.notes[0] == "it does nothing: colors stay as they are"
        assert report.good
        assert report.range.reached == pytest.approx(1, abs=1e-6)
        assert report.range.clipped == 0
        assert report.ramps["gray"].rise == pytest.approx(1, abs=1e-6)
    assert not measure(lut(Matrix(np.eye(3) * (1 + 2e-4)))).does_nothing


def test_the_smooth_look_has_neither_notes_nor_failures() -> None:
    report = measure(lut(Lut3D(look())))
    assert (report.failures, report.notes) == ((), ())
    assert report.tint[0] < 1e-6
    assert (report.range.low, report.range.high) == pytest.approx((0.05, 0.95))
    assert (report.range.low_at, report.range.high_at) == ((0, 0, 0), (1, 1, 1))
    assert report.range.reached == pytest.approx(_volume_of_the_look(), rel=0.01)


def _volume_of_the_look() -> float:
    """The mean of the Jacobian of the look over its domain: of ((MIX x)^1.2) 0.9, on the middles of 40^3 cells."""
    middles = (np.stack(np.meshgrid(*[np.arange(40)] * 3), axis=-1).reshape(-1, 3) + 0.5) / 40
    slopes = 1.2 * 0.9 * (middles @ MIX.T) ** 0.2
    return float(slopes.prod(axis=1).mean() * np.linalg.det(MIX))


DOMAINS: dict[str, tuple[Any, Any, Any]] = {
    "a lattice": (lut(Lut3D(look())), 0, 1),
    "a domain before it": (lut(NARROW, Lut3D(look())), 0.1, 0.9),
    "a domain for each channel": (
        lut(Matrix(np.c_[np.diag([0.5, 1, 2]), [0.25, 0, -0.5]]), Lut3D(look())), (-0.5, 0, 0.25), (1.5, 1, 0.75)),
    "a 1D LUT": (lut(Lut1D(ROWS, first=-0.1, last=1.3)), -0.1, 1.3),
    "points": (lut(Knots(tuple(ROWS.T), tuple(ROWS.T))), ROWS[0], ROWS[-1]),
    "a range": (lut(Range(0.2, 0.7)), 0.2, 0.7),
    "a half range": (lut(Range(0.2, None)), 0.2, HALF_MAX),
    "a CDL": (lut(Cdl(slope=2.0, offset=-0.5)), 0.25, 0.75),
    "a log": (lut(Log("linToLog", base=10.0, log_slope=0.25, log_offset=0.5), Lut3D(look())), 1e-2, 1e2),
    "a shaper that ends before its lattice does": (lut(curve([0.0, 2.0]), Lut3D(look())), 0, 0.5),
    "a table behind the lattice": (lut(Lut3D(look()), Lut1D(ROWS, first=0.4, last=0.6)), 0, 1),
    "a power": (lut(Exponent("basicFwd", 2.2)), -HALF_MAX, HALF_MAX),
}  # fmt: skip


@pytest.mark.parametrize(("device", "first", "last"), DOMAINS.values(), ids=DOMAINS)
def test_a_domain_is_what_the_tables_cover(device: Any, first: Any, last: Any) -> None:
    domain = domain_of(device)
    assert domain.first == pytest.approx(np.broadcast_to(first, 3), rel=1e-5, abs=1e-6)
    assert domain.last == pytest.approx(np.broadcast_to(last, 3), rel=1e-5, abs=1e-6)
    inside = (domain.first + domain.last) / 2
    beyond = np.stack([domain.first - 0.01, domain.last * 1.01])
    assert not held(device, inside[None]).any()
    limited = np.abs(np.stack([domain.first, domain.last])) < HALF_MAX
    assert (held(device, beyond)[limited] == np.array([[-1] * 3, [1] * 3])[limited]).all()


def test_the_domain_of_an_sdev_is_that_of_its_table(built: Any) -> None:
    scan = built("vision-scan")  # whose channels do not mix
    domain, columns = domain_of(scan), reference.columns_of(scan)
    for end, u in ((domain.first, 0.0), (domain.last, 1.0)):
        step = HALF_STEP * end
        around = [reference.look_up(columns, (end + sign * step)[:, None].astype(np.float32)) for sign in (-2, 2)]
        assert (around[0] < around[1]).all(), "the table moves on one side of the end"
        assert (np.abs(around[int(u)] - u) < 1e-6).all(), "and rests on the other"


def test_light_and_codes_are_told_apart(built: Any) -> None:
    assert domain_of(lut(Lut1D(ROWS, first=0, last=46))).is_light
    assert domain_of(lut(Log("linToLog"))).is_light
    assert not domain_of(lut(Log("logToLin"))).is_light
    assert not domain_of(lut(Lut1D(ROWS, first=-0.1, last=1.5))).is_light
    assert domain_of(built("vision")).primaries == "Rec.709"
    assert domain_of(built("vision").with_input("ACEScg")).primaries == "ACEScg"


def test_a_clipped_domain_is_the_share_of_codes_outside() -> None:
    report = measure(lut(NARROW, Lut3D(look())))
    share = 1 - 0.9**3  # of a channel below 0.1, and of one above 0.9
    spread = 4 * np.sqrt(share * (1 - share) / COLORS)  # four standard deviations of a share of random colors
    assert report.outside == pytest.approx((share, share), abs=spread)
    assert report.notes == tuple(
        f"clipped domain: 27 % of the codes from 0 to 1 are {place} it, and gray still moves there"
        for place in ("below", "above")
    )
    assert report.good


def test_a_clipped_domain_at_rest_is_no_note() -> None:
    report = measure(lut(NARROW, Lut3D(np.clip(look() * 1.6 - 0.3, 0, 1))))
    assert min(report.outside) > 0.2
    assert report.ramps["gray"].ends == (0, 0)
    assert not [note for note in report.notes if "domain" in note]


def test_light_that_ends_at_1_clips_natural_colors() -> None:
    device = SDev.from_device(make_device(look(), display=PLAIN))
    told = SDev(device.name, device.matrix, device.table, device.lattice, PLAIN, {"input": "Rec.709"})
    report = measure(told)
    assert report.outside[0] == 0
    assert 0.3 < report.outside[1] < 0.4  # a channel of a third of natural colors is above 1
    [note] = report.notes
    assert note.startswith("clipped domain: 3")
    assert note.endswith("of natural colors are above it, and gray still moves there")


def test_a_wrong_node_is_found_and_named() -> None:
    [failure] = measure(lut(Lut3D(wrong_node()))).failures
    assert failure == (
        "nodes: expected a node like those beside it, got node 9 12 5 of the LUT3D: red is 0.895212, its neighbours "
        "give 0.495218; correct it in the file"
    )


def test_an_inverted_lut_fails() -> None:
    report = measure(lut(Lut3D(1 - look())))
    [failure] = report.failures
    assert failure.startswith("gray: expected a ramp that goes back by 0.002 at most, got 0.900 up to 1;")
    assert "it is a negative" in failure
    assert report.range.mirrored


@pytest.mark.parametrize(("depth", "fails"), [(0.003, False), (0.02, True)])
def test_a_dip_of_gray_fails_from_a_bound_on(depth: float, fails: bool) -> None:
    """A rise to 0.5, a dip from 0.5 to 0.6, and on: depth is what the luma goes back by; the range's span is 1."""
    x = np.linspace(0, 1, 1001)
    entries = np.interp(x, [0, 0.5, 0.6, 1], [0, 0.5, 0.5 - depth / 2, 1])
    report = measure(lut(curve(entries)))
    assert report.ramps["gray"].fall == pytest.approx(depth / 2, rel=0.01)
    assert report.ramps["gray"].fall_at == pytest.approx(0.6, abs=1e-3)
    assert bool(report.failures) == fails


def test_swapped_channels_are_a_mirror_image() -> None:
    report = measure(lut(Lut3D(grid(9)[..., ::-1])))
    assert report.range.mirrored
    assert report.range.reached == pytest.approx(1)
    assert [note for note in report.notes if "mirrored" in note]
    assert report.good


def test_bands_are_told() -> None:
    report = measure(lut(Lut3D(np.round(look() * 255) / 255)))
    assert report.notes == ("values are multiples of 1/255 (8 bits): gradients may band",)
    banded = measure(lut(curve(np.floor(np.linspace(0, 1, 4096) * 64) / 64)))
    assert banded.ramps["gray"].jump > 20  # a step of 1/64 among steps of 0, against an even ramp's 1/4096
    assert any(note.startswith("a step of the gray ramp is") for note in banded.notes)


def test_values_beyond_the_codes_are_told_with_their_place() -> None:
    report = measure(lut(Lut1D(np.array([[-0.25] * 3, [1.5] * 3]))))
    assert (report.range.low, report.range.high) == (-0.25, 1.5)
    assert report.notes == ("values from -0.25 to 1.5: files of integers cut what is below 0 or above 1",)
    # A channel is clipped outside of x = 1/7 to 5/7; all centers of 32 cells a side are as far apart.
    inside = ((np.arange(32) + 0.5) / 32 > 1 / 7) & ((np.arange(32) + 0.5) / 32 < 5 / 7)
    assert report.range.clipped == pytest.approx(1 - inside.mean() ** 3, abs=1e-6)


def test_numbers_out_of_a_picture_that_become_none_fail() -> None:
    report = measure(lut(Log("logToLin", log_slope=0.005)))  # 2 ** (x / 0.005): infinite from 0.64 on
    assert report.finite.bad > 0
    assert min(report.finite.example) >= -1
    assert max(report.finite.example) <= 2
    assert report.failures[0].startswith("finite: expected numbers, got NaN or infinity of ")


def test_numbers_out_of_nan_alone_are_a_note() -> None:
    report = measure(lut(Exponent("basicFwd", 2.2), Matrix(MIX)))
    assert report.finite.bad == 0
    assert report.finite.odd > 0
    assert report.good
    assert report.notes[0].startswith("NaN, infinities or numbers far beyond codes")


def test_tint_is_the_difference_of_the_channels_of_gray() -> None:
    report = measure(lut(Cdl(offset=(0.0, 0.0, 0.03), is_clamped=False)))
    assert report.tint == (pytest.approx(0.03, abs=1e-6), pytest.approx(0, abs=1))


CORPUS = {  # what is known of others' files by reading them
    "3DLUT.cube": ("does_nothing", True),
    "cinespace_Unit.csp": ("does_nothing", True),
    "lut1d_32f_example.clf": ("good", False),  # 1.25 - 1.5 x^2.2 falls
    "lustre_33x33x33.3dl": ("good", True),
    "discreet-3d-lut.3dl": ("good", True),
    "hald.6.hefe.png": ("bits", 8),
    "ARRI.Input.ARRI_LogC3_Curve_EI800.clf": ("good", True),
    "iridas_1d.cube": ("good", True),
}


@pytest.mark.parametrize("name", CORPUS)
def test_the_files_of_others(name: str) -> None:
    report = measure(load_lut(corpus() / name))
    what, value = CORPUS[name]
    assert getattr(report, what) == value, report
    assert not report.outliers


def test_a_file_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(LatticeError, match="error_truncated_file"):
        load_lut(corpus() / "error_truncated_file.3dl")


def test_a_table_below_0_holds_where_it_ends() -> None:
    light = np.array([-5.0, -4.5, -3.9, 0, 11.9, 12.5, 300])
    for name in ("from -4 to 12", "unbounded"):
        device = SDev.from_device(make_device(grid(4), table=tables()[name]))
        assert held(device, np.repeat(light[:, None], 3, axis=1))[:, 0].tolist() == [-1, -1, 0, 0, 0, 1, 1]
