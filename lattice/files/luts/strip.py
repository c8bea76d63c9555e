"""Strips: a 3D LUT of N nodes along a side as a PNG of N slices of N x N pixels, side by side, as game engines take it.

Red runs right in a slice, green down, blue from slice to slice. Values are code / largest code.
Source: Epic Games, Unreal Engine documentation, "Using Lookup Tables (LUTs) for Color Grading" (256x16).
"""

from __future__ import annotations

import numpy as np

from lattice.errors import LatticeError
from lattice.files.luts import hald, layout, notes, png_codes
from lattice.files.luts.format import LutFormat
from lattice.process_list import Lut3D, ProcessList

LAYOUT, STRIP = "layout", "strip"  # the fact of a list that is to be written as one, for a .png is else a Hald image
SIZES = range(2, 65)
HOLDS = f"a strip of slices, which holds one LUT3D of {SIZES[0]} to {SIZES[-1]} nodes along a side"


def is_strip(data: bytes) -> bool:
    """True if the bytes begin as those of a PNG with the size of a strip."""
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    return data.startswith(png_codes.MAGIC) and height in SIZES and width == height**2


def parse(data: bytes) -> ProcessList:
    """Return the process list of a strip: one Lut3D. An alpha that is not opaque is refused."""
    codes, texts = png_codes.read(data, _check_size)
    values = hald.color_of(codes)
    size = len(values)
    nodes = values.reshape(size, size, size, -1).transpose(2, 0, 1, 3)  # from [green, blue, red]
    found = notes.process_list([Lut3D(np.broadcast_to(nodes, (size, size, size, 3)))], texts)
    return ProcessList(found.name, found.nodes, {**found.provenance, LAYOUT: STRIP})


def _check_size(width: int, height: int) -> None:
    if height not in SIZES or width != height**2:
        raise LatticeError(f"expected a strip, N^2 x N pixels with N from 2 to {SIZES[-1]}, got {width}x{height}")


def write(process_list: ProcessList) -> bytes:
    """Return a strip of 8-bit codes; each value is within half a code.

    Raises LatticeError for a process list that is not one Lut3D with values in 0..1 and the fact layout: strip.
    """
    match process_list.nodes:
        case (Lut3D() as lut,) if lut.size in SIZES and process_list.provenance.get(LAYOUT) == STRIP:
            codes = layout.codes(lut.nodes, 255, "a strip").astype(np.uint8)
            pixels = codes.transpose(1, 2, 0, 3).reshape(lut.size, lut.size**2, 3)
            return png_codes.pack(pixels, notes.of_list(process_list))
    raise layout.not_held(process_list, HOLDS)


FORMAT = LutFormat("strip PNG", (".png",), parse, hald.MOST_BYTES, write, is_strip, is_exact=False)
