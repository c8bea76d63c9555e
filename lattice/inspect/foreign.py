"""Measure a LUT file, or any SDev, by itself: what can be known without the film that it may come from."""

from __future__ import annotations

from itertools import product

import numpy as np

from lattice.build.samples import natural_colors
from lattice.inspect.domain import LEAST_CODE, MOST_CODE, Domain, domain_of, held
from lattice.inspect.foreign_report import FileReport, Finite, Ramp, Reached
from lattice.inspect.nodes import bits_of, compared, folds, lattices, outliers, volume
from lattice.interp.process import LUMA
from lattice.sdev.load import AnySDev
from lattice.types import HALF_MAX, Array, grid, halves

COLORS, SEED = 30_000, 99  # as `lattice check` draws them for a look
STEPS = 4096  # of a ramp: those of a 12-bit picture
SIDE = 33  # colors along a side of what is sampled
ENDS = 64  # the first and the last of so many parts of a ramp are its ends
NEAR = 8  # steps to both sides, with which a step is compared
CLIPPED = 1e-6  # of 0 or 1, where float32 may leave a clipped channel
# Floats that a half does not hold: subnormal, tiny, huge and none.
ODD = (0.0, -0.0, 1e-45, 1e-38, -1e-38, 1e-20, 0.5, 1e9, -1e9, 3e38, -3e38, np.nan, np.inf, -np.inf)


def measure(device: AnySDev) -> FileReport:
    """Measure an SDev or a Lut. Takes a second; the largest lattices some seconds."""
    domain = domain_of(device)
    corners = grid(domain.values(np.linspace(0, 1, SIDE))).reshape(-1, 3)
    centers = grid(domain.values((np.arange(SIDE - 1) + 0.5) / (SIDE - 1))).reshape(-1, 3)
    given, inside = grade(device, corners), grade(device, centers)
    ramps, tint = _ramps(device, domain)
    return FileReport(
        device.name,
        tuple(what if name == "stage" else f"{name} {what}" for name, what in device.stages),
        domain,
        _outside(device, domain),
        _finite(device, domain),
        _reached(corners, given, inside),
        ramps,
        tint,
        outliers(device),
        compared(device),
        tuple(folds(nodes) for nodes in lattices(device)),
        bits_of(device),
        float(np.abs(given - corners).max()),
    )


def grade(device: AnySDev, colors: Array) -> Array:
    """Return what a file gives of colors (n, 3), float64; numbers that are none count as 0."""
    with np.errstate(all="ignore"):
        graded = device.apply(colors.astype(np.float32)).astype(np.float64)
    return np.nan_to_num(graded, nan=0.0, posinf=0.0, neginf=0.0)


def _outside(device: AnySDev, domain: Domain) -> tuple[float, float]:
    """Return the shares of natural scene colors, or of all codes, of which a channel is below and above the tables."""
    random = np.random.default_rng(SEED)
    colors = natural_colors(COLORS, random) if domain.is_light else random.uniform(0, 1, (COLORS, 3))
    sides = held(device, colors)
    return float((sides < 0).any(axis=1).mean()), float((sides > 0).any(axis=1).mean())


def _finite(device: AnySDev, domain: Domain) -> Finite:
    gray = halves().astype(np.float32)[:, None]
    alone = [np.where(channels, gray, np.float32(0)) for channels in (np.ones(3), *np.eye(3))]
    with np.errstate(all="ignore"):
        colors = np.vstack([*alone, np.array([*product(ODD, repeat=3)], np.float32)])
        is_number = np.isfinite(device.apply(colors)).all(axis=1)
    low, high = (-HALF_MAX, HALF_MAX) if domain.is_light else (LEAST_CODE, MOST_CODE)
    in_pictures = ((colors >= low) & (colors <= high)).all(axis=1)
    bad = colors[in_pictures & ~is_number]
    return Finite(len(bad), tuple(map(float, bad[0])) if len(bad) else (), int((~in_pictures & ~is_number).sum()))


def _reached(corners: Array, given: Array, inside: Array) -> Reached:
    lowest, highest = (divmod(int(found), 3) for found in (given.argmin(), given.argmax()))
    filled = volume(np.clip(given, 0, 1).reshape(SIDE, SIDE, SIDE, 3))
    return Reached(
        float(given.min()),
        tuple(map(float, corners[lowest[0]])),
        float(given.max()),
        tuple(map(float, corners[highest[0]])),
        abs(filled),
        float(((inside <= CLIPPED) | (inside >= 1 - CLIPPED)).any(axis=1).mean()),
        filled < 0,
        float(np.ptp(given, axis=0).max()),
    )


def _ramps(device: AnySDev, domain: Domain) -> tuple[dict[str, Ramp], tuple[float, float]]:
    """Return the ramps by name, and the largest difference between the channels of gray and where it is."""
    values = domain.values(np.linspace(0, 1, STEPS))
    names = {"gray": (1, 1, 1), "red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1)}
    given = {name: grade(device, np.where(channels, values[:, None], values[0])) for name, channels in names.items()}
    found = {name: _ramp(values, codes, name == "gray") for name, codes in given.items()}
    tint = np.ptp(given["gray"], axis=1)
    return found, (float(tint.max()), float(values[tint.argmax()]))


def _ramp(values: Array, codes: Array, is_gray: bool) -> Ramp:
    """Measure a ramp of codes (n, 3): of gray its luma, of another the channel that changes most."""
    own = codes @ np.array(LUMA) if is_gray else codes[:, np.ptp(codes, axis=0).argmax()]
    scale = max(1.0, float(np.abs(codes).max()))
    behind = (np.maximum.accumulate(own) - own) / scale
    jumps = _jumps(np.abs(np.diff(codes, axis=0)).max(axis=1) / scale)
    at, jump_at = int(behind.argmax()), int(jumps.argmax())
    rise, end = float(own[-1] - own[0]) / scale, len(own) // ENDS
    moves = abs(float(own[end] - own[0])) / scale, abs(float(own[-1] - own[-1 - end])) / scale
    return Ramp(float(behind[at]), float(values[at]), float(jumps[jump_at]), float(values[jump_at]), rise, moves)


def _jumps(steps: Array) -> Array:
    """Return each step of a ramp over the largest of the NEAR steps before and after it, but the two beside it; steps
    of an even ramp are added to both."""
    even = 1 / len(steps)
    padded = np.pad(steps, NEAR)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * NEAR + 1)
    beside = np.r_[0 : NEAR - 1, NEAR + 2 : 2 * NEAR + 1]
    return np.asarray(steps / (windows[:, beside].max(axis=1) + even))
