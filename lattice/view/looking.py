"""How a viewer looks at a picture: the picture, the settings, and the colors of what is drawn over it.

The page sends the settings under the names that they have here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from lattice.errors import LatticeError, did_you_mean
from lattice.files.frame import Window
from lattice.interp.mean import halved

Color = tuple[int, int, int]  # 8-bit display codes
Mode = Literal["single", "wipe", "difference"]
Shown = Literal["rgb", "r", "g", "b", "a", "y"]

MOST_STOPS = 20.0
GAMMAS = (0.1, 10.0)
ZOOMS = (1 / 1024, 1024.0)  # a picture of 65,536 lines in 64 pixels; one pixel that fills a screen
FARTHEST = 1e6  # of the center from the picture's corner, in pixels
MOST_WIPE = 10.0  # of the wipe's point, in widths and heights: it may be dragged out of the picture
DIFFERENCE = 8.0  # factor on |A - B|: a difference of 1/8 is full
SURROUND: Color = (38, 38, 38)  # outside the picture: neutral, darker than mid gray, so that shadows can be judged
LUMA = (0.2126, 0.7152, 0.0722)  # weights of red, green, blue. Source: ITU-R BT.709
HIGH, LOW = 254.5 / 255, 0.5 / 255  # codes that 8 bits round to 255 and to 0
CLIPPED_HIGH: Color = (255, 48, 48)
CLIPPED_LOW: Color = (48, 96, 255)
NAN, INFINITE, NEGATIVE = (255, 0, 255), (255, 255, 0), (0, 255, 255)
ABOVE = 1000.0  # upper end of the last band, in stops: more than any picture has
# False color: zones one stop wide around mid gray, half a stop next to it, where skin is exposed; each band's upper
# end in stops from 0.18, and its color. Gray is mid gray, warmer is brighter, cooler is darker, by the rainbow's order.
# Source: the zones of Ed Lachman's EL Zone System (15 zones, -6 to +6, with +-1/2); the colors are our own.
BANDS: tuple[tuple[float, Color], ...] = (
    (-5.5, (28, 8, 40)),
    (-4.5, (84, 32, 128)),
    (-3.5, (72, 56, 204)),
    (-2.5, (40, 112, 232)),
    (-1.5, (32, 172, 200)),
    (-0.75, (24, 152, 72)),
    (-0.25, (136, 208, 104)),
    (0.25, (128, 128, 128)),
    (0.75, (248, 240, 144)),
    (1.5, (248, 208, 32)),
    (2.5, (248, 156, 24)),
    (3.5, (236, 100, 24)),
    (4.5, (208, 28, 28)),
    (5.5, (248, 136, 176)),
    (ABOVE, (255, 255, 255)),
)
BAND_LABELS = ("-6", "-5", "-4", "-3", "-2", "-1", "-1/2", "0", "+1/2", "+1", "+2", "+3", "+4", "+5", "+6")


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture in memory, whole or as a proxy.

    planes: (3 or 4, H, W) float16: R, G, B and perhaps A, scene-linear light, or code values if `raw`.
    data, display: the windows at full resolution. aspect: a pixel's width over its height.
    scale: 1, 2, 4...: full-resolution pixels along each side of a sample; H and W are ceil(full / scale).
    premultiplied: RGB is divided by A before the look and multiplied after it, where A is above 0.
    raw: graded codes, shown without a look.
    """

    planes: NDArray[np.float16]
    data: Window
    display: Window
    aspect: float = 1.0
    scale: int = 1
    premultiplied: bool = False
    raw: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the display window, in pixels."""
        x0, y0, x1, y1 = self.display
        return x1 - x0 + 1, y1 - y0 + 1

    @property
    def corner(self) -> tuple[int, int]:
        """x, y of the data window's corner, from the display window's."""
        return self.data[0] - self.display[0], self.data[1] - self.display[1]

    @property
    def has_alpha(self) -> bool:
        """True if there is a plane of alpha."""
        return len(self.planes) > 3

    def proxy(self, scale: int) -> Picture:
        """Return the picture as a proxy of a scale: means of 2x2 samples. scale: a power of 2; itself if it has that
        already, or a larger one."""
        picture = self
        while picture.scale < scale:
            picture = replace(picture, planes=halved(picture.planes), scale=2 * picture.scale)
        return picture


@dataclass(frozen=True)
class Looking:
    """How a picture is looked at; the page sends the same names.

    exposure: stops, -20 to 20. gamma: 0.1 to 10, code ** (1 / gamma). channel: "rgb"; r, g, b, a alone, or luma y, as
        gray. false_color, clipping, markers: colors that replace the picture's.
    mode: "single" A; "wipe" A and B along a line; "difference" |A - B| * DIFFERENCE.
    wipe: x, y of a point of the line, as shares of the display window's width and height, and the angle of the line's
        normal in degrees, from +x toward +y (down): 0 is a vertical line with A on the left.
    zoom: canvas pixels a line of the picture; 1 is 1:1. center: x, y of the canvas's middle in picture pixels from the
        display window's top left corner.
    """

    exposure: float = 0.0
    gamma: float = 1.0
    channel: Shown = "rgb"
    false_color: bool = False
    clipping: bool = False
    markers: bool = False
    mode: Mode = "single"
    wipe: tuple[float, float, float] = (0.5, 0.5, 0.0)
    zoom: float = 1.0
    center: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def of(cls, told: object) -> Looking:
        """Return the settings of a JSON object; what it leaves out has its default.

        Raises LatticeError, "field: what was expected, what came", for the first field that is unknown, of another
        type, not finite or out of range.
        """
        if not isinstance(told, Mapping):
            raise LatticeError(f"looking: expected an object, got {_short(told)}")
        names = [each.name for each in fields(cls)]
        for name in told:
            if name not in names:
                raise LatticeError(f"{_short(name)}: expected a field of looking{did_you_mean(name, names)}")
        return cls(**{name: _CHECKS[name](name, value) for name, value in told.items()})


def fitted(picture: Picture, size: tuple[int, int], most: float = ZOOMS[1]) -> tuple[float, tuple[float, float]]:
    """Return the zoom, within ZOOMS and at most `most`, and the center that show the whole display window in a canvas
    (w, h)."""
    width, height = picture.size
    zoom = min(size[0] / (width * picture.aspect), size[1] / height, most)
    return max(zoom, ZOOMS[0]), (width / 2, height / 2)


def scale_for(zoom: float) -> int:
    """Return the scale of the proxy that a zoom is drawn from: the largest power of 2 up to 1 / zoom, at least 1."""
    scale = 1
    while scale * 2 * zoom <= 1:
        scale *= 2
    return scale


def constants() -> dict[str, Any]:
    """Return the constants of the picture's arithmetic as a JSON object, for the page."""
    return {
        "bands": [[upper, list(color)] for upper, color in BANDS],
        "labels": list(BAND_LABELS),
        "colors": {
            "high": list(CLIPPED_HIGH),
            "low": list(CLIPPED_LOW),
            "nan": list(NAN),
            "inf": list(INFINITE),
            "negative": list(NEGATIVE),
        },
        "surround": list(SURROUND),
        "difference": DIFFERENCE,
        "luma": list(LUMA),
        "clipped": [LOW, HIGH],
    }


