"""The SDevs of a session: nine slots, and what the page asks of them: another look, changes, an input, a canvas."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lattice.channels.input import Primaries
from lattice.errors import printable
from lattice.files import clf
from lattice.files.luts.register import split
from lattice.files.storage.read import state_of
from lattice.looks import Profile, load_profile, profile_names
from lattice.sdev import SDev, load
from lattice.sdev.asked import told_input
from lattice.sdev.load import LOADED, check_among, is_lut, load_among, look_name, only_sdev
from lattice.types import LatticeError
from lattice.view import wire
from lattice.view.author_file import AuthorFile
from lattice.view.latest import Latest
from lattice.view.plain import NONE, plain, taking
from lattice.view.references import MOST_SLOTS, Canvas, Reference, Superseded

USUAL = (
    *("vision", "premier", "bleach-bypass", "fuji", "exr-print", "eterna"),
    *("vision-5219", "premier-5219", "vision-5203"),
)  # the looks of slots 1 to 9
LONGEST_NAME = 100  # characters of a file's
MOST_KEPT = 32  # SDevs, and as many packed ones; 0.5 MB each
SUFFIXES = (".clf",)  # of files that an SDev is saved as
DISPLAYS: Mapping[str, str] = {"srgb": "sRGB", "display-p3": "Display P3"}

if TYPE_CHECKING:
    from lattice.view.fitting import Fitter


class Slots:
    """Nine SDevs by name, loaded when they are asked for. Threads may share it.

    names: of looks, .toml or LUT files, at most nine. author: the .toml that `save` writes; it takes slot 1 if it is
    there and in no other slot. takes, gives: of the LUT files, as in `lattice.load`. Raises LatticeError if a name is
    wrong, a file cannot be read, or it is not known what it takes.
    """

    def __init__(
        self, names: Sequence[str], author: str | None = None, takes: str | None = None, gives: str | None = None
    ) -> None:
        check_among(names, takes, gives)
        self._said = takes, gives
        self.author = None if author is None else AuthorFile(author)
        if self.author is not None and self.author.is_there and self.author.path not in names:
            names = (self.author.path, *names)[: max(MOST_SLOTS, len(names))]
        if len(names) > MOST_SLOTS:
            raise LatticeError(f"--sdev: expected at most {MOST_SLOTS} looks, got {len(names)}")
        self.names = tuple(names)
        self._kept, self._packed = Latest(MOST_KEPT), Latest(MOST_KEPT)
        self._fitter: Fitter | None = None
        self._lock = threading.Lock()
        if self.author is not None and self.author.path in self.names:
            self.author.slot = self.names.index(self.author.path) + 1
            self.author.know(self.author.now())
        self._states = {name: state_of(split(name)[0]) for name in self.names if is_lut(name)}
        for name in self.names:
            self._check(name)

    def _check(self, name: str) -> None:
        """Raise LatticeError if a slot's name is wrong; a shipped one is not read."""
        if is_lut(name):
            told_input(self._base(name))
        elif name not in profile_names():
            self._profile(name)

    def read_again(self, name: str) -> None:
        """Take a slot's .toml or LUT file as it is on disk now: edits that a page begins later start there. Those of a
        page that runs keep all that they change. An author's file that is gone stays as it was: a save makes it again.
        Raises LatticeError if a file cannot be read; the look stays as it was then."""
        if name in self._states and (state := state_of(split(name)[0])) != self._states[name]:
            sdev = self._lut(name)
            self._kept.drop(("sdev", name))
            self._kept.get(("sdev", name), lambda: sdev)
            self._states[name] = state
        if name not in self.names or not name.lower().endswith(".toml"):
            return
        own = self.author if self.author is not None and name == self.author.path else None
        if own is not None and not os.path.exists(name):
            return
        text = None if own is None else own.now()
        if load_profile(name) != self._profile(name):
            self._kept.drop(("profile", name), ("sdev", name))
        if own is not None:
            own.know(text)

    def as_json(self) -> list[dict[str, Any] | None]:
        """Return what the page shows of each slot, None for an empty one."""
        found = [self._told(k, name) if name else None for k, name in enumerate(self.names, 1)]
        return found + [None] * (MOST_SLOTS - len(found))

    def _told(self, number: int, look: str) -> dict[str, Any]:
        named: SDev | Profile = self._base(look) if is_lut(look) else self._profile(look)
        shown = "" if isinstance(named, Profile) else named.provenance.get("output", "?")
        about = named.description if isinstance(named, Profile) else f"a LUT file for {shown}"
        known = isinstance(named, Profile) or _knows_display(named)
        told = {"number": number, "look": printable(look), "name": printable(named.name), "description": about}
        return {**told, "display_is_known": known, "is_shipped": look in profile_names()}

    def author_json(self) -> dict[str, Any] | None:
        """Return the author's file: the slot that shows it, or 0, its path, if it is there, and its revision, which
        `save` compares; None without `--author`."""
        if (own := self.author) is None:
            return None
        return {"slot": own.slot, "path": printable(own.path), "exists": own.is_there, "revision": own.revision}

    def name(self, asked: Reference) -> str:
        """Return the name of the look that is asked for. Raises LatticeError for an empty slot."""
        if asked.look:
            return asked.look
        if not 0 < asked.slot <= len(self.names) or not self.names[asked.slot - 1]:
            raise LatticeError(f"slot: expected 1 to {len(self.names)}, which hold looks, got {asked.slot}")
        return self.names[asked.slot - 1]

    def profile(self, asked: Reference) -> Profile:
        """Return the profile that is asked for, with the changes. Raises LatticeError for a slot without one, and with
        every fault of the changes."""
        name = self.name(asked)
        if is_lut(name):
            raise LatticeError(f"slot: {name} is a LUT file, whose film curves are not known: choose a look to edit")
        profile = self._profile(name)
        return author().revised(profile, asked.changes) if asked.changes else profile

    def save(self, asked: Reference, name: str, revision: int | None = None, again: bool = False) -> dict[str, Any]:
        """Write the profile that is asked for, with the changes, to the author's file, and return its path, what
        `author_json` says and the slots: the first save puts the file into the slot that it was saved from.

        name: "" for the file's. revision, again: as in `AuthorFile.check`. Raises LatticeError as that and `profile`
        do, and if the file cannot be written.
        """
        assert self.author is not None
        own, profile = self.author, self.profile(asked)
        with self._lock:
            own.check(revision, asked.slot, bool(asked.look), again)
            own.write(profile.replace(name=name or Path(own.path).stem))
            self._kept.drop(("profile", own.path), ("sdev", own.path))
            if asked.slot and not own.slot:
                names = [*self.names, *[""] * (asked.slot - len(self.names))]
                names[asked.slot - 1], own.slot = own.path, asked.slot
                self.names = tuple(names)
        return {"path": printable(own.path), "author": self.author_json(), "slots": self.as_json()}

    def _profile(self, name: str) -> Profile:
        return self._kept.get(("profile", name), lambda: load_profile(look_name(name), LOADED))

    def sdev(self, asked: Reference) -> SDev:
        """Return the SDev that is asked for, for its own input and display.

        Raises LatticeError as `profile` and `lattice.load` do, and Superseded.
        """
        if asked.slot == 0 and not asked.look:
            return self._kept.get(NONE, plain)
        if not asked.changes:
            return self._base(self.name(asked))
        profile = self.profile(asked)
        make = self._sketched if asked.quality == "drag" else self._fitted
        return self._kept.get((asked.quality, profile.model_dump_json()), lambda: make(profile, asked.page))

    def _base(self, name: str) -> SDev:
        return self._kept.get(("sdev", name), lambda: self._lut(name) if is_lut(name) else load(self._profile(name)))

    def _lut(self, name: str) -> SDev:
        return only_sdev(load_among(name, *self._said, self.names))

    def _sketched(self, profile: Profile, page: str) -> SDev:
        return SDev.from_device(author().sketch(profile))

    def _fitted(self, profile: Profile, page: str) -> SDev:
        device = self._fits().fit(profile, page)
        if device is None:
            raise Superseded
        return SDev.from_device(device)

    def _fits(self) -> Fitter:
        """Return what fits, in a process that starts at the first call."""
        with self._lock:
            if self._fitter is None:
                from lattice.view.fitting import Fitter

                self._fitter = Fitter()
            return self._fitter

    def warm(self, profile: Profile) -> None:
        """Do now what the first edit of a profile would wait for."""
        self._fits()
        author().warm(profile)

    def shown(self, asked: Reference, primaries: Primaries) -> SDev:
        """Return the SDev for light of these primaries and for the reference's canvas; the look's own display where
        that is not known. Raises LatticeError as `sdev` does."""
        return taking(_on_canvas(self.sdev(asked), asked.canvas), primaries)

    def packed(self, asked: Reference, primaries: Primaries) -> bytes:
        """Return the SDev of `shown` as the page's shader takes it, with its facts; of one that is edited with its
        charts, and at rest with its error. Raises LatticeError as `sdev` does."""
        sdev = self.sdev(asked)
        ready = taking(_on_canvas(sdev, asked.canvas), primaries)
        drag = asked.quality == "drag" and bool(asked.changes)
        key = (ready.sha256, sdev.sha256, ready.name, drag, asked.changes is not None, asked.quality)
        return self._packed.get(key, lambda: wire.pack(ready, self._facts(asked, sdev, ready, drag)))

    def _facts(self, asked: Reference, sdev: SDev, ready: SDev, drag: bool) -> dict[str, Any]:
        nodes = "sampled" if drag or not (asked.slot or asked.look) else "fitted"
        quality: dict[str, Any] = {"size": ready.lattice.size, "nodes": nodes}
        facts = {
            "name": printable(sdev.name),
            "sha256": sdev.sha256,
            "quality": quality,
            "display": sdev.provenance.get("output", "unknown"),
            "shown": ready.provenance.get("output", "unknown"),
        }
        if asked.changes is not None and (asked.slot or asked.look):
            profile = self.profile(asked)
            facts["charts"] = author().charts(sdev, profile)
            if asked.quality == "rest":
                quality |= author().error(sdev, profile)
        return facts

    def rest(self) -> None:
        """End the process that fits, until it is needed again."""
        with self._lock:
            fitter, self._fitter = self._fitter, None
        if fitter is not None:
            fitter.close()

    def close(self) -> None:
        """End the process that fits."""
        with self._lock:
            if self._fitter is not None:
                self._fitter.close()


