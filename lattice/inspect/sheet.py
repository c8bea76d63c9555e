"""Draw a look on one sheet: curves, gray scale, lattice, gamut, and a color chart before and after."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lattice.build import render
from lattice.build.film import density
from lattice.color.primaries import rgb_to_xyz
from lattice.inspect.panels import CHANNELS, GRID, LINE, chart, chromaticities, dress, slices, write_sheet
from lattice.inspect.panels import chart_reflectances as chart_reflectances
from lattice.interp import reference
from lattice.looks import Profile, Stock
from lattice.sdev.device import SDev
from lattice.sdev.load import load_built
from lattice.types import MID_GRAY, Array, Display

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RAMP_STOPS = (-7.0, 7.0)


def _curves(axes: Axes, stock: Stock) -> None:
    for name, color in CHANNELS.items():
        curve = getattr(stock.curves, name)
        x = np.linspace(curve.log_exposure[0] - 0.2, curve.log_exposure[-1] + 0.2, 400)
        axes.plot(x, density(curve, x), color=color, linewidth=1.2)
        axes.plot(curve.log_exposure, curve.density, "o", color=color, markersize=3.5)
    kind = "status A" if stock.kind == "print" else "status M"
    dress(axes, stock.name, "log10 exposure, lux-seconds", f"density, {kind}")
    axes.grid(color=GRID, linewidth=0.5)


def _on_screen(sdev: SDev) -> SDev:
    """Return the look as the picture of the sheet holds it, which is sRGB; curves are those of its own display."""
    return sdev.with_display("sRGB")


def _gray(axes: Axes, strip: Axes, sdev: SDev, profile: Profile) -> None:
    stops = np.linspace(*RAMP_STOPS, 1400)
    gray = (MID_GRAY * 2.0 ** stops[:, None] * np.ones(3)).astype(np.float32)[None]
    codes, exact = sdev.apply(gray)[0], render(profile, gray[0])
    for k, color in enumerate(CHANNELS.values()):
        axes.plot(stops, exact[:, k], color="#909090", linewidth=2.5, alpha=0.5)
        axes.plot(stops, codes[:, k], color=color, linewidth=1.1)
    dress(axes, "gray scale: lattice over the exact chain", "stops from mid gray", "code value")
    axes.grid(color=GRID, linewidth=0.5)
    axes.axvline(0, color=LINE, linewidth=0.7)
    strip.imshow(np.repeat(_on_screen(sdev).apply(gray), 60, axis=0), extent=(*RAMP_STOPS, 0, 1), aspect="auto")
    dress(strip, "gray ramp", "stops from mid gray")
    strip.set_yticks([])


def shown_nodes(sdev: SDev, nodes: Array) -> Array:
    """Return the sheet's colors (n, 3) of nodes (n, 3) of a look's lattice."""
    return reference.show(_on_screen(sdev).display, nodes.T).T


def _slices(axes: Axes, sdev: SDev) -> None:
    """Draw every slice of the lattice along blue, with its nodes as display colors; red to the right, green up."""
    size = sdev.lattice.size
    shown = shown_nodes(sdev, sdev.lattice.nodes.reshape(-1, 3).astype(np.float64)).reshape(size, size, size, 3)
    title = f"the {size} slices of the lattice, blue from none to most; red to the right, green up"
    slices(axes, shown, [*range(size)], title)


def _gamut(axes: Axes, sdev: SDev, profile: Profile) -> None:
    """Draw the chromaticities that the look reaches before the display clips, in CIE 1976 u'v'."""
    to_xyz = rgb_to_xyz(profile.display.primaries)
    nodes = sdev.lattice.nodes.reshape(-1, 3).astype(np.float64)
    xyz = nodes**sdev.display.exponent @ sdev.display.matrix.T @ to_xyz.T
    title = f"gamut: nodes of the lattice, {profile.display.primaries} triangle"
    chromaticities(axes, xyz, to_xyz, lambda seen: shown_nodes(sdev, nodes[seen]), title)


def _chart(axes: Axes, sdev: SDev) -> None:
    """Draw each patch of the scene, sRGB-encoded, with the graded color in the middle."""
    scene = chart_reflectances()
    looked = _on_screen(sdev).apply(np.maximum(scene, 0).astype(np.float32))
    chart(axes, Display(1, np.eye(3), "sRGB").encode(scene), looked, "color chart: scene around, film inside")


def plot(profile: Profile, path: Path, overwrite: bool = False) -> None:
    """Draw the sheet of a look as a PNG.

    overwrite: replace an existing file; one of the same bytes is left as it is.
    Raises LatticeError if the name does not end in .png or is taken, matplotlib is missing, the look cannot be built or
    the file cannot be written.
    """

    def draw(figure: Figure) -> None:
        sdev = load_built(profile)
        grid = figure.add_gridspec(4, 3, height_ratios=(5, 0.8, 2.2, 5))
        _curves(figure.add_subplot(grid[0, 0]), profile.negative)
        _curves(figure.add_subplot(grid[0, 1]), profile.print)
        _gray(figure.add_subplot(grid[0, 2]), figure.add_subplot(grid[1, :]), sdev, profile)
        _slices(figure.add_subplot(grid[2, :]), sdev)
        _gamut(figure.add_subplot(grid[3, 0]), sdev, profile)
        _chart(figure.add_subplot(grid[3, 1:]), sdev)

    write_sheet(path, overwrite, f"{profile.name}: {profile.description}", draw)
