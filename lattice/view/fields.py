"""The fields of a profile as the page shows them: groups, kinds, limits and texts, from the records themselves.

Left out are the name, which is given on saving; the two stocks, whose curves are edited; `film_matrix`, which the
negative's film stage stands for; and `density_only`, fitted numbers for stocks without spectra.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from lattice.color.displays import DISPLAYS
from lattice.color.primaries import WHITES
from lattice.looks import DisplaySpec, Profile

GROUPS = {
    "negative": ("negative_stops", "push_stops", "negative_silver", "interimage"),
    "print": (
        *("printer_lights", "contrast", "print_silver", "print_infrared", "silver_density", "print_flash"),
        *("aim", "lad", "gray_balance", "residual.amount"),
    ),
    "process": ("chain", "input", "exposure", "flare", "description"),
    "display": ("projection", "white", "display", "display.white", "size", "interpolation"),
}
NAMES = tuple(name for names in GROUPS.values() for name in names)
LABELS = {
    "negative_stops": "exposed by",
    "push_stops": "push",
    "print_infrared": "infrared density",
    "lad": "LAD aim",
    "white": "white of the print",
    "display.white": "shown in",
    "residual.amount": "residual",
    "size": "nodes a side",
}
UNITS = {
    "printer_lights": "points",
    "exposure": "stops",
    "negative_stops": "stops",
    "push_stops": "stops",
    "print_infrared": "density",
    "silver_density": "density",
    "lad": "density",
    "projection": "K",
}
STEP, STEPS = (
    0.01,
    {
        "printer_lights": 1,
        "exposure": 0.05,
        "negative_stops": 0.05,
        "push_stops": 0.05,
        "print_flash": 0.005,
        "flare": 0.001,
        "size": 2,
    },
)
KELVINS = (3200.0, 5000.0, 5400.0, 6000.0, 6500.0)  # of projection, beside the named lamps
OWN_WHITE = "the monitor's own"
RESIDUAL = "residual.amount"


def fields(profile: Profile, parent: Profile) -> list[dict[str, Any]]:
    """Return what the page needs to show and to limit each field, in the order of GROUPS; values are JSON types. The
    amount of a residual is a field of looks that have one."""
    grouped = [(name, group) for group, names in GROUPS.items() for name in names]
    held = [each for each in grouped if each[0] != RESIDUAL or profile.residual is not None]
    return [_field(name, group, profile, parent) for name, group in held]


def shown(profile: Profile, name: str) -> Any:
    """Return the value that the page shows for a field: the print stock's LAD, the display's name, no residual as 0."""
    if name == "lad":
        return list(profile.lad or profile.print.lad or ())
    if name == "display":
        return display_name(profile.display)
    if name == "display.white":
        return profile.display.white or OWN_WHITE
    if name == RESIDUAL:
        return 0.0 if profile.residual is None else profile.residual.amount
    value = getattr(profile, name)
    return list(value) if isinstance(value, tuple) else value


def display_name(display: DisplaySpec) -> str:
    """Return the register's name of a display, whatever white it shows, with @ and nits where they are not the usual
    ones; its primaries and curve if it has none."""
    own = replace(display.shown, white=None)
    for each in DISPLAYS.values():
        if each.shown == own:
            return each.name
        if own.peak is not None and replace(each.shown, peak=own.peak) == own:
            return f"{each.name}@{own.peak:g}"
    return f"{own.primaries} {own.gamma}"


@cache
def _schema() -> dict[str, Any]:
    schema = Profile.model_json_schema()
    of = {name: each["properties"] for name, each in schema["$defs"].items()}
    inner = {"display.white": of["DisplaySpec"]["white"], RESIDUAL: of["Residual"]["amount"]}
    return {**schema["properties"], **inner}


def _field(name: str, group: str, profile: Profile, parent: Profile) -> dict[str, Any]:
    schema = _schema()[name]
    values = [shown(profile, name), shown(parent, name)]
    choices = _choices(name, schema, values)
    least = _number(schema)
    is_triple = isinstance(values[0], list)
    kind = "choice" if choices else "triple" if is_triple else "number" if least else "text"
    return {
        "name": name,
        "label": LABELS.get(name, name.replace("_", " ")),
        "kind": kind,
        "group": group,
        "value": values[0],
        "parent": values[1],
        "minimum": least.get("minimum"),
        "maximum": least.get("maximum"),
        "step": STEPS.get(name, STEP) if kind in ("number", "triple") else None,
        "unit": UNITS.get(name),
        "help": schema.get("description"),
        "choices": choices or None,
    }


def _branches(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return list(schema.get("anyOf", [schema]))


def _number(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a field's number, or of the first of its three; an empty one if it has none."""
    for branch in _branches(schema):
        if branch.get("type") == "array":
            return dict(branch["prefixItems"][0])
        if branch.get("type") in ("number", "integer"):
            return branch
    return {}


def _choices(name: str, schema: dict[str, Any], values: list[Any]) -> list[Any]:
    """Return what a field can be, the values in force among it; an empty list if that is not a list of names."""
    named = [each for branch in _branches(schema) for each in branch.get("enum", ())]
    if name == "display":
        named = [each.name for each in DISPLAYS.values()]
    elif name == "display.white":
        named = [OWN_WHITE, *WHITES]
    elif name == "projection":
        named = [*sorted({*KELVINS, *(each for each in values if not isinstance(each, str))}), *named]
    return named and [*named, *(each for each in dict.fromkeys(values) if each not in named)]
