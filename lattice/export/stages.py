"""A stage of a look as a LUT file: a negative behind a shaper or a log curve, a print over its densities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lattice.color.primaries import convert
from lattice.export import write
from lattice.export.bake import Source, bake
from lattice.export.convert import listed_of
from lattice.export.looks import advice, lost
from lattice.export.loss import LOSS, SHORT, between
from lattice.export.recipe import FORMS, Recipe
from lattice.files.luts.domain import to_matrix
from lattice.interp import process
from lattice.process_list import Knots, Lut3D, Matrix, Node, ProcessList
from lattice.sdev import SDev
from lattice.sdev.density import Encoding, given_density, taken_density
from lattice.sdev.lut import AnySDev
from lattice.types import Array, Display, LatticeError, grid
from lattice.version import __version__

WITH_DOMAIN = (".cube", ".vf")
SEEN = 0.05  # of density, of the 99th percentile that a message warns from
HALF = 0.5  # below which no value of a .3dl tells its bit depth
MOST_DENSITY = 2.6  # over clear film, to which a print's LUT goes: above what grays reach on the shipped stocks


@dataclass(frozen=True)
class Negative(Source):
    """A negative as a source: its codes are printing densities, which no display holds to 0 and 1."""

    def codes(self, scene: Array) -> Array:
        """Return density codes (n, 3) of scene light (n, 3)."""
        return self.values(scene)

    def open_codes(self, scene: Array) -> Array:
        """Return the same: codes of densities end by themselves."""
        return self.values(scene)


def export_stage(
    negative: AnySDev, made: AnySDev, recipe: Recipe, target: Path, scenes: Mapping[str, Array], overwrite: bool
) -> list[str]:
    """Write a stage as a LUT file; return what is said of it, in lines.

    negative: the look's negative. made: the stage to write, it or its print. recipe: of a negative, what its file is;
    of a print its suffix and size count. scenes: colors (n, 3) in the negative's primaries, by kind, for the loss.
    Raises LatticeError as `write.write`, and if the format does not hold densities as they are.
    """
    source = _source(negative)
    is_print = taken_density(made.provenance) is not None
    encoding = taken_density(made.provenance) or given_density(made.provenance)
    if encoding is None:
        raise LatticeError(f"{target}: expected a stage, got {made.name}")
    check_density(encoding, is_print, target)
    targets = write.names(target, 1 if is_print else 1 + recipe.is_split)
    write.check_free(targets, overwrite)
    p99 = 0.0
    if is_print:
        lists = [_print(made, recipe, encoding)]
        told = _seen(source, made, lists, scenes)
    else:
        lists = bake(source, recipe)
        told, p99 = _densities(source, recipe, lists, scenes, encoding)
    write.write(targets, [replace(each, provenance={**each.provenance, LOSS: told}) for each in lists], overwrite)
    facts = made.provenance
    takes = facts["takes"] if is_print else recipe.takes
    why = _lost_print(recipe) if is_print else lost(recipe, recipe.is_split)
    return [
        f"{' then '.join(map(str, targets))}: takes {takes}, gives {facts['output']}",
        f"densities {facts['densities']}",
        f"{recipe.size}^3 of the stage's SDev; against it, {told}",
        why,
        *(advice(recipe, source.primaries) if p99 > SEEN else []),
    ]


def check_density(encoding: Encoding, is_print: bool, target: Path) -> None:
    """Raise LatticeError, before any work, if a stage's densities are not held by the format of `target` so."""
    suffix = target.suffix.lower()
    if not encoding.is_code and (is_print or not FORMS[suffix].is_open):
        raise LatticeError(f"{target}: --density float: a LUT is of codes: leave it out, or take cineon")
    if suffix == ".3dl" and not is_print and float(encoding.encode(np.array(MOST_DENSITY))) <= HALF:
        raise LatticeError(
            f"{target}: a .3dl needs a value above {HALF}, for readers guess its bit depth, and {encoding.name} codes "
            "of film stay below: --density cineon"
        )


