"""A frame in memory, and what its header says, whatever format it comes from: EXR and image files both make these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, Protocol, TypeVar

from lattice.types import Pixels

Window = tuple[int, int, int, int]  # first x, first y, last x, last y, all included
STAMP = "sdev:"  # begins the names of attributes that a regrade leaves in an EXR


@dataclass(frozen=True)
class Channel:
    """One channel. dtype: "uint32", "float16" or "float32". linear: EXR's pLinear. sampling: pixels across and down."""

    name: str
    dtype: str
    linear: bool = False
    sampling: tuple[int, int] = (1, 1)


class Codec(Protocol):
    """How a file packs its pixels. name: for messages."""

    @property
    def name(self) -> str: ...

    def changes(self, name: str, dtype: str) -> bool:
        """True if a channel may come back with other values."""

    def ruins(self, name: str, dtype: str) -> bool:
        """True if a channel is sure to come back with other values."""


class FrameHeader(Protocol):
    """What the header of a file, or of one of its parts, says.

    part: its number in a multi-part file, from 0; None in a single-part one.
    """

    @property
    def part(self) -> int | None: ...

    @property
    def format_name(self) -> str:
        """ "EXR", or the name of an image format."""

    @property
    def window(self) -> Window:
        """The data window."""

    @property
    def display(self) -> Window:
        """The display window, what a viewer shows."""

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) of the data window."""

    @property
    def pixel_aspect(self) -> float:
        """A pixel's width over its height."""

    @property
    def channels(self) -> tuple[Channel, ...]: ...

    @property
    def images(self) -> Sequence[FrameHeader]:
        """A header for each level of a mip- or rip-map; this one alone where there is one."""

    @property
    def views(self) -> tuple[str, ...]:
        """The views that channel names tell apart, the default one first; empty where there is one only."""

    @property
    def chromaticities(self) -> tuple[float, ...] | None:
        """x, y of red, green, blue, white; None where the file does not say."""

    @property
    def codec(self) -> Codec: ...

    @property
    def deep(self) -> bool:
        """True if a pixel holds any number of samples."""

    @property
    def straight(self) -> bool:
        """True if color is not multiplied by alpha."""

    @property
    def holds_floats(self) -> bool:
        """True if the file holds floats, not integer code values."""

    @property
    def transfer(self) -> str | None:
        """What the code values are taken as, a key of TRANSFERS; None for an EXR, which holds linear light."""

    @property
    def time_code(self) -> int | None:
        """SMPTE binary coded decimal, hours in the highest byte; None where the file has none."""

    @property
    def graded_by(self) -> str | None:
        """The name of the SDev that a regrade stamped, empty where the stamp lacks it; None without a stamp."""

    @property
    def line(self) -> str:
        """For people: the format, and what its code values are taken as; empty for an EXR."""

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The attributes of an EXR; empty for other formats."""

    @property
    def exr(self) -> Any:
        """The EXR header that this is; None for other formats."""

    def text(self, name: str) -> str | None:
        """A string attribute's text; None where it is absent."""


def about(where: str, header: FrameHeader) -> str:
    """A file's name for messages, with the part's number and name where it has parts."""
    return where if header.part is None else f"{where}: part {header.part} {header.text('name')!a}"


H = TypeVar("H", bound=FrameHeader, covariant=True)


@dataclass(frozen=True)
class Frame(Generic[H]):
    """A frame in memory, or one part of a multi-part file.

    channels: name to (H, W) array, uint32, float16 or float32, read-only where read from a file.
    sha256: hex digest of the file's bytes; empty for a frame that comes from no file.
    smaller: such channels for each further level of a mip- or rip-map, in the order of the header's `images`.
    """

    path: Path
    header: H
    channels: Mapping[str, Pixels] = field(repr=False)
    sha256: str = ""
    smaller: tuple[Mapping[str, Pixels], ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "channels", MappingProxyType(dict(self.channels)))
        object.__setattr__(self, "smaller", tuple(MappingProxyType(dict(level)) for level in self.smaller))

    @property
    def levels(self) -> tuple[Mapping[str, Pixels], ...]:
        """The channels of every level."""
        return self.channels, *self.smaller
