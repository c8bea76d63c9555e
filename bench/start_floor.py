"""The floor of `lattice apply`: one EXR through a look by what it takes at least, in a process of its own.

`python bench/start_floor.py SOURCE TARGET DEVICE`; DEVICE is an SDev's data, pickled. The frame is decoded while
modules are imported, graded and deflated in two threads, and written; nothing is verified, flushed or said.
"""

from __future__ import annotations

import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import OpenEXR

THREADS = 2


def main() -> None:
    """Grade the frame."""
    source, target, device_file = map(Path, sys.argv[1:])
    OpenEXR.set_global_thread_count(THREADS)
    pool = ThreadPoolExecutor(THREADS)
    decoding = pool.submit(OpenEXR.File, str(source), separate_channels=True, num_threads=THREADS)

    from lattice.files.exr import assemble, openexr
    from lattice.files.exr.file import read_header
    from lattice.interp import native

    device, header = pickle.loads(device_file.read_bytes()), read_header(source)
    run, decoded = native.runner(device), decoding.result().parts[0].channels
    image = np.stack([decoded[name].pixels for name in "RGB"]).transpose(1, 2, 0)
    graded = np.empty((3, *image.shape[:2]), image.dtype)
    out, half = graded.transpose(1, 2, 0), len(image) // 2
    halves = (slice(0, half), slice(half, len(image)))
    list(pool.map(lambda rows: run(image[rows], out[rows], device.lattice.interpolation), halves))
    channels = dict(zip("RGB", graded, strict=True))
    packed = openexr.encode([header], [[channels]], str(target), THREADS)
    with open(target, "wb") as file:
        file.writelines(assemble.join([header], packed))


if __name__ == "__main__":
    main()
