"""Parse the header of a TIFF: through OpenImageIO, and from the tags that it does not give."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from lattice.files.images import logluv, tiff_tags
from lattice.files.images.oiio import opened
from lattice.files.images.oiio_specs import spec_of
from lattice.files.images.spec import FLOAT32_MOST, ImageSpec
from lattice.types import LatticeError

BITS = {"uint8": 8, "uint16": 16, "half": 16, "float": 32}
# PhotometricInterpretation of color: its samples. Source: TIFF 6.0 and its supplements.
WHITE_IS_0, BLACK_IS_0, RGB = 0, 1, 2
COLORS = {WHITE_IS_0: 1, BLACK_IS_0: 1, RGB: 3}
OTHERS = {3: "a palette", 5: "CMYK", 6: "YCbCr", 8: "Lab"}
UNSPECIFIED, ASSOCIATED, STRAIGHT = 0, 1, 2  # values of ExtraSamples
NEEDED = (tiff_tags.PHOTOMETRIC, tiff_tags.EXTRA_SAMPLES, tiff_tags.WHITE_POINT, tiff_tags.PRIMARIES)
FARTHEST = 2**30  # pixels from the origin. Source: OpenEXR, which refuses windows beyond


def tiff_spec(path: Path, data: bytes, size: int, where: str) -> ImageSpec:
    """Parse a TIFF header: integers are sRGB, floats linear, LogLuv is light in CIE X, Y, Z, LogL its luminance.

    The first sample that ExtraSamples calls alpha is alpha; samples that it does not are left out. Raises LatticeError
    if the file is not one page of upright R, G, B or gray in 8 or 16 bits or in floats, or of LogLuv or LogL.
    """
    with opened(path, "tiff", where) as file:
        spec = file.spec()
        given = {each.name: each.value for each in spec.extra_attribs}
        more = file.seek_subimage(1, 0)
    found, layout = _own_tags(path, where)
    photometric = int(found.get(tiff_tags.PHOTOMETRIC, (RGB,))[0])
    if layout is None and photometric not in COLORS:
        got = OTHERS.get(photometric, f"photometric interpretation {photometric}")
        raise LatticeError(f"{where}: expected a TIFF of RGB, gray or LogLuv, got {got}")
    if more:
        raise LatticeError(f"{where}: pages: expected 1, got more")
    if layout is None:
        made = _of_codes(spec, given, photometric, found, where)
    else:
        made = _of_light(spec_of(spec, given, where, 32, True), layout)
    return _placed(made, spec, where)


def _own_tags(path: Path, where: str) -> tuple[tiff_tags.Tags, logluv.Layout | None]:
    """Return the tags that OpenImageIO does not give, and the layout if the file is LogLuv or LogL."""
    try:
        with open(path, "rb") as stored:
            found = tiff_tags.read_tags(stored, NEEDED, where)
            is_light = found.get(tiff_tags.PHOTOMETRIC, (RGB,))[0] in (logluv.LOGL, logluv.LOGLUV)
            return found, logluv.read_layout(stored, where) if is_light else None
    except OSError as error:
        raise LatticeError(f"{where}: cannot be read: {error.strerror}") from None


def _of_codes(spec: Any, given: dict[str, Any], photometric: int, found: tiff_tags.Tags, where: str) -> ImageSpec:
    """Return the spec of R, G, B or gray. spec, given: OpenImageIO's. found: the other tags."""
    kind, colors, samples = str(spec.format), COLORS[photometric], spec.nchannels
    if kind not in BITS or given.get("oiio:BitsPerSample", BITS[kind]) not in (8, 16, BITS[kind]):
        raise LatticeError(f"{where}: bits: expected 8, 16 or floats, got {given.get('oiio:BitsPerSample')} ({kind})")
    if samples < colors:
        raise LatticeError(f"{where}: samples: expected {colors} or more, got {samples}")
    kinds = dict(zip(range(colors, samples), map(int, found.get(tiff_tags.EXTRA_SAMPLES, ())), strict=False))
    alpha = next((k for k, said in kinds.items() if said in (ASSOCIATED, STRAIGHT)), None)
    if photometric == WHITE_IS_0 and (kind != "uint8" or alpha is not None):  # OpenImageIO 3.2 turns all or none
        raise LatticeError(
            f"{where}: expected gray whose 0 is black, or 8 bits without alpha, got {kind} of {samples} samples"
        )
    left = ", ".join(str(k + 1) for k in range(colors, samples) if k != alpha)
    why = "" if alpha else "; ExtraSamples does not call it alpha"
    return replace(
        spec_of(spec, given, where, BITS[kind], kind in ("half", "float"), _primaries(found) if colors == 3 else None),
        is_gray=colors == 1,
        alpha=alpha,
        straight=alpha is not None and kinds[alpha] == STRAIGHT,
        notes=(f"left out: sample {left}{why}",) if left else (),
    )


def _primaries(found: tiff_tags.Tags) -> tuple[float, ...] | None:
    """Return x, y of red, green, blue and white if the file has both tags, of any colors; a pair without the other says
    too little. What float32 does not hold is infinite, so that a header with it equals itself."""
    red_green_blue, white = (found.get(tag, ()) for tag in (tiff_tags.PRIMARIES, tiff_tags.WHITE_POINT))
    if (len(red_green_blue), len(white)) != (6, 2):
        return None
    return tuple(float(each) if abs(each) <= FLOAT32_MOST else math.inf for each in (*red_green_blue, *white))


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
        says_transfer=True,
    )
