"""Several threads on one image: each decodes or encodes a share of its scan lines, in whole chunks."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

import numpy as np

from lattice.cpu_time import counted
from lattice.files.exr.assemble import ImageFile
from lattice.files.exr.chunks import Chunks
from lattice.files.exr.header import DEFAULTS, DWA_LEVEL, INCREASING, REQUIRED, Attribute, Header

SHARES = 8  # a thread: then a share takes little memory, and a delayed thread leaves its shares to the others
T = TypeVar("T")
U = TypeVar("U")


def shares(image: Header, threads: int) -> list[slice]:
    """Return the shares of an image's chunks for so many threads; none where one thread does it all: where the image
    cannot be parted, for less than two chunks."""
    if threads < 2 or not can_part(image):
        return []
    chunks = -(-image.shape[0] // image.codec.lines)
    ends = [chunks * k // (SHARES * threads) for k in range(SHARES * threads + 1)]
    found = [slice(start, end) for start, end in pairwise(ends) if start < end]
    return found if len(found) > 1 else []


def can_part(image: Header) -> bool:
    """True if some chunks of an image are some of its rows: scan lines, every channel at full resolution."""
    return not image.tiled and all(channel.sampling == (1, 1) for channel in image.channels)


def is_in_order(image: Header) -> bool:
    """True if the chunks of a file are in the order of the picture's lines."""
    return image.attributes["lineOrder"].data[0] == INCREASING


def rows(image: Header, share: slice) -> slice:
    """Return the rows of the picture that a share's chunks hold."""
    lines = image.codec.lines
    return slice(share.start * lines, min(share.stop * lines, image.shape[0]))


def of_rows(image: Header, some: slice) -> Header:
    """Return a plain header for some rows of an image alone."""
    left, top, right, _ = image.window
    window = struct.pack("<4i", left, top + some.start, right, top + some.stop - 1)
    attributes = {name: image.attributes[name] for name in (*REQUIRED, DWA_LEVEL) if name in image.attributes}
    return image.with_attributes(
        {**attributes, "dataWindow": Attribute("box2i", window), "lineOrder": DEFAULTS["lineOrder"]}
    )


def joined(image: Header, files: Sequence[ImageFile]) -> ImageFile:
    """Return the file of an image whose shares were encoded, in order."""
    starts, ends, position = [], [], 0
    for each in files:
        starts.append(each.chunks.starts + position)
        ends.append(each.chunks.ends + position)
        position = int(ends[-1].max())
    pieces = [piece for each in files for piece in each.pieces]
    return ImageFile(image, pieces, Chunks(0, np.concatenate(starts), np.concatenate(ends)))


def side_by_side(work: Callable[[T], U], items: Sequence[T], threads: int) -> list[U]:
    """Return the results of `work` for the items, in so many threads, whose CPU seconds count to this one's; one after
    the other with 1, or if none starts."""
    if threads < 2:
        return list(map(work, items))
    try:
        with counted() as helpers, ThreadPoolExecutor(threads) as pool:
            return list(pool.map(helpers.counting(work), items))
    except RuntimeError:  # the system has no more threads
        return list(map(work, items))
