"""Register of image formats other than EXR. A new format is one record."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lattice.files.images import cineon, dpx, jpeg, oiio_specs, png, tiff, tiff_spec, xmp
from lattice.files.images.spec import EncodedImage, ImageSpec

Look = Callable[[Path, bytes, int, str], ImageSpec]


@dataclass(frozen=True)
class Format:
    """An image file format.

    plugin: OpenImageIO's name for it. magics: first bytes of its files.
    look: parses a file's header, from path, first bytes, size in bytes and name for messages.
    is_source: True if its files can be graded; otherwise the format is only written.
    bits: per written code value, empty if the format is never written. The last one is for a float source: 32 means
        floats.
    log: codes hold printing density, not display code values.
    alpha: "none", never written; "straight", written unmultiplied; "as it came", written multiplied or straight as in
        the source; "of its own", written multiplied, and only if the source had this format: many readers misread
        4-channel DPX.
    pack: bytes of a new file; None if OpenImageIO writes it, with loss.
    copies: memory at the peak of writing a file and reading it again, in multiples of its code values.
    tags: what a written file says of its color, fields of EncodedImage.
    holds_about: whether a written file has room for the text `about`; None if none has.
    end: last bytes of a written file, for formats whose readers accept a file without them.
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
    pack: Callable[[EncodedImage], Iterable[bytes]] | None = None
    copies: float = 1
    tags: tuple[Literal["icc", "cicp"], ...] = ()
    holds_about: Callable[[EncodedImage], bool] | None = None
    end: bytes = b""


REGISTER = (
    Format(
        "DPX",
        (".dpx",),
        "dpx",
        dpx.MAGICS,
        dpx.dpx_spec,
        bits=(10,),
        log=True,
        alpha="of its own",
        pack=dpx.pack_dpx,
        copies=4.5,
        holds_about=dpx.has_room,
    ),
    Format(
        "Cineon",
        (".cin",),
        "cineon",
        cineon.MAGICS,
        cineon.cineon_spec,
        bits=(10,),
        log=True,
        pack=cineon.pack_cineon,
        copies=4.5,
    ),
    Format("Radiance HDR", (".hdr", ".pic"), "hdr", (b"#?",), oiio_specs.hdr_spec),
    Format(
        "TIFF",
        (".tif", ".tiff"),
        "tiff",
        (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
        tiff_spec.tiff_spec,
        bits=(16, 32),
        alpha="as it came",
        pack=tiff.pack_tiff,
        copies=3.3,
        tags=("icc",),
        holds_about=xmp.has_room,
    ),
    Format(
        "PNG",
        (".png",),
        "png",
        (png.PNG_MAGIC,),
        oiio_specs.png_spec,
        is_source=False,
        bits=(8,),
        alpha="straight",
        pack=png.pack_png,
        copies=3.5,
        tags=("icc", "cicp"),
        holds_about=xmp.has_room,
        end=png.PNG_END,
    ),
    Format(
        "JPEG",
        (".jpg", ".jpeg"),
        "jpeg",
        (b"\xff\xd8\xff",),
        oiio_specs.jpeg_spec,
        is_source=False,
        bits=(8,),
        copies=3.2,
        tags=("icc",),
        holds_about=jpeg.has_room,
        end=b"\xff\xd9",
    ),
)


def format_of(path: str | os.PathLike[str]) -> Format | None:
    """Return the format of the file name's suffix, in any case; None for EXR and for names not in the register."""
    suffix = Path(path).suffix.lower()
    return next((each for each in REGISTER if suffix in each.suffixes), None)


def suffixes() -> tuple[str, ...]:
    """Return the suffixes that an output may have, EXR first."""
    return ".exr", *(suffix for each in REGISTER if each.bits for suffix in each.suffixes)
