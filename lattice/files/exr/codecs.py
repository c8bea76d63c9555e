"""Register of EXR codecs: scan lines per chunk, and which channels survive being written again.

Source: OpenEXR file layout (openexr.com, "OpenEXR File Layout") and OpenEXR 3.5.3; the tests write every
codec and compare this table with the library.
"""

from __future__ import annotations

from dataclasses import dataclass

# Last name components of the half and float channels that DWA compresses with loss.
# Source: OpenEXR, ImfDwaCompressor.cpp, the default channel rules (case-sensitive since format 2).
DWA_LOSSY_NAMES = frozenset({"R", "G", "B", "Y", "BY", "RY"})


@dataclass(frozen=True)
class Codec:
    """One value of the `compression` attribute.

    lines: scan lines per chunk.
    lossy: NumPy dtype names whose pixels may change when written.
    names: if not empty, only channels whose last name component is listed are lossy.
    settles: True if a lossy channel read from such a file nearly always (PXR24: always) comes back bit for bit when it
        is written again. Such a write may be tried: its result is compared before it is kept.
    """

    name: str
    lines: int
    lossy: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    settles: bool = False

    def changes(self, channel: str, dtype: str) -> bool:
        """True if this codec may change the channel's pixels. dtype: float16, float32 or uint32."""
        named = not self.names or channel.rpartition(".")[2] in self.names
        return dtype in self.lossy and named

    def ruins(self, channel: str, dtype: str) -> bool:
        """True if the channel is not expected to come back unchanged, even if it was read from a file of this codec."""
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
    # Lossless at the library's default quality; the quality is not kept in the file, so the result is always compared.
    Codec("LJ2K", 256, _HALF | _FLOAT, settles=True),
    Codec("ZSTD", 1),
)
