"""Draw a slate: a still of what a shot is, in front of its pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lattice.errors import did_you_mean, printable
from lattice.regrade.dailies.text import SMALLEST, ascent, check_installed, draw, fitting, height_of, ink, width_of
from lattice.types import LatticeError

ITEMS = ("show", "shot", "look", "date", "frames", "timecode", "rate")
GROUND, DIM, BRIGHT = 0.15, 0.5, 0.88  # code values: the background, the names of the items, what they are
MARGIN, COLUMN = 0.08, 0.2  # of the width: empty at each side, the names of the items
GAP, WIDEST = 0.02, 0.35  # of the width: after a name; the names of items at most
TOP, GRAYS = 0.16, (0.86, 0.94)  # of the height: where the title begins; where grays begin and end
ABOVE = 0.04  # of the height: empty above the grays
TITLE, LINE = 0.085, 0.042  # of the height, or of the width by SHAPE if that is less: a line of the title, of an item
SHAPE = 9 / 16
STEPS = 11  # grays from black to white


class Entry(NamedTuple):
    """An item of a slate. text: as the user wrote it; None: what the movie knows."""

    name: str
    text: str | None

    def said(self, known: Mapping[str, str]) -> str:
        """Return the text: the user's, or what the movie knows; empty if it does not."""
        return printable(known.get(self.name, "") if self.text is None else self.text)


UNTITLED = Entry("show", None)
NO_SHOW = "slate: no file names the show: write show=TITLE"


def parse(text: str) -> tuple[Entry, ...]:
    """Return the entries of a list such as `show=Nightfall,shot,look,date,note=for review`; empty for empty text.

    Raises LatticeError if an item without a text of its own is not in ITEMS, or if the only one is the show, which no
    file names; or if Pillow, which draws the slate, is not installed.
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
        entries.append(Entry(name, own if equals and (own or name != "show") else None))
    if set(entries) == {UNTITLED}:
        raise LatticeError(NO_SHOW)
    if entries:
        check_installed("slate")
    return tuple(entries)


def titled(entries: tuple[Entry, ...]) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """Return the entries without a show that has no title, and a note if there was one."""
    left = tuple(each for each in entries if each != UNTITLED)
    return left, (f"{NO_SHOW}; left out",) if left != entries else ()


def drawn(
    entries: tuple[Entry, ...], known: Mapping[str, str], size: tuple[int, int], aspect: float
) -> NDArray[np.float32]:
    """Return a slate, (3, H, W) of code values: the first entry as its title, the others below, grays at its foot.

    known: the texts of entries without their own, by name. size: (width, height). aspect: a pixel's width over its
    height. A text that is too long for its line goes on in the next; a word that is too long is smaller, and at last
    cut off. Entries that find no room above the grays are left out.
    """
    width, height = size
    picture = np.full((3, height, width), GROUND, np.float32)
    margin, page = int(MARGIN * width), _page(entries, known, size, aspect)
    draw(picture, ink(entries[0].said(known), page.title, aspect), int(TOP * height), margin, BRIGHT)
    column, full = int(page.column / aspect), width - 2 * margin
    for number, (_, name, text) in enumerate(page.rows[: page.fitting]):
        top = page.top + number * page.step
        its = fitting(text, page.line, page.room)
        for words, size_of, left, most, code in (
            (name, page.label, margin, column, DIM),
            (text, its, margin + column, full - column, BRIGHT),
        ):
            letters = ink(words, size_of, aspect)[:, : max(0, most)]
            draw(picture, letters, top + ascent(page.line) - ascent(size_of), left, code)
    _draw_grays(picture, margin)
    return picture


def left_out(
    entries: tuple[Entry, ...], known: Mapping[str, str], size: tuple[int, int], aspect: float
) -> tuple[str, ...]:
    """Return the names of the entries that a slate has no room for, or not for all their lines; as for `drawn`."""
    page = _page(entries, known, size, aspect)
    return tuple(dict.fromkeys(entry for entry, _, _ in page.rows[page.fitting :]))


class _Page(NamedTuple):
    """Where a slate's texts are. rows: below the title, of each line the entry's name, the name that is drawn (empty in
    its further lines) and the text; `fitting` of them find room. title, line, label: sizes of the title, of texts and
    of names. top, step: of the first line, and from line to line, in pixels. column, room: the widths of names and
    texts, in square pixels."""

    rows: list[tuple[str, str, str]]
    fitting: int
    title: int
    line: int
    label: int
    top: int
    step: int
    column: float
    room: float


def _page(entries: tuple[Entry, ...], known: Mapping[str, str], size: tuple[int, int], aspect: float) -> _Page:
    wide, height = size[0] * aspect, size[1]
    unit = min(height, wide * SHAPE)  # so that a tall slate has no larger text
    full = (1 - 2 * MARGIN) * wide
    title = fitting(entries[0].said(known), int(TITLE * unit), full)
    top = int(TOP * height) + max(int(2 * TITLE * unit), height_of(title))
    line = max(SMALLEST, int(LINE * unit))
    names = [entry.name for entry in entries[1:]]
    label = min((fitting(name, line, (COLUMN - GAP) * wide) for name in names), default=line)
    widest = max((width_of(name, label) for name in names), default=0.0)
    column = min(WIDEST * wide, max(COLUMN * wide, widest + GAP * wide))
    rows = [
        (entry.name, entry.name * (k == 0), part)
        for entry in entries[1:]
        for k, part in enumerate(_wrapped(entry.said(known), line, full - column))
    ]
    space = max(0, int((GRAYS[0] - ABOVE) * height) - top)
    step = max(height_of(SMALLEST), min(int(1.7 * line), space // max(1, len(rows))))
    while line > SMALLEST and height_of(line) > step:
        line -= 1
    return _Page(rows, space // step, title, line, min(label, line), top, step, column, full - column)


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
