"""The panels that the sheets of looks and of LUT files share, and the PNG that holds them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from lattice.build.instruments import colour_science
from lattice.errors import LatticeError, printable
from lattice.files.images.png import PNG_MAGIC
from lattice.files.storage import atomic
from lattice.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Seen = NDArray[np.bool_]
CHANNELS = {"red": "#e5484d", "green": "#46a758", "blue": "#3e8bff"}
PAPER, PANEL, INK = "#202020", "#2a2a2a", "#d0d0d0"  # neutral surround, so that the eye judges the patches
GRID, LINE, EDGE = "#3a3a3a", "#707070", "#808080"
PATCH, GAP, INSET, CHART_GROUND = 40, 4, 9, 0.06  # pixels; gray between the patches
SLICE_GROUND = 0.125
DARKEST_SEEN = 0.003  # Y; an eye sees darker colors as black, whatever their chromaticity
CHART = "ColorChecker24 - After November 2014"


def chart_reflectances() -> Array:
    """Return the 24 patches of a color chart in scene-linear Rec.709, (4, 6, 3) float64, from colour-science."""
    colour = colour_science()
    chart = colour.CCS_COLOURCHECKERS[CHART]
    xyz = colour.xyY_to_XYZ(np.array(list(chart.data.values())))
    linear = colour.XYZ_to_RGB(xyz, "ITU-R BT.709", illuminant=chart.illuminant)
    return np.asarray(linear).reshape(4, 6, 3)


def dress(axes: Axes, title: str, x: str = "", y: str = "") -> None:
    """Give axes a title and labels, in the sheet's colors."""
    axes.set_facecolor(PANEL)
    axes.set_title(title, color=INK, fontsize=10, loc="left")
    axes.set_xlabel(x, color=INK, fontsize=8)
    axes.set_ylabel(y, color=INK, fontsize=8)
    axes.tick_params(colors=INK, labelsize=7)
    for spine in axes.spines.values():
        spine.set_color("#505050")


def picture(axes: Axes, pixels: Array, title: str, aspect: Literal["equal", "auto"]) -> None:
    """Draw display colors (h, w, 3), pixel by pixel, without ticks."""
    axes.imshow(pixels, interpolation="nearest", aspect=aspect)
    dress(axes, title)
    axes.set_xticks([])
    axes.set_yticks([])


def slices(axes: Axes, shown: Array, chosen: list[int], title: str) -> None:
    """Draw slices of a lattice of display colors (n, n, n, 3) at these blues; red to the right, green up."""
    size = len(shown)
    sheet = np.full((size, len(chosen) * (size + 1) - 1, 3), SLICE_GROUND)
    for place, blue in enumerate(chosen):
        sheet[:, place * (size + 1) : place * (size + 1) + size] = shown[:, ::-1, blue].transpose(1, 0, 2)
    picture(axes, sheet, title, "equal")


def chromaticities(axes: Axes, xyz: Array, to_xyz: Array, colors: Callable[[Seen], Array], title: str) -> None:
    """Draw XYZ (n, 3) in CIE 1976 u'v', with the triangle of a display's primaries.

    to_xyz: (3, 3) of the display. colors: from which of the XYZ are seen, (n,) bool, to their display colors.
    """
    colour = colour_science()
    locus = colour.XYZ_to_xy(colour.MSDS_CMFS["CIE 1931 2 Degree Standard Observer"].values[20:341:5])
    outline = colour.xy_to_Luv_uv(np.vstack([locus, locus[:1]]))
    axes.plot(*outline.T, color=EDGE, linewidth=0.9)
    corners = colour.xy_to_Luv_uv(colour.XYZ_to_xy(np.vstack([to_xyz.T, to_xyz.T[:1]])))
    axes.plot(*corners.T, color=INK, linewidth=0.9)
    seen = xyz[:, 1] > DARKEST_SEEN
    if seen.any():
        u, v = colour.xy_to_Luv_uv(colour.XYZ_to_xy(xyz[seen])).T
        axes.scatter(u, v, c=colors(seen), s=7, linewidths=0)
    dress(axes, title, "u'", "v'")
    axes.set(xlim=(0, 0.65), ylim=(0, 0.62))


def chart(axes: Axes, around: Array, inside: Array, title: str) -> None:
    """Draw the patches of a chart, (4, 6, 3) display colors each: one around, the other in the middle."""
    rows, columns, step = *around.shape[:2], PATCH + GAP
    sheet = np.full((rows * step + GAP, columns * step + GAP, 3), CHART_GROUND)
    for row, column in np.ndindex(rows, columns):
        top, left = GAP + row * step, GAP + column * step
        sheet[top : top + PATCH, left : left + PATCH] = around[row, column]
        inner = slice(top + INSET, top + PATCH - INSET), slice(left + INSET, left + PATCH - INSET)
        sheet[inner] = inside[row, column]
    picture(axes, sheet, title, "auto")


def write_sheet(path: Path, overwrite: bool, title: str, draw: Callable[[Figure], None]) -> None:
    """Write a sheet as a PNG. draw: puts its panels on the figure.

    overwrite: replace an existing file; one of the same bytes is left as it is.
    Raises LatticeError if the name does not end in .png or is taken, matplotlib is missing, or the file cannot be
    written.
    """
    atomic.check_new(path, ".png", overwrite, PNG_MAGIC)
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise LatticeError("plot: expected matplotlib; pip install '.[plot]'") from None
    figure = Figure(figsize=(16, 10.5), facecolor=PAPER, layout="constrained")
    draw(figure)
    figure.suptitle(printable(title), parse_math=False, color=INK, fontsize=12)
    png = io.BytesIO()
    FigureCanvasAgg(figure).print_png(png)
    atomic.write_new(path, png.getvalue(), overwrite)