def _has_domain(suffix: str) -> bool:
    return suffix in WITH_DOMAIN or FORMS[suffix].shaper == "points"


def _lost_print(recipe: Recipe) -> str:
    ends = f"density below 0 and above {MOST_DENSITY} over clear film is held to these ends; "
    ends = ends if _has_domain(recipe.suffix) else ""
    return f"the loss: {ends}between {recipe.size} nodes a side it is straight, tetrahedral"


def _run(stage: AnySDev, values: Array) -> Array:
    nodes = listed_of(stage).nodes if isinstance(stage, SDev) else stage.nodes
    return process.run(nodes, np.ascontiguousarray(values.T)).T


def _source(negative: AnySDev) -> Source:
    facts = {key: fact for key, fact in negative.provenance.items() if key != "input"}
    straight = Display(1.0, np.eye(3), 1.0)
    primaries = negative.provenance["input"]
    return Negative(negative.name, primaries, lambda scene: _run(negative, scene), straight, "the stage's SDev", facts)


def _print(made: AnySDev, recipe: Recipe, encoding: Encoding) -> ProcessList:
    """Return the LUT of a print: over the densities of film where the format has a domain, else over all codes."""
    ends = encoding.encode(np.array([0.0, MOST_DENSITY])) if _has_domain(recipe.suffix) else np.array([0.0, 1.0])
    places = grid(np.linspace(ends[0], ends[1], recipe.size)).reshape(-1, 3)
    codes = _run(made, places).reshape((recipe.size,) * 3 + (3,))
    lut = Lut3D(np.clip(codes, 0, 1).astype(np.float32))
    facts = {**made.provenance, "nodes": f"{recipe.size}^3, for tetrahedral interpolation"}
    facts["made by"] = f"lattice {__version__}"
    return ProcessList(made.name, (*_domain(ends, recipe.suffix), lut), facts)


def _domain(ends: Array, suffix: str) -> tuple[Node, ...]:
    low, high = map(float, ends)
    if (low, high) == (0, 1):
        return ()
    if suffix in WITH_DOMAIN:
        matrix: Matrix = to_matrix([repr(low)] * 3, [repr(high)] * 3)
        return (matrix,)
    x, y = np.array([low, high]), np.array([0.0, 1.0])
    return (Knots((x, x, x), (y, y, y)),)


def _densities(
    source: Source, recipe: Recipe, lists: Sequence[ProcessList], scenes: Mapping[str, Array], encoding: Encoding
) -> tuple[str, float]:
    """Return how far densities are from the stage's, for people, and the 99th percentile of natural colors."""
    parts, p99 = [], {}
    for kind, scene in scenes.items():
        light = scene @ convert(source.primaries, recipe.primaries, recipe.space.adaptation).T
        given = np.ascontiguousarray((recipe.space.encode(light) if recipe.shaper == "none" else light).T)
        for each in lists:
            given = process.run(each.nodes, given)
        steps = np.abs(given.T - source.codes(scene)).max(axis=1) / encoding.scale
        p99[kind] = float(np.percentile(steps, 99))
        parts.append(f"{SHORT[kind]} {steps.mean():.4f}/{p99[kind]:.4f}/{steps.max():.4f}")
    return f"printing density mean/p99/max: {', '.join(parts)}", p99["natural"]


def _seen(source: Source, made: AnySDev, lists: Sequence[ProcessList], scenes: Mapping[str, Array]) -> str:
    """Return how far a print of the scenes' densities is from the stage's, for people."""
    parts = []
    for kind, scene in scenes.items():
        given = source.codes(scene)
        found = process.run(lists[0].nodes, np.ascontiguousarray(given.T)).T
        steps = between(found, _run(made, given), made.provenance)
        if steps is not None:
            parts.append(f"{SHORT[kind]} {'/'.join(f'{each:.2f}' for each in steps)}")
    return f"CIEDE2000 mean/p99/max: {', '.join(parts)}"
