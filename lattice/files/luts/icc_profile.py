"""The container of an ICC profile: header, tags, and the types of its texts and numbers.

Source: ICC.1:2010 (profile version 4.3): header 7.2, tags 7.3, types 10; ICC.1:2001 (2.4), 6.5.17, textDescriptionType.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lattice.errors import LatticeError
from lattice.files.images.icc import D50, ENGLISH, HEADER, ONE, VERSION, WRITTEN

MAGIC = b"acsp"  # at byte 36
MOST_TAGS = 100  # OpenColorIO's limit, too
MOST_TEXT = 2000  # characters of a text that are kept
MOST_FACTS = 1000  # of a dict
RECORD = 16  # bytes of a fact's place in a dict: offset and length of its name and of its value


@dataclass(frozen=True)
class Profile:
    """device_class, space, pcs: four letters each. data: of the whole file. places: first byte and length of each tag,
    all of them inside the file."""

    device_class: bytes
    space: bytes
    pcs: bytes
    data: bytes
    places: Mapping[bytes, tuple[int, int]]

    def tag(self, name: bytes, *kinds: bytes) -> bytes:
        """Return the bytes of a tag, from its type on. Raises LatticeError if it is absent or of no type of these."""
        found = self.given(name)
        if found[:4] not in kinds:
            names = " or ".join(ascii(kind.decode()) for kind in kinds)
            got = ascii(found[:4].decode("latin-1")) if found else "none"
            raise LatticeError(f"expected a tag {name.decode()} of type {names}, got {got}")
        return found

    def given(self, name: bytes) -> bytes:
        """Return the bytes of a tag; none if it is absent."""
        start, length = self.places.get(name, (0, 0))
        return self.data[start : start + length]


def read(data: bytes) -> Profile:
    """Return the profile of a file's bytes. Raises LatticeError if it is none, or a tag is not inside it."""
    if len(data) < HEADER + 4 or data[36:40] != MAGIC:
        raise LatticeError("expected an ICC profile, got a file without its mark at byte 36")
    (size,), (count,) = struct.unpack_from(">I", data), struct.unpack_from(">I", data, HEADER)
    if size > len(data):
        raise LatticeError(f"expected an ICC profile of {size:,} bytes, got a file cut short at byte {len(data):,}")
    if count > MOST_TAGS or HEADER + 4 + 12 * count > len(data):
        raise LatticeError(f"expected at most {MOST_TAGS} tags inside the profile, got {count:,}")
    places: dict[bytes, tuple[int, int]] = {}
    for name, start, length in struct.iter_unpack(">4s2I", data[HEADER + 4 : HEADER + 4 + 12 * count]):
        if start + length > len(data):
            raise LatticeError(f"expected tag {name!a} inside {len(data):,} bytes, got {length:,} from byte {start:,}")
        places.setdefault(name, (start, length))
    return Profile(data[12:16], data[16:20], data[20:24], data, places)


def fixed(data: bytes, start: int, count: int) -> NDArray[np.float64]:
    """Return numbers of s15Fixed16 as float64. Raises LatticeError if the bytes end before."""
    if start + 4 * count > len(data):
        raise LatticeError(f"expected {count} numbers of a tag, got a tag cut short at byte {len(data):,}")
    return np.frombuffer(data, ">i4", count, start) / ONE


def text_of(data: bytes) -> str:
    """Return the text of a tag in one line: of text, desc, or the first language of mluc; "" of another."""
    if data[:4] == b"mluc" and len(data) >= 28:
        length, start = struct.unpack_from(">2I", data, 20)
        found = _decoded(data, start, length)
    else:
        start = {b"text": 8, b"desc": 12}.get(data[:4], len(data))
        found = data[start : start + MOST_TEXT].split(b"\0")[0].decode("latin-1")
    return " ".join("".join(letter if letter.isprintable() else " " for letter in found).split())


def _decoded(data: bytes, start: int, length: int) -> str:
    return data[start : start + min(length, 2 * MOST_TEXT)].decode("utf-16-be", "replace")


def facts_of(data: bytes) -> list[tuple[str, str]]:
    """Return names and values of a tag of type dict, in order."""
    if data[:4] != b"dict" or len(data) < 16:
        return []
    count, record = struct.unpack_from(">2I", data, 8)
    record = max(record, RECORD)
    count = min(count, MOST_FACTS, (len(data) - 16) // record)
    places = [struct.unpack_from(">4I", data, 16 + record * k) for k in range(count)]
    return [(_decoded(data, *place[:2]), _decoded(data, *place[2:])) for place in places]


def text(words: str) -> bytes:
    """Return a tag of type mluc in English."""
    encoded = words.encode("utf-16-be", "replace")
    return b"mluc" + bytes(4) + struct.pack(">2I4s2I", 1, 12, ENGLISH, len(encoded), 28) + encoded


def facts(pairs: Iterable[tuple[str, str]]) -> bytes:
    """Return a tag of type dict of names and values."""
    encoded = [[part.encode("utf-16-be", "replace") for part in pair] for pair in pairs]
    places, values, start = b"", b"", 16 + RECORD * len(encoded)
    for part in (part for pair in encoded for part in pair):
        places += struct.pack(">2I", start + len(values), len(part))
        values += part
    return b"dict" + bytes(4) + struct.pack(">2I", len(encoded), RECORD) + places + values


def assembled(kinds: tuple[bytes, bytes, bytes], tags: Mapping[bytes, bytes]) -> bytes:
    """Return the bytes of a profile of version 4.3: the same for the same tags, with the digest as its identity.

    kinds: four letters each: device class, space, and profile connection space.
    """
    start, data, table = HEADER + 4 + 12 * len(tags), b"", struct.pack(">I", len(tags))
    for name, value in tags.items():
        table += struct.pack(">4s2I", name, start + len(data), len(value))
        data += value + bytes(-len(value) % 4)

    def header(identity: bytes) -> bytes:
        front = struct.pack(">I4xI4s4s4s6H4s28x", start + len(data), VERSION, *kinds, *WRITTEN, MAGIC)
        return front + struct.pack(">3I4x16s28x", *D50, identity)

    digest = hashlib.md5(header(bytes(16)) + table + data, usedforsecurity=False).digest()
    return header(digest) + table + data
