"""The pictures of docs/looks.md: `python examples/pictures.py DEMO DOCS`, DEMO being a folder that demo.py has filled.

The demo's scene through one look of each chain, and six saturated lights from dark to over-exposed through all of them.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
from contact_sheet import FRAME, INK, PAPER, Picture, encode_srgb, read_rgb, to_rec709

import lattice
from lattice.inspect import truth
from lattice.inspect.emitters import STOPS, emitters

CHAINS = {"film-out": "vision", "camera": "vision-5219", "scan": "vision-scan"}
CLIPPED, TRUTH = "no look, clipped", "5219, from spectra"
STRIPS = (CLIPPED, "vision", "vision-5219", TRUTH, "vision-camera", "vision-scan")
SHEET = (1400, 700)  # pixels
LABEL, WIDE, HIGH, BLOCK = 130, 550, 26, 226  # widths of labels and strips, heights of strips and of a light's block
TICKS = (-4, -2, 0, 2, 4, 6, 8, 10)


def graded(look: str, acescg: Picture) -> Picture:
    """ACEScg (H, W, 3) through a shipped look."""
    return np.asarray(lattice.load(look).with_input("ACEScg").apply(np.ascontiguousarray(acescg, np.float32)))


def strips(light: truth.Samples) -> dict[str, Picture]:
    """One light, sampled at STOPS, as every strip shows it: (1, WIDE, 3) each."""
    even = int(np.argmin(np.abs(STOPS)))
    gain = 2.0 ** np.linspace(STOPS[0], STOPS[-1], WIDE)[None, :, None]
    pixels, film = (gain * each[even] for each in (light.pixels, light.film))
    seen = truth.Picture(lattice.profile(CHAINS["camera"])).linear(film)
    made = {CLIPPED: encode_srgb(to_rec709(pixels)), TRUTH: encode_srgb(seen)}
    return {name: made[name] if name in made else graded(name, pixels) for name in STRIPS}


def _strip(figure: Any, left: int, top: int, picture: Picture) -> Any:
    """Lay a strip at a place given in pixels from the sheet's upper left corner."""
    place = (left / SHEET[0], 1 - (top + HIGH) / SHEET[1], WIDE / SHEET[0], (HIGH - 2) / SHEET[1])
    axes = figure.add_axes(place, frameon=False)
    axes.imshow(np.clip(picture, 0, 1), aspect="auto", extent=(TICKS[0], TICKS[-1], 0, 1), interpolation="nearest")
    axes.set_yticks([])
    axes.set_xticks([])
    return axes


def draw_ramps(path: Path) -> None:
    """Draw six lights, each from -4 to +10 stops, through every chain and as the negative's layers see its spectrum."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(SHEET[0] / 100, SHEET[1] / 100), facecolor=PAPER, dpi=100)
    tungsten = truth.scenes(lattice.profile(CHAINS["camera"]).negative)[0]
    for number, (name, light) in enumerate(emitters(tungsten).items()):
        left, top = LABEL + number % 2 * (LABEL + WIDE + 10), 36 + number // 2 * BLOCK
        title = name if name == "neon" else f"{name} nm"
        figure.text(left / SHEET[0], 1 - (top - 8) / SHEET[1], title, color=INK, fontsize=10)
        for row, (strip, picture) in enumerate(strips(light).items()):
            axes = _strip(figure, left, top + row * HIGH, picture)
            axes.set_ylabel(strip, color=INK, fontsize=8, rotation=0, ha="right", va="center")
        axes.set_xticks(TICKS)
        axes.tick_params(colors=INK, labelsize=7)
    FigureCanvasAgg(figure).print_png(str(path))


def main() -> None:
    """Draw all, and say where."""
    from PIL import Image

    demo, docs = map(Path, sys.argv[1:3])
    shutil.copyfile(demo / "contact-sheet.png", docs / "contact-sheet.png")
    scene = read_rgb(demo / "scene" / f"scene.{FRAME:04d}.exr")
    for chain, look in CHAINS.items():
        path = docs / f"looks-{chain}.png"
        Image.fromarray(np.rint(255 * np.clip(graded(look, scene), 0, 1)).astype(np.uint8)).save(path, optimize=True)
        print(path)
    draw_ramps(docs / "looks-ramps.png")
    print(docs / "looks-ramps.png")


if __name__ == "__main__":
    main()
