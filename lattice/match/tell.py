"""What became of a match, for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lattice.looks import Profile
from lattice.match.fitting import Match
from lattice.match.freedoms import DENSEST, FREEDOMS, LAYERS
from lattice.match.judge import ALL, as_numbers
from lattice.match.residual import moved
from lattice.match.solve import Solution
from lattice.match.untold import places, trades, unsaid, unsaid_points
from lattice.types import MID_GRAY, Array, Curve

WORST = 12  # colors that are named
FEW = 5  # of them on a line
FILM_LEAVES = "film leaves"  # what remains, where a residual holds it
WIDTH = 14
# CIEDE2000 of a match that is none, and of a start that is near; the share of it that is as good as all.
FAR_MEAN, NEAR_MEAN, LITTLE = 6.0, 1.0, 0.9
FAR, FAR_NOISES = 8.0, 8.0  # CIEDE2000, and noises, that a patch is off by if it fits no look


def lines(match: Match) -> Iterator[str]:
    """Yield what is printed of a match."""
    fitted = match.aim.fitted
    yield f"{match.start.name} fitted to {fitted.about or 'a reference'}, {len(fitted.light)} colors"
    if fitted.notes:
        yield _row("taken", "; ".join(fitted.notes))
    yield from _errors(match)
    yield from numbers(match)
    for head, texts in remarks_of(match).items():
        for text in texts:
            yield _row(head, text)


def remarks_of(match: Match) -> dict[str, list[str]]:
    """Return what is to be said of a match beside its numbers, by kind."""
    found = match.solution
    unknown = [*unsaid(found), *_points(match)]
    pairs = list(trades(found))
    odd = outliers(match)
    said = {
        "doubt": list(doubts(match)),
        "at its end": list(at_bounds(found)),
        "unknown": ["; ".join(unknown) + ": no color says them; they follow the start"] if unknown else [],
        "trade": [f"{'; '.join(pairs)}: changes of both look alike; --free without one holds it"] if pairs else [],
        "reach": [reach(match)],
        "odd": [f"{len(odd)} colors fit no look: " + "; ".join(_name(match, k) for k in odd[:FEW])] if odd else [],
        "worst": ["; ".join(f"{match.off[k]:.2f} {_name(match, k)}" for k in worst(match)[:FEW])],
        "remains" if match.film is match.profile else FILM_LEAVES: match.remaining,
    }
    if match.film is not match.profile:
        said["residual"] = [f"holds it: {moved(match.profile)}"]
    elif match.is_asked:
        said["residual"] = ["none: what is left is not more than chance"]
    elif any("turned" in text for text in match.remaining):
        said[""] = ["curves and lights turn no hues: another stock may (--from nearest), a residual does (--residual)"]
    return said


def doubts(match: Match) -> Iterator[str]:
    """Yield that a match is none, if the look is far off or no nearer than its start."""
    before, after = match.before[ALL].mean, match.after[ALL].mean
    if after > FAR_MEAN or (before > NEAR_MEAN and after > LITTLE * before):
        yield f"{after:.1f} CIEDE2000 are left of {before:.1f}: is the reference what --input and --display say?"


def outliers(match: Match) -> list[int]:
    """Return the fitted colors of patches that are far from any look, the farthest first."""
    reference, missed = match.aim.fitted, match.solution.missed
    if not reference.names:
        return []
    far = missed > max(FAR, FAR_NOISES * match.solution.scale * float(np.median(reference.noise)))
    return [int(k) for k in np.argsort(-missed, kind="stable") if far[k]]


def at_bounds(found: Solution) -> Iterator[str]:
    """Yield the numbers that went as far as they may, and curves that reached the highest density."""
    for name, place in places(found).items():
        each = FREEDOMS[name]
        if name == "curves":
            curves = [getattr(found.profile.print.curves, layer) for layer in LAYERS]
            full = [layer for layer, curve in zip(LAYERS, curves, strict=True) if _is_level(curve)]
            if full:
                yield f"the densest that a curve may be, {DENSEST:g}: {', '.join(full)}"
            continue
        for label, number, start in zip(each.labels, found.numbers[place], found.start[place], strict=True):
            if number != start and number in (each.low, each.high):
                whose = name if len(each.labels) == 1 else f"{name} {label}"
                yield f"{whose} {number:g}: are --input and --display right?"


def as_json(match: Match) -> dict[str, Any]:
    """Return all that is known of a match, as JSON types."""
    film = {} if match.film is match.profile else {"film": as_numbers(match.film_only)}
    return {
        "start": match.start.name,
        "name": match.profile.name,
        "reference": match.aim.fitted.about,
        "taken": list(match.aim.fitted.notes),
        "fitted": len(match.aim.fitted.light),
        "tested": len(match.aim.tested.light),
        "is_tested_on_others": match.aim.is_tested,
        "errors": {"before": as_numbers(match.before), **film, "after": as_numbers(match.after)},
        "numbers": {name: _number(match, name) for name in places(match.solution) if name != "curves"},
        "curves": _curves(match),
        "scatter": round(match.solution.scale, 3),
        "unknown": [*unsaid(match.solution), *_points(match)],
        "doubts": list(doubts(match)),
        "at_bounds": list(at_bounds(match.solution)),
        "outliers": [_name(match, k) for k in outliers(match)],
        "trade": list(trades(match.solution)),
        "reach": reach(match),
        "worst": [
            {
                "name": _name(match, k),
                "light": np.round(match.aim.tested.light[k], 5).tolist(),
                "wanted": np.round(match.aim.tested.lab[k], 2).tolist(),
                "found": np.round(match.lab[k], 2).tolist(),
                "difference": round(float(match.off[k]), 3),
            }
            for k in worst(match)
        ],
        "remaining": match.remaining,
    }


def worst(match: Match) -> list[int]:
    """Return the colors that are farthest off, the farthest first."""
    return [int(k) for k in np.argsort(-match.off, kind="stable")[:WORST]]


def reach(match: Match) -> str:
    """Return from which to which light the fitted colors say what the curves are, in stops about mid gray."""
    stops = np.log2(np.maximum(match.aim.fitted.light.max(axis=1), 1e-6) / MID_GRAY)
    return (
        f"the colors are {stops.min():+.1f} to {stops.max():+.1f} stops from mid gray; beyond, curves are the start's"
    )


def _row(head: str, text: str) -> str:
    return f"{head:{WIDTH}}{text}"


def _errors(match: Match) -> Iterator[str]:
    what = f"{len(match.aim.tested.light)} other colors" if match.aim.is_tested else "the fitted colors"
    has_residual = match.film is not match.profile
    film = f"{'film model':16}" if has_residual else ""
    yield _row("", f"{'before':16}{film}{'after':16}CIEDE2000 of {what}, mean / 95 %")
    for group, after in match.after.items():
        film = f"{match.film_only[group]!s:16}" if has_residual else ""
        yield _row(group, f"{match.before[group]!s:16}{film}{after!s:16}".rstrip())


def numbers(match: Match) -> Iterator[str]:
    """Yield a line for each freedom: start, what was found, one standard error."""
    for name, place in places(match.solution).items():
        if name == "curves":
            changes = ", ".join(f"{layer} {low:+.3f} to {high:+.3f}" for layer, (low, high) in _changes(match).items())
            yield _row(name, f"density changed by {changes}")
            continue
        each, found = FREEDOMS[name], match.solution
        numbers = [
            f"{start:g} -> {number:.{each.digits}f} +- {error:.{each.digits}f}"
            for start, number, error in zip(found.start[place], _held(match, name), found.errors[place], strict=True)
        ]
        heads = [f"{label} " if len(each.labels) > 1 else "" for label in each.labels]
        yield _row(name, ", ".join(map("".join, zip(heads, numbers, strict=True))) + f" {each.unit}".rstrip())


def _is_level(curve: Curve) -> bool:
    """True if a curve ends in points at the most that a match gives."""
    return bool(curve.density[-1] >= DENSEST and curve.density[-1] == curve.density[-2])


def _held(match: Match, name: str) -> Array:
    """Return a freedom's numbers as the profile holds them."""
    return np.asarray(FREEDOMS[name].read(match.film), np.float64)


