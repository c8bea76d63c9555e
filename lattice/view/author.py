"""Edits of a profile: what the page may change, the profile that follows, and its SDev while a hand moves.

Why a hand that moves sees 25 sampled nodes a side, and a hand that rests the fitted ones: docs/model.md, "While a hand
moves".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import numpy as np

from lattice.build.device import build_device
from lattice.build.samples import natural_colors
from lattice.color.displays import find
from lattice.errors import did_you_mean, one_line, printable
from lattice.inspect.beside import Beside
from lattice.inspect.scenes import SEED
from lattice.looks import Profile, Stock, load_profile
from lattice.looks.faults import RecordError
from lattice.looks.save import files_of, portable_text
from lattice.looks.wedge import POINTS
from lattice.looks.where import STOCKS, shipped
from lattice.types import DENSEST, FARTHEST, Curve, LatticeError, SDevData
from lattice.view.charts import charts as charts
from lattice.view.fields import NAMES, OWN_WHITE, RESIDUAL, fields, shown

DRAG_SIZE = 25
LAYERS = ("red", "green", "blue")
LEAST_RISE = 0.001  # of log exposure between two points, as the page holds them apart
MOST_CHANGES, LONGEST_NAME = 64, 60
ERROR_COLORS = 4000
CURVES = tuple(f"{stock}.curves.{layer}" for stock in STOCKS for layer in LAYERS)
FAULT = re.compile(rf"(?:^|: )((?:{'|'.join(map(re.escape, (*STOCKS, *NAMES, 'film_matrix', 'name')))})(?:\.\w+)*)"
                   r"(?:, [^:]*)?: (.*)", re.S)  # fmt: skip
PARENT_WORDS = frozenset({"lad", "display"})  # fields that are shown in other words than the profile has them


def describe(profile: Profile) -> dict[str, Any]:
    """Return a profile as the page's authoring panel takes it, JSON types.

    parent: name of the look that it differs from: the one that its file extends, or the shipped one that was revised;
    None if it is a shipped one, or has no file.
    fields: of `view.fields`. curves: of each stock its name, three curves of 12 points, those of the parent, and where
    mid gray is: log exposure of a negative, LAD densities of a print. rules: what a curve must keep.
    """
    parent = parent_of(profile)
    gray = {
        "negative": {"log_exposure": profile.negative.mid_gray + profile.negative_stops * np.log10(2.0)},
        "print": {"density": shown(profile, "lad")},
    }
    curves = {
        name: {**_curves(getattr(profile, name)), "stock": getattr(profile, name).name, "gray": gray[name]}
        | {"parent": _curves(getattr(parent, name))}
        for name in STOCKS
    }
    return {
        "name": profile.name,
        "parent": None if parent == profile else parent.name,
        "chain": profile.chain,
        "fields": fields(profile, parent),
        "curves": curves,
        "rules": {
            "points": POINTS,
            "step": LEAST_RISE,
            "log_exposure": [-FARTHEST, FARTHEST],
            "density": [0.0, DENSEST],
        },
    }


def parent_of(profile: Profile) -> Profile:
    """Return the look that a profile differs from: a shipped one is its own; a file's is the one that it extends; the
    profile itself if it has no file, or the file cannot be read."""
    files = files_of(profile)
    if not files:
        return profile
    path = files[min(1, len(files) - 1)] if not files[0].is_relative_to(shipped().resolve()) else files[0]
    with suppress(LatticeError):
        return load_profile(path.stem if path.is_relative_to(shipped().resolve()) else path)
    return profile


def _curves(stock: Stock) -> dict[str, Any]:
    found = ((layer, getattr(stock.curves, layer)) for layer in LAYERS)
    return {
        layer: {"log_exposure": curve.log_exposure.tolist(), "density": curve.density.tolist()}
        for layer, curve in found
    }


def revised(profile: Profile, changes: Mapping[str, Any]) -> Profile:
    """Return the profile with the page's changes.

    changes: JSON values by the names of `describe`, "printer_lights", and of curves, "print.curves.green".
    Raises LatticeError with every fault by field, which `faults` takes apart.
    """
    if len(changes) > MOST_CHANGES:
        raise LatticeError(f"expected at most {MOST_CHANGES} changes, got {len(changes):,}")
    lines = [_no_field(name) for name in changes if name not in NAMES + CURVES and name != "name"]
    values = {name: value for name, value in changes.items() if name in (*NAMES, "name")}
    lines += [f"{name}: expected a number, text or three numbers" for name in values if not _is_flat(values[name])]
    values = {name: value for name, value in values.items() if _is_flat(value)}
    for each in (_display, _lad, _residual, _stocks):
        lines += each(profile, changes, values)
    try:
        made = profile.replace(**values)
    except RecordError as error:
        lines += map(str, error.args)
    if lines:
        raise RecordError(*lines)
    return made


def _no_field(name: object) -> str:
    text = printable(name)[:LONGEST_NAME]
    return f"{text}: no such field{did_you_mean(text, NAMES + CURVES)}"


def _is_flat(value: object) -> bool:
    """True for what a field can be: one JSON value, or a list of them, not deeper."""
    return not any(isinstance(each, list | dict) for each in (value if isinstance(value, list) else [value]))


def _lad(profile: Profile, changes: Mapping[str, Any], values: dict[str, Any]) -> list[str]:
    """Leave the aim to the print stock where the page gives the stock's own back."""
    if "lad" in values and profile.lad is None and values["lad"] == shown(profile, "lad"):
        del values["lad"]
    return []


