"""Graded color: alpha, glows, NaN, infinities and the ends of half."""

from __future__ import annotations

import numpy as np
import pytest
from exr_samples import same_bits, save, smooth
from regrade_samples import FakeSDev, curve, refused, run, stack

from lattice.regrade import Counts, Options
from lattice.regrade.frame.color import grade_color
from lattice.types import LatticeError


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_opaque_color_goes_through_the_device(folder, dtype):
    arrays = {n: smooth((31, 17), dtype, i) for i, n in enumerate("RGB")}
    save(folder / "a.exr", arrays)
    sdev = FakeSDev()
    report, frame = run(folder / "a.exr", folder / "b.exr", sdev=sdev)
    expected = curve(stack(arrays, dtype=dtype))
    assert all(same_bits(np.ascontiguousarray(expected[..., i]), frame.channels[n]) for i, n in enumerate("RGB"))
    assert sdev.seen == [dtype]
    assert (report.nan, report.inf, report.clipped) == (0, 0, 0)
    assert report.seconds > 0


def test_an_opaque_alpha_changes_nothing(folder):
    arrays = {n: smooth((31, 17), seed=i) for i, n in enumerate("RGB")}
    save(folder / "a.exr", arrays)
    save(folder / "b.exr", {**arrays, "A": np.ones((31, 17), np.float16)})
    sdev = FakeSDev()
    graded = [run(folder / f"{name}.exr", folder / f"{name}2.exr", sdev=sdev)[1] for name in "ab"]
    assert all(same_bits(graded[0].channels[n], graded[1].channels[n]) for n in "RGB")
    assert sdev.seen == ["float16", "float16"]


def test_premultiplied_color_is_divided_graded_multiplied(folder):
    alpha = np.linspace(0.1, 2, 64, dtype=np.float32).reshape(8, 8)
    arrays = {n: (smooth((8, 8), "float32", i) * alpha).astype(np.float16) for i, n in enumerate("RGB")}
    save(folder / "a.exr", {**arrays, "A": alpha})
    sdev = FakeSDev()
    _, frame = run(folder / "a.exr", folder / "b.exr", sdev=sdev)
    expected = (curve(stack(arrays) / alpha[..., None]) * alpha[..., None]).astype(np.float16)
    assert sdev.seen == ["float32"]
    assert all(same_bits(np.ascontiguousarray(expected[..., i]), frame.channels[n]) for i, n in enumerate("RGB"))
    assert same_bits(frame.channels["A"], alpha)
    _, off = run(folder / "a.exr", folder / "c.exr", Options(premult="off"))
    assert np.array_equal(stack(off.channels, dtype=np.float16), curve(stack(arrays, dtype=np.float16)))


def color_of(*pixels, dtype=np.float32):
    return [np.array([pixels], dtype)[..., i].copy() for i in range(3)]


def test_transparent_black_stays_black_and_glows_go_by_choice():
    glow = [0.0, 0.5, 0.0]
    color, alpha = color_of([0, 0, 0], glow, [-0.0, 0, 0]), np.zeros((1, 3), np.float32)
    sdev = FakeSDev(pixels="Rec.709")
    for choice, expected in (
        ("grade", curve(np.array([[glow]], np.float32))[0, 0]),
        ("keep", glow),
        ("zero", [0, 0, 0]),
    ):
        graded, _ = grade_color(sdev, color, alpha, choice, "keep")
        result = np.stack(graded, axis=-1)[0]
        assert np.array_equal(result[0], [0, 0, 0])
        assert np.array_equal(result[2], [0, 0, 0])
        assert np.array_equal(result[1], np.float32(expected))
        assert np.signbit(result[2, 0])


@pytest.mark.parametrize("alpha", [-1.0, np.nan, np.inf, -np.inf])
def test_an_alpha_that_cannot_divide_counts_as_transparent(alpha):
    color = color_of([0.5, 0.25, 1], [0, 0, 0])
    graded, _ = grade_color(FakeSDev(pixels="x"), color, np.full((1, 2), alpha, np.float32), "keep", "keep")
    assert all(same_bits(g, c) for g, c in zip(graded, color, strict=True))


