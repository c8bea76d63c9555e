"""Core data types: curve, table, lattice, display, device.

Every record is frozen, and its arrays are read-only copies in the stated dtype and C order, so that an `SDevData` can
be shared by threads and hashed once. Axis order is always r, g, b.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from lattice.axes import HALF_CODES as HALF_CODES
from lattice.axes import HALF_MAX as HALF_MAX
from lattice.axes import grid as grid
from lattice.axes import halves as halves
from lattice.axes import held_halves as held_halves
from lattice.choices import Interpolation as Interpolation
from lattice.encodings import HLG_NITS as HLG_NITS
from lattice.encodings import PQ_NITS as PQ_NITS
from lattice.encodings import Gamma as Gamma
from lattice.encodings import decode_hlg, decode_pq, encode_hlg, encode_pq
from lattice.encodings import decode_srgb as decode_srgb
from lattice.encodings import encode_srgb as encode_srgb
from lattice.errors import LatticeError as LatticeError
from lattice.record import LARGEST_ENTRY, POWERS, Shippable, frozen
from lattice.record import Pixels as Pixels
from lattice.record import shortened as shortened
from lattice.stage import MOST_STEPS as MOST_STEPS
from lattice.stage import FilmStage as FilmStage
from lattice.stage import Step as Step

INTERPOLATIONS: tuple[Interpolation, ...] = ("trilinear", "tetrahedral")
Array = NDArray[np.float64]
FARTHEST, DENSEST = 20.0, 6.0  # log exposure, of either sign, and density that a film curve holds
FEWEST_READINGS, MOST_READINGS = 3, 4096  # points of a film curve that was measured
MID_GRAY = 0.18  # scene-linear mid gray, which a film receives at its normal exposure
MOST_NITS: dict[Gamma, float] = {"PQ": PQ_NITS, "HLG": HLG_NITS}  # of light 1
USUAL_PEAK = 100.0  # nits of white in a container of HDR: a reference monitor's. Source: ITU-R BT.2035


@dataclass(frozen=True, eq=False)
class Curve(Shippable):
    """A film curve: 12 points joined by PCHIP, flat beyond both ends.

    log_exposure: (12,) float64, log10 lux-seconds, strictly rising, -20 to 20.
    density: (12,) float64, optical density, never falling, 0 to 6.
    Raises LatticeError naming the first point that breaks a rule.
    """

    log_exposure: NDArray[np.float64]
    density: NDArray[np.float64]

    def __post_init__(self) -> None:
        for name in ("log_exposure", "density"):
            points = np.size(getattr(self, name))
            if points != 12:
                raise LatticeError(f"{name}: expected 12 points, got {points}")
            object.__setattr__(self, name, frozen(getattr(self, name), np.float64, (12,), name))
        x, d = self.log_exposure, self.density
        for i in range(1, 12):
            if x[i] <= x[i - 1]:
                raise LatticeError(f"log_exposure does not rise at point {i + 1} ({x[i - 1]:g} -> {x[i]:g})")
            if d[i] < d[i - 1]:
                raise LatticeError(f"density falls at point {i + 1} ({d[i - 1]:g} -> {d[i]:g})")
        if d[0] < 0 or d[-1] > DENSEST:
            raise LatticeError(f"density: expected 0 to {DENSEST:g}, got {d[0]:g} to {d[-1]:g}")
        if np.abs(x).max() > FARTHEST:
            raise LatticeError(f"log_exposure: expected -{FARTHEST:g} to {FARTHEST:g}, got {x[0]:g} to {x[-1]:g}")


@dataclass(frozen=True, eq=False)
class Table(Shippable):
    """The shaper: scene value to lattice coordinate, one entry for every half float.

    values: (65536, 3) float32 up to 1e9, in any order; row index = the half's bits, column = r, g, b. A half takes its
    own entry. A float takes what is linear between the two halves of its sign around it, so that 0 and -0 have their
    own; beyond 65504 and -65504 the entry of these, of any NaN that of 0x7E00. The coordinate is that, held to [0, 1].
    """

    values: NDArray[np.float32]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", frozen(self.values, np.float32, (HALF_CODES, 3), "table", LARGEST_ENTRY))

    def content(self) -> tuple[bytes]:
        """Return what the digest of an SDev has of it."""
        return (self.values.tobytes(),)

    @classmethod
    def identity(cls) -> Table:
        """Return the table without effect: u is the scene value itself, clipped to [0, 1]."""
        return cls(np.repeat(np.clip(held_halves(), 0, 1)[:, None], 3, axis=1))


@dataclass(frozen=True, eq=False)
class Lattice(Shippable):
    """The color lattice.

    nodes: (N, N, N, 3) float32 up to 1e9, indexed [r, g, b, channel], N at least 2.
    interpolation: the method the nodes were fitted for, "trilinear" or "tetrahedral".
    """

    nodes: NDArray[np.float32]
    interpolation: Interpolation

    def __post_init__(self) -> None:
        size = np.shape(self.nodes)[0] if np.ndim(self.nodes) else 0
        if size < 2:
            raise LatticeError(f"lattice: expected a size of at least 2, got {size}")
        if self.interpolation not in INTERPOLATIONS:
            raise LatticeError(f"interpolation: expected trilinear or tetrahedral, got {self.interpolation!r}")
        object.__setattr__(
            self, "nodes", frozen(self.nodes, np.float32, (size, size, size, 3), "lattice", LARGEST_ENTRY)
        )

    @property
    def size(self) -> int:
        """Nodes along an edge."""
        return int(self.nodes.shape[0])


@dataclass(frozen=True, eq=False)
class Display(Shippable):
    """The stage after the lattice: `encode(clip(matrix @ value**exponent, 0, 1))`.

    exponent: 1/16 to 16; undoes the nodes' encoding (3 if nodes are cube roots of XYZ).
    matrix: (3, 3) float64 to the display's linear primaries, entries up to 1e9.
    gamma: 1/16 to 16, a power `v = x ** (1 / gamma)`; "sRGB", the piecewise curve; "PQ" or "HLG", of HDR.
    peak: nits of light 1 in PQ, 1 to 10,000, and in HLG, 1 to 1,000; no other curve has one.
    """

    exponent: float
    matrix: NDArray[np.float64]
    gamma: Gamma
    peak: float = USUAL_PEAK

    def __post_init__(self) -> None:
        object.__setattr__(self, "matrix", frozen(self.matrix, np.float64, (3, 3), "display matrix", LARGEST_ENTRY))
        object.__setattr__(self, "exponent", float(self.exponent))
        object.__setattr__(self, "peak", float(self.peak))
        if not isinstance(self.gamma, str):
            object.__setattr__(self, "gamma", float(self.gamma))
        low, high = POWERS
        if not low <= self.exponent <= high:
            raise LatticeError(f"display exponent: expected {low:g} to {high:g}, got {self.exponent:g}")
        is_named = self.gamma in ("sRGB", *MOST_NITS)
        if not is_named and (isinstance(self.gamma, str) or not low <= self.gamma <= high):
            names = ", ".join(f'"{name}"' for name in ("sRGB", *MOST_NITS))
            raise LatticeError(f"display gamma: expected {low:g} to {high:g}, {names}, got {self.gamma!r:.40}")
        most = MOST_NITS.get(self.gamma, USUAL_PEAK)
        if not (1 if self.is_hdr else USUAL_PEAK) <= self.peak <= most:
            expected = f"1 to {most:g} nits in {self.gamma}" if self.is_hdr else "none beside a display's own white"
            raise LatticeError(f"display peak: expected {expected}, got {self.peak:g}")

    @property
    def is_hdr(self) -> bool:
        """True if the curve is that of an HDR container, in which white is shown at `peak` nits."""
        return self.gamma in MOST_NITS

    def encode(self, linear: Pixels, axis: int = -1) -> Pixels:
        """Encode display-linear light as code values, any shape and float dtype; clips to [0, 1] first.

        axis: of r, g, b, which HLG mixes.
        """
        if self.is_hdr and linear.dtype == np.float16:  # whose exponents do not hold what is dark
            return self.encode(linear.astype(np.float32), axis).astype(np.float16)
        x = np.clip(linear, 0, 1)
        if self.gamma == "PQ":
            return encode_pq(x, self.peak)
        if self.gamma == "HLG":
            return encode_hlg(x, self.peak, axis)
        return encode_srgb(x) if self.gamma == "sRGB" else np.power(x, 1 / self.gamma, dtype=x.dtype)

    def decode(self, codes: Pixels, axis: int = -1) -> Pixels:
        """Invert `encode`: code values, clipped to [0, 1] first, to display-linear light, any shape and float dtype."""
        if self.is_hdr and codes.dtype == np.float16:
            return self.decode(codes.astype(np.float32), axis).astype(np.float16)
        v = np.clip(codes, 0, 1)
        if self.gamma == "PQ":
            return decode_pq(v, self.peak)
        if self.gamma == "HLG":
            return decode_hlg(v, self.peak, axis)
        return decode_srgb(v) if self.gamma == "sRGB" else np.power(v, self.gamma, dtype=v.dtype)


@dataclass(frozen=True, eq=False)
class SDevData(Shippable):
    """A simulation device's data: everything an engine needs to turn scene pixels into code values.

    matrix: (3, 3) float64, entries up to 1e9, scene RGB to film-layer exposure, applied before the table.
    table: scene light to lattice coordinates, each channel for itself by a Table, or together by a FilmStage.
    provenance: text facts (profile, stocks, input and output spaces); not hashed, but for what a LUT takes: "input"
    beside "takes" decides what becomes of a picture of other primaries.
    Two are equal if their `sha256` is equal: they show the same, whatever their names.
    """

    name: str
    matrix: NDArray[np.float64]
    table: Table | FilmStage
    lattice: Lattice
    display: Display
    provenance: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "matrix", frozen(self.matrix, np.float64, (3, 3), "input matrix", LARGEST_ENTRY))
        object.__setattr__(self, "provenance", MappingProxyType(dict(self.provenance)))

    def _content(self) -> tuple[object, ...]:
        return (self.sha256,)

    @cached_property
    def sha256(self) -> str:
        """Hex digest of all that affects a pixel; equal SDevs have equal digests, whatever file they came from."""
        digest = hashlib.sha256()
        display = self.display
        digest.update(
            f"lattice 1 {self.lattice.size} {self.lattice.interpolation} "
            f"{display.exponent!r} {display.gamma!r}{f' {display.peak!r}' if display.is_hdr else ''}".encode()
        )
        digest.update(self.matrix.tobytes())
        for part in self.table.content():
            digest.update(part)
        digest.update(self.lattice.nodes.tobytes())
        digest.update(display.matrix.tobytes())
        if "takes" in self.provenance:
            digest.update(f"takes {self.provenance.get('input')}".encode())
        return digest.hexdigest()
