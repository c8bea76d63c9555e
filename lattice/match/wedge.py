"""A step wedge as a match and a stock take it: the file's exposures and densities beside a stock's curves."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lattice.build.film import density
from lattice.errors import LatticeError
from lattice.files.measured.wedge import MeasuredWedge, read_wedge
from lattice.looks import Stock
from lattice.looks.save import save_stock
from lattice.looks.toml import load_stock
from lattice.match.curve import fit_curve, place
from lattice.match.freedoms import LAYERS
from lattice.match.reference import Wedge
from lattice.types import Array, Curve

STATUS = {"print": "A", "negative": "M"}
DIGITS = 4  # decimals of a stock's curves
SHARED, MIDDLE = 0.15, (0.25, 0.75)  # density that a wedge and a stock share at least, and what of it tells contrast
# Times a stock's contrast, of the middle layer: shipped stocks of one kind are up to 1.7 apart, of two kinds over 4.
CONTRAST = 2.5
FARTHEST_PLACE = 1.0  # log exposure of an absolute wedge from where it fits best: more is another zero
SHORT = 0.3  # density from a wedge to an end of a curve that is worth a line


@dataclass(frozen=True)
class FittedWedge:
    """A stock of a wedge, and how it came to be.

    stock: as its file holds it. rms: density by which each layer's curve misses the wedge, r, g, b. places: log
    exposure that the wedge's scale is above the stock's, 0 of an absolute one. assumed: what the file does not say,
    notes: what the stock's user may not expect; for people.
    """

    stock: Stock
    wedge: MeasuredWedge
    rms: tuple[float, float, float]
    places: tuple[float, float, float]
    assumed: tuple[str, ...]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the same as JSON types."""
        return {
            "name": self.stock.name,
            "kind": self.stock.kind,
            "steps": len(self.wedge.log_exposure),
            "readings": self.wedge.readings,
            "relative": self.wedge.is_relative,
            "rms": dict(zip(LAYERS, self.rms, strict=True)),
            "places": dict(zip(LAYERS, self.places, strict=True)),
            "assumed": list(self.assumed),
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        count, more = len(self.wedge.log_exposure), self.wedge.readings - len(self.wedge.log_exposure)
        lines = [f"{self.stock.name}: {self.stock.kind}, {count} steps" + (f", {more} repeated" if more else "")]
        for layer, rms, at in zip(LAYERS, self.rms, self.places, strict=True):
            moved = f", wedge moved by {-at:+.3f} in log exposure" if self.wedge.is_relative else ""
            lines.append(f"{layer:6} rms {rms:.4f} of density{moved}")
        return "\n".join([*lines, *(f"assumed: {each}" for each in self.assumed), *self.notes])


def wedge_of(measured: MeasuredWedge, stock: Stock) -> tuple[Wedge, tuple[str, ...]]:
    """Return a wedge file as a reference's wedge, and what was assumed of it, for people.

    Raises LatticeError if its status is not that of the stock's kind, or its densities or absolute exposures are none
    of such a film.
    """
    assumed = _taken(measured, stock)
    told = f"{Path(measured.path).name}: a wedge of {len(measured.log_exposure)} steps"
    wedge = Wedge(measured.log_exposure, measured.density, measured.noise, measured.is_relative)
    return wedge, (told, *assumed)


def stock_from_wedge(
    path: str | os.PathLike[str],
    output: Path,
    extends: str,
    *,
    step_density: float | None = None,
    status: str | None = None,
    name: str | None = None,
    overwrite: bool = False,
) -> FittedWedge:
    """Write a stock that extends another with the curves of a wedge file, 12 points each.

    A relative wedge is put, layer by layer, where it fits the start's curve best by least squares on density: speed and
    balance stay the start's. Points beyond the wedge keep the start's densities.
    step_density, status: as for `read_wedge`. name: of the stock, the start's with "by" the file by default.
    Raises LatticeError as `read_wedge`, `load_stock`, `save_stock` and `wedge_of`.
    """
    start, measured = load_stock(extends), read_wedge(path, step_density, status)
    assumed = _taken(measured, start)
    curves, places = {}, []
    for k, layer in enumerate(LAYERS):
        curve, read = getattr(start.curves, layer), measured.density[:, k]
        places.append(place(curve, measured.log_exposure, read) if measured.is_relative else 0.0)
        curves[layer] = _rounded(fit_curve(curve, measured.log_exposure - places[k], read, measured.noise))
    rms = [_miss(curves[layer], measured, k, places[k]) for k, layer in enumerate(LAYERS)]
    if measured.is_relative:
        told = f"each layer is put where it fits {extends} best, so speed and gray balance stay those of {extends}"
        assumed = (*assumed, told)
    changes = {
        "name": name or f"{start.name} by {Path(measured.path).name}",
        "sources": {"curves": _source(measured, start, rms)},
        "curves": {
            layer: {"log_exposure": curve.log_exposure.tolist(), "density": curve.density.tolist()}
            for layer, curve in curves.items()
        },
    }
    stock = save_stock(extends, changes, output, overwrite)
    notes = (*_notes(stock, curves), *_coverage(start, measured, places))
    return FittedWedge(stock, measured, tuple(rms), tuple(places), assumed, notes)  # type: ignore[arg-type]  # 3 each


def _taken(measured: MeasuredWedge, stock: Stock) -> tuple[str, ...]:
    """Return what is assumed of a wedge, for people. Raises LatticeError if it is none of such a film as the stock."""
    wanted = STATUS[stock.kind]
    if measured.status not in (None, wanted):
        raise LatticeError(
            f"{measured.path}: expected status {wanted} densities, as of a {stock.kind} ({stock.name}), got status "
            f"{measured.status}"
        )
    _check_contrast(measured, stock)
    if not measured.is_relative:
        _check_place(measured, stock)
    told = () if measured.status else (f"densities are status {wanted}, as of a {stock.kind}; --status says it",)
    return (*measured.assumed, *told)


def _check_contrast(measured: MeasuredWedge, stock: Stock) -> None:
    """Raise LatticeError if densities are not those of the stock, or rise far more or less steeply."""
    times, steepness = [], []
    for k, layer in enumerate(LAYERS):
        curve, read = getattr(stock.curves, layer), np.maximum.accumulate(measured.density[:, k])
        low, high = max(curve.density[0], read[0]), min(curve.density[-1], read[-1])
        if high - low < SHARED:
            continue
        levels = low + (high - low) * np.array(MIDDLE)
        spans = [
            float(np.ptp(np.interp(levels, d, x)))
            for x, d in ((measured.log_exposure, read), (curve.log_exposure, curve.density))
        ]
        times.append(spans[1] / spans[0])
        steepness.append([float(np.ptp(levels)) / span for span in spans])
    if not times:
        least, most = measured.density.min(), measured.density.max()
        raise LatticeError(
            f"{measured.path}: expected densities of a {stock.kind} such as {stock.name}, got {least:g} to {most:g}: "
            "a wedge of another film?"
        )
    middle = int(np.argsort(times)[len(times) // 2])
    if not 1 / CONTRAST < times[middle] < CONTRAST:
        got, wanted = steepness[middle]
        raise LatticeError(
            f"{measured.path}: expected densities of a {stock.kind} such as {stock.name}, which rise by about "
            f"{wanted:.2g} a log exposure, got {got:.2g}: another kind of film, or exposures of another scale?"
        )


def _check_place(measured: MeasuredWedge, stock: Stock) -> None:
    """Raise LatticeError if absolute exposures are far from those at which the stock has the densities."""
    off = float(
        np.median(
            [
                place(getattr(stock.curves, layer), measured.log_exposure, measured.density[:, k])
                for k, layer in enumerate(LAYERS)
            ]
        )
    )
    if abs(off) > FARTHEST_PLACE:
        raise LatticeError(
            f"{measured.path}: expected log_exposure in log10 lux-seconds, near that of {stock.name}, got one that is "
            f"{off:+.2f} from it: name the column relative_log_exposure if its zero is another"
        )


def _rounded(curve: Curve) -> Curve:
    return Curve(np.round(curve.log_exposure, DIGITS), np.round(curve.density, DIGITS))


def _miss(curve: Curve, measured: MeasuredWedge, layer: int, at: float) -> float:
    off = density(curve, measured.log_exposure - at) - measured.density[:, layer]
    return float(np.sqrt(np.mean(off**2)))


def _source(measured: MeasuredWedge, start: Stock, rms: list[float]) -> str:
    kind = "relative" if measured.is_relative else "absolute"
    missed = ", ".join(f"{each:.4f}" for each in rms)
    return (
        f"{Path(measured.path).name}, a wedge of {len(measured.log_exposure)} steps, {kind} exposures, status "
        f"{STATUS[start.kind]}; fitted over the curves of {start.name}, rms r, g, b {missed}"
    )


def _notes(stock: Stock, curves: Mapping[str, Curve]) -> tuple[str, ...]:
    """Return lines for aims that the curves do not reach."""
    found = []
    for layer, aim in zip(LAYERS, stock.lad or (), strict=False):
        low, high = curves[layer].density[[0, -1]]
        if not low < aim < high:
            found.append(f"lad: {layer} {aim:g} is outside the curve, {low:g} to {high:g}: no light prints mid gray")
    return tuple(found)


def _coverage(start: Stock, measured: MeasuredWedge, places: list[float]) -> tuple[str, ...]:
    """Return lines for parts of the start's curves that the wedge does not reach."""
    found = []
    for k, layer in enumerate(LAYERS):
        curve: Curve = getattr(start.curves, layer)
        reached: Array = measured.density[:, k]
        ends = {"D-min": reached[0] - curve.density[0], "D-max": curve.density[-1] - reached[-1]}
        short = [name for name, missing in ends.items() if missing > SHORT]
        if short:
            found.append(f"{layer}: the wedge does not reach {' and '.join(short)}, which stay the start's")
    return tuple(found)