def _residual(profile: Profile, changes: Mapping[str, Any], values: dict[str, Any]) -> list[str]:
    """Put a residual of another amount into `values`, and return the faults of the amount."""
    if RESIDUAL not in values:
        return []
    amount = values.pop(RESIDUAL)
    if profile.residual is None:
        return [f"{RESIDUAL}: this look has no residual"]
    try:
        values["residual"] = profile.residual.replace(amount=amount)
    except RecordError as error:
        return [f"residual.{line}" for line in map(str, error.args)]
    return []


def _display(profile: Profile, changes: Mapping[str, Any], values: dict[str, Any]) -> list[str]:
    """Put one display in place of its name and its white, and return the faults of the name."""
    if not {"display", "display.white"} & values.keys():
        return []
    name = values.pop("display", shown(profile, "display"))
    white = values.pop("display.white", shown(profile, "display.white"))
    try:
        now = _named(profile, name)
    except LatticeError as error:
        return [str(error)]
    values["display"] = {**now, "white": None if white == OWN_WHITE else white}
    return []


def _named(profile: Profile, name: object) -> dict[str, Any]:
    """Return the display that the page means by a name of its own: the profile's, its parent's, or a registered one."""
    if not isinstance(name, str):
        raise LatticeError(f"display: expected a name, such as 'P3-DCI', got {name!r:.40}")
    for each in (profile, parent_of(profile)) if name != shown(profile, "display") else (profile,):
        if name == shown(each, "display"):
            return each.display.model_dump()
    return asdict(find(name).shown)


def _stocks(profile: Profile, changes: Mapping[str, Any], values: dict[str, Any]) -> list[str]:
    """Put the stocks with the changed curves into `values`, and return the faults of the curves."""
    lines = []
    for name in STOCKS:
        layers = {}
        for layer in LAYERS:
            if (key := f"{name}.curves.{layer}") in changes:
                try:
                    layers[layer] = _curve(changes[key])
                except LatticeError as error:
                    lines.append(f"{key}: {error}")
        if layers:
            stock = getattr(profile, name)
            try:
                values[name] = stock.replace(curves=stock.curves.replace(**layers))
            except RecordError as error:
                lines += [f"{name}.{line}" for line in map(str, error.args)]
    return lines


def _curve(value: object) -> Curve:
    """Return the curve of a JSON object. Raises LatticeError for anything but 12 numbers each that a curve can have."""
    if not isinstance(value, dict) or set(value) != {"log_exposure", "density"}:
        raise LatticeError(f"expected log_exposure and density, {POINTS} numbers each, got {value!r:.40}")
    for name, points in value.items():
        if not isinstance(points, list) or not all(type(each) in (int, float) for each in points):
            raise LatticeError(f"{name}: expected {POINTS} numbers, got {points!r:.40}")
    with np.errstate(over="ignore"):
        try:
            return Curve(**{name: np.array(points, np.float64) for name, points in value.items()})
        except OverflowError:
            raise LatticeError("expected numbers of film, got a whole number too large for any") from None


def faults(error: LatticeError) -> list[dict[str, str]]:
    """Return the faults that an error names, each as {"field", "message"}: the field is dotted, as in `changes`, with
    the layer of three numbers after it; "" where no field is named."""
    lines = error.args if isinstance(error, RecordError) else (error,)
    return [_fault(one_line(line)) for line in lines]


def _fault(line: str) -> dict[str, str]:
    found = FAULT.search(line)
    return {"field": found[1], "message": found[2]} if found else {"field": "", "message": line}


def sketch(profile: Profile) -> SDevData:
    """Return the SDev to show while a hand moves: sampled, with more nodes than a fitted one needs, in milliseconds.

    Raises LatticeError if the profile cannot be built.
    """
    return build_device(profile.replace(size=DRAG_SIZE), sampled=True)


def error(sdev: SDevData, profile: Profile) -> dict[str, float]:
    """Return by how much a lattice misses the profile's exact chain: CIEDE2000 of 4,000 natural colors, always the same
    ones, none of which was fitted; mean, p99 and max."""
    beside = Beside(profile, sdev)
    scene = natural_colors(ERROR_COLORS, np.random.default_rng(SEED))
    found = beside.difference(beside.held(scene), beside.exact(scene))
    return {"mean": float(found.mean()), "p99": float(np.percentile(found, 99)), "max": float(found.max())}


def warm(profile: Profile) -> None:
    """Do once what the first edit would wait for: imports, lights and instruments, the films of the profile.

    Raises LatticeError if the profile cannot be built.
    """
    device = sketch(profile)
    charts(device, profile)
    error(device, profile)
    describe(profile)


def toml(profile: Profile, changes: Mapping[str, Any], name: str) -> str:
    """Return the revised profile under a name as TOML for any folder: it extends the shipped look that it was made from
    and holds only what differs. Raises LatticeError as `revised`."""
    return portable_text(revised(profile, {**changes, "name": name}))
