"""Academy Density Exchange: densities of scanned film to ACES2065-1 light.

Source: SMPTE ST 2065-3:2020; Academy, "ACEScsc.Academy.ADX10_to_ACES" and "ADX16_to_ACES" of the ACES 1.3 transforms.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lattice.color.primaries import PRIMARIES
from lattice.types import Array

ADX = "adx"  # its name beside those of TRANSFERS
PRIMARIES_OF_ADX = PRIMARIES["ACES2065-1"]
# By bits of a code value: the code of the film's base, and codes per unit of channel-dependent density.
BASES = {10: (95, 500), 16: (1520, 8000)}
# Channel-dependent density to channel-independent density, and its exposure to ACES2065-1.
INDEPENDENT = np.array([[0.75573, 0.22197, 0.02230], [0.05901, 0.96928, -0.02829], [0.16134, 0.07406, 0.76460]])
TO_ACES = np.array([[0.72286, 0.12630, 0.15084], [0.11923, 0.76418, 0.11659], [0.01427, 0.08213, 0.90359]])
# Density to log10 of exposure up to the last point; beyond it the curve is a line.
DENSITIES = (-0.19, 0.01, 0.028, 0.054, 0.095, 0.145, 0.220, 0.300, 0.400, 0.500, 0.600)
EXPOSURES = (
    *(-6.0, -2.721718645, -2.521718645, -2.321718645, -2.121718645, -1.921718645, -1.721718645),
    *(-1.521718645, -1.321718645, -1.121718645, -0.926545676714876),
)
SLOPE = 100 / 55
GRAY = (7120 - 1520) / 8000 * SLOPE - np.log10(0.18)  # ADX16 code 7120 is 18 % gray


def decode_adx(codes: ArrayLike, bits: int) -> Array:
    """Return linear ACES2065-1, (..., 3), of code values.

    codes: (..., 3), each 0 to 2**bits - 1. bits: 10 or 16.
    """
    base, unit = BASES[bits]
    density = (np.asarray(codes, np.float64) - base) / unit @ INDEPENDENT.T
    exposure = np.where(density <= DENSITIES[-1], np.interp(density, DENSITIES, EXPOSURES), SLOPE * density - GRAY)
    return np.asarray(10**exposure @ TO_ACES.T, np.float64)
