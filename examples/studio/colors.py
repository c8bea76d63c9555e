"""Colors of the studio: paint and lamps as linear Rec.709, LEDs by their wavelength, all rendered as ACEScg."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lattice.color.primaries import convert

from .shapes import Array, Triple

FROM_REC709 = convert("Rec.709", "ACEScg").astype(np.float32)
# ACEScg of a Gaussian spectrum, peak and width at half height in nm, largest channel 1, camera balanced to daylight
# (D55). Red and amber are near the edge of ACEScg; green, cyan and blue are outside: a channel is negative.
# Source: lattice.inspect.truth.Scene.sample(lattice.inspect.spectra.line(peak, width)).
LEDS: dict[tuple[int, int], Triple] = {
    (630, 20): (1.0, 0.0134, 0.0062),
    (595, 20): (1.0, 0.3082, 0.0060),
    (525, 30): (-0.0449, 1.0, 0.0729),
    (500, 30): (-0.2558, 1.0, 0.6382),
    (460, 20): (0.0370, -0.0305, 1.0),
}
RED, AMBER, GREEN, CYAN, BLUE = LEDS.values()


def acescg(rec709: ArrayLike) -> Array:
    """Three linear Rec.709 numbers, or (3, N), as ACEScg (3, N) float32; white stays white."""
    return FROM_REC709 @ np.asarray(rec709, np.float32).reshape(3, -1)
