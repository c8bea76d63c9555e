"""Crop or pad channels from the data window to the display window, or to another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lattice.files.frame import FrameHeader, Window
from lattice.types import Pixels


def crop_to_display(channels: Sequence[Pixels], header: FrameHeader) -> Pixels:
    """Return channels cropped or padded to the header's display window; as for `crop_to`."""
    return crop_to(channels, header.window, header.display)


def crop_to(channels: Sequence[Pixels], data: Window, to: Window) -> Pixels:
    """Return (channels, H, W) of window `to`: the channels where it overlaps the data window, 0 elsewhere.

    channels: at least one, each (h, w) of the data window. The result has the widest of their dtypes.
    """
    left, top, right, bottom = to
    picture = np.zeros((len(channels), bottom - top + 1, right - left + 1), np.result_type(*channels))
    first_x, first_y = max(left, data[0]), max(top, data[1])
    last_x, last_y = min(right, data[2]), min(bottom, data[3])
    if first_x <= last_x and first_y <= last_y:
        for plane, channel in zip(picture, channels, strict=True):
            shown = channel[first_y - data[1] : last_y - data[1] + 1, first_x - data[0] : last_x - data[0] + 1]
            plane[first_y - top : last_y - top + 1, first_x - left : last_x - left + 1] = shown
    return picture
