"""Match: a look that shows what a reference shows, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lattice.errors import LatticeError, printable
from lattice.looks import Profile, load_profile
from lattice.match import judge
from lattice.match.freedoms import START, freedoms
from lattice.match.judge import Errors, by_group, differences
from lattice.match.reference import Aim, Reference
from lattice.match.remaining import remarks
from lattice.match.residual import residual as with_residual
from lattice.match.solve import Solution, Told, held, solve
from lattice.types import Array


@dataclass(frozen=True)
class Match:
    """A look that was fitted, and what it was fitted to.

    start, profile: before and after. film: after, without the residual. solution: what the fit found. aim: what it was
    fitted to and is measured by. is_asked: a residual was asked for.
    """

    start: Profile
    film: Profile
    profile: Profile
    solution: Solution
    aim: Aim
    is_asked: bool = False

    @cached_property
    def lab(self) -> Array:
        """How the look shows the tested colors: CIELAB (n, 3)."""
        return judge.shown(self.profile, self.aim.tested)

    @cached_property
    def start_lab(self) -> Array:
        """How the start shows them: CIELAB (n, 3)."""
        return judge.shown(self.start, self.aim.tested)

    @cached_property
    def film_lab(self) -> Array:
        """How the look without its residual shows them: CIELAB (n, 3)."""
        return self.lab if self.film is self.profile else judge.shown(self.film, self.aim.tested)

    @cached_property
    def off(self) -> Array:
        """CIEDE2000 (n,) of the tested colors from the reference."""
        return differences(self.lab, self.aim.tested)

    @cached_property
    def before(self) -> Mapping[str, Errors]:
        """Errors of the start, by group."""
        return by_group(differences(self.start_lab, self.aim.tested), self.aim.tested)

    @cached_property
    def film_only(self) -> Mapping[str, Errors]:
        """Errors of the look without its residual lattice, by group."""
        return by_group(differences(self.film_lab, self.aim.tested), self.aim.tested)

    @cached_property
    def after(self) -> Mapping[str, Errors]:
        """Errors of the look, by group."""
        return by_group(self.off, self.aim.tested)

    @cached_property
    def remaining(self) -> list[str]:
        """Sentences on what the film model could not reach, the largest first."""
        return remarks(self.film_lab, self.aim.tested)

    @cached_property
    def held(self) -> Mapping[str, float]:
        """For each freedom but the only one, the mean error of the film model where it is held at the start; each is a
        fit of its own, of a second or so."""
        names = [each.name for each in self.solution.freedoms if len(self.solution.freedoms) > 1]
        return {name: self._held(name) for name in names}

    def _held(self, name: str) -> float:
        look = held(self.solution, self.start, self.aim.fitted, name)
        return float(differences(judge.shown(look, self.aim.tested), self.aim.tested).mean())

    def save(self, path: str | Path, overwrite: bool = False) -> None:
        """Write the look as TOML that extends its start and holds what differs. Arguments and errors as in
        `Profile.save`."""
        self.profile.save(path, overwrite)


def fit(
    reference: Aim | Reference,
    start: Profile | str = START,
    free: Sequence[str] | None = None,
    residual: bool = False,
    name: str | None = None,
    told: Told = lambda done, of: None,
) -> Match:
    """Fit a look to a reference.

    reference: what is fitted, as `references` and `of_patches` return it.
    start: the look to begin with, a Profile or its name. free: names of `FREEDOMS`; the usual ones unless given.
    residual: True puts what the film model cannot hold into a residual lattice. name: of the new look; the start's
    unless given. told: called with the slopes evaluated so far and the most there are.
    There is no random start: the same reference gives the same look, but for the last digits on another processor.
    Raises LatticeError if the start cannot be built or does not take a freedom, or curves are not free beside a wedge.
    """
    aim = reference if isinstance(reference, Aim) else Aim.of(reference)
    first = load_profile(start) if isinstance(start, str) else start
    begun = first.replace(residual=None) if residual else first
    chosen = freedoms(begun, free)
    if aim.fitted.wedge is not None and all(each.name != "curves" for each in chosen):
        named = ", ".join(each.name for each in chosen)
        raise LatticeError(f"free: a wedge says the curves, got {named}: add curves, or leave the wedge out")
    found = solve(begun, chosen, aim.fitted, told)
    about = {
        "name": printable(name or first.name),
        "description": f"{first.name} matched to {aim.fitted.about or 'a reference'}",
    }
    film = found.profile.replace(**about)
    return Match(first, film, with_residual(film, aim.dense) if residual else film, found, aim, residual)