def author() -> Any:
    """Return the module that edits profiles."""
    from lattice.view import author as edits

    return edits


def _knows_display(sdev: SDev) -> bool:
    return bool(sdev.provenance.get("output_chromaticities"))


def _on_canvas(sdev: SDev, canvas: Canvas) -> SDev:
    return sdev.with_display(DISPLAYS[canvas]) if canvas in DISPLAYS and _knows_display(sdev) else sdev


def slot_names(asked: Sequence[str]) -> tuple[str, ...]:
    """Return the looks of `--sdev a,b --sdev c`, or the usual ones; a name that is a file may hold a comma."""
    each = [[text] if os.path.lexists(text) else text.split(",") for text in asked]
    names = tuple(name.strip() for names in each for name in names)
    if not all(names):
        raise LatticeError(f"--sdev: expected names such as vision,premier, got {','.join(asked)!r:.60}")
    return names or USUAL


def exported(sdev: SDev, suffix: object) -> tuple[str, bytes]:
    """Return the name and the bytes of an SDev's file. Raises LatticeError for another suffix than `build` writes."""
    if suffix not in SUFFIXES:
        raise LatticeError(f"suffix: expected {' or '.join(SUFFIXES)}, got {suffix!r:.40}")
    return f"{plain_name(sdev.name)}{suffix}", clf.to_xml(sdev).encode()


def plain_name(name: str) -> str:
    """Return a name for a file: letters, digits, dots and dashes."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", Path(name).name).strip(".-")[:LONGEST_NAME] or "look"
