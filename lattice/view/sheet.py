"""A contact sheet: one picture through looks, a column each, at exposures, a row each; with their names beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lattice.errors import printable
from lattice.files.images.png import PNG_MAGIC, pack_png
from lattice.files.images.spec import EncodedImage
from lattice.files.storage import atomic
from lattice.regrade.frame.header import display_encoding
from lattice.sdev import SDev
from lattice.types import LatticeError
from lattice.version import __version__
from lattice.view import labels
from lattice.view.drawn import draw
from lattice.view.frames import Loaded
from lattice.view.looking import SURROUND, Color, Looking, Picture, fitted, scale_for
from lattice.view.plain import NONE, plain
from lattice.view.still import for_still

INK: Color = (200, 200, 200)
DIM: Color = (132, 132, 132)
WIDTHS = (160, 16384)  # pixels of a sheet
USUAL_WIDTH = 1920
NARROWEST = 48  # pixels of a picture: a narrower one shows nothing
MOST_PIXELS = 1 << 28
TEXT_SHARE, TEXT_SIZES = 1 / 96, (12, 40)  # of the sheet's width; pixels
UNIT = "stops"
AS_RENDERED = "as rendered"  # the label of the picture without a look


def check_target(target: Path, source: Path, overwrite: bool) -> None:
    """Check the name of a PNG before the work. Raises LatticeError if it does not end in .png, is taken and must not be
    overwritten, or is the source."""
    atomic.check_new(target, ".png", overwrite, PNG_MAGIC)
    if target.exists() and source.exists() and target.samefile(source):
        raise LatticeError(f"{target}: expected another file than the picture itself")


def png_of(pixels: NDArray[np.uint8], note: str) -> bytes:
    """Return a PNG of sRGB codes (H, W, 3) that says so."""
    encoding = display_encoding(plain())
    cicp = None if encoding is None else encoding.cicp
    return b"".join(pack_png(EncodedImage(pixels, note=f"lattice {__version__} {note}", cicp=cicp)))


def make_sheet(
    loaded: Loaded, sdevs: Sequence[SDev], exposures: Sequence[float], title: str, width: int = USUAL_WIDTH
) -> NDArray[np.uint8]:
    """Return a contact sheet, (H, width, 3) uint8 sRGB codes.

    sdevs: at least one; as found, for linear light of any primaries. exposures: stops, -20 to 20; one of 0 alone has no
    label. title: a line above. width: pixels, 160 to 16384; pictures fill it.
    Raises LatticeError if it is too narrow for the looks or too large to hold, if an SDev does not take the picture's
    light, or its display is not known.
    """
    labels.check_installed("sheet")
    ready = [for_still(sdev, loaded) for sdev in sdevs]
    names = [AS_RENDERED if sdev.name == NONE else printable(sdev.name) for sdev in sdevs]
    layout = _Layout.of(loaded.picture, len(ready), exposures, width)
    canvas = np.full((layout.height, width, 3), SURROUND, np.uint8)
    room = width - 2 * layout.margin
    labels.write(canvas, labels.cut(title, layout.text, room), layout.text, layout.left, layout.margin, DIM)
    for name, left in zip(names, layout.columns(), strict=True):
        text = labels.cut(name, layout.text, layout.cell[0])
        labels.write(canvas, text, layout.text, left, layout.heading, INK)
    zoom, center = fitted(loaded.picture, layout.cell)
    picture = loaded.picture.proxy(scale_for(zoom))
    if layout.gutter:
        _write_stops(canvas, layout, exposures)
    for stops, top in zip(exposures, layout.rows(), strict=True):
        looking = Looking(exposure=stops, zoom=zoom, center=center)
        for sdev, left in zip(ready, layout.columns(), strict=True):
            drawn = draw(layout.cell, looking, (picture, sdev))
            canvas[top : top + layout.cell[1], left : left + layout.cell[0]] = drawn[..., :3]
    return canvas


def _write_stops(canvas: NDArray[np.uint8], layout: _Layout, exposures: Sequence[float]) -> None:
    """Write the exposures beside the middles of their rows, and their unit above, all of them up to the pictures."""
    tops = [top + (layout.cell[1] - labels.height_of(layout.text)) // 2 for top in layout.rows()]
    for text, top, color in (
        (UNIT, layout.heading, DIM),
        *((_stops(each), top, INK) for each, top in zip(exposures, tops, strict=True)),
    ):
        left = layout.left - layout.text - labels.width_of(text, layout.text)
        labels.write(canvas, text, layout.text, left, top, color)


def _stops(exposure: float) -> str:
    return f"{exposure:+g}" if exposure else "0"


@dataclass(frozen=True)
class _Layout:
    """Where things are, in pixels. text: its size. gutter: width of the labels of rows; 0 for none. heading: top of the
    looks' names. first: top of the first row. cell: width and height of a picture."""

    text: int
    margin: int
    gap: int
    gutter: int
    heading: int
    first: int
    cell: tuple[int, int]
    counts: tuple[int, int]

    @classmethod
    def of(cls, picture: Picture, looks: int, exposures: Sequence[float], width: int) -> _Layout:
        """Lay pictures out that fill the width. Raises LatticeError if that is too narrow or too large."""
        if not WIDTHS[0] <= width <= WIDTHS[1]:
            raise LatticeError(f"width: expected {WIDTHS[0]} to {WIDTHS[1]} pixels, got {width}")
        text = min(max(round(width * TEXT_SHARE), TEXT_SIZES[0]), TEXT_SIZES[1])
        line, gap = labels.height_of(text), text // 2
        beside = [UNIT, *map(_stops, exposures)] if any(exposures) else []
        gutter = max((labels.width_of(each, text) + text for each in beside), default=0)
        across = (width - 2 * text - gutter - gap * (looks - 1)) // looks
        if across < NARROWEST:
            least = looks * (NARROWEST + gap) - gap + gutter + 2 * text
            raise LatticeError(f"width: expected at least {least} pixels for {looks} looks, got {width}")
        wide, high = picture.size
        down = max(1, round(across * high / (wide * picture.aspect)))
        heading = text + line + gap
        layout = cls(text, text, gap, gutter, heading, heading + line + gap, (across, down), (looks, len(exposures)))
        if layout.height * width > MOST_PIXELS:
            megapixels = f"{layout.height * width / 1e6:.0f}"
            raise LatticeError(
                f"sheet: expected at most {MOST_PIXELS / 1e6:.0f} megapixels, got {megapixels}; a smaller --width does"
            )
        return layout

    @property
    def height(self) -> int:
        """Of the sheet."""
        return self.first + self.counts[1] * (self.cell[1] + self.gap) - self.gap + self.margin

    @property
    def left(self) -> int:
        """Of the first picture."""
        return self.margin + self.gutter

    def columns(self) -> Iterator[int]:
        """Yield the left of each column."""
        return (self.left + k * (self.cell[0] + self.gap) for k in range(self.counts[0]))

    def rows(self) -> Iterator[int]:
        """Yield the top of each row."""
        return (self.first + k * (self.cell[1] + self.gap) for k in range(self.counts[1]))
