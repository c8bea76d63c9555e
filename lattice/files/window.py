"""Crop or pad channels from the data window to the display window, or to another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lattice.files.frame import FrameHeader, Window
from lattice.types import Pixels

Area = tuple[slice, slice]  # rows, columns


def crop_to_display(channels: Sequence[Pixels], header: FrameHeader) -> Pixels:
    """Return channels cropped or padded to the header's display window; as for `crop_to`."""
    return crop_to(channels, header.window, header.display)


def crop_to(channels: Sequence[Pixels], data: Window, to: Window) -> Pixels:
    """Return (channels, H, W) of window `to`: the channels where it overlaps the data window, 0 elsewhere.

    channels: at least one, each (h, w) of the data window. The result has the widest of their dtypes.
    """
    left, top, right, bottom = to
    picture = np.zeros((len(channels), bottom - top + 1, right - left + 1), np.result_type(*channels))
    shown, held = shared(data, to)
    for plane, channel in zip(picture, channels, strict=True):
        plane[shown] = channel[held]
    return picture


def shared(data: Window, to: Window) -> tuple[Area, Area]:
    """Return the rows and columns that two windows share, in `to` and in `data`; empty ones if they share nothing."""
    left, top, right, bottom = _overlap(data, to)
    width, height = max(0, right - left + 1), max(0, bottom - top + 1)
    shown, held = (
        (slice(top - window[1], top - window[1] + height), slice(left - window[0], left - window[0] + width))
        if width and height
        else (slice(0), slice(0))
        for window in (to, data)
    )
    return shown, held


def shown_pixels(header: FrameHeader) -> int:
    """Return how many pixels of the data window are in the display window."""
    first_x, first_y, last_x, last_y = _overlap(header.window, header.display)
    return max(0, last_x - first_x + 1) * max(0, last_y - first_y + 1)


def _overlap(one: Window, other: Window) -> Window:
    """Return the window that two windows share; its last pixel comes before its first if they share none."""
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])
