"""The table of `lattice check --truth`: how near a camera look comes to its negative's answer to real light."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from lattice.build import film_exposure
from lattice.color.primaries import convert
from lattice.errors import LatticeError, printable
from lattice.inspect.emitters import Path, paths
from lattice.inspect.truth import Difference, measure
from lattice.looks import Profile, load_profile, profile_names
from lattice.types import Array

LEAST_FALL = 0.005  # of L* that two decimals show


@dataclass(frozen=True)
class TruthTable:
    """name: of the look. negative: of the stock. groups, paths: against the spectral truth, by name of light."""

    name: str
    negative: str
    groups: dict[str, Difference]
    paths: dict[str, Path]

    def as_dict(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        return {
            "name": self.name,
            "negative": self.negative,
            "groups": {name: asdict(group) for name, group in self.groups.items()},
            "paths": {name: _path(path) for name, path in self.paths.items()},
        }

    def __str__(self) -> str:
        groups = (f"  {name:28}{d.mean:6.1f}{d.p95:8.1f}{d.max:8.1f}" for name, d in self.groups.items())
        title = (
            f"{printable(self.name)}: CIEDE2000 against real light on {printable(self.negative)}, by the exact chain"
        )
        head = f"  {'group of light':28}{'mean':>6}{'p95':>8}{'max':>8}"
        head_of_paths = f"  {'light, -4 to +10 stops':28}{'mean':>6}{'max':>8}   L*, hue in degrees"
        rows = (f"  {name:28}{_row(path)}" for name, path in self.paths.items())
        return "\n".join([title, head, *groups, head_of_paths, *rows])


def truth_table(profile: Profile) -> TruthTable:
    """Measure a camera look, from ACEScg pixels of real light to its display, at a normal exposure.

    Takes seconds. Raises LatticeError if the look's chain is another, its negative has no spectra, or it cannot be
    built.
    """
    if profile.chain != "camera":
        cameras = [name for name in profile_names() if load_profile(name).chain == "camera"]
        raise LatticeError(
            f'{profile.name}: expected chain = "camera", which exposes the negative with light, got "{profile.chain}"; '
            f"looks that have it: {', '.join(cameras)}"
        )
    profile = profile.replace(exposure=0)
    to_input = convert("ACEScg", profile.input)

    def stage(pixels: Array) -> Array:
        return film_exposure(profile, pixels @ to_input.T)

    return TruthTable(profile.name, profile.negative.name, measure(profile, stage), paths(profile, stage))


def _path(path: Path) -> dict[str, object]:
    difference = path.difference
    return {"mean": float(difference.mean()), "max": float(difference.max()), "fall": path.fall, "hues": path.hues}


def _row(path: Path) -> str:
    fall = f"falls by {path.fall:.2f}" if path.fall >= LEAST_FALL else "never falls"
    hues = "no color" if path.hues is None else f"{path.hues[0]:.0f} to {path.hues[1] % 360:.0f}"
    return f"{path.difference.mean():6.1f}{path.difference.max():8.1f}   {fall}, {hues}"
