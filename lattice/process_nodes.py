"""Process nodes: the stages of LUT files of any format, as those of a CLF.

Colors are float, 1 = the largest code; readers have taken out the bit depths of their files. `interp/process.py`
computes every node.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from lattice.choices import Interpolation
from lattice.errors import LatticeError
from lattice.record import LARGEST_ENTRY, Shippable, frozen

Array64 = NDArray[np.float64]
ExponentStyle = Literal[
    "basicFwd",
    "basicRev",
    "basicMirrorFwd",
    "basicMirrorRev",
    "basicPassThruFwd",
    "basicPassThruRev",
    "monCurveFwd",
    "monCurveRev",
    "monCurveMirrorFwd",
    "monCurveMirrorRev",
]
LogStyle = Literal["linToLog", "logToLin"]
LARGEST = 1.7e38  # of an entry or a node: float32 holds a difference of two
MOST_ENTRIES = 300_000  # of a Lut1D; MOST_SIZE of a Lut3D: the same limits as OpenColorIO's
MOST_SIZE = 129


def _three(values: object, what: str, largest: float = LARGEST_ENTRY) -> Array64:
    return frozen(np.broadcast_to(np.asarray(values, np.float64), (3,)), np.float64, (3,), what, largest)


class Node(Shippable):
    """Base of all process nodes: frozen dataclasses that are equal if their content is."""

    def content(self) -> bytes:
        """Return what the digest of a process list has of it."""
        parts = [type(self).__name__.encode()]
        for part in fields(self):  # type: ignore[arg-type]  # all are dataclasses
            value = getattr(self, part.name)
            if isinstance(value, Node):
                parts.append(value.content())
            elif isinstance(value, np.ndarray):
                parts.append(f"{value.shape}".encode() + value.tobytes())
            else:
                parts.append(repr(value).encode())
        return b" ".join(parts)


@dataclass(frozen=True, eq=False)
class Matrix(Node):
    """matrix: (3, 4) float64 up to 1e9; column 3 is added. A (3, 3) gets a column of 0."""

    matrix: Array64

    def __post_init__(self) -> None:
        given = np.asarray(self.matrix, np.float64)
        whole = np.pad(given, ((0, 0), (0, 1))) if given.shape == (3, 3) else given
        object.__setattr__(self, "matrix", frozen(whole, np.float64, (3, 4), "Matrix", LARGEST_ENTRY))


@dataclass(frozen=True, eq=False)
class Range(Node):
    """Values are multiplied by `scale`, `offset` is added, and they are held to `low` and `high`, None where there is
    no limit. NaN becomes `low`, or where that is None `high`."""

    low: float | None = None
    high: float | None = None
    scale: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        for part in fields(self):
            value = getattr(self, part.name)
            if value is not None:
                object.__setattr__(self, part.name, float(frozen(value, np.float64, (), "Range", LARGEST_ENTRY)))
        if self.low is not None and self.high is not None and self.low > self.high:
            raise LatticeError(f"Range: expected limits that rise, got {self.low:g} to {self.high:g}")


@dataclass(frozen=True, eq=False)
class Lut1D(Node):
    """A curve for each channel, linear between its entries; values outside the domain are held to its ends.

    entries: (n, 3) float32, n from 2 to 300,000. first, last: (3,) float64, the domain of each channel, rising; the
    entries are evenly spaced over it, and NaN counts as `first`.
    half_domain: the entries are one for every half float, row index = its bits, and the domain is not used; values
    beyond the halves count as +-65504, and NaN takes the entry of NaN, 0x7E00.
    hue: the middle channel of a color keeps its place between the two others, as hueAdjust "dw3" of a CTF.
    """

    entries: NDArray[np.float32]
    first: Array64 = field(default_factory=lambda: np.zeros(3))
    last: Array64 = field(default_factory=lambda: np.ones(3))
    half_domain: bool = False
    hue: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", frozen(self.entries, np.float32, (None, 3), "LUT1D", LARGEST))
        object.__setattr__(self, "first", _three(self.first, "LUT1D domain"))
        object.__setattr__(self, "last", _three(self.last, "LUT1D domain"))
        count = len(self.entries)
        if not 2 <= count <= MOST_ENTRIES:
            raise LatticeError(f"LUT1D: expected 2 to {MOST_ENTRIES:,} entries, got {count:,}")
        if self.half_domain and count != 65536:
            raise LatticeError(f"LUT1D: expected 65,536 entries of a half domain, got {count:,}")
        if not (self.first < self.last).all():
            raise LatticeError(f"LUT1D: expected a domain that rises, got {self.first} to {self.last}")


@dataclass(frozen=True, eq=False)
class Knots(Node):
    """A curve for each channel through points of its own, straight between them; values outside are held to its ends.

    x: three (n,) float64, 2 to 65,536, strictly rising. y: as many float64. NaN counts as the first x.
    """

    x: tuple[Array64, Array64, Array64]
    y: tuple[Array64, Array64, Array64]

    def __post_init__(self) -> None:
        for name in ("x", "y"):
            curves = tuple(
                frozen(curve, np.float64, (None,), f"points {name}", LARGEST_ENTRY) for curve in getattr(self, name)
            )
            object.__setattr__(self, name, curves)
        for x, y in zip(self.x, self.y, strict=True):
            if len(x) != len(y) or not 2 <= len(x) <= 65536:
                raise LatticeError(f"points: expected 2 to 65,536 of x and as many of y, got {len(x):,}, {len(y):,}")
            if (np.diff(x) <= 0).any():
                raise LatticeError("points: expected x that rises, got x that does not")

    def content(self) -> bytes:
        """Return what the digest of a process list has of it."""
        return b"Knots " + b" ".join(curve.tobytes() for curve in (*self.x, *self.y))

    def _content(self) -> tuple[object, ...]:
        return (self.content(),)


@dataclass(frozen=True, eq=False)
class Lut3D(Node):
    """nodes: (n, n, n, 3) float32, indexed [r, g, b, channel], n from 2 to 129, over [0, 1]; values outside are held to
    it, and NaN counts as 0. interpolation: "trilinear" or "tetrahedral"."""

    nodes: NDArray[np.float32]
    interpolation: Interpolation = "tetrahedral"

    def __post_init__(self) -> None:
        size = np.shape(self.nodes)[0] if np.ndim(self.nodes) else 0
        if not 2 <= size <= MOST_SIZE:
            raise LatticeError(f"LUT3D: expected 2 to {MOST_SIZE} nodes along a side, got {size}")
        object.__setattr__(self, "nodes", frozen(self.nodes, np.float32, (size, size, size, 3), "LUT3D", LARGEST))
        if self.interpolation not in get_args(Interpolation):
            raise LatticeError(f"LUT3D: expected trilinear or tetrahedral, got {self.interpolation!r:.40}")

    @property
    def size(self) -> int:
        """Nodes along a side."""
        return int(self.nodes.shape[0])


@dataclass(frozen=True, eq=False)
class Log(Node):
    """A logarithm, log_slope * log(lin_slope * x + lin_offset) / log(base) + log_offset, or its inverse.

    style: "linToLog", or "logToLin", the inverse. All numbers are (3,) float64, a channel each.
    lin_break: up to it the curve is the line linear_slope * x + linear_offset that meets it there; None for no line.
    linear_slope: None for the slope that joins without a kink. The argument of a logarithm is held to the smallest
    normal float.
    Source: SMPTE ST 2136-1 (CLF v3), Log.
    """

    style: LogStyle
    base: float = 2.0
    log_slope: Array64 = field(default_factory=lambda: np.ones(3))
    log_offset: Array64 = field(default_factory=lambda: np.zeros(3))
    lin_slope: Array64 = field(default_factory=lambda: np.ones(3))
    lin_offset: Array64 = field(default_factory=lambda: np.zeros(3))
    lin_break: Array64 | None = None
    linear_slope: Array64 | None = None

    def __post_init__(self) -> None:
        if self.style not in get_args(LogStyle):
            raise LatticeError(f"Log: expected linToLog or logToLin, got {self.style!r:.40}")
        object.__setattr__(self, "base", float(self.base))
        if not 1 < self.base <= LARGEST_ENTRY and not 0 < self.base < 1:
            raise LatticeError(f"Log: expected a base above 0 other than 1, got {self.base:g}")
        for name in ("log_slope", "log_offset", "lin_slope", "lin_offset", "lin_break", "linear_slope"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _three(getattr(self, name), f"Log {name}"))
        if (self.log_slope == 0).any() or (self.lin_slope == 0).any():
            raise LatticeError("Log: expected slopes other than 0, got 0")
        if self.linear_slope is not None and (self.lin_break is None or (self.linear_slope == 0).any()):
            raise LatticeError("Log: expected a linear slope other than 0 beside a break, got another")
        if self.lin_break is not None and (self.lin_slope * self.lin_break + self.lin_offset <= 0).any():
            raise LatticeError("Log: expected a break where the logarithm is defined, got one before")


@dataclass(frozen=True, eq=False)
class Exponent(Node):
    """A power of each channel, or with an offset the curve that starts with a line, in a style of CLF v3.

    exponent: (3,) float64 from 0.01 to 100, in styles of monCurve from 1 to 10. offset: (3,) float64 from 0 to 0.9,
    of monCurve alone.
    Source: SMPTE ST 2136-1 (CLF v3), Exponent.
    """

    style: ExponentStyle
    exponent: Array64
    offset: Array64 = field(default_factory=lambda: np.zeros(3))

    def __post_init__(self) -> None:
        if self.style not in get_args(ExponentStyle):
            raise LatticeError(f"Exponent: expected a style of CLF, such as basicFwd, got {self.style!r:.40}")
        object.__setattr__(self, "exponent", _three(self.exponent, "Exponent"))
        object.__setattr__(self, "offset", _three(self.offset, "Exponent offset"))
        low, high = (1.0, 10.0) if self.is_joined else (0.01, 100.0)
        if not ((low <= self.exponent) & (self.exponent <= high)).all():
            raise LatticeError(f"Exponent: expected {low:g} to {high:g} in {self.style}, got {self.exponent}")
        most = 0.9 if self.is_joined else 0.0
        if not ((self.offset >= 0) & (self.offset <= most)).all():
            raise LatticeError(f"Exponent offset: expected 0 to {most:g} in {self.style}, got {self.offset}")

    @property
    def is_joined(self) -> bool:
        """True if the curve starts with a line."""
        return self.style.startswith("monCurve")


@dataclass(frozen=True, eq=False)
class Cdl(Node):
    """An ASC CDL: (x * slope + offset) ** power, then saturation about the luma of Rec.709.

    slope: (3,) from 0; offset, power: (3,), power above 0; saturation: from 0. is_clamped: values are held to [0, 1]
    before the power and at the end; else negatives pass the power. is_inverse: the inverse, which needs slope and
    saturation above 0. Source: ASC CDL 1.2; SMPTE ST 2136-1, ASC_CDL.
    """

    slope: Array64 = field(default_factory=lambda: np.ones(3))
    offset: Array64 = field(default_factory=lambda: np.zeros(3))
    power: Array64 = field(default_factory=lambda: np.ones(3))
    saturation: float = 1.0
    is_clamped: bool = True
    is_inverse: bool = False

    def __post_init__(self) -> None:
        for name in ("slope", "offset", "power"):
            object.__setattr__(self, name, _three(getattr(self, name), f"CDL {name}"))
        saturation = float(frozen(self.saturation, np.float64, (), "CDL saturation", LARGEST_ENTRY))
        object.__setattr__(self, "saturation", saturation)
        if (self.slope < 0).any() or (self.power <= 0).any() or saturation < 0:
            raise LatticeError("CDL: expected slope and saturation from 0 and power above 0, got others")
        if self.is_inverse and ((self.slope == 0).any() or saturation == 0):
            raise LatticeError("CDL: expected slope and saturation above 0 for an inverse, got 0")


@dataclass(frozen=True, eq=False)
class InverseLut1D(Node):
    """The inverse of a LUT1D that rises or falls: from its entries to its domain. Where it is flat it gives the end
    nearer to the first entry, but of a flat beginning the last."""

    lut: Lut1D


@dataclass(frozen=True, eq=False)
class InverseLut3D(Node):
    """The inverse of a LUT3D, by tetrahedra whatever its interpolation, as OpenColorIO inverts."""

    lut: Lut3D
