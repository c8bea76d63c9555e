"""Estimate the memory that a frame takes at its peak, from its headers, before a pixel is decoded.

A frame passes through three stages, and the largest counts: its file and pixels while it is decoded; its pixels, its
graded color and the image to write; the written file, packed, read again and compared. Uncompressed lines are views of
the file that was read, and are graded into the chunks to write; where another codec packs them, they are copied a share
at a time, or whole. Each thread of a frame decodes pixels of its own. The factors are measured on 4K
frames of every format; `tests/regrade/process/test_regrade_peak.py` holds them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lattice.channels.plan import ChannelPlan
from lattice.files.exr import lines, luma_chroma, openexr, shares, zip_codec
from lattice.files.exr.header import Header
from lattice.files.frame import Channel, FrameHeader, Window
from lattice.regrade.frame.done import drops_mips
from lattice.regrade.frame.packing import packed_header
from lattice.regrade.frame.still import Still
from lattice.regrade.options import KEEP, Options

FIXED = 2**22  # bytes that a frame of any size takes: tables of all halves, buffers of codecs
LUMA_BYTES = 80  # a pixel: chroma filtered in float32
INDEX_BYTES = 8  # a pixel: code values as indices into the table that decodes them
CODE_COPIES = 2  # the code values of an image, and their samples unpacked
LIGHT_COPIES = 4  # of a GPU's picture: codes, float32 light of halves, graded color
JOINED_COPIES = 2  # the chunks of parts or levels, alone and joined
CODEC_CHUNKS = 3  # of pixels that a codec has in each thread: unpacked, packed and between
LOSSY_GROWTH = 1.25  # a lossy codec's file grows little when it is graded
LIGHT_BYTES = 16  # a pixel of a color that is inverted: its light and its mask, in float32
INVERTING_BYTES = 48  # a pixel, while one color is: its codes as planes, together, and its light twice
LIGHT_WRITTEN_COPIES = 2  # an inverse's chunks, and what is read again: light packs to nine tenths
GRADED_SHARE = 0.5  # of the graded color's bytes: what a lossless codec makes more of smooth pixels once graded


@dataclass(frozen=True)
class Sizes:
    """Bytes of a frame. pixels: of every channel, as graded. graded: of the color that is graded. written: of every
    channel that an EXR gets."""

    pixels: int
    graded: int
    written: int


def bytes_needed(
    stored: Sequence[FrameHeader],
    headers: Sequence[FrameHeader],
    plans: Sequence[ChannelPlan],
    still: Still | None,
    file_bytes: int,
    options: Options,
    is_coded: bool = False,
    threads: int = 1,
) -> int:
    """Return the bytes of memory that regrading a frame takes at its peak.

    stored: the parts' headers in the file; headers: as they are graded; plans: of each. still: the content of an output
    other than EXR. file_bytes: of the source. is_coded: its pixels are codes of an input. threads: of the frame.
    """
    sizes, decoded = _sizes(headers, plans, still, options), reading_bytes(stored, file_bytes, threads)
    copies = 1 if options.engine != "cuda" else LIGHT_COPIES if is_coded else 2
    held = sizes.pixels + sizes.graded * copies
    if still is not None:
        codes = _codes(still, headers[still.part])
        return FIXED + int(max(decoded, held + codes * still.kind.copies))
    if _is_laid(stored):  # though `decoded` stays: lines at uneven distances are no views
        held += file_bytes - sizes.pixels
    output = [packed_header(header, options) for header in headers]
    if _is_laid(output):
        return FIXED + max(decoded, held - sizes.graded + sizes.written)
    written = _written(headers, plans, sizes, file_bytes, options)
    copies = JOINED_COPIES if len(output) > 1 or len(output[0].images) > 1 else 1
    encoded = held + copies * written + _encoding(output, sizes, threads, _is_laid(stored))
    verified = held + (1 + copies) * written + _band(output, threads) if options.verify == "decode" else 0
    return FIXED + int(max(decoded, encoded, verified))


def _is_laid(headers: Sequence[FrameHeader]) -> bool:
    """True if planes are views of the chunks of an EXR of these parts."""
    return all(header.exr is not None and lines.is_laid(header.exr) for header in headers)


def _encoding(output: Sequence[FrameHeader], sizes: Sizes, threads: int, is_laid: bool) -> int:
    """Return the bytes that encoding takes at a time besides the planes and the chunks. is_laid: the planes that pass
    are strided, so that they are copied; ZIP copies no rows."""
    beside = 0
    for header in output:
        if header.exr is None:
            continue
        passing = (sizes.written - sizes.graded) * (is_laid and header.exr.codec.name not in zip_codec.CODECS)
        if openexr.writes_shares(header.exr):
            busy, together = _shared(header.exr, max(threads, 1 + is_laid))
            beside = max(beside, min(passing, together) + _buffers(header.exr, min(busy, threads)))
        else:
            beside = max(beside, passing)
    return beside


def _band(output: Sequence[FrameHeader], threads: int) -> int:
    """Return the bytes that decoding takes at a time when an output is verified."""
    taken = 0
    for header in output:
        whole = _bytes_of(header, header.channels, levels=1)
        if header.exr is not None and shares.can_part(header.exr):
            one = _chunk_bytes(header.exr) * openexr.chunks_of_band(header.exr)
            busy = min(threads, -(-whole // one))
            whole = min(whole, busy * one) + _buffers(header.exr, busy)
        taken = max(taken, whole)
    return taken


def _shared(image: Header, threads: int) -> tuple[int, int]:
    """Return how many threads an image's shares keep busy, and the bytes of pixels of as many shares; 0, 0 for none."""
    parted = shares.shares(image, threads)
    busy = min(threads, len(parted))
    return busy, busy * _chunk_bytes(image) * max((share.stop - share.start for share in parted), default=0)


