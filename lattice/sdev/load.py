"""Load an SDev by name or file; a profile is built once, and the result cached.

A look that is kept is found by the bytes of its files, before records, film science and the formats of LUT files are
imported, which takes longer than a frame does.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args, overload

from lattice.cache import Shelf
from lattice.choices import DensityName, StageName
from lattice.errors import LatticeError, LatticeWarning, did_you_mean
from lattice.files.storage.atomic import path_text
from lattice.files.storage.read import read_bytes
from lattice.looks.digest import builder_digest, look_digest
from lattice.sdev.density import encoding_of
from lattice.sdev.device import SDev
from lattice.sdev.lut import AnySDev as AnySDev
from lattice.sdev.lut import Lut
from lattice.sdev.raw import FORMAT, from_bytes, to_bytes

if TYPE_CHECKING:
    from lattice.looks import Profile


PROFILE, LOADED = ".toml", ".toml or .clf or .cube"  # LOADED: of what no look's name is, for people
LOOKS = Shelf("looks", most=64)  # built SDevs by their profiles' values, 70 KB to 800 KB each
NAMED = Shelf("named", most=64)  # the same, on their displays, by the bytes of their files


@overload
def load(name: Profile) -> SDev: ...
@overload
def load(
    name: str | os.PathLike[str] | Profile,
    takes: str | None = None,
    gives: str | None = None,
    stage: StageName = "full",
    density: DensityName = "adx16",
) -> AnySDev: ...
def load(
    name: str | os.PathLike[str] | Profile,
    takes: str | None = None,
    gives: str | None = None,
    stage: StageName = "full",
    density: DensityName = "adx16",
) -> AnySDev:
    """Load a look. name: a shipped look's name, the path of a profile .toml, of a LUT file of any format that
    `lattice luts` lists, with `@id` of one of several CDLs (`x.ccc@id`), or a Profile.

    A profile is built on first use (a fifth of a second; most of one without the compiled engine) and kept in the
    user's cache folder; a second load takes milliseconds.
    A LUT file is an SDev if it has an SDev's stages and no other, else a Lut.
    takes: of a LUT file, the input whose numbers it takes, as `--input` names it: "LogC3" for a LUT of LogC3 codes,
    "LogC3/Rec.709" for that curve over other primaries. What is loaded then takes linear light, encodes it, and can
    take other primaries. None: as the file says, if it says it.
    gives: the display that its codes are for, as `--display` names it. None: as the file says.
    A LatticeWarning says where takes or gives contradict the file, and what the file says that nobody knows.
    stage: of a look, "negative", from scene light to printing density, or "print", from there to display codes.
    density: how a stage's densities are coded: "adx16", "cineon", which ends at density 1.856, or "float", as they are.
    Raises LatticeError, with the file, the field and what was expected.
    """
    if stage not in get_args(StageName):
        raise LatticeError(f"stage: expected {' or '.join(get_args(StageName))}, got {stage!r:.60}")
    encoding = encoding_of(density)
    digest = _digest(name) if stage == "full" and takes is gives is None else None
    if digest is not None and (kept := _kept(NAMED, digest)) is not None:
        return kept
    from lattice.sdev.told import check_asked

    check_asked(takes, gives)
    if isinstance(name, str | os.PathLike) and is_lut(str(os.fspath(name))):
        if stage != "full":
            raise LatticeError(f"{name}: stage: expected a look's name or a profile .toml, got a LUT file")
        return load_lut(path_text(name), takes, gives)
    if takes is not None or gives is not None:
        raise LatticeError(f"takes, gives: expected a LUT file beside them, got {str(name)!r:.60}")
    from lattice.looks import Profile, load_profile

    profile = name if isinstance(name, Profile) else load_profile(look_name(name), LOADED)
    if stage != "full":
        return load_stage(profile, stage, encoding.name)
    is_read = digest is not None and digest == _digest(name)  # not if a file changed meanwhile
    sdev = load_built(profile)
    if digest is not None and is_read:
        NAMED.keep(_key(digest), to_bytes(sdev))
    return sdev


def _digest(name: object) -> str | None:
    """Return the digest of a look's files, as `look_digest`; None for a Profile, too."""
    text = os.fspath(name) if isinstance(name, str | os.PathLike) else None
    return look_digest(text) if isinstance(text, str) else None


def _key(digest: str) -> str:
    return f"{FORMAT} {digest}"


def _kept(shelf: Shelf, digest: str) -> SDev | None:
    """Return the SDev that is kept for a digest of what it comes from, or None."""
    data = shelf.find(_key(digest))
    with suppress(LatticeError):
        return None if data is None else SDev.from_device(from_bytes(data))
    return None


def look_name(name: object) -> str:
    """Return a look's name or path as text. Raises LatticeError for a suffix that neither a look nor a LUT has."""
    from lattice.files.luts import register

    text = path_text(name, "a look's name, a path or a Profile")
    suffix = Path(text).suffix.lower()
    if suffix in register.BY_SUFFIX:
        raise LatticeError(f"{text}: is a picture: lattice convert {Path(text).name} LUT.clf makes one of a Hald image")
    if suffix and suffix != PROFILE:
        near = did_you_mean(suffix, (PROFILE, *register.SUFFIXES))
        raise LatticeError(f"{text}: expected a look's name, a .toml or a LUT file{near}; lattice luts lists all")
    return text


