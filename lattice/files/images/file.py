"""Read images other than EXR as scene-linear light; write them from code values."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np

from lattice.color.adx import ADX, BASES
from lattice.color.inputs import encoded
from lattice.color.transfer import TRANSFERS
from lattice.files.frame import Frame
from lattice.files.images import oiio, xmp
from lattice.files.images.formats import REGISTER, Format, format_of, suffixes
from lattice.files.images.header import STAMP, ImageHeader
from lattice.files.images.linearize import to_linear
from lattice.files.images.spec import EncodedImage, ImageSpec
from lattice.files.storage import atomic
from lattice.files.storage.limits import allowed_bytes
from lattice.files.storage.read import DiskSlot, read_bytes
from lattice.types import LatticeError, Pixels

ROWS = 32  # compared at a time
LOOKED_AT = 2**16  # first bytes of a file, for its header
JPEG_DIFFERENCE = 6.0  # code values, mean over all pixels; uniform noise has 3.2


def read_header(path: str | os.PathLike[str], transfer: str = "auto") -> ImageHeader:
    """Read the header of an image, without pixels.

    transfer: key of TRANSFERS, ADX, or the name of an input, that decodes the code values; "auto" goes by the file's
        header.
    Raises LatticeError, one line, if the file is absent, not of its suffix's format, truncated, of a refused kind
    (palette, several pages, rotated) or of a format that is only written, declares more pixels than it
    can hold, has no known transfer for "auto", or OpenImageIO is not installed.
    """
    path, kind = Path(path), _source_format(path)
    oiio.library()
    data = read_bytes(path, LOOKED_AT)
    _check_magic(data, kind, str(path))
    spec = kind.look(path, data, os.stat(path).st_size, str(path))
    check_size(spec, os.stat(path).st_size, str(path))
    if transfer == "auto" and spec.transfer is None:
        names = "|".join((*TRANSFERS, ADX))
        raise LatticeError(f"{path}: {spec.why}: expected code values of a known encoding: add --transfer {names}")
    if spec.coding and transfer not in ("auto", "linear"):
        option = "transfer" if encoded(transfer) is None else "input"
        raise LatticeError(f"{path}: {option}: expected auto for {spec.coding}, which holds light, got {transfer}")
    taken = spec.transfer if transfer == "auto" else transfer
    if taken == ADX and (not kind.log or spec.is_float or spec.bits not in BASES):
        got = f"{kind.name} of {spec.bits} bits"
        raise LatticeError(f"{path}: transfer: expected adx for a DPX or Cineon of 10 or 16 bits alone, got {got}")
    return ImageHeader(kind, spec, taken or "linear", transfer == "auto" and not spec.says_transfer)


def _source_format(path: str | os.PathLike[str]) -> Format:
    kind = format_of(path)
    if kind is None or not kind.is_source:
        sources = ", ".join(each.name for each in REGISTER if each.is_source)
        raise LatticeError(
            f"{path}: expected EXR, {sources}, got "
            + (f"{kind.name}, which is only written" if kind else "another name")
        )
    return kind


def read(path: str | os.PathLike[str], transfer: str = "auto", disk_slot: DiskSlot = nullcontext) -> Frame[ImageHeader]:
    """Read an image as a frame: R, G, B in scene-linear light, A as code / largest code.

    transfer: as for `read_header`. disk_slot: held while bytes are read.
    Raises LatticeError as `read_header` does, and if pixels cannot be decoded or the file changes while it is read.
    """
    path = Path(path)
    header = read_header(path, transfer)
    kind = header.format
    with disk_slot():
        before = os.stat(path)
        data = read_bytes(path)
        codes = _codes(path, kind, header.spec, str(path), data)
        after = os.stat(path)
    if (before.st_ino, before.st_size, before.st_mtime_ns) != (after.st_ino, after.st_size, after.st_mtime_ns):
        raise LatticeError(f"{path}: expected a finished file, got one that changed while it was read")
    if codes.shape != (*header.shape, header.spec.read):
        raise LatticeError(f"{path}: size: expected {header.shape} with {header.spec.read} channels, got {codes.shape}")
    channels = to_linear(codes, header.spec, header.transfer, kind.log, {c.name: c.dtype for c in header.channels})
    return Frame(path, header, channels, hashlib.sha256(data).hexdigest())


def read_codes(path: str | os.PathLike[str]) -> tuple[ImageSpec, Pixels]:
    """Read an image's code values, (H, W, C), integers up to 2 ** bits - 1 or floats; PNG and JPEG, too.

    Raises LatticeError as `read` does, but for no format and no transfer that it cannot take to light.
    """
    path, kind = Path(path), format_of(path)
    if kind is None:
        raise LatticeError(f"{path}: expected EXR, {', '.join(each.name for each in REGISTER)}, got another name")
    oiio.library()
    data, where = read_bytes(path), str(path)
    _check_magic(data, kind, where)
    spec = kind.look(path, data[:LOOKED_AT], len(data), where)
    check_size(spec, len(data), where)
    return spec, _codes(path, kind, spec, where, data)


def write(path: Path, kind: Format, codes: EncodedImage, disk_slot: DiskSlot = nullcontext) -> None:
    """Write an image and verify it before it takes the name `path`. disk_slot: held meanwhile.

    codes: as `kind` packs them; `about` is left out where it has no room. A checksum of the pixels, the color tags and
    `about` is added to the note, but not for JPEG: its pixels change.
    Raises LatticeError, with `path` unchanged, if the disk refuses or the file read back differs: by a bit, or for JPEG
    by more than its quality explains.
    """
    if kind.holds_about is None or not kind.holds_about(codes):
        codes = replace(codes, about="")
    codes = replace(codes, note=_checked(codes.note, kind, codes.pixels, codes.tags + codes.about.encode()))

    def save(temporary: Path) -> None:
        if kind.pack is None:
            oiio.write_jpeg(temporary, codes, str(path))
        else:
            atomic.gather(temporary, kind.pack(codes))

    with disk_slot():
        atomic.make(path, save, lambda temporary: _verify(temporary, path, kind, codes))


def says(path: str | os.PathLike[str], note: str) -> bool:
    """True if the description field starts with `note`, and the pixels and color tags match its CRC.

    The request that the field names is not compared. Pixels are decoded only if the note matches. A JPEG has no CRC:
    its whole description must be `note`. Raises LatticeError if the file is not complete or its format is never
    written.
    """
    kind = _target_format(path)
    path, where = Path(path), str(path)
    data = read_bytes(path)
    spec = _look_again(path, kind, where, data)
    found = _without_request(spec.note)
    if not found.startswith(_without_request(note)):
        return False
    return found == _checked(_without_request(note), kind, _codes(path, kind, spec, where, data), _told(spec, data))


def read_note(path: str | os.PathLike[str]) -> str:
    """Return the description field of a file of a format that is written, without decoding pixels; of a damaged file,
    our stamp among its first bytes.

    Raises LatticeError if the file is absent, or is none of its suffix's format that this program can read.
    """
    kind, where = _target_format(path), str(path)
    data = read_bytes(path, LOOKED_AT)
    _check_magic(data, kind, where)
    try:
        return kind.look(Path(path), data, os.stat(path).st_size, where).note
    except LatticeError:
        stamp = STAMP.search(data.decode("latin-1"))
        if stamp is None:
            raise
        return stamp[0]


def read_about(path: str | os.PathLike[str]) -> str:
    """Return the text that tells how a file was graded; empty if it has none. Raises LatticeError if it cannot be
    read."""
    return xmp.text_in(read_bytes(path))


def check_whole(path: str | os.PathLike[str]) -> None:
    """Raise LatticeError if a file that we wrote is damaged: it does not decode, or not to the codes of its CRC.

    A JPEG has no CRC: it must decode.
    """
    kind = _target_format(path)
    path, where = Path(path), str(path)
    data = read_bytes(path)
    spec = _look_again(path, kind, where, data)
    codes, stamp = _codes(path, kind, spec, where, data), STAMP.fullmatch(spec.note)
    plain = spec.note if kind.pack is None else spec.note.rpartition(" ")[0]
    if stamp is None or spec.note != _checked(plain, kind, codes, _told(spec, data)):
        raise LatticeError(f"{where}: expected the codes that were written, got damaged ones")


def _told(spec: ImageSpec, data: bytes) -> bytes:
    """Return what a file says of its color and of its grade, as bytes for a checksum."""
    return spec.tags + xmp.text_in(data).encode()


def _target_format(path: str | os.PathLike[str]) -> Format:
    kind = format_of(path)
    if kind is None or not kind.bits:
        raise LatticeError(f"{path}: expected a name ending in {', '.join(suffixes())}")
    return kind


def _without_request(note: str) -> str:
    stamp = STAMP.match(note)
    return note if stamp is None or stamp["as"] is None else note.replace(stamp["as"], "", 1)


def _checked(note: str, kind: Format, pixels: Pixels, tags: bytes) -> str:
    if kind.pack is None:
        return note
    crc = 0
    for rows in _bands(pixels):
        crc = zlib.crc32(rows.astype(rows.dtype.newbyteorder("<"), copy=False).tobytes(), crc)
    return f"{note} {zlib.crc32(tags, crc):08x}".lstrip()


def _bands(pixels: Pixels) -> Iterator[Pixels]:
    """Yield a few rows at a time, so that a copy of them takes little memory."""
    return (pixels[top : top + ROWS] for top in range(0, len(pixels), ROWS))


def _look_again(path: Path, kind: Format, where: str, data: bytes) -> ImageSpec:
    """Parse the header of a file that we wrote. Raises LatticeError if it is truncated or declares too many pixels."""
    _check_magic(data, kind, where)
    if not data.endswith(kind.end):
        raise LatticeError(f"{where}: expected the end of a {kind.name}, got a file cut short at byte {len(data)}")
    spec = kind.look(path, data[:LOOKED_AT], len(data), where)
    check_size(spec, len(data), where)
    return spec


def check_size(spec: ImageSpec, file_bytes: int, where: str) -> None:
    """Raise LatticeError if an image, or the picture that it is a part of, declares more code values, tightly packed,
    than a file of `file_bytes` can hold."""
    allowed = allowed_bytes(file_bytes)
    left, top, right, bottom = spec.full or spec.window
    for name, (width, height) in (("size", spec.size), ("full size", (right - left + 1, bottom - top + 1))):
        pixels = width * height * spec.channels * spec.bits // 8
        if pixels > allowed:
            raise LatticeError(
                f"{where}: {name}: expected at most {allowed} bytes of code values in a file of {file_bytes}, "
                f"got {width}x{height} with {spec.channels} channels of {spec.bits} bits: {pixels}"
            )


def _verify(temporary: Path, path: Path, kind: Format, codes: EncodedImage) -> None:
    data = read_bytes(temporary)
    spec = _look_again(temporary, kind, str(path), data)
    pixels, note = _codes(temporary, kind, spec, str(path), data), spec.note
    if pixels.shape != codes.pixels.shape or pixels.dtype != codes.pixels.dtype or note != codes.note:
        raise LatticeError(
            f"{path}: expected {codes.pixels.shape} {codes.pixels.dtype} and its stamp, got "
            f"{pixels.shape} {pixels.dtype} when read again"
        )
    if _told(spec, data) != codes.tags + codes.about.encode():
        raise LatticeError(f"{path}: expected what it says of its color and its grade as given, got others")
    pairs = zip(_bands(pixels), _bands(codes.pixels), strict=True)
    if kind.pack is None:
        off = sum(int(np.abs(got.astype(np.int16) - meant).sum()) for got, meant in pairs) / pixels.size
        if off > JPEG_DIFFERENCE:
            raise LatticeError(f"{path}: expected the picture as given, got one {off:.1f} code values off")
    elif any(got.tobytes() != meant.tobytes() for got, meant in pairs):
        changed = np.count_nonzero((pixels != codes.pixels).any(axis=-1))
        raise LatticeError(f"{path}: expected the codes as given, got {changed} changed pixels when read again")


def _codes(path: Path, kind: Format, spec: ImageSpec, where: str, data: bytes) -> Pixels:
    return oiio.read_codes(path, kind.plugin, spec, where) if spec.unpack is None else spec.unpack(data, where)


def _check_magic(data: bytes, kind: Format, where: str) -> None:
    if not data.startswith(kind.magics):
        raise LatticeError(f"{where}: expected a {kind.name} file, got one that begins with {data[:4]!a}")
