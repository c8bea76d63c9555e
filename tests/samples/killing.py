"""Kill a regrade again and again, at random moments, and look at what it leaves: `make kills KILLS= 300`.

With `looks` after the number two looks want one output: see `killing_looks.py`. With `cluster` it works through two
workers of a local cluster, and a worker is killed as often as the command itself. It is killed outright, or asked to
stop by one signal or two. After that each file that has its final name must be whole, what was finished must never be
done again; who was asked has no temporary left and a line in the ledger for each file. One run that is left alone then
does the rest, and no temporary stays. Exits 1 at the first fault, and where many were asked for and none came while a
frame was written.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
from ledger_samples import parts

from lattice.files.exr import file as exr

FRAMES, SHAPE = 40, (540, 960)
LONGEST = 1.5  # seconds until a kill, at most, once a run has begun to grade
CLUSTER = ("--cluster", "local", "--workers", "2", "--io-slots", "2")
KILL = (signal.SIGKILL,)
WAYS = (KILL, KILL, KILL, (signal.SIGTERM,), (signal.SIGINT, signal.SIGTERM))
MANY = 100  # of which some must come while a frame is written
BATCH = 12  # kills until the finished frames are taken away and all begins again


def make_frames(folder: Path) -> None:
    """A sequence of random half pixels, which compress badly and take time to write."""
    from exr_samples import save

    noise = np.random.default_rng(0).uniform(0, 4, (*SHAPE, 3)).astype(np.float16)
    for frame in range(FRAMES):
        shifted = np.roll(noise, frame, axis=1)
        save(folder / f"s.{frame:04d}.exr", {name: shifted[..., k].copy() for k, name in enumerate("RGB")})


def command(folder: Path, *more: str) -> list[str]:
    """The regrade."""
    return [
        sys.executable,
        "-m",
        "lattice.cli",
        "regrade",
        str(folder / "s.####.exr"),
        str(folder / "g.####.exr"),
        "-s",
        "vision",
        *more,
    ]


def stop_once(folder: Path, wait: float, signals: tuple[int, ...]) -> int:
    """Start it, let it grade for a while, send it signals; the exit code."""
    child = subprocess.Popen(command(folder), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert child.stdout is not None
    child.stdout.readline()  # what the first frame becomes
    child.stdout.readline()
    time.sleep(wait)
    for number in signals:
        child.send_signal(number)
    child.communicate()
    return child.returncode


def workers_of(head: int) -> list[int]:
    """The workers that a command has started."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError, IndexError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if entry.name.isdigit() and parent == head and b"spawn_main" in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def kill_in_cluster(folder: Path, chance: random.Random) -> int:
    """Start it over a cluster, let it grade for a while, kill a worker or the command; the exit code.

    Who outlives the command is waited for: it ends its frame.
    """
    child = subprocess.Popen(command(folder, *CLUSTER), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert child.stdout is not None
    for _ in "ab":
        child.stdout.readline()
    time.sleep(chance.uniform(0, LONGEST))
    workers = workers_of(child.pid)
    if workers and chance.random() < 1 / 2:
        with suppress(ProcessLookupError):
            os.kill(chance.choice(workers), signal.SIGKILL)
    else:
        child.kill()
    child.communicate()
    while any(Path(f"/proc/{pid}").exists() for pid in workers):
        time.sleep(0.05)
    return child.returncode


def temporaries(folder: Path) -> list[str]:
    """What is left of files that were being written."""
    return [path.name for path in folder.iterdir() if path.name.endswith(".tmp")]


def told(folder: Path) -> set[str]:
    """The targets of the ledger's lines that say they were made; a killed job may leave part of a line."""
    return {part["target"] for part in parts(folder / "g.sdev.jsonl") if part.get("status") == "ok"}


def finished(folder: Path) -> dict[Path, tuple[int, int]]:
    """Files at final names, each read whole, by what tells one writing from another."""
    found = {}
    for path in sorted(folder.glob("g.*.exr")):
        exr.read(path)  # raises where it is not whole
        status = path.stat()
        found[path] = (status.st_ino, status.st_mtime_ns)
    return found


def look(folder: Path, before: dict[Path, tuple[int, int]], asked: bool) -> dict[Path, tuple[int, int]]:
    """What is finished now. Raises AssertionError at a fault. asked: whether the run was asked to stop, not killed."""
    now = finished(folder)
    assert all(now.get(path) == writing for path, writing in before.items()), "done again or lost"
    if asked:
        assert not temporaries(folder), "temporaries left"
        assert {str(path) for path in now if path not in before} <= told(folder), "files without a line in the ledger"
    return now


def main() -> None:
    """Stop as often as asked; say what came of it."""
    if sys.argv[2:] == ["looks"]:
        import killing_looks

        with tempfile.TemporaryDirectory() as name:
            killing_looks.main(int(sys.argv[1]), Path(name))
        return
    stops, in_cluster, seed = int(sys.argv[1]), sys.argv[2:] == ["cluster"], random.randrange(1 << 32)
    chance, done, graded, midway = random.Random(seed), dict[Path, tuple[int, int]](), 0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_frames(folder)
        for count in range(stops):
            signals = KILL if in_cluster else chance.choice(WAYS)
            code = (
                kill_in_cluster(folder, chance)
                if in_cluster
                else stop_once(folder, chance.uniform(0, LONGEST), signals)
            )
            midway += bool(temporaries(folder))
            print(f"seed {seed}, stop {count}, signals {signals}: ended with {code}", file=sys.stderr)
            done = look(folder, done, asked=signals != KILL)
            assert code in (0, *(128 + number for number in signals)) or (
                -code in signals and (signals == KILL or len(done) == FRAMES)
            )  # it came when all was done
            if len(done) == FRAMES or count % BATCH == BATCH - 1:
                graded += len(done)
                for path in (*done, folder / "g.sdev.jsonl"):
                    path.unlink(missing_ok=True)  # a job may be killed before its ledger's first line
                done = {}
        assert subprocess.run(command(folder), capture_output=True).returncode == 0
        graded += len(look(folder, done, asked=True))
    assert midway or stops < MANY or in_cluster, "no kill came while a frame was written"
    print(
        f"{stops} stops, {midway} of them while a frame was written; {graded} frames: 0 invalid, 0 done again, "
        f"0 lost, 0 temporaries left (seed {seed})"
    )


if __name__ == "__main__":
    main()
