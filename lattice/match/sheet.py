"""Draw a match on one sheet: curves, grays, errors, hues, the worst colors, and what each freedom gained."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lattice.build.film import density
from lattice.color.primaries import convert
from lattice.inspect.panels import CHANNELS, GRID, INK, LINE, dress, write_sheet
from lattice.looks.display import DisplaySpec
from lattice.match.fitting import Match
from lattice.match.judge import ALL
from lattice.match.reference import linear_of_lab
from lattice.match.tell import FILM_LEAVES, numbers, remarks_of, worst
from lattice.match.untold import unsaid_points
from lattice.types import MID_GRAY, Array, Display

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BEFORE, AFTER, FILM = "#8a8a8a", "#e8b34b", "#7aa7d9"
HEADS = ("doubt", "at its end", "odd", "remains", FILM_LEAVES, "residual", "")  # of remarks that are written
ARROWS = 160  # colors drawn in the plane of hues
LEAST_REACH = 10  # a*, b* of that plane
LEAST = 1e-12


def draw_sheet(match: Match, path: Path, overwrite: bool = False) -> None:
    """Draw the sheet of a match as a PNG.

    Raises LatticeError if the name does not end in .png or is taken, matplotlib is missing, or the file cannot be
    written.
    """

    def draw(figure: Figure) -> None:
        grid = figure.add_gridspec(3, 12, height_ratios=(10, 10, 3))
        _curves(figure.add_subplot(grid[0, 0:4]), match)
        _grays(figure.add_subplot(grid[0, 4:8]), match)
        _bars(figure.add_subplot(grid[0, 8:12]), match)
        _hues(figure.add_subplot(grid[1, 0:4]), match)
        _swatches(figure.add_subplot(grid[1, 4:8]), match)
        _gains(figure.add_subplot(grid[1, 8:12]), match)
        _words(figure.add_subplot(grid[2, :]), match)

    after = match.after[ALL]
    title = (
        f"{match.profile.name}: {match.start.name} matched to {match.aim.fitted.about}, CIEDE2000 mean "
        f"{match.before[ALL].mean:.2f} before, {after.mean:.2f} after"
    )
    write_sheet(path, overwrite, title, draw)


def screen_colors(lab: Array, display: DisplaySpec) -> Array:
    """Return sRGB codes (n, 3) of CIELAB (n, 3) over a display's white."""
    linear = linear_of_lab(lab, display) @ convert(display.primaries, "Rec.709").T
    return Display(1, np.eye(3), "sRGB").encode(linear)


def _curves(axes: Axes, match: Match) -> None:
    unsaid = unsaid_points(match.solution)
    for k, (name, color) in enumerate(CHANNELS.items()):
        before, after = (getattr(look.print.curves, name) for look in (match.start, match.film))
        x = np.linspace(after.log_exposure[0] - 0.1, after.log_exposure[-1] + 0.1, 300)
        axes.plot(x, density(before, x), color=color, linewidth=0.9, linestyle=(0, (4, 3)), alpha=0.8)
        axes.plot(x, density(after, x), color=color, linewidth=1.5)
        said = np.logical_not(unsaid[k])
        axes.plot(after.log_exposure[said], after.density[said], "o", color=color, markersize=3.5)
        axes.plot(
            after.log_exposure[unsaid[k]], after.density[unsaid[k]], "o", color=color, markersize=4, fillstyle="none"
        )
    dress(
        axes,
        "print curves of red, green, blue; before dashed, hollow: unknown",
        "log10 exposure, lux-seconds",
        "density, status A",
    )
    axes.grid(color=GRID, linewidth=0.5)


