"""What the tests of lattice.gpu share: devices whose table can be staged, pictures on the GPU that is the host."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from basics import halves
from host_cupy import ndarray
from native_samples import METHOD, bits, devices_shown, fill, small_devices

from lattice.gpu.kernel import NEGATIVE_CODES
from lattice.interp import native
from lattice.sdev import SDev
from lattice.types import SDevData, Table

TYPES = (np.float16, np.float32)
ROW = 16  # bytes that a thread moves at a time
BLACK, NARROW = "from black", "over two stops"
SPANS = {BLACK: (0.0, 0.25), NARROW: (0.25, 1.0)}  # between which a table moves


@cache
def stageable(span: str) -> Table:
    """A random table that shared memory takes: flat outside its live codes, NaN and negatives as its start."""
    scene = np.nan_to_num(halves().astype(np.float64), nan=0.0)
    low, high = SPANS[span]
    random = np.random.default_rng(1).uniform(0, 1, (len(scene), 3))
    held = np.clip(scene, low, high).astype(np.float16).view(np.uint16).astype(int)
    held[NEGATIVE_CODES] = held[0]
    return Table(random[held])


@cache
def staged_devices(exponent: float = 3, gamma: Any = "sRGB") -> tuple[SDevData, ...]:
    """Devices of one display whose table is narrow enough for shared memory."""
    found = [device for device in devices_shown(exponent, gamma) if device.lattice.size < 33]
    return tuple(replace(device, table=stageable(BLACK if device.lattice.size == 3 else NARROW)) for device in found)


def sdev_of(device: SDevData | None = None) -> SDev:
    return device if isinstance(device, SDev) else SDev.from_device(device or small_devices()[-1])


def by_native(device: SDevData, image: Any, out_type: Any = None, interpolation: Any = METHOD) -> Any:
    """What the compiled engine makes of a picture."""
    out = np.full(image.shape, 7, out_type or image.dtype)
    native.apply(device, image, out, interpolation)
    return out


def by_gpu(device: SDevData, image: Any, out_type: Any = None, interpolation: Any = METHOD) -> Any:
    """What becomes of a picture that lies on the GPU."""
    out = ndarray(np.full(image.shape, 7, out_type or image.dtype))
    assert sdev_of(device).apply(ndarray(image), out, interpolation) is out
    return out.array


def differing(found: Any, wanted: Any) -> int:
    """How many values' bits differ; one NaN of alpha is as good as another, for the GPU has its own."""
    both_nan = np.isnan(found) & np.isnan(wanted)
    both_nan[..., :3] = False
    return int(np.count_nonzero((bits(found) != bits(wanted)) & ~both_nan))


def random_picture(shape: Any, dtype: Any = np.float16, seed: int = 3) -> Any:
    return np.random.default_rng(seed).uniform(-0.5, 2, shape).astype(dtype)


def pitched(image: Any, start: int = 0, gap: int = 0, flipped: bool = False) -> tuple[Any, Any]:
    """A picture inside more memory, and that memory as bytes.

    start: bytes of its first pixel past a multiple of 16. gap: of a row past the next multiple. flipped: rows go up.
    """
    pixel = image.shape[2] * image.itemsize
    row = -(-image.shape[1] * pixel // ROW) * ROW + gap
    room = np.empty(image.shape[0] * row + 4 * ROW, np.uint8)
    view = np.ndarray(
        image.shape, image.dtype, room, -room.ctypes.data % ROW + ROW + start, (row, pixel, image.itemsize)
    )
    view = view[::-1] if flipped else view
    fill(view, room, image)
    return view, room


def raised_by(call: Callable[[], object]) -> BaseException | None:
    """What a call raises."""
    try:
        call()
    except BaseException as error:
        return error
    return None
