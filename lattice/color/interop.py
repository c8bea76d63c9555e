"""The color space that a file names: the interop IDs of the ASWF Color Interop Forum, and the inputs that they mean.

Sources: ASWF Color Interop Forum, "Color Space Encodings for Texture Assets and CG Rendering" 1.1.0, "Color Space
Encodings for Displays" 1.0.0, "An ID for Color Interop" 1.0.0 and "Identifying the Color Space of OpenEXR Files" 1.0.0.
"""

from __future__ import annotations

from lattice.color.inputs import BY_INTEROP_ID
from lattice.types import LatticeError

SCENE_LINEAR = {id: each.name for id, each in BY_INTEROP_ID.items() if not each.is_encoded}
ENCODED = {id: each.name for id, each in BY_INTEROP_ID.items() if each.is_encoded}
DISPLAYS = frozenset(
    f"{curve}_{gamut}_display"
    for curve, gamuts in (
        ("srgb", ("rec709", "p3d65")),
        ("srgbe", ("p3d65",)),
        ("g22", ("rec709", "adobergb")),
        ("g24", ("rec709",)),
        ("g26", ("p3d65", "xyzd65")),
        ("pq", ("p3d65", "rec2020", "xyzd65")),
        ("hlg", ("rec2020",)),
        ("lin", ("rec709", "p3d65", "rec2020")),
    )
    for gamut in gamuts
)
INTEROP_ID = "colorInteropID"  # the attribute of an EXR
DATA, UNKNOWN = "data", "unknown"
AGREE = 1e-3  # in x and y. Source: "Identifying the Color Space of OpenEXR Files", annex A
# Names that OpenImageIO gave to color spaces before 3.0. Source: OpenImageIO 2.5, ColorConfig, built-in names.
OLDER_NAMES = {"ACEScg": "lin_ap1_scene", "lin_srgb": "lin_rec709_scene", "sRGB": "srgb_rec709_scene"}


def full_id(name: str) -> str:
    """Return an ID as the forum spells it: older files leave out `_scene`, or have a name in OLDER_NAMES."""
    name = OLDER_NAMES.get(name, name)
    return f"{name}_scene" if f"{name}_scene" in {*SCENE_LINEAR, *ENCODED} else name


def is_listed(name: str) -> bool:
    """True if the forum or OpenColorIO has this ID, in full, or if it means no color or an unknown one."""
    return name in {*SCENE_LINEAR, *ENCODED, *DISPLAYS, DATA, UNKNOWN}


def scene_input(name: str) -> str | None:
    """Return the name in INPUTS that an interop ID means; None for "" and "unknown", which mean none.

    Raises LatticeError, which says what the ID means, if that is neither light nor codes of a scene in the register.
    """
    full = full_id(name)
    if full in ("", UNKNOWN):
        return None
    if full not in BY_INTEROP_ID:
        raise LatticeError(f"expected light or codes of a scene, got {name!a}, {_meaning(full)}")
    return BY_INTEROP_ID[full].name


def _meaning(name: str) -> str:
    space = name.rpartition(":")[2]
    if name == DATA:
        return "which is no color"
    if space.endswith("_display"):
        return "a picture for a display"
    if space.startswith("lin_"):
        return "linear light of primaries that lattice does not have"
    return "a name that lattice does not know"
