"""Export a look: sample it, write it, measure what was written."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lattice.export import write
from lattice.export.bake import Source, bake
from lattice.export.bake import split as in_two
from lattice.export.loss import LOSS, Loss, measure, told
from lattice.export.recipe import HALD_SIZE, HALDS, LOG, Recipe
from lattice.files.luts import register
from lattice.process_list import ProcessList
from lattice.types import Array, LatticeError

LARGER = 65  # nodes a side, that lose less
SEEN = 2.0  # CIEDE2000 of the 99th percentile that a message warns from


def export(
    source: Source, scenes: dict[str, Array], recipe: Recipe, target: Path, split: bool = False, overwrite: bool = False
) -> list[str]:
    """Write a look as a LUT file, or as two; return what is said of it, in lines.

    scenes: colors (n, 3) in the source's primaries, by kind, that the loss is measured on; it is written into the file.
    split: the shaper in a file of its own. Raises LatticeError as `write.write` does, before the work where it can.
    """
    if split and recipe.shaper == "none":
        raise LatticeError(f"{target}: --split is for linear light, and this file takes codes without a shaper")
    is_split = recipe.is_split or (split and recipe.shaper != "none")
    _check_host(recipe, is_split, target)
    targets = write.names(target, 1 + is_split)
    write.check_free(targets, overwrite)
    lists = bake(source, recipe)
    if len(lists) < len(targets):
        lists = in_two(lists[0])
    losses = measure(source, recipe, _as_held(recipe, lists, targets), scenes)
    write.write(targets, [_noted(each, losses) for each in lists], overwrite)
    return _report(source, recipe, targets, losses)


def _check_host(recipe: Recipe, is_split: bool, target: Path) -> None:
    """Raise LatticeError if the program does not take the shaper as it is asked for."""
    kind = recipe.kind(is_split)
    if recipe.program is not None and kind not in recipe.program.steps:
        asked = "--split: leave it out" if is_split else "--input: leave it out"
        raise LatticeError(f"{target}: {recipe.host} does not take a LUT of {asked}")


def _as_held(recipe: Recipe, lists: Sequence[ProcessList], targets: Sequence[Path]) -> list[ProcessList]:
    """Return the lists with the rounding of their format and the interpolation of the program."""
    method = recipe.method(len(targets) > 1)
    if recipe.is_open:  # which holds numbers as they are
        return [each.with_interpolation(method) for each in lists]
    pairs = zip(lists, targets, strict=True)
    return [register.parsed(register.text_of(each, path), path).with_interpolation(method) for each, path in pairs]


def _noted(listed: ProcessList, losses: dict[str, Loss]) -> ProcessList:
    return replace(listed, provenance={**listed.provenance, LOSS: told(losses)})


def _report(source: Source, recipe: Recipe, targets: Sequence[Path], losses: dict[str, Loss]) -> list[str]:
    named, gives = " then ".join(map(str, targets)), source.facts.get("output", "codes of an unknown display")
    lines = [
        f"{named}: takes {recipe.takes}, gives {gives}",
        f"{recipe.size}^3 of {source.nodes}; against it, {told(losses)}",
        lost(recipe, len(targets) > 1),
        *(advice(recipe, source.primaries) if losses["natural"].p99 > SEEN else []),
    ]
    if recipe.program is not None:
        words = {"curve": recipe.space.name, "primaries": recipe.primaries, "gives": gives, "size": f"{recipe.size}"}
        lines += recipe.program.told(recipe.kind(len(targets) > 1), targets, words)
    return lines


def advice(recipe: Recipe, own: str) -> list[str]:
    """Return what loses less, in one line, where a LUT converts other primaries into a look's own; else no line."""
    program, ways = recipe.program, []
    if program is None or not program.is_fixed:
        curve = shlex.quote(f"{LOG.partition('/')[0]}/{own}")
        ways.append(f"convert them in the program, and take a LUT of --input {curve}")
    larger = program.size if program else HALD_SIZE if recipe.suffix in HALDS else LARGER
    if recipe.size < larger:
        ways.append(f"--size {larger}")
    if recipe.primaries == own or not ways:
        return []
    return [f"{recipe.primaries} primaries inside a LUT cost most of this: {', or '.join(ways)}"]


def lost(recipe: Recipe, is_split: bool) -> str:
    """Return why a LUT is not the look, in one line. is_split: the shaper is in a file of its own."""
    low, high = recipe.ends
    ends = "held to these ends" if recipe.shaper != "none" else "held to these ends, its codes 0 and 1"
    rounded = "; it is rounded to 8 bits" if recipe.program and recipe.program.layout == "strip" else ""
    return (
        f"the loss: light below {low:.3g} and above {high:.4g} is {ends}; between {recipe.size} nodes a side it is "
        f"straight, {recipe.method(is_split)}{rounded}"
    )
