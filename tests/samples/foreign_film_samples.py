"""A LUT that somebody loves: the print of another film model, hues turned by hand, from Cineon log to Rec.1886."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from basics import grid
from foreign_samples import cube_file

from lattice import load
from lattice.build import film_exposure, make_chain
from lattice.build.seen import LAB
from lattice.color.inputs import find
from lattice.color.primaries import rgb_to_xyz
from lattice.looks import DensityOnly, Profile, load_profile
from lattice.looks.display import DisplaySpec
from lattice.match.reference import seen
from lattice.sdev.load import AnySDev

TAKES, GIVES, SIDE = "Cineon", "rec1886", 33
DISPLAY = DisplaySpec(primaries="Rec.709", gamma=2.4)
TURN, PALE = 8.0, 10.0  # degrees that hues turn by; chroma at which they turn half of it
SCATTER = {"printing": 0.03, "dyes": 0.04, "light": 0.03}  # of what is not on a matrix's diagonal


def other_film(seed: int = 0) -> Profile:
    """5219 on 2383 without their spectra, and with other matrices in their place."""
    random, look, usual = np.random.default_rng(seed), load_profile("vision"), DensityOnly()
    spectra = {"dye_density": None, "log_sensitivity": None, "minimum_density": None}
    matrices = {
        name: np.abs(np.array(getattr(usual, name)) + random.normal(0, scatter, (3, 3)) * (1 - np.eye(3)))
        for name, scatter in SCATTER.items()
    }
    return look.replace(
        negative=look.negative.replace(**spectra, film_stage=None),
        print=look.print.replace(**spectra),
        density_only=DensityOnly(**{name: tuple(map(tuple, each)) for name, each in matrices.items()}),
    )


def loved(light: Any, seed: int = 0) -> Any:
    """CIELAB (n, 3) of scene light of Rec.709 (n, 3) on that film, hues turned."""
    film = other_film(seed)
    lab = seen(film, make_chain(film), film_exposure(film, light), DISPLAY, True)
    chroma, hue = np.hypot(lab[:, 1], lab[:, 2]), np.arctan2(lab[:, 2], lab[:, 1])
    hue = hue + np.deg2rad(TURN) * np.sin(2 * hue + 1) * chroma / (chroma + PALE)
    return np.stack([lab[:, 0], chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1)


def codes_of_lab(lab: Any) -> Any:
    """Rec.1886 codes (n, 3) of CIELAB (n, 3) over the white of Rec.709."""
    bent = (lab + np.array([16, 0, 0])) @ np.linalg.inv(LAB).T
    relative = np.where(bent > 6 / 29, bent**3, 3 * (6 / 29) ** 2 * (bent - 4 / 29))
    to_xyz = rgb_to_xyz("Rec.709")
    linear = (relative * to_xyz.sum(axis=1)) @ np.linalg.inv(to_xyz).T
    return np.clip(linear, 0, 1) ** (1 / 2.4)


def loved_lut(folder: Path, seed: int = 0) -> AnySDev:
    """The LUT as a .cube of 33 nodes a side in a folder, loaded."""
    light = find(TAKES).decode(grid(SIDE).reshape(-1, 3))
    nodes = codes_of_lab(loved(light, seed)).reshape(SIDE, SIDE, SIDE, 3)
    return load(cube_file(folder / f"loved{seed}.cube", nodes), TAKES, GIVES)
