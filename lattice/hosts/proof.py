"""Whether OpenColorIO shows through a config what an SDev shows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from lattice.color import displays
from lattice.color.inputs import folded
from lattice.errors import LatticeError
from lattice.files.ocio.base import Base
from lattice.files.ocio.extend import displays_of, look_name
from lattice.files.ocio.library import asking
from lattice.files.ocio.prints import Print
from lattice.sdev import SDev
from lattice.types import Pixels

WITHIN = 2e-5  # of code value, without approximations: both compute in float32, in another order
SEED, COLORS, GRAYS = 17, 4000, 200
STOPS, APART = 4.0, 1.2  # spread of the probe's light, and of a color's channels


@cache
def probe() -> Pixels:
    """Return scene colors (n, 3), float32: natural ones, grays, black, and some outside of Rec.709."""
    random = np.random.default_rng(SEED)
    light = 0.18 * 2.0 ** (random.normal(-1, STOPS / 2, (COLORS, 1)) + random.normal(0, APART, (COLORS, 3)))
    light[: COLORS // 10] -= 0.02
    grays = np.repeat(0.18 * 2.0 ** np.linspace(-9, 8, GRAYS)[:, None], 3, axis=1)
    return np.concatenate([light, grays, np.zeros((1, 3))]).astype(np.float32)


def through(processor: Any, pixels: Pixels) -> Pixels:
    """Return pixels (n, 3) float32 as OpenColorIO's processor makes them, without approximations."""
    import PyOpenColorIO as ocio

    made = np.ascontiguousarray(pixels, np.float32).copy()
    processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS).applyRGB(made)
    return made


def check_print(
    config: Any,
    base: Base,
    each: Print,
    sdev: SDev,
    variables: Mapping[str, str] | None = None,
    with_views: bool = True,
) -> None:
    """Check that a config shows an SDev: its look, its named transform, and its view on every display of `--display`.

    config: as read back. sdev: as of `ready`. variables: of the context. with_views: check the views too.
    Raises LatticeError that says where it does not; also where a file is not found.
    """
    linear = base.linear
    with asking(f"{each.view}") as ocio:
        context = config.getCurrentContext()
        for name, value in (variables or {}).items():
            context.setStringVar(name, value)
        expected = sdev.apply(probe(), np.empty_like(probe()))
        name = look_name(base, each)
        look = config.getProcessor(context, ocio.LookTransform(linear, linear, name), ocio.TRANSFORM_DIR_FORWARD)
        hold(f"look {name!r}", sdev.display.encode(through(look, probe())), expected)
        if config.getMajorVersion() > 1:
            named = config.getProcessor(context, config.getNamedTransform(each.named), ocio.TRANSFORM_DIR_FORWARD)
            hold(f"named transform {each.named!r}", through(named, probe()), expected)
        if with_views:
            _check_views(ocio, config, context, linear, each, sdev)


def _check_views(ocio: Any, config: Any, context: Any, linear: str, each: Print, sdev: SDev) -> None:
    shown = displays_of(config, each.view)
    if not shown:
        raise LatticeError(f"view {each.view!r}: expected a display that shows it, got none")
    is_color_space = config.getColorSpace(each.view)
    for display in shown:
        view = ocio.DisplayViewTransform(linear, display, each.view)
        made = through(config.getProcessor(context, view, ocio.TRANSFORM_DIR_FORWARD), probe())
        named = config.getDisplayViewColorSpaceName(display, each.view)
        space = None if is_color_space else _known(named) or _known(display)
        on = sdev if space is None else sdev.with_display(space.name)
        if is_color_space or space is not None:
            _hold_view(f"view {each.view!r} on {display!r}", made, on)


def _known(name: str) -> displays.DisplaySpace | None:
    """Return the display of a name; None if the register has none, or it is one of HDR, which goes on above white."""
    known = displays.NAMES.get(folded(name))
    space = None if known is None else displays.DISPLAYS[known]
    return None if space is None or space.shown.peak is not None else space


def _hold_view(where: str, made: Pixels, sdev: SDev) -> None:
    """Compare codes; those of a pure power as light, for its slope at black is infinite."""
    expected = sdev.apply(probe(), np.empty_like(probe()))
    if isinstance(sdev.display.gamma, str):
        hold(where, made, expected)
    else:
        hold(where, sdev.display.decode(made), sdev.display.decode(expected))


def hold(where: str, made: Pixels, expected: Pixels) -> None:
    """Raise LatticeError if codes, held to [0, 1], differ from those expected by more than WITHIN."""
    error = float(np.abs(np.clip(made, 0, 1) - expected).max())
    if not error <= WITHIN:
        raise LatticeError(f"{where}: shows codes that are {error:.2g} away from the SDev's, expected {WITHIN:g}")
