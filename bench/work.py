"""What the engines are given to do, and the check of what they make of it: `Case`, `Work`, pictures."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import lattice
from lattice.interp import reference
from lattice.sdev import SDev
from lattice.types import MID_GRAY, Display, Interpolation, Lattice, SDevData, Table

LOOK = "premier-scan"  # whose nodes stand for every 13^3 lattice
ALONE = "lattice alone"
STOPS = 12  # from the darkest to the brightest of a scene, mid gray in the middle
PICTURES = ("noise", "smooth")
CHECKED_ROWS = 8
FLOAT_TOLERANCE = 2e-5  # of full scale, for a float32 engine. Source: tests/tolerance.py, OCIO
# Through a film stage: stage_error of tests/tolerance.py, 2e-6 of a coordinate, times 12 cells, their steepest slope.
STAGED_TOLERANCE = 1e-4


@dataclass(frozen=True, eq=False)
class Case:
    """One SDev with one interpolation, the pictures for it, and where every engine writes.

    images: by name of PICTURES, (H, W, 4) float32 where the lattice is alone, else float16. out: alike. planes: of the
    images, and planes_out: (H, W, 3), each channel a plane, as `in_planes` makes them.
    """

    title: str
    sdev: SDev
    method: Interpolation
    images: dict[str, Any]
    out: Any
    planes: dict[str, Any]
    planes_out: Any

    @property
    def is_alone(self) -> bool:
        """Whether it is a lattice and nothing else."""
        return self.sdev.name == ALONE

    @property
    def is_half(self) -> bool:
        """Whether pixels are half floats."""
        return self.out.dtype == np.float16


@dataclass(frozen=True)
class Work:
    """One engine on one picture.

    run: what is timed. rows: how many of the picture's rows it does, from the first. tolerance: largest error
    against float64, of full scale. shown: makes what `run` returned (rows, W, 3 or 4).
    """

    name: str
    run: Callable[[], Any]
    rows: int
    tolerance: float
    shown: Callable[[Any], Any] = lambda result: result


def sdev_by_name(name: str, method: Interpolation) -> SDev:
    """A shipped look, or LOOK's lattice alone: u is the pixel itself, held to [0, 1], and values show as they are."""
    if name != ALONE:
        return lattice.load(name)
    nodes, plain = Lattice(lattice.load(LOOK).lattice.nodes, method), Display(1.0, np.eye(3), 1.0)
    return SDev.from_device(SDevData(ALONE, np.eye(3), Table.identity(), nodes, plain))


def encoded_picture(name: str, height: int, width: int) -> Any:
    """(H, W, 4) float32 in [0, 1]: every pixel anywhere in the lattice, or slow waves that differ by channel."""
    if name == "noise":
        return np.random.default_rng(1).random((height, width, 4), dtype=np.float32)
    y, x, k = np.ogrid[0 : 1 : height * 1j, 0 : 1 : width * 1j, 0:4]
    waves = np.sin(2 * np.pi * (2 * x + k / 3)) + np.sin(2 * np.pi * (y + k / 5))
    return (0.5 + waves / 4).astype(np.float32)


def scene_picture(encoded: Any) -> Any:
    """The same picture as a scene: half, STOPS of light evenly spread; alpha as it was."""
    scene = MID_GRAY * 2.0 ** (STOPS * (encoded - 0.5))
    scene[..., 3] = encoded[..., 3]
    return scene.astype(np.float16)


def in_planes(picture: Any) -> Any:
    """Red, green and blue of a picture (H, W, 3 or 4) as planes side by side, seen as (H, W, 3)."""
    return np.ascontiguousarray(np.moveaxis(picture[..., :3], -1, 0)).transpose(1, 2, 0)


def worst_error(case: Case, picture: str, work: Work) -> float:
    """Largest difference from float64 on some rows, past a half result's own rounding.

    Ends the program where it is past the work's tolerance.
    """
    rows = np.unique(np.linspace(0, work.rows - 1, CHECKED_ROWS).astype(int))
    image = case.images[picture][rows]
    exact = np.empty(image.shape)
    reference.apply(case.sdev, image, exact, case.method, np.float64)
    for out in (case.out, case.planes_out):
        out.fill(np.nan)  # an engine that writes nothing must not pass on what another wrote
    got = work.shown(work.run())[rows][..., :3].astype(np.float64)
    error = np.abs(got - exact[..., :3])
    if case.is_half:
        error -= np.spacing(exact[..., :3].astype(np.float16)).astype(np.float64) / 2
    worst = float(error.max())
    if not worst <= work.tolerance:  # NaN fails
        sys.exit(f"{case.title}, {picture}, {work.name}: off by {worst:.2g}, expected {work.tolerance:g} at most")
    return max(0.0, worst)
