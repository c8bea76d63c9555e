"""What a notebook shows of an SDev: one small picture in HTML, without a plotting library."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from lattice.types import MID_GRAY, Pixels

if TYPE_CHECKING:
    from lattice.sdev.device import SDev

STOPS = np.linspace(-7, 7, 57)  # around mid gray, a quarter of a stop apart
WIDTH, HEIGHT, RAMP, PATCH = 456, 160, 24, 38
LAYERS = ("#e5484d", "#46a758", "#3e8bff")
PAPER, INK = "#202020", "#d0d0d0"  # a neutral surround, so that the eye judges the patches
# Scene-linear colors at mid gray's luminance and two stops around it: hues by twelfths, half and fully saturated.
HUES, SATURATIONS, EXPOSURES = 12, (0.5, 1.0), (-2, 0, 2)
LUMINANCE = (0.2126, 0.7152, 0.0722)  # Source: ITU-R BT.709


def chart() -> Pixels:
    """(6, 12, 3) scene-linear colors: a row for each saturation and exposure, a column for each hue."""
    angles = 2 * np.pi * np.arange(HUES)[:, None] / HUES - 2 * np.pi * np.arange(3) / 3
    pure = np.clip(0.5 + np.cos(angles), 0, 1)
    rows = []
    for saturation in SATURATIONS:
        color = 1 - saturation + saturation * pure
        color *= MID_GRAY / (color @ np.array(LUMINANCE))[:, None]
        rows += [color * 2.0**stops for stops in EXPOSURES]
    return np.array(rows, np.float32)


def html_card(sdev: SDev) -> str:
    """HTML with the gray scale's curve of each channel, a gray ramp and a color chart, graded by this `SDev`."""
    gray = sdev.apply(np.repeat(MID_GRAY * 2.0**STOPS[:, None], 3, axis=1).astype(np.float32), engine="numpy")
    patches = sdev.apply(chart(), engine="numpy")
    step = WIDTH / len(STOPS)
    parts = [_curve(gray[:, k], color, step) for k, color in enumerate(LAYERS)]
    parts += [_patch(k * step, HEIGHT, step + 0.5, RAMP, color) for k, color in enumerate(gray)]
    parts += [_patch(column * PATCH, HEIGHT + RAMP + row * PATCH, PATCH, PATCH, color)
              for row, colors in enumerate(patches) for column, color in enumerate(colors)]
    facts = (f"{sdev.lattice.size}^3 {sdev.lattice.interpolation}, sha256 {sdev.sha256[:12]}; "
             f"gray from -7 to +7 stops")
    return (f'<div style="display:inline-block;background:{PAPER};color:{INK};padding:8px;font:12px sans-serif">'
            f"<b>{escape(sdev.name)}</b> {facts}<br>"
            f'<svg width="{WIDTH}" height="{HEIGHT + RAMP + len(patches) * PATCH}">{"".join(parts)}</svg></div>')


def _curve(values: Pixels, color: str, step: float) -> str:
    points = " ".join(f"{(k + 0.5) * step:.1f},{HEIGHT - 2 - (HEIGHT - 4) * value:.1f}"
                      for k, value in enumerate(values))
    return f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.5"/>'


def _patch(x: float, y: float, width: float, height: float, color: Pixels) -> str:
    shown = ",".join(str(round(255 * float(value))) for value in color)
    return f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}" fill="rgb({shown})"/>'
