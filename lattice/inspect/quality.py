"""Measure how well a lattice follows its exact chain, next to the usual 33^3 table, on colors that were not fitted."""

from __future__ import annotations

import numpy as np

from lattice.inspect.beside import Beside
from lattice.inspect.gradients import drift, reversal
from lattice.inspect.report import Difference, Report
from lattice.inspect.scenes import colors, emitter_paths, gradients
from lattice.interp import reference
from lattice.looks import Profile
from lattice.sdev.load import load_built
from lattice.types import Array, SDevData, halves

MORE_NODES, FEWEST, MOST_NODES = 4, 13, 33  # along a side: what a remedy adds, and its limits
# Fields that strain a lattice, and from where to where the shipped looks and their neighbours go.
ORDINARY = {
    "push_stops": (-1.0, 1.0),
    "negative_stops": (0.0, 4.0),
    "contrast": (0.8, 1.25),
    "print_flash": (0.0, 0.1),
    "printer_lights": (15.0, 35.0),
    "interimage": (0.0, 0.35),
}


def _all_halves_finite(device: SDevData) -> bool:
    """True if every half, NaN and infinities too, gives code values in [0, 1], as gray and in each channel alone."""
    columns = reference.columns_of(device)
    nodes = np.ascontiguousarray(device.lattice.nodes.reshape(-1, 3).T)
    for channels in (np.ones(3), *np.eye(3)):
        pixels = np.where(channels, halves()[:, None], np.float16(0)).astype(np.float16)
        codes = reference.run_block(device, device.lattice.interpolation, columns, nodes, pixels, np.float32)
        if not ((codes >= 0) & (codes <= 1)).all():
            return False
    return True


def _difference(beside: Beside, values: Array, exact: Array) -> Difference:
    found = beside.difference(values, exact)
    return Difference(float(found.mean()), float(np.percentile(found, 99)), float(found.max()))


def _gray_steps(beside: Beside, gray: Array) -> tuple[float, float]:
    """Return the largest fall of luminance along a rising gray ramp, and its largest step over the exact one's."""
    codes, exact = (reference.show(beside.display, found(gray).T) for found in (beside.held, beside.exact))
    largest = np.abs(np.diff(codes)).max() / np.abs(np.diff(exact)).max()
    return float(max(0.0, -np.diff(beside.to_xyz[1] @ codes).min())), float(largest)


def remedy(profile: Profile) -> str:
    """Return what may bring a profile's lattice nearer to its exact chain: more nodes, or less of what strains it."""
    strained = [
        name
        for name, (low, high) in ORDINARY.items()
        if np.min(getattr(profile, name)) < low or np.max(getattr(profile, name)) > high
    ]
    tries = [f"size = {max(FEWEST, min(MOST_NODES, profile.size + MORE_NODES))}"] * (profile.size < MOST_NODES)
    tries += [f"{' and '.join(strained)} nearer to a shipped look's"] * bool(strained)
    return f"try {', or '.join(tries) or 'a look nearer to a shipped one'}"


def check(profile: Profile, device: SDevData | None = None) -> Report:
    """Measure a profile's lattice against its exact chain.

    device: the profile's SDev; None loads it from the cache or builds it. Samples: 30,000 natural scene colors, 30,000
    saturated ones, 1,584 of LEDs and lasers and 4,001 grays of -7 to +6 stops, none of which were fitted; gradients and
    the paths of emitters in 1,024 steps. Raises LatticeError if the profile cannot be built.
    """
    beside = Beside(profile, device or load_built(profile))
    ours, usual, scenes = {}, {}, colors(profile)
    for kind, scene in scenes.items():
        exact = beside.exact(scene)
        ours[kind] = _difference(beside, beside.held(scene), exact)
        usual[kind] = _difference(beside, beside.usual(scene), exact)
    fall, step = _gray_steps(beside, scenes["gray"])
    return Report(
        profile.name,
        beside.device.lattice.size,
        beside.device.lattice.interpolation,
        ours,
        usual,
        {name: reversal(beside, scene) for name, scene in gradients(profile).items()},
        {name: drift(beside, scene) for name, scene in emitter_paths(profile).items()},
        gray_fall=fall,
        gray_step=step,
        finite=_all_halves_finite(beside.device),
        remedy=remedy(profile),
    )
