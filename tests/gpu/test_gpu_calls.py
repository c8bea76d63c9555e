"""Pictures that lie on a GPU: graded where they lie, whatever their rows; and what is refused, in a line each."""

from __future__ import annotations

import sys
from itertools import product
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from basics import one_line
from gpu_samples import TYPES, by_gpu, by_native, differing, pitched, random_picture, sdev_of
from host_cupy import NullStream, Stream, ndarray
from host_memory import GPU, NUMBER
from native_samples import METHOD, only_inside, sets_here, small_devices

from lattice.interp import shader
from lattice.types import LatticeError

pytestmark = pytest.mark.slow

PAIRS = list(product(TYPES, TYPES))
DEVICE = small_devices()[-1]
GAPS = ((0, 0), (0, 16), (16, 0), (0, 4), (4, 0), (8, 8))  # bytes: of the first pixel past 16, between rows past 16


@pytest.fixture(autouse=True)
def _on_the_host(host_gpu: None) -> None:
    sets_here()


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("dtype", TYPES)
def test_what_comes_back_lies_where_the_picture_does(dtype: Any, channels: int) -> None:
    image = ndarray(random_picture((5, 7, channels), dtype), NUMBER + 1)
    before = image.array.copy()
    for engine in ("auto", "cuda"):
        found: Any = sdev_of().apply(image, engine=engine)  # type: ignore[arg-type]
        assert isinstance(found, ndarray)
        assert (found.shape, found.dtype, found.device.id) == (image.shape, image.dtype, NUMBER + 1)
        assert differing(found.array, by_native(DEVICE, before)) == 0
        assert np.array_equal(image.array, before)
    assert sdev_of().apply(image, image) is image
    assert differing(image.array, by_native(DEVICE, before)) == 0


def test_another_interpolation_is_another_picture() -> None:
    image = random_picture((5, 7, 3))
    for method in ("trilinear", "tetrahedral"):
        assert differing(by_gpu(DEVICE, image, None, method), by_native(DEVICE, image, None, method)) == 0
    assert differing(by_gpu(DEVICE, image, None, "trilinear"), by_gpu(DEVICE, image)) > 0


def held_inside(image: Any, out_type: Any, width: int) -> None:
    """Grade a picture of any rows into one of any rows, and itself; nothing beside is written."""
    wanted = by_native(DEVICE, image, out_type)
    for start, gap in (GAPS[width % 2], GAPS[2 + width % 4]):
        view, room = pitched(image, start, gap, width % 3 == 0)
        out, out_room = pitched(np.full(image.shape, 7, out_type), GAPS[width % 6][0], GAPS[(width + gap) % 6][1])
        before = room.copy()
        found = only_inside(out, out_room, sdev_of().apply, ndarray(view), ndarray(out), METHOD)
        assert differing(found, wanted) == 0
        assert np.array_equal(room, before)
        if out_type is image.dtype.type:
            inside = only_inside(view, room, sdev_of().apply, ndarray(view), ndarray(view), METHOD)
            assert differing(inside, wanted) == 0


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize(("dtype", "out_type"), PAIRS)
def test_any_width_and_rows_give_the_bits_and_nothing_else_is_written(dtype: Any, out_type: Any, channels: int) -> None:
    for width in range(1, 41):
        held_inside(random_picture((3 if width % 5 else 1, width, channels), dtype, width), out_type, width)
    assert len({(launch["WIDE"], launch["WHOLE"]) for launch in GPU.launches}) == 3


@pytest.mark.parametrize("shape", [(0, 0, 3), (0, 7, 4), (7, 0, 3)])
def test_no_pixels_give_no_pixels(shape: Any) -> None:
    image = ndarray(np.empty(shape, np.float16))
    for given in (None, image, ndarray(np.empty(shape, np.float32))):
        assert sdev_of().apply(image, given).shape == shape
    assert GPU.launches == []


def test_work_is_given_to_the_current_stream_and_not_waited_for() -> None:
    image, stream, sdev = random_picture((9, 99, 4)), Stream(), sdev_of()
    picture = ndarray(image.copy())
    with stream:
        sdev.apply(picture, picture)
    assert np.array_equal(picture.array, image)
    stream.synchronize()
    assert differing(picture.array, by_native(DEVICE, image)) == 0


def test_a_stream_that_waits_for_no_other_finds_the_device_uploaded() -> None:
    image = random_picture((9, 99, 4))
    found = sdev_of().apply(image, engine="cuda")
    NullStream().synchronize()
    assert differing(found, by_native(DEVICE, image)) == 0