def test_a_tiny_alpha_overflows_to_the_end_and_not_to_nan():
    color = color_of([3e38, 1, 1])
    graded, _ = grade_color(FakeSDev(pixels="x"), color, np.full((1, 1), 1e-30, np.float32), "grade", "keep")
    assert np.isfinite(np.stack(graded)).all()
    assert (np.stack(graded) <= 1e-30).all()


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("covered", [False, True])
def test_nan_and_infinities_are_kept_counted_or_zeroed(dtype, covered):
    bits = {2: np.uint16, 4: np.uint32}[np.dtype(dtype).itemsize]
    color = color_of(
        [np.nan, 0.5, 0.5], [np.inf, 0, 0], [-np.inf, 0.5, 0.5], [-1, 0.5, 0.5], [0.5, 0.5, 0.5], dtype=dtype
    )
    color[0].view(bits)[0, 0] |= 5  # a payload
    alpha = np.array([[1, 1, 1, 1, 0.5]], dtype) if covered else None
    sdev = FakeSDev(pixels="x")
    kept, counts = grade_color(sdev, color, alpha, "grade", "keep")
    assert counts == Counts(nan=1, inf=2, negative=1)
    image = np.stack(kept, axis=-1)[0]
    assert kept[0].view(bits)[0, 0] == color[0].view(bits)[0, 0]
    assert np.isnan(image).sum() == 1
    graded = curve(np.array([[[0, 0.5, 0.5]]], np.float32))[0, 0].astype(dtype)
    assert np.array_equal(image[0, 1:], graded[1:])
    assert np.array_equal(image[2], graded)
    assert np.array_equal(image[3], graded)
    assert image[1, 0] > 0.99
    zeroed, _ = grade_color(sdev, color, alpha, "grade", "zero")
    image = np.stack(zeroed, axis=-1)[0]
    assert np.array_equal(image[0], graded)
    assert np.array_equal(image[2], graded)
    assert np.array_equal(image[1], curve(np.zeros((1, 1, 3), np.float32))[0, 0].astype(dtype))
    with pytest.raises(LatticeError, match="color: expected finite values, got 1 NaN and 2 infinite"):
        grade_color(sdev, color, alpha, "grade", "error")


def test_halves_are_clamped_and_counted():
    alpha = np.array([[1e6, 1]], np.float32)
    color = color_of([60000, 60000, 60000], [1, 1, 1], dtype=np.float16)
    graded, counts = grade_color(FakeSDev(pixels="x"), color, alpha, "grade", "keep")
    assert counts.clipped == 3
    assert all(g[0, 0] == 65504 for g in graded)
    mixed = [color[0], color[1].astype(np.float32), color[2]]
    graded, counts = grade_color(FakeSDev(pixels="x"), mixed, alpha, "grade", "keep")
    assert counts.clipped == 2
    assert [g.dtype.name for g in graded] == ["float16", "float32", "float16"]
    assert graded[1][0, 0] > 65504


def test_odd_pixels_are_counted_over_the_graded_channels_only(folder):
    red = np.array([[np.nan, np.inf, -1, -np.inf]], np.float32)
    ones = np.ones((1, 4), np.float32)
    save(folder / "a.exr", {"R": red, "G": ones, "B": ones, "Z": np.full((1, 4), np.nan, np.float32)})
    report, frame = run(folder / "a.exr", folder / "b.exr")
    assert (report.nan, report.inf, report.negative, report.clipped) == (1, 2, 1, 0)
    assert np.isnan(frame.channels["R"]).tolist() == [[True, False, False, False]]
    why = refused(folder / "a.exr", folder / "c.exr", Options(nonfinite="error"))
    assert why == f"{folder / 'a.exr'}: color: expected finite values, got 1 NaN and 2 infinite"
