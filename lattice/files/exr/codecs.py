"""The register of EXR codecs: how many lines a chunk holds, and which channels survive being written again.

Source: OpenEXR file layout (openexr.com, "OpenEXR File Layout") and OpenEXR 3.5.3; the tests write every
codec and hold this table to what the library does.
"""

from __future__ import annotations

from dataclasses import dataclass

# The last part of a channel's name that DWA packs with losses when the channel is half or float.
# Source: OpenEXR, ImfDwaCompressor.cpp, the default channel rules (case-sensitive since format 2).
DWA_LOSSY_NAMES = frozenset({"R", "G", "B", "Y", "BY", "RY"})


@dataclass(frozen=True)
class Codec:
    """One value of the `compression` attribute.

    lines: scanlines in a chunk.
    lossy: numpy type names whose pixels may change when written.
    names: if not empty, only channels whose last name part is listed are lossy.
    settles: True where a lossy channel read from such a file is nearly always written back bit for bit
        (PXR24: always), so that it may be tried; what was written is compared before it is kept.
    """

    name: str
    lines: int
    lossy: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    settles: bool = False

    def changes(self, channel: str, dtype: str) -> bool:
        """True when this codec may change the channel's pixels; `dtype` is float16, float32 or uint32."""
        named = not self.names or channel.rpartition(".")[2] in self.names
        return dtype in self.lossy and named

    def ruins(self, channel: str, dtype: str) -> bool:
        """True when the channel cannot be expected to come back as it was, even if it was read from this codec."""
        return self.changes(channel, dtype) and not self.settles


_HALF, _FLOAT = frozenset({"float16"}), frozenset({"float32"})
CODECS: tuple[Codec, ...] = (  # in the order of the attribute's value
    Codec("none", 1),
    Codec("RLE", 1),
    Codec("ZIPS", 1),
    Codec("ZIP", 16),
    Codec("PIZ", 32),
    Codec("PXR24", 16, _FLOAT, settles=True),
    Codec("B44", 32, _HALF, settles=True),
    Codec("B44A", 32, _HALF, settles=True),
    Codec("DWAA", 32, _HALF | _FLOAT, DWA_LOSSY_NAMES),
    Codec("DWAB", 256, _HALF | _FLOAT, DWA_LOSSY_NAMES),
    Codec("HTJ2K256", 256),
    Codec("HTJ2K32", 32),
    # Lossless at the library's default quality; the quality is not kept in the file, so it is always compared.
    Codec("LJ2K", 256, _HALF | _FLOAT, settles=True),
    Codec("ZSTD", 1),
)