SOUND = np.zeros((4, 5, 3), np.float32)
ROWS = np.zeros((5, 5, 3), np.float32)
ROOMY = np.zeros((8, 10, 8), np.float32)
BAD: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "flat": (("image: expected shape",), {"image": ndarray(SOUND[0])}),
    "five channels": (("image: expected shape",), {"image": ndarray(ROOMY[..., :5])}),
    "float64": (("image: expected float16 or float32",), {"image": ndarray(SOUND.astype(float))}),
    "out of another dtype": (("out: expected float16",), {"out": ndarray(SOUND.astype(np.int16))}),
    "out of another shape": (("out: expected the image's shape",), {"out": ndarray(ROWS)}),
    "out on another GPU": (("out: expected", "GPU 1000", "1001"), {"out": ndarray(SOUND.copy(), NUMBER + 1)}),
    "out in the CPU's memory": (("out: expected an array where the image is", "numpy"), {"out": SOUND.copy()}),
    "image in the CPU's memory": (
        ("out: expected an array where the image is",),
        {"image": SOUND, "out": ndarray(SOUND.copy())},
    ),
    "out over the image": (("out: expected", "overlaps"), {"image": ndarray(ROWS[1:]), "out": ndarray(ROWS[:-1])}),
    "out flipped": (("out: expected", "overlaps"), {"image": ndarray(ROWS), "out": ndarray(ROWS[::-1])}),
    "channels apart": (
        ("image: expected", "strides", "(any, 12, 4)", "(320, 32, 8)"),
        {"image": ndarray(ROOMY[:4, :5, :6:2])},
    ),
    "pixels apart": (
        ("image: expected", "strides", "(any, 12, 4)", "ascontiguousarray"),
        {"image": ndarray(ROOMY[:4, :5, :3])},
    ),
    "columns flipped": (("image: expected", "strides"), {"image": ndarray(SOUND[:, ::-1])}),
    "out's pixels apart": (("out: expected", "strides"), {"out": ndarray(ROOMY[:4, :5, :3])}),
    "out without places": (
        ("out: expected a place",),
        {"out": ndarray(np.lib.stride_tricks.as_strided(ROWS, (4, 5, 3), (0, 12, 4)))},
    ),
    "native": (("engine: expected auto or cuda", "'native'"), {"engine": "native"}),
    "numpy": (("engine: expected auto or cuda", "'numpy'"), {"engine": "numpy"}),
    "interpolation": (("interpolation: expected",), {"interpolation": "cubic"}),
    "threads": (("threads: expected",), {"threads": 0}),
}


@pytest.mark.parametrize(("says", "arguments"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_in_a_line(says: tuple[str, ...], arguments: dict[str, Any]) -> None:
    one_line(lambda: sdev_of().apply(**{"image": ndarray(SOUND), **arguments}), *says)
    assert GPU.launches == []
    assert not any(array.any() for array in (SOUND, ROWS, ROOMY))


def test_a_single_column_or_row_may_have_any_strides_along_it() -> None:
    room = random_picture((8, 10, 8), np.float32)
    for part in (room[:, 4:5, 2:5], room[:1, :1, :3], room[::-2, :1, :4]):
        assert differing(by_gpu(DEVICE, part), by_native(DEVICE, part)) == 0


def test_a_lattice_past_what_floats_count_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shader, "MOST_NODES", 3)
    for image in (ndarray(SOUND), SOUND):
        one_line(lambda image=image: sdev_of().apply(image, engine="cuda"), "engine: cuda takes", "3^3", "5^3")
    one_line(lambda: sdev_of().prepare("cuda"), "engine: cuda takes", "3^3", "5^3")


def test_a_lattice_that_is_refused_is_not_uploaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shader, "MOST_NODES", 3)
    with pytest.raises(LatticeError):
        sdev_of().prepare("cuda")
    assert GPU.memory.count == 0


def test_rows_past_what_the_kernel_counts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lattice.gpu.kernel.MOST_PIXELS", 8)
    sdev_of().apply(ndarray(random_picture((4, 8, 3))))
    assert GPU.launches[-1]["down"] > 1  # rows stay apart where one would be too long
    one_line(
        lambda: sdev_of().apply(ndarray(random_picture((4, 9, 3)))),
        "image: expected at most 8 rows of as many pixels, got 4 of 9",
    )
    one_line(lambda: sdev_of().apply(ndarray(random_picture((9, 3, 3)))), "got 9 of 3")


def test_a_cupy_that_is_not_imported_to_its_end_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", ModuleType("cupy"))
    try:
        sdev_of().apply(SOUND)
    except AttributeError as error:
        pytest.fail(str(error))
