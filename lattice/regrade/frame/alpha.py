"""Find the alpha for each color; multiply color by it, and divide by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lattice.channels.layers import RGBLayer
from lattice.files.frame import Frame, FrameHeader
from lattice.files.window import crop_to
from lattice.types import Pixels

Alphas = dict[RGBLayer, Pixels]


def alphas(parts: Sequence[Frame[FrameHeader]], number: int, rgb_layers: Sequence[RGBLayer], level: int = 0) -> Alphas:
    """Return the alpha plane of each layer of part `number` that has one, in the shape of that part's data window.

    The alpha may be in another part; outside that part's data window it is 0. level: of a mip- or rip-map, 0 the
    largest.
    """
    own = parts[number].header.images[level].window
    found = {}
    for rgb_layer in rgb_layers:
        if rgb_layer.alpha:
            part = parts[number if rgb_layer.alpha_part is None else rgb_layer.alpha_part]
            window, plane = part.header.images[level].window, part.levels[level][rgb_layer.alpha]
            found[rgb_layer] = plane if window == own else crop_to([plane], window, own)[0]
    return found


def premultiplied(graded: Mapping[str, Pixels], alphas: Alphas) -> dict[str, Pixels]:
    """Return graded channels of a straight (unpremultiplied) picture multiplied by alpha, as in an EXR.

    graded: (h, w) each. Computed in float32 and rounded to each channel's dtype; channels without alpha stay.
    """
    done = dict(graded)
    for rgb_layer, plane in alphas.items():
        alpha = plane.astype(np.float32)
        done |= {name: (graded[name] * alpha).astype(graded[name].dtype) for name in rgb_layer.names}
    return done


def divided(channel: Pixels, alpha: Pixels) -> Pixels:
    """Return a channel divided by its alpha, in float32; unchanged where alpha is not above 0 and finite."""
    covered = (alpha > 0) & np.isfinite(alpha)
    return channel / np.where(covered, alpha, 1).astype(np.float32)
