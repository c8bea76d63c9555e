"""Draw a slate: a still of what a shot is, in front of its pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lattice.errors import did_you_mean
from lattice.regrade.dailies.text import SMALLEST, ascent, check_installed, draw, fitting, ink, width_of
from lattice.types import LatticeError

ITEMS = ("show", "shot", "look", "date", "frames", "timecode", "rate")
GROUND, DIM, BRIGHT = 0.15, 0.5, 0.88  # code values: the background, the names of the items, what they are
MARGIN, COLUMN = 0.08, 0.2  # of the width: empty at each side, the names of the items
TOP, GRAYS = 0.16, (0.86, 0.94)  # of the height: where the title begins; where grays begin and end
TITLE, LINE = 0.085, 0.042  # of the height, or of the width by SHAPE if that is less: a line of the title, of an item
SHAPE = 9 / 16
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
    height. A text that is too long for its line goes on in the next; a word that is too long is smaller, and at last
    cut off.
    """
    width, height = size
    picture = np.full((3, height, width), GROUND, np.float32)
    margin, wide = int(MARGIN * width), width * aspect
    unit = min(height, wide * SHAPE)  # so that a tall slate has no larger text
    (_, title), *texts = [(each.name, known.get(each.name, "") if each.text is None else each.text) for each in entries]
    top = int(TOP * height)
    draw(picture, ink(title, fitting(title, int(TITLE * unit), (1 - 2 * MARGIN) * wide), aspect), top, margin, BRIGHT)
    top += int(2 * TITLE * unit)
    line, room = max(SMALLEST, int(LINE * unit)), (1 - 2 * MARGIN - COLUMN) * wide
    rows = [(name * (k == 0), part) for name, text in texts for k, part in enumerate(_wrapped(text, line, room))]
    step = min(int(1.7 * line), int((GRAYS[0] - 0.04) * height - top) // max(1, len(rows)))
    line = max(SMALLEST, min(line, step))
    label = min((fitting(name, line, (COLUMN - 0.02) * wide) for name, _ in rows), default=line)
    for name, text in rows:
        for words, its, left, code in (
            (name, label, margin, DIM),
            (text, fitting(text, line, room), margin + int(COLUMN * width), BRIGHT),
        ):
            draw(picture, ink(words, its, aspect), top + ascent(line) - ascent(its), left, code)
        top += step
    _draw_grays(picture, margin)
    return picture


def _wrapped(text: str, size: int, room: float) -> list[str]:
    """Return a text in lines that are `room` square pixels wide, where its words allow that."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width_of(longer, size) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _draw_grays(picture: NDArray[np.float32], margin: int) -> None:
    """Draw equal steps of code value from black to white."""
    _, height, width = picture.shape
    edges = np.linspace(margin, width - margin, STEPS + 1).astype(int)
    for gray, start, end in zip(np.linspace(0, 1, STEPS), edges, edges[1:], strict=False):
        picture[:, int(GRAYS[0] * height) : int(GRAYS[1] * height), start:end] = np.float32(gray)
