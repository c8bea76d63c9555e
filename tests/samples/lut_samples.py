"""What the tests of LUT formats share: damaged files, and OpenColorIO as the judge."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lattice.errors import LatticeError
from lattice.process_list import ProcessList

INSERTED = (b"\0", b"\xff\xfe", b"nan", b"-", b"1e999", b",5", b"<", b"]]>", b"9" * 400, b"\n", b'"', b"\xc3")


def mutated(data: bytes, rng: Any) -> bytes:
    """Return bytes with one to three faults: bits flipped, a piece cut out, doubled or moved, the end cut off, or bytes
    put in that readers trip over. rng: a `numpy.random.Generator`."""
    found = bytearray(data)
    for _ in range(int(rng.integers(1, 4))):
        at, length = int(rng.integers(0, len(found) + 1)), int(rng.integers(1, 40))
        kind = int(rng.integers(0, 6))
        if kind == 0 and at < len(found):
            found[at] ^= 1 << int(rng.integers(0, 8))
        elif kind == 1:
            del found[at : at + length]
        elif kind == 2:
            found[at:at] = found[at : at + length]
        elif kind == 3:
            del found[at:]
        elif kind == 4:
            found[at:at] = INSERTED[int(rng.integers(0, len(INSERTED)))]
        else:
            piece = bytes(found[at : at + length])
            del found[at : at + length]
            to = int(rng.integers(0, len(found) + 1))
            found[to:to] = piece
    return bytes(found)


def hosted(ocio: Any, path: Path, data: bytes, pixels: Any) -> Any:
    """What OpenColorIO makes of float32 pixels (n, 3) through a LUT file of these bytes, by its exact processor."""
    path.write_bytes(data)
    ocio.ClearAllCaches()  # it keeps files by path
    processor = ocio.Config.CreateRaw().getProcessor(ocio.FileTransform(str(path)))
    found = np.ascontiguousarray(pixels, np.float32).copy()
    processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_NONE).applyRGB(found)
    return found


def probes(count: int = 500) -> Any:
    """Pixels (n, 3) float32 in and around [0, 1], of all sizes, and those at ties and ends."""
    random = np.random.default_rng(7)
    near = random.uniform(-0.3, 1.5, (count, 3))
    far = random.normal(0, 1, (count, 3)) * 10.0 ** random.uniform(-6, 5, (count, 1))
    ends = [
        [0, 0, 0],
        [1, 1, 1],
        [0.5, 0.5, 0.5],
        [-0.0, 1, 0.25],
        [1e30, -1e30, 0],
        [np.inf, 0.5, 0.5],
        [-np.inf, 0.5, 0.5],
    ]
    return np.concatenate([near, far, ends]).astype(np.float32)


def difference(found: Any, wanted: Any) -> float:
    """The largest difference of `found` to `wanted` where that is finite, relative where it is above 1; NaN is inf."""
    with np.errstate(all="ignore"):
        far = np.abs(found.astype(np.float64) - wanted) / np.maximum(1, np.abs(wanted))
    return float(np.where(np.isnan(far), np.inf, far)[np.isfinite(wanted)].max(initial=0))


def is_read(parse: Callable[[bytes], ProcessList], data: bytes) -> bool:
    """True if a parser reads the bytes, False if it refuses them in one line; else, or past a second, it fails."""
    started = time.process_time()
    try:
        found, message = parse(data), ""
    except LatticeError as error:
        found, message = None, str(error)
    assert time.process_time() - started < 1
    assert isinstance(found, ProcessList) != bool(message)
    assert "\n" not in message
    return not message
