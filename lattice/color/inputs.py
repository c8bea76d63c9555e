"""The register of inputs: what a picture's numbers may be, by their curve and their primaries.

A new input is one record here; `--input`, interop IDs, `lattice inputs` and the tests read the register.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from lattice.color.adx import ADX, decode_adx
from lattice.color.curves import CURVES, LIGHTS
from lattice.color.gamuts import PRIMARIES, Adaptation
from lattice.color.transfer import TRANSFERS
from lattice.errors import LatticeError, holding, nearest
from lattice.types import HALF_MAX, Array, Pixels, halves

LEGAL, FULL = "legal", "full"
LEGAL_BLACK, LEGAL_SPAN = 16, 219  # of 8 bits. Source: ITU-R BT.709-6, item 5.2
TEN = 10  # bits that floats are taken to come from, where the range is legal
MOST_MEANT = 4  # names that a message offers


@dataclass(frozen=True)
class InputSpace:
    """An input.

    curve: key of CURVES that decodes its codes; "" for linear light, ADX for densities, which mix channels.
    primaries: key of PRIMARIES. aliases: other names. interop_id: the name that files have for it. adaptation: to
    another white; None: that of the primaries' record. has_ranges: there are files of video range; is_legal: this one
    is of that range. adx_bits: of a code of ADX.
    """

    name: str
    curve: str
    primaries: str
    aliases: tuple[str, ...] = ()
    interop_id: str | None = None
    adaptation: Adaptation | None = None
    has_ranges: bool = False
    is_legal: bool = False
    adx_bits: int | None = None

    @property
    def is_encoded(self) -> bool:
        """True if the numbers are codes, not linear light."""
        return bool(self.curve)

    @property
    def transfer(self) -> str | None:
        """The name in TRANSFERS, or ADX, that decodes the same codes; None without one."""
        if self.adx_bits is not None:
            return ADX
        same = (name for name, each in TRANSFERS.items() if each is CURVES.get(self.curve) and not self.is_legal)
        return next(same, None)

    @property
    def title(self) -> str:
        """Text for people: the curve and the primaries."""
        numbers = f"{self.curve} codes" if self.curve else "linear light"
        return f"{numbers}, {self.primaries} primaries" + (", legal range" if self.is_legal else "")

    def decode(self, codes: ArrayLike, bits: int = TEN) -> Array:
        """Return linear light, float64. codes: (..., 3) of ADX, else any shape; code values divided by the largest.
        bits: of the integers that they come from, for the ends of the legal range."""
        values = np.asarray(codes, np.float64)
        if self.adx_bits is not None:
            with np.errstate(over="ignore", invalid="ignore"):
                return decode_adx(values * (2**self.adx_bits - 1), self.adx_bits)
        if self.is_legal:
            black, span = _legal(bits)
            values = (values - black) / span
        return CURVES[self.curve].decode(values) if self.curve else values

    def encode(self, linear: ArrayLike, bits: int = TEN) -> Array:
        """Return code values of linear light: the inverse of `decode`. Raises LatticeError for ADX."""
        if self.adx_bits is not None:
            raise LatticeError(f"{self.name}: expected a curve that can be encoded, got densities of a scan")
        values = CURVES[self.curve].encode(linear) if self.curve else np.asarray(linear, np.float64)
        if self.is_legal:
            black, span = _legal(bits)
            values = values * span + black
        return values

    def light(self, pixels: Pixels) -> Pixels:
        """Return linear light, float32 within a half's range, of code values: (..., 3) float16 or float32.

        Halves are looked up in a table of all of them. NaN stays NaN.
        """
        if pixels.dtype == np.float16 and self.adx_bits is None:
            return np.take(_of_halves(self), pixels.view(np.uint16))
        with np.errstate(over="ignore", invalid="ignore"):
            return np.clip(self.decode(pixels), -HALF_MAX, HALF_MAX).astype(np.float32)


def _legal(bits: int) -> tuple[float, float]:
    largest = (2**bits - 1) / 2 ** (bits - 8)
    return LEGAL_BLACK / largest, LEGAL_SPAN / largest


@lru_cache(maxsize=8)
def _of_halves(space: InputSpace) -> Pixels:
    """Return the light of every half, by its bits."""
    with np.errstate(over="ignore", invalid="ignore"):
        table = np.clip(space.decode(halves()), -HALF_MAX, HALF_MAX).astype(np.float32)
    table.flags.writeable = False
    return table


def _camera(name: str, curve: str, primaries: str, *aliases: str, interop_id: str | None = None) -> InputSpace:
    return InputSpace(name, curve, primaries, aliases, interop_id, has_ranges=True)


def _texture(curve: str, primaries: str, interop_id: str) -> InputSpace:
    return InputSpace(f"{curve} {primaries}", curve, primaries, (), interop_id)


_LINEAR_ALIASES = {
    "Rec.709": ("Linear Rec.709 (sRGB)", "Linear sRGB", "BT.709", "ITU-R BT.709"),
    "Display P3": ("P3-D65", "Linear P3-D65", "P3"),
    "Rec.2020": ("BT.2020", "ITU-R BT.2020"),
    "ACEScg": ("AP1",),
    "ACES2065-1": ("ACES", "AP0"),
    "AdobeRGB": ("Adobe RGB (1998)",),
    "CIE XYZ-D65": ("XYZ", "XYZ-D65", "CIE XYZ-D65 - Scene-referred"),
    "ARRI Wide Gamut 3": ("AWG3", "ARRI Wide Gamut"),
    "ARRI Wide Gamut 4": ("AWG4",),
    "S-Gamut3": ("S-Gamut",),
    "REDWideGamutRGB": ("RWG",),
    "Cinema Gamut": ("CinemaGamut D55",),
    "DaVinci Wide Gamut": ("DWG", "DaVinci WideGamut"),
    "BMD Wide Gamut Gen 5": ("BMD WideGamut Gen5", "Blackmagic Wide Gamut"),
    "D-Gamut": ("DJI D-Gamut",),
}
_EI800 = ("LogC3", "ARRI LogC3", "LogC", "Alexa LogC", "ARRI LogC3 (EI800)", "LogC3 AWG3", "ARRI LogC3 AWG3")
_LOGC3 = tuple(
    _camera(
        f"ARRI LogC3 EI{index}",
        f"LogC3 EI{index}",
        "ARRI Wide Gamut 3",
        *(f"LogC3 EI{index}", *(_EI800 if index == 800 else ())),
        interop_id="ocio:arrilogc3_awg3_scene" if index == 800 else None,
    )
    for index in LIGHTS
)
_ENCODED = (
    InputSpace("ACEScc", "ACEScc", "ACEScg", interop_id="ocio:acescc_ap1_scene"),
    InputSpace("ACEScct", "ACEScct", "ACEScg", interop_id="ocio:acescct_ap1_scene"),
    InputSpace("ADX10", "ADX10", "ACES2065-1", interop_id="ocio:adx10_apd_scene", adx_bits=10),
    InputSpace("ADX16", "ADX16", "ACES2065-1", interop_id="ocio:adx16_apd_scene", adx_bits=16),
    InputSpace("Cineon", "Cineon", "Rec.709"),
    InputSpace("sRGB", "sRGB", "Rec.709", ("sRGB Encoded Rec.709 (sRGB)", "sRGB texture"), "srgb_rec709_scene"),
    _texture("sRGB", "Display P3", "srgb_p3d65_scene"),
    _texture("sRGB", "ACEScg", "srgb_ap1_scene"),
    _texture("gamma 1.8", "Rec.709", "g18_rec709_scene"),
    _texture("gamma 2.2", "Rec.709", "g22_rec709_scene"),
    _texture("gamma 2.2", "ACEScg", "g22_ap1_scene"),
    InputSpace("gamma 2.2 AdobeRGB", "AdobeRGB gamma", "AdobeRGB", interop_id="g22_adobergb_scene"),
    _texture("gamma 2.4", "Rec.709", "g24_rec709_scene"),
    _camera("Rec.709 camera", "Rec.709", "Rec.709", "Camera Rec.709", interop_id="ocio:itu709_rec709_scene"),
    *_LOGC3,
    _camera("ARRI LogC4", "LogC4", "ARRI Wide Gamut 4", "LogC4", interop_id="ocio:arrilogc4_awg4_scene"),
    _camera("S-Log2 S-Gamut", "S-Log2", "S-Gamut3", "S-Log2"),
    _camera("S-Log3 S-Gamut3", "S-Log3", "S-Gamut3", interop_id="ocio:slog3_sgamut3_scene"),
    _camera("S-Log3 S-Gamut3.Cine", "S-Log3", "S-Gamut3.Cine", interop_id="ocio:slog3_sgamut3cine_scene"),
    _camera("S-Log3 Venice S-Gamut3", "S-Log3", "Venice S-Gamut3", interop_id="ocio:slog3_sgamut3venice_scene"),
    _camera(
        "S-Log3 Venice S-Gamut3.Cine", "S-Log3", "Venice S-Gamut3.Cine", interop_id="ocio:slog3_sgamut3cinevenice_scene"
    ),
    _camera("V-Log", "V-Log", "V-Gamut", interop_id="ocio:vlog_vgamut_scene"),
    InputSpace("Log3G10", "Log3G10", "REDWideGamutRGB", ("REDLog3G10",), interop_id="ocio:redlog3g10_rwg_scene"),
    InputSpace("REDLogFilm", "REDLogFilm", "REDWideGamutRGB"),
    _camera("Canon Log 2", "Canon Log 2", "Cinema Gamut", "C-Log2", interop_id="ocio:canonlog2_cgamutd55_scene"),
    _camera("Canon Log 3", "Canon Log 3", "Cinema Gamut", "C-Log3", interop_id="ocio:canonlog3_cgamutd55_scene"),
    InputSpace("Apple Log", "Apple Log", "Rec.2020", (), "ocio:applelog_rec2020_scene", "Bradford", has_ranges=True),
    _camera("Apple Log 2", "Apple Log", "Apple Wide Gamut", interop_id="ocio:applelog_applewg_scene"),
    InputSpace(
        "DaVinci Intermediate",
        "DaVinci Intermediate",
        "DaVinci Wide Gamut",
        ("DaVinci Intermediate WideGamut", "DI"),
        "ocio:davinci_dwg_scene",
    ),
    _camera(
        "BMD Film Gen 5",
        "BMD Film Gen 5",
        "BMD Wide Gamut Gen 5",
        *("BMDFilm WideGamut Gen5", "Blackmagic Film Gen 5"),
        interop_id="ocio:bmdfilm5_wg5_scene",
    ),
    _camera("F-Log2", "F-Log2", "Rec.2020", "F-Log2 F-Gamut"),
    _camera("N-Log", "N-Log", "Rec.2020", "N-Log N-Gamut"),
    _camera("D-Log", "D-Log", "D-Gamut", "DJI D-Log", interop_id="ocio:djilog_dgamut_scene"),
)
_LINEAR = tuple(
    InputSpace(each.name, "", each.name, _LINEAR_ALIASES.get(each.name, ()), each.interop_id)
    for each in PRIMARIES.values()
)
INPUTS: Mapping[str, InputSpace] = {each.name: each for each in (*_LINEAR, *_ENCODED)}
BY_INTEROP_ID = {each.interop_id: each for each in INPUTS.values() if each.interop_id is not None}


def folded(name: str) -> str:
    """Return the letters and digits of a name, in lower case: what two spellings have in common."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _spellings(space: InputSpace) -> set[str]:
    """Return all names of an input, folded: also its curve with its primaries, and `Linear` before linear light."""
    names = {space.name, *space.aliases, space.interop_id or space.name}
    names |= {f"{space.curve} {space.primaries}"} if space.is_encoded else {f"linear {name}" for name in names}
    return {folded(name) for name in names}


