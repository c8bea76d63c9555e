"""The viewer's picture without a viewer: looks side by side, drawn in Python, as HTML."""

from __future__ import annotations

import base64
from html import escape

from lattice.errors import one_line, printable
from lattice.types import LatticeError
from lattice.view import drawn
from lattice.view.desk import Desk
from lattice.view.kept import Want
from lattice.view.looking import SURROUND, Looking, fitted, scale_for
from lattice.view.references import Reference
from lattice.view.session import Slots
from lattice.view.sheet import png_of

ONE, EACH = (960, 540), (480, 360)  # pixels that one picture fits into, and each of several
STYLE = f"padding: 8px; background: rgb{SURROUND}; color: #c8c8c8; font: 12px sans-serif"


class Still:
    """The first frame through the first looks: what a notebook shows without widgets.

    count: of looks, from slot 1 on. hint: a line below the pictures.
    """

    def __init__(self, desk: Desk, count: int) -> None:
        self.desk, self.count, self.hint = desk, count, ""
        self._html = ""

    def __repr__(self) -> str:
        desk = self.desk
        shots = ", ".join(printable(shot.source) for shot in desk.frames.shots)
        looks = ", ".join(name_of(desk.slots, number) for number in range(1, self.count + 1))
        return f"lattice.view({shots}: {looks})"

    def _repr_html_(self) -> str:
        """Return the pictures as HTML, drawn once; a line instead where one cannot be drawn."""
        self._html = self._html or self._drawn()
        return self._html

    def _drawn(self) -> str:
        try:
            figures = [self._figure(number) for number in range(1, self.count + 1)]
        except LatticeError as error:
            return f"<p>{escape(printable(error))}</p>"
        row = f'<div style="display: flex; flex-wrap: wrap; gap: 8px">{"".join(figures)}</div>'
        hint = f'<p style="margin: 8px 0 0">{escape(self.hint)}</p>' if self.hint else ""
        return f'<div style="{STYLE}">{row}{hint}</div>'

    def _figure(self, number: int) -> str:
        png, (width, height), name = self.png(number)
        data = base64.b64encode(png).decode()
        picture = f'<img alt="{escape(name)}" width="{width}" height="{height}" src="data:image/png;base64,{data}">'
        return f'<figure style="margin: 0">{picture}<figcaption>{escape(name)}</figcaption></figure>'

    def png(self, number: int) -> tuple[bytes, tuple[int, int], str]:
        """Return a slot's picture as a PNG, its width and height, and what it is named.

        Raises LatticeError if the frame cannot be read, or the look cannot show it.
        """
        loaded = self.desk.frames.get(Want(0, 0, self.desk.layer))
        raw = loaded.picture.raw
        sdev = None if raw else self.desk.slots.shown(Reference(number), loaded.primaries)
        zoom, center = fitted(loaded.picture, ONE if self.count == 1 else EACH)
        width, height = loaded.picture.size
        size = max(1, round(width * loaded.picture.aspect * zoom)), max(1, round(height * zoom))
        picture = loaded.picture.proxy(scale_for(zoom))
        canvas = drawn.draw(size, Looking(zoom=zoom, center=center), (picture, sdev))
        name = loaded.graded if raw else name_of(self.desk.slots, number)
        return png_of(canvas[..., :3], one_line(f"view {name}")), size, name


def name_of(slots: Slots, number: int) -> str:
    """Return what a slot's look is called."""
    told = slots.as_json()[number - 1]
    return "" if told is None else str(told["name"])
