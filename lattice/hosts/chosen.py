"""Which SDevs a config gets: by name, refitted for tetrahedra, which hosts fetch without a filter; and by shot."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from lattice.choices import Interpolation
from lattice.color.gamuts import Adaptation
from lattice.errors import LatticeError
from lattice.files.luts import register
from lattice.files.ocio import prints
from lattice.looks import Profile, load_profile
from lattice.regrade.frame.session import as_asked
from lattice.regrade.options import Options
from lattice.regrade.show import table
from lattice.sdev import SDev
from lattice.sdev.asked import to_light
from lattice.sdev.load import LOADED, AnySDev, check_among, is_lut, load_among, load_built, look_name, only_sdev

SHOT = "SHOT"  # the context variable
SHOWN = "sRGB"  # a config brings the light of this display to any other
TAKEN = "Rec.709"
ADAPTATION: Adaptation = "Bradford"  # of D60's white: configs of ACES take it so
FITTED: Interpolation = "tetrahedral"
MOST_SHOTS = 1000  # each takes about 1 MB on disk
SHOT_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,79}", re.ASCII)  # a folder, a file, and the value of a variable


@dataclass(frozen=True)
class LutsTold:
    """What the LUT files among the looks take and give, as in `lattice.load`."""

    takes: str | None = None
    gives: str | None = None


NONE_TOLD = LutsTold()  # each says it itself


def profile_of(name: str) -> Profile | None:
    """Return the profile of a look's name or .toml, its nodes to be fitted for tetrahedra; None for a LUT file."""
    return None if is_lut(name) else load_profile(look_name(name), LOADED).replace(interpolation=FITTED)


def check_names(names: Sequence[str], told: LutsTold = NONE_TOLD) -> None:
    """Raise LatticeError unless every name is a look's, a .toml, or a LUT file that a config can take; builds
    nothing."""
    check_among(names, told.takes, told.gives)
    for name in names:
        if profile_of(name) is None:
            sdev_of(name, told, names)


def sdev_of(name: str, told: LutsTold = NONE_TOLD, names: Sequence[str] = ()) -> SDev:
    """Return the SDev of a look's name, a .toml or a LUT file, as a config takes it: see `ready`. names: of all."""
    profile = profile_of(name)
    if profile is None:
        return ready(only_sdev(load_among(name, told.takes, told.gives, names)))
    return ready(load_built(profile))


def named(name: str, sdev: SDev, taken: Collection[str], asked: Iterable[str]) -> SDev:
    """Return an SDev by a name that no other has and that a config takes: its own, or else the stem of its LUT file.

    taken: names of other SDevs. asked: all that are asked for; looks keep their names. Raises LatticeError, with what
    to type, if neither will do.
    """
    if not is_lut(name):
        known, ways = [sdev.name], "another name in its .toml"
    else:
        known, ways = [sdev.name, register.split(name)[0].stem], f"lattice convert {name} NEW.clf --name NAME"
        taken = [*taken, *(profile.name for profile in map(profile_of, asked) if profile is not None)]
    for each in known:
        if each not in taken and prints.is_name(each):
            return sdev if each == sdev.name else replace(sdev, name=each)
    wrong = "is taken" if sdev.name in taken else f"is refused ({prints.NAMES})"
    raise LatticeError(f"--sdev {name}: its name {sdev.name[: prints.MOST_LETTERS]!r} {wrong}: {ways} gives another")


def ready(sdev: SDev) -> SDev:
    """Return an SDev that takes linear Rec.709 and gives codes of sRGB, whatever it took and gave.

    Raises LatticeError if its input or its display is not known, or its nodes hold codes.
    """
    if sdev.holds_codes:
        raise LatticeError(
            f"{sdev.name}: its nodes hold codes for {sdev.provenance['output']}, and a config takes light: "
            f"{to_light(sdev)}"
        )
    return sdev.with_display(SHOWN).with_input(TAKEN, ADAPTATION)


def of_shots(path: str | os.PathLike[str]) -> Mapping[str, SDev]:
    """Return the SDev of every shot of a table, by the shot's name: its look with its printer lights and exposure.

    What a shot takes and is shown on is the config's to say. Raises LatticeError as `table.read`, with the shot if its
    look is refused, and for a name that is no folder's.
    """
    found: dict[str, SDev] = {}
    folded: dict[str, str] = {}

    @cache
    def built(look: tuple[str, str | None, str | None]) -> SDev:
        check_among(look[:1], *look[1:])
        return sdev_of(look[0], LutsTold(*look[1:]))

    rows = table.read(path)
    if len(rows) > MOST_SHOTS:
        raise LatticeError(f"{Path(path)}: a config takes at most {MOST_SHOTS:,} shots, got {len(rows):,}")
    for shot in rows:
        where = f"{Path(path)}: shot {shot.name}"
        if not SHOT_NAME.fullmatch(shot.name):
            raise LatticeError(f"{where}: a config takes names of letters, digits, _, - and . alone; rename it")
        if shot.name.casefold() in folded:
            raise LatticeError(
                f"{where}: expected a name that differs from {folded[shot.name.casefold()]} by more than its case"
            )
        folded[shot.name.casefold()] = shot.name
        try:
            asked = Options(printer_lights=shot.options.printer_lights, grade=shot.options.grade)
            lit = _one_sdev(as_asked(built(shot.look), asked))
        except LatticeError as error:
            raise LatticeError(f"{where}: {error}") from None
        found[shot.name] = lit.with_exposure(shot.options.exposure)
    return found


def _one_sdev(lit: AnySDev) -> SDev:
    """Return a shot's look where it is one SDev still. Raises LatticeError for a grade that mixes channels."""
    if isinstance(lit, SDev):
        return lit
    raise LatticeError(
        f"grade: {lit.name} is no single SDev under it, which a config takes: a film-out is, under a CDL whose "
        "saturation is 1; grade this one by lattice regrade"
    )