NAMES = {spelling: space.name for space in INPUTS.values() for spelling in _spellings(space)}


def _close(text: str) -> list[str]:
    """Return the names of the inputs whose spellings hold this text, or of the nearest one; at most MOST_MEANT."""
    near = holding(text, NAMES) or [spelling for spelling in (nearest(text, NAMES),) if spelling is not None]
    return list(dict.fromkeys(NAMES[spelling] for spelling in near))[:MOST_MEANT]


def find(name: str) -> InputSpace:
    """Return the input that a name means, in any case and punctuation: `arri logc3`, `logc3@ei400`,
    `slog3-sgamut3cine@legal`; or a curve over other primaries than its camera's: `LogC3/Rec.709`.

    Raises LatticeError, with the nearest name, for an unknown one, for a range that the input does not have, and for a
    slash without a curve.
    """
    words = name.split("@")
    ranges = [word.strip().casefold() for word in words[1:] if word.strip().casefold() in (LEGAL, FULL)]
    text = "".join([words[0], *(word for word in words[1:] if word.strip().casefold() not in (LEGAL, FULL))])
    known = NAMES.get(folded(text))
    if "/" in name and (known is None or not all(name.split("/"))):
        return _over_others(name)
    if known is None or len(ranges) > 1:
        close = [] if known else _close(folded(text))
        meant = f" did you mean {' or '.join(map(repr, close))}?" if close else ""
        raise LatticeError(f"input: no input is named {name!r:.60};{meant} lattice inputs lists all")
    space = INPUTS[known]
    if ranges and not space.has_ranges:
        raise LatticeError(f"input: {space.name} has one range alone: leave out @{ranges[0]}")
    return replace(space, name=f"{space.name}@{LEGAL}", is_legal=True) if LEGAL in ranges else space


