"""The register of image formats that are no EXR. A new format is one record."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lattice.files.images import cineon, dpx, oiio_specs, png, tiff
from lattice.files.images.spec import EncodedImage, ImageSpec
from lattice.types import Pixels

Look = Callable[[Path, bytes, int, str], ImageSpec]


@dataclass(frozen=True)
class Format:
    """A kind of image file.

    plugin: what OpenImageIO calls it. magics: how its files begin.
    look: what a file says of itself, from its path, first bytes, size and name for messages. is_source: whether one can
        be graded; else it is only written.
    bits: of a written code value, none where it is not written; the last, 32, are floats for a source of floats. log:
        the codes hold printing density, not what a display is sent.
    alpha: whether what is written holds alpha, and whether color is multiplied by it ("of its own": it is, and alpha is
        kept of files of the same format only, because many who read four channels of others read them wrong).
    unpack: code values of a whole file's bytes, and its name for messages; None where OpenImageIO reads them.
    pack: the bytes of a new file; None where OpenImageIO writes it, with a loss. end: how a written file ends, where
        readers take it without.
    """

    name: str
    suffixes: tuple[str, ...]
    plugin: str
    magics: tuple[bytes, ...]
    look: Look
    is_source: bool = True
    bits: tuple[int, ...] = ()
    log: bool = False
    alpha: Literal["none", "of its own", "straight", "as it came"] = "none"
    unpack: Callable[[bytes, str], Pixels] | None = None
    pack: Callable[[EncodedImage], Iterable[bytes]] | None = None
    end: bytes = b""


REGISTER = (
    Format("DPX", (".dpx",), "dpx", dpx.MAGICS, dpx.dpx_spec, bits=(10,), log=True, alpha="of its own",
           unpack=dpx.unpack_dpx, pack=dpx.pack_dpx),
    Format("Cineon", (".cin",), "cineon", cineon.MAGICS, cineon.cineon_spec, bits=(10,), log=True,
           unpack=cineon.unpack_cineon, pack=cineon.pack_cineon),
    Format("Radiance HDR", (".hdr", ".pic"), "hdr", (b"#?",), oiio_specs.hdr_spec),
    Format("TIFF", (".tif", ".tiff"), "tiff", (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), oiio_specs.tiff_spec,
           bits=(16, 32), alpha="as it came", pack=tiff.pack_tiff),
    Format("PNG", (".png",), "png", (png.PNG_MAGIC,), oiio_specs.png_spec, is_source=False, bits=(8,),
           alpha="straight", pack=png.pack_png, end=png.PNG_END),
    Format("JPEG", (".jpg", ".jpeg"), "jpeg", (b"\xff\xd8\xff",), oiio_specs.jpeg_spec, is_source=False, bits=(8,),
           end=b"\xff\xd9"),
)


def format_of(path: str | os.PathLike[str]) -> Format | None:
    """The format that a file's name says; None for an EXR's, and for what no format of the register is called."""
    suffix = Path(path).suffix.lower()
    return next((each for each in REGISTER if suffix in each.suffixes), None)


def suffixes() -> tuple[str, ...]:
    """How an output may be called, EXR first."""
    return ".exr", *(suffix for each in REGISTER if each.bits for suffix in each.suffixes)
