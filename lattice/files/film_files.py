"""10-bit logarithmic film files, DPX and Cineon: what their headers say, and the bytes of new ones.

Sources: SMPTE ST 268:2003 (DPX); Kodak, "Cineon File Format", 4.5 (1993).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lattice.files.facts import Codes, Facts, aspect_of, check_shape, expect, text_of
from lattice.types import LatticeError

BITS, LARGEST = 10, 1023
UNDEFINED = 2**32 - 1
DPX_SIZE, CINEON_SIZE = 2048, 2048  # bytes of header that are read and written
DPX_MAGICS, CINEON_MAGICS = (b"SDPX", b"XPDS"), (b"\x80\x2a\x5f\xd7", b"\xd7\x5f\x2a\x80")
# Field: byte offset, type without byte order.
DPX = {
    "offset": (4, "I"), "version": (8, "8s"), "file size": (16, "I"), "new frame": (20, "I"), "generic": (24, "I"),
    "industry": (28, "I"), "user": (32, "I"), "creator": (160, "100s"), "project": (260, "200s"), "key": (660, "I"),
    "orientation": (768, "H"), "elements": (770, "H"), "width": (772, "I"), "height": (776, "I"), "sign": (780, "I"),
    "low code": (784, "I"), "low density": (788, "f"), "high code": (792, "I"), "high density": (796, "f"),
    "descriptor": (800, "B"), "transfer": (801, "B"), "colorimetric": (802, "B"), "bits": (803, "B"),
    "packing": (804, "H"), "encoding": (806, "H"), "data": (808, "I"), "line padding": (812, "I"),
    "image padding": (816, "I"), "aspect across": (1628, "I"), "aspect down": (1632, "I"), "time code": (1920, "I"),
}
CINEON = {
    "offset": (4, "I"), "generic": (8, "I"), "industry": (12, "I"), "user": (16, "I"), "file size": (20, "I"),
    "version": (24, "8s"), "orientation": (192, "B"), "elements": (193, "B"), "bits": (198, "B"), "width": (200, "I"),
    "height": (204, "I"), "label": (452, "200s"), "interleave": (680, "B"), "packing": (681, "B"), "signed": (682, "B"),
    "sense": (683, "B"), "line padding": (684, "I"), "channel padding": (688, "I"),
}
CINEON_ELEMENT, CINEON_ELEMENTS = 196, 8  # byte offset; 28 bytes each
CINEON_UNDEFINED = (420, 452), (712, 720), (948, 960)  # numbers nobody gives: white and primaries, offsets, pitches
DPX_UNDEFINED = (1408, 1432), (1620, 1628), (1636, 1644), (1712, 1732), (1920, 1928), (1932, 1972)
DPX_DESCRIPTORS = {50: "R, G, B", 51: "R, G, B, A"}
# What code values are taken as by their transfer characteristic: user-defined, printing density, linear, logarithmic,
# SMPTE 274M and BT.709 (one curve), not said. Source: ST 268, table 5A.
DPX_TRANSFERS = {0: "cineon", 1: "cineon", 2: "linear", 3: "cineon", 5: "rec709", 6: "rec709", 255: "cineon"}
PRINTING_DENSITY, FILLED_A, HIGH_DENSITY = 1, 1, 2.046  # 0.002 a code
FINEST_ASPECT = 1000  # denominator


def look_at_dpx(path: Path, data: bytes, size: int, where: str) -> Facts:
    """What a DPX says. data: its first bytes, DPX_SIZE or more. size: of the file. Raises LatticeError where it is cut
    short or of a kind that is not read: more than one element, run-length encoded, not R, G, B."""
    said = _fields(data, DPX, DPX_MAGICS, where)
    expect(where, "image elements", {1: ""}, said["elements"])
    expect(where, "descriptor", DPX_DESCRIPTORS, said["descriptor"])
    expect(where, "encoding", {0: "none"}, said["encoding"])
    expect(where, "bits", dict.fromkeys((8, 10, 12, 16), ""), said["bits"])
    expect(where, "data sign", {0: "unsigned"}, said["sign"])
    expect(where, "orientation", {0: "top left"}, said["orientation"])
    channels, bits = said["descriptor"] - 47, said["bits"]
    if (channels, bits) == (4, BITS):
        expect(where, "packing of R, G, B, A", {FILLED_A: "filled words, method A"}, said["packing"])
    check_shape((said["width"], said["height"]), channels, where)
    _check_whole(said, _start(said), _line_bytes(said["width"] * channels, bits, said["packing"]), size, where)
    code = said["time code"]
    return Facts((said["width"], said["height"]), channels, bits, DPX_TRANSFERS.get(said["transfer"]),
                 f"transfer {said['transfer']}", aspect=_aspect(said), timecode=None if code == UNDEFINED else code,
                 note=text_of(said["project"]))


def look_at_cineon(path: Path, data: bytes, size: int, where: str) -> Facts:
    """What a Cineon file says; all else as for `look_at_dpx`."""
    said = _fields(data, CINEON, CINEON_MAGICS, where)
    expect(where, "channels", {3: "R, G, B"}, said["elements"])
    expect(where, "bits", {10: ""}, said["bits"])
    expect(where, "interleave", {0: "by pixel"}, said["interleave"])
    expect(where, "packing", {5: "32-bit words"}, said["packing"])
    expect(where, "orientation", {0: "top left"}, said["orientation"])
    check_shape((said["width"], said["height"]), 3, where)
    _check_whole(said, said["offset"], _line_bytes(said["width"] * 3, BITS, FILLED_A), size, where)
    return Facts((said["width"], said["height"]), 3, BITS, "cineon", note=text_of(said["label"]))


def pack_dpx(codes: Codes) -> Iterable[bytes]:
    """The bytes of a DPX. codes: pixels (H, W, 3 or 4) uint16 in 0 to 1023; alpha is stored as it is."""
    from lattice import __version__

    words = _packed(codes.pixels)
    width, height = codes.size
    aspect = Fraction(codes.aspect).limit_denominator(FINEST_ASPECT)
    yield _header(DPX_SIZE, DPX_MAGICS[0], DPX, DPX_UNDEFINED, {
        "offset": DPX_SIZE, "version": b"V2.0", "file size": DPX_SIZE + words.nbytes, "new frame": 1, "generic": 1664,
        "industry": 384, "creator": f"lattice {__version__}".encode(), "project": codes.note.encode(),
        "key": UNDEFINED, "elements": 1, "width": width, "height": height, "high code": LARGEST,
        "high density": HIGH_DENSITY, "descriptor": 47 + codes.pixels.shape[2], "transfer": PRINTING_DENSITY,
        "colorimetric": PRINTING_DENSITY, "bits": BITS, "packing": FILLED_A, "data": DPX_SIZE,
        "aspect across": aspect.numerator, "aspect down": aspect.denominator,
        "time code": UNDEFINED if codes.timecode is None else codes.timecode})
    yield words.tobytes()


def pack_cineon(codes: Codes) -> Iterable[bytes]:
    """The bytes of a Cineon file. codes: pixels (H, W, 3) uint16 in 0 to 1023. It has no place for aspect and time."""
    words = _packed(codes.pixels)
    width, height = codes.size
    header = bytearray(_header(CINEON_SIZE, CINEON_MAGICS[0], CINEON, CINEON_UNDEFINED, {
        "offset": CINEON_SIZE, "generic": 1024, "industry": 1024, "file size": CINEON_SIZE + words.nbytes,
        "version": b"V4.5", "elements": 3, "label": codes.note.encode(), "packing": 5}))
    for k in range(CINEON_ELEMENTS):  # designator: red, green, blue are 1, 2, 3; codes and densities, low and high
        given = (0, k + 1, BITS, 0, width, height, 0, 0.0, LARGEST, HIGH_DENSITY) if k < 3 else (0,) * 10
        struct.pack_into(">4B2I4f", header, CINEON_ELEMENT + 28 * k, *given)
    yield bytes(header)
    yield words.tobytes()


def unpack_dpx(data: bytes, where: str) -> NDArray[Any]:
    """(H, W, 4) uint16 of a DPX of 10-bit R, G, B, A, which OpenImageIO 3.2 reads wrong: where a line's last word holds
    one code only, it is given as 0. data: a whole file that `look_at_dpx` takes."""
    said = _fields(data, DPX, DPX_MAGICS, where)
    width, height = said["width"], said["height"]
    count = -(-width * 4 // 3)
    stride = 4 * count + (0 if said["line padding"] == UNDEFINED else said["line padding"])
    lines = np.zeros((height, stride), np.uint8)
    stored = np.frombuffer(data, np.uint8, offset=_start(said))[:lines.size]
    lines.reshape(-1)[:stored.size] = stored
    words = np.ascontiguousarray(lines[:, :4 * count]).view(">u4" if data[:4] == DPX_MAGICS[0] else "<u4")
    samples = np.stack([words >> 22, words >> 12, words >> 2], axis=-1).reshape(height, -1) & LARGEST
    return samples[:, :4 * width].reshape(height, width, 4).astype(np.uint16)


def _packed(pixels: NDArray[Any]) -> NDArray[Any]:
    """(H, words) of three 10-bit codes from the highest bits down, big-endian; each line begins with a new word."""
    height, width, channels = pixels.shape
    count = -(-width * channels // 3)
    samples = np.zeros((height, 3 * count), np.uint32)
    samples[:, :width * channels] = pixels.reshape(height, -1)
    return (samples[:, 0::3] << 22 | samples[:, 1::3] << 12 | samples[:, 2::3] << 2).astype(">u4")


def _header(size: int, magic: bytes, fields: dict[str, tuple[int, str]], undefined: Iterable[tuple[int, int]],
            given: dict[str, Any]) -> bytes:
    header = bytearray(size)
    header[:4] = magic
    for start, end in undefined:
        header[start:end] = b"\xff" * (end - start)
    for name, value in given.items():
        offset, kind = fields[name]
        struct.pack_into(">" + kind, header, offset, value)
    return bytes(header)


def _fields(data: bytes, fields: dict[str, tuple[int, str]], magics: tuple[bytes, ...], where: str) -> dict[str, Any]:
    longest = max(offset + struct.calcsize("=" + kind) for offset, kind in fields.values())
    if len(data) < longest:
        raise LatticeError(f"{where}: header: expected {longest} bytes, got a file cut short at byte {len(data)}")
    order = ">" if data[:4] == magics[0] else "<"
    return {name: struct.unpack_from(order + kind, data, offset)[0] for name, (offset, kind) in fields.items()}


def _line_bytes(samples: int, bits: int, packing: int) -> int:
    """The least that a line takes: samples follow each other, three fill a word, or each takes two bytes."""
    if bits == 10 and packing:
        return 4 * -(-samples // 3)
    return 2 * samples if bits == 12 and packing else -(-samples * bits // 8)


def _check_whole(said: dict[str, Any], start: int, line: int, size: int, where: str) -> None:
    """Raise LatticeError where a file is shorter than it says, or than its pixels are."""
    told = 0 if said["file size"] == UNDEFINED else said["file size"]
    padding = 0 if said["line padding"] == UNDEFINED else said["line padding"]
    least = start + said["height"] * (line + padding) - padding
    if size < max(told, least):
        raise LatticeError(f"{where}: expected {max(told, least)} bytes, got a file cut short at byte {size}")


def _start(said: dict[str, Any]) -> int:
    """The byte at which a DPX's pixels begin."""
    return said["offset"] if said["data"] in (0, UNDEFINED) else said["data"]


def _aspect(said: dict[str, Any]) -> float:
    across, down = said["aspect across"], said["aspect down"]
    return 1.0 if UNDEFINED in (across, down) else aspect_of(across, down)
