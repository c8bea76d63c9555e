"""Parse the headers of TIFF, Radiance HDR, PNG and JPEG files through OpenImageIO."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from lattice.files.images.oiio import opened
from lattice.files.images.spec import ImageSpec, aspect_of, check_range, check_shape, color_tags, expect
from lattice.types import LatticeError

BITS = {"uint8": 8, "uint16": 16, "half": 16, "float": 32}
# Source: TIFF 6.0 and its supplements, PhotometricInterpretation.
RGB = 2
PHOTOMETRICS = {0: "gray", 1: "gray", 3: "a palette", 5: "CMYK", 6: "YCbCr", 8: "Lab", 32844: "LogL", 32845: "LogLuv"}
HDR_END = b"\n\n"  # end of the header lines; the line with the size follows
NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"  # matches in one way only: no search takes long
PRIMARIES = re.compile(rf"^PRIMARIES=\s*((?:{NUMBER}\s+){{7}}{NUMBER})\s*$", re.MULTILINE)
PIXEL_ASPECT = re.compile(rf"^PIXASPECT=\s*({NUMBER})\s*$", re.MULTILINE)
HDR_KIND = "32-bit_rle_rgbe"


def tiff_spec(path: Path, data: bytes, size: int, where: str) -> ImageSpec:
    """Parse a TIFF header: integers are sRGB, floats linear. Raises LatticeError if the file is not one page of upright
    R, G, B or R, G, B, A in 8 or 16 bits or in floats; LogLuv is refused because OpenImageIO reads 8 bits of it."""
    with opened(path, "tiff", where) as file:
        spec = file.spec()
        given = {each.name: each.value for each in spec.extra_attribs}
        more = file.seek_subimage(1, 0)
    photometric = given.get("tiff:PhotometricInterpretation", RGB)
    got = PHOTOMETRICS.get(photometric, f"photometric interpretation {photometric}")
    if given.get("tiff:ColorSpace") == "LOGLUV":  # OpenImageIO presents the pixels as R, G, B
        got, photometric = "LogLuv", None
    if photometric != RGB:
        raise LatticeError(f"{where}: expected an RGB TIFF, got {got}")
    if more:
        raise LatticeError(f"{where}: pages: expected 1, got more")
    kind = str(spec.format)
    if kind not in BITS or given.get("oiio:BitsPerSample", BITS[kind]) not in (8, 16, BITS[kind]):
        raise LatticeError(f"{where}: bits: expected 8, 16 or floats, got {given.get('oiio:BitsPerSample')} ({kind})")
    made = _made(spec, given, where, BITS[kind], kind in ("half", "float"))
    if spec.nchannels == 4 and spec.alpha_channel != 3:
        raise LatticeError(f"{where}: channels: expected R, G, B, A, got {', '.join(spec.channelnames)}")
    return made


def hdr_spec(path: Path, data: bytes, size: int, where: str) -> ImageSpec:
    """Parse a Radiance HDR header: linear, with the chromaticities of PRIMARIES if present; EXPOSURE is not undone.
    Raises LatticeError if FORMAT is not HDR_KIND, the image is not upright, or PRIMARIES or PIXASPECT is too large."""
    head = data.partition(HDR_END)[0].decode("ascii", "replace")
    kind = re.search(r"^FORMAT=\s*(\S+)\s*$", head, re.MULTILINE)
    expect(where, "FORMAT", {HDR_KIND: ""}, kind[1] if kind else "none")
    with opened(path, "hdr", where) as file:
        spec = file.spec()
    named, aspect = PRIMARIES.search(head), PIXEL_ASPECT.search(head)
    primaries = tuple(map(float, named[1].split())) if named else ()
    tall = float(aspect[1]) if aspect and float(aspect[1]) > 0 else 1.0  # height over width
    check_range(where, "PRIMARIES", primaries)
    check_range(where, "PIXASPECT", (tall, 1 / tall))
    given = {each.name: each.value for each in spec.extra_attribs} | {"PixelAspectRatio": 1 / tall}
    return replace(_made(spec, given, where, 32, True, primaries or None), says_transfer=True)


def png_spec(path: Path, data: bytes, size: int, where: str) -> ImageSpec:
    """Parse the header of a PNG that we wrote. Raises LatticeError if it cannot be opened."""
    with opened(path, "png", where) as file:
        spec = file.spec()
    return _made(spec, {each.name: each.value for each in spec.extra_attribs}, where, 8, False)


def jpeg_spec(path: Path, data: bytes, size: int, where: str) -> ImageSpec:
    """Parse the header of a JPEG that we wrote. Raises LatticeError if it cannot be opened."""
    with opened(path, "jpeg", where) as file:
        spec = file.spec()
    return _made(spec, {each.name: each.value for each in spec.extra_attribs}, where, 8, False)


def _made(
    spec: Any,
    given: dict[str, Any],
    where: str,
    bits: int,
    is_float: bool,
    chromaticities: tuple[float, ...] | None = None,
) -> ImageSpec:
    check_shape((spec.width, spec.height), spec.nchannels, where)
    expect(where, "orientation", {1: "top left"}, given.get("Orientation", 1))
    return ImageSpec(
        (spec.width, spec.height),
        spec.nchannels,
        bits,
        "linear" if is_float else "srgb",
        is_float=is_float,
        straight=bool(given.get("oiio:UnassociatedAlpha", 0)),
        chromaticities=chromaticities,
        aspect=aspect_of(float(given.get("PixelAspectRatio", 1.0)), 1.0),
        note=str(given.get("ImageDescription", "")),
        has_profile="ICCProfile" in given,
        tags=color_tags(bytes(given.get("ICCProfile", ())), given.get("CICP")),
    )
