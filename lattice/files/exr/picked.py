"""Read some channels of an EXR: other parts and smaller levels are not decoded, other channels are not kept."""

from __future__ import annotations

import os
import struct
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from lattice.files.exr import chunk_table, chunks, openexr
from lattice.files.exr.assemble import single_image
from lattice.files.exr.header import DEFAULTS, REQUIRED, Attribute, Header, pack
from lattice.files.exr.parse import parse_parts
from lattice.files.frame import Channel, about
from lattice.files.storage.read import read_bytes
from lattice.types import LatticeError, Pixels

TOGETHER = 2**24  # bytes of pixels decoded together where most channels are not wanted
MOST_UNWANTED = 2  # times the bytes of the wanted channels: up to this the image is decoded at once
FILE_COPIES = 2  # the file, and its chunks after a plain header

Wanted = Mapping[int, Collection[str]]  # names of channels, by the number of their part


def read_channels(
    path: str | os.PathLike[str], headers: Sequence[Header], wanted: Wanted
) -> dict[int, dict[str, Pixels]]:
    """Read channels of the largest level, (H, W) of their own dtypes, by part number and name.

    headers: as they were read before, of every part. An image of scan lines with many more channels is decoded a band
    at a time, so that these take no memory. Parts that are not wanted may be damaged.
    Raises LatticeError if the headers changed, or as `file.read_parts` does.
    """
    data, where = read_bytes(path), str(path)
    found = parse_parts(data, where)
    if found != tuple(headers):
        raise LatticeError(f"{where}: expected a finished file, got one that changed while it was read")
    chunks.check_size(found, len(data), where)
    data = chunk_table.filled(data, found)
    return {k: _picked(data, found[k].images[0], names, about(where, found[k])) for k, names in wanted.items()}


def peak_bytes(headers: Sequence[Header], wanted: Wanted, file_bytes: int) -> int:
    """Return about how many bytes `read_channels` takes at its peak."""
    images = [(headers[k].images[0], names) for k, names in wanted.items()]
    pixels = [
        _bytes_of(image, _named(image, names)) + TOGETHER
        if _is_banded(image, names)
        else _bytes_of(image, image.channels)
        for image, names in images
    ]
    return FILE_COPIES * file_bytes + sum(pixels)


def _named(image: Header, names: Collection[str]) -> list[Channel]:
    return [channel for channel in image.channels if channel.name in names]


def _bytes_of(image: Header, channels: Sequence[Channel]) -> int:
    """Return the bytes of channels, subsampled ones as if they were whole."""
    return image.shape[0] * image.shape[1] * sum(np.dtype(channel.dtype).itemsize for channel in channels)


def _is_banded(image: Header, names: Collection[str]) -> bool:
    wanted = _bytes_of(image, _named(image, names))
    is_plain = not image.tiled and all(channel.sampling == (1, 1) for channel in image.channels)
    return is_plain and _bytes_of(image, image.channels) > (1 + MOST_UNWANTED) * wanted


def _picked(data: bytes, image: Header, names: Collection[str], where: str) -> dict[str, Pixels]:
    if _is_banded(image, names):
        return _picked_by_bands(data, image, names, where)
    decoded = openexr.decode(data, image, where)
    return {channel.name: decoded[channel.name] for channel in _named(image, names)}


def _picked_by_bands(data: bytes, image: Header, names: Collection[str], where: str) -> dict[str, Pixels]:
    found, lines = chunks.check(data, image, where), image.codec.lines
    left, top, right, bottom = image.window
    kept = {channel.name: np.empty(image.shape, channel.dtype) for channel in _named(image, names)}
    step = max(1, TOGETHER * image.shape[0] // _bytes_of(image, image.channels) // lines)  # chunks
    for first in range(0, len(found.starts), step):
        some = slice(first, first + step)
        start = top + first * lines
        band = _plain(image, (left, start, right, min(start + step * lines - 1, bottom)))
        part = chunks.Chunks(0, found.starts[some], found.ends[some])
        [decoded] = openexr.parts_of(single_image(pack(band), data, part, image), where)
        for name, plane in kept.items():
            plane[start - top : start - top + band.shape[0]] = decoded.channels[name].pixels
    return kept


def _plain(image: Header, window: tuple[int, int, int, int]) -> Header:
    attributes = {name: image.attributes[name] for name in REQUIRED}
    attributes |= {"dataWindow": Attribute("box2i", struct.pack("<4i", *window)), "lineOrder": DEFAULTS["lineOrder"]}
    return image.with_attributes(attributes)
