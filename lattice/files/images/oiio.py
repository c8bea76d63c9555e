"""Read and write code values with OpenImageIO; its color conversion is never used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from lattice.errors import one_line
from lattice.files.images import jpeg
from lattice.files.images.spec import EncodedImage, ImageSpec
from lattice.types import LatticeError, Pixels

INSTALL = "pip install '.[images]'"
ASIS = {"oiio:UnassociatedAlpha": 1, "oiio:RawColor": 1}  # do not multiply by alpha; do not guess a color space
JPEG = {"compression": "jpeg:95", "jpeg:subsampling": "4:4:4"}


def library() -> Any:
    """Return the OpenImageIO module. Raises LatticeError if it is not installed."""
    try:
        import OpenImageIO
    except ImportError as error:
        raise LatticeError(f"OpenImageIO is needed for images that are no EXR: {INSTALL} ({error})") from None
    return OpenImageIO


@contextmanager
def opened(path: Path, plugin: str, where: str) -> Iterator[Any]:
    """Yield the file opened by OpenImageIO's reader `plugin`. Raises LatticeError if it cannot be opened or has another
    format."""
    oiio = library()
    wanted = oiio.ImageSpec()
    for name, value in ASIS.items():
        wanted.attribute(name, value)
    file = oiio.ImageInput.open(_name(path, where), wanted)
    if file is None:
        raise LatticeError(f"{where}: cannot be read: {one_line(oiio.geterror())}")
    try:
        if file.format_name() != plugin:
            raise LatticeError(f"{where}: expected what its name says, got a file of kind {file.format_name()}")
        yield file
    finally:
        file.close()
        file.geterror()


def read_codes(path: Path, plugin: str, header: ImageSpec, where: str) -> Pixels:
    """Return the first `header.read` samples, (H, W, C), as OpenImageIO gives them: uint8, uint16 (10 and 12 bits in
    the high bits), float16, float32.

    header: as parsed before. Raises LatticeError if the header has changed, the pixels do not fit in memory,
        or a pixel cannot be read.
    """
    with opened(path, plugin, where) as file:
        spec = file.spec()
        wanted, got = (
            (*header.size, header.channels, _type_of(header)),
            (spec.width, spec.height, spec.nchannels, str(spec.format)),
        )
        if wanted != got:
            raise LatticeError(f"{where}: expected width, height, channels, type {wanted}, got {got}")
        try:
            pixels = file.read_image(0, 0, 0, header.read, spec.format)
        except MemoryError:
            raise LatticeError(f"{where}: expected pixels that fit in memory, got {spec.width}x{spec.height}") from None
        if pixels is None or file.has_error:
            raise LatticeError(f"{where}: cannot be decoded: {one_line(file.geterror()) or 'damaged'}")
    return np.asarray(pixels)


def _type_of(header: ImageSpec) -> str:
    if header.is_float:
        return "half" if header.bits == 16 else "float"
    return "uint8" if header.bits == 8 else "uint16"


def write_jpeg(path: Path, codes: EncodedImage, where: str) -> None:
    """Write a JPEG of quality 95 without chroma subsampling. codes: pixels (H, W, 3) uint8. Raises LatticeError if it
    cannot be written."""
    oiio = library()
    spec = oiio.ImageSpec(*codes.size, 3, "uint8")
    for name, value in {**JPEG, "ImageDescription": codes.note, "PixelAspectRatio": codes.aspect}.items():
        spec.attribute(name, value)
    if codes.icc:
        spec.attribute("ICCProfile", f"uint8[{len(codes.icc)}]", np.frombuffer(codes.icc, np.uint8))
    file = oiio.ImageOutput.create("jpeg")
    done = file.open(_name(path, where), spec) and file.write_image(codes.pixels) and file.close()
    if not done:
        raise LatticeError(f"{where}: cannot be written: {one_line(file.geterror())}")
    if codes.about:
        path.write_bytes(jpeg.with_packet(path.read_bytes(), codes.about))


def _name(path: Path, where: str) -> str:
    try:
        return str(path).encode().decode()
    except UnicodeEncodeError:
        raise LatticeError(f"{where}: expected a name in UTF-8, which OpenImageIO needs, got another") from None