def _buffers(image: Header, threads: int) -> int:
    """Return the bytes that the codec has in all threads but the first, which FIXED has."""
    return CODEC_CHUNKS * max(0, threads - 1) * _chunk_bytes(image)


def _chunk_bytes(image: Header) -> int:
    return openexr.line_bytes(image) * image.codec.lines


def inverse_bytes(
    stored: Sequence[FrameHeader], headers: Sequence[FrameHeader], plans: Sequence[ChannelPlan], file_bytes: int
) -> int:
    """Return the bytes of memory that inverting a frame takes at its peak. Arguments as in `bytes_needed`."""
    pixels = passing = light = inverting = 0
    for header, plan in zip(headers, plans, strict=True):
        names, area = {name for layer in plan.rgb_layers for name in layer.names}, _area(header.window)
        pixels += _bytes_of(header, header.channels)
        passing += _bytes_of(header, [each for each in header.channels if each.name not in names])
        light += LIGHT_BYTES * area * len(plan.rgb_layers)
        inverting = max(inverting, INVERTING_BYTES * area * bool(plan.rgb_layers))
    written = int(LIGHT_WRITTEN_COPIES * (passing + light))
    return FIXED + max(reading_bytes(stored, file_bytes), pixels + light + max(inverting, written))


def reading_bytes(stored: Sequence[FrameHeader], file_bytes: int, threads: int = 1) -> int:
    """Return the bytes, besides FIXED, that reading all channels of a file takes at its peak. stored: its headers.
    threads: that decode."""
    pixels = [_bytes_of(header, header.channels) for header in stored]
    beside = [0]
    for header, whole in zip(stored, pixels, strict=True):
        if header.exr is not None:
            busy, together = _shared(header.exr, threads)
            beside.append(min(whole, together) + _buffers(header.exr, busy))
    return sum(pixels) + max(beside) + sum(_decoded(header, file_bytes) for header in stored)


def _area(window: Window) -> int:
    left, top, right, bottom = window
    return (right - left + 1) * (bottom - top + 1)


def _sizes(
    headers: Sequence[FrameHeader], plans: Sequence[ChannelPlan], still: Still | None, options: Options
) -> Sizes:
    pixels = graded = written = 0
    for number, (header, plan) in enumerate(zip(headers, plans, strict=True)):
        names = {name for layer in plan.rgb_layers for name in layer.names}
        if still is not None:
            names = set(still.rgb_layer.names) if number == still.part else set()
        pixels += _bytes_of(header, header.channels)
        kept = header.images[:1] if drops_mips(header, options) else header.images
        graded += sum(_bytes_of(image, _named(image, names), levels=1) for image in kept)
        written += sum(_bytes_of(image, image.channels, levels=1) for image in kept)
    return Sizes(pixels, graded, written)


def _named(header: FrameHeader, names: set[str]) -> list[Channel]:
    return [channel for channel in header.channels if channel.name in names]


def _bytes_of(header: FrameHeader, channels: Sequence[Channel], levels: int | None = None) -> int:
    """Return the bytes of channels. levels: how many of the header's levels; None: all."""
    area = sum(image.shape[0] * image.shape[1] for image in header.images[:levels])
    return sum(
        area * np.dtype(channel.dtype).itemsize // (channel.sampling[0] * channel.sampling[1]) for channel in channels
    )


def _decoded(header: FrameHeader, file_bytes: int) -> int:
    """Return the bytes that decoding a part takes besides its pixels."""
    height, width = header.shape
    if header.exr is not None:
        luma = LUMA_BYTES * height * width if luma_chroma.is_luma(header) else 0
        return file_bytes * (not header.part) + luma
    codes = height * width * len(header.channels) * (np.dtype(np.float32).itemsize if header.holds_floats else 2)
    return file_bytes + CODE_COPIES * codes + INDEX_BYTES * height * width


def _codes(still: Still, header: FrameHeader) -> int:
    """Return the bytes of an image's code values, of the display window."""
    return _area(header.display) * (4 if still.alpha else 3) * -(-still.bits(header) // 8)


def _written(
    headers: Sequence[FrameHeader], plans: Sequence[ChannelPlan], sizes: Sizes, file_bytes: int, options: Options
) -> int:
    """Return about how many bytes the written EXR has; it never has more than its pixels by much."""
    if headers[0].exr is None or options.lossy != "refuse" or options.compression != KEEP:
        return sizes.written
    is_lossy = all(
        header.codec.changes(channel.name, channel.dtype)
        for header, plan in zip(headers, plans, strict=True)
        for layer in plan.rgb_layers
        for channel in _named(header, set(layer.names))
    )
    grown = LOSSY_GROWTH * file_bytes if is_lossy else file_bytes + GRADED_SHARE * sizes.graded
    return min(sizes.written, int(grown))
