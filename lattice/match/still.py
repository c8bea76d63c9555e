"""A graded still beside its ungraded plate as the reference: what the grade makes of the colors that are in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import ndimage

from lattice.build.one_thread import one_thread
from lattice.color.primaries import convert
from lattice.errors import LatticeError
from lattice.looks.display import HDR, DisplaySpec
from lattice.match.blocks import Blocks, Mask, blocks_of
from lattice.match.occluded import STOPS, Agreement, agreement, cells, evenly, placed, settled, vignette
from lattice.match.plain import plain
from lattice.match.plate import read_codes, read_plate
from lattice.match.reference import FEWEST, GRAY, MOST_FITTED, SDR, Reference, are_gray, group_of, lab_of_codes
from lattice.types import Array

NOISE = 1.0  # CIEDE2000 that a film model may miss a grade by before a color counts as an outlier
# Of grays, which count for more: they are few, a cast on them is seen first, and other colors outvote them.
GRAY_NOISE = 0.2 * NOISE
LEAST_VARIES = 0.5  # stops between the darkest and the brightest hundredth of a plate
MOST_SCATTER = 3.0  # CIEDE2000 that blocks of colors alike differ by: above it they are no grade
COMPARED = "Rec.709"  # primaries in which a still is compared with itself: near those of a display
TILES, BESIDE = 9, 1  # tiles of the shorter side, every other one is fitted; blocks at a tile's edge that are not
LEAST_BLOCKS = 200  # that agree: below it nothing is left to tell a grade from chance
LEAST_SHARE = 0.4  # of the calm blocks: where fewer agree, most of the still shows something else
GRAYS = (GRAY, 1.25, 1.5, 2.0, 3.0)  # in turn, where a picture has no better ones
COLORED = 2.0  # CIELAB chroma that one block in a hundred has in a picture in color
ENDS = (0.5 / 255, 254.5 / 255)  # codes beyond are clipped
MOST_CLIPPED = 0.05  # of the fitted colors
RISES = 0.5  # least correlation of lightness with stops
TOLD, DARKENED = 0.01, 2.0  # share left out, and L* of a vignette's corners, that are told
SEED, TINY = 19, 1e-9


def of_still(
    source: str | os.PathLike[str], target: str | os.PathLike[str], named: str | None, display: DisplaySpec
) -> tuple[Reference, Reference]:
    """Return a graded still as a reference, and other parts of the picture that measure a match.

    source: the ungraded plate, an EXR or another image. target: the same frame graded: codes of `display`, in an image
    of any bits or an EXR, of the plate's shape. named: the input that the plate's numbers are; None: as the file says,
    else linear Rec.709. What the still shows instead of the grade, such as a logo, is found and left out; `notes` say
    so.
    Raises LatticeError if a file cannot be read, the shapes differ, the display is HDR, or the two do not tell a look:
    other pictures, no color, too few colors, no grays.
    """
    if display.gamma in HDR:
        raise LatticeError(f"display: expected one without {display.gamma}{SDR}")
    plate = read_plate(source, named)
    still = read_codes(target)
    notes = (*plate.notes, *still.notes)
    about = f"{Path(target).name} beside {Path(source).name}"
    with one_thread():
        return _references(blocks_of(plate, still), plate.primaries, display, about, notes)


def _references(
    blocks: Blocks, primaries: str, display: DisplaySpec, about: str, notes: tuple[str, ...]
) -> tuple[Reference, Reference]:
    lab, calm = settled(lab_of_codes(blocks.codes, display)), blocks.calm
    _check_plate(blocks.light, calm, about)
    if np.quantile(np.hypot(lab[calm][:, 1], lab[calm][:, 2]), 0.99) < COLORED:
        raise LatticeError(f"{about}: target: expected a picture in color, got a gray one: it does not tell a look")
    compared = blocks.light @ convert(primaries, COMPARED).T
    ungraded = np.zeros(calm.shape, bool)
    for light in (blocks.light, blocks.light @ convert(primaries, display.primaries).T):
        ungraded |= plain(light, lab, calm, display)
    found = agreement(compared, lab, calm, ungraded)
    _check(found, calm, about)
    with np.errstate(invalid="ignore"):
        rises = np.corrcoef(placed(compared[found.kept]).mean(axis=-1), lab[found.kept][:, 0])[0, 1]
    if not rises >= RISES:  # NaN where the target is one color
        raise LatticeError(f"{about}: target: expected a picture that is brighter where the source is, got another one")
    notes = (*notes, *_notes(blocks, found, compared, lab))
    fitted, tested = _sampled(found.kept, blocks)
    gray = _gray(blocks.light[fitted], blocks.light[tested], about)
    if gray != GRAY:
        notes += (f"no neutral grays in the picture: up to {gray:g} to 1 counts as gray, and grays may take a cast",)

    def reference(at: Mask) -> Reference:
        light, clipped = blocks.light[at], _clipped(blocks.codes[at])
        groups = tuple(map(str, np.where(clipped, "clipped", group_of(light, gray))))
        return Reference(
            *(light, lab[at], primaries, display, groups, np.where(are_gray(light), GRAY_NOISE, NOISE)),
            about=about,
            notes=notes,
            gray=gray,
        )

    return reference(fitted), reference(tested)


def _check_plate(light: Array, calm: Mask, about: str) -> None:
    """Raise LatticeError if a plate is too small, or of one brightness. light: (rows, columns, 3)."""
    _check_count(int(calm.sum()), about)
    stops = placed(light[calm]).mean(axis=-1) * STOPS
    if np.ptp(np.quantile(stops, (0.01, 0.99))) < LEAST_VARIES:
        got = "a black one" if (light[calm] <= 0).all() else "one of a single brightness"
        raise LatticeError(f"{about}: source: expected a picture of light and dark, got {got}")


def _check_count(count: int, about: str) -> None:
    if count < LEAST_BLOCKS:
        raise LatticeError(
            f"{about}: expected {LEAST_BLOCKS} even parts of the picture or more, got {count}: take a larger frame"
        )


def _check(found: Agreement, calm: Mask, about: str) -> None:
    agreeing, compared = int(found.kept.sum()), int(calm.sum())
    expected = f"{about}: expected the same picture before and after a grade, but"
    if agreeing < LEAST_SHARE * compared:
        raise LatticeError(
            f"{expected} only {agreeing / compared:.0%} of it agrees on one: is the target of this frame, and of this "
            "source?"
        )
    if found.scatter > MOST_SCATTER:
        raise LatticeError(
            f"{expected} colors that are alike before are {found.scatter:.1f} CIEDE2000 apart after it, at most "
            f"{MOST_SCATTER:g}: take out local corrections and noise, or is the target of another frame?"
        )
    _check_count(agreeing, about)


def _notes(blocks: Blocks, found: Agreement, light: Array, lab: Array) -> Iterator[str]:
    if blocks.shift != (0, 0):
        right, down = blocks.shift
        yield f"the target is shifted by {right:+d}, {down:+d} pixels (right, down): shifted back"
    if found.region.mean() > TOLD:
        share = f"{found.region.mean():.0%} of the picture left out, for it does not show the grade"
        yield f"{share}: {where(found.region)}"
    darker = vignette(light, lab, found.kept)
    if abs(darker) > DARKENED:
        much = f"{abs(darker):.0f} L* {'darker' if darker < 0 else 'brighter'}"
        yield f"the grade depends on the place, as no look does: corners are {much} than the middle for the same light"


def where(region: Mask) -> str:
    """Return where most of a region (rows, columns) is, for people: "most of it at the top right, 55 to 100 % ..."."""
    parts, count = ndimage.label(region)
    largest = parts == 1 + np.bincount(parts[region])[1:].argmax() if count else region
    ends = []
    for axis in (0, 1):
        lines = np.flatnonzero(largest.any(axis=1 - axis))
        ends.append((lines[0] / region.shape[axis], (lines[-1] + 1) / region.shape[axis]))
    (top, bottom), (left, right) = ends
    words = [_side(top, bottom, "top", "bottom"), _side(left, right, "left", "right")]
    side = " ".join(filter(None, words)) or "middle"
    share = "all of it" if count == 1 else "most of it" if largest.sum() > region.sum() / 2 else "the largest part"
    return f"{share} at the {side}, {left:.0%} to {right:.0%} across and {top:.0%} to {bottom:.0%} down"


def _side(first: float, last: float, before: str, after: str) -> str:
    """Return the side that an extent is at; "" if it is in the middle."""
    if abs(first + last - 1) < 0.2:
        return ""
    return before if first + last < 1 else after


def _sampled(kept: Mask, blocks: Blocks) -> tuple[Mask, Mask]:
    """Return masks (rows, columns) of the colors to fit, as many of each as there are, and of others, as they come.

    The others are in other tiles of the picture, apart from those that are fitted.
    """
    random = np.random.default_rng(SEED)
    size = max(2 * BESIDE + 1, min(kept.shape) // TILES)
    rows, columns = np.indices(kept.shape)
    is_fitted = (rows // size + columns // size) % 2 == 0
    inside = np.minimum(rows % size, columns % size) >= BESIDE
    clipped = _clipped(blocks.codes)
    few = int(MOST_FITTED * MOST_CLIPPED)
    fitted = _some(kept & is_fitted & ~clipped, blocks.light, MOST_FITTED - few, random)
    fitted |= _some(kept & is_fitted & clipped, blocks.light, min(few, int(fitted.sum() * MOST_CLIPPED)), random)
    return fitted, _some(kept & ~is_fitted & inside, None, MOST_FITTED, random)


def _some(mask: Mask, light: Array | None, most: int, random: np.random.Generator) -> Mask:
    """Return some blocks of a mask: as many of each color, or as they come without light."""
    at = np.flatnonzero(mask)
    cell = np.zeros(len(at), int) if light is None else cells(placed(light[mask]))
    some = np.zeros(mask.size, bool)
    if len(at) and most:
        some[at[evenly(cell, most, random)]] = True
    return some.reshape(mask.shape)


def _clipped(codes: Array) -> Mask:
    return np.asarray((codes <= ENDS[0]).any(axis=-1) | (codes >= ENDS[1]).any(axis=-1))


def _gray(fitted: Array, tested: Array, about: str) -> float:
    """Return what counts as gray: the least of GRAYS that both have colors of."""
    ratios = [each.max(axis=1) / np.maximum(each.min(axis=1), TINY) for each in (fitted, tested)]
    for gray in GRAYS:
        few, others = (int(np.count_nonzero(each <= gray)) for each in ratios)
        if few >= FEWEST and others:
            return gray
    raise LatticeError(
        f"{about}: expected grays in the picture, got none: exposure and contrast hang on them; take a frame with a "
        "gray card, or something white"
    )