def _number(match: Match, name: str) -> dict[str, Any]:
    each, found, place = FREEDOMS[name], match.solution, places(match.solution)[name]
    return {
        "labels": list(each.labels),
        "unit": each.unit,
        "start": np.round(found.start[place], 6).tolist(),
        "found": np.round(_held(match, name), 6).tolist(),
        "standard_error": np.round(found.errors[place], 6).tolist(),
    }


def _densities(look: Profile) -> Array:
    return np.stack([getattr(look.print.curves, layer).density for layer in LAYERS])


def _changes(match: Match) -> dict[str, tuple[float, float]]:
    """Return the least and the most change of density, by layer."""
    change = _densities(match.film) - _densities(match.start)
    return {layer: (float(row.min()), float(row.max())) for layer, row in zip(LAYERS, change, strict=True)}


def _curves(match: Match) -> dict[str, Any]:
    if "curves" not in places(match.solution):
        return {}
    before, after = _densities(match.start), _densities(match.film)
    return {
        layer: {"before": np.round(before[k], 4).tolist(), "after": np.round(after[k], 4).tolist()}
        for k, layer in enumerate(LAYERS)
    }


def _points(match: Match) -> list[str]:
    """Return the points of the curves that the colors do not say, for people."""
    found = []
    for layer, row in zip(LAYERS, unsaid_points(match.solution), strict=True):
        if row.any():
            found.append(f"points {', '.join(str(k + 1) for k in np.flatnonzero(row))} of the {layer} curve")
    return found


def _name(match: Match, k: int) -> str:
    reference = match.aim.tested
    if reference.names and reference.names[k]:
        return reference.names[k]
    lightness, a, b = reference.lab[k]
    return f"{reference.groups[k]} of L* {lightness:.0f} a* {a:.0f} b* {b:.0f}"
