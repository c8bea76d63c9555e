"""Parse the headers of Radiance HDR, PNG and JPEG files through OpenImageIO."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from lattice.files.images.oiio import opened
from lattice.files.images.spec import ImageSpec, aspect_of, check_range, check_shape, color_tags, expect

HDR_END = b"\n\n"  # end of the header lines; the line with the size follows
NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"  # matches in one way only: no search takes long
PRIMARIES = re.compile(rf"^PRIMARIES=\s*((?:{NUMBER}\s+){{7}}{NUMBER})\s*$", re.MULTILINE)
PIXEL_ASPECT = re.compile(rf"^PIXASPECT=\s*({NUMBER})\s*$", re.MULTILINE)
HDR_KIND = "32-bit_rle_rgbe"


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
    return replace(spec_of(spec, given, where, 32, True, primaries or None), says_transfer=True)


def png_spec(path: Path, data: bytes, size: int, where: str) -> ImageSpec:
    """Parse the header of a PNG. Raises LatticeError if it cannot be opened."""
    return _written(path, "png", where)


def jpeg_spec(path: Path, data: bytes, size: int, where: str) -> ImageSpec:
    """Parse the header of a JPEG. Raises LatticeError if it cannot be opened."""
    return _written(path, "jpeg", where)


def _written(path: Path, plugin: str, where: str) -> ImageSpec:
    with opened(path, plugin, where) as file:
        spec = file.spec()
    expect(where, "channels", {3: "R, G, B", 4: "R, G, B, A"}, spec.nchannels)
    bits = 16 if str(spec.format) == "uint16" else 8
    return spec_of(spec, {each.name: each.value for each in spec.extra_attribs}, where, bits, False)


def spec_of(
    spec: Any,
    given: dict[str, Any],
    where: str,
    bits: int,
    is_float: bool,
    chromaticities: tuple[float, ...] | None = None,
) -> ImageSpec:
    """Return the spec of an upright image; a fourth channel is alpha.

    spec, given: OpenImageIO's spec and its attributes by name. Raises LatticeError if the image has no pixels or is
    turned.
    """
    check_shape((spec.width, spec.height), where)
    expect(where, "orientation", {1: "top left"}, given.get("Orientation", 1))
    return ImageSpec(
        (spec.width, spec.height),
        spec.nchannels,
        bits,
        "linear" if is_float else "srgb",
        is_float=is_float,
        straight=bool(given.get("oiio:UnassociatedAlpha", 0)),
        alpha=3 if spec.nchannels == 4 else None,
        chromaticities=chromaticities,
        aspect=aspect_of(float(given.get("PixelAspectRatio", 1.0)), 1.0),
        note=str(given.get("ImageDescription", "")),
        has_profile="ICCProfile" in given,
        tags=color_tags(bytes(given.get("ICCProfile", ())), given.get("CICP")),
    )
