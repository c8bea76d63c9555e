"""CuPy arrays on a real GPU: where and when their results come, and that they are the native engine's bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gpu_samples import TYPES, by_native, differing, random_picture, sdev_of
from native_samples import METHOD, devices_shown, small_devices

from lattice.sdev import SDev
from lattice.types import LatticeError

pytestmark = [pytest.mark.usefixtures("gpu"), pytest.mark.gpu]


@pytest.fixture
def cupy(gpu: None) -> Any:
    import cupy

    return cupy


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("dtype", TYPES)
def test_arrays_there_give_natives_bits(channels: int, dtype: Any, cupy: Any, interpolation: Any) -> None:
    for device in devices_shown(3, "sRGB"):
        for shape in ((7, 64), (9, 61), (1, 1), (300, 1000)):
            image = random_picture((*shape, channels), dtype)
            source = cupy.asarray(image)
            found = sdev_of(device).apply(source, interpolation=interpolation)
            assert isinstance(found, cupy.ndarray)
            assert (found.device, found.dtype, found.shape) == (source.device, image.dtype, image.shape)
            assert differing(cupy.asnumpy(found), by_native(device, image, interpolation=interpolation)) == 0
            assert differing(cupy.asnumpy(source), image) == 0
            sdev_of(device).apply(source, source, interpolation)
            assert differing(cupy.asnumpy(source), cupy.asnumpy(found)) == 0


@pytest.mark.parametrize("out_type", TYPES)
def test_rows_apart_are_graded_and_nothing_beside_them(out_type: Any, cupy: Any) -> None:
    device, image = small_devices()[-1], random_picture((40, 61, 4), np.float16)
    room = cupy.full((50, 80, 4), 7, np.float16)
    window, shown = room[3:43, 5:66], cupy.full((50, 80, 4), 9, out_type)
    window[...] = cupy.asarray(image)
    sdev_of(device).apply(window[::-1], shown[4:44, 8:69][::-1])
    result = cupy.asnumpy(shown)
    assert differing(result[4:44, 8:69], by_native(device, image, out_type)) == 0
    result[4:44, 8:69] = 9
    assert (result == 9).all()


def test_a_stream_of_ones_own_is_followed(cupy: Any) -> None:
    device, image = small_devices()[-1], random_picture((2000, 1000, 4), np.float16)
    sdev, wanted = sdev_of(device), by_native(device, by_native(device, image))
    with cupy.cuda.Stream(non_blocking=True) as stream:
        found = sdev.apply(sdev.apply(cupy.asarray(image)))
        stream.synchronize()
        assert differing(cupy.asnumpy(found), wanted) == 0


@pytest.mark.parametrize("staged", [True, False])
def test_a_table_in_shared_memory_changes_no_bit(staged: bool, cupy: Any, premier: SDev, interpolation: Any) -> None:
    from lattice.gpu import engine
    from lattice.gpu.kernel import Picture

    image = random_picture((301, 1000, 4), np.float16)
    source, out = cupy.asarray(image), cupy.zeros(image.shape, np.float16)
    pictures = (Picture.of(each, each.data.ptr, "picture") for each in (source, out))
    engine.launch(premier, *pictures, interpolation, staged)
    assert differing(cupy.asnumpy(out), by_native(premier, image, interpolation=interpolation)) == 0


def test_black_below_0_is_black(cupy: Any) -> None:
    """Light of -0 or below, which no octave holds."""
    from basics import grid, make_device
    from truths import SRGB

    device = make_device(grid(3), METHOD, display=SRGB)
    image = np.zeros((64, 64, 4), np.float16)
    image[..., 0] = np.linspace(0, 1, 64)
    for each in (device, make_device(-grid(3), METHOD, display=SRGB)):
        found = sdev_of(each).apply(cupy.asarray(image))
        assert np.array_equal(cupy.asnumpy(found), by_native(each, image))


def test_arrays_that_are_not_packed_are_refused(cupy: Any) -> None:
    image = cupy.zeros((4, 9, 4), np.float16)
    for wrong in (image.transpose(1, 0, 2), image[:, ::2], image[..., :3], cupy.asfortranarray(image)):
        with pytest.raises(LatticeError, match="expected rows of packed pixels"):
            sdev_of().apply(wrong)
