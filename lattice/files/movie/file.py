"""Write movies: one video stream, no sound, complete and checked before the file takes its name.

FFmpeg compresses, through PyAV (`pip install '.[dailies]'`); the color conversion is ours (`files/movie/yuv.py`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from lattice.files.frame import FASTEST, SLOWEST, near_ntsc
from lattice.files.movie.codecs import CODECS
from lattice.files.movie.time_code import padded
from lattice.files.movie.yuv import Layout, Matrix
from lattice.files.storage import atomic
from lattice.files.storage.read import read_bytes
from lattice.types import LatticeError, Pixels, shortened

INSTALL = "pip install '.[dailies]'"
MOST_SIDE = 16384  # pixels; a longer side counts as damaged
LONGEST = 40  # characters of the text in a message
FINEST = 100_000  # largest denominator of a rate; containers count time in 32-bit integers
RATE = re.compile(r"\d{1,6}([./]\d{1,9})?", re.ASCII)
# Code points of ITU-T H.273, which FFmpeg, QuickTime (nclc) and MP4 (nclx) share.
UNSPECIFIED, BT2020_PRIMARIES = 2, 9
MOST_CMT = 2**16 - 1  # bytes of a comment in QuickTime's user data, which FFmpeg cuts to 16 bits of length
MATRIX_CODES: dict[Matrix, int] = {"BT.709": 1, "BT.601": 6, "BT.2020": 9}
LIMITED_RANGE, FULL_RANGE = 1, 2  # FFmpeg's AVColorRange


@dataclass(frozen=True)
class Movie:
    """The properties of a movie that are fixed before the first frame.

    codec: a key of CODECS. size: (width, height) of the pictures, before padding. frames: how many.
    rate: frames per second. aspect: pixel width divided by pixel height.
    primaries, transfer: of the display, by ITU-T H.273. comment: stored in the file. time_code: of the first frame,
    HH:MM:SS:FF or HH:MM:SS;FF; None for a movie without.
    Raises LatticeError if a side is longer than MOST_SIDE, or shorter than the codec takes.
    """

    codec: str
    size: tuple[int, int]
    frames: int
    rate: Fraction
    aspect: Fraction
    primaries: int
    transfer: int
    comment: str
    time_code: str | None = None

    def __post_init__(self) -> None:
        width, height = self.size
        if max(self.size) > MOST_SIDE:
            raise LatticeError(f"expected up to {MOST_SIDE} pixels a side, got {width} x {height}")
        codec = CODECS[self.codec]
        if width < codec.smallest[0] or height < codec.smallest[1]:
            least = f"{codec.smallest[0]} x {codec.smallest[1]}"
            raise LatticeError(
                f"{codec.title} takes {least} pixels or more, got {width} x {height}; --size makes it so"
            )

    @property
    def layout(self) -> Layout:
        """The codec's plane layout."""
        return CODECS[self.codec].layout

    @property
    def matrix(self) -> Matrix:
        """The codec's own matrix, or else the standard one for the primaries."""
        return CODECS[self.codec].matrix or ("BT.2020" if self.primaries == BT2020_PRIMARIES else "BT.709")

    @property
    def coded_size(self) -> tuple[int, int]:
        """(width, height) with the padding that the codec's chroma needs."""
        return self.layout.padded(*self.size)


def parse_rate(text: str) -> Fraction:
    """Return the frames per second of `24`, `12.5`, `24000/1001`; `23.976`, `23.98`, `29.97`, `59.94` are the NTSC
    rates.

    Raises LatticeError if the text has another form, is below 0.01, above 1000, or finer than five decimals.
    """
    try:
        rate = Fraction(text if RATE.fullmatch(text) else 0)
    except ZeroDivisionError:
        rate = Fraction(0)
    if not SLOWEST <= rate <= FASTEST or rate.denominator > FINEST:
        raise LatticeError(f"fps: expected a rate such as 24, 23.976 or 24000/1001, got {shortened(text, LONGEST)}")
    return near_ntsc(rate) if "." in text else rate


def check(target: Path, codec: str) -> None:
    """Raise LatticeError if PyAV or its encoder is missing, or the file's suffix does not fit a codec of CODECS."""
    suffixes = CODECS[codec].suffixes
    if target.suffix.lower() not in suffixes:
        others = [name for name, each in CODECS.items() if target.suffix.lower() in each.suffixes]
        raise LatticeError(
            f"{target}: expected a name ending in {' or '.join(suffixes)} for {codec}"
            + (f"; codec {' or '.join(others)} goes with {target.suffix}" if others else "")
        )
    _check_installed()
    import av

    try:
        av.Codec(CODECS[codec].encoder, "w")
    except av.codec.codec.UnknownCodecError:
        raise LatticeError(f"codec: expected one that this PyAV was built with, got {CODECS[codec].encoder}") from None


