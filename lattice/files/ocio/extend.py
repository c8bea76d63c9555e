"""Add SDevs to a config: views, looks, named transforms, and what lists and roles need for hosts to show them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from lattice.color.primaries import rgb_to_xyz
from lattice.errors import LatticeError
from lattice.files.ocio.base import Base
from lattice.files.ocio.library import asking
from lattice.files.ocio.prints import CODES_FILE, Print

FAMILY = "SDev"
USE_DISPLAY_NAME = "<USE_DISPLAY_NAME>"
# Views that show linear light of the display as it is: of configs of ACES and of Blender.
PLAIN_VIEWS = ("Un-tone-mapped", "Standard")
SRGB_TEXTURE = ("sRGB - Texture", "sRGB Encoded Rec.709 (sRGB)", "sRGB", "srgb_texture", "Utility - sRGB - Texture")
XYZ_ROLE = "cie_xyz_d65_interchange"


def add_prints(base: Base, prints: Iterable[Print]) -> None:
    """Add SDevs to a config, in place.

    Each is a view on every display, a look, and where the config's profile has them a named transform; where the config
    has no display color spaces, the view is a color space of sRGB codes on its first display.
    Raises LatticeError if the config has one of these names already, or no color space of linear Rec.709.
    """
    config, linear = base.config, base.linear
    plain = plain_view(config)
    with asking(base.name) as ocio:
        places = _places(ocio, config)
        for each in prints:
            _check_free(base, each)
            if places:
                _add_view(ocio, config, linear, each, places)
            else:
                _add_color_space(ocio, config, linear, each)
            look = ocio.Look(name=look_name(base, each), processSpace=linear, description=_of_look(each, plain))
            look.setTransform(ocio.FileTransform(each.light))
            config.addLook(look)
            if config.getMajorVersion() > 1:
                _add_named(ocio, config, each)
        _add_roles(config, linear)


def look_name(base: Base, each: Print) -> str:
    """Return the name of a look; in Blender's config, or where other looks have that, with the name before it of the
    view that alone it belongs under."""
    plain = plain_view(base.config)
    return f"{plain} - {each.look}" if plain and (base.is_blender or _is_prefixed(base.config)) else each.look


def _is_prefixed(config: Any) -> bool:
    views = {view for display in config.getDisplaysAll() for view in config.getViews(display)}
    return any(look.partition(" - ")[0] in views and " - " in look for look in config.getLookNames())


def plain_view(config: Any) -> str | None:
    """Return the view of a config that shows linear light of the display as it is; None if no name of it is known."""
    names = {view for display in config.getDisplays() for view in config.getViews(display)}
    return next((name for name in PLAIN_VIEWS if name in names), None)


def displays_of(config: Any, view: str) -> list[str]:
    """Return the displays that have a view, in the config's order."""
    return [display for display in config.getDisplaysAll() if _has_view(config, display, view)]


def _has_view(config: Any, display: str, view: str) -> bool:
    return bool(config.getDisplayViewColorSpaceName(display, view))


def _check_free(base: Base, each: Print) -> None:
    config = base.config
    taken = {*config.getViewTransformNames(), *config.getLookNames(), *config.getNamedTransformNames()}
    taken |= {view for display in config.getDisplaysAll() for view in config.getViews(display)}
    for name in (each.view, look_name(base, each), each.named):
        if name in taken or config.getColorSpace(name):
            raise LatticeError(f"{base.name}: has {name!r} already; begin with a config without it")


def _places(ocio: Any, config: Any) -> dict[str, str]:
    """Return the color space of every display, by the display's name: of its first view through a view transform."""
    found: dict[str, str] = {}
    for display in config.getDisplaysAll():
        for view in [*config.getViews(ocio.VIEW_SHARED, display), *config.getViews(ocio.VIEW_DISPLAY_DEFINED, display)]:
            name = config.getDisplayViewColorSpaceName(display, view)
            name = display if name == USE_DISPLAY_NAME else name
            space = config.getColorSpace(name)
            if space and space.getReferenceSpaceType() == ocio.REFERENCE_SPACE_DISPLAY:
                found.setdefault(display, name)
    return found


