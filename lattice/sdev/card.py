"""The picture of an SDev in a notebook: one small piece of HTML, without a plotting library."""

from __future__ import annotations

from contextlib import suppress
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from lattice.color.displays import display_in, from_xyz
from lattice.color.primaries import REC709, rgb_to_xyz
from lattice.types import MID_GRAY, LatticeError, Pixels, encode_srgb

if TYPE_CHECKING:
    from lattice.sdev.device import SDev

STOPS = np.linspace(-7, 7, 57)  # around mid gray, a quarter of a stop apart
TICKS = range(-6, 7, 2)
WIDTH, HEIGHT, AXIS, RAMP, PATCH, MARGIN = 456, 150, 16, 24, 30, 76  # pixels
LAYERS = ("#ff4a4a", "#4aff4a", "#4a6aff")  # they add up to white where the three curves are one
PAPER, INK, GRID = "#202020", "#d0d0d0", "#4a4a4a"  # a neutral surround, so that the eye judges the patches
# Scene-linear colors at mid gray's luminance and two stops around it: hues by twelfths, half and fully saturated.
HUES, SATURATIONS, EXPOSURES = 12, (0.5, 1.0), (-2, 0, 2)


def chart() -> Pixels:
    """Return (6, 12, 3) scene-linear Rec.709: a row for each saturation and exposure, a column for each hue."""
    angles = 2 * np.pi * np.arange(HUES)[:, None] / HUES - 2 * np.pi * np.arange(3) / 3
    pure = np.clip(0.5 + np.cos(angles), 0, 1)
    rows = []
    for saturation in SATURATIONS:
        color = 1 - saturation + saturation * pure
        color *= MID_GRAY / (color @ rgb_to_xyz(REC709.name)[1])[:, None]
        rows += [color * 2.0**stops for stops in EXPOSURES]
    return np.array(rows, np.float32)


def html_card(sdev: SDev) -> str:
    """Return HTML: each channel's curve of the gray scale in display code values, a gray ramp and a color chart.

    Chart and ramp are the same Rec.709 scene for every SDev; colors are those of its display, seen on an sRGB screen.
    """
    scene = sdev
    with suppress(LatticeError):  # input primaries that are unknown count as Rec.709
        scene = sdev.with_input(REC709.name)
    gray = scene.apply(np.repeat(MID_GRAY * 2.0 ** STOPS[:, None], 3, axis=1).astype(np.float32), engine="numpy")
    patches = on_srgb(sdev, scene.apply(chart(), engine="numpy"))
    step, below = WIDTH / len(STOPS), HEIGHT + AXIS
    parts = [_tick(stops, step) for stops in TICKS]
    parts += [_curve(gray[:, k], color, step) for k, color in enumerate(LAYERS)]
    parts += [_patch(k * step, below, step + 0.5, RAMP, color) for k, color in enumerate(on_srgb(sdev, gray))]
    labels = [f"{saturation:.0%} sat. {stops:+d}" for saturation in SATURATIONS for stops in EXPOSURES]
    parts += [_text(0, below + RAMP + (row + 0.6) * PATCH, label) for row, label in enumerate(labels)]
    parts += [
        _patch(column * WIDTH / HUES, below + RAMP + row * PATCH, WIDTH / HUES, PATCH, color)
        for row, colors in enumerate(patches)
        for column, color in enumerate(colors)
    ]
    return (
        f'<div style="display:inline-block;background:{PAPER};color:{INK};padding:8px;font:12px sans-serif">'
        f'{"<br>".join(_facts(sdev))}<br><svg width="{MARGIN + WIDTH}" '
        f'height="{below + RAMP + len(patches) * PATCH}" font-family="sans-serif">{"".join(parts)}</svg></div>'
    )


def on_srgb(sdev: SDev, codes: Pixels) -> Pixels:
    """Return (..., 3) sRGB code values of the light that the SDev's display emits.

    A display of unknown primaries counts as Rec.709.
    """
    light = sdev.shown.decode(codes.astype(np.float64))
    with suppress(LatticeError):
        primaries, white = display_in(sdev.provenance) or (REC709.name, None)
        light = light @ (from_xyz(REC709.name, white) @ np.linalg.inv(from_xyz(primaries, white))).T
    return encode_srgb(np.clip(light, 0, 1))


def _facts(sdev: SDev) -> list[str]:
    known = {name: escape(text) for name, text in sdev.provenance.items()}
    films = [known[stock] for stock in ("negative", "print") if stock in known]
    spaces = f"{known.get('input', 'unknown')} &rarr; {known.get('output', 'unknown')}"
    grid = f"{sdev.lattice.size}&sup3; {sdev.lattice.interpolation}, sha256 {sdev.sha256[:12]}"
    return [f"<b>{escape(sdev.name)}</b> {spaces}", *([" on ".join(films)] if films else []), grid]


def _tick(stops: int, step: float) -> str:
    x = MARGIN + (stops - STOPS[0]) / (STOPS[1] - STOPS[0]) * step + step / 2
    width = 1.5 if stops == 0 else 0.5
    line = f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{HEIGHT}" stroke="{GRID}" stroke-width="{width}"/>'
    return line + _text(x - 8 if stops else x - 28, HEIGHT + AXIS - 4, f"{stops:+d}" if stops else "mid gray")


def _text(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="11" fill="{INK}">{text}</text>'


def _curve(values: Pixels, color: str, step: float) -> str:
    points = " ".join(
        f"{MARGIN + (k + 0.5) * step:.1f},{HEIGHT - 2 - (HEIGHT - 4) * value:.1f}" for k, value in enumerate(values)
    )
    return (
        f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.5" style="mix-blend-mode:screen"/>'
    )


def _patch(x: float, y: float, width: float, height: float, color: Pixels) -> str:
    shown = ",".join(str(round(255 * float(value))) for value in color)
    return f'<rect x="{MARGIN + x:.1f}" y="{y}" width="{width:.1f}" height="{height}" fill="rgb({shown})"/>'
