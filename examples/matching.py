"""The inputs, the commands and the pictures of docs/match.md: `python examples/matching.py DOCS`.

A LUT, a lab's patches, a graded still and a wedge are made up of a look that the page's commands then find.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from contact_sheet import INK, PAPER, Picture, encode_srgb, read_rgb, to_rec709
from render import write_frame

import lattice
from lattice.build.film import density
from lattice.color.primaries import rgb_to_xyz
from lattice.inspect.panels import CHANNELS
from lattice.looks.toml import load_stock
from lattice.match.curve import place

WIDTH, SEED = 1280, 1
STEPS, STEP, NOISE = 21, 0.15, 0.01  # of the wedge, log exposure, density
DENSER = 0.93  # its print's densities
PATCH_NOISE = 0.003  # of its light: an instrument's
LOGO, COVERED = (0.85, 0.1, 0.12), 0.5  # its color; share of width and of height
BLACK_ROW = 12  # pixels between pictures


def lab() -> lattice.Profile:
    """The look that is to be found."""
    look = lattice.profile("vision")
    curves = {
        layer: {"log_exposure": curve.log_exposure, "density": DENSER * curve.density}
        for layer, curve in look.print.curves
    }
    stock = look.print.replace(curves=curves)
    return look.replace(print=stock, printer_lights=(27, 25, 24), print_silver=0.25, name="lab")


def shown(look: lattice.Profile, acescg: Picture) -> Picture:
    """ACEScg (H, W, 3) through a look, as codes of Rec.1886."""
    sdev = look.sdev().with_input("ACEScg").with_display("rec1886")
    return np.asarray(sdev.apply(np.ascontiguousarray(acescg, np.float32)))


def save(path: Path, codes: Picture) -> None:
    """Write codes (H, W, 3) as an 8-bit PNG."""
    from PIL import Image

    Image.fromarray(np.rint(255 * np.clip(codes, 0, 1)).astype(np.uint8)).save(path, optimize=True)


def write_lut(folder: Path) -> None:
    """Another stock's print as a LUT that says nothing of itself, as those of other programs."""
    run(folder, "build fuji -o fuji.cube --input Cineon --display rec1886 --size 33")
    lines = (folder / "fuji.cube").read_text().splitlines(keepends=True)
    (folder / "loved.cube").write_text("".join(line for line in lines if not line.startswith("#")))


def write_still(folder: Path) -> None:
    """A plate, and its grade with a logo over a quarter."""
    write_frame(1, folder, WIDTH, 8).replace(folder / "plate.exr")
    graded = shown(lab(), read_rgb(folder / "plate.exr"))
    height, width = (int(side * COVERED) for side in graded.shape[:2])
    graded[:height, -width:] = LOGO
    save(folder / "graded.png", graded)


def write_wedge(folder: Path) -> None:
    """A densitometer's table of the lab's print stock."""
    random, curves = np.random.default_rng(SEED), lab().print.curves
    x = np.arange(STEPS) * STEP - 0.7
    read = np.stack([density(each, x) for each in (curves.red, curves.green, curves.blue)])
    read = read + random.normal(0, NOISE, read.shape)
    rows = [f"{k + 1},{r:.3f},{g:.3f},{b:.3f}" for k, (r, g, b) in enumerate(read.T)]
    (folder / "wedge.csv").write_text("\n".join(["# status A", "step,red,green,blue", *rows]) + "\n")


def measure(folder: Path) -> None:
    """Fill the list of the target with what an instrument reads of it through the lab's look."""
    picture = read_rgb(folder / "target.exr")
    codes = np.asarray(lab().sdev().with_display("rec1886").apply(picture), np.float64)
    random, lines = np.random.default_rng(SEED), (folder / "target.csv").read_text().splitlines()
    head = next(k for k, line in enumerate(lines) if line.startswith("name,"))
    names = lines[head].split(",")
    for k in range(head + 1, len(lines)):
        cells = lines[k].split(",")
        x0, y0, x1, y1 = (int(cells[names.index(name)]) for name in ("x0", "y0", "x1", "y1"))
        light = (codes[y0:y1, x0:x1] ** 2.4).mean(axis=(0, 1)) * (1 + random.normal(0, PATCH_NOISE, 3))
        for name, value in zip("XYZ", 100 * rgb_to_xyz("Rec.709") @ light, strict=True):
            cells[names.index(name)] = f"{value:.4f}"
        lines[k] = ",".join(cells)
    (folder / "target.csv").write_text("\n".join(lines) + "\n")


