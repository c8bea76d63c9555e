"""Images that are no EXR: seen as one, scene-linear channels under a header of our own; written from code values."""

from __future__ import annotations

import hashlib
import os
import re
import struct
import zlib
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lattice.color.transfer import TRANSFERS
from lattice.files.exr import file as exr
from lattice.files.exr.chunks import FREE_BYTES, MOST_BYTES, MOST_EXPANSION
from lattice.files.exr.codecs import CODECS
from lattice.files.exr.file import IO
from lattice.files.exr.header import CHROMATICITIES, Attribute, Channel, Header, channel_list
from lattice.files.images import oiio as openimageio
from lattice.files.images.formats import REGISTER, Format, format_of, suffixes
from lattice.files.images.linearize import has_shown_alpha, light_of
from lattice.files.images.spec import Codes, Facts
from lattice.files.storage import atomic
from lattice.files.storage.read import read_bytes
from lattice.types import LatticeError

LOOKED_AT = 2**16  # bytes from a file's start
EXACT_BITS = 10  # that come back from halves, whatever the transfer
STAMP = re.compile(r"lattice \S+ (?P<name>.*) sdev:[0-9a-f]{64}( [0-9a-f]{8})?")  # and the codes' checksum
JPEG_DIFFERENCE = 6.0  # code values, on the average of all: uniform noise has 3.2


@dataclass(frozen=True)
class ImageHeader(Header):
    """The header that an image is given. format, facts: what it is. transfer: what its code values are taken as."""

    format: Format = field(default=None, kw_only=True)  # type: ignore[assignment]
    facts: Facts = field(default=None, kw_only=True)  # type: ignore[assignment]
    transfer: str = field(default="linear", kw_only=True)

    @property
    def line(self) -> str:
        """For people: what it is, and what its code values are taken as."""
        return (f"{self.format.name}, {self.facts.bits} bits, taken as {self.transfer}"
                + ("; its ICC profile is not used" if self.facts.has_profile else ""))

    @property
    def plain(self) -> Header:
        """The same, as an EXR's."""
        return Header(self.attributes, self.tiled)


def read_headers(path: str | os.PathLike[str], transfer: str = "auto", deep: bool = False) -> tuple[Header, ...]:
    """The headers of an EXR's parts, or of what an image is seen as; no pixels are read.

    transfer: a key of TRANSFERS, what an image's code values are taken as; "auto" goes by what the file says. An EXR is
    always linear. Raises LatticeError in one line where the file is absent, not what its name says, cut short, of a
    kind that is refused (LogLuv, palette, several pages, gray, turned), or says nothing of its transfer.
    """
    kind = format_of(path)
    if kind is not None:
        return (_header(Path(path), kind, transfer),)
    if transfer != "auto":
        raise LatticeError(f"{path}: transfer: expected auto for an EXR, which holds linear light, got {transfer}")
    return exr.read_headers(path, deep)


def read_parts(path: str | os.PathLike[str], transfer: str = "auto", io: IO = nullcontext) -> tuple[exr.Frame, ...]:
    """The parts of an EXR, or an image as one: R, G, B in scene-linear light, A as its codes over the largest.

    io: held while bytes are read. Raises as `read_headers` does, and where pixels cannot be decoded.
    """
    kind = format_of(path)
    if kind is None:
        return exr.read_parts(path, io=io)
    path = Path(path)
    header = _header(path, kind, transfer)
    with io():
        before = os.stat(path)
        data = read_bytes(path)
        codes = _codes(path, kind, header.facts, str(path), data)
        after = os.stat(path)
    if (before.st_ino, before.st_size, before.st_mtime_ns) != (after.st_ino, after.st_size, after.st_mtime_ns):
        raise LatticeError(f"{path}: expected a finished file, got one that changed while it was read")
    if codes.shape != (*header.shape, header.facts.channels):
        raise LatticeError(f"{path}: size: expected {header.shape} with {header.facts.channels} channels, "
                           f"got {codes.shape}")
    channels = light_of(codes, header.facts, header.transfer, kind.log, {c.name: c.dtype for c in header.channels})
    return (exr.Frame(path, header, channels, hashlib.sha256(data).hexdigest()),)


def write(path: Path, kind: Format, codes: Codes, io: IO = nullcontext) -> None:
    """Write an image, and read it again before it takes the name `path`. io: held meanwhile.

    codes: as `kind` packs them; to their note a checksum of the pixels is added, but for JPEG, whose pixels change.
    Raises LatticeError, with nothing changed at `path`, where the disk refuses or what was written differs: by a bit,
    or for JPEG by more than its quality explains.
    """
    codes = replace(codes, note=_checked(codes.note, kind, codes.pixels))

    def save(temporary: Path) -> None:
        if kind.pack is None:
            openimageio.write_jpeg(temporary, codes, str(path))
        else:
            atomic.gather(temporary, kind.pack(codes))

    with io():
        atomic.make(path, save, lambda temporary: _verify(temporary, path, kind, codes))


def says(path: str | os.PathLike[str], note: str) -> bool:
    """Whether an image of a format that is written says `note`, and holds the pixels that it was written with; those
    are decoded only where it does. Raises LatticeError where it is not whole."""
    kind = format_of(path)
    if kind is None or not kind.bits:
        raise LatticeError(f"{path}: expected a name ending in {', '.join(suffixes())}")
    path, where = Path(path), str(path)
    data = read_bytes(path)
    facts = _look_again(path, kind, where, data)
    if not facts.note.startswith(note):
        return False
    return facts.note == _checked(note, kind, _codes(path, kind, facts, where, data))


