"""DPX: parse headers, unpack code values, pack new 10-bit logarithmic files.

Source: SMPTE ST 268:2003, and its amendment 1:2012 for ADX.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from lattice.color.adx import ADX
from lattice.files.frame import FINEST_ASPECT, rate_of
from lattice.files.images import xmp
from lattice.files.images.bit_packing import (
    BITS,
    FILLED_A,
    FILLED_B,
    LARGEST,
    PACKED,
    WORD,
    Layout,
    line_bytes,
    pack_words,
    unpack,
)
from lattice.files.images.film_header import (
    UNDEFINED,
    Fields,
    blank_header,
    check_start,
    choose_start,
    kept_header,
    kept_user,
    or_zero,
    read_fields,
    stride_of,
    with_defaults,
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
    "x": (1408, "I"),
    "y": (1412, "I"),
    "full width": (1424, "I"),
    "full height": (1428, "I"),
    "device": (1556, "32s"),
    "aspect across": (1628, "I"),
    "aspect down": (1632, "I"),
    "film rate": (1724, "f"),
    "time code": (1920, "I"),
    "television rate": (1940, "f"),
}
DEFAULTS = {"orientation": 0, "sign": 0, "packing": FILLED_A, "encoding": 0}  # of undefined fields
# Byte ranges left undefined: origin and size of the scan, borders, film frames, time code, television fields.
UNDEFINED_BYTES = (1408, 1432), (1620, 1628), (1636, 1644), (1712, 1732), (1920, 1928), (1932, 1972)
# What is kept from DPX to DPX: byte offset and types. The grade makes the rest false: project, element, gamma and black
# and white of a video signal. Of the dates only the source image's is kept.
KEPT = (160, "100s"), (460, "200s"), (1408, "6I188s4H"), (1636, "2I20s")  # creator, copyright, origin and scan
KEPT_INDUSTRY = (1664, "48s5I188s"), (1924, "I4B4I"), (1968, "I76s")  # film; television
DESCRIPTORS = {6: "gray", 50: "R, G, B", 51: "R, G, B, A"}
CHANNELS = {6: 1, 50: 3, 51: 4}
# Their 10-bit gray lines begin within words. Source: FFmpeg and RAWcooked, which read such files.
NO_PADDING = {"Scanity", "Lasergraphics Inc."}
PACKINGS = {PACKED: "packed", FILLED_A: "filled words, method A", FILLED_B: "method B"}
# Transfer characteristic to the name of what decodes it: user-defined, printing density, linear, logarithmic,
# SMPTE 274M and BT.709 (one curve), ADX, undefined. Floats that say nothing are light. Source: ST 268, table 5A.
TRANSFERS = {0: "cineon", 1: "cineon", 2: "linear", 3: "cineon", 5: "rec709", 6: "rec709", 13: ADX, 255: "cineon"}
FLOAT_TRANSFERS = {2: "linear", 5: "rec709", 6: "rec709", 255: "linear"}
NAMED_TRANSFERS = frozenset({1, 2, 5, 6, 13})  # the others of TRANSFERS say no curve
PRINTING_DENSITY, HIGH_DENSITY = 1, 2.046  # 0.002 per code
FLOAT_BITS = 32
OWN = b"lattice".ljust(32, b"\0")  # user identification of user data that hold a packet
BLANK = blank_header(SIZE, UNDEFINED_BYTES)


def dpx_spec(path: Path, data: bytes, size: int, where: str) -> ImageSpec:
    """Parse a DPX header. data: the file's first bytes, HEADER or more. size: bytes of the file. Raises LatticeError if
    the file is truncated, or not one uncompressed upright element of unsigned R, G, B, R, G, B, A or gray in 8, 10, 12
    or 16 bits or 32-bit floats."""
    layout, fields, note = _layout(data, size, where)
    is_float = layout.bits == FLOAT_BITS
    has_industry = _reaches(fields, layout.start, SIZE)
    user, dropped = kept_user(fields, SIZE, len(data))
    kept = kept_header(BLANK, data, layout.is_big, KEPT + KEPT_INDUSTRY * has_industry)
    return ImageSpec(
        layout.size,
        layout.channels,
        layout.bits,
        (FLOAT_TRANSFERS if is_float else TRANSFERS).get(fields["transfer"]),
        f"transfer {fields['transfer']}",
        is_float=is_float,
        aspect=_aspect(fields),
        timecode=_time_code(fields, layout.start),
        rate=_rate(fields, layout.start),
        note=text_of(fields["project"]),
        is_gray=layout.channels == 1,
        alpha=3 if layout.channels == 4 else None,
        notes=tuple(filter(None, (note, _place_note(fields, layout.size), dropped))),
        kept=kept + data[SIZE : SIZE + user],
        unpack=unpack_dpx,
        says_transfer=fields["transfer"] in NAMED_TRANSFERS,
    )


def unpack_dpx(data: bytes, where: str) -> Pixels:
    """Return the codes of a whole file: (H, W, 1, 3 or 4), uint8, above 8 bits uint16 in the low bits, or float32.
    OpenImageIO is not used: 3.2 lets lines start at any byte, loses the last alpha of a line at some widths, and
    allocates the user data size that the header declares. Raises LatticeError as `dpx_spec` does."""
    return unpack(data, _layout(data, len(data), where)[0])


def has_room(codes: EncodedImage) -> bool:
    """True if no user data of the source take the place of ours."""
    user = codes.kept[SIZE:]
    return xmp.has_room(codes) and (not user or user.startswith(OWN))


def pack_dpx(codes: EncodedImage) -> Iterable[bytes]:
    """Yield the bytes of a DPX. codes: pixels (H, W, 3 or 4) uint16 in 0 to 1023; alpha is stored unchanged. kept: from
    `dpx_spec`, with the user data after it."""
    words = pack_words(codes.pixels)
    width, height = codes.size
    header, user = (codes.kept or BLANK)[:SIZE], codes.kept[SIZE:]
    user = OWN + xmp.packet(codes.about) if codes.about else user
    start = SIZE + -(-len(user) // WORD) * WORD
    aspect = Fraction(codes.aspect).limit_denominator(FINEST_ASPECT)
    given = {
        "offset": start,
        "version": b"V2.0",
        "file size": start + words.nbytes,
        "new frame": 1,
        "generic": HEADER,
        "industry": SIZE - HEADER,
        "user": len(user),
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
        "data": start,
        "aspect across": aspect.numerator,
        "aspect down": aspect.denominator,
        "time code": UNDEFINED if codes.timecode is None else codes.timecode,
    }
    if not text_of(header[160:260]):
        given["creator"] = f"lattice {__version__}".encode()
    if not codes.kept and codes.rate is not None:
        given |= {"film rate": float(codes.rate), "television rate": float(codes.rate)}
    yield write_fields(header, MAGICS[0], FIELDS, given)
    yield user + bytes(start - SIZE - len(user))
    yield words.tobytes()


def _layout(data: bytes, size: int, where: str) -> tuple[Layout, Fields, str]:
    """Return the layout, the fields, and a note if the file names two places of the picture."""
    fields = with_defaults(read_fields(data, FIELDS, MAGICS, HEADER, where), FIELDS, DEFAULTS)
    expect(where, "image elements", {1: ""}, fields["elements"])
    expect(where, "descriptor", DESCRIPTORS, fields["descriptor"])
    expect(where, "encoding", {0: "none"}, fields["encoding"])
    expect(where, "bits", {8: "", 10: "", 12: "", 16: "", FLOAT_BITS: "floats"}, fields["bits"])
    if fields["bits"] in (10, 12):
        expect(where, "packing", PACKINGS, fields["packing"])
    expect(where, "data sign", {0: "unsigned"}, fields["sign"])
    expect(where, "orientation", {0: "top left"}, fields["orientation"])
    shape, channels = (fields["width"], fields["height"]), CHANNELS[fields["descriptor"]]
    check_shape(shape, where)
    line = line_bytes(shape[0] * channels, fields["bits"], fields["packing"])
    start, note = choose_start(fields, or_zero(fields["data"]) or fields["offset"], line, HEADER, size, where)
    check_start(fields, start, HEADER, size, where)
    fields |= {"file size": 0} if note else {}  # it counts from the other place, perhaps
    runs_on = _runs_on(fields, start, size)
    if runs_on:
        line = WORD * -(-shape[0] * shape[1] // 3)
    stride = stride_of(fields | ({"height": 1} if runs_on else {}), start, line, size, where)
    layout = Layout(shape, channels, fields["bits"], fields["packing"], start, stride, data[:4] == MAGICS[0], runs_on)
    return layout, fields, note


def _runs_on(fields: Fields, start: int, size: int) -> bool:
    """True for 10-bit gray in filled words that no line starts anew: a scanner's that does so, or a file that is too
    short for other lines and long enough for these."""
    if CHANNELS[fields["descriptor"]] != 1 or fields["bits"] != BITS or fields["packing"] == PACKED:
        return False
    width, height = fields["width"], fields["height"]
    is_shorter = WORD * -(-width * height // 3) <= size - start < WORD * -(-width // 3) * height
    return is_shorter or bool({text_of(fields["device"]), text_of(fields["creator"])} & NO_PADDING)


def _reaches(fields: Fields, start: int, end: int) -> bool:
    """True if the film and television headers hold bytes up to `end`: else they may be pixels or user data."""
    is_header = not or_zero(fields["user"]) or or_zero(fields["generic"]) + or_zero(fields["industry"]) >= end
    return start >= end and is_header


def _time_code(fields: Fields, start: int) -> int | None:
    code: int = fields["time code"]
    return code if _reaches(fields, start, 1924) and code != UNDEFINED else None


def _rate(fields: Fields, start: int) -> Fraction | None:
    """Return the film's frames per second, else television's; None if neither is defined."""
    ends = {"film rate": 1728, "television rate": 1944}
    rates = (rate_of(fields[name]) for name, end in ends.items() if _reaches(fields, start, end))
    return next((rate for rate in rates if rate is not None), None)


def _place_note(fields: Fields, size: tuple[int, int]) -> str:
    """Return a note if the picture is a part of a larger one; empty if not, or if the fields contradict each other."""
    x, y, width, height = (or_zero(fields[name]) for name in ("x", "y", "full width", "full height"))
    if not (x or y) or x + size[0] > width or y + size[1] > height:
        return ""
    return f"its place, x {x}, y {y} of {width} x {height}, is kept in a DPX alone"


def _aspect(fields: Fields) -> float:
    across, down = fields["aspect across"], fields["aspect down"]
    return 1.0 if UNDEFINED in (across, down) else aspect_of(across, down)
