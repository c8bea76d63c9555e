"""Movies: one video stream, no sound, written whole and looked at again before the file has its name.

FFmpeg compresses, by PyAV (`pip install '.[dailies]'`); what becomes of the colors is ours (`files/yuv.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from lattice.errors import did_you_mean
from lattice.files.movie.yuv import Layout, Matrix
from lattice.files.storage import atomic
from lattice.types import LatticeError, Pixels

INSTALL = "pip install '.[dailies]'"
MOST_SIDE = 16384  # pixels; more is taken for damaged
SLOWEST, FASTEST = Fraction(1, 100), 1000  # frames a second
FINEST = 100_000  # of a rate's denominator; containers count time in whole numbers of 32 bits
NTSC = Fraction(1000, 1001)  # of a whole rate. Source: SMPTE ST 170
NTSC_ROUNDED = 0.005  # 23.98 means 24000/1001, and 24.98 does not mean 25000/1001
# Code points of ITU-T H.273, which FFmpeg, QuickTime (nclc) and MP4 (nclx) share.
UNSPECIFIED, BT2020_PRIMARIES = 2, 9
MATRIX_CODES: dict[Matrix, int] = {"BT.709": 1, "BT.601": 6, "BT.2020": 9}
LIMITED_RANGE, FULL_RANGE = 1, 2  # FFmpeg's AVColorRange


@dataclass(frozen=True)
class Codec:
    """A way to compress.

    title: for people. encoder, decoder: FFmpeg's names. options: the encoder's. suffixes: of files that may hold it.
    movflags: of FFmpeg's mov muxer. matrix: the one that all decoders use whatever the file says; None where they look.
    """

    title: str
    encoder: str
    decoder: str
    layout: Layout
    options: Mapping[str, str]
    suffixes: tuple[str, ...]
    movflags: str = "+write_colr"  # the colors, also where one of them is unspecified
    matrix: Matrix | None = None


CODECS = {
    "prores": Codec("ProRes 422 HQ", "prores_ks", "prores", Layout("yuv422p10le", 10, 2, 1, False),
                    {"profile": "hq"}, (".mov",)),
    # A key frame every 12, so that scrubbing is quick. crf 15: x264 changes codes by one or two where it is smooth.
    "h264": Codec("H.264", "libx264", "h264", Layout("yuv420p", 8, 2, 2, False),
                  {"crf": "15", "preset": "medium", "g": "12"}, (".mov", ".mp4"),
                  "+write_colr+faststart"),  # the index first, so that a browser shows it at once
    # 236 is quantizer 2, the best that FFmpeg's documentation advises, in its steps of 118. JPEG is BT.601 (JFIF).
    "mjpeg": Codec("Motion JPEG", "mjpeg", "mjpeg", Layout("yuvj444p", 8, 1, 1, True),
                   {"flags": "+qscale", "global_quality": "236"}, (".mov",), matrix="BT.601"),
}


@dataclass(frozen=True)
class Movie:
    """What is settled before the first frame.

    codec: a key of CODECS. size: (width, height) of the pictures, before padding. rate: frames a second. aspect: a
    pixel's width over its height. primaries, transfer: of the display, by ITU-T H.273. comment: said in the file.
    Raises LatticeError where the size is beyond MOST_SIDE.
    """

    codec: str
    size: tuple[int, int]
    frames: int
    rate: Fraction
    aspect: Fraction
    primaries: int
    transfer: int
    comment: str

    def __post_init__(self) -> None:
        if max(self.size) > MOST_SIDE:
            raise LatticeError(f"expected up to {MOST_SIDE} pixels a side, got {self.size[0]} x {self.size[1]}")

    @property
    def layout(self) -> Layout:
        return CODECS[self.codec].layout

    @property
    def matrix(self) -> Matrix:
        """The codec's own, else the one that the standard of the primaries goes with."""
        return CODECS[self.codec].matrix or ("BT.2020" if self.primaries == BT2020_PRIMARIES else "BT.709")

    @property
    def coded_size(self) -> tuple[int, int]:
        """(width, height) with the padding that the codec's chroma needs."""
        return self.layout.padded(*self.size)


def parse_rate(text: str) -> Fraction:
    """Frames a second of `24`, `12.5`, `24000/1001`; `23.976`, `23.98`, `29.97`, `59.94` are the NTSC rates.

    Raises LatticeError where the text is none of these, below 0.01, above 1000, or finer than five decimals.
    """
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not SLOWEST <= rate <= FASTEST or rate.denominator > FINEST:
        raise LatticeError(f"fps: expected a rate such as 24, 23.976 or 24000/1001, got {text!r}")
    ntsc = ceil(rate) * NTSC
    return ntsc if "." in text and abs(rate - ntsc) < NTSC_ROUNDED else rate


