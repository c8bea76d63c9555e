"""Decode and encode chunks with the OpenEXR package, which sees only a plain header of our own making.

The package reads from and writes to memory: an attribute that it cannot represent never reaches it, we see every write
error, and the pixels are decoded from the very bytes that were checked and hashed.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np

from lattice.errors import one_line
from lattice.files.exr import lines, shares, zip_codec
from lattice.files.exr.assemble import ImageFile, Packed, is_whole_file, put_together, single_image, with_header
from lattice.files.exr.captured_stdout import capture_stdout
from lattice.files.exr.chunks import Bytes, Chunks, check
from lattice.files.exr.header import DWA_LEVEL, REQUIRED, Attribute, Header, channel_list, pack
from lattice.files.exr.streams import Source, Target
from lattice.types import LatticeError, Pixels

BAND = 2**23  # bytes of pixels decoded together: few beside a frame, many beside what a call costs
Band = Callable[[], tuple[slice, dict[str, Pixels]]]
PRINTED = "Warning: Exception raised reading pixel data for part 0 - "  # the package prints this before the reason


def decode(data: Bytes, header: Header, where: str, threads: int = 0) -> dict[str, Pixels]:
    """Return every channel as an (H, W) C-ordered read-only array of its own dtype; RY and BY are (H/2, W/2).

    data: the whole file. header: one of a part's `images`. threads: at most so many, with a share of the scan lines
        each; 0 and 1 decode in the calling thread. The GIL is released.
    Raises LatticeError if chunks are missing or cannot be decoded.
    """
    found = check(data, header, where)
    if parted := shares.shares(header, threads):
        with suppress(LatticeError):  # the whole, decoded below, says why
            return _decoded_in_shares(data, found, header, parted, where, threads)
    plain = {name: header.attributes[name] for name in REQUIRED}
    if header.tiled:
        plain["tiles"] = Attribute("tiledesc", struct.pack("<2IB", *_tile_inside(header), 0))
    front = pack(header.with_attributes(plain))
    parts = parts_of(
        with_header(front, data, header.length, found.table_end)
        if is_whole_file(header)
        else single_image(front, data, found, header),
        where,
    )
    return _expected(parts[0].channels, header, where)


def bands(data: Bytes, image: Header, where: str, threads: int = 0, most: int = BAND) -> list[Band]:
    """Return what decodes an image, a band of scan lines each: it returns its rows and channels, as `decode` does.

    most: bytes of pixels in a band, if more than one chunk has. Tiles and subsampled channels are one band.
    threads: of that one. Raises LatticeError as `decode` does, or what decodes does.
    """
    if not shares.can_part(image):
        return [lambda: (slice(0, image.shape[0]), decode(data, image, where, threads))]
    found = check(data, image, where)
    step = chunks_of_band(image, most)
    firsts = range(0, len(found.starts), step)
    return [partial(band, data, found, image, slice(first, first + step), where) for first in firsts]


def band(data: Bytes, found: Chunks, image: Header, some: slice, where: str) -> tuple[slice, dict[str, Pixels]]:
    """Decode `some` of the chunks of scan lines; return their rows and channels, as from `decode`.

    found: all chunks in `data`. Raises LatticeError if they cannot be decoded.
    """
    rows = shares.rows(image, some)
    header = shares.of_rows(image, rows)
    part = Chunks(0, found.starts[some], found.ends[some])
    [decoded] = parts_of(single_image(pack(header), data, part, image), where)
    return rows, _expected(decoded.channels, header, where)


def chunks_of_band(image: Header, most: int = BAND) -> int:
    """Return how many chunks of scan lines a band has, as for `bands`."""
    return max(1, most // line_bytes(image) // image.codec.lines)


def line_bytes(image: Header) -> int:
    """Return the bytes of one row of pixels, subsampled channels as if they were whole."""
    return image.shape[1] * sum(np.dtype(channel.dtype).itemsize for channel in image.channels)


def _decoded_in_shares(
    data: Bytes, found: Chunks, image: Header, parted: Sequence[slice], where: str, threads: int
) -> dict[str, Pixels]:
    arrays = {channel.name: np.empty(image.shape, channel.dtype) for channel in image.channels}

    def decode_share(share: slice) -> None:
        rows, decoded = band(data, found, image, share, where)
        for name, array in decoded.items():
            arrays[name][rows] = array

    shares.side_by_side(decode_share, parted, threads)
    for array in arrays.values():
        array.flags.writeable = False
    return arrays


def parts_of(pieces: Sequence[bytes | memoryview], where: str) -> list[Any]:
    """Return the package's part objects for a file in pieces, with a plain header. Raises LatticeError if a part cannot
    be decoded."""
    import OpenEXR

    with capture_stdout() as printed:
        try:
            parts: list[Any] = OpenEXR.File(Source(pieces), separate_channels=True, num_threads=0).parts
        except Exception as error:  # the package raises RuntimeError, ValueError, MemoryError and more
            raise LatticeError(f"{where}: cannot be decoded: {one_line(error)}") from error
    if not parts:
        reason = one_line("".join(printed)).removeprefix(PRINTED) or "damaged chunks"
        raise LatticeError(f"{where}: cannot be decoded: {reason}")
    return parts


def encode(
    headers: Sequence[Header],
    levels: Sequence[Sequence[Mapping[str, Pixels]]],
    where: str,
    threads: int = 0,
    laid: Sequence[lines.Lines] = (),
) -> Packed:
    """Return the chunks of a file, for `join`.

    headers: one, or one per part in part number order. levels: for each header and each of its `images`, channel name
        to (H, W) array of the header's dtype; any strides. threads: as for `decode`. laid: uncompressed lines that
        channels may already be planes of.
    Raises LatticeError if an array does not fit its header, a channel is subsampled, or the package refuses the image.
    """
    files = []
    for header, arrays in zip(headers, levels, strict=True):
        if len(arrays) != len(header.images):
            raise LatticeError(f"{where}: levels: expected {len(header.images)}, got {len(arrays)}")
        for image, channels in zip(header.images, arrays, strict=True):
            _check_fits(image, channels, where)
            ready = next((each for each in laid if each.holds(image, channels)), None)
            files.append(_written(image, channels, where, threads) if ready is None else ready.file(image))
    return put_together(files)


def _written(header: Header, channels: Mapping[str, Pixels], where: str, threads: int) -> ImageFile:
    def write_share(share: slice) -> ImageFile:
        rows = shares.rows(header, share)
        return _written_at_once(shares.of_rows(header, rows), {n: array[rows] for n, array in channels.items()}, where)

    # Strided planes, as of laid lines, are copied for the package: a share at a time, even for one thread.
    is_strided = not all(array.flags.c_contiguous for array in channels.values())
    parted = shares.shares(header, max(threads, 2 * is_strided)) if writes_shares(header) else []
    if not parted:
        return _written_at_once(header, channels, where)
    return shares.joined(header, shares.side_by_side(write_share, parted, threads))


def writes_shares(header: Header) -> bool:
    """True if an image can be encoded a share at a time: its chunks are some of its rows, in order."""
    return shares.can_part(header) and shares.is_in_order(header)


def _written_at_once(header: Header, channels: Mapping[str, Pixels], where: str) -> ImageFile:
    if header.codec.name in zip_codec.CODECS:
        plain = header.with_attributes({**header.attributes, "channels": channel_list(header.channels)})
        return ImageFile(header, *zip_codec.pack(plain, channels))
    import OpenEXR

    # The package writes strided arrays wrongly, without an error.
    planes = {c.name: np.ascontiguousarray(channels[c.name]) for c in header.channels}
    arrays = {c.name: OpenEXR.Channel(planes[c.name], 1, 1, c.linear) for c in header.channels}
    target = Target()
    try:
        OpenEXR.File(_package_header(header), arrays, num_threads=0).write(target)
        pieces, starts, ends = target.chunks()
    except Exception as error:
        raise LatticeError(f"{where}: cannot be encoded: {one_line(error)}") from error
    return ImageFile(header, pieces, Chunks(0, starts, ends))


def _package_header(header: Header) -> dict[str, Any]:
    import OpenEXR

    left, top, right, bottom = header.window
    window = (np.array([left, top], np.int32), np.array([right, bottom], np.int32))
    plain: dict[str, Any] = {
        "dataWindow": window,
        "displayWindow": window,
        "compression": OpenEXR.Compression(header.attributes["compression"].data[0]),
        "lineOrder": OpenEXR.LineOrder(header.attributes["lineOrder"].data[0]),
        "type": OpenEXR.tiledimage if header.tiled else OpenEXR.scanlineimage,
    }
    if header.tiled:
        tiles = OpenEXR.TileDescription()
        tiles.xSize, tiles.ySize = _tile_inside(header)
        tiles.mode = OpenEXR.ONE_LEVEL
        plain["tiles"] = tiles
    level = header.attributes.get(DWA_LEVEL)
    if level is not None and level.kind == "float" and len(level.data) == 4:
        plain[DWA_LEVEL] = float(np.frombuffer(level.data, "<f4")[0])
    return plain


def _tile_inside(header: Header) -> tuple[int, int]:
    """Return the tile size clipped to the image: the chunks are the same, and the package does not allocate a bad
    header's tile size."""
    (height, width), (across, down) = header.shape, header.tile
    return min(width, across), min(height, down)


