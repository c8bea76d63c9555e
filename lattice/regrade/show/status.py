"""What became of a sequence's frames, told from its outputs and its ledger; nothing is graded."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lattice.files.exr import file as exr
from lattice.files.frame import STAMP
from lattice.files.images import file as images
from lattice.files.images.formats import format_of
from lattice.files.storage import sequence
from lattice.regrade.frame.existing import FOREIGN, difference
from lattice.regrade.frame.header import SOURCE
from lattice.regrade.frame.request import Request
from lattice.regrade.sequence import history, ledger
from lattice.regrade.sequence.claim import is_living
from lattice.sdev import cores
from lattice.types import LatticeError

DONE, OTHER, STRANGE, DAMAGED, CHANGED = "done", "another look", "not lattice's", "damaged", "source changed"
FAILED, IN_HAND, MISSING = "failed", "in hand", "missing"
NOTHING = Request("", "", {})  # from which every graded frame differs
STATES = (DONE, IN_HAND, FAILED, MISSING, OTHER, STRANGE, DAMAGED, CHANGED)


@dataclass(frozen=True)
class Status:
    """What became of a sequence.

    name: of the shot. target: pattern or path of its outputs. look: the name and digest of the SDev it is to be graded
    with. frames: by state, in rising order; a plain file is frame None. why: of failed and damaged frames. runs: those
    that live, for people. fault: why nothing can be told.
    """

    name: str
    target: str
    look: str
    frames: Mapping[str, tuple[int | None, ...]]
    why: Mapping[int | None, str]
    runs: tuple[str, ...]
    fault: str = ""

    @property
    def is_whole(self) -> bool:
        """True if there are frames and all are done."""
        return set(self.frames) == {DONE}

    def ranges(self) -> dict[str, str]:
        """Return the frames of each state as a range."""
        return {
            state: sequence.frame_range(frame for frame in frames if frame is not None) or "it"
            for state, frames in self.frames.items()
        }

    def as_dict(self) -> dict[str, Any]:
        """Return the fields for JSON; frames as ranges."""
        why = {str(frame): reason for frame, reason in self.why.items()}
        about = {"shot": self.name, "target": self.target, "look": self.look, "whole": self.is_whole}
        return {**about, "frames": self.ranges(), "why": why, "runs": list(self.runs), "fault": self.fault}


def status_of(
    target: str | os.PathLike[str],
    frames: Sequence[int] | None = None,
    request: Request | None = None,
    verify: bool = False,
    name: str = "",
) -> Status:
    """Return the status of a sequence's outputs.

    target: as given to the regrade. frames: those that are to be there; None: those of the runs in the ledger with the
    last run's request, or without a ledger all between the first and the last on disk. request: of the look and options
    that count; None: the last run's, or without a ledger that of the first frame. verify: read every output whole, and
    every source that the ledger names; else headers only.
    Raises LatticeError if nothing is known of the target.
    """
    text = os.fspath(target)
    book = sequence.beside(text, ledger.SUFFIX)
    past = history.read(book)
    runs = list(past.runs.values())
    request = request or (_request(runs[-1]) if runs else None)
    paths = _paths(text, frames, [run for run in runs if request is not None and run.digest == request.digest])
    request = request or _stamped(paths.values())
    living = [run for run in runs if book is not None and is_living(book, run)]
    handed = {frame for run in living if request is None or run.digest == request.digest for frame in run.frames}
    look = _Look(request, past, verify)
    with ThreadPoolExecutor(cores() if verify else 1) as pool:
        found = dict(zip(paths, pool.map(look, paths.values()), strict=True))
    states = {
        frame: (IN_HAND, "") if frame in handed and state in (MISSING, FAILED) else (state, why)
        for frame, (state, why) in found.items()
    }
    return Status(
        name or Path(text).name,
        text,
        "" if request is None else request.look,
        {each: these for each in STATES if (these := tuple(f for f, (state, _) in states.items() if state == each))},
        {frame: why for frame, (_, why) in states.items() if why},
        tuple(run.who for run in living),
    )


def _request(run: history.Run) -> Request:
    options = run.began.get("options")
    look = str(run.began.get("sdev", "")), str(run.began.get("sdev_sha256", ""))
    return Request(*look, options if isinstance(options, dict) else {})


def _paths(text: str, frames: Sequence[int] | None, runs: Sequence[history.Run]) -> dict[int | None, Path]:
    if frames is None and runs:
        frames = _frames_of(runs, text)
    if frames is not None and sequence.is_pattern(text):
        return dict(sequence.paths(text, frames))
    found = sequence.find(text)
    if found[0].frame is None:
        return {None: found[0].path}
    numbers = [each.frame for each in found if each.frame is not None]
    return dict(sequence.paths(text, sequence.spanned(numbers)))


def _frames_of(runs: Sequence[history.Run], text: str) -> list[int]:
    found: set[int] = set()
    for run in runs:
        found.update(run.frames)
        if len(found) > sequence.MOST_FRAMES:
            raise LatticeError(f"{text}: expected at most {sequence.MOST_FRAMES} frames in the ledger, got more")
    return sorted(found)


def _stamped(paths: Any) -> Request | None:
    """Return the request of the first output that says it, without its options."""
    for path in paths:
        if format_of(path) is None and os.path.lexists(path):
            try:
                header = exr.read_headers(path, deep=True)[0]
            except LatticeError:
                continue
            if header.text(STAMP + "sha256"):
                return Request(header.text(STAMP + "name") or "", header.text(STAMP + "sha256") or "", {})
    return None


class _Look:
    """Finds the state of one output, and the reason for it."""

    def __init__(self, request: Request | None, past: history.History, verify: bool) -> None:
        self._request, self._past, self._verify = request, past, verify

    def __call__(self, path: Path) -> tuple[str, str]:
        line = self._past.frames.get(path.name, {})
        if not os.path.lexists(path):
            return (FAILED, str(line.get("why", ""))) if line.get("status") == "failed" else (MISSING, "")
        try:
            return self._of_file(path, line)
        except LatticeError as error:
            return (DAMAGED, str(error)) if line else (STRANGE, "")

    def _of_file(self, path: Path, line: history.Line) -> tuple[str, str]:
        other = difference(path, self._request or NOTHING)
        if other == FOREIGN:
            return STRANGE, ""
        if other is not None and self._request is not None:
            return OTHER, other.what
        if not self._verify:
            return DONE, ""
        if format_of(path) is not None:
            images.check_whole(path)
            return DONE, ""
        headers = exr.read_whole_headers(path) if not _is_deep(path) else ()
        source = Path(str(line.get("source", "")))
        if headers and line and source.is_file() and headers[0].text(STAMP + SOURCE) != exr.digest(source):
            return CHANGED, ""
        return DONE, ""


def _is_deep(path: Path) -> bool:
    return any(header.deep for header in exr.read_headers(path, deep=True))
