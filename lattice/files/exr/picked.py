"""Read some channels of an EXR: other parts and smaller levels are not decoded, other channels are not kept."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from lattice.files.exr import chunk_table, chunks, openexr, shares
from lattice.files.exr.chunks import Bytes
from lattice.files.exr.header import Header
from lattice.files.exr.parse import parse_first
from lattice.files.frame import Channel, about
from lattice.files.storage.buffers import fresh, read_into
from lattice.types import LatticeError, Pixels

TOGETHER = 2**24  # bytes of pixels decoded together where most channels are not wanted
MOST_UNWANTED = 2  # times the bytes of the wanted channels: up to this the image is decoded at once

Wanted = Mapping[int, Collection[str]]  # names of channels, by the number of their part


def read_channels(
    path: str | os.PathLike[str], headers: Sequence[Header], wanted: Wanted
) -> dict[int, dict[str, Pixels]]:
    """Read channels of the largest level, (H, W) of their own dtypes, by part number and name.

    headers: as they were read before, of every part. An image of scan lines with many more channels is decoded a band
    at a time, so that these take no memory. Parts that are not wanted may be damaged.
    Raises LatticeError if the headers changed, or as `file.read_parts` does.
    """
    read, where = read_into(path, fresh), str(path)
    found = parse_first(lambda most: bytes(read[:most]), where)
    if found != tuple(headers):
        raise LatticeError(f"{where}: expected a finished file, got one that changed while it was read")
    chunks.check_size(found, len(read), where)
    data = chunk_table.filled(read, found)
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
    return file_bytes + sum(pixels)


def _named(image: Header, names: Collection[str]) -> list[Channel]:
    return [channel for channel in image.channels if channel.name in names]


def _bytes_of(image: Header, channels: Sequence[Channel]) -> int:
    """Return the bytes of channels, subsampled ones as if they were whole."""
    return image.shape[0] * image.shape[1] * sum(np.dtype(channel.dtype).itemsize for channel in channels)


def _is_banded(image: Header, names: Collection[str]) -> bool:
    wanted = _bytes_of(image, _named(image, names))
    return shares.can_part(image) and _bytes_of(image, image.channels) > (1 + MOST_UNWANTED) * wanted


def _picked(data: Bytes, image: Header, names: Collection[str], where: str) -> dict[str, Pixels]:
    if not _is_banded(image, names):
        decoded = openexr.decode(data, image, where)
        return {channel.name: decoded[channel.name] for channel in _named(image, names)}
    kept = {channel.name: np.empty(image.shape, channel.dtype) for channel in _named(image, names)}
    for decode in openexr.bands(data, image, where, most=TOGETHER):
        rows, band = decode()
        for name, plane in kept.items():
            plane[rows] = band[name]
    return kept
