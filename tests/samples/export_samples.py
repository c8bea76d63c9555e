"""What the tests of exported LUTs share: the exact chain as a source, scene colors, and the loss as it is seen."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from lattice.build.seen import cie_lab
from lattice.color.primaries import convert, rgb_to_xyz
from lattice.encodings import decode_srgb
from lattice.errors import LatticeError
from lattice.export.bake import Source, of_profile
from lattice.export.convert import convert as convert_file
from lattice.export.looks import export
from lattice.export.recipe import Recipe, choose
from lattice.files.luts import register
from lattice.inspect.scenes import colors
from lattice.interp import process
from lattice.looks import load_profile


@cache
def source_of(look: str) -> Source:
    """The exact chain of a shipped look."""
    return of_profile(load_profile(look))


@cache
def natural() -> Any:
    """Natural scene colors (30000, 3) in Rec.709, as `lattice check` draws them."""
    return colors(load_profile("premier"))["natural"]


@cache
def film_codes(look: str) -> Any:
    """What the film shows of them: codes (n, 3) of sRGB."""
    return source_of(look).codes(natural())


def seen(codes: Any) -> Any:
    """CIE Lab (n, 3) of sRGB codes (n, 3)."""
    xyz = rgb_to_xyz("Rec.709")
    return cie_lab(decode_srgb(np.clip(codes, 0, 1)) @ xyz.T / xyz.sum(axis=1))


def loss(look: str, files: list[Path], recipe: Recipe) -> tuple[float, float, float]:
    """CIEDE2000, mean, 99th percentile and largest, of natural colors through written files against the film."""
    import colour

    light = natural() @ convert(source_of(look).primaries, recipe.primaries, recipe.space.adaptation).T
    planes = np.ascontiguousarray((recipe.space.encode(light) if recipe.shaper == "none" else light).T)
    for path in files:
        planes = process.run(register.read(path).nodes, planes)
    steps = np.asarray(colour.difference.delta_E_CIE2000(seen(planes.T), seen(film_codes(look))))
    return float(steps.mean()), float(np.percentile(steps, 99)), float(steps.max())


def written(
    look: str, target: Path, asked: str | None = None, size: int | None = None, host: str | None = None, **how: Any
) -> tuple[list[Path], Recipe]:
    """Export a look; the files, in the order in which they are applied, and what they hold."""
    recipe = choose(target.suffix, host, asked, size, source_of(look).primaries)
    some = {"natural": natural()[:500], "gray": np.linspace(0, 2, 50)[:, None].repeat(3, axis=1)}
    before = set(target.parent.iterdir())
    said = export(source_of(look), some, recipe, target, **how)
    assert all("\n" not in line for line in said)
    new = sorted(set(target.parent.iterdir()) - before, key=lambda path: path == target)
    return new, recipe


def converted(source: Path, target: Path) -> str | None:
    """What is said of a new file in its first line; None where one line refuses it, and nothing is there."""
    try:
        return convert_file(source, target)[0]
    except LatticeError as error:
        is_line = "\n" not in str(error) and not target.exists()
    assert is_line
    return None