def _check_fits(header: Header, channels: Mapping[str, Pixels], where: str) -> None:
    chroma = next((channel.name for channel in header.channels if channel.sampling != (1, 1)), None)
    if chroma is not None:
        raise LatticeError(f"{where}: channel {chroma}: expected full resolution, got subsampled chroma")
    names = {channel.name for channel in header.channels}
    if names != set(channels):
        raise LatticeError(f"{where}: channels: expected {sorted(names)}, got {sorted(channels)}")
    for channel in header.channels:
        array = channels[channel.name]
        if array.shape != header.shape or array.dtype != channel.dtype:
            raise LatticeError(
                f"{where}: channel {channel.name}: expected {header.shape} {channel.dtype}, "
                f"got {array.shape} {array.dtype}"
            )


def _expected(got: Mapping[str, Any], header: Header, where: str) -> dict[str, Pixels]:
    arrays: dict[str, Pixels] = {}
    for channel in header.channels:
        array = got[channel.name].pixels if channel.name in got else None
        shape = header.shape[0] // channel.sampling[1], header.shape[1] // channel.sampling[0]
        if array is None or array.shape != shape or array.dtype != channel.dtype:
            raise LatticeError(
                f"{where}: channel {channel.name}: expected {shape} {channel.dtype}, got "
                f"{'none' if array is None else f'{array.shape} {array.dtype}'}"
            )
        array.flags.writeable = False
        arrays[channel.name] = array
    return arrays
