"""Parse the header of a TIFF: through OpenImageIO, and from the tags that it does not give."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from lattice.files.images import logluv, tiff_tags
from lattice.files.images.oiio import opened
from lattice.files.images.oiio_specs import spec_of
from lattice.files.images.spec import ImageSpec, expect
from lattice.types import LatticeError

BITS = {"uint8": 8, "uint16": 16, "half": 16, "float": 32}
# Source: TIFF 6.0 and its supplements, PhotometricInterpretation.
RGB = 2
FARTHEST = 2**30  # pixels from the origin. Source: OpenEXR, which refuses windows beyond
PHOTOMETRICS = {0: "gray", 1: "gray", 3: "a palette", 5: "CMYK", 6: "YCbCr", 8: "Lab"}


def tiff_spec(path: Path, data: bytes, size: int, where: str) -> ImageSpec:
    """Parse a TIFF header: integers are sRGB, floats linear, LogLuv is light in CIE X, Y, Z, LogL its luminance.

    Raises LatticeError if the file is not one page of upright R, G, B or R, G, B, A in 8 or 16 bits or in floats, or of
    LogLuv or LogL.
    """
    with opened(path, "tiff", where) as file:
        spec = file.spec()
        given = {each.name: each.value for each in spec.extra_attribs}
        more = file.seek_subimage(1, 0)
    with open(path, "rb") as stored:
        photometric = tiff_tags.read_tags(stored, (tiff_tags.PHOTOMETRIC,), where).get(tiff_tags.PHOTOMETRIC, (RGB,))[0]
        layout = logluv.read_layout(stored, where) if photometric in (logluv.LOGL, logluv.LOGLUV) else None
    if photometric != RGB and layout is None:
        got = PHOTOMETRICS.get(int(photometric), f"photometric interpretation {photometric}")
        raise LatticeError(f"{where}: expected an RGB TIFF, got {got}")
    if more:
        raise LatticeError(f"{where}: pages: expected 1, got more")
    if layout is not None:
        return _placed(_of_light(spec_of(spec, given, where, 32, True), layout), spec, where)
    kind = str(spec.format)
    if kind not in BITS or given.get("oiio:BitsPerSample", BITS[kind]) not in (8, 16, BITS[kind]):
        raise LatticeError(f"{where}: bits: expected 8, 16 or floats, got {given.get('oiio:BitsPerSample')} ({kind})")
    expect(where, "channels", {3: "R, G, B", 4: "R, G, B, A"}, spec.nchannels)
    made = spec_of(spec, given, where, BITS[kind], kind in ("half", "float"))
    if spec.nchannels == 4 and spec.alpha_channel != 3:
        raise LatticeError(f"{where}: channels: expected R, G, B, A, got {', '.join(spec.channelnames)}")
    return _placed(made, spec, where)


def _placed(made: ImageSpec, spec: Any, where: str) -> ImageSpec:
    """Add the windows of a part of a larger picture.

    spec: OpenImageIO's; it takes XPosition and YPosition times the resolution, and Pixar's full width and length.
    Raises LatticeError if a window ends beyond 32-bit numbers.
    """
    place = spec.x, spec.y, spec.x + spec.width - 1, spec.y + spec.height - 1
    full = (*(spec.full_x, spec.full_y), *(spec.full_x + spec.full_width - 1, spec.full_y + spec.full_height - 1))
    if place == full == made.window:
        return made
    if min(place + full) < -FARTHEST or max(place + full) > FARTHEST or full[2] < full[0] or full[3] < full[1]:
        raise LatticeError(f"{where}: windows: expected pixels up to {FARTHEST}, got data {place} in {full}")
    return replace(made, place=place, full=full)


def _of_light(made: ImageSpec, layout: logluv.Layout) -> ImageSpec:
    """Return the spec of a LogLuv or LogL file."""
    coding = "LogL" if layout.is_gray else "LogLuv"
    notes: tuple[str, ...] = ()
    if not layout.is_gray:
        at = "where LogLuv has it" if layout.white == logluv.EQUAL_ENERGY else "as its WhitePoint says"
        notes = (f"white is x {layout.white[0]:.4f}, y {layout.white[1]:.4f}, {at}",)
    if layout.stonits:
        notes += (f"its STONITS, {layout.stonits:g} cd/m2, is not applied",)
    return replace(
        made,
        channels=1 if layout.is_gray else 3,
        is_gray=layout.is_gray,
        chromaticities=None if layout.is_gray else (1.0, 0.0, 0.0, 1.0, 0.0, 0.0, *layout.white),
        coding=coding,
        is_xyz=not layout.is_gray,
        notes=notes,
        unpack=logluv.unpack_logluv,
    )
