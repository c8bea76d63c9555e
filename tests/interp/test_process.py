"""Process nodes in the native engine: the same bits on every instruction set, near to the definition; and what that
says of NaN, infinities and values outside."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from basics import halves, one_line, require
from native_samples import LAYOUTS, bits, every_half, fill, odd_floats, only_inside, sets_here, window
from process_samples import NODES, colors, defined, every_kind, three, wrong

from lattice.interp import native, native_process, process
from lattice.process_list import (
    Cdl,
    Exponent,
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
from lattice.sdev.lut import Lut

TYPES = (np.float16, np.float32)
EVERY_NODE = pytest.mark.parametrize("name", NODES)
INF, NAN = np.inf, np.nan


@pytest.fixture(autouse=True)
def _compiled() -> None:
    if (reason := native.unavailable_reason()) is not None:
        require("native", reason)


def ran(nodes: tuple[Node, ...] | ProcessList, image: Any, out_type: Any = None) -> Any:
    listed = nodes if isinstance(nodes, ProcessList) else ProcessList("made up", nodes)
    out = np.full(image.shape, 7, out_type or image.dtype)
    native_process.runner(listed)(image, out)
    return out


@EVERY_NODE
def test_every_set_gives_the_same_bits(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    images = (every_half(), odd_floats(), np.ascontiguousarray(odd_floats()[:, :77, :3]))
    wanted = None
    for each in sets_here():
        monkeypatch.setenv(native.FORCE, each)
        found = [bits(ran((NODES[name],), image, out)) for image, out in product(images, TYPES)]
        wanted = wanted or found
        for one, other in zip(found, wanted, strict=True):
            is_same = np.array_equal(one, other)
            assert is_same, f"{each} differs at {np.argwhere(one != other)[:3]}"


@EVERY_NODE
def test_a_node_is_near_to_its_definition(name: str) -> None:
    pixels = colors()
    wanted, bound = defined(NODES[name], pixels)
    found = ran((NODES[name],), pixels[None])[0]
    far = wrong(found, wanted, bound)
    assert not far.any(), f"{pixels[far.any(axis=1)][:3]}: {found[far][:3]} for {wanted[far][:3]}"
    usual = np.abs(pixels).max(axis=1) < 2
    assert (bound[usual] <= 1e-3 * np.maximum(1, np.abs(wanted[usual]))).all()  # the bound says something


@EVERY_NODE
def test_halves_are_what_their_floats_are(name: str) -> None:
    image = every_half()[::3]
    with np.errstate(over="ignore"):
        wanted = ran((NODES[name],), image.astype(np.float32)).astype(np.float16)
    found = ran((NODES[name],), image)
    known = ~np.isnan(wanted[..., :3])
    assert np.array_equal(found[..., :3][known], wanted[..., :3][known])
    assert np.isnan(found[..., :3][~known]).all()
    assert np.array_equal(bits(found[..., 3]), bits(image[..., 3]))
    whole = ran((NODES[name],), image, np.float32)
    assert np.array_equal(whole, ran((NODES[name],), image.astype(np.float32)), equal_nan=True)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_nothing_but_the_picture_is_written_and_any_layout_gives_its_bits(layout: str) -> None:
    listed = every_kind()
    run = native_process.runner(listed)
    for dtype, out_type, channels, width in product(TYPES, TYPES, (3, 4), (1, 7, 31, 64, 65, 130)):
        shape = (2, width, channels)
        image = np.random.default_rng(width).uniform(-1, 2, shape).astype(dtype)
        wanted = ran(listed, image, out_type)
        alone = np.concatenate([ran(listed, image[:, k : k + 1], out_type) for k in range(width)], axis=1)
        assert np.array_equal(bits(alone), bits(wanted))
        for margins, shift in (((0, 0, 0), 0), ((2, 1, 1), 6)):
            (view, room), (out, out_room) = (window(shape, kind, layout, margins, shift) for kind in (dtype, out_type))
            fill(view, room, image)
            fill(out, out_room, 7)
            found = only_inside(out, out_room, run, view, out)
            assert np.array_equal(bits(found), bits(wanted))
            if dtype == out_type:
                assert np.array_equal(bits(only_inside(view, room, run, view, view)), bits(wanted))


@pytest.mark.parametrize("shape", [(0, 5, 3), (4, 0, 4), (0, 0, 3)])
def test_no_pixels_are_no_fault(shape: tuple[int, ...]) -> None:
    listed = every_kind()
    assert ran(listed, np.empty(shape, np.float32)).shape == shape
    for engine in ("numpy", "native"):
        assert Lut.from_list(listed).apply(np.empty(shape, np.float16), engine=engine).shape == shape


def test_no_nodes_pass_colors_as_they_are() -> None:
    image = colors()[None]
    assert np.array_equal(bits(ran((), image)), bits(image))
    assert np.array_equal(process.run((), image[0].T), image[0].T, equal_nan=True)


def test_many_nodes_run_one_after_the_other() -> None:
    image = np.random.default_rng(2).uniform(-1, 2, (3, 70, 4)).astype(np.float32)
    wanted = image
    for node in every_kind().nodes:
        wanted = ran((node,), wanted)
    assert np.array_equal(bits(ran(every_kind(), image)), bits(wanted))


H = halves().astype(np.float32)
SPAN = Lut1D(np.array([[10.0, 20, 30], [11, 21, 31]]), three(2, 2, 2), three(3, 3, 3))
OF_HALVES = np.repeat(np.nan_to_num(H, nan=5.0, posinf=7, neginf=-7)[:, None], 3, axis=1)
CASES: tuple[tuple[Node, dict[float, float]], ...] = (
    (Range(0.25, 0.75), {NAN: 0.25, INF: 0.75, -INF: 0.25, 0.5: 0.5}),
    (Range(high=0.75), {NAN: 0.75, INF: 0.75, -INF: -INF}),
    (SPAN, {NAN: 10, INF: 11, -INF: 10, 2.5: 10.5, 1e30: 11, -1e30: 10}),
    (Lut1D(OF_HALVES, half_domain=True), {NAN: 5, INF: 65504, -INF: -65504, 1e30: 65504, 1e-40: 1e-40, -0.75: -0.75}),
    (Knots((three(1, 2),) * 3, (three(5, 7),) * 3), {NAN: 5, INF: 7, -INF: 5, 1.5: 6}),
    (Lut3D(np.arange(8.0)[:, None].repeat(3, axis=1).reshape(2, 2, 2, 3)), {NAN: 0, INF: 7, -INF: 0, 0.5: 3.5}),
    (Log("linToLog"), {0: -126, -1: -126, NAN: -126, -INF: -126, INF: INF, 8: 3}),
    (Log("logToLin"), {3: 8, -INF: 0, INF: INF, NAN: NAN}),
    (Exponent("basicFwd", three(2, 2, 2)), {-3: 0, NAN: 0, INF: INF, 3: 9}),
    (Exponent("basicMirrorFwd", three(2, 2, 2)), {-3: -9, NAN: NAN, INF: INF, -INF: -INF}),
    (Exponent("basicPassThruRev", three(2, 2, 2)), {-3: -3, 9: 3, INF: INF, -INF: -INF, NAN: NAN}),
    (Cdl(power=three(2, 2, 2)), {-3: 0, NAN: 0, INF: 1, 0.5: 0.25}),
    (Cdl(power=three(2, 2, 2), is_clamped=False), {-3: -3, NAN: 0, 3: 9}),
)


@pytest.mark.parametrize(("node", "truths"), CASES, ids=lambda case: type(case).__name__)
def test_the_definition_and_the_engine_make_of_odd_values_what_their_record_says(
    node: Node, truths: dict[float, float]
) -> None:
    given = np.array(list(truths), np.float32)
    image = np.repeat(given[:, None], 3, axis=1)
    wanted = np.array(list(truths.values()))
    for found in (process.run((node,), image.T.copy()).T, process.run((node,), image.T.astype(float)).T):
        assert np.allclose(found[:, 0], wanted, rtol=1e-6, atol=1e-43, equal_nan=True)
    assert np.allclose(ran((node,), image[None])[0, :, 0], wanted, rtol=1e-6, atol=1e-43, equal_nan=True)


def test_nan_of_one_channel_stays_there_through_a_scale() -> None:
    color = np.array([[[NAN, 1, INF]]], np.float32)
    for found in (ran((Matrix(2 * np.eye(3)),), color)[0, 0], process.run((Matrix(2 * np.eye(3)),), color[0].T)[:, 0]):
        assert np.array_equal(found, [NAN, 2, INF], equal_nan=True)


@pytest.mark.parametrize("gap", [1e-45, 1e-300, 1e-9, 6e-8])
def test_points_nearer_than_floats_are_a_step(gap: float) -> None:
    """No NaN and nothing beyond the points, where a slope in float32 would be infinite."""
    for start in (0.0, 0.3, 1.0):
        ends = three(start - 1, start, max(start + gap, np.nextafter(start, 9)), start + 1)
        node = Knots((ends,) * 3, (three(-1e9, 0, 1, 1e9), three(0, 0, 1, 1), three(1, 1, 0, 0)))
        near = np.float32(start) + np.arange(-9, 10, dtype=np.float32) * np.spacing(np.float32(start))
        near = np.append(near, near + np.float32(2 * gap))
        found = ran((node,), np.repeat(near[:, None], 3, axis=1)[None])[0]
        assert np.isfinite(found).all()
        assert ((found[:, 1:] >= 0) & (found[:, 1:] <= 1)).all()
        away = 2 * np.spacing(np.float32(start))
        assert (found[near < ends[1] - away, 1:] == [0, 1]).all()
        assert (found[near > ends[2] + away, 1:] == [1, 0]).all()


def test_what_the_engine_does_not_run_is_said() -> None:
    curve = Lut1D(np.linspace(0, 1, 5)[:, None].repeat(3, axis=1))
    for node in (InverseLut1D(curve), Lut1D(curve.entries, hue=True), InverseLut3D(Lut3D(np.zeros((2, 2, 2, 3))))):
        listed = ProcessList("theirs", (node,))
        assert not native_process.takes(listed)
        lut = Lut.from_list(listed)
        assert lut.arithmetic() == "numpy"
        one_line(lambda lut=lut: lut.prepare("native"), "engine: native runs no", "theirs", "numpy or auto")
    assert native_process.takes(every_kind())
