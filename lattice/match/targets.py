"""The colors of a target to be shown or filmed and measured: scene light that says most of a look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from lattice.color.primaries import convert
from lattice.errors import LatticeError
from lattice.inspect import spectra
from lattice.inspect.truth import camera
from lattice.types import MID_GRAY, Array

KINDS = ("24", "140")
MID = 21  # of the chart: the gray of 19 % that is put at 0.18
CHART_STOPS = (0, -2, 2)
GRAYS, GRAY_STOPS = 20, (-6.0, 5.4)  # from a print's black to its white
HUES: Mapping[str, tuple[int, int, int]] = MappingProxyType(
    {
        "red": (1, 0, 0),
        "yellow": (1, 1, 0),
        "green": (0, 1, 0),
        "cyan": (0, 1, 1),
        "blue": (0, 0, 1),
        "magenta": (1, 0, 1),
    }
)
LEAST_SHARE = 0.08  # of a saturated color's other channels: inside what a recorder writes exactly
HUE_STOPS = (-3, -1, 1, 3, 4.5)
SKINS, SKIN_STOPS = (0, 1, 2, 3, 6, 11), (-1.5, 0.5, 1.5)  # of `spectra.skin()`; from the chart's 0.18


@dataclass(frozen=True)
class Colors:
    """names: (n,), each once. light: (n, 3) float64, scene-linear, 0 or more, 0.18 = mid gray. columns: of a layout."""

    names: tuple[str, ...]
    light: Array
    columns: int


def colors(kind: str, primaries: str) -> Colors:
    """Return the colors of a target in linear light of some primaries, channels below 0 at 0.

    kind: "24", a color chart in daylight; "140", the chart at three exposures, grays from black to white, saturated
    colors and skin. Raises LatticeError for another kind.
    """
    if kind not in KINDS:
        raise LatticeError(f"expected {' or '.join(KINDS)} patches, got {kind!r:.40}")
    to_own = convert("ACEScg", primaries).T
    daylight = spectra.balance_lights()[1]
    chart = (spectra.chart() * daylight) @ camera(daylight).T @ to_own
    gain = MID_GRAY / chart[MID].mean()
    found = [(f"chart {k + 1}", color) for k, color in enumerate(gain * chart)]
    if kind == "24":
        return _numbered(found, 6)
    skin = gain * (spectra.skin() * daylight) @ camera(daylight).T @ to_own
    parts = [
        *((f"{name} {stops:+g}", light * 2.0**stops) for stops in CHART_STOPS for name, light in found),
        *((f"gray {stops:+.1f}", MID_GRAY * 2.0**stops * np.ones(3)) for stops in np.linspace(*GRAY_STOPS, GRAYS)),
        *(
            (f"{hue} {stops:+g}", MID_GRAY * 2.0**stops * np.maximum(channels, LEAST_SHARE))
            for hue, channels in HUES.items()
            for stops in HUE_STOPS
        ),
        *((f"skin {k} {stops:+g}", skin[k] * 2.0**stops) for k in SKINS for stops in SKIN_STOPS),
    ]
    return _numbered(parts, 14)


def _numbered(parts: list[tuple[str, Array]], columns: int) -> Colors:
    names = tuple(f"{number} {name}" for number, (name, _) in enumerate(parts, 1))
    return Colors(names, np.maximum([light for _, light in parts], 0), columns)
