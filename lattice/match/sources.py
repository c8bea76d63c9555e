"""Open what a match is fitted to, whatever it is: a LUT or a look, patches, a graded still beside its source."""

from __future__ import annotations

import os
from pathlib import Path

from lattice.color import displays, inputs
from lattice.files.measured.register import SUFFIXES, read
from lattice.looks import Profile, load_profile
from lattice.looks.display import DisplaySpec
from lattice.match.freedoms import START
from lattice.match.lut import of_lut
from lattice.match.patches import of_patches
from lattice.match.reference import Aim
from lattice.match.still import of_still
from lattice.sdev.load import load


def references(
    name: str,
    start: Profile | str = START,
    taken: str | None = None,
    display: str | None = None,
    white: str | None = None,
    scale: float | None = None,
) -> Aim:
    """Return a file or a look as what a match aims at.

    name: of a file of patches, else as `lattice.load` takes it. start: of the match. taken: what a LUT takes or what
    the RGB of patches are, as `lattice inputs` lists; what the file says, or the start's input, unless given. display:
    whose codes a LUT gives, or whose light was measured; what the file says, or the start's, unless given. white,
    scale: of patches, as `of_patches` takes them.
    Raises LatticeError if the file is absent or malformed, or is no reference.
    """
    first = load_profile(start) if isinstance(start, str) else start
    if taken is not None:
        inputs.find(taken)
    if Path(name).suffix.lower() not in SUFFIXES:
        return of_lut(load(name, taken, display), Path(name).name)
    return Aim.of(of_patches(read(name), _display(first, display), taken or first.input, white, scale))


def graded_still(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    start: Profile | str = START,
    taken: str | None = None,
    display: str | None = None,
) -> Aim:
    """Return a graded still beside its ungraded plate as what a match aims at. Arguments as in `references` and
    `of_still`, errors as there."""
    first = load_profile(start) if isinstance(start, str) else start
    return Aim.of(*of_still(source, target, taken, _display(first, display)))


def _display(start: Profile, name: str | None) -> DisplaySpec:
    return start.display if name is None else start.replace(display=displays.find(name).name).display
