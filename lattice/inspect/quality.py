"""Measure how well a lattice follows its exact chain, next to the usual 33^3 table, on colors that were not fitted."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from lattice.build import Chain, film_exposure, make_chain, make_display
from lattice.build.display import encode_nodes
from lattice.build.fit import color_difference, gray_scale, natural_colors
from lattice.color.primaries import rgb_to_xyz
from lattice.interp import reference
from lattice.looks import Profile
from lattice.sdev.load import load_built
from lattice.types import HALF_CODES, MID_GRAY, Array, Display, Interpolation, SDevData

COLORS, GRAYS, SEED = 30_000, 4_001, 99  # the fit draws from another seed
SATURATED_STOPS, SATURATED_SPREAD = (-5.0, 5.0), 2.0
USUAL_SIZE, USUAL_STOPS = 33, (-9.0, 7.0)  # the usual table: log shaper, display code values, tetrahedral
LARGEST_STEP = 1.5  # largest step of the lattice's gray ramp, over the exact one's; above it a ramp would band
FALL = 1e-5  # of luminance, relative to white, that float32 may show on a rising gray ramp


@dataclass(frozen=True)
class Difference:
    """CIEDE2000 against the exact chain: mean, 99th percentile, largest."""

    mean: float
    p99: float
    max: float


@dataclass(frozen=True)
class Report:
    """The result of `lattice check` for one profile. `lattice` and `usual` map a kind of color to a Difference."""

    name: str
    size: int
    interpolation: Interpolation
    lattice: dict[str, Difference]
    usual: dict[str, Difference]
    monotone_gray: bool
    finite: bool
    smooth: bool

    @property
    def good(self) -> bool:
        """True if gray never falls, every half gives a code value and no step of the gray ramp is too large."""
        return self.monotone_gray and self.finite and self.smooth

    def as_dict(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        return {**asdict(self), "good": self.good}


def _colors(profile: Profile) -> dict[str, Array]:
    """Return scene colors (n, 3) of the three kinds."""
    random = np.random.default_rng(SEED)
    gray = random.uniform(*SATURATED_STOPS, (COLORS, 1))
    saturated = MID_GRAY * 2.0 ** (gray + random.normal(0, SATURATED_SPREAD, (COLORS, 3)))
    return {"natural": natural_colors(COLORS, random), "saturated": saturated, "gray": gray_scale(GRAYS)}


def lattice_values(device: SDevData, scene: Array) -> Array:
    """Return the lattice values (n, 3) of scene colors (n, 3), before the display."""
    nodes = device.lattice.nodes.reshape(-1, 3).T.astype(np.float64)
    u = reference.coordinates(device, reference.columns_of(device), scene, np.float64)
    return reference.METHODS[device.lattice.interpolation](nodes, u, device.lattice.size).T


def _usual_values(chain: Chain, display: Display, film: Array) -> Array:
    """Return the values of a sampled 33^3 of code values behind a log shaper, converted to node values (n, 3)."""
    low, high = USUAL_STOPS
    steps = MID_GRAY * 2.0 ** np.linspace(low, high, USUAL_SIZE)
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    codes = reference.show(display, encode_nodes(chain.project(grid), chain).T)
    u = np.clip((np.log2(np.maximum(film, steps[0]) / MID_GRAY) - low) / (high - low), 0, 1).T
    shown = reference.tetrahedral(codes, u, USUAL_SIZE)
    return np.cbrt(np.maximum(display.decode(shown).T @ np.linalg.inv(display.matrix).T, 0))


def _all_halves_finite(device: SDevData) -> bool:
    """True if every half, NaN and infinities too, gives code values in [0, 1], as gray and in each channel alone."""
    halves = np.arange(HALF_CODES, dtype=np.uint16).view(np.float16)
    columns = reference.columns_of(device)
    nodes = np.ascontiguousarray(device.lattice.nodes.reshape(-1, 3).T)
    for channels in (np.ones(3), *np.eye(3)):
        pixels = np.where(channels, halves[:, None], np.float16(0)).astype(np.float16)
        codes = reference.run_block(device, device.lattice.interpolation, columns, nodes, pixels, np.float32)
        if not ((codes >= 0) & (codes <= 1)).all():
            return False
    return True


def _difference(profile: Profile, display: Display, values: Array, exact: Array) -> Difference:
    found = color_difference(display, rgb_to_xyz(profile.display.primaries), values, exact)
    return Difference(float(found.mean()), float(np.percentile(found, 99)), float(found.max()))


def check(profile: Profile, device: SDevData | None = None) -> Report:
    """Measure a profile's lattice against its exact chain.

    device: the profile's SDev; None loads it from the cache or builds it. Samples: 30,000 natural scene colors, 30,000
    saturated ones and 4,001 grays of -7 to +6 stops, none of which were fitted. Raises LatticeError if the profile
    cannot be built.
    """
    device = device or load_built(profile)
    chain = make_chain(profile)
    display, colors = make_display(profile, chain), _colors(profile)
    films = {kind: film_exposure(profile, scene) for kind, scene in colors.items()}
    held = {kind: lattice_values(device, scene) for kind, scene in colors.items()}
    wanted = {kind: encode_nodes(chain.project(film), chain) for kind, film in films.items()}
    ours = {kind: _difference(profile, display, held[kind], wanted[kind]) for kind in colors}
    usual = {
        kind: _difference(profile, display, _usual_values(chain, display, film), wanted[kind])
        for kind, film in films.items()
    }
    codes, exact = (reference.show(display, values["gray"].T) for values in (held, wanted))
    luminance = rgb_to_xyz(profile.display.primaries)[1] @ codes
    return Report(
        profile.name,
        device.lattice.size,
        device.lattice.interpolation,
        ours,
        usual,
        monotone_gray=bool(np.diff(luminance).min() >= -FALL),
        finite=_all_halves_finite(device),
        smooth=bool(np.abs(np.diff(codes)).max() <= LARGEST_STEP * np.abs(np.diff(exact)).max()),
    )
