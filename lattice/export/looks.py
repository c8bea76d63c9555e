"""Export a look: sample it, write it, measure what was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lattice.export import write
from lattice.export.bake import Source, bake
from lattice.export.bake import split as in_two
from lattice.export.loss import Loss, measure, told
from lattice.export.recipe import HOSTS, LOG, Recipe
from lattice.process_list import ProcessList
from lattice.types import Array, LatticeError

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
    targets = write.names(target, 1 + is_split)
    write.check_free(targets, overwrite)
    lists = bake(source, recipe)
    if len(lists) < len(targets):
        lists = in_two(lists[0])
    losses = measure(source, recipe, lists, scenes)
    write.write(targets, [_noted(each, losses) for each in lists], overwrite)
    return _report(source, recipe, targets, losses)


def _noted(listed: ProcessList, losses: dict[str, Loss]) -> ProcessList:
    return replace(listed, provenance={**listed.provenance, "loss": told(losses)})


def _report(source: Source, recipe: Recipe, targets: Sequence[Path], losses: dict[str, Loss]) -> list[str]:
    named = " then ".join(map(str, targets))
    lines = [
        f"{named}: takes {recipe.takes}, gives {source.facts.get('output', 'codes of an unknown display')}",
        f"{recipe.size}^3 of {source.nodes}; against it, {told(losses)}",
    ]
    if recipe.host is not None:
        lines.append(f"in {recipe.host}: {HOSTS[recipe.host].needs}")
    if recipe.primaries != source.primaries and losses["natural"].p99 > SEEN:
        lines.append(
            f"{recipe.primaries} primaries inside a LUT cost most of this: convert them in the program, and take a LUT "
            f"of --input {LOG}, or --size 65"
        )
    return lines