def run(folder: Path, words: str) -> None:
    """Run a command as a user types it."""
    print(f"$ lattice {words}", flush=True)
    subprocess.run([sys.executable, "-m", "lattice.cli", *words.split()], cwd=folder, check=True)


def commands(page: Path) -> list[str]:
    """Return the words of the page's commands."""
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL)
    return [line.removeprefix("lattice ") for block in blocks for line in block.splitlines()]


def follow(page: Path, folder: Path) -> None:
    """Make the inputs and run the page's commands."""
    write_lut(folder)
    write_still(folder)
    write_wedge(folder)
    for words in commands(page):
        run(folder, words)
        if words.startswith("calibrate"):
            measure(folder)


def draw_still(folder: Path, path: Path) -> None:
    """The still and its plate above, the plate through the start and through the match below."""
    plate, looks = read_rgb(folder / "plate.exr"), ("vision", folder / "still.toml")
    graded = np.asarray(_read_png(folder / "graded.png"), np.float32) / 255
    below = [shown(lattice.profile(look), plate) for look in looks]
    rows = [np.concatenate([pair[0], _gap(pair[0], 1), pair[1]], axis=1) for pair in
            ([graded, encode_srgb(to_rec709(plate))], below)]  # fmt: skip
    sheet = np.concatenate([rows[0], _gap(rows[0], 0), rows[1]], axis=0)
    save(path, sheet[::2, ::2])


def _gap(picture: Any, axis: int) -> Picture:
    shape = [*picture.shape]
    shape[axis] = BLACK_ROW
    return np.zeros(shape, np.float32)


def _read_png(path: Path) -> Any:
    from PIL import Image

    return Image.open(path)


def draw_wedge(folder: Path, path: Path) -> None:
    """The wedge's densities over the curves of its stock, and those of the stock that it extends."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), facecolor=PAPER, layout="constrained")
    axes = figure.add_subplot(facecolor=PAPER)
    stock, start = load_stock(folder / "mine.toml"), load_stock("kodak_2383")
    table = np.genfromtxt(folder / "wedge.csv", delimiter=",", skip_header=2)
    for k, (name, color) in enumerate(CHANNELS.items()):
        curve, before, read = getattr(stock.curves, name), getattr(start.curves, name), table[:, k + 1]
        steps = table[:, 0] * STEP
        steps = steps - place(curve, steps, read)
        x = np.linspace(curve.log_exposure[0], curve.log_exposure[-1], 300)
        axes.plot(x, density(before, x), color=color, linewidth=0.8, linestyle=(0, (4, 3)))
        axes.plot(x, density(curve, x), color=color, linewidth=1.2)
        axes.plot(curve.log_exposure, curve.density, "o", color=color, markersize=4)
        axes.plot(steps, read, "x", color=INK, markersize=5)
    axes.set_xlabel("log10 exposure, lux-seconds", color=INK)
    axes.set_ylabel("density, status A; crosses: the wedge, dashed: 2383", color=INK)
    axes.tick_params(colors=INK)
    FigureCanvasAgg(figure).print_png(str(path))


def main() -> None:
    """Make the inputs, follow the page, draw."""
    docs = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        follow(docs / "match.md", folder)
        os.replace(folder / "loved.png", docs / "match-lut.png")
        save(docs / "match-target.png", encode_srgb(read_rgb(folder / "target.exr"))[::2, ::2])
        draw_still(folder, docs / "match-still.png")
        draw_wedge(folder, docs / "match-wedge.png")


if __name__ == "__main__":
    main()