def _short(value: object) -> str:
    return f"{value!r:.40}"


def _number(name: str, value: object, least: float, most: float) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        raise LatticeError(f"{name}: expected a number from {least:g} to {most:g}, got {_short(value)}")
    return float(value)


def _numbers(name: str, value: object, *ranges: float) -> tuple[float, ...]:
    """ranges: the largest size of each number."""
    if not isinstance(value, list | tuple) or len(value) != len(ranges):
        raise LatticeError(f"{name}: expected {len(ranges)} numbers, got {_short(value)}")
    return tuple(_number(name, each, -most, most) for each, most in zip(value, ranges, strict=True))


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise LatticeError(f"{name}: expected true or false, got {_short(value)}")
    return value


def _word(name: str, value: object, words: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in words:
        raise LatticeError(f"{name}: expected {', '.join(words[:-1])} or {words[-1]}, got {_short(value)}")
    return value


_CHECKS: dict[str, Any] = {
    "exposure": lambda name, value: _number(name, value, -MOST_STOPS, MOST_STOPS),
    "gamma": lambda name, value: _number(name, value, *GAMMAS),
    "channel": lambda name, value: _word(name, value, get_args(Shown)),
    "false_color": _flag,
    "clipping": _flag,
    "markers": _flag,
    "mode": lambda name, value: _word(name, value, get_args(Mode)),
    "wipe": lambda name, value: _numbers(name, value, MOST_WIPE, MOST_WIPE, 360.0),
    "zoom": lambda name, value: _number(name, value, *ZOOMS),
    "center": lambda name, value: _numbers(name, value, FARTHEST, FARTHEST),
}
