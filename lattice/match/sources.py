"""Open what a match is fitted to, whatever it is: a LUT or a look, patches, a graded still beside its source."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from lattice.color import displays, inputs
from lattice.errors import LatticeError
from lattice.files.images.formats import suffixes
from lattice.files.luts.register import BY_SUFFIX
from lattice.files.measured.register import SUFFIXES, read
from lattice.looks import Profile, load_profile
from lattice.looks.display import DisplaySpec
from lattice.match.freedoms import START
from lattice.match.lut import of_lut
from lattice.match.patches import of_patches
from lattice.match.reference import Aim
from lattice.match.still import of_still
from lattice.sdev.load import AnySDev, load, load_lut


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
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        if white is not None or scale is not None:
            raise LatticeError(f"{name}: --white and --scale are of measured patches: leave them out")
        return of_lut(_lut(name, suffix, taken, display), Path(name).name)
    return Aim.of(of_patches(read(name), _display(first, display), taken or first.input, white, scale))


def _lut(name: str, suffix: str, taken: str | None, display: str | None) -> AnySDev:
    """Return a look or a LUT, one that is an image, too. Raises LatticeError if it is none, or a picture."""
    if suffix not in suffixes():
        return load(name, taken, display)
    if suffix in BY_SUFFIX:
        with suppress(LatticeError):
            return load_lut(name, taken, display)
    raise LatticeError(
        f"{name}: expected a LUT, a look or measured patches, got a picture: --source PLATE --target {name} takes "
        "it, with the ungraded picture beside it"
    )


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
