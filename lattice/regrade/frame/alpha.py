"""The alpha that goes with a color, and colors with and without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lattice.channels.layers import RGBLayer
from lattice.files.frame import Frame, FrameHeader
from lattice.regrade.frame.window import crop_to
from lattice.types import Pixels

Alphas = dict[RGBLayer, Pixels]


def alphas(parts: Sequence[Frame[FrameHeader]], number: int, rgb_layers: Sequence[RGBLayer], level: int = 0) -> Alphas:
    """What each color of part `number` is premultiplied by, in the shape of that part: it may lie in another part, and
    outside that one's data window nothing is covered."""
    own = parts[number].header.images[level].window
    found = {}
    for rgb_layer in rgb_layers:
        if rgb_layer.alpha:
            part = parts[number if rgb_layer.alpha_part is None else rgb_layer.alpha_part]
            window, plane = part.header.images[level].window, part.levels[level][rgb_layer.alpha]
            found[rgb_layer] = plane if window == own else crop_to([plane], window, own)[0]
    return found


def premultiplied(graded: Mapping[str, Pixels], alphas: Alphas) -> dict[str, Pixels]:
    """Graded channels of a straight picture as an EXR holds them."""
    done = dict(graded)
    for rgb_layer, plane in alphas.items():
        alpha = plane.astype(np.float32)
        done |= {name: (graded[name] * alpha).astype(graded[name].dtype) for name in rgb_layer.names}
    return done


def divided(channel: Pixels, alpha: Pixels) -> Pixels:
    """A channel divided by its alpha, in float32; as it is where alpha is not above 0 and finite."""
    covered = (alpha > 0) & np.isfinite(alpha)
    return channel / np.where(covered, alpha, 1).astype(np.float32)
