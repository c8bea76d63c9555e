"""The packet that tells how an image was graded, put into a JPEG that OpenImageIO wrote.

Sources: ITU-T T.81 (1992), annex B (segments); Adobe, "XMP Specification Part 3: Storage in Files" (2020), JPEG.
"""

from __future__ import annotations

import struct

from lattice.files.images import xmp
from lattice.files.images.spec import EncodedImage

APP0, APP1 = b"\xff\xe0", b"\xff\xe1"
XMP = b"http://ns.adobe.com/xap/1.0/\0"
LONGEST = 2**16 - 3 - len(XMP)  # bytes of a packet: a segment's length takes two of its own


def has_room(codes: EncodedImage) -> bool:
    """True if a segment holds the packet of `about`."""
    return len(xmp.packet(codes.about)) <= LONGEST


def with_packet(data: bytes, text: str) -> bytes:
    """Return a JPEG's bytes with the packet of a text, before all segments but JFIF's."""
    place = 2
    if data[place : place + 2] == APP0:
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    body = XMP + xmp.packet(text)
    return b"".join((data[:place], APP1, struct.pack(">H", len(body) + 2), body, data[place:]))
