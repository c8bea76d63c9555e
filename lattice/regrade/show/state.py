"""The state of one output: told by its header, its line in the ledger, and its source."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from lattice.files.exr import file as exr
from lattice.files.frame import STAMP
from lattice.files.images import file as images
from lattice.files.images.formats import format_of
from lattice.files.storage.read import json_object
from lattice.regrade.frame.existing import FOREIGN, difference
from lattice.regrade.frame.header import SOURCE
from lattice.regrade.frame.plan import same_file
from lattice.regrade.frame.request import Request
from lattice.regrade.report import reason
from lattice.regrade.sequence import history, ledger
from lattice.types import LatticeError

DONE, OTHER, STRANGE, DAMAGED = "done", "another look", "not lattice's", "damaged"
CHANGED, SOURCELESS = "source changed", "no source"
FAILED, IN_HAND, MISSING = "failed", "in hand", "missing"
STATES = (DONE, IN_HAND, FAILED, MISSING, OTHER, STRANGE, DAMAGED, CHANGED, SOURCELESS)
NOTHING = Request("", "", {})  # from which every graded frame differs


class Judge:
    """Finds the state of one output, and the reason for it.

    request: that counts; None if no output is graded. past: what the ledger says. verify: read outputs and sources
    whole. sources: by frame, where others than the ledger's count. is_done: is asked whether an output of another
    request is all the same what this one makes; after a "no" only if `verify`.
    """

    def __init__(
        self,
        request: Request | None,
        past: history.History,
        verify: bool,
        sources: Mapping[int | None, Path],
        is_done: Callable[[int | None], bool],
    ) -> None:
        self._request, self._past, self._verify = request or NOTHING, past, verify
        self._sources, self._is_done, self._refused = sources, is_done, False

    def __call__(self, frame: int | None, path: Path) -> tuple[str, str]:
        """Return the state of a frame's output, and the reason."""
        name = ledger.text(path.name)
        line, is_ours = self._past.frames.get(name, {}), name in self._past.made
        files = (str(line.get(each, "")) for each in ("source", "target"))
        why = reason(str(line.get("why", "")), *files) if line.get("status") == "failed" else None
        if not os.path.lexists(path):
            return (MISSING, "") if why is None else (FAILED, why)
        try:
            other = difference(path, self._request, is_ours)
        except LatticeError as error:
            return (DAMAGED, str(error)) if is_ours else (STRANGE, "")
        if other is not None and not self._is_same(frame):
            if other == FOREIGN:
                return STRANGE, ""
            return (OTHER, other.what) if why is None else (FAILED, why)
        if why is None and not self._verify:
            return DONE, ""
        try:
            state = self._against_source(path, self._sources.get(frame) or line.get("source"))
        except LatticeError as error:
            return DAMAGED, str(error)
        if why is not None and state != DONE:
            return FAILED, why
        return state or DONE, ""

    def _is_same(self, frame: int | None) -> bool:
        if self._refused and not self._verify:
            return False
        found = self._is_done(frame)
        self._refused |= not found
        return found

    def _against_source(self, path: Path, source: object) -> str | None:
        """Return the state of an output that is read whole and compared with its source; None if nothing says what
        source it was made from. Raises LatticeError if it is damaged."""
        made_from = _made_from(path)
        if made_from is None or not source:
            return None
        source = Path(str(source))
        try:
            present = exr.digest(source)
        except LatticeError:
            return SOURCELESS
        if same_file(source, path):  # graded in place: its source is no more
            return DONE
        if made_from != present and _is_deep(path):
            exr.read_whole_headers(path, deep=True)
        return DONE if made_from == present else CHANGED


def _made_from(path: Path) -> str | None:
    """Return the SHA-256 of the source that an output was made from, or None if it does not say; the output is read
    whole. Of a deep copy, which has no stamp, it is its own. Raises LatticeError if it is damaged."""
    if format_of(path) is not None:
        images.check_whole(path)
        said = json_object(images.read_about(path)).get(SOURCE)
        return said if isinstance(said, str) else None
    if _is_deep(path):
        return exr.digest(path)
    return exr.read_whole_headers(path)[0].text(STAMP + SOURCE) or ""


def _is_deep(path: Path) -> bool:
    return format_of(path) is None and any(header.deep for header in exr.read_headers(path, deep=True))
