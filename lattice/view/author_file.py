"""The file of `--author`: nobody's work in it is replaced unseen."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from lattice.errors import printable
from lattice.files.storage.read import read_bytes
from lattice.looks import Profile, load_profile
from lattice.types import LatticeError
from lattice.view.told import Faulty

MOST_TEXT = 2**20  # bytes of a .toml that are compared; a look has 64 KB at most


class AuthorFile:
    """The .toml that pages save to: what it held when it was read, and how often that changed.

    slot: the one that shows it; 0 for none. Raises LatticeError if the name does not end in .toml, or has no folder.
    """

    def __init__(self, path: str) -> None:
        if not path.lower().endswith(".toml"):
            raise LatticeError(f"{path}: expected a name ending in .toml for --author")
        if not Path(path).parent.is_dir():  # told before the work, not when it is saved
            raise LatticeError(f"{path}: expected a folder that is there for --author")
        self.path, self.slot, self.revision = path, 0, 0
        self._text: bytes | None = None  # as it is known here

    @property
    def is_there(self) -> bool:
        """True if there is such a file, or a link of that name."""
        return os.path.lexists(self.path)

    def now(self) -> bytes | None:
        """Return what the file holds; None if it cannot be read."""
        with suppress(LatticeError):
            return read_bytes(self.path, MOST_TEXT)
        return None

    def know(self, text: bytes | None) -> None:
        """Take what the file holds as known."""
        self.revision += text != self._text
        self._text = text

    def check(self, revision: int | None, slot: int, is_put: bool, again: bool) -> None:
        """Raise LatticeError, a fault of "file", if a save would replace what a page does not know.

        revision: that the page knows; None for the one of now. slot: of the look that is saved; is_put: a shipped one.
        again: the user was told that the file holds another slot's look, and saves all the same.
        """
        if not os.path.exists(self.path):
            return
        is_known, is_other = revision in (None, self.revision), self.slot > 0 and (self.slot != slot or is_put)
        if self._is_foreign() or not is_known or (is_other and not again):
            raise Faulty([{"field": "file", "message": self._why(is_known, slot)}])

    def write(self, profile: Profile) -> None:
        """Write a profile in place of what is there. Raises LatticeError if it cannot be written; nothing changes."""
        profile.save(self.path, overwrite=True)
        self.know(self.now())

    def _is_foreign(self) -> bool:
        now = self.now()
        return now is None or now != self._text

    def _why(self, is_known: bool, slot: int) -> str:
        path = printable(self.path)
        then = "Save again puts " + ("these edits on what it holds" if slot == self.slot else "this look in its place")
        if not self._is_foreign():
            who = f"it holds the look of slot {self.slot}" if is_known else "another tab or program wrote it"
            return f"{path}: {who}; {then}"
        if not self.slot:
            return f"{path}: another program wrote it since lattice view started; move it away"
        try:
            load_profile(self.path)
        except LatticeError as error:
            return f"{printable(error)}: another program wrote it; mend it, or move it away"
        return f"{path}: another program wrote it; {then}"
