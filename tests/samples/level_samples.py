"""Mip- and rip-maps made for tests."""

from __future__ import annotations

import struct

from exr_samples import header_of, noise

from lattice.files.exr import file as exr
from lattice.files.exr.header import Attribute


def mapped(path, shape, mode, make=noise, codec="ZIP", order=0):
    """A file of levels, three half channels, alpha and a float one."""
    types = {**dict.fromkeys("RGB", "float16"), "Z": "float32"}
    first = {name: make(shape, dtype, k) for k, (name, dtype) in enumerate(types.items())}
    header = header_of(first, codec=codec, tile=(8, 5), order=order, origin=(-4, 9))
    tiles = Attribute("tiledesc", struct.pack("<2IB", 8, 5, mode))
    header = header.with_attributes({**header.attributes, "tiles": tiles})
    levels = [
        {name: make(image.shape, dtype, 10 * k) for name, dtype in types.items()}
        for k, image in enumerate(header.images)
    ]
    frame = exr.Frame(path, header, levels[0], smaller=tuple(levels[1:]))
    exr.write(path, frame, types)
    return frame
