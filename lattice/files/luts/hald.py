"""Hald images: a 3D LUT as the pixels of a PNG or TIFF, red fastest. A Hald of level L has L^2 nodes along a side, and
is L^3 pixels square.

Values are code / largest code, whatever gamma or profile the image declares. Source: quelsolaar.com/technology/clut.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lattice.errors import LatticeError
from lattice.files.luts import layout, notes, png_codes, tiff_codes
from lattice.files.luts.format import LutFormat
from lattice.files.luts.png_codes import Codes
from lattice.process_list import Lut3D, ProcessList

MOST_BYTES = 2**25  # level 11 in 16 bits takes 14 MB with alpha
LEVELS = range(2, 12)  # of up to 121 nodes along a side
HOLDS = f"a Hald image, which holds one LUT3D of {', '.join(str(level**2) for level in LEVELS)} nodes along a side"
# Suffixes that pictures have, too: only a command that takes nothing but a LUT reads them as one.
OF_PICTURES = (".png", ".tif", ".tiff")


def parse_png(data: bytes) -> ProcessList:
    """Return the process list of a Hald PNG: one Lut3D. An alpha that is not opaque is refused."""
    return _parsed(*png_codes.read(data, _check_size))


def parse_tiff(data: bytes) -> ProcessList:
    """Return the process list of a Hald TIFF, as `parse_png` does."""
    return _parsed(*tiff_codes.read(data, _check_size))


def is_png(data: bytes) -> bool:
    """True if the bytes begin as those of a PNG with the size of a Hald."""
    size = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    return data.startswith(png_codes.MAGIC) and _is_hald(*size)


def _is_hald(width: int, height: int) -> bool:
    return width == height and width in {level**3 for level in LEVELS}


def _check_size(width: int, height: int) -> None:
    if not _is_hald(width, height):
        low, high = LEVELS[0], LEVELS[-1]
        sizes = f"level {low}, {low**3}, to level {high}, {high**3:,}"
        raise LatticeError(f"expected a Hald (a Hald of level L is L^3 pixels square: {sizes}), got {width}x{height}")


def color_of(codes: Codes) -> NDArray[np.float32]:
    """Return the values (H, W, 1 or 3) of codes of gray or RGB. Raises LatticeError for alpha that is not opaque."""
    largest = np.iinfo(codes.dtype).max
    has_alpha = codes.shape[2] in (2, 4)
    if has_alpha and codes[..., -1].min() < largest:
        raise LatticeError("expected an image whose alpha is opaque everywhere, got one that is not")
    return codes[..., : codes.shape[2] - has_alpha].astype(np.float32) / np.float32(largest)


def _parsed(codes: Codes, texts: list[str]) -> ProcessList:
    color = color_of(codes)
    values = color.reshape(-1, color.shape[2])
    size = round(len(values) ** (1 / 3))
    nodes = layout.from_red_fastest(np.broadcast_to(values, (len(values), 3)), size)
    return notes.process_list([Lut3D(nodes)], texts)


def write_png(process_list: ProcessList, bits: int = 16) -> bytes:
    """Return a Hald PNG. bits: 8 or 16; each value is within half a code.

    Raises LatticeError for other bits, and for a process list that is not one Lut3D with the nodes of a level and
    values in 0..1.
    """
    return png_codes.pack(_codes(process_list, bits), notes.of_list(process_list))


def write_tiff(process_list: ProcessList, bits: int = 16) -> bytes:
    """Return a Hald TIFF; arguments and errors as of `write_png`."""
    return tiff_codes.pack(_codes(process_list, bits), notes.of_list(process_list))


def _codes(process_list: ProcessList, bits: int) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Return the pixels (L^3, L^3, 3) of a list."""
    if bits not in (8, 16):
        raise LatticeError(f"bits: a Hald image is written in 8 or 16, got {bits}")
    match process_list.nodes:
        case (Lut3D() as lut,) if lut.size in {level**2 for level in LEVELS}:
            codes = layout.codes(layout.red_fastest(lut.nodes), 2**bits - 1, "a Hald image")
            side = round(lut.size**1.5)
            pixels = codes.reshape(side, side, 3)
            return pixels.astype(np.uint8) if bits == 8 else pixels.astype(np.uint16)
    raise layout.not_held(process_list, HOLDS)


FORMAT = LutFormat("Hald PNG", (".png",), parse_png, MOST_BYTES, write_png, is_png, is_exact=False)
TIFF = LutFormat("Hald TIFF", (".tif", ".tiff"), parse_tiff, MOST_BYTES, write_tiff, is_exact=False)
