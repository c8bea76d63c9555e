"""The header of a graded frame: false attributes are rewritten or dropped, the grade is stamped."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lattice.channels.layers import rgb_layers_of
from lattice.color.displays import Encoding, display_in, shown_white
from lattice.color.interop import DATA, INTEROP_ID, UNKNOWN
from lattice.color.primaries import chromaticities
from lattice.files.exr.codecs import CODECS
from lattice.files.exr.facts import RATIONAL
from lattice.files.exr.header import CHROMATICITIES, DEFAULTS, Attribute, Header, channel_list
from lattice.files.frame import HELD, STAMP, FrameHeader
from lattice.regrade.frame.request import TOLD
from lattice.types import LatticeError
from lattice.version import __version__

if TYPE_CHECKING:
    from lattice.channels.input import Primaries
    from lattice.regrade.frame.session import Session
    from lattice.sdev import AnySDev

SOURCE = "source_sha256"  # the stamp with the SHA-256 of a frame's source file
# Attributes that are false for display code values, and unknown for the display. Source: OpenEXR, "Standard
# Attributes"; SMPTE ST 2065-4 (acesImageContainerFlag); OpenImageIO, "Metadata conventions" (oiio:ColorSpace).
DROPPED = (
    "whiteLuminance",
    INTEROP_ID,
    "acesImageContainerFlag",
    "renderingTransform",
    "lookModTransform",
    "oiio:ColorSpace",
    "preview",
    HELD,
)


def display_chromaticities(sdev: AnySDev) -> tuple[float, ...] | None:
    """Return x, y of the display's red, green, blue and white; None if the SDev does not have them.

    Raises LatticeError if the SDev's `output_chromaticities` are not 8 finite numbers.
    """
    try:
        display = display_in(sdev.provenance)
    except LatticeError as error:
        raise LatticeError(f"{sdev.name}: {error}") from None
    return None if display is None else chromaticities(display[0])


def display_encoding(sdev: AnySDev) -> Encoding | None:
    """Return the encoding of the display's code values; None if the SDev does not have the display's chromaticities.

    Raises LatticeError as `display_chromaticities` does.
    """
    xy = display_chromaticities(sdev)
    return None if xy is None else Encoding(xy, sdev.shown.gamma, sdev.shown.peak)


def _white(primaries: str | tuple[float, ...], asked: str | None) -> tuple[float, float]:
    """Return x, y of the color that a display shows the picture's white in; asked: the look's own white."""
    white = shown_white(primaries, asked)
    return float(white[0] / white.sum()), float(white[1] / white.sum())


def exr_header(header: FrameHeader) -> Header:
    """Return a frame's EXR header; for another format, a header of ZIP scanlines with the facts of that file."""
    if header.exr is not None:
        own: Header = header.exr
        return own
    attributes = {
        "channels": channel_list(header.channels),
        "compression": Attribute("compression", bytes([[codec.name for codec in CODECS].index("ZIP")])),
        "dataWindow": Attribute("box2i", struct.pack("<4i", *header.window)),
        "displayWindow": Attribute("box2i", struct.pack("<4i", *header.display)),
        **DEFAULTS,
        "pixelAspectRatio": Attribute.floats("float", header.pixel_aspect),
    }
    if header.chromaticities is not None:
        attributes["chromaticities"] = Attribute("chromaticities", CHROMATICITIES.pack(*header.chromaticities))
    if header.time_code is not None:
        attributes["timeCode"] = Attribute("timecode", struct.pack("<2I", header.time_code, 0))
    if header.rate is not None:
        attributes["framesPerSecond"] = Attribute("rational", RATIONAL.pack(*header.rate.as_integer_ratio()))
    return Header(attributes, False)


def graded_header(
    sources: Sequence[FrameHeader], number: int, graded: Sequence[bool], sdev: AnySDev, stamped: Mapping[str, str]
) -> Header:
    """Return the header of part `number` of a graded frame.

    sources: the headers of all parts. graded: for each part, whether a color in it is graded. sdev: the SDev as given
    to the run. stamped: the stamps of `stamps`, and the source's.
    `chromaticities` become the display's (dropped if the SDev has none), `adoptedNeutral` the display's white if the
    source has it, `colorInteropID` the display's (dropped if it has none); attributes in DROPPED and older stamps are
    removed; all others stay, in order. In a part that passes only the stamps and `chromaticities` are rewritten, since
    all parts of a file must agree, and a color that had the first part's ID says it itself.
    Raises LatticeError as `display_chromaticities` does.
    """
    encoding, is_graded = display_encoding(sdev), graded[number]
    header, display = exr_header(sources[number]), None if encoding is None else encoding.xy
    false = {*(DROPPED if is_graded else ()), *(name for name in header.attributes if name.startswith(STAMP))}
    attributes = {name: value for name, value in header.attributes.items() if name not in false}
    neutral = attributes.pop("adoptedNeutral", None) if is_graded else None
    attributes.pop("chromaticities", None)
    if display is not None:
        attributes["chromaticities"] = Attribute.floats("chromaticities", *display)
        if neutral is not None:
            primaries, asked = display_in(sdev.provenance) or (display, None)
            attributes["adoptedNeutral"] = Attribute.floats("v2f", *_white(primaries, asked))
    interop_id = encoding.interop_id if is_graded and encoding is not None else None
    if not is_graded and graded[0] and rgb_layers_of(sources[number]):
        interop_id = passing_id(sources[number], sources[0])
    if interop_id is not None:
        attributes[INTEROP_ID] = Attribute.text(interop_id)
    for name, value in stamped.items():
        attributes[STAMP + name] = Attribute.text(value)
    return header.with_attributes(attributes)


def passing_id(header: FrameHeader, first: FrameHeader) -> str:
    """Return the `colorInteropID` of channels that pass in a file whose first part is graded: that of their part
    `header`, else the first part's, which they had until it was graded, else "unknown"; "data" if they hold no color.

    Source: ASWF Color Interop Forum, "Identifying the Color Space of OpenEXR Files".
    """
    if not rgb_layers_of(header):
        return DATA
    return header.text(INTEROP_ID) or first.text(INTEROP_ID) or UNKNOWN


def has_stamps(header: FrameHeader, stamped: Mapping[str, str]) -> bool:
    """True if a frame's header has all of these stamps with these values."""
    return all(header.text(STAMP + name) == value for name, value in stamped.items())


def stamps(session: Session, ready: AnySDev, primaries: Primaries, graded: str) -> dict[str, str]:
    """Return the stamps of a graded frame, by name: all that determines it, except its source.

    ready: the session's SDev, prepared for pixels of these primaries. graded: the graded channels, as one word.
    """
    sdev, options = session.sdev, session.options
    return {
        "name": sdev.name,
        "sha256": sdev.sha256,
        "device_sha256": ready.sha256,
        "version": __version__,
        "input": primaries if isinstance(primaries, str) else " ".join(f"{number:.6g}" for number in primaries),
        "output": session.output,
        "output_chromaticities": sdev.provenance.get("output_chromaticities", "unknown"),
        "interpolation": sdev.interpolation,
        "layers": graded,
        "options": (
            f"premult={options.premult} transparent={options.transparent} nonfinite={options.nonfinite} "
            f"arithmetic={sdev.arithmetic(options.engine)}"
            + (f" exposure={options.exposure:g}" if options.exposure else "")
            + (f" grade={options.grade}" if options.grade else "")
            + "".join(f" {name}={sdev.provenance[fact]}" for name, fact in TOLD.items() if fact in sdev.provenance)
        ),
    }
