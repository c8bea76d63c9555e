"""A look, a shot, and movies of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from basics import random_device
from exr_samples import save
from movie_samples import patches

from lattice.files.exr import file as exr
from lattice.regrade import Options
from lattice.regrade.dailies import render as dailies
from lattice.regrade.dailies.plan import Asked, plan
from lattice.sdev import SDev
from lattice.types import Display

SIDE = 32
XY = "output_chromaticities"
FACTS = {"input": "Rec.709", "output": "Rec.709 sRGB", XY: "0.64 0.33 0.3 0.6 0.15 0.06 0.3127 0.329"}


def look(gamma: Any = "sRGB", **facts: str) -> SDev:
    """A device of random nodes that takes Rec.709; the display is as told."""
    device = random_device("trilinear", 5, Display(1.0, np.eye(3), gamma))
    return SDev.from_device(replace(device, provenance={**FACTS, **facts}))


def planes_of(picture: Any) -> dict[str, Any]:
    return {name: np.ascontiguousarray(plane) for name, plane in zip("RGB", picture, strict=True)}


def save_shot(folder: Path) -> Path:
    """Four frames of flat patches in an order of their own; the third is not on disk."""
    for frame in (1, 2, 4, 5):
        picture = np.roll(patches(side=SIDE), frame * SIDE, axis=2).astype(np.float16)
        save(folder / f"s_v01.{frame:04d}.exr", planes_of(picture))
    return folder


def reel(
    shot: Path,
    target: str = "a.mov",
    sdev: SDev | None = None,
    source: str = "s_v01.####.exr",
    missing: Any = "skip",
    frames: str | None = None,
    **more: Any,
) -> dailies.Reel:
    options = Options(missing=missing, overwrite=True, **more.pop("options", {}))
    ranges = () if frames is None else (frames,)
    return plan(sdev or look(), shot / source, shot / target, Asked(**more), options, ranges)


def graded(sdev: SDev, path: Path) -> Any:
    """What the device makes of a file's bare color: (3, H, W)."""
    frame = exr.read(path)
    return sdev.apply(np.stack([frame.channels[name] for name in "RGB"], axis=-1)).transpose(2, 0, 1)
