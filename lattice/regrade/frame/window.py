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
    first_x, first_y, last_x, last_y = _overlap(data, to)
    if first_x <= last_x and first_y <= last_y:
        for plane, channel in zip(picture, channels, strict=True):
            shown = channel[first_y - data[1] : last_y - data[1] + 1, first_x - data[0] : last_x - data[0] + 1]
            plane[first_y - top : last_y - top + 1, first_x - left : last_x - left + 1] = shown
    return picture


def shown_pixels(header: FrameHeader) -> int:
    """Return how many pixels of the data window are in the display window."""
    first_x, first_y, last_x, last_y = _overlap(header.window, header.display)
    return max(0, last_x - first_x + 1) * max(0, last_y - first_y + 1)


def _overlap(one: Window, other: Window) -> Window:
    """Return the window that two windows share; its last pixel comes before its first if they share none."""
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])
