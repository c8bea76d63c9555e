"""What a check of a lattice found, the rules that it is held to, and the text of both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import isnan

from lattice.errors import printable
from lattice.inspect.gradients import Drift, Reversal
from lattice.types import Interpolation

# CIEDE2000. Its unit is about the least difference that the eye sees between two patches edge to edge, and half of it
# is seen by nobody: to the half the 99th percentile is held, to the unit the worst of 30,000 colors.
UNSEEN, SEEN = 0.5, 1.0
# L*. One just noticeable difference of luminance, of the grating that the eye sees best, is 0.2 to 0.3 of L* on a
# monitor of 100 cd/m2. Source: DICOM PS3.14, Grayscale Standard Display Function.
MOST_LIGHTNESS = 0.2
MOST_HUE = 3.0  # degrees; the finest step of Munsell's printed hues, a hundredth of the circle, is 3.6
LARGEST_STEP = 1.5  # largest step of the lattice's gray ramp, over the exact one's; above it a ramp would band
FALL = 1e-5  # of luminance, relative to white, that float32 may show on a rising gray ramp


@dataclass(frozen=True)
class Difference:
    """CIEDE2000 against the exact chain: mean, 99th percentile, largest."""

    mean: float
    p99: float
    max: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} / {self.p99:.3f} / {self.max:.3f}"


@dataclass(frozen=True)
class Report:
    """The result of `lattice check` for one profile.

    lattice, usual: a Difference for each kind of color, of this lattice and of the usual 33^3 table. gradients, paths:
    by name. gray_fall: luminance, relative to white, by which a step of the rising gray ramp falls, at most. gray_step:
    the ramp's largest step over the exact one's. finite: every half gives a code value. remedy: what may help.
    """

    name: str
    size: int
    interpolation: Interpolation
    lattice: dict[str, Difference]
    usual: dict[str, Difference]
    gradients: dict[str, Reversal]
    paths: dict[str, Drift]
    gray_fall: float
    gray_step: float
    finite: bool
    remedy: str

    @property
    def monotone_gray(self) -> bool:
        """True if gray never falls."""
        return self.gray_fall <= FALL

    @property
    def smooth(self) -> bool:
        """True if no step of the gray ramp is too large."""
        return self.gray_step <= LARGEST_STEP

    @property
    def good(self) -> bool:
        """True if no rule failed."""
        return not self.failures

    @property
    def failures(self) -> tuple[str, ...]:
        """A line for each rule that failed: what was expected, what was measured, and what may help."""
        found = [*self._of_colors(), *self._of_gradients(), *self._of_paths(), *self._of_gray()]
        return tuple(f"{line}; {self.remedy}" for line in found)

    def _of_colors(self) -> Iterator[str]:
        for kind, ours in self.lattice.items():
            usual = self.usual[kind]
            if not ours.p99 <= max(usual.p99, UNSEEN):
                bound = _bound(usual.p99, UNSEEN)
                yield f"{kind}: expected a 99th percentile of at most {bound}, got {ours.p99:.2f}"
            if not ours.max <= max(usual.max, SEEN):
                yield f"{kind}: expected no color off by more than {_bound(usual.max, SEEN)}, got {ours.max:.2f}"

    def _of_gradients(self) -> Iterator[str]:
        fall = max(_Worst(each.lightness, name) for name, each in self.gradients.items())
        back = max(_Worst(each.difference, name) for name, each in self.gradients.items())
        if not fall.of <= MOST_LIGHTNESS:
            yield f"gradients: expected L* to go back by {MOST_LIGHTNESS:g} at most, got {fall}"
        if not back.of <= UNSEEN:
            yield f"gradients: expected channels to go back by a CIEDE2000 of {UNSEEN:g} at most, got {back}"

    def _of_paths(self) -> Iterator[str]:
        hue, fall = self._worst_of_paths
        if not hue.of <= MOST_HUE:
            yield f"paths: expected hues within {MOST_HUE:g} degrees of the exact chain's, got {hue}"
        if not fall.of <= MOST_LIGHTNESS:
            yield f"paths: expected L* to fall by {MOST_LIGHTNESS:g} at most where the exact chain does not, got {fall}"

    def _of_gray(self) -> Iterator[str]:
        if not self.monotone_gray:
            yield f"gray: expected a ramp that never falls, got a step down of {self.gray_fall:.5f} of white"
        if not self.smooth:
            yield f"gray: expected steps up to {LARGEST_STEP:g} times the exact ramp's, got {self.gray_step:.2f} times"
        if not self.finite:
            yield "halves: expected code values from 0 to 1 for every half, got others"

    @property
    def _worst_of_paths(self) -> tuple[_Worst, _Worst]:
        """The largest drift of hue and the largest fall of L*."""
        hue = max(_Worst(each.hue, name) for name, each in self.paths.items())
        return hue, max(_Worst(each.fall, name) for name, each in self.paths.items())

    def as_dict(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        told = ("monotone_gray", "smooth", "good", "failures")
        return {**asdict(self), **{name: getattr(self, name) for name in told}}

    def __str__(self) -> str:
        ours, (hue, fall) = f"{self.size}^3 fitted, {self.interpolation}", self._worst_of_paths
        back = max(_Worst(each.codes, name) for name, each in self.gradients.items())
        differences, falls = zip(*((each.difference, each.lightness) for each in self.gradients.values()), strict=True)
        seen = f"CIEDE2000: {max(differences):.2f}; L*: {max(falls):.2f}"
        steps, name = sum(each.steps for each in self.gradients.values()), printable(self.name)
        return "\n".join(
            [
                f"{name}: CIEDE2000 against the exact chain, colors that were not fitted (mean / p99 / max)",
                f"  {'':12}{ours:26}33^3 sampled, tetrahedral, log shaper",
                *(f"  {kind:12}{ours!s:26}{self.usual[kind]}" for kind, ours in self.lattice.items()),
                f"  {'gradients':12}{steps} steps go back; codes of 10 bits at most: {back}; {seen}",
                f"  {'paths':12}degrees of hue off at most: {hue}; fall of L* at most: {fall.of:.2f}",
                f"  monotone gray {self.monotone_gray}, finite {self.finite}, smooth {self.smooth}",
                *(f"  FAILED {line}" for line in self.failures),
                *(["  passes: nothing of this is seen, or is more than the usual table's"] if self.good else []),
            ]
        )


@dataclass(frozen=True)
class _Worst:
    of: float
    name: str

    def __lt__(self, other: _Worst) -> bool:
        """Sort by size; what is no number is the worst."""
        return not isnan(self.of) and (isnan(other.of) or self.of < other.of)

    def __str__(self) -> str:
        return f"{self.of:.2f} on {self.name}"


def _bound(usual: float, least: float) -> str:
    return f"{usual:.2f}, the usual table's" if usual > least else f"{least:g}"
