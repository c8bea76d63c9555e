"""The ways to compress a movie: a record each, by the word of `--codec`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lattice.errors import did_you_mean
from lattice.files.movie.yuv import Layout, Matrix
from lattice.types import LatticeError

FEW = 2  # pictures that x265 cannot order with B frames: FFmpeg then refuses the movie now and then


@dataclass(frozen=True)
class Codec:
    """A way to compress a movie.

    title: name for the user. encoder, decoder: FFmpeg's names. options: the encoder's.
    suffixes: of files that may hold it. held: the encoder's memory, in pictures of these planes, as measured from
    640 x 360 to 1920 x 1080 on two cores; each core more adds one or two.
    movflags: of FFmpeg's mov muxer. tag: the stream's four letters, if not FFmpeg's own choice. smallest: (width,
    height) that the encoder takes. few: its options, too, for a movie of up to FEW pictures.
    matrix: the one that all decoders use whatever the file's tag; None if they read the tag.
    """

    title: str
    encoder: str
    decoder: str
    layout: Layout
    options: Mapping[str, str]
    suffixes: tuple[str, ...]
    held: int
    movflags: str = "+write_colr"  # write the color tags even if one is unspecified
    tag: str | None = None
    smallest: tuple[int, int] = (1, 1)
    matrix: Matrix | None = None
    few: Mapping[str, str] = field(default_factory=dict)

    def options_for(self, frames: int) -> dict[str, str]:
        """Return the encoder's options for a movie of this many pictures."""
        return {**self.options, **(self.few if frames <= FEW else {})}


def _prores(title: str, profile: str, layout: Layout) -> Codec:
    return Codec(title, "prores_ks", "prores", layout, {"profile": profile}, (".mov",), 8)


CHROMA_422, CHROMA_444 = Layout("yuv422p10le", 10, 2, 1, False), Layout("yuv444p10le", 10, 1, 1, False)
FAST_START = "+write_colr+faststart"  # index first: a browser plays at once
CODECS = {
    "prores422": _prores("ProRes 422", "standard", CHROMA_422),
    "prores422hq": _prores("ProRes 422 HQ", "hq", CHROMA_422),
    "prores4444": _prores("ProRes 4444", "4444", CHROMA_444),
    # FFmpeg's encoder writes BT.709 into every frame, which its decoder believes before the file's tag.
    "dnxhr": Codec(
        "DNxHR HQX",
        "dnxhd",
        "dnxhd",
        CHROMA_422,
        {"profile": "dnxhr_hqx"},
        (".mov",),
        32,
        smallest=(256, 120),
        matrix="BT.709",
    ),
    # A key frame every 12 makes scrubbing quick. crf 15: x264 changes codes by one or two in smooth areas.
    "h264": Codec(
        "H.264",
        "libx264",
        "h264",
        Layout("yuv420p", 8, 2, 2, False),
        {"crf": "15", "preset": "medium", "g": "12"},
        (".mov", ".mp4"),
        100,
        FAST_START,
    ),
    # QuickTime plays H.265 of the tag hvc1 alone. x265 speaks on stderr unless it is told not to.
    "h265": Codec(
        "H.265",
        "libx265",
        "hevc",
        Layout("yuv420p10le", 10, 2, 2, False),
        {"crf": "15", "preset": "medium", "g": "12", "x265-params": "log-level=none"},
        (".mov", ".mp4"),
        150,
        FAST_START,
        "hvc1",
        (64, 16),  # x265 aborts the program at widths from 33 to 63
        few={"x265-params": "log-level=none:bframes=0"},
    ),
    # 236 is quantizer 2 in FFmpeg's steps of 118, the best that its documentation advises. JPEG is BT.601 (JFIF).
    "mjpeg": Codec(
        "Motion JPEG",
        "mjpeg",
        "mjpeg",
        Layout("yuvj444p", 8, 1, 1, True),
        {"flags": "+qscale", "global_quality": "236"},
        (".mov",),
        26,
        matrix="BT.601",
    ),
}
ALIASES = {"prores": "prores422hq"}  # words of earlier versions
DEFAULT = "prores422hq"


def suffixes() -> tuple[str, ...]:
    """Return the suffixes that a movie may have."""
    return tuple(dict.fromkeys(suffix for each in CODECS.values() for suffix in each.suffixes))


def named(word: str) -> str:
    """Return the key of CODECS for a word. Raises LatticeError if there is none."""
    name = ALIASES.get(word, word)
    if name not in CODECS:
        raise LatticeError(f"codec: expected {' or '.join(CODECS)}, got {word!r}" + did_you_mean(word, CODECS))
    return name
