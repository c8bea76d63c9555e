"""DPX: parse headers, unpack code values, pack new 10-bit logarithmic files.

Source: SMPTE ST 268:2003.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from lattice.files.frame import FINEST_ASPECT
from lattice.files.images.bit_packing import (
    BITS,
    FILLED_A,
    FILLED_B,
    LARGEST,
    PACKED,
    Layout,
    line_bytes,
    pack_words,
    unpack,
)
from lattice.files.images.film_header import (
    UNDEFINED,
    Fields,
    check_start,
    or_zero,
    read_fields,
    stride_of,
    write_fields,
)
from lattice.files.images.spec import EncodedImage, ImageSpec, aspect_of, check_shape, expect, text_of
from lattice.types import Pixels
from lattice.version import __version__

HEADER, SIZE = 1664, 2048  # header bytes: in every file; in the files that we write
MAGICS = (b"SDPX", b"XPDS")
FIELDS = {
    "offset": (4, "I"),
    "version": (8, "8s"),
    "file size": (16, "I"),
    "new frame": (20, "I"),
    "generic": (24, "I"),
    "industry": (28, "I"),
    "user": (32, "I"),
    "creator": (160, "100s"),
    "project": (260, "200s"),
    "key": (660, "I"),
    "orientation": (768, "H"),
    "elements": (770, "H"),
    "width": (772, "I"),
    "height": (776, "I"),
    "sign": (780, "I"),
    "high code": (792, "I"),
    "high density": (796, "f"),
    "descriptor": (800, "B"),
    "transfer": (801, "B"),
    "colorimetric": (802, "B"),
    "bits": (803, "B"),
    "packing": (804, "H"),
    "encoding": (806, "H"),
    "data": (808, "I"),
    "line padding": (812, "I"),
    "aspect across": (1628, "I"),
    "aspect down": (1632, "I"),
    "time code": (1920, "I"),
}
TIME_CODE_END = 1924
# Byte ranges left undefined: origin and size of the scan, borders, film frames, time code, television fields.
UNDEFINED_BYTES = (1408, 1432), (1620, 1628), (1636, 1644), (1712, 1732), (1920, 1928), (1932, 1972)
DESCRIPTORS = {50: "R, G, B", 51: "R, G, B, A"}
PACKINGS = {PACKED: "packed", FILLED_A: "filled words, method A", FILLED_B: "method B"}
# Transfer characteristic to the TRANSFERS key that decodes it: user-defined, printing density, linear, logarithmic,
# SMPTE 274M and BT.709 (one curve), undefined. Source: ST 268, table 5A.
TRANSFERS = {0: "cineon", 1: "cineon", 2: "linear", 3: "cineon", 5: "rec709", 6: "rec709", 255: "cineon"}
NAMED_TRANSFERS = frozenset({1, 2, 5, 6})  # the others of TRANSFERS say no curve
PRINTING_DENSITY, HIGH_DENSITY = 1, 2.046  # 0.002 per code


def dpx_spec(path: Path, data: bytes, size: int, where: str) -> ImageSpec:
    """Parse a DPX header. data: the file's first bytes, HEADER or more. size: bytes of the file. Raises LatticeError if
    the file is truncated, or not one uncompressed upright element of unsigned R, G, B or R, G, B, A in 8, 10, 12 or 16
    bits."""
    layout, fields = _layout(data, size, where)
    return ImageSpec(
        layout.size,
        layout.channels,
        layout.bits,
        TRANSFERS.get(fields["transfer"]),
        f"transfer {fields['transfer']}",
        aspect=_aspect(fields),
        timecode=_time_code(fields, layout.start),
        note=text_of(fields["project"]),
        says_transfer=fields["transfer"] in NAMED_TRANSFERS,
    )


def unpack_dpx(data: bytes, where: str) -> Pixels:
    """Return the codes of a whole file: (H, W, 3 or 4), uint8, or above 8 bits uint16 in the low bits. OpenImageIO is
    not used: 3.2 lets lines start at any byte, loses the last alpha of a line at some widths, and allocates the user
    data size that the header declares. Raises LatticeError as `dpx_spec` does."""
    return unpack(data, _layout(data, len(data), where)[0])


def pack_dpx(codes: EncodedImage) -> Iterable[bytes]:
    """Yield the bytes of a DPX. codes: pixels (H, W, 3 or 4) uint16 in 0 to 1023; alpha is stored unchanged."""

    words = pack_words(codes.pixels)
    width, height = codes.size
    aspect = Fraction(codes.aspect).limit_denominator(FINEST_ASPECT)
    yield bytes(
        write_fields(
            SIZE,
            MAGICS[0],
            FIELDS,
            UNDEFINED_BYTES,
            {
                "offset": SIZE,
                "version": b"V2.0",
                "file size": SIZE + words.nbytes,
                "new frame": 1,
                "generic": HEADER,
                "industry": SIZE - HEADER,
                "creator": f"lattice {__version__}".encode(),
                "project": codes.note.encode(),
                "key": UNDEFINED,
                "elements": 1,
                "width": width,
                "height": height,
                "high code": LARGEST,
                "high density": HIGH_DENSITY,
                "descriptor": 47 + codes.pixels.shape[2],
                "transfer": PRINTING_DENSITY,
                "colorimetric": PRINTING_DENSITY,
                "bits": BITS,
                "packing": FILLED_A,
                "data": SIZE,
                "aspect across": aspect.numerator,
                "aspect down": aspect.denominator,
                "time code": UNDEFINED if codes.timecode is None else codes.timecode,
            },
        )
    )
    yield words.tobytes()


def _layout(data: bytes, size: int, where: str) -> tuple[Layout, Fields]:
    fields = read_fields(data, FIELDS, MAGICS, HEADER, where)
    expect(where, "image elements", {1: ""}, fields["elements"])
    expect(where, "descriptor", DESCRIPTORS, fields["descriptor"])
    expect(where, "encoding", {0: "none"}, fields["encoding"])
    expect(where, "bits", dict.fromkeys((8, 10, 12, 16), ""), fields["bits"])
    if fields["bits"] in (10, 12):
        expect(where, "packing", PACKINGS, fields["packing"])
    expect(where, "data sign", {0: "unsigned"}, fields["sign"])
    expect(where, "orientation", {0: "top left"}, fields["orientation"])
    shape, channels = (fields["width"], fields["height"]), fields["descriptor"] - 47
    check_shape(shape, channels, where)
    start = or_zero(fields["data"]) or fields["offset"]
    check_start(fields, start, HEADER, size, where)
    stride = stride_of(fields, start, line_bytes(shape[0] * channels, fields["bits"], fields["packing"]), size, where)
    return Layout(shape, channels, fields["bits"], fields["packing"], start, stride, data[:4] == MAGICS[0]), fields


def _time_code(fields: Fields, start: int) -> int | None:
    """Return the time code; None if the header has none: its bytes may then be pixels or user data."""
    is_header = not or_zero(fields["user"]) or or_zero(fields["generic"]) + or_zero(fields["industry"]) >= TIME_CODE_END
    code: int = fields["time code"]
    return code if start >= TIME_CODE_END and is_header and code != UNDEFINED else None


def _aspect(fields: Fields) -> float:
    across, down = fields["aspect across"], fields["aspect down"]
    return 1.0 if UNDEFINED in (across, down) else aspect_of(across, down)
