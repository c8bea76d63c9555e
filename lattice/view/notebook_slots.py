"""Slots of looks that a notebook holds as values, beside those that have names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from lattice.errors import printable
from lattice.looks import Profile
from lattice.sdev import SDev
from lattice.types import LatticeError
from lattice.view.session import Slots

Look = str | os.PathLike[str] | SDev | Profile


class GivenSlots(Slots):
    """Slots 1 to 9 of names, paths, SDevs and Profiles. Threads may share it.

    looks: at least one. Raises LatticeError if there are more than nine, one is something else, or its name is wrong.
    """

    def __init__(self, looks: Sequence[Look]) -> None:
        self._given: dict[str, SDev | Profile] = {}
        super().__init__([self._named(look, f"\0{number}") for number, look in enumerate(looks, 1)])

    def _named(self, look: Look, key: str) -> str:
        """Return a look's name; of a value the key that it is kept by, which nobody types."""
        if isinstance(look, str | os.PathLike):
            return os.fsdecode(look)
        if not isinstance(look, SDev | Profile):
            raise LatticeError(f"sdev: expected a look's name, an SDev or a Profile, got {look!r:.60}")
        self._given[key] = look
        return key

    def _check(self, name: str) -> None:
        if name not in self._given:
            super()._check(name)

    def _told(self, number: int, look: str) -> dict[str, Any]:
        given = self._given.get(look)
        if given is None:
            return super()._told(number, look)
        shown = f"an SDev for {given.provenance.get('output', '?')}" if isinstance(given, SDev) else given.description
        name = printable(given.name)
        return {"number": number, "look": name, "name": name, "description": shown}

    def _profile(self, name: str) -> Profile:
        given = self._given.get(name)
        if isinstance(given, SDev):
            raise LatticeError(f"slot: {given.name} is an SDev, whose film curves are not known: choose a look to edit")
        return super()._profile(name) if given is None else given

    def _base(self, name: str) -> SDev:
        given = self._given.get(name)
        return given if isinstance(given, SDev) else super()._base(name)