def _check_installed() -> None:
    try:
        import av  # noqa: F401
    except ImportError:
        raise LatticeError(f"dailies: the package av is not installed: {INSTALL}") from None


def read_comment(path: str | os.PathLike[str]) -> str:
    """Return a movie's comment; empty if it has none. Raises LatticeError if it is no movie, or PyAV is missing."""
    _check_installed()
    import av

    read_bytes(path, 1)  # refuses what is no file, in one line
    try:
        with av.open(str(path)) as file:
            return str(file.metadata.get("comment", ""))
    except (av.FFmpegError, UnicodeError) as error:
        raise LatticeError(f"{path}: cannot be read as a movie: {getattr(error, 'strerror', error)}") from error


def write(target: Path, movie: Movie, pictures: Iterable[Sequence[Pixels]], is_new: bool = False) -> None:
    """Write a complete movie, or nothing.

    pictures: each frame's planes, as `yuv.planes` makes them for the movie's layout; consumed one at a time, in order.
        Exceptions of the iterable propagate, with `target` unchanged. is_new: a file that is there is not replaced.
    Raises LatticeError if the disk or the codec refuses, if the reopened file has other frames, size, rate, codec,
    time code or comment, or if a file is there that may not be replaced.
    """
    import av

    try:
        atomic.make(
            target,
            lambda temporary: _encode(temporary, target.suffix.lower()[1:], movie, pictures),
            lambda temporary: _verify(temporary, target, movie),
            is_new=is_new,
        )
    except av.FFmpegError as error:  # except OSErrors: atomic.make has converted them
        raise LatticeError(f"{target}: cannot be written: {error.strerror or error}") from error


def _encode(path: Path, container: str, movie: Movie, pictures: Iterable[Sequence[Pixels]]) -> None:
    import av

    codec = CODECS[movie.codec]
    with av.open(str(path), "w", format=container, container_options={"movflags": _movflags(container, movie)}) as file:
        file.metadata["comment"] = movie.comment
        stream = file.add_stream(codec.encoder, rate=movie.rate, options=codec.options_for(movie.frames))
        stream.width, stream.height = movie.coded_size
        stream.pix_fmt = codec.layout.name
        context = stream.codec_context
        context.sample_aspect_ratio = movie.aspect
        if codec.tag is not None:
            context.codec_tag = codec.tag
        if movie.time_code is not None:
            stream.metadata["timecode"] = movie.time_code
        context.thread_type = "AUTO"  # several frames at a time; PyAV's default, slices, costs H.264 quality
        _tag(context, movie)
        file.start_encoding()  # disk and codec errors come before the first frame is graded
        for number, planes in enumerate(pictures):
            file.mux(stream.encode(_frame(number, planes, movie)))
        file.mux(stream.encode(None))


def _movflags(container: str, movie: Movie) -> str:
    """Return the flags of FFmpeg's muxer: a long comment of a .mov goes where its length has 32 bits."""
    is_long = container == "mov" and len(movie.comment.encode()) > MOST_CMT
    return CODECS[movie.codec].movflags + ("+use_metadata_tags" if is_long else "")


def _tag(target: Any, movie: Movie) -> None:
    """Set the color tags of a stream or a frame."""
    target.color_primaries, target.color_trc = movie.primaries, movie.transfer
    target.colorspace = MATRIX_CODES[movie.matrix]
    target.color_range = FULL_RANGE if movie.layout.full else LIMITED_RANGE


def _frame(number: int, planes: Sequence[Pixels], movie: Movie) -> Any:
    import av

    frame = av.VideoFrame(*movie.coded_size, movie.layout.name)
    for place, plane in zip(frame.planes, planes, strict=True):
        rows = np.frombuffer(place, plane.dtype).reshape(place.height, -1)  # may be longer than the picture's
        rows[:, : plane.shape[1]] = plane
    _tag(frame, movie)
    frame.pts = number
    return frame


def _verify(path: Path, target: Path, movie: Movie) -> None:
    import av

    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        context, frames = stream.codec_context, sum(1 for packet in file.demux(stream) if packet.size)
        size, time_code = (context.width, context.height), padded(stream.metadata.get("timecode"))
        comment = file.metadata.get("comment", "")
        got = _told(context.name, size, stream.average_rate, frames, time_code)
    codec = CODECS[movie.codec]
    meant = _told(codec.decoder, movie.coded_size, movie.rate, movie.frames, padded(movie.time_code))
    if got != meant:
        raise LatticeError(f"{target}: expected {meant} when opened again, got {got}")
    if comment != movie.comment:
        raise LatticeError(f"{target}: expected the comment as written when opened again, got another")


def _told(codec: str, size: tuple[int, int], rate: Fraction | None, frames: int, time_code: str | None) -> str:
    began = "" if time_code is None else f" from {time_code}"
    return f"{frames} frames of {size[0]} x {size[1]} in {codec} at {rate} a second{began}"
