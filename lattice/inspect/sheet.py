"""Draw a look on one sheet: curves, gray scale, lattice, gamut, and a color chart before and after."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lattice.build import render
from lattice.build.film import density
from lattice.build.instruments import colour_science
from lattice.color.primaries import rgb_to_xyz
from lattice.errors import LatticeError
from lattice.files.images.png import PNG_MAGIC
from lattice.files.storage import atomic
from lattice.interp import reference
from lattice.looks import Profile, Stock
from lattice.sdev.device import SDev
from lattice.sdev.load import load_built
from lattice.types import MID_GRAY, Array, Display

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LAYERS = {"red": "#e5484d", "green": "#46a758", "blue": "#3e8bff"}
PAPER, PANEL, INK = "#202020", "#2a2a2a", "#d0d0d0"  # neutral surround, so that the eye judges the patches
RAMP_STOPS = (-7.0, 7.0)
PATCH, GAP, INSET, CHART_GROUND = 40, 4, 9, 0.06  # pixels; gray between the patches
DARKEST_SEEN = 0.003  # Y; an eye sees darker colors as black, whatever their chromaticity
CHART = "ColorChecker24 - After November 2014"


def chart_reflectances() -> Array:
    """Return the 24 patches of a color chart in scene-linear Rec.709, (4, 6, 3) float64, from colour-science."""
    colour = colour_science()
    chart = colour.CCS_COLOURCHECKERS[CHART]
    xyz = colour.xyY_to_XYZ(np.array(list(chart.data.values())))
    linear = colour.XYZ_to_RGB(xyz, "ITU-R BT.709", illuminant=chart.illuminant)
    return np.asarray(linear).reshape(4, 6, 3)


def _dress(axes: Axes, title: str, x: str = "", y: str = "") -> None:
    axes.set_facecolor(PANEL)
    axes.set_title(title, color=INK, fontsize=10, loc="left")
    axes.set_xlabel(x, color=INK, fontsize=8)
    axes.set_ylabel(y, color=INK, fontsize=8)
    axes.tick_params(colors=INK, labelsize=7)
    for spine in axes.spines.values():
        spine.set_color("#505050")


def _curves(axes: Axes, stock: Stock) -> None:
    for name, color in LAYERS.items():
        curve = getattr(stock.curves, name)
        x = np.linspace(curve.log_exposure[0] - 0.2, curve.log_exposure[-1] + 0.2, 400)
        axes.plot(x, density(curve, x), color=color, linewidth=1.2)
        axes.plot(curve.log_exposure, curve.density, "o", color=color, markersize=3.5)
    kind = "status A" if stock.kind == "print" else "status M"
    _dress(axes, stock.name, "log10 exposure, lux-seconds", f"density, {kind}")
    axes.grid(color="#3a3a3a", linewidth=0.5)


def _on_screen(sdev: SDev) -> SDev:
    """Return the look as the picture of the sheet holds it, which is sRGB; curves are those of its own display."""
    return sdev.with_display("sRGB")


def _gray(axes: Axes, strip: Axes, sdev: SDev, profile: Profile) -> None:
    stops = np.linspace(*RAMP_STOPS, 1400)
    gray = (MID_GRAY * 2.0 ** stops[:, None] * np.ones(3)).astype(np.float32)[None]
    codes, exact = sdev.apply(gray)[0], render(profile, gray[0])
    for k, color in enumerate(LAYERS.values()):
        axes.plot(stops, exact[:, k], color="#909090", linewidth=2.5, alpha=0.5)
        axes.plot(stops, codes[:, k], color=color, linewidth=1.1)
    _dress(axes, "gray scale: lattice over the exact chain", "stops from mid gray", "code value")
    axes.grid(color="#3a3a3a", linewidth=0.5)
    axes.axvline(0, color="#707070", linewidth=0.7)
    strip.imshow(np.repeat(_on_screen(sdev).apply(gray), 60, axis=0), extent=(*RAMP_STOPS, 0, 1), aspect="auto")
    _dress(strip, "gray ramp", "stops from mid gray")
    strip.set_yticks([])


def _slices(axes: Axes, sdev: SDev) -> None:
    """Draw every slice of the lattice along blue, with its nodes as display colors; red to the right, green up."""
    size = sdev.lattice.size
    nodes = sdev.lattice.nodes.reshape(-1, 3).T.astype(np.float64)
    shown = reference.show(_on_screen(sdev).display, nodes).T.reshape(size, size, size, 3)
    sheet = np.full((size, size * (size + 1), 3), 0.125)
    for blue in range(size):
        sheet[:, blue * (size + 1) : blue * (size + 1) + size] = shown[:, ::-1, blue].transpose(1, 0, 2)
    axes.imshow(sheet, interpolation="nearest", aspect="equal")
    _dress(axes, f"the {size} slices of the lattice, blue from none to most; red to the right, green up")
    axes.set_xticks([])
    axes.set_yticks([])


def _gamut(axes: Axes, sdev: SDev, profile: Profile) -> None:
    """Draw the chromaticities that the look reaches before the display clips, in CIE 1976 u'v'."""
    colour = colour_science()
    locus = colour.XYZ_to_xy(colour.MSDS_CMFS["CIE 1931 2 Degree Standard Observer"].values[20:341:5])
    outline = colour.xy_to_Luv_uv(np.vstack([locus, locus[:1]]))
    axes.plot(*outline.T, color="#808080", linewidth=0.9)
    to_xyz = rgb_to_xyz(profile.display.primaries)
    corners = colour.xy_to_Luv_uv(colour.XYZ_to_xy(np.vstack([to_xyz.T, to_xyz.T[:1]])))
    axes.plot(*corners.T, color=INK, linewidth=0.9)
    nodes = sdev.lattice.nodes.reshape(-1, 3).astype(np.float64)
    xyz = nodes**sdev.display.exponent @ sdev.display.matrix.T @ to_xyz.T
    seen = xyz[:, 1] > DARKEST_SEEN
    colors = reference.show(_on_screen(sdev).display, nodes[seen].T).T
    u, v = colour.xy_to_Luv_uv(colour.XYZ_to_xy(xyz[seen])).T
    axes.scatter(u, v, c=colors, s=7, linewidths=0)
    _dress(axes, f"gamut: nodes of the lattice, {profile.display.primaries} triangle", "u'", "v'")
    axes.set(xlim=(0, 0.65), ylim=(0, 0.62))


def _chart(axes: Axes, sdev: SDev) -> None:
    """Draw each patch of the scene, sRGB-encoded, with the graded color in the middle."""
    scene = chart_reflectances()
    looked = _on_screen(sdev).apply(np.maximum(scene, 0).astype(np.float32))
    plain = Display(1, np.eye(3), "sRGB").encode(scene)
    rows, columns, step = *scene.shape[:2], PATCH + GAP
    sheet = np.full((rows * step + GAP, columns * step + GAP, 3), CHART_GROUND)
    for row, column in np.ndindex(rows, columns):
        top, left = GAP + row * step, GAP + column * step
        sheet[top : top + PATCH, left : left + PATCH] = plain[row, column]
        inner = slice(top + INSET, top + PATCH - INSET), slice(left + INSET, left + PATCH - INSET)
        sheet[inner] = looked[row, column]
    axes.imshow(sheet, interpolation="nearest", aspect="auto")
    _dress(axes, "color chart: scene around, film inside")
    axes.set_xticks([])
    axes.set_yticks([])


def plot(profile: Profile, path: Path, overwrite: bool = False) -> None:
    """Draw the sheet of a look as a PNG.

    overwrite: replace an existing file; one of the same bytes is left as it is.
    Raises LatticeError if the name does not end in .png or is taken, matplotlib is missing, the look cannot be built or
    the file cannot be written.
    """
    atomic.check_new(path, ".png", overwrite, PNG_MAGIC)
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise LatticeError("plot: expected matplotlib; pip install '.[plot]'") from None
    sdev = load_built(profile)
    figure = Figure(figsize=(16, 10.5), facecolor=PAPER, layout="constrained")
    grid = figure.add_gridspec(4, 3, height_ratios=(5, 0.8, 2.2, 5))
    _curves(figure.add_subplot(grid[0, 0]), profile.negative)
    _curves(figure.add_subplot(grid[0, 1]), profile.print)
    _gray(figure.add_subplot(grid[0, 2]), figure.add_subplot(grid[1, :]), sdev, profile)
    _slices(figure.add_subplot(grid[2, :]), sdev)
    _gamut(figure.add_subplot(grid[3, 0]), sdev, profile)
    _chart(figure.add_subplot(grid[3, 1:]), sdev)
    figure.suptitle(f"{profile.name}: {profile.description}", color=INK, fontsize=12)
    png = io.BytesIO()
    FigureCanvasAgg(figure).print_png(png)
    atomic.write_new(path, png.getvalue(), overwrite)
