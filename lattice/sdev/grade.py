"""A colorist's grade between negative and print: an ASC CDL on printing density.

The CDL acts on printing density in Cineon codes, clear film at 95 / 1023 and 500 / 1023 for each unit of density: slope
is contrast, offset printer light (a point is 0.025 of density, an offset of 0.01222), and nothing is held to [0, 1]
before the print's own ends.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from lattice.errors import LatticeError
from lattice.files import clf
from lattice.files.luts import clf_read, register
from lattice.interp import process
from lattice.process_list import Cdl
from lattice.sdev.density import ENCODINGS, STAGE, Encoding, taken_density
from lattice.sdev.load import AnySDev
from lattice.sdev.lut import Lut
from lattice.sdev.relight import profile_of
from lattice.sdev.stages import coordinates, densities_of, split_nodes
from lattice.types import Array, FilmStage, Step

GRADE = "grade"  # the fact of an SDev with a grade
FINER = 3  # times as many entries: the old ones are among them
SUFFIXES = (".cdl", ".cc", ".ccc")
_THREE = r"(\S+) (\S+) (\S+)"
_TEXT = re.compile(rf"slope {_THREE} offset {_THREE} power {_THREE} saturation (\S+)")


def grade_text(given: object) -> str:
    """Return a CDL as text, `slope 1 1 1 offset 0 0 0 power 1 1 1 saturation 1`: the same text for the same numbers.

    given: the path of a .cdl, .cc or .ccc, with `@id` where it holds several, or such a text. Raises LatticeError, with
    the path, for anything else.
    """
    if not isinstance(given, str):
        raise LatticeError(f"grade: expected the path of a .cdl, .cc or .ccc, got {given!r:.60}")
    return _text(_parsed(given) if _TEXT.fullmatch(given) else _read(given))


def is_correction(given: object) -> bool:
    """True if a grade is named by its file, with `@id` or without, and not given as text."""
    return isinstance(given, str) and register.split(given)[0].suffix.lower() in SUFFIXES


def with_grade(sdev: AnySDev, text: str) -> AnySDev:
    """Return what shows the same look with a grade between its negative and its print. text: of `grade_text`.

    An SDev where no channel takes another before the lattice, as in a film-out under a CDL without saturation; else a
    Lut, which a GPU does not run. One that has this grade, or a CDL that changes nothing, leaves it as it is.
    A print takes the grade before it, as a Lut; a negative takes none.
    Raises LatticeError if the look is not known whole, as in a CLF that another version built, or has another grade.
    """
    correction = _parsed(text)
    if text == _text(Cdl(is_clamped=False)) or sdev.provenance.get(GRADE) == text:
        return sdev
    taken = taken_density(sdev.provenance)
    if taken is not None and GRADE not in sdev.provenance:
        return _before_print(sdev, taken, correction, text)
    if GRADE in sdev.provenance or STAGE in sdev.provenance:
        what = "graded already" if GRADE in sdev.provenance else f"the {sdev.provenance[STAGE]} alone"
        raise LatticeError(f"{sdev.name}: grade: expected a whole look without a grade, got one that is {what}")
    profile = profile_of(sdev)
    if profile is None or isinstance(sdev, Lut):
        raise LatticeError(
            f"{sdev.name}: grade: needs a look that can be cut in two, a name or a profile .toml; this one is a LUT, "
            "or of another version of lattice, or its nodes are sampled"
        )
    seen, facts = densities_of(profile), {**sdev.provenance, GRADE: text}
    if not seen.rounds and correction.saturation == 1 and isinstance(sdev.table, FilmStage):
        *others, last = sdev.table.steps
        fine = np.linspace(0, 1, FINER * (len(seen.stops) - 1) + 1)
        coarse, u = np.linspace(0, 1, len(seen.stops)), coordinates(sdev, seen)
        layers = np.stack([np.interp(fine, coarse, seen.layers[:, k]) for k in range(3)], axis=-1)
        graded = _graded(correction, layers)
        curves = np.stack([np.interp(graded[:, k], seen.layers[:, k], u[:, k]) for k in range(3)])
        stage = replace(sdev.table, steps=(*others, Step(last.matrix, curves.astype(np.float32))))
        return replace(sdev, table=stage, provenance=facts)
    to_density, to_lattice, rest = split_nodes(sdev, seen)
    code = ENCODINGS["cineon"]
    return Lut(sdev.name, (*to_density, code.coding(), correction, code.decoding(), *to_lattice, *rest), facts)


def _before_print(sdev: AnySDev, taken: Encoding, correction: Cdl, text: str) -> Lut:
    """Return a print that grades the densities that it takes."""
    nodes = sdev.nodes if isinstance(sdev, Lut) else clf_read.parse(clf.to_xml(sdev).encode()).nodes
    code = ENCODINGS["cineon"]
    recoded = [] if taken is code else [taken.decoding(), code.coding()]
    back = [] if taken is code else [code.decoding(), taken.coding()]
    return Lut(sdev.name, (*recoded, correction, *back, *nodes), {**sdev.provenance, GRADE: text})


def _graded(correction: Cdl, densities: Array) -> Array:
    """Return densities (n, 3) under a CDL."""
    code = ENCODINGS["cineon"]
    return process.run((code.coding(), correction, code.decoding()), np.ascontiguousarray(densities.T)).T


def _text(correction: Cdl) -> str:
    rows = ((name, getattr(correction, name)) for name in ("slope", "offset", "power"))
    words = " ".join(f"{name} " + " ".join(f"{value:.9g}" for value in row) for name, row in rows)
    return f"{words} saturation {correction.saturation:.9g}"


def _parsed(text: str) -> Cdl:
    found = _TEXT.fullmatch(text)
    try:
        numbers = [float(word) for word in found.groups()] if found else []
        slope, offset, power = (np.array(numbers[3 * k : 3 * k + 3]) for k in range(3))
        return Cdl(slope, offset, power, numbers[9], is_clamped=False)
    except (ValueError, IndexError) as error:
        raise LatticeError(f"grade: expected slope, offset, power, saturation, got {text!r:.60}: {error}") from None


def _read(given: str) -> Cdl:
    """Return the correction of `path` or `path@id`."""
    if not is_correction(given):
        raise LatticeError(f"grade: expected the path of a .cdl, .cc or .ccc, as in x.ccc@id, got {given!r:.60}")
    path, name = register.split(given)
    node = register.read(path, name).nodes[0]
    assert isinstance(node, Cdl)
    return node
