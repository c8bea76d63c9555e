"""Where a lattice goes the other way than its exact chain, along gradients and along the paths of emitters."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lattice.inspect.beside import Beside
from lattice.inspect.truth import delta_e
from lattice.types import Array, encode_srgb

NOISE = 1e-6  # of full scale, or of L* 100: what float32 nodes leave of a step
CODES = 1023  # code values of 10 bits over 0
CHROMATIC = 10.0  # C*; with less, a hue off by a few degrees is no difference that is seen


@dataclass(frozen=True)
class Reversal:
    """Of a gradient: what goes back on a stretch in which the exact chain goes on.

    steps: of a display channel, of 3 x 1023. codes: of a channel, of 10 bits, at most; by sRGB's curve whatever the
    display's, since a pure power is infinitely steep at black. difference: CIEDE2000 between the color and the one with
    that channel where it was before, at most. lightness: L* of the color, at most.
    """

    steps: int
    codes: float
    difference: float
    lightness: float


@dataclass(frozen=True)
class Drift:
    """Of an emitter's path. hue: degrees by which the lattice leaves the exact chain's hue, at most, where both are
    chromatic. fall: L* by which the lattice falls, at most, on a stretch in which the exact chain does not fall."""

    hue: float
    fall: float


def reversal(beside: Beside, scene: Array) -> Reversal:
    """Measure a gradient of scene colors (n, 3)."""
    linear, exact = (beside.linear(values) for values in (beside.held(scene), beside.exact(scene)))
    codes, way = encode_srgb(linear), _way(encode_srgb(exact))
    against = int((np.diff(codes, axis=0) * way < -NOISE).sum())
    back, difference = np.max([_of_channel(beside, linear, codes, way, channel) for channel in range(3)], axis=0)
    lightness = beside.lab(linear)[:, 0]
    before, after = _turns(lightness, _way(beside.lab(exact)[:, 0] / 100))
    fall = np.abs(lightness[before] - lightness[after]).max()
    return Reversal(against, float(back), float(difference), float(fall))


def _way(exact: Array) -> Array:
    """Return 1 or -1 for each step in which values on a scale of 1 rise or fall, 0 where they rest."""
    steps = np.diff(exact, axis=0)
    return np.where(np.abs(steps) > NOISE, np.sign(steps), 0.0)


def _of_channel(beside: Beside, linear: Array, codes: Array, way: Array, channel: int) -> tuple[float, float]:
    """Return the codes of 10 bits that a display channel goes back by, at most, and the CIEDE2000 that it changes."""
    before, after = _turns(codes[:, channel], way[:, channel])
    ahead = linear[after]
    ahead[:, channel] = linear[before, channel]
    back = CODES * np.abs(codes[before, channel] - codes[after, channel])
    return float(back.max()), float(delta_e(beside.lab(linear[after]), beside.lab(ahead)).max())


def drift(beside: Beside, scene: Array) -> Drift:
    """Measure the path of an emitter of scene colors (n, 3) that only gets brighter."""
    held, exact = (beside.lab(beside.linear(values)) for values in (beside.held(scene), beside.exact(scene)))
    chromatic = np.minimum(*(np.hypot(lab[:, 1], lab[:, 2]) for lab in (held, exact))) > CHROMATIC
    hue, wanted = (np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) for lab in (held, exact))
    off = np.abs((hue - wanted + 180) % 360 - 180)
    lightness, falls = held[:, 0], np.diff(exact[:, 0]) < -100 * NOISE
    before, after = _turns(lightness, np.where(falls, 0.0, 1.0))
    return Drift(float(off[chromatic].max(initial=0.0)), float((lightness[before] - lightness[after]).max()))


def _turns(position: Array, way: Array) -> NDArray[np.int64]:
    """Return where `position` (n,) turns back farthest, and how far back it goes: indices (2, m), a pair a stretch.

    way: (n - 1,), 1 or -1 where it should rise or fall, 0 where it may do either. A stretch is where it stays the same.
    """
    ends = [0, *(np.flatnonzero(np.diff(way)) + 1), len(way)]
    found = []
    for start, end in pairwise(ends):
        gone = way[start] * position[start : end + 1]
        after = int((np.maximum.accumulate(gone) - gone).argmax())
        found.append((start + int(gone[: after + 1].argmax()), start + after))
    return np.array(found).T