def _add_view(ocio: Any, config: Any, linear: str, each: Print, places: dict[str, str]) -> None:
    """Add a view transform, and a view of it on every display."""
    made = ocio.ViewTransform(
        referenceSpace=ocio.REFERENCE_SPACE_SCENE, name=each.view, family=FAMILY, description=_of_view(each)
    )
    xyz = np.eye(4)
    xyz[:3, :3] = rgb_to_xyz("Rec.709")
    steps = [*_to_linear(ocio, config, linear), ocio.FileTransform(each.light), ocio.MatrixTransform(xyz.ravel())]
    steps += _from_xyz(ocio, config)
    made.setTransform(ocio.GroupTransform(steps), ocio.VIEWTRANSFORM_DIR_FROM_REFERENCE)
    config.addViewTransform(made)
    config.addSharedView(each.view, each.view, USE_DISPLAY_NAME, "", "", _of_view(each))
    for display, space in places.items():
        if space == display:
            config.addDisplaySharedView(display, each.view)
        else:
            config.addDisplayView(display, each.view, each.view, space, "", "", _of_view(each))
    if list(config.getVirtualDisplayViews(ocio.VIEW_SHARED)):
        config.addVirtualDisplaySharedView(each.view)
    _activate(config, each.view)


def _add_color_space(ocio: Any, config: Any, linear: str, each: Print) -> None:
    """Add a color space of sRGB codes, and a view of it on the first display."""
    space = ocio.ColorSpace(
        name=each.view,
        family=FAMILY,
        description=f"{_of_view(each)} Codes of sRGB.",
        bitDepth=ocio.BIT_DEPTH_F32,
        allocation=ocio.ALLOCATION_UNIFORM,
    )
    space.setTransform(
        ocio.GroupTransform([*_to_linear(ocio, config, linear), *_codes(ocio, each)]),
        ocio.COLORSPACE_DIR_FROM_REFERENCE,
    )
    config.addColorSpace(space)
    config.addDisplayView(config.getDefaultDisplay(), each.view, each.view, "")
    _activate(config, each.view)


def _add_named(ocio: Any, config: Any, each: Print) -> None:
    made = ocio.NamedTransform(
        name=each.named,
        family=FAMILY,
        description=f"{each.about}. From scene-linear Rec.709 to code values of an sRGB monitor.",
        forwardTransform=ocio.GroupTransform(_codes(ocio, each)),
    )
    config.addNamedTransform(made)


def _codes(ocio: Any, each: Print) -> list[Any]:
    return [ocio.FileTransform(each.light), ocio.FileTransform(CODES_FILE)]


def _to_linear(ocio: Any, config: Any, linear: str) -> list[Any]:
    """Return the transforms from the scene's reference to linear Rec.709, as its color space has them."""
    space = config.getColorSpace(linear)
    there = space.getTransform(ocio.COLORSPACE_DIR_FROM_REFERENCE)
    back = space.getTransform(ocio.COLORSPACE_DIR_TO_REFERENCE)
    if there:
        return [there]
    return [ocio.GroupTransform([back], ocio.TRANSFORM_DIR_INVERSE)] if back else []


def _from_xyz(ocio: Any, config: Any) -> list[Any]:
    """Return the transforms from XYZ to the displays' reference; none where that is XYZ, or the config does not say."""
    space = config.getColorSpace(XYZ_ROLE)
    if not space or space.getReferenceSpaceType() != ocio.REFERENCE_SPACE_DISPLAY:
        return []
    there = space.getTransform(ocio.COLORSPACE_DIR_TO_REFERENCE)
    back = space.getTransform(ocio.COLORSPACE_DIR_FROM_REFERENCE)
    if there:
        return [there]
    return [ocio.GroupTransform([back], ocio.TRANSFORM_DIR_INVERSE)] if back else []


def _activate(config: Any, view: str) -> None:
    """Show the view in menus: one entry of an empty list would hide all others."""
    if list(config.getActiveViews()):
        config.addActiveView(view)


def _add_roles(config: Any, linear: str) -> None:
    """Say what bytes, floats and sequences are where the config does not: Blender would take bytes for ACEScct."""
    texture = next((name for name in SRGB_TEXTURE if config.getColorSpace(name)), None)
    scene_linear = config.getRoleColorSpace("scene_linear") or linear
    for role, name in (("default_byte", texture), ("default_float", scene_linear), ("default_sequencer", texture)):
        if name is not None and not config.hasRole(role):
            config.setRole(role, config.getColorSpace(name).getName())


def _of_view(each: Print) -> str:
    return f"{each.about}. A whole print: no look goes before it; leave Look at None."


def _of_look(each: Print, plain: str | None) -> str:
    shown = f"the view {plain!r}" if plain else "a view without a tone curve"
    return f"{each.about}. Gives linear light of the display: goes with {shown}, else the picture is rendered twice."
