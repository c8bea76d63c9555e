"""Process lists that are SDevs, and those that are not, by what they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from basics import halves
from text_lut_samples import curve

from lattice.encodings import SRGB_EXPONENT, SRGB_OFFSET
from lattice.process_list import Cdl, Exponent, Knots, Log, Lut1D, Lut3D, Matrix, Node, ProcessList, Range
from lattice.types import Lattice, LatticeError, Table

RANDOM = np.random.default_rng(5)
MIX = Matrix([[0.7, 0.4, -0.1], [0.1, 0.8, 0.1], [-0.3, 0.2, 1.1]])  # type: ignore[arg-type]
SCALE = Matrix(np.hstack([np.diag([1 / 46.1, 0.5, 2.0]), [[0.002], [0.1], [-0.3]]]))
UNIT = Range(0, 1)
CUBE = Exponent("basicFwd", np.full(3, 3.0))
ROOT_OF = Exponent("basicRev", np.full(3, 2.4))
SRGB_CURVE = Exponent("monCurveRev", np.full(3, SRGB_EXPONENT), np.full(3, SRGB_OFFSET))
GRID = np.linspace(0, 1, 17)


def lattice_of(size: int = 17, low: float = 0.0, high: float = 1.0, interpolation: Any = "tetrahedral") -> Lut3D:
    return Lut3D(RANDOM.uniform(low, high, (size, size, size, 3)), interpolation)


def over_halves(values: Any) -> Lut1D:
    return Lut1D(np.repeat(np.asarray(values)[:, None], 3, axis=1), half_domain=True)


def shaped() -> Lut1D:
    light = np.clip(np.nan_to_num(halves().astype(np.float64), nan=0.0, posinf=65504), 0, 65504)
    return over_halves(np.log2(light + 1) / 17)


def takes_the_record(part: Any) -> bool:
    """True if the records of an SDev take a lattice or a table like this."""
    try:
        Lattice(part, "trilinear") if np.ndim(part) == 4 else Table(part)
    except LatticeError:
        return False
    return True


EVEN = takes_the_record(np.zeros((4, 4, 4, 3)))
SIGNED = takes_the_record(np.full((65536, 3), -1.0))
SDEVS: dict[str, tuple[Node, ...]] = {
    "a lattice": (lattice_of(),),
    "a lattice of 3": (lattice_of(3),),
    "a trilinear lattice": (lattice_of(33, interpolation="trilinear"),),
    "behind a matrix": (MIX, lattice_of()),
    "behind a table": (shaped(), lattice_of()),
    "behind matrix and table": (MIX, shaped(), lattice_of()),
    "behind limits that it has": (UNIT, lattice_of()),
    "held": (lattice_of(5, -0.5, 1.5), UNIT),
    "shown by a gamma": (lattice_of(), ROOT_OF),
    "shown as sRGB": (lattice_of(), SRGB_CURVE),
    "shown as an SDev": (MIX, shaped(), lattice_of(13, -0.3, 1.2), CUBE, MIX, UNIT, SRGB_CURVE),
    "shown through a matrix": (lattice_of(), MIX, UNIT, ROOT_OF),
    **({"of an even size": (lattice_of(16),), "of 2": (lattice_of(2),)} if EVEN else {}),
    **({"behind a domain": (SCALE, lattice_of()), "behind all": (MIX, SCALE, lattice_of())} if SIGNED else {}),
}
LUTS: dict[str, tuple[Node, ...]] = {
    "nothing": (),
    "no lattice": (MIX,),
    "a curve": (Lut1D(curve()),),
    "nodes beyond": (lattice_of(5, -0.5, 1.5),),
    "a shaper": (Lut1D(curve(), np.zeros(3), np.full(3, 8.0)), lattice_of()),
    "points": (Knots((np.arange(3.0),) * 3, (np.arange(3) / 2,) * 3), lattice_of()),
    "a logarithm": (Log("linToLog"), lattice_of()),
    "hues": (replace(shaped(), hue=True), lattice_of()),
    "two lattices": (lattice_of(), lattice_of()),
    "a matrix that adds": (Matrix(np.hstack([MIX.matrix[:, :3], np.full((3, 1), 0.1)])), lattice_of()),
    "a matrix behind the table": (shaped(), MIX, lattice_of()),
    "a scale that is not held": (lattice_of(), Matrix(np.diag([1.1, 1.0, 1.0])), ROOT_OF),
    "a mirror": (lattice_of(), UNIT, Exponent("basicMirrorRev", np.full(3, 2.2))),
    "a channel of its own": (lattice_of(), UNIT, Exponent("basicRev", np.array([2.2, 2.2, 2.4]))),
    "another joint": (lattice_of(), UNIT, Exponent("monCurveRev", np.full(3, 2.2), np.full(3, 0.1))),
    "other limits": (lattice_of(5, -1, 2), Range(-0.1, 1.1)),
    "limits inside": (Range(0.1, 0.9), lattice_of()),
    "negatives before a mix": (lattice_of(5, -0.5, 1.5), MIX, UNIT),
    "a CDL": (Cdl(), lattice_of()),
    "a gamma that no display has": (lattice_of(), UNIT, Exponent("basicRev", np.full(3, 90.0))),
}


def listed(nodes: tuple[Node, ...], **facts: str) -> ProcessList:
    return ProcessList("theirs", nodes, facts)


def scene() -> Any:
    """Pixels (1, n, 3) float32 in and around [0, 1], and over many stops."""
    random = np.random.default_rng(6)
    near = random.uniform(-0.5, 1.5, (1, 3000, 3))
    far = 2.0 ** random.uniform(-18, 14, (1, 2000, 3)) * random.choice([1, 1, -1], (1, 2000, 3))
    return np.concatenate([near, far], axis=1).astype(np.float32)
