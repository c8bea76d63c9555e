"""Two commands with two looks start on one output, and one is killed at a random moment: `make kills WHERE=looks`.

After each round the files at final names are whole and of one look, whoever was refused wrote nothing, and what was
finished is neither lost nor done again. The other look is refused as long as those files are there, and the first does
the rest. All the time `lattice status` must tell what the files and the processes tell. Raises at the first fault.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from exr_samples import SAID, save
from killing import temporaries, workers_of
from ledger_samples import parts

from lattice.files.exr import file as exr
from lattice.files.frame import STAMP
from lattice.regrade import Options, plan, regrade
from lattice.regrade.frame.request import Request
from lattice.regrade.show.state import DONE, FAILED, IN_HAND, MISSING, OTHER
from lattice.regrade.show.status import Status, status_of
from lattice.sdev import load
from lattice.types import LatticeError

LOOKS, FRAMES, SHAPE = ("premier", "vision"), 12, (400, 700)
ALONE, CLUSTER = ("--threads", "1"), ("--cluster", "local", "--workers", "2")
KILLED, IN_CLUSTER, BY_COMMAND = 2 / 3, 1 / 12, 1 / 8  # the share of rounds
POLL = 0.02  # seconds
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM)
LATEST, LATEST_GRADING = 3.0, 1.5  # seconds until a kill, at most: from the start, or from the first claim
Writing = dict[int, tuple[int, int]]  # frames at final names, by what tells one writing from another


@dataclass
class Run:
    """One of the two commands."""

    look: str
    child: subprocess.Popen[str]
    words: tuple[str, ...]
    killed: int = 0

    def lives(self) -> bool:
        return self.child.poll() is None


@dataclass
class Told:
    """What the rounds came to."""

    rounds: int = 0
    kills: int = 0
    refused: int = 0
    frames: int = 0
    statuses: int = 0
    in_hand: int = 0
    left_to_do: int = 0
    clusters: int = 0
    midway: int = 0
    none: int = 0
    winners: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LOOKS, 0))


def make_sources(folder: Path) -> None:
    """Random half pixels, which take time to write."""
    noise = np.random.default_rng(0).uniform(0, 4, (*SHAPE, 3)).astype(np.float16)
    for frame in range(FRAMES):
        save(folder / f"s.{frame:04d}.exr", {name: noise[..., k].copy() for k, name in enumerate("RGB")}, SAID)


def command(source: Path, folder: Path, look: str, *words: str) -> list[str]:
    """The regrade."""
    ends = str(source / "s.####.exr"), str(folder / "g.####.exr")
    return [sys.executable, "-m", "lattice.cli", "regrade", *ends, "-s", look, *words]


def looks_of(folder: Path, whole: bool = False) -> dict[int, str]:
    """The look that each file at a final name was graded with. Raises LatticeError if one is not whole."""
    found = {}
    for path in sorted(folder.glob("g.*.exr")):
        headers = (exr.read(path).header,) if whole else exr.read_headers(path)
        found[int(path.name.split(".")[1])] = headers[0].text(STAMP + "name") or "?"
    return found


def writings(folder: Path) -> Writing:
    """The frames that are there."""
    found = {path: path.stat() for path in folder.glob("g.*.exr")}
    return {int(path.name.split(".")[1]): (one.st_ino, one.st_mtime_ns) for path, one in found.items()}


class Round:
    """A round, and its checks, which raise AssertionError."""

    def __init__(self, source: Path, folder: Path, chance: random.Random, told: Told) -> None:
        self.source, self.folder, self.chance, self.told = source, folder, chance, told
        self.seen: Writing = {}
        self.workers: set[int] = set()
        self.grading, self.when = chance.random() < 3 / 4, 0.0
        self.victim: Run | None = None

    def play(self) -> None:
        """Let the two run, look at them, and let the first do what is left."""
        runs = self._started()
        self._watch(runs, self.chance.random() < KILLED)
        for run in runs:
            self._check_end(run, runs)
        there = looks_of(self.folder, whole=True)
        assert len(set(there.values())) < 2, f"two looks in one output: {there}"
        assert not any(temporaries(self.folder)) or any(run.killed == signal.SIGKILL for run in runs)
        self.told.frames += len(there)
        self.told.midway += 0 < len(there) < FRAMES
        if there:
            self._check_after(there)
        else:
            self.told.none += 1

    def _started(self) -> list[Run]:
        looks = self.chance.sample(LOOKS, 2)
        in_cluster = self.chance.choice(looks) if self.chance.random() < IN_CLUSTER else ""
        self.told.clusters += bool(in_cluster)
        every = {look: CLUSTER if look == in_cluster else ALONE for look in looks}
        return [
            Run(
                look,
                subprocess.Popen(
                    command(self.source, self.folder, look, *words),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    text=True,
                ),
                words,
            )
            for look, words in every.items()
        ]

    def _watch(self, runs: list[Run], kills: bool) -> None:
        """Until both have ended, compare what is told with what is; kill one at some moment."""
        while any(run.lives() for run in runs) or any(Path(f"/proc/{pid}").exists() for pid in self.workers):
            time.sleep(POLL)
            for run in runs:
                self.workers |= set(workers_of(run.child.pid)) if run.words == CLUSTER and run.lives() else set()
            if kills and time.monotonic() > self._moment(runs):
                self._kill()
                kills = False
            self._look(runs)
        self._look(runs)

    def _moment(self, runs: list[Run]) -> float:
        """When to kill: some time after the start, or after the first claim."""
        if self.grading and not self.when:
            began = self._began()
            if began:
                self.victim = next(run for run in runs if run.look in began)
                self.when = time.monotonic() + self.chance.uniform(0, LATEST_GRADING)
        elif not self.when:
            self.victim = self.chance.choice(runs)
            self.when = time.monotonic() + self.chance.uniform(0, LATEST)
        return self.when or float("inf")

    def _kill(self) -> None:
        if self.victim is not None and self.victim.lives():
            self.victim.killed = self.chance.choice(SIGNALS)
            self.victim.child.send_signal(self.victim.killed)
            self.told.kills += 1

    def _began(self) -> set[str]:
        return {part["sdev"] for part in parts(self.folder / "g.sdev.jsonl") if part.get("event") == "began"}

    def _look(self, runs: list[Run]) -> None:
        before = writings(self.folder)
        assert all(before.get(frame) == writing for frame, writing in self.seen.items()), "done again or lost"
        self.seen = before
        lived = {run.look for run in runs if run.lives() and not run.killed}
        began = self._began()
        if not began:
            return
        found = status_of(self.folder / "g.####.exr", range(FRAMES))
        after = writings(self.folder)
        ended = {part["sdev"] for part in parts(self.folder / "g.sdev.jsonl") if part.get("event") == "ended"}
        done, held = set(found.frames.get(DONE, ())), set(found.frames.get(IN_HAND, ()))
        assert set(before) <= done <= set(after), (found.frames, before, after)
        assert set(found.frames) <= {DONE, IN_HAND, MISSING}, found
        if (began & lived) - ended:
            assert done | held == set(range(FRAMES)), found
            assert found.runs
            self.told.in_hand += bool(held)
        self.told.statuses += 1

    def _check_end(self, run: Run, runs: list[Run]) -> None:
        error = run.child.communicate()[1]
        code, there = run.child.returncode, looks_of(self.folder)
        mine = [frame for frame, look in there.items() if look == run.look]
        if code == 0:
            assert len(mine) == FRAMES, (run.look, there)
            self.told.winners[run.look] += 1
        elif code == 2:
            assert error.count("\n") == 1, error
            assert "another run grades there" in error or "--replace" in error, error
            lines = [part for part in parts(self.folder / "g.sdev.jsonl") if part["sdev"] == run.look]
            assert not mine, "a refused run wrote"
            assert not lines, "a refused run is in the ledger"
            self.told.refused += 1
        else:
            assert run.killed, (code, error)
            assert code in (-run.killed, 128 + run.killed), (code, error)
        if not any(each.killed for each in runs):
            assert sorted(each.child.returncode for each in runs if not each.lives()) in ([0], [0, 2], [2]), error

    def _check_after(self, there: dict[int, str]) -> None:
        (first,) = set(there.values())
        (other,) = set(LOOKS) - {first}
        out, source = self.folder / "g.####.exr", self.source / "s.####.exr"
        self._check_told(status_of(out, range(FRAMES)), there, first)
        asked = Request.of(load(other), Options())
        self._check_told(status_of(out, range(FRAMES), asked), there, other)
        if self.chance.random() < BY_COMMAND:
            again = subprocess.run(command(self.source, self.folder, other), capture_output=True, text=True)
            assert again.returncode == 2, again
            assert "--replace" in again.stderr, again
        else:
            with pytest.raises(LatticeError, match="--replace"):
                plan(load(other), source, out)
        assert writings(self.folder) == self.seen
        self.told.left_to_do += FRAMES - len(there)
        reports = regrade(plan(load(first), source, out))
        assert [report.status for report in reports].count("skipped") == len(there), "done again"
        now = writings(self.folder)
        assert all(now[frame] == writing for frame, writing in self.seen.items()), "done again or lost"
        assert not temporaries(self.folder)
        assert status_of(out, verify=True).is_whole
        self._check_told(status_of(out), looks_of(self.folder, whole=True), first)

    def _check_told(self, found: Status, there: dict[int, str], look: str) -> None:
        told = {frame: state for state, frames in found.frames.items() for frame in frames}
        for frame in range(FRAMES):
            wanted = (MISSING, FAILED) if frame not in there else (DONE if there[frame] == look else OTHER,)
            assert told[frame] in wanted, (frame, told, there)
        assert not found.runs, found
        self.told.statuses += 1


def play(rounds: int, folder: Path, seed: int) -> Told:
    """Play some rounds in a folder."""
    source, told = folder / "in", Told()
    source.mkdir()
    make_sources(source)
    for number in range(rounds):
        print(f"seed {seed}, round {number}", file=sys.stderr)
        out = folder / f"out{number}"
        out.mkdir()
        Round(source, out, random.Random(f"{seed} {number}"), told).play()
        shutil.rmtree(out)
        told.rounds += 1
    return told


def main(rounds: int, folder: Path) -> None:
    """Play as many rounds as asked; say what came of them."""
    seed = int(os.environ.get("SEED", 0)) or random.randrange(1 << 32)
    told = play(rounds, folder, seed)
    wins = ", ".join(f"{count} by {look}" for look, count in told.winners.items())
    print(
        f"{told.rounds} rounds of two looks, {told.clusters} with a cluster: {told.kills} kills, {told.midway} of them "
        f"midway and {told.none} before the first frame; ended at once {wins}; {told.refused} refused; {told.frames} "
        f"frames and {told.left_to_do} later: 0 invalid, 0 done again, 0 lost, 0 outputs of two looks; "
        f"{told.statuses} statuses true, {told.in_hand} of them while frames were in hand (seed {seed})"
    )