def check(target: Path, codec: str) -> None:
    """Raises LatticeError where PyAV or its codec is not here, or the file's name does not go with the codec."""
    if codec not in CODECS:
        raise LatticeError(f"codec: expected {' or '.join(CODECS)}, got {codec!r}"
                           + did_you_mean(codec, CODECS))
    suffixes = CODECS[codec].suffixes
    if target.suffix.lower() not in suffixes:
        others = [name for name, each in CODECS.items() if target.suffix.lower() in each.suffixes]
        raise LatticeError(f"{target}: expected a name ending in {' or '.join(suffixes)} for {codec}"
                           + (f"; codec {' or '.join(others)} goes with {target.suffix}" if others else ""))
    try:
        import av
    except ImportError:
        raise LatticeError(f"dailies: expected the package av, got none: {INSTALL}") from None
    try:
        av.Codec(CODECS[codec].encoder, "w")
    except av.codec.codec.UnknownCodecError:
        raise LatticeError(f"codec: expected one that this PyAV was built with, got {CODECS[codec].encoder}") from None


def write(target: Path, movie: Movie, pictures: Iterable[Sequence[Pixels]]) -> None:
    """Write a movie whole, or not at all.

    pictures: each frame's planes, as `yuv.planes` makes them for the movie's layout; taken one at a time, in order.
    What it raises is raised, with nothing changed at `target`. Raises LatticeError where the disk or the codec
    refuses, or where the file, opened again, has other frames, size, rate or codec.
    """
    import av

    try:
        atomic.make(target, lambda temporary: _encode(temporary, target.suffix.lower()[1:], movie, pictures),
                    lambda temporary: _verify(temporary, target, movie))
    except av.FFmpegError as error:  # some are OSErrors, which the call above has named already
        raise LatticeError(f"{target}: cannot be written: {error.strerror or error}") from error


def _encode(path: Path, container: str, movie: Movie, pictures: Iterable[Sequence[Pixels]]) -> None:
    import av

    codec = CODECS[movie.codec]
    with av.open(str(path), "w", format=container, container_options={"movflags": codec.movflags}) as file:
        file.metadata["comment"] = movie.comment
        stream = file.add_stream(codec.encoder, rate=movie.rate, options=dict(codec.options))
        stream.width, stream.height = movie.coded_size
        stream.pix_fmt = codec.layout.name
        context = stream.codec_context
        context.sample_aspect_ratio = movie.aspect
        context.thread_type = "AUTO"  # several frames at a time; PyAV's own, slices, costs H.264 quality
        _tag(context, movie)
        file.start_encoding()  # a disk or a codec that refuses does so before the first frame is graded
        for number, planes in enumerate(pictures):
            file.mux(stream.encode(_frame(number, planes, movie)))
        file.mux(stream.encode(None))


def _tag(target: Any, movie: Movie) -> None:
    """Say of a stream or a frame how its codes are meant."""
    target.color_primaries, target.color_trc = movie.primaries, movie.transfer
    target.colorspace = MATRIX_CODES[movie.matrix]
    target.color_range = FULL_RANGE if movie.layout.full else LIMITED_RANGE


def _frame(number: int, planes: Sequence[Pixels], movie: Movie) -> Any:
    import av

    frame = av.VideoFrame(*movie.coded_size, movie.layout.name)
    for place, plane in zip(frame.planes, planes, strict=True):
        rows = np.frombuffer(place, plane.dtype).reshape(place.height, -1)  # longer than the picture's
        rows[:, :plane.shape[1]] = plane
    _tag(frame, movie)
    frame.pts = number
    return frame


def _verify(path: Path, target: Path, movie: Movie) -> None:
    import av

    with av.open(str(path)) as file:
        [stream] = file.streams
        context, frames = stream.codec_context, sum(1 for packet in file.demux(stream) if packet.size)
        got = _told(context.name, (context.width, context.height), stream.average_rate, frames)
    meant = _told(CODECS[movie.codec].decoder, movie.coded_size, movie.rate, movie.frames)
    if got != meant:
        raise LatticeError(f"{target}: expected {meant} when opened again, got {got}")


def _told(codec: str, size: tuple[int, int], rate: Fraction | None, frames: int) -> str:
    return f"{frames} frames of {size[0]} x {size[1]} in {codec} at {rate} a second"
