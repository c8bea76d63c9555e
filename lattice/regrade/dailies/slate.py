"""Draw a slate: a still of what a shot is, in front of its pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lattice.errors import did_you_mean
from lattice.regrade.dailies.text import check_installed, draw, fitting, ink
from lattice.types import LatticeError

ITEMS = ("show", "shot", "look", "date", "frames", "timecode", "rate")
GROUND, DIM, BRIGHT = 0.15, 0.5, 0.88  # code values: the background, the names of the items, what they are
MARGIN, COLUMN = 0.08, 0.2  # of the width: empty at each side, the names of the items
TITLE, LINE = 0.085, 0.042  # of the height: a line of the title, of an item
STEPS = 11  # grays from black to white


class Entry(NamedTuple):
    """An item of a slate. text: as the user wrote it; None: what the movie knows."""

    name: str
    text: str | None


def parse(text: str) -> tuple[Entry, ...]:
    """Return the entries of a list such as `show=Nightfall,shot,look,date,note=for review`; empty for empty text.

    Raises LatticeError if an item without a text of its own is not in ITEMS, or is the show, which no file names; or
    if Pillow, which draws the slate, is not installed.
    """
    entries = []
    for item in (item.strip() for item in text.split(",")):
        if not item:
            continue
        name, equals, own = (part.strip() for part in item.partition("="))
        if not equals and name not in ITEMS:
            raise LatticeError(
                f"slate: expected {', '.join(ITEMS)}, or NAME=TEXT, got {item!r}" + did_you_mean(name, ITEMS)
            )
        if name == "show" and not own:
            raise LatticeError("slate: no file names the show: write show=TITLE")
        entries.append(Entry(name, own if equals else None))
    if entries:
        check_installed("slate")
    return tuple(entries)


def drawn(
    entries: tuple[Entry, ...], known: Mapping[str, str], size: tuple[int, int], aspect: float
) -> NDArray[np.float32]:
    """Return a slate, (3, H, W) of code values: the first entry as its title, the others below, grays at its foot.

    known: the texts of entries without their own, by name. size: (width, height). aspect: a pixel's width over its
    height. A text that is too long for its line is smaller, and at last cut off.
    """
    width, height = size
    picture = np.full((3, height, width), GROUND, np.float32)
    margin, wide = int(MARGIN * width), width * aspect
    texts = [(entry.name, known.get(entry.name, "") if entry.text is None else entry.text) for entry in entries]
    top = int(0.16 * height)
    title = fitting(texts[0][1], int(TITLE * height), (1 - 2 * MARGIN) * wide)
    draw(picture, ink(texts[0][1], title, aspect), top, margin, BRIGHT)
    top += int(2.0 * TITLE * height)
    step = min(int(1.7 * LINE * height), int((0.82 * height - top) / max(1, len(texts) - 1)))
    for name, text in texts[1:]:
        line = min(int(LINE * height), step)
        label = fitting(name, line, (COLUMN - 0.02) * wide)
        draw(picture, ink(name, label, aspect), top, margin, DIM)
        draw(
            picture,
            ink(text, fitting(text, line, (1 - 2 * MARGIN - COLUMN) * wide), aspect),
            top,
            margin + int(COLUMN * width),
            BRIGHT,
        )
        top += step
    _draw_grays(picture, margin)
    return picture


def _draw_grays(picture: NDArray[np.float32], margin: int) -> None:
    """Draw equal steps of code value from black to white."""
    _, height, width = picture.shape
    edges = np.linspace(margin, width - margin, STEPS + 1).astype(int)
    for gray, start, end in zip(np.linspace(0, 1, STEPS), edges, edges[1:], strict=False):
        picture[:, int(0.86 * height) : int(0.94 * height), start:end] = np.float32(gray)
