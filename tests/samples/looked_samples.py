"""Pictures of every kind that a viewer shows, and ways to look at them: for what draws in Python and in a shader."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from lattice.view.looking import Picture

NATURAL = (-8.0, 5.0)  # stops around 0.18


def picture_of(planes: Any, corner: tuple[int, int] = (0, 0), display: Any = None, **facts: Any) -> Picture:
    """A picture whose data window begins at `corner`."""
    planes = np.asarray(planes, np.float16)
    scale = facts.get("scale", 1)
    _, height, width = planes.shape
    data = (*corner, corner[0] + width * scale - 1, corner[1] + height * scale - 1)
    return Picture(planes, data, display or data, **facts)


def natural(height: int, width: int, channels: int = 3, seed: int = 0) -> Any:
    """Scene light over 13 stops, some negative; alpha between 0 and 1, some of it 0."""
    random = np.random.default_rng(seed)
    planes = 0.18 * 2.0 ** random.uniform(*NATURAL, (channels, height, width))
    planes[:3] *= random.choice([1, 1, 1, -1], planes[:3].shape)
    if channels == 4:
        planes[3] = np.clip(random.uniform(-0.3, 1.3, planes[3].shape), 0, 1)
        planes[:3] *= planes[3] + (random.random(planes[3].shape) < 0.1)  # glows where alpha is 0
    return planes.astype(np.float16)


def odd(height: int, width: int) -> Any:
    """Scene light with each kind of value that is marked, alone and beside another kind; and -0, which is not."""
    planes = natural(height, width, seed=9)
    kinds = np.array([np.nan, np.inf, -np.inf, -0.5, -0.0, 0.0, 65504.0, 1e-7], np.float16)
    planes[0, ::5, ::4] = np.resize(kinds, planes[0, ::5, ::4].shape)
    planes[2, ::7, ::3] = np.resize(kinds[::-1], planes[2, ::7, ::3].shape)
    return planes


SIZE = (37, 26)
PICTURES = {
    "plain": picture_of(natural(24, 33)),
    "alpha": picture_of(natural(24, 33, 4, seed=1), premultiplied=True),
    "straight": picture_of(natural(24, 33, 4, seed=2)),
    "cropped": picture_of(natural(14, 21, seed=3), (5, 4), (0, 0, 32, 23)),
    "overscan": picture_of(natural(30, 39, 4, seed=4), (-3, -3), (0, 0, 32, 23), premultiplied=True),
    "wide": picture_of(natural(24, 17, seed=5), aspect=2.0),
    "narrow": picture_of(natural(24, 33, seed=6), aspect=0.75),
    "proxy": replace(picture_of(natural(12, 17, seed=7), scale=2), data=(0, 0, 32, 23), display=(0, 0, 32, 23)),
    "odd": picture_of(odd(24, 33)),
    "raw": picture_of(np.abs(natural(24, 33, seed=8)), raw=True),
}
LOOKINGS = {
    "1:1": {},
    "2:1": {"zoom": 2.0},
    "smaller": {"zoom": 0.8},
    "smallest": {"zoom": 0.55, "center": (15.3, 11.8)},
    "between": {"zoom": 3.3, "center": (3.0, 20.0)},
    "exposed": {"exposure": 1.5, "gamma": 1.8},
    "darker": {"exposure": -2.0, "zoom": 0.7},
    "red": {"channel": "r"},
    "blue": {"channel": "b", "zoom": 0.7},
    "alpha": {"channel": "a", "zoom": 0.9},
    "luma": {"channel": "y", "gamma": 0.7},
    "false": {"false_color": True, "exposure": 0.3},
    "clipping": {"clipping": True, "exposure": 3.0},
    "clipped green": {"clipping": True, "channel": "g"},
    "markers": {"markers": True, "zoom": 0.8},
    "all": {"false_color": True, "clipping": True, "markers": True},
    "wipe": {"mode": "wipe", "wipe": (0.4, 0.5, 0.0)},
    "slanted": {"mode": "wipe", "wipe": (0.6, 0.3, 33.0), "zoom": 0.8, "clipping": True},
    "back": {"mode": "wipe", "wipe": (0.5, 0.5, 180.0), "false_color": True},
    "across": {"mode": "wipe", "wipe": (0.5, 0.25, 90.0), "channel": "y"},
    "difference": {"mode": "difference", "zoom": 0.9},
    "difference in red": {"mode": "difference", "channel": "r", "markers": True},
}
