"""Draw a LUT file, or any SDev, on one sheet: ramps, the cube of codes, its lattice, gamut and a color chart."""

from __future__ import annotations

import re
from itertools import combinations, product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lattice.color.displays import display_in
from lattice.color.inputs import encoded
from lattice.color.primaries import convert, rgb_to_xyz
from lattice.inspect import panels
from lattice.inspect.domain import STOPS, Domain, domain_of
from lattice.inspect.foreign import grade
from lattice.inspect.nodes import outliers
from lattice.inspect.panels import CHANNELS, EDGE, GRID, INK, LINE, SLICE_GROUND, dress
from lattice.interp import process, reference
from lattice.process_list import Lut3D
from lattice.sdev.device import SDev
from lattice.sdev.load import AnySDev
from lattice.types import MID_GRAY, Array, decode_srgb, encode_srgb, grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STEPS, BAR, BREAK = 1400, 14, 4  # of a ramp; pixels of its strip, and of the gap to the next one
SIDE = 17  # colors along a side of what is sampled
MOST_SLICES = 13
WIDTHS = (3.0, 1.9, 0.8)  # of red, green and blue: equal curves show as stripes
_CODES = re.compile(r"(.+) codes, (.+) primaries")  # as export and `--takes` say what a LUT takes
RAMPS = {"gray": (1, 1, 1), "red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1)}
# The cube seen along its gray diagonal, then from its side: across, and up. Red is up in the one, right in the other.
ALONG = np.array([[0, -(0.75**0.5), 0.75**0.5], [1, -0.5, -0.5]])
ASIDE = np.array([[1, -0.5, -0.5], [2 / 3, 2 / 3, 2 / 3]])
ASIDE_AT = np.array([2.1, -1.0])


def plot(device: AnySDev, path: Path, overwrite: bool = False) -> None:
    """Draw the sheet of an SDev or a Lut as a PNG. Arguments and errors as in `panels.write_sheet`.

    A file that does not tell its display is shown as if its codes were those of sRGB.
    """
    domain, screen = domain_of(device), _on_screen(device)

    def draw(figure: Figure) -> None:
        cells = figure.add_gridspec(4, 3, height_ratios=(5, 2, 2.2, 5))
        _gray(figure.add_subplot(cells[0, 0]), device, domain)
        _channels(figure.add_subplot(cells[0, 1]), device, domain)
        _cube(figure.add_subplot(cells[0, 2]), screen, domain)
        _strips(figure.add_subplot(cells[1, :]), screen, domain)
        _slices(figure.add_subplot(cells[2, :]), screen, domain)
        _gamut(figure.add_subplot(cells[3, 0]), device, screen, domain)
        _chart(figure.add_subplot(cells[3, 1:]), screen, domain)

    stages = "; ".join(what if name == "stage" else f"{name} {what}" for name, what in device.stages)
    panels.write_sheet(path, overwrite, f"{device.name:.80}: {stages:.120}", draw)


def _on_screen(device: AnySDev) -> AnySDev:
    """Return an SDev on sRGB, which the sheet's pictures are in, if its display is known; else the file as it is."""
    if not isinstance(device, SDev) or device.holds_codes or display_in(device.provenance) is None:
        return device
    return device.with_display("sRGB")


def _axis(domain: Domain) -> tuple[Array, Array, str]:
    """Return input values (n,) that go a little beyond the domain, where they are drawn, and the axis' name."""
    share = np.linspace(0, 1, STEPS)
    if domain.is_light:
        stops = STOPS[0] + (STOPS[1] - STOPS[0]) * share
        return MID_GRAY * 2.0**stops, stops, "stops from mid gray"
    low, high = domain.ends
    values = min(low, 0) + (max(high, 1) - min(low, 0)) * share
    return values, values, "code in"


def _frame(axes: Axes, domain: Domain, title: str) -> None:
    """Dress a panel of curves: what is beyond the tables is shaded."""
    values, x, label = _axis(domain)
    outside = (values < domain.first.min()) | (values > domain.last.max())
    axes.fill_between(x, 0, 1, where=outside, transform=axes.get_xaxis_transform(), color="#5a3030", linewidth=0)
    for code in (0, 1):
        axes.axhline(code, color=LINE, linewidth=0.7)
    axes.grid(color=GRID, linewidth=0.5)
    axes.set_xlim(x[0], x[-1])
    dress(axes, title + ("; red: beyond its tables" if outside.any() else ""), label, "code out")


def _gray(axes: Axes, device: AnySDev, domain: Domain) -> None:
    values, x, _ = _axis(domain)
    if not domain.is_light:
        axes.plot(x, values, color=EDGE, linewidth=0.9, linestyle="--")
    codes = grade(device, np.repeat(values[:, None], 3, axis=1))
    for k, color in enumerate(CHANNELS.values()):
        axes.plot(x, codes[:, k], color=color, linewidth=WIDTHS[k])
    _frame(axes, domain, "gray: equal channels in")


def _channels(axes: Axes, device: AnySDev, domain: Domain) -> None:
    values, x, _ = _axis(domain)
    least = domain.ends[0]
    for k, color in enumerate(CHANNELS.values()):
        codes = grade(device, np.where(np.eye(3)[k], values[:, None], least))
        for out in range(3):
            own = out == k
            axes.plot(x, codes[:, out], color=color, linewidth=WIDTHS[k] if own else 0.9, linestyle="-" if own else ":")
    _frame(axes, domain, "one channel in: its own solid, the others dotted")


def _strips(axes: Axes, screen: AnySDev, domain: Domain) -> None:
    """Draw the ramps as colors, in above out; light is shown as sRGB."""
    values = domain.values(np.linspace(0, 1, STEPS))
    rows = []
    for channels in RAMPS.values():
        given = np.where(channels, values[:, None], values[0])
        shown = encode_srgb(np.clip(given, 0, 1)) if domain.is_light else given
        rows += [np.repeat(line[None], BAR, axis=0) for line in (shown, grade(screen, given))]
        rows.append(np.full((BREAK, STEPS, 3), SLICE_GROUND))
    panels.picture(axes, np.clip(np.vstack(rows[:-1]), 0, 1), "ramps: above what goes in, below what comes out", "auto")
    axes.set_yticks([BAR + k * (2 * BAR + BREAK) for k in range(len(RAMPS))], list(RAMPS))


def _cube(axes: Axes, screen: AnySDev, domain: Domain) -> None:
    """Draw the colors that come out inside the cube of codes, seen along its gray diagonal and from its side."""
    codes = np.clip(grade(screen, grid(domain.values(np.linspace(0, 1, SIDE))).reshape(-1, 3)), 0, 1)
    corners = np.array([*product((0, 1), repeat=3)], float)
    edges = [pair for pair in combinations(corners, 2) if np.abs(pair[0] - pair[1]).sum() == 1]
    for view, at, toward in ((ALONG, np.zeros(2), np.ones(3)), (ASIDE, ASIDE_AT, np.array([0, 1, -1]))):
        for edge in edges:
            axes.plot(*(np.array(edge) @ view.T + at).T, color=EDGE, linewidth=0.5)
        near_last = codes[np.argsort(codes @ toward)]
        x, y = (near_last @ view.T + at).T
        axes.scatter(x, y, c=near_last, s=5, linewidths=0)
    dress(axes, "colors out in the cube of codes: along gray, and from the side")
    axes.set(xticks=[], yticks=[])
    axes.set_aspect("equal", adjustable="datalim")


def _slices(axes: Axes, screen: AnySDev, domain: Domain) -> None:
    """Draw slices of the lattice, with its nodes as they come out; without one, slices of what comes out."""
    shown, what = _nodes(screen, domain)
    size, found = len(shown), outliers(screen)
    wrong = {each.index for each in found if len(each.index) == 3 and max(each.index) < size}
    even = np.linspace(0, size - 1, min(size, MOST_SLICES)).round().astype(int)
    chosen = sorted({*map(int, even), *(index[2] for index in wrong)})
    text = f"{len(chosen)} of the {size} slices" if len(chosen) < size else f"the {size} slices"
    panels.slices(axes, shown, chosen, f"{text} of {what}, blue from none to most; red to the right, green up")
    for red, green, blue in wrong:
        x, y = chosen.index(blue) * (size + 1) + red, size - 1 - green
        axes.plot(x, y, "o", markersize=9, markerfacecolor="none", markeredgecolor=INK, markeredgewidth=1.2)


def _nodes(screen: AnySDev, domain: Domain) -> tuple[Array, str]:
    """Return display colors (n, n, n, 3) of the nodes of the file's last lattice, and what they are."""
    if isinstance(screen, SDev):
        nodes = screen.lattice.nodes.astype(np.float64)
        return reference.show(screen.display, nodes.reshape(-1, 3).T).T.reshape(nodes.shape), "the lattice"
    at = [k for k, node in enumerate(screen.nodes) if isinstance(node, Lut3D)]
    if not at:
        values = domain.values(np.linspace(0, 1, SIDE))
        return np.clip(grade(screen, grid(values).reshape(-1, 3)), 0, 1).reshape(SIDE, SIDE, SIDE, 3), "colors out"
    cube = screen.nodes[at[-1]]
    assert isinstance(cube, Lut3D)
    planes = np.ascontiguousarray(cube.nodes.reshape(-1, 3).T, dtype=np.float64)
    codes = np.nan_to_num(process.run(screen.nodes[at[-1] + 1 :], planes))
    return np.clip(codes, 0, 1).T.reshape(cube.nodes.shape), "the lattice"


def _gamut(axes: Axes, device: AnySDev, screen: AnySDev, domain: Domain) -> None:
    """Draw the chromaticities of the colors that come out, on the file's display, or if it is unknown on sRGB's."""
    given = grid(domain.values(np.linspace(0, 1, SIDE))).reshape(-1, 3)
    codes, told = np.clip(grade(device, given), 0, 1), display_in(device.provenance)
    primaries = "Rec.709" if told is None else told[0]
    to_xyz = rgb_to_xyz(primaries)
    linear = decode_srgb(codes) if "output" not in device.provenance else _light(device, codes)
    of = primaries if isinstance(primaries, str) else "the display's"
    title = f"gamut: colors out, {of} triangle" + (", codes taken as sRGB" if told is None else "")
    shown = np.clip(grade(screen, given), 0, 1)
    panels.chromaticities(axes, linear @ to_xyz.T, to_xyz, lambda seen: shown[seen], title)


def _light(device: AnySDev, codes: Array) -> Array:
    return np.asarray(device.shown.decode(codes))


def _chart(axes: Axes, screen: AnySDev, domain: Domain) -> None:
    """Draw each patch with what comes out in the middle."""
    light = np.maximum(panels.chart_reflectances(), 0)
    codes = encode_srgb(np.clip(light, 0, 1))
    given, what = _given(light, codes, screen, domain)
    looked = np.clip(grade(screen, given.reshape(-1, 3)), 0, 1).reshape(codes.shape)
    panels.chart(axes, codes, looked, f"color chart of {what}: in around, out inside")


def _given(light: Array, codes: Array, screen: AnySDev, domain: Domain) -> tuple[Array, str]:
    """Return the chart as the file takes it, and what that is: its own light or codes, or where it does not say what it
    takes sRGB codes."""
    if domain.is_light:
        return light if not domain.told else light @ convert("Rec.709", screen.provenance["input"]).T, "light"
    told = _CODES.fullmatch(domain.said)
    if told is None or (space := encoded(told[1])) is None:
        return codes, "sRGB codes" + (", which it does not take" if domain.said else "")
    return space.encode(light @ convert("Rec.709", told[2], space.adaptation).T), f"{space.name} codes"
