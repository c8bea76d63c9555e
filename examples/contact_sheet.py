"""A contact sheet of the demo: the scene as it is and through each look, with crops and two test strips."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import lattice
from lattice.color.primaries import convert

Picture = NDArray[np.float32]
PAPER, INK = "#1c1c1c", "#d8d8d8"  # a neutral surround, as in a grading suite
FRAME = 2
SHEET = (18.0, 9.5)  # inches
# Crops as shares of the picture: left, right, top, bottom. The first holds the green skin, the second the chart.
CROPS = ((0.29, 0.62, 0.19, 0.645), (0.67, 0.935, 0.62, 0.985))
STRIP_STOPS = (-6.0, 8.0)
# A film exposure whose green turns to yellow on its way to white.
GREEN = (0.2, 1.0, 0.05)
TITLES = {
    "scene": "Scene, sRGB-encoded and clipped",
    "vision": "Vision 2383",
    "premier": "Premier 2393",
    "bleach-bypass": "Bleach bypass, full skip on 2383",
}


def read_rgb(path: Path) -> Picture:
    """R, G, B of an EXR, (H, W, 3) float32."""
    import OpenEXR

    with OpenEXR.File(str(path), separate_channels=True) as file:
        return np.stack([np.asarray(file.channels()[name].pixels, np.float32) for name in "RGB"], axis=-1)


def to_rec709(acescg: Picture) -> Picture:
    """ACEScg (..., 3) as linear Rec.709, where colors outside of it have a negative channel."""
    return (acescg @ convert("ACEScg", "Rec.709").T).astype(np.float32)


def encode_srgb(linear: Picture) -> Picture:
    """Scene light as a viewer shows it: clipped at 0 and 1, sRGB code values. Source: IEC 61966-2-1."""
    x = np.clip(linear, 0, 1)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055).astype(np.float32)


def strip(look: str, color: Sequence[float]) -> Picture:
    """A color raised in stops from left to right, through a look ("scene" is none), (1, 800, 3)."""
    stops = np.linspace(*STRIP_STOPS, 800)[:, None]
    ramp = (0.18 * 2.0**stops * np.array(color)).astype(np.float32)[None]
    return encode_srgb(ramp) if look == "scene" else lattice.load(look).apply(ramp)


def crop(picture: Picture, area: Sequence[float]) -> Picture:
    """A part of a picture; `area` as shares of it: left, right, top, bottom."""
    height, width = picture.shape[:2]
    left, right, top, bottom = area
    return picture[int(top * height) : int(bottom * height), int(left * width) : int(right * width)]


def _show(axes: Any, picture: Picture, aspect: str = "equal") -> None:
    axes.imshow(np.clip(picture, 0, 1), aspect=aspect, interpolation="lanczos" if aspect == "equal" else "nearest")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def _place(figure: Any, left: float, top: float, width: float, height: float) -> Any:
    """Axes at a place given in inches from the sheet's upper left corner."""
    return figure.add_axes((left / SHEET[0], 1 - (top + height) / SHEET[1], width / SHEET[0], height / SHEET[1]))


def _cell(figure: Any, left: float, top: float, look: str, picture: Picture) -> None:
    """One look: the frame, two crops beside it, two strips below."""
    figure.text(left / SHEET[0], 1 - (top + 0.22) / SHEET[1], TITLES.get(look, look), color=INK, fontsize=12)
    top += 0.3
    _show(_place(figure, left, top, 6.4, 3.6), picture)
    for row, area in enumerate(CROPS):
        _show(_place(figure, left + 6.45, top + row * 1.825, 2.3, 1.775), crop(picture, area), aspect="auto")
    for row, color in enumerate(((1, 1, 1), GREEN)):
        _show(_place(figure, left, top + 3.65 + row * 0.3, 8.75, 0.27), strip(look, color), aspect="auto")


def draw(folder: Path, looks: Sequence[str], path: Path) -> Path:
    """Draw the sheet from `folder`/scene and `folder`/LOOK, two looks a row; returns `path`.

    The strips are a gray and a green from -6 to +8 stops about mid gray.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    name = f"scene.{FRAME:04d}.exr"
    pictures = {"scene": encode_srgb(to_rec709(read_rgb(folder / "scene" / name)))}
    pictures |= {look: read_rgb(folder / look / name) for look in looks}
    figure = Figure(figsize=SHEET, facecolor=PAPER, dpi=90)
    for number, (look, picture) in enumerate(pictures.items()):
        _cell(figure, 0.15 + number % 2 * 8.95, 0.1 + number // 2 * 4.7, look, picture)
    FigureCanvasAgg(figure).print_png(str(path))
    return path
