"""What a LUT file takes and gives: as the file says it, or as its user does, who comes first."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from lattice.color import displays
from lattice.color.displays import OUTPUT_WHITE, Shown, display_in, shown_white
from lattice.color.gamuts import PRIMARIES
from lattice.color.inputs import find, spaces
from lattice.color.primaries import REC709, rgb_to_xyz
from lattice.errors import LatticeWarning
from lattice.process_list import Lut1D, Node, ProcessList
from lattice.sdev.asked import told_display
from lattice.sdev.density import DENSITY, ENCODINGS, OF_STAGE, STAGE
from lattice.types import MOST_NITS, LatticeError, Table, held_halves

INPUT, TAKES, GIVES, OUTPUT = "input", "takes", "gives", "output"
NUMBERS = "numbers"  # the fact of a LUT file that was told what its numbers are, though it takes light now
OF_CODES = re.compile(r"(.+) codes, (.+) primaries")  # as `lattice build` writes it
FOR_PEOPLE = ("linear light", "printing density", "what the")  # begin words that no name of an input is in
Facts = Mapping[str, str]


def known(told: Facts, path: Path) -> dict[str, str]:
    """Return the facts of a file without those that name what lattice does not know; a LatticeWarning says which.

    Facts are comments, and those of another hand must not break a LUT. A display that is told by its name alone gets
    its numbers.
    """
    facts = {**told, **_numbers(told)}
    for names, check in CHECKS.items():
        try:
            check(facts)
        except LatticeError as error:
            _warn(f"{path}: its fact {names[0]!r} is left out: {error}")
            facts = {name: fact for name, fact in facts.items() if name not in names}
    return facts


def _check_input(facts: Facts) -> None:
    told = facts.get(INPUT, REC709.name)
    try:
        rgb_to_xyz(told if told[:1].isalpha() else told.split())
    except LatticeError:
        raise LatticeError(f"expected primaries, such as ACEScg, got {told!r:.40}") from None


def _check_takes(facts: Facts) -> None:
    told = facts.get(TAKES, "")
    if told and not told.startswith(FOR_PEOPLE):
        find(_name_in(told))


def _numbers(facts: Facts) -> Facts:
    """Return the facts of an output that is a display's name, "rec1886", or its words, "Rec.709 2.4"; none of another,
    and where its chromaticities are told."""
    told = facts.get(OUTPUT)
    if told is None or "output_chromaticities" in facts:
        return {}
    with suppress(LatticeError):
        return displays.output_facts(displays.find(told).shown)
    primaries, display = told.rpartition(" ")[0], told_display(facts)
    if primaries not in PRIMARIES or display is None:
        return {}
    return displays.output_facts(Shown(primaries, display.gamma, display.peak if display.gamma in MOST_NITS else None))


def _check_output(facts: Facts) -> None:
    told = facts.get(OUTPUT)
    if told is not None and told.startswith("printing density") and facts.get(STAGE) == "negative":
        return
    found = display_in(facts)
    if found is not None:
        rgb_to_xyz(found[0])
        shown_white(*found)
    if told is not None and (found is None or told_display(facts) is None):
        raise LatticeError(f"expected a display, such as rec1886, got {told!r:.40}; lattice displays lists all")


def _check_gives(facts: Facts) -> None:
    told = facts.get(GIVES, "")
    if told and not told.startswith(FOR_PEOPLE):
        displays.find(told)


def _check_stage(facts: Facts) -> None:
    if STAGE in facts and (facts[STAGE] not in ("negative", "print") or facts.get(DENSITY) not in ENCODINGS):
        raise LatticeError(f"expected negative or print, and {', '.join(ENCODINGS)}, got {facts[STAGE]!r:.40}")


CHECKS: Mapping[tuple[str, ...], Callable[[Facts], None]] = {
    OF_STAGE: _check_stage,  # first, for a negative gives no codes of a display
    (INPUT,): _check_input,
    (TAKES,): _check_takes,
    (OUTPUT, "output_chromaticities", OUTPUT_WHITE): _check_output,
    (GIVES,): _check_gives,
}


def _name_in(told: str) -> str:
    found = OF_CODES.fullmatch(told)
    return f"{found[1]}/{found[2]}" if found else told


def told_takes(facts: Facts) -> str | None:
    """Return the name of the input whose numbers a file says that it takes; None if it says none, or if it says that it
    takes light already. facts: of `known`."""
    told = facts.get(TAKES, "")
    if INPUT in facts or not told or told.startswith(FOR_PEOPLE):
        return None
    name = _name_in(told)
    return None if find(name).adx_bits is not None else name  # whose codes are not made of light


def told_gives(facts: Facts) -> str | None:
    """Return the name of the display that a file says in words of `--display`; None if it says none, or in numbers.
    facts: of `known`."""
    told = facts.get(GIVES, "")
    return None if OUTPUT in facts or not told or told.startswith(FOR_PEOPLE) else told


def check_asked(takes: object, gives: object) -> None:
    """Raise LatticeError unless takes is the name of an input and gives that of a display, or None."""
    for field, asked, such_as, find_it in (("takes", takes, "LogC3", find), ("gives", gives, "rec1886", displays.find)):
        if isinstance(asked, str):
            find_it(asked)
        elif asked is not None:
            raise LatticeError(f"{field}: expected a name, such as {such_as!r}, got {asked!r:.60}")


def taking(listed: ProcessList, takes: str) -> ProcessList:
    """Return a list that takes linear light where the given one takes codes.

    takes: the input of these codes: "LogC3", or "LogC3/Rec.709" for a curve over other primaries; of light, the list
    stays as it is. A LatticeWarning says if the file says that it takes anything else. Raises LatticeError for an
    unknown input, and for one whose codes cannot be made of light here.
    """
    space, primaries = spaces(takes)
    asked = f"{space.name} codes, {primaries} primaries" if space.is_encoded else f"linear {primaries}"
    told = _told(listed.provenance)
    if told is not None and told != asked:
        _warn(f"{listed.name}: the file says that it takes {told}; it is taken to take {asked}, as asked")
    kept = _without_stage(listed.provenance, "print")
    facts = {**kept, INPUT: primaries, TAKES: f"linear light, {primaries} primaries", NUMBERS: asked}
    if not space.is_encoded:
        return replace(listed, provenance=facts)
    held = held_halves()
    with np.errstate(invalid="ignore", divide="ignore"):  # of light below a curve that begins above it
        codes = space.encode(held)
    is_code = np.isfinite(codes)
    codes = np.where(is_code, codes, codes[is_code][np.argmin(held[is_code])])
    entries = np.repeat(codes.astype(np.float32)[:, None], 3, axis=1)
    rest = listed.nodes[1:] if listed.nodes and _is_identity(listed.nodes[0]) else listed.nodes
    return replace(listed, nodes=(Lut1D(entries, half_domain=True), *rest), provenance=facts)


def _is_identity(node: Node) -> bool:
    """True of the table of an SDev that takes codes; before it a curve would make no SDev."""
    return isinstance(node, Lut1D) and node.half_domain and np.array_equal(node.entries, Table.identity().values)


def _told(facts: Facts) -> str | None:
    """Return what a file says that it takes, in the words of `taking`; None if it does not say."""
    if INPUT in facts:
        return f"linear {facts[INPUT]}"
    told = facts.get(TAKES)
    with suppress(LatticeError):
        space, primaries = spaces(_name_in(told or ""))
        return f"{space.name} codes, {primaries} primaries" if space.is_encoded else f"linear {primaries}"
    return told


def _without_stage(facts: Facts, stage: str) -> Facts:
    """Return facts without those of a stage, whose densities are told to be something else."""
    dropped = OF_STAGE if facts.get(STAGE) == stage else ()
    return {key: fact for key, fact in facts.items() if key not in dropped}


def giving(listed: ProcessList, display: str) -> ProcessList:
    """Return a list that says that it gives codes of this display. A LatticeWarning says if the list says that it gives
    another's. Raises LatticeError for an unknown one."""
    found = displays.find(display)
    facts = displays.output_facts(found.shown)
    said = listed.provenance.get(OUTPUT) or told_gives(listed.provenance)
    with suppress(LatticeError):  # of the words of an output
        said = displays.output_facts(displays.find(said or display).shown)[OUTPUT]
    if said is not None and said != facts[OUTPUT]:
        _warn(f"{listed.name}: the file says that it gives codes for {said}; they are taken for {facts[OUTPUT]}")
    given = _without_stage(listed.provenance, "negative")
    kept = {key: fact for key, fact in given.items() if key not in (GIVES, OUTPUT_WHITE)}
    return replace(listed, provenance={**kept, **facts, GIVES: found.name})


def _warn(text: str) -> None:
    warnings.warn(text, LatticeWarning, stacklevel=3)
