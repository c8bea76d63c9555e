"""The header of an image that is no EXR."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from lattice.files.frame import Channel, Window
from lattice.files.images.formats import Format
from lattice.files.images.linearize import has_shown_alpha
from lattice.files.images.spec import ImageSpec

EXACT_BITS = 10  # that come back from halves, whatever the transfer
STAMP = re.compile(r"lattice \S+ (?P<name>.*) sdev:[0-9a-f]{64}( [0-9a-f]{8})?")  # and the codes' checksum


@dataclass(frozen=True)
class Lossless:
    """The codec of an image file: what passes is not written to one, so nothing of it can change."""

    name: str = "none"

    def changes(self, name: str, dtype: str) -> bool:
        """Never."""
        return False

    def ruins(self, name: str, dtype: str) -> bool:
        """Never."""
        return False


@dataclass(frozen=True)
class ImageHeader:
    """A FrameHeader. format, spec: what the file is. transfer: what its code values are taken as."""

    format: Format
    spec: ImageSpec
    transfer: str

    part, views, deep, exr, codec = None, (), False, None, Lossless()

    @property
    def format_name(self) -> str:
        """As in the register."""
        return self.format.name

    @property
    def window(self) -> Window:
        """The whole picture, from 0, 0."""
        return 0, 0, self.spec.size[0] - 1, self.spec.size[1] - 1

    display = window

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width)."""
        return self.spec.size[1], self.spec.size[0]

    @property
    def pixel_aspect(self) -> float:
        """A pixel's width over its height."""
        return self.spec.aspect

    @cached_property
    def channels(self) -> tuple[Channel, ...]:
        """Light as halves where these hold every code value, sorted by name as an EXR's are."""
        is_exact = (not self.spec.is_float and self.spec.bits <= EXACT_BITS
                    and not has_shown_alpha(self.spec, self.format.log))
        dtype = "float16" if is_exact else "float32"
        return tuple(Channel(name, dtype if name != "A" else "float32")
                     for name in sorted("RGBA"[:self.spec.channels]))

    @property
    def images(self) -> tuple[ImageHeader, ...]:
        """One level."""
        return (self,)

    @property
    def chromaticities(self) -> tuple[float, ...] | None:
        """x, y of red, green, blue, white; None where the file does not say."""
        return self.spec.chromaticities

    @property
    def straight(self) -> bool:
        """True if color is not multiplied by alpha."""
        return self.spec.straight

    @property
    def holds_floats(self) -> bool:
        """True if the file holds floats."""
        return self.spec.is_float

    @property
    def time_code(self) -> int | None:
        """SMPTE binary coded decimal, hours in the highest byte."""
        return self.spec.timecode

    @property
    def graded_by(self) -> str | None:
        """The name of the SDev in a regrade's stamp; None without one."""
        stamp = STAMP.fullmatch(self.spec.note)
        return None if stamp is None else stamp["name"]

    @property
    def attributes(self) -> Mapping[str, object]:
        """None: these are an EXR's."""
        return {}

    def text(self, name: str) -> str | None:
        """None: such attributes are an EXR's."""
        return None

    @property
    def line(self) -> str:
        """For people: what it is, and what its code values are taken as."""
        return (f"{self.format_name}, {self.spec.bits} bits, taken as {self.transfer}"
                + ("; its ICC profile is not used" if self.spec.has_profile else ""))
