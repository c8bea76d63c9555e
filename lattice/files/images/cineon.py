"""Cineon, 10-bit printing density: parse headers, unpack code values, pack new files.

Source: Kodak, "Cineon File Format", 4.5 (1993).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path

from lattice.files.frame import rate_of
from lattice.files.images.bit_packing import BITS, FILLED_A, LARGEST, WORD, Layout, line_bytes, pack_words, unpack
from lattice.files.images.film_header import (
    Fields,
    blank_header,
    check_start,
    kept_header,
    kept_user,
    or_zero,
    read_fields,
    stride_of,
    with_defaults,
    write_fields,
)
from lattice.files.images.spec import EncodedImage, ImageSpec, check_shape, expect, text_of
from lattice.types import Pixels

HEADER, SIZE = 1024, 2048  # header bytes: in every file; in the files that we write
MAGICS = (b"\x80\x2a\x5f\xd7", b"\xd7\x5f\x2a\x80")
ELEMENT, ELEMENT_BYTES, ELEMENTS, COLORS = 196, 28, 8, 3  # element headers; red, green, blue are first
FIELDS = {
    "offset": (4, "I"),
    "generic": (8, "I"),
    "industry": (12, "I"),
    "user": (16, "I"),
    "file size": (20, "I"),
    "version": (24, "8s"),
    "orientation": (192, "B"),
    "elements": (193, "B"),
    "label": (452, "200s"),
    "x": (712, "I"),
    "y": (716, "I"),
    "rate": (1072, "f"),
    "interleave": (680, "B"),
    "packing": (681, "B"),
    "signed": (682, "B"),
    "sense": (683, "B"),
    "line padding": (684, "I"),
} | {
    f"{name} {k + 1}": (ELEMENT + ELEMENT_BYTES * k + at, kind)
    for k in range(COLORS)
    for name, at, kind in (("bits", 2, "B"), ("width", 4, "I"), ("height", 8, "I"))
}
# Byte ranges left undefined: white and primaries; offsets; pitches and gamma; film codes; film prefix and count; frame
# position and rate.
UNDEFINED_BYTES = (420, 452), (712, 720), (972, 984), (1024, 1027), (1028, 1036), (1068, 1076)
HIGH_DENSITY = 2.046  # 0.002 per code
DEFAULTS = {"orientation": 0, "interleave": 0, "packing": 5, "signed": 0, "sense": 0}  # of undefined fields
# What is kept from Cineon to Cineon: byte offset and types. The grade makes the rest false: label, gamma.
KEPT = ((712, "2I252s2I"),)  # offsets, source, input device, pitches
KEPT_INDUSTRY = ((1024, "4B2I32s2I32s200s740s"),)  # film
BLANK = blank_header(SIZE, UNDEFINED_BYTES)


def cineon_spec(path: Path, data: bytes, size: int, where: str) -> ImageSpec:
    """Parse a Cineon header. data: the file's first bytes, HEADER or more. size: bytes of the file. Raises LatticeError
    if the file is truncated, or not upright unsigned positive 10-bit R, G, B interleaved by pixel."""
    layout, fields = _layout(data, size, where)
    has_film = fields["offset"] >= SIZE and or_zero(fields["generic"]) + or_zero(fields["industry"]) >= SIZE
    user, dropped = kept_user(fields, SIZE, len(data))
    x, y = or_zero(fields["x"]), or_zero(fields["y"])
    kept = kept_header(BLANK, data, layout.is_big, KEPT + (KEPT_INDUSTRY if has_film and len(data) >= SIZE else ()))
    return ImageSpec(
        layout.size,
        layout.channels,
        layout.bits,
        "cineon",
        rate=rate_of(fields["rate"]) if has_film else None,
        note=text_of(fields["label"]),
        notes=tuple(filter(None, (f"its place, x {x}, y {y}, is kept in a Cineon alone" if x or y else "", dropped))),
        kept=kept + data[SIZE : SIZE + user],
        unpack=unpack_cineon,
    )


def unpack_cineon(data: bytes, where: str) -> Pixels:
    """Return the codes of a whole file, (H, W, 3) uint16 in 0 to 1023. Raises LatticeError as `cineon_spec` does."""
    return unpack(data, _layout(data, len(data), where)[0])


def pack_cineon(codes: EncodedImage) -> Iterable[bytes]:
    """Yield the bytes of a Cineon file. codes: pixels (H, W, 3) uint16 in 0 to 1023. Pixel aspect and time code are
    dropped: the format has no field for them. kept: from `cineon_spec`, with the user data after it."""
    words = pack_words(codes.pixels)
    width, height = codes.size
    header, user = (codes.kept or BLANK)[:SIZE], codes.kept[SIZE:]
    start = SIZE + -(-len(user) // WORD) * WORD
    given = {
        "offset": start,
        "generic": 1024,
        "industry": 1024,
        "user": len(user),
        "file size": start + words.nbytes,
        "version": b"V4.5",
        "elements": COLORS,
        "label": codes.note.encode(),
        "packing": 5,
    }
    if not codes.kept and codes.rate is not None:
        given["rate"] = float(codes.rate)
    written = bytearray(write_fields(header, MAGICS[0], FIELDS, given))
    for k in range(ELEMENTS):  # designator: 1, 2, 3 for red, green, blue; low code and density, high ones
        element = (0, k + 1, BITS, 0, width, height, 0, 0.0, LARGEST, HIGH_DENSITY) if k < COLORS else (0,) * 10
        struct.pack_into(">4B2I4f", written, ELEMENT + ELEMENT_BYTES * k, *element)
    yield bytes(written)
    yield user + bytes(start - SIZE - len(user))
    yield words.tobytes()


def _layout(data: bytes, size: int, where: str) -> tuple[Layout, Fields]:
    fields = with_defaults(read_fields(data, FIELDS, MAGICS, HEADER, where), FIELDS, DEFAULTS)
    expect(where, "channels", {COLORS: "R, G, B"}, fields["elements"])
    for k in range(1, COLORS + 1):
        expect(where, f"bits of element {k}", {BITS: ""}, fields[f"bits {k}"])
        expect(where, f"width of element {k}", {fields["width 1"]: ""}, fields[f"width {k}"])
        expect(where, f"height of element {k}", {fields["height 1"]: ""}, fields[f"height {k}"])
    expect(where, "interleave", {0: "by pixel"}, fields["interleave"])
    expect(where, "packing", {5: "32-bit words"}, fields["packing"])
    expect(where, "data sign", {0: "unsigned"}, fields["signed"])
    expect(where, "image sense", {0: "positive"}, fields["sense"])
    expect(where, "orientation", {0: "top left"}, fields["orientation"])
    shape = fields["width 1"], fields["height 1"]
    check_shape(shape, where)
    check_start(fields, fields["offset"], HEADER, size, where)
    line = line_bytes(shape[0] * COLORS, BITS, FILLED_A)
    stride = stride_of(fields | {"height": shape[1]}, fields["offset"], line, size, where)
    return Layout(shape, COLORS, BITS, FILLED_A, fields["offset"], stride, data[:4] == MAGICS[0]), fields
