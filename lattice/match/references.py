"""Open what a match is fitted to, whatever it is: a LUT or a look, patches, a graded still beside its source."""

from __future__ import annotations

from pathlib import Path

from lattice.color import displays, inputs
from lattice.files.measured.register import SUFFIXES, read
from lattice.looks import Profile
from lattice.looks.display import DisplaySpec
from lattice.match.lut import of_lut
from lattice.match.patches import of_patches
from lattice.match.reference import Reference
from lattice.sdev.load import load


def references(
    name: str,
    start: Profile,
    taken: str | None = None,
    display: str | None = None,
    white: str | None = None,
    scale: float | None = None,
) -> tuple[Reference, Reference]:
    """Return a file or a look as a reference, and the colors that measure a match: others of a LUT, the same of
    patches.

    name: of a file of patches, else as `lattice.load` takes it. start: of the match. taken: what a LUT takes or what
    the RGB of patches are, as `lattice inputs` lists; what the file says, or the start's input, unless given. display:
    whose codes a LUT gives, or whose light was measured; what the file says, or the start's, unless given. white,
    scale: of patches, as `of_patches` takes them.
    Raises LatticeError if the file is absent or malformed, or is no reference.
    """
    if taken is not None:
        inputs.find(taken)
    shown = None if display is None else displays.find(display)
    if Path(name).suffix.lower() not in SUFFIXES:
        return of_lut(load(name, taken, display))
    spec = start.display if shown is None else DisplaySpec(primaries=shown.primaries, gamma=shown.gamma)
    found = of_patches(read(name), spec, taken or start.input, white, scale)
    return found, found
