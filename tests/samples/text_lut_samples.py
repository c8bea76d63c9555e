"""Process lists that text LUTs hold, and what OpenColorIO and colour-science make of a file."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from basics import SHARED, halves, require
from ocio_host import host

from lattice.files.luts import csp, cub, cube, discreet, domain, houdini, itx, m3d, spi1d, spi3d, spimtx, three_dl, vf
from lattice.files.luts.format import LutFormat
from lattice.interp import process
from lattice.process_list import Knots, Lut1D, Lut3D, Matrix, Node, ProcessList

FORMATS = {
    name: module.FORMAT
    for name, module in {
        "cube": cube,
        "spi1d": spi1d,
        "spi3d": spi3d,
        "spimtx": spimtx,
        "csp": csp,
        "three_dl": three_dl,
        "vf": vf,
        "cub": cub,
        "houdini": houdini,
        "discreet": discreet,
        "m3d": m3d,
        "itx": itx,
    }.items()
}
WHOLE = ("three_dl", "m3d")  # formats of whole numbers, of 16 bits
FACTS = {"title": "A look: one", "input": "LogC3 EI800 / Rec.709", "odd": " b\\c\n\u00fc: d "}


def corpus() -> Path:
    """The folder of others' LUT files."""
    if not (SHARED / "luts").is_dir():
        require("luts", "no folder ../shared/luts beside the repository")
    return SHARED / "luts"


def format_of(path: Path) -> LutFormat:
    """The format of a file, by its suffix and first bytes."""
    data = path.read_bytes()
    fitting = [form for form in FORMATS.values() if path.suffix in form.suffixes]
    return next((form for form in fitting if form.is_it(data)), fitting[-1])


def curve(count: int = 33, low: float = -0.1, high: float = 1.2, is_gray: bool = False) -> Any:
    """Entries (count, 3) that rise, of another slope in each channel."""
    steps = np.linspace(0, 1, count)[:, None] ** np.array([0.6, 0.6, 0.6] if is_gray else [0.6, 1.0, 1.7])
    return (low + (high - low) * steps).astype(np.float32)


def nodes(size: int = 5, low: float = -0.25, high: float = 1.5) -> Any:
    """Nodes (size, size, size, 3), no two alike."""
    return np.random.default_rng(size).uniform(low, high, (size, size, size, 3)).astype(np.float32)


def _shapes() -> dict[str, tuple[str, tuple[Node, ...]]]:
    plain, whole = Lut3D(nodes()), Lut3D(nodes(17, 0, 1))
    shaper = Lut1D(curve(64), np.full(3, -0.1), np.full(3, 46.1))
    gray, unit = Lut1D(curve(64, is_gray=True), np.full(3, -0.1), np.full(3, 46.1)), Lut1D(curve(64))
    uneven = np.array([-0.5, 0.0, 0.01, 0.3, 46.1])
    points = Knots(
        (uneven, uneven[1:], uneven[[0, 4]]), (np.sqrt(uneven + 0.5) / 7, uneven[1:] / 50, np.array([0.0, 1.0]))
    )
    light = np.nan_to_num(halves().astype(np.float32), posinf=65504, neginf=-65504)
    mixed = Matrix([[0.9, 0.1, 0.01, 0.02], [1 / 3, 0.6, 0.1, -0.1], [0.0, 0.07, 0.8, 0.3]])  # type: ignore[arg-type]
    wide = domain.to_matrix(["-0.1", "0", "0.125"], ["46.1", "1", "3.3"])
    even = domain.to_matrix(["-0.1"] * 3, ["1.25"] * 3)
    return {
        "cube 1D": ("cube", (Lut1D(curve(), np.array([-0.1, 0, 0.5]), np.array([1, 2.5, 3])),)),
        "cube 3D": ("cube", (plain,)),
        "cube 3D with a domain": ("cube", (wide, plain)),
        "cube with a shaper": ("cube", (shaper, plain)),
        "cube with a shaper and a range": ("cube", (shaper, even, plain)),
        "spi1d": ("spi1d", (shaper,)),
        "spi1d of one component": ("spi1d", (gray,)),
        "spi3d": ("spi3d", (plain,)),
        "spimtx": ("spimtx", (mixed,)),
        "csp 1D": ("csp", (unit,)),
        "csp 3D": ("csp", (plain,)),
        "csp of points": ("csp", (points, plain)),
        "csp of points, 1D": ("csp", (points, unit)),
        "3dl": ("three_dl", (whole,)),
        "3dl with a shaper": ("three_dl", (Lut1D(curve(64, 0, 1, is_gray=True)), whole)),
        "vf": ("vf", (plain,)),
        "vf with a matrix": ("vf", (mixed, plain)),
        "cub": ("cub", (plain,)),
        "cub with a shaper": ("cub", (unit, plain)),
        "houdini 1D": ("houdini", (gray,)),
        "houdini 3D": ("houdini", (plain,)),
        "houdini with a shaper": ("houdini", (gray, plain)),
        "discreet over halves": ("discreet", (Lut1D(np.repeat(-light[:, None], 3, axis=1), half_domain=True),)),
        "discreet of 12 bits": ("discreet", (Lut1D(curve(4096, 0, 1)),)),
        "discreet beyond 0..1": ("discreet", (Lut1D(curve(1024)),)),
        "m3d": ("m3d", (whole,)),
        "itx": ("itx", (plain,)),
    }


SHAPES = _shapes()
"""Process lists by name, with the format that holds them."""


def shape(name: str) -> tuple[LutFormat, ProcessList]:
    """The format and the process list of a shape."""
    form, held = SHAPES[name]
    return FORMATS[form], ProcessList(FACTS["title"], held, FACTS)


def colors(low: float = -0.5, high: float = 1.5, count: int = 400) -> Any:
    """Colors (count, 3) float32, with the corners of the cube among them."""
    found = np.random.default_rng(7).uniform(low, high, (count, 3)).astype(np.float32)
    found[:8] = np.indices((2, 2, 2)).reshape(3, -1).T
    return found


def ran(held: ProcessList, pixels: Any, interpolation: Any = "tetrahedral") -> Any:
    """What a process list makes of colors (n, 3), by this interpolation of its 3D LUTs."""
    asked = [
        dataclasses.replace(node, interpolation=interpolation) if isinstance(node, Lut3D) else node
        for node in held.nodes
    ]
    return process.run(asked, np.ascontiguousarray(pixels.T)).T


def difference(got: Any, expected: Any) -> float:
    """The largest difference of two results, over max(1, |expected|); equal infinities and NaNs differ by 0."""
    same = (got == expected) | (np.isnan(got) & np.isnan(expected))
    with np.errstate(invalid="ignore"):
        apart = np.abs(got - expected) / np.maximum(1, np.abs(expected))
    return float(np.where(same, 0, np.nan_to_num(apart, nan=np.inf)).max())


def through_ocio(ocio: Any, path: Path, pixels: Any) -> Any:
    """What OpenColorIO makes of colors through a file, by tetrahedra."""
    return host(ocio, path, pixels)


def through_colour(path: Path, pixels: Any) -> Any:
    """What colour-science makes of colors through a file, trilinear."""
    from colour.io import read_LUT

    return read_LUT(str(path)).apply(pixels.astype(np.float64))