def _over_others(name: str) -> InputSpace:
    """Return the input of `curve/primaries`; a range may follow either."""
    curve, _, other = name.partition("/")
    primaries, at, ending = other.partition("@")
    space, over = find(curve + at + ending), find(primaries)
    if not space.is_encoded or over.is_encoded or space.adx_bits is not None:
        raise LatticeError(f"input: expected a curve, a slash and primaries, such as LogC3/Rec.709, got {name!r:.60}")
    if over.name == space.primaries:
        return space
    own = f"{space.name}/{over.name}"
    return replace(space, name=own, primaries=over.name, aliases=(), interop_id=None, adaptation=None)


def spaces(asked: str) -> tuple[InputSpace, str]:
    """Return the input that a name means, called by its curve, and the primaries of its numbers. Errors as `find`."""
    space = find(asked)
    return replace(space, name=space.name.partition("/")[0]), space.primaries


def encoded_as(name: object) -> InputSpace | None:
    """Return the input of any spelling if it is codes; None for linear light and for any other value."""
    known = NAMES.get(folded(_curve_in(name))) if isinstance(name, str) else None
    return INPUTS[known] if known is not None and INPUTS[known].is_encoded else None


def encoded(name: object) -> InputSpace | None:
    """Return the input of this canonical name if it is codes; None for linear light and for any other value."""
    space = INPUTS.get(_curve_in(name)) if isinstance(name, str) else None
    return find(str(name)) if space is not None and space.is_encoded else None


def _curve_in(name: str) -> str:
    return name.partition("@")[0].partition("/")[0]
