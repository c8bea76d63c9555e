"""The register of RGB primaries: of displays, of renders and of cameras.

A new display or input is one record here: profiles, `--input`, movie tags and the tests read the register.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Adaptation = Literal["CAT02", "Bradford"]
Chromaticities = tuple[float, ...]  # x, y of red, green, blue and white


@dataclass(frozen=True)
class Primaries:
    """A set of primaries.

    xy: x, y of red, green, blue and white. source: the document that defines them. colour_name: the name in
    colour-science; empty if it has none. interop_id: the name that files have for scene-linear light of these
    primaries; None if there is none. h273: the ITU-T H.273 code point, for tags of movies and PNGs; None if H.273 has
    none. is_display: True if monitors have these. neutral: x, y of the color that is shown as white; None if that is
    the white of `xy`. adaptation: to and from another white, as in OpenColorIO. white_light: of a picture's white on a
    display of these, where 1 is the brightest code.
    Source: ASWF Color Interop Forum, "Color Space Encodings for Texture Assets and CG Rendering" 1.1.0 (ids).
    """

    name: str
    xy: Chromaticities
    source: str
    colour_name: str
    interop_id: str | None = None
    h273: int | None = None
    is_display: bool = False
    neutral: tuple[float, float] | None = None
    adaptation: Adaptation = "CAT02"
    white_light: float = 1.0


_REGISTER = (
    Primaries(
        "Rec.709",
        (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290),
        "ITU-R BT.709-6",
        "ITU-R BT.709",
        "lin_rec709_scene",
        1,
        is_display=True,
    ),
    Primaries(
        "Display P3",
        (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290),
        "SMPTE EG 432-1, with D65",
        "Display P3",
        "lin_p3d65_scene",
        12,
        is_display=True,
    ),
    Primaries(
        "P3-DCI",
        (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.314, 0.351),
        "SMPTE RP 431-2",
        "DCI-P3",
        h273=11,
        is_display=True,
        adaptation="Bradford",
    ),
    Primaries(
        "Rec.2020",
        (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290),
        "ITU-R BT.2020-2",
        "ITU-R BT.2020",
        "lin_rec2020_scene",
        9,
        is_display=True,
    ),
    Primaries(
        "ACEScg",
        (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767),
        "Academy S-2014-004",
        "ACEScg",
        "lin_ap1_scene",
    ),
    Primaries(
        "ACES2065-1",
        (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767),
        "SMPTE ST 2065-1",
        "ACES2065-1",
        "lin_ap0_scene",
    ),
    Primaries(
        "AdobeRGB",
        (0.64, 0.33, 0.21, 0.71, 0.15, 0.06, 0.3127, 0.3290),
        "Adobe RGB (1998) Color Image Encoding, 2005-05",
        "Adobe RGB (1998)",
        "lin_adobergb_scene",
    ),
    Primaries(  # the numbers are XYZ; an eye adapted to D65 looks at them. On a display: DCDM, SMPTE ST 428-1
        "CIE XYZ-D65",
        (1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1 / 3, 1 / 3),
        "CIE 015:2018",
        "CIE XYZ-D65 - Scene-referred",
        "lin_ciexyzd65_scene",
        10,
        is_display=True,
        neutral=(0.3127, 0.3290),
        white_light=48 / 52.37,  # nits of white, and of code 1
    ),
)
_D65 = (0.3127, 0.3290)


def _camera(
    name: str, red_green_blue: Chromaticities, interop_id: str, colour_name: str, source: str, **more: Any
) -> Primaries:
    return Primaries(name, red_green_blue + more.pop("white", _D65), source, colour_name, interop_id, **more)


_CAMERAS = (
    _camera(
        "ARRI Wide Gamut 3",
        (0.6840, 0.3130, 0.2210, 0.8480, 0.0861, -0.1020),
        "ocio:lin_awg3_scene",
        "ARRI Wide Gamut 3",
        "ARRI, ALEXA Log C Curve, Usage in VFX (2017)",
    ),
    _camera(
        "ARRI Wide Gamut 4",
        (0.7347, 0.2653, 0.1424, 0.8576, 0.0991, -0.0308),
        "ocio:lin_awg4_scene",
        "ARRI Wide Gamut 4",
        "ARRI, LogC4 Logarithmic Color Space, Specification (2022)",
    ),
    _camera(  # S-Gamut has the same
        "S-Gamut3",
        (0.730, 0.280, 0.140, 0.855, 0.100, -0.050),
        "ocio:lin_sgamut3_scene",
        "S-Gamut3",
        "Sony, Technical Summary for S-Gamut3.Cine/S-Log3 and S-Gamut3/S-Log3",
    ),
    _camera(
        "S-Gamut3.Cine",
        (0.766, 0.275, 0.225, 0.800, 0.089, -0.087),
        "ocio:lin_sgamut3cine_scene",
        "S-Gamut3.Cine",
        "Sony, Technical Summary for S-Gamut3.Cine/S-Log3 and S-Gamut3/S-Log3",
    ),
    _camera(
        "Venice S-Gamut3",
        (
            0.740464264304292,
            0.279364374750660,
            0.089241145423286,
            0.893809528608105,
            0.110488236673827,
            -0.052579333080476,
        ),
        "ocio:lin_sgamut3venice_scene",
        "Venice S-Gamut3",
        "Academy, IDT.Sony.Venice_SLog3_SGamut3 (by Sony, 2020)",
    ),
    _camera(
        "Venice S-Gamut3.Cine",
        (
            0.775901871567345,
            0.274502392854799,
            0.188682902773355,
            0.828684937020288,
            0.101337382499301,
            -0.089187517306263,
        ),
        "ocio:lin_sgamut3cinevenice_scene",
        "Venice S-Gamut3.Cine",
        "Academy, IDT.Sony.Venice_SLog3_SGamut3Cine (by Sony, 2020)",
    ),
    _camera(
        "V-Gamut",
        (0.730, 0.280, 0.165, 0.840, 0.100, -0.030),
        "ocio:lin_vgamut_scene",
        "V-Gamut",
        "Panasonic, V-Log/V-Gamut Reference Manual (2014)",
        adaptation="Bradford",
    ),
    _camera(
        "REDWideGamutRGB",
        (0.780308, 0.304253, 0.121595, 1.493994, 0.095612, -0.084589),
        "ocio:lin_rwg_scene",
        "REDWideGamutRGB",
        "RED, White Paper on REDWideGamutRGB and Log3G10 (2017)",
        adaptation="Bradford",
    ),
    _camera(
        "Cinema Gamut",
        (0.740, 0.270, 0.170, 1.140, 0.080, -0.100),
        "ocio:lin_cgamutd55_scene",
        "Cinema Gamut",
        "Canon, Log Gamma Curves (2018); pictures lit by daylight (D55), as OpenColorIO takes them",
    ),
    _camera(
        "DaVinci Wide Gamut",
        (0.8000, 0.3130, 0.1682, 0.9877, 0.0790, -0.1155),
        "ocio:lin_dwg_scene",
        "DaVinci Wide Gamut",
        "Blackmagic Design, DaVinci Resolve 17: Wide Gamut Intermediate (2020)",
    ),
    _camera(
        "BMD Wide Gamut Gen 5",
        (0.7177215, 0.3171181, 0.2280410, 0.8615690, 0.1005841, -0.0820452),
        "ocio:lin_bmdwg5_scene",
        "Blackmagic Wide Gamut",
        "Blackmagic Design, Generation 5 Color Science (2021)",
        white=(0.3127170, 0.3290312),
    ),
    _camera(
        "Apple Wide Gamut",
        (0.725, 0.301, 0.221, 0.814, 0.068, -0.076),
        "ocio:lin_applewg_scene",
        "",
        "Apple, Apple Log 2 Profile White Paper (2025)",
        adaptation="Bradford",
    ),
    _camera(
        "D-Gamut",
        (0.71, 0.31, 0.21, 0.88, 0.09, -0.08),
        "ocio:lin_dgamut_scene",
        "DJI D-Gamut",
        "DJI, White Paper on D-Log and D-Gamut (2017)",
    ),
)
PRIMARIES = {each.name: each for each in (*_REGISTER, *_CAMERAS)}
# x, y of the whites that a monitor can show a picture's white in. Sources: CIE 015:2018; D60 is ACES' white,
# SMPTE ST 2065-1; DCI is that of SMPTE RP 431-2.
WHITES = {"D55": (0.33242, 0.34743), "D60": (0.32168, 0.33767), "D65": _D65, "DCI": (0.314, 0.351)}
REC709 = PRIMARIES["Rec.709"]  # of an EXR without chromaticities. Source: OpenEXR, ImfStandardAttributes.h
