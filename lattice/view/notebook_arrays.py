"""Frames that are arrays in memory, as halves: what `SDev.apply` takes, for the viewer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lattice.channels.input import Primaries
from lattice.color.inputs import encoded
from lattice.regrade.options import Options
from lattice.sdev.arrays import as_picture, check_picture, is_on_gpu
from lattice.types import LatticeError
from lattice.view.frames import Loaded, infinite_notes
from lattice.view.kept import Want, check
from lattice.view.looking import Picture
from lattice.view.shots import Shot

NAME = "image"


class ArrayFrames:
    """One shot of arrays, copied now. Threads may share it.

    images: at least one, (H, W, 3 or 4) float16, float32, float64 or bfloat16, on the CPU or a GPU; alpha is not
    multiplied into the color, as in `SDev.apply`. primaries: of the pixels, the name of an input or x, y of primaries.
    Raises LatticeError for other images.
    """

    def __init__(self, images: Sequence[Any], options: Options, primaries: Primaries) -> None:
        self._loaded = [_loaded(image, primaries) for image in images]
        self._proxies: dict[Want, Loaded] = {}
        self.options = options
        self.memory = sum(loaded.picture.planes.nbytes for loaded in self._loaded)
        numbers = tuple(range(1, len(images) + 1)) if len(images) > 1 else ()
        paths = tuple(Path(NAME) for _ in images)
        self.shots: Sequence[Shot] = (Shot(NAME, NAME, paths, numbers, {"": ()}, (), None, ""),)

    def get(self, want: Want) -> Loaded:
        """Return a picture. Raises LatticeError if there is no such frame or layer."""
        check(want, self.shots)
        if want.layer or want.view:
            raise LatticeError(f"layer: expected none for an array, got {want.layer or want.view!r:.60}")
        loaded = self._loaded[want.index]
        if want.scale == 1:
            return loaded
        found = self._proxies.get(want)
        if found is None:
            half = self.get(replace(want, scale=want.scale // 2)).picture
            found = replace(loaded, picture=half.proxy(want.scale))
            self._proxies[want] = found
        return found

    def notes(self, shot: int) -> list[str]:
        """Return what is to be said of the first array."""
        return list(self._loaded[0].notes)

    def ranges(self) -> dict[str, list[list[int]]]:
        """Return all frames: they are in memory."""
        return {"0": [[0, len(self._loaded) - 1]]}

    def rest(self) -> None:
        """Free the proxies."""
        self._proxies.clear()

    def close(self, seconds: float) -> bool:
        """Return True: no thread works here."""
        return True


def _loaded(image: Any, primaries: Primaries) -> Loaded:
    on_cpu = image.get() if is_on_gpu(image) else np.asarray(image)
    picture = on_cpu if on_cpu.ndim != 3 else as_picture(on_cpu)
    check_picture("image", picture)
    if picture.size == 0:
        raise LatticeError(f"image: expected at least one pixel, got shape {picture.shape}")
    planes, infinite = _planes(picture, primaries)
    height, width = planes.shape[1:]
    window = (0, 0, width - 1, height - 1)
    picture, names = Picture(planes, window, window), tuple("RGBA"[: len(planes)])
    return Loaded(picture, names, str(on_cpu.dtype), primaries, "", infinite_notes(infinite))


def _planes(image: NDArray[Any], primaries: Primaries) -> tuple[NDArray[np.float16], int]:
    """Return (3 or 4, H, W) halves of light, and how many finite values became infinite."""
    space = encoded(primaries)
    values = image if image.dtype in (np.float16, np.float32) else image.astype(np.float32)
    color = values[..., :3] if space is None else space.light(np.ascontiguousarray(values[..., :3]))
    planes = np.empty((image.shape[2], *image.shape[:2]), np.float16)
    with np.errstate(over="ignore"):
        planes[:3] = np.moveaxis(color, -1, 0)
        planes[3:] = np.moveaxis(values[..., 3:], -1, 0)
    return planes, _infinities(planes) - _infinities(color) - _infinities(values[..., 3:])


def _infinities(values: NDArray[Any]) -> int:
    return int(np.count_nonzero(np.isinf(values)))
