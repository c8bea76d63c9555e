"""Uncompressed scan lines: their chunks in one array, and the planes, which are views of it.

A chunk is a line's y and its length, 4 bytes each, then the line of each channel, the channels sorted by name.
Source: "OpenEXR File Layout", openexr.com.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lattice.files.exr.assemble import ImageFile, is_whole_file
from lattice.files.exr.chunks import Bytes, Chunks
from lattice.files.exr.header import DECREASING, INCREASING, Header
from lattice.files.frame import Channel
from lattice.files.storage.buffers import Room
from lattice.types import Pixels

FRONT = 8  # bytes of a chunk before its pixels
ALIGNED = 4  # bytes: the largest sample


@dataclass(frozen=True)
class Lines:
    """Chunks to be written. image: their header. chunks: (H, bytes) uint8, in the order of the file. planes: channel
    name to (H, W) view of the chunks, to be filled, first line first."""

    image: Header
    chunks: NDArray[np.uint8]
    planes: Mapping[str, Pixels]

    def filled(self, channels: Mapping[str, Pixels]) -> Mapping[str, Pixels]:
        """Return the planes, after every channel was copied that is not its plane already."""
        for name, array in channels.items():
            if array is not self.planes[name]:
                self.planes[name][...] = array
        return self.planes

    def holds(self, image: Header, channels: Mapping[str, Pixels]) -> bool:
        """True if these channels are the planes, and an image of this header is written as these chunks."""
        is_same = _layout(image) == _layout(self.image) and is_laid(image)
        return is_same and all(array is self.planes.get(name) for name, array in channels.items())

    def file(self, image: Header) -> ImageFile:
        """Return the chunks for `put_together`. image: their header in the whole file."""
        ends = self.chunks.shape[1] * np.arange(1, len(self.chunks) + 1, dtype=np.int64)
        if _is_down(image):
            ends = ends[::-1]
        return ImageFile(image, [self.chunks.reshape(-1).data], Chunks(0, ends - self.chunks.shape[1], ends))


def is_laid(image: Header) -> bool:
    """True if planes may be views of an image's chunks in a file: uncompressed scan lines of a single-part file with
    sorted channels, in which every sample is aligned."""
    is_plain = not (image.tiled or image.deep) and is_whole_file(image) and image.codec.name == "none"
    ordered = image.attributes["lineOrder"].data[0] in (INCREASING, DECREASING)
    names = [channel.name.encode("utf-8", "surrogateescape") for channel in image.channels]
    return (
        sys.byteorder == "little"
        and is_plain
        and ordered
        and names == sorted(names)
        and all(channel.sampling == (1, 1) for channel in image.channels)
        and all(not (at | _chunk_bytes(image)) % np.dtype(each.dtype).itemsize for each, at in _places(image))
    )


def lay(image: Header, room: Room) -> Lines:
    """Return the chunks of an image that `is_laid`, in memory of `room`, with all but their pixels filled in."""
    (height, _), size = image.shape, _chunk_bytes(image)
    chunks = room(height * size).reshape(height, size)
    lines = chunks[::-1] if _is_down(image) else chunks
    front = lines[:, :FRONT].view("<i4")
    front[:, 0], front[:, 1] = image.window[1] + np.arange(height), size - FRONT
    return Lines(image, chunks, _planes(lines, image))


def lead(image: Header) -> int:
    """Return how many bytes before the file align its samples in memory, if its chunks follow its offset table."""
    return -(image.length + 8 * image.shape[0] + FRONT) % ALIGNED


def views(data: Bytes, image: Header, found: Chunks) -> dict[str, Pixels] | None:
    """Return every channel as an (H, W) read-only view of the file's bytes, any strides; None if that cannot be.

    data: the whole file. image: one that `is_laid`. found: its chunks, each of which is in the file.
    """
    size, starts = _chunk_bytes(image), found.starts
    step = int(starts[1] - starts[0]) if len(starts) > 1 else size
    even = (np.diff(starts) == step).all() and abs(step) >= size and (found.ends - starts == size).all()
    if not even:
        return None
    lines = np.ndarray((len(starts), size), np.uint8, data, int(starts[0]), (step, 1))
    lines.flags.writeable = False
    planes = _planes(lines, image)
    return planes if all(plane.flags.aligned for plane in planes.values()) else None


def _planes(lines: NDArray[np.uint8], image: Header) -> dict[str, Pixels]:
    width = image.shape[1]
    return {
        each.name: lines[:, at : at + width * np.dtype(each.dtype).itemsize].view(each.dtype)
        for each, at in _places(image)
    }


def _places(image: Header) -> list[tuple[Channel, int]]:
    """Return the channels and where their samples are in a chunk."""
    at, places = FRONT, []
    for each in image.channels:
        places.append((each, at))
        at += image.shape[1] * np.dtype(each.dtype).itemsize
    return places


def _chunk_bytes(image: Header) -> int:
    return FRONT + image.shape[1] * sum(np.dtype(each.dtype).itemsize for each in image.channels)


def _is_down(image: Header) -> bool:
    return image.attributes["lineOrder"].data[0] == DECREASING


def _layout(image: Header) -> tuple[object, ...]:
    names = ("channels", "compression", "dataWindow", "lineOrder")
    return image.tiled, image.part, *(image.attributes[name].data for name in names)