def load_stage(profile: Profile, stage: StageName, density: DensityName) -> AnySDev:
    """Return a stage of a look, as `load` does."""
    from lattice.sdev.stages import stage_of

    return stage_of(profile, load_built(profile), stage, encoding_of(density))


def is_lut(name: str) -> bool:
    """True if a name is that of a LUT file, by its suffix, or of a correction in one."""
    from lattice.files.luts import register

    return register.split(name)[0].suffix.lower() in register.SUFFIXES


def is_file(name: str) -> bool:
    """True if a name is that of a profile .toml or a LUT file, not of a shipped look."""
    return name.lower().endswith(PROFILE) or is_lut(name)


def load_lut(name: str | os.PathLike[str], takes: str | None = None, gives: str | None = None) -> AnySDev:
    """Return a LUT file as an SDev, or where it has other stages as a Lut; arguments and errors as in `load`."""
    from lattice.files.luts import register
    from lattice.sdev.fused import fused
    from lattice.sdev.told import giving, known, taking, told_gives, told_takes

    path, correction = register.split(os.fspath(name))
    own = own_sdev(path)
    if own is not None:
        if (takes is not None and "input" in own.provenance) or (gives is not None and "output" in own.provenance):
            raise LatticeError(f"{path}: it says what it takes and gives itself: leave out takes and gives")
        if takes is gives is told_takes(own.provenance) is None:
            return own
    listed = register.read(path, correction)
    found = replace(listed, provenance=known(listed.provenance, path) if own is None else own.provenance)
    takes = told_takes(found.provenance) if takes is None else takes
    gives = told_gives(found.provenance) if gives is None else gives
    found = found if takes is None else taking(found, takes)
    found = found if gives is None else giving(found, gives)
    device = fused(found)
    return Lut.from_list(found) if device is None else SDev.from_device(device)


def check_among(names: Iterable[str], takes: str | None, gives: str | None) -> None:
    """Raise LatticeError if takes or gives are no names, or are told of several looks, none of which is a LUT file."""
    from lattice.sdev.told import check_asked

    check_asked(takes, gives)
    if (takes is not None or gives is not None) and not any(map(is_lut, names)):
        raise LatticeError("takes, gives: expected a LUT file among the looks, got none")


def load_among(name: str, takes: str | None, gives: str | None, names: Iterable[str]) -> AnySDev:
    """Load one of several looks, as `load`. names: of all.

    takes and gives are of their only LUT file, or of those of several that do not say it; a LatticeWarning says which
    are not used."""
    if not is_lut(name):
        return load(name)
    if len({name, *filter(is_lut, names)}) == 1:
        return load(name, takes, gives)
    found = load(name)
    says_takes, says_gives = bool({"input", "takes"} & found.provenance.keys()), "output" in found.provenance
    unused = [
        flag
        for flag, asked, says in (("--takes", takes, says_takes), ("--gives", gives, says_gives))
        if asked is not None and says
    ]
    if unused:
        told = f"{name}: of several LUT files this one says it itself: {' and '.join(unused)} not used for it"
        warnings.warn(told, LatticeWarning, stacklevel=2)
    takes, gives = None if says_takes else takes, None if says_gives else gives
    return found if takes is gives is None else load(name, takes, gives)


def own_sdev(path: Path) -> SDev | None:
    """Return the SDev of a .clf that lattice wrote; None for any other file. Errors as in `clf.read`."""
    if path.suffix.lower() != ".clf":
        return None
    from lattice.files import clf
    from lattice.files.clf_nodes import MAX_BYTES
    from lattice.files.luts import register
    from lattice.sdev.told import known

    data = read_bytes(path, MAX_BYTES + 1)
    if not clf.is_own(data):
        return None
    device = clf.parsed(data, path)
    facts = known(device.provenance, path)
    return SDev.from_device(replace(device, name=register.title(device.name, path), provenance=facts))


def only_sdev(loaded: AnySDev) -> SDev:
    """Return what was loaded where only an SDev will do. Raises LatticeError, with what makes one, for a Lut."""
    if isinstance(loaded, SDev):
        return loaded
    raise LatticeError(
        f"{loaded.name}: expected an SDev's stages, got others: lattice convert FILE FILE.clf --fit makes an SDev of it"
    )


def load_built(profile: Profile) -> SDev:
    """Return the SDev of a profile, from the user's cache folder if it was built before.

    Raises LatticeError if it cannot be built.
    """
    usual = profile.replace(display={})  # a look is built once for all displays
    digest = f"{builder_digest()} {usual.model_dump_json()}"
    if (kept := _kept(LOOKS, digest)) is not None:
        return _shown(kept, profile)
    from lattice.build.device import build_device

    sdev = SDev.from_device(build_device(usual))
    LOOKS.keep(_key(digest), to_bytes(sdev))
    return _shown(sdev, profile)


def _shown(usual: SDev, profile: Profile) -> SDev:
    """Return the SDev of a look, built for the usual display, on the profile's."""
    return usual if profile.display == type(profile.display)() else usual.with_display(profile.display.shown)