def _grays(axes: Axes, match: Match) -> None:
    rows = np.flatnonzero(match.aim.tested.grays)
    stops = np.log2(np.maximum(match.aim.tested.light[rows].mean(axis=1), LEAST) / MID_GRAY)
    order = np.argsort(stops, kind="stable")
    rows, stops = rows[order], stops[order]
    for k, (letter, color) in enumerate((("L*", INK), ("a*", "#d46ab0"), ("b*", "#d9c25a"))):
        axes.plot(
            stops, match.aim.tested.lab[rows, k], "o", color=color, markersize=3, alpha=0.8, label=f"{letter} wanted"
        )
        axes.plot(stops, match.start_lab[rows, k], color=color, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.plot(stops, match.lab[rows, k], color=color, linewidth=1.4)
    dress(axes, "grays: dots wanted, dashed before", "stops from mid gray", "L*, a*, b*")
    axes.grid(color=GRID, linewidth=0.5)
    axes.legend(fontsize=7, facecolor="#2a2a2a", edgecolor="#505050", labelcolor=INK, loc="upper left")


def _bars(axes: Axes, match: Match) -> None:
    rows = [("before", BEFORE, match.before), ("after", AFTER, match.after)]
    if match.film is not match.profile:
        rows.insert(1, ("film model", FILM, match.film_only))
    groups, width = list(match.after), 0.8 / len(rows)
    for k, (name, color, errors) in enumerate(rows):
        place = np.arange(len(groups)) + (k - (len(rows) - 1) / 2) * width
        mean, p95 = (np.array([getattr(errors[group], field) for group in groups]) for field in ("mean", "p95"))
        axes.bar(place, mean, width * 0.92, color=color, label=name)
        axes.vlines(place, mean, p95, color=color, linewidth=1)
        for x, height in zip(place, mean, strict=True):
            axes.text(x, 0, f"{height:.2f} ", color=INK, fontsize=6, ha="center", va="top", rotation=90)
    dress(axes, "CIEDE2000 by group: bars mean, lines to 95 %", "", "CIEDE2000")
    axes.set_xticks(np.arange(len(groups)), groups, fontsize=7)
    axes.tick_params(axis="x", pad=22, length=0)
    axes.set_ylim(bottom=0)
    axes.grid(color=GRID, linewidth=0.5, axis="y")
    axes.set_axisbelow(True)
    axes.legend(fontsize=7, facecolor="#2a2a2a", edgecolor="#505050", labelcolor=INK)


def _hues(axes: Axes, match: Match) -> None:
    """Draw an arrow from what the look shows to what is wanted, in the color that is wanted."""
    chosen = np.linspace(0, len(match.off) - 1, min(ARROWS, len(match.off))).astype(int)
    found, wanted = match.lab[chosen], match.aim.tested.lab[chosen]
    colors = screen_colors(wanted, match.aim.tested.display)
    axes.scatter(wanted[:, 1], wanted[:, 2], c=colors, s=26, edgecolors=LINE, linewidths=0.4, zorder=2)
    for start, end in zip(found, wanted, strict=True):
        axes.plot([start[1], end[1]], [start[2], end[2]], color=INK, linewidth=0.8, zorder=3)
    axes.axhline(0, color=LINE, linewidth=0.6)
    axes.axvline(0, color=LINE, linewidth=0.6)
    dress(axes, "hue and chroma: dots wanted, lines to what the look shows", "a*", "b*")
    reach = 1.1 * max(LEAST_REACH, float(np.abs(np.stack([found, wanted])[..., 1:]).max()))
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach))
    axes.grid(color=GRID, linewidth=0.5)


def _swatches(axes: Axes, match: Match) -> None:
    """Draw the worst colors: what the start shows, what the look shows, what is wanted."""
    rows = worst(match)
    shown = [
        screen_colors(lab[rows], match.aim.tested.display) for lab in (match.start_lab, match.lab, match.aim.tested.lab)
    ]
    axes.imshow(np.stack(shown, axis=1), interpolation="nearest", aspect="auto", extent=(0, 3, len(rows), 0))
    for place, k in enumerate(rows):
        name = match.aim.tested.names[k] if match.aim.tested.names else match.aim.tested.groups[k]
        axes.text(3.06, place + 0.5, f"{match.off[k]:.2f}  {name:.24}", color=INK, fontsize=7.5, va="center")
    dress(axes, "the worst colors")
    axes.set(xlim=(0, 4.3), yticks=[])
    axes.set_xticks([0.5, 1.5, 2.5], ["before", "after", "wanted"], fontsize=8)


def _gains(axes: Axes, match: Match) -> None:
    """Draw by how much the mean error grows if each freedom alone is held at the start."""
    names, film = list(match.held)[::-1], match.film_only[ALL].mean
    grown = [max(0.0, match.held[name] - film) for name in names]
    axes.barh(names, grown, color=AFTER, height=0.6)
    for place, growth in enumerate(grown):
        axes.text(growth, place, f" {growth:.2f}", color=INK, fontsize=7, va="center")
    dress(axes, "what each freedom gains: mean error that holding it would add", "CIEDE2000")
    axes.set_xlim(0, 1.15 * max([0.1, *grown]))


def _words(axes: Axes, match: Match) -> None:
    """Write the numbers that were found, and what remains, in words."""
    axes.axis("off")
    found = [re.sub(" +", " ", line) for line in numbers(match) if not line.startswith("curves")]
    said = remarks_of(match)
    left = [each for head in HEADS for each in said.get(head, [])]
    held = "" if match.film is match.profile else " without its residual"
    lines = [f"The look{held}: " + "; ".join(found), *(each[0].upper() + each[1:] for each in left)]
    text = "\n".join(lines) if left else "\n".join([*lines, "No difference is left that one sees."])
    axes.text(0, 1, text, transform=axes.transAxes, color=INK, fontsize=8.5, va="top", wrap=True, parse_math=False)
