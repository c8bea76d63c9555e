"""What a match could not reach, in words: hue, chroma and lightness by the family of color, tints of the grays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lattice.match.reference import Reference
from lattice.types import Array

# The Lab hues at which one family of colors ends and the next begins, degrees, and the family that begins there.
FAMILIES = ((10, "reds"), (65, "yellows"), (115, "greens"), (175, "cyans"), (225, "blues"), (315, "magentas"))
CHROMATIC, LIGHT = 12.0, 10.0  # C* and L* from which on a hue is seen
ZONES = ((0, 25, "dark grays"), (25, 70, "middle grays"), (70, 101, "light grays"))  # L*
FEWEST = 6  # colors that a word is said of
SEEN = 0.4  # CIEDE2000 that is worth a word
SURE = 3.0  # standard errors of a mean that is worth one
MOST = 4  # sentences
PALE = 0.5  # of the look's chroma: a reference that has less is said to be pale
LEVEL = 1.0  # L* of a turn that is said to be at constant lightness


@dataclass(frozen=True)
class Remark:
    """A sentence on a difference. size: CIEDE2000 that it makes, about."""

    size: float
    text: str


def remarks(lab: Array, reference: Reference) -> list[str]:
    """Return sentences on how a reference differs from a look, the largest difference first; none if none is seen.

    lab: (n, 3) CIELAB of the look.
    """
    found = [*_pale(lab, reference), *_families(lab, reference), *_grays(lab, reference)]
    return [each.text for each in sorted(found, key=lambda each: -each.size)[:MOST]]


def _pale(lab: Array, reference: Reference) -> Iterator[Remark]:
    """Yield that all colors are paler, if they are by far."""
    wanted, found = (np.hypot(*each[:, 1:].T) for each in (reference.lab, lab))
    rows = (found > CHROMATIC) & (lab[:, 0] > LIGHT)
    if rows.sum() >= FEWEST and wanted[rows].mean() < PALE * found[rows].mean():
        share, size = wanted[rows].mean() / found[rows].mean(), float((found - wanted)[rows].mean())
        yield Remark(size, f"the reference's colors have {share:.0%} of the chroma: it is nearly gray")


def _families(lab: Array, reference: Reference) -> Iterator[Remark]:
    wanted, chroma = reference.lab, np.hypot(*reference.lab[:, 1:].T)
    hue = np.degrees(np.arctan2(wanted[:, 2], wanted[:, 1])) % 360
    starts = np.array([start for start, _ in FAMILIES])
    family = (np.searchsorted(starts, hue, side="right") - 1) % len(FAMILIES)
    clear = (chroma > CHROMATIC) & (wanted[:, 0] > LIGHT) & (np.hypot(*lab[:, 1:].T) > CHROMATIC)
    for k, (_, name) in enumerate(FAMILIES):
        rows = clear & (family == k)
        if rows.sum() >= FEWEST:
            before, after = FAMILIES[k - 1][1], FAMILIES[(k + 1) % len(FAMILIES)][1]
            yield from _family(name, before, after, wanted[rows], lab[rows])


def _family(name: str, before: str, after: str, wanted: Array, lab: Array) -> Iterator[Remark]:
    chroma = np.hypot(*wanted[:, 1:].T)
    turn = np.angle(np.exp(1j * (_hue(wanted) - _hue(lab))))
    if (degrees := _sure(turn)) is not None:
        size = abs(degrees) * float(np.mean(chroma / (1 + 0.015 * chroma)))
        level = " at the same lightness" if abs(float((wanted - lab)[:, 0].mean())) < LEVEL else ""
        toward = after if degrees > 0 else before
        yield from _said(size, f"{name} are turned {abs(np.degrees(degrees)):.0f} degrees toward {toward}{level}")
    if (share := _sure(np.log(chroma / np.hypot(*lab[:, 1:].T)))) is not None:
        size = abs(share) * float(np.mean(chroma / (1 + 0.045 * chroma)))
        yield from _said(size, f"{name} have {_percent(share)} chroma")
    if (lighter := _sure((wanted - lab)[:, 0])) is not None:
        yield from _said(abs(lighter), f"{name} are {abs(lighter):.1f} L* {'lighter' if lighter > 0 else 'darker'}")


def _grays(lab: Array, reference: Reference) -> Iterator[Remark]:
    for low, high, name in ZONES:
        rows = reference.grays & (reference.lab[:, 0] >= low) & (reference.lab[:, 0] < high)
        if rows.sum() < FEWEST:
            continue
        off = reference.lab[rows] - lab[rows]
        for column, more, less in ((1, "magenta", "green"), (2, "yellow", "blue")):
            if (tint := _sure(off[:, column])) is not None:
                letter = "ab"[column - 1]
                yield from _said(abs(tint), f"{name} are {abs(tint):.1f} {letter}* more {more if tint > 0 else less}")
        if (lighter := _sure(off[:, 0])) is not None:
            yield from _said(abs(lighter), f"{name} are {abs(lighter):.1f} L* {'lighter' if lighter > 0 else 'darker'}")


def _hue(lab: Array) -> Array:
    return np.asarray(np.arctan2(lab[:, 2], lab[:, 1]))


def _percent(share: float) -> str:
    return f"{100 * abs(np.expm1(share)):.0f} % {'more' if share > 0 else 'less'}"


def _sure(values: Array) -> float | None:
    """Return the mean of what differs, None if it may be chance."""
    mean, error = float(values.mean()), float(values.std()) / np.sqrt(len(values))
    return mean if abs(mean) > SURE * error else None


def _said(size: float, text: str) -> Iterator[Remark]:
    if size > SEEN:
        yield Remark(size, f"the reference's {text}")
