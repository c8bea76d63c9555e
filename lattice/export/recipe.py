"""Which LUT a file of a suffix holds for which program: its input, its shaper, its size."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from pathlib import Path
from typing import Literal

import numpy as np

from lattice.choices import Interpolation
from lattice.color.inputs import InputSpace
from lattice.color.inputs import spaces as spaces
from lattice.errors import LatticeError, did_you_mean
from lattice.export.hosts import Host, Kind, hosts
from lattice.files.luts.register import BY_SUFFIX
from lattice.types import MID_GRAY

Shaper = Literal["none", "uniform", "points"]
LOG, PICTURE, LINEAR = "LogC3/Rec.709", "sRGB", "Rec.709"
USUAL_SIZE, LARGEST_SIZE = 33, 129
HALDS, HALD_SIZE = (".png", ".tif", ".tiff"), 64  # whose sizes are squares; level 8
BRIGHTEST = MID_GRAY * 2.0**8  # where the shaper ends: no look changes above it
POINTS = 4096  # of an uneven shaper: RV's limit. Source: RV, User's Manual
ENTRIES = 16384  # of an even one: with fewer the dark is lost


@dataclass(frozen=True)
class Form:
    """What a format holds of a look. shaper: before its lattice. is_open: numbers below 0 and above 1."""

    shaper: Shaper = "none"
    is_open: bool = True


FORMS = {
    ".cube": Form("uniform"),
    ".csp": Form("points"),
    ".spi3d": Form("uniform"),  # in a .spi1d beside it
    ".lut": Form("uniform"),
    ".3dl": Form(is_open=False),
    ".vf": Form(),
    ".cub": Form(),
    ".itx": Form(),
    ".m3d": Form(is_open=False),
    **{suffix: Form(is_open=False) for suffix in HALDS},
    ".icc": Form(is_open=False),
}


@dataclass(frozen=True)
class Recipe:
    """What is written. space: the input whose numbers the file takes. primaries: theirs. shaper: "none" takes codes."""

    suffix: str
    size: int
    space: InputSpace
    primaries: str
    shaper: Shaper
    is_open: bool
    host: str | None = None

    @property
    def program(self) -> Host | None:
        """The program that it is for."""
        return hosts().get(self.host or "")

    def method(self, is_split: bool) -> Interpolation:
        """How colors between its nodes are found. is_split: the shaper is in a file of its own."""
        return "tetrahedral" if self.program is None else self.program.method(self.kind(is_split))

    @property
    def is_split(self) -> bool:
        """True if the shaper must be in a file of its own."""
        return self.shaper != "none" and (
            self.suffix == ".spi3d" or (self.program is not None and self.program.shaper == "apart")
        )

    def kind(self, is_split: bool) -> Kind:
        """What its files hold. is_split: the shaper is in a file of its own."""
        return "codes" if self.shaper == "none" else "split" if is_split else "light"

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the most light that its file tells apart."""
        if self.shaper != "none":
            return 0.0, BRIGHTEST
        return float(self.space.decode(np.zeros(3)).min()), float(self.space.decode(np.ones(3)).max())

    @property
    def takes(self) -> str:
        """What the file takes, for people."""
        if self.shaper == "none":
            return f"{self.space.name} codes, {self.primaries} primaries"
        return f"linear light, {self.primaries} primaries, 0 to {BRIGHTEST:g}"


def is_exact(suffix: str) -> bool:
    """True if files of a suffix hold an SDev as it is."""
    return suffix in (".clf", ".ctf")


def check_suffix(target: Path, host: str | None) -> None:
    """Check what a file is to be, before any work. Raises LatticeError, with what may be typed, if a look is not
    written so, or the program does not read it."""
    suffix = target.suffix.lower()
    known = [".clf", ".ctf", *FORMS]
    if suffix not in known or (suffix in FORMS and suffix not in BY_SUFFIX):
        near = did_you_mean(suffix, known)
        raise LatticeError(f"{target}: expected a name ending in {', '.join(known)}{near}; lattice luts lists all")
    if host is None:
        return
    if host not in hosts():
        raise LatticeError(f"for: expected {', '.join(hosts())}, got {host!r:.40}{did_you_mean(host, hosts())}")
    if suffix not in hosts()[host].suffixes:
        raise LatticeError(f"{target}: for {host}: expected a name ending in {' or '.join(hosts()[host].suffixes)}")


def choose(suffix: str, host: str | None, asked: str | None, size: int | None, own: str) -> Recipe:
    """Return what is written into a file of this suffix.

    host: a key of `hosts`. asked: the input, as in `spaces`; None for the host's, or else the linear light of `own`
    primaries. size: None for the host's, or else 33. Raises LatticeError for a size that no format holds, for
    linear light where the format has no shaper, and for an input that the program's steps are not of.
    """
    form, program = FORMS[suffix], hosts().get(host or "")
    if size is None:
        size = program.size if program else HALD_SIZE if suffix in HALDS else USUAL_SIZE
    if not 2 <= size <= LARGEST_SIZE:
        raise LatticeError(f"size: expected 2 to {LARGEST_SIZE} nodes along a side, got {size}")
    is_hald = suffix in HALDS and (program is None or program.layout == "Hald")
    if is_hald and isqrt(size) ** 2 != size:
        raise LatticeError(f"size: a Hald image holds 4, 9, 16, 25 ... 121 nodes along a side, got {size}")
    space, primaries = spaces(asked or (program.input if program and program.input else own))
    shaper: Shaper = "none" if space.is_encoded else form.shaper
    if not space.is_encoded and shaper == "none":
        raise LatticeError(
            f"input: a {suffix} takes codes from 0 to 1, not linear light: --input {LOG} for codes of a log curve, "
            f"--input {PICTURE} for pictures"
        )
    if shaper != "none" and program is not None and program.shaper == "none":
        raise LatticeError(
            f"input: {host} takes codes from 0 to 1, not linear light: leave out --input, or name a curve"
        )
    if program is not None and program.is_fixed and (space, primaries) != spaces(program.input or own):
        raise LatticeError(f"input: {host} is given {program.input} alone: leave out --input or --for")
    return Recipe(suffix, size, space, primaries, shaper, form.is_open, host)