def _checked(note: str, kind: Format, pixels: NDArray[Any]) -> str:
    if kind.pack is None:
        return note
    return f"{note} {zlib.crc32(pixels.astype(pixels.dtype.newbyteorder('<'), copy=False).tobytes()):08x}".lstrip()


def _look_again(path: Path, kind: Format, where: str, data: bytes) -> Facts:
    """What a file that was written says. Raises LatticeError where it is cut short, or larger than can be true."""
    _check_magic(data, kind, where)
    if not data.endswith(kind.end):
        raise LatticeError(f"{where}: expected the end of a {kind.name}, got a file cut short at byte {len(data)}")
    facts = kind.look(path, data[:LOOKED_AT], len(data), where)
    check_size(facts, len(data), where)
    return facts


def check_size(facts: Facts, file_bytes: int, where: str) -> None:
    """Raise LatticeError where an image declares more code values than a file of this size can hold, packed."""
    (width, height), allowed = facts.size, min(MOST_BYTES, max(FREE_BYTES, MOST_EXPANSION * file_bytes))
    pixels = width * height * facts.channels * facts.bits // 8
    if pixels > allowed:
        raise LatticeError(f"{where}: size: expected at most {allowed} bytes of code values in a file of {file_bytes}, "
                           f"got {width}x{height} with {facts.channels} channels of {facts.bits} bits: {pixels}")


def _verify(temporary: Path, path: Path, kind: Format, codes: Codes) -> None:
    data = read_bytes(temporary)
    facts = _look_again(temporary, kind, str(path), data)
    pixels, note = _codes(temporary, kind, facts, str(path), data), facts.note
    if pixels.shape != codes.pixels.shape or pixels.dtype != codes.pixels.dtype or note != codes.note:
        raise LatticeError(f"{path}: expected {codes.pixels.shape} {codes.pixels.dtype} and its stamp, got "
                           f"{pixels.shape} {pixels.dtype} when read again")
    if kind.pack is None:
        off = float(np.abs(pixels.astype(np.int16) - codes.pixels).mean())
        if off > JPEG_DIFFERENCE:
            raise LatticeError(f"{path}: expected the picture as given, got one {off:.1f} code values off")
    elif pixels.tobytes() != codes.pixels.tobytes():
        changed = np.count_nonzero((pixels != codes.pixels).any(axis=-1))
        raise LatticeError(f"{path}: expected the codes as given, got {changed} changed pixels when read again")


def _codes(path: Path, kind: Format, facts: Facts, where: str, data: bytes) -> NDArray[Any]:
    return openimageio.read_codes(path, kind.plugin, facts, where) if kind.unpack is None else kind.unpack(data, where)


def _check_magic(data: bytes, kind: Format, where: str) -> None:
    if not data.startswith(kind.magics):
        raise LatticeError(f"{where}: expected a {kind.name} file, got one that begins with {data[:4]!a}")


def _header(path: Path, kind: Format, transfer: str) -> ImageHeader:
    if not kind.is_source:
        sources = ", ".join(each.name for each in REGISTER if each.is_source)
        raise LatticeError(f"{path}: expected EXR, {sources}, got {kind.name}, which is only written")
    openimageio.library()
    data = read_bytes(path, LOOKED_AT)
    _check_magic(data, kind, str(path))
    facts = kind.look(path, data, os.stat(path).st_size, str(path))
    check_size(facts, os.stat(path).st_size, str(path))
    if transfer == "auto" and facts.transfer is None:
        raise LatticeError(f"{path}: {facts.why}: expected one whose light is known; transfer "
                           f"{', '.join(TRANSFERS)} says what it is")
    taken = facts.transfer if transfer == "auto" else transfer
    return ImageHeader(_attributes(facts, kind.log), False, format=kind, facts=facts, transfer=taken or "linear")


def _attributes(facts: Facts, is_log: bool) -> dict[str, Attribute]:
    """An EXR's attributes for an image, as ZIP scanlines; what the file says of aspect, time code and primaries too."""
    width, height = facts.size
    is_exact = not facts.is_float and facts.bits <= EXACT_BITS and not has_shown_alpha(facts, is_log)
    dtype = "float16" if is_exact else "float32"
    window = Attribute("box2i", struct.pack("<4i", 0, 0, width - 1, height - 1))
    attributes = {
        "channels": channel_list(Channel(name, dtype if name != "A" else "float32", False, (1, 1))
                                 for name in "RGBA"[:facts.channels]),
        "compression": Attribute("compression", bytes([[codec.name for codec in CODECS].index("ZIP")])),
        "dataWindow": window, "displayWindow": window, "lineOrder": Attribute("lineOrder", bytes(1)),
        "pixelAspectRatio": Attribute.floats("float", facts.aspect),
        "screenWindowCenter": Attribute.floats("v2f", 0.0, 0.0), "screenWindowWidth": Attribute.floats("float", 1.0),
    }
    if facts.chromaticities is not None:
        attributes["chromaticities"] = Attribute("chromaticities", CHROMATICITIES.pack(*facts.chromaticities))
    if facts.timecode is not None:
        attributes["timeCode"] = Attribute("timecode", struct.pack("<2I", facts.timecode, 0))
    stamp = STAMP.fullmatch(facts.note)
    if stamp is not None:  # what marks a graded EXR
        attributes["sdev:name"] = Attribute.text(stamp["name"])
    return attributes
