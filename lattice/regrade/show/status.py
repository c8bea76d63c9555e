"""What became of a sequence's frames, told from its outputs and its ledger; nothing is graded."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lattice.files.images import file as images
from lattice.files.images.header import STAMP as NOTE
from lattice.files.storage import sequence
from lattice.files.storage.read import json_object
from lattice.inspect.graded import read_grade
from lattice.regrade.frame.request import REQUEST, Request
from lattice.regrade.sequence import history, ledger
from lattice.regrade.sequence.claim import is_living
from lattice.regrade.show.state import DONE, FAILED, IN_HAND, MISSING, STATES, Judge
from lattice.sdev import cores
from lattice.types import LatticeError

IT = "it"  # a plain file, where a frame is named
NONE: Mapping[int | None, Path] = MappingProxyType({})


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
            state: sequence.frame_range(frame for frame in frames if frame is not None) or IT
            for state, frames in self.frames.items()
        }

    def as_dict(self) -> dict[str, Any]:
        """Return the fields for JSON; frames as ranges."""
        why = {IT if frame is None else str(frame): reason for frame, reason in self.why.items()}
        about = {"shot": self.name, "target": self.target, "look": self.look, "whole": self.is_whole}
        return {**about, "frames": self.ranges(), "why": why, "runs": list(self.runs), "fault": self.fault}


def status_of(
    target: str | os.PathLike[str],
    frames: Sequence[int] | None = None,
    request: Request | None = None,
    verify: bool = False,
    name: str = "",
    sources: Mapping[int | None, Path] = NONE,
    is_done: Callable[[int | None], bool] = lambda frame: False,
) -> Status:
    """Return the status of a sequence's outputs.

    target: as given to the regrade. frames: those that are to be there; None: those that the pattern names, else those
    of all runs in the ledger and all on disk; without a ledger all between the first and the last on disk. request: of
    the look and options that count; None: the last run's, or without a ledger that of the first graded frame. verify:
    read every output and its source whole; else headers only, but where the last try failed. sources: by frame; of
    others the ledger's. is_done: says of a frame with other options whether it is what `request` makes all the same.
    Raises LatticeError if nothing is known of the target, or `frames` are given with a plain file.
    """
    text = os.fspath(target)
    book = sequence.beside(text, ledger.SUFFIX)
    past = history.read(book)
    runs = {number: run for number, run in past.runs.items() if _is_of(run, text)}
    paths = _paths(text, frames, runs.values())
    request = request or (_request(list(runs.values())[-1]) if runs else _stamped(paths.values()))
    living = {number: run for number, run in runs.items() if book is not None and is_living(book, run)}
    handed = {f for run in living.values() if request is None or run.digest == request.digest for f in run.frames}
    with ThreadPoolExecutor(cores() if verify else 1) as pool:
        found = pool.map(Judge(request, past, verify, sources, is_done), paths, paths.values())
        states = dict(zip(paths, found, strict=True))
    for frame, (state, _) in states.items():
        tried = past.frames.get(ledger.text(paths[frame].name), {}).get("run")
        if frame in handed and (state == MISSING or (state == FAILED and str(tried) not in living)):
            states[frame] = (IN_HAND, "")
    return Status(
        name or Path(text).name,
        text,
        "" if request is None else request.look,
        {each: these for each in STATES if (these := tuple(f for f, (state, _) in states.items() if state == each))},
        {frame: why for frame, (_, why) in states.items() if why},
        tuple(run.who for run in living.values()),
    )


def _is_of(run: history.Run, text: str) -> bool:
    """True if a run's outputs have the names that `text` gives: g.####.exr and g.####.png share a ledger."""
    told, frame = run.began.get("target"), 1 if run.first is None else run.first
    if not isinstance(told, str):
        return True
    with suppress(LatticeError):
        one, other = (sequence.paths(os.path.basename(each), (frame,))[0][1] for each in (told, ledger.text(text)))
        return one == other
    return False


def _request(run: history.Run) -> Request:
    options = run.began.get("options")
    look = str(run.began.get("sdev", "")), str(run.began.get("sdev_sha256", ""))
    return Request(*look, options if isinstance(options, dict) else {})


def _paths(text: str, frames: Sequence[int] | None, runs: Iterable[history.Run]) -> dict[int | None, Path]:
    if not sequence.is_pattern(text):
        return {None: sequence.find(text, None if frames is None else sequence.frame_range(frames))[0].path}
    named = sequence.range_in(text, None)
    if frames is None and named is not None:
        frames = sequence.parse_frames(named)
    return dict(sequence.paths(text, _frames_of(text, runs) if frames is None else frames))


def _frames_of(text: str, runs: Iterable[history.Run]) -> Sequence[int]:
    """Return the frames of these runs and those on disk; without a run's, from the first on disk to the last."""
    asked: set[int] = set()
    for run in runs:
        asked.update(run.frames)
        if len(asked) > sequence.MOST_FRAMES:
            raise LatticeError(f"{text}: expected at most {sequence.MOST_FRAMES} frames in the ledger, got more")
    try:
        there = [each.frame for each in sequence.find(text) if each.frame is not None]
    except LatticeError:
        if not asked:
            raise
        there = []
    return sorted(asked.union(there)) if asked else sequence.spanned(there)


@dataclass(frozen=True)
class _Noted(Request):
    """A request of which a short stamp alone tells: the look's name and a digest."""

    told: str = ""

    @property
    def digest(self) -> str:
        return self.told

    @property
    def look(self) -> str:
        return self.name


def _stamped(paths: Iterable[Path]) -> Request | None:
    """Return the request of the first output that says it."""
    for path in paths:
        with suppress(LatticeError):
            facts = read_grade(path).facts
            if "sha256" in facts:
                return Request(facts.get("name", ""), facts["sha256"], json_object(facts.get(REQUEST)))
            note = NOTE.match(images.read_note(path))
            digest = note["as"] if note is not None else None
            return _Noted(facts.get("name", ""), "", {}, (digest or "").removeprefix(" as:"))
    return None
