"""The header of an image other than EXR."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from lattice.color.adx import ADX, PRIMARIES_OF_ADX
from lattice.color.inputs import encoded
from lattice.files.frame import Channel, Window
from lattice.files.images.formats import Format
from lattice.files.images.linearize import has_shown_alpha
from lattice.files.images.spec import ImageSpec

EXACT_BITS = 10  # code values of up to this many bits survive float16 with any transfer
# as: digest of the request; last group: checksum of the codes
STAMP = re.compile(r"lattice \S+ (?P<name>[ -~]*?)(?P<as> as:[0-9a-f]{8})? sdev:[0-9a-f]{64}( [0-9a-f]{8})?")


@dataclass(frozen=True)
class Lossless:
    """The codec of an image file. Passing channels are never written to one, so none of them can change."""

    name: str = "none"

    def changes(self, name: str, dtype: str) -> bool:
        """Always False."""
        return False

    def ruins(self, name: str, dtype: str) -> bool:
        """Always False."""
        return False


@dataclass(frozen=True)
class ImageHeader:
    """A FrameHeader. format: the register's record. spec: the file's header. transfer: key of TRANSFERS, ADX, or the
    name of an input, that decodes its code values. is_transfer_assumed: neither the user nor the file says it."""

    format: Format
    spec: ImageSpec
    transfer: str
    is_transfer_assumed: bool = False

    part, views, deep, exr, codec = None, (), False, None, Lossless()

    @property
    def format_name(self) -> str:
        """The name in the register."""
        return self.format.name

    @property
    def window(self) -> Window:
        """The data window: of a TIFF that is a part of a picture, its place there; else it begins at (0, 0)."""
        return self.spec.window

    @property
    def display(self) -> Window:
        """The display window; the data window unless the file is a part of a picture."""
        return self.spec.full or self.spec.window

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width)."""
        return self.spec.size[1], self.spec.size[0]

    @property
    def pixel_aspect(self) -> float:
        """Pixel width divided by pixel height."""
        return self.spec.aspect

    @cached_property
    def channels(self) -> tuple[Channel, ...]:
        """The channels, sorted by name as in an EXR. Color is float16 if that holds every code value, else float32, as
        the light and the codes of an input; A is float32."""
        is_exact = not self.spec.is_float and self.spec.bits <= EXACT_BITS and self.transfer != ADX
        is_exact = is_exact and encoded(self.transfer) is None  # wide primaries' matrix enlarges what halves round
        is_exact = is_exact and not has_shown_alpha(self.spec, self.format.log)
        dtype = "float16" if is_exact else "float32"
        return tuple(Channel(name, dtype if name != "A" else "float32") for name in sorted(self.spec.names))

    @property
    def images(self) -> tuple[ImageHeader, ...]:
        """This header: an image has one level."""
        return (self,)

    @property
    def chromaticities(self) -> tuple[float, ...] | None:
        """x, y of red, green, blue, white; None if the file has none."""
        return PRIMARIES_OF_ADX.xy if self.transfer == ADX else self.spec.chromaticities

    @property
    def straight(self) -> bool:
        """True if color is not multiplied by alpha."""
        return self.spec.straight

    @property
    def holds_floats(self) -> bool:
        """True if the file holds floats."""
        return self.spec.is_float

    @property
    def stays_coded(self) -> bool:
        """True if the pixels that are read are codes of an input still: floats, and densities, which mix channels; not
        in DPX and Cineon, whose alpha multiplies light."""
        space = encoded(self.transfer)
        return space is not None and not self.format.log and (self.spec.is_float or space.adx_bits is not None)

    @property
    def has_profile(self) -> bool:
        """True if the file holds an ICC profile."""
        return self.spec.has_profile

    @property
    def time_code(self) -> int | None:
        """SMPTE binary coded decimal, hours in the highest byte; None if the file has none."""
        return self.spec.timecode

    @property
    def is_gray(self) -> bool:
        """True if one sample is red, green and blue."""
        return self.spec.is_gray

    @property
    def pixels_are(self) -> str:
        """What the pixels are whatever a user names: of LogLuv and ADX."""
        return PRIMARIES_OF_ADX.name if self.transfer == ADX else "CIE X, Y, Z" if self.spec.is_xyz else ""

    @property
    def notes(self) -> tuple[str, ...]:
        """Lines for the user: what a reader of the file may not expect."""
        return tuple(f"{self.format_name}: {note}" for note in self.spec.notes)

    @property
    def rate(self) -> Fraction | None:
        """Frames per second; None if the file does not say."""
        return self.spec.rate

    @property
    def kept(self) -> bytes:
        """A header of this format that an output begins with, and user data; empty if the format keeps none."""
        return self.spec.kept

    @property
    def graded_by(self) -> str | None:
        """SDev name from a regrade's stamp; None without a stamp."""
        stamp = STAMP.fullmatch(self.spec.note)
        return None if stamp is None else stamp["name"]

    @property
    def attributes(self) -> Mapping[str, object]:
        """Empty: only an EXR has attributes."""
        return {}

    def text(self, name: str) -> str | None:
        """Return None: only an EXR has attributes."""
        return None

    @property
    def line(self) -> str:
        """Text for the user: format, bits and transfer of the code values."""
        coding = self.spec.coding or f"{self.spec.bits} bits"
        return f"{self.format_name}, {coding}, taken as {self.transfer}" + (
            "; its ICC profile is not used" if self.spec.has_profile else ""
        )
