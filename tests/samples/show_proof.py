"""A show breaks in four ways and is mended: `make show-proof`.

Shots of a table are graded by one command over a local cluster, while one shot has a gap, another a damaged frame, a
third a disk that is full half-way (a small memory disk, if it can be mounted here), and a worker is killed. The faults
are mended, the same command is run again, and then every output is whole, no frame was done twice, and the table of
costs equals the ledgers' lines and the bytes on disk. A killed worker and a full disk may leave a frame without its
line. Raises, and so exits 1, at the first fault.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exr_samples import SAID, save
from killing import workers_of
from ledger_samples import lines, parts

from lattice.regrade.show.account import SUMS

SHOTS, FRAMES, SHAPE = 12, 24, (135, 240)
FAILED, DONE = 1, 0
GAP, DAMAGED, FULL = 0, 1, 2  # the shots with a fault
LOOKS = ("premier", "vision")


def name_of(shot: int) -> str:
    return f"sh{shot:03d}"


def make_show(folder: Path, shots: int, frames: int) -> Path:
    """Plates, and the table of shots."""
    noise = np.random.default_rng(0).uniform(0, 4, (*SHAPE, 3)).astype(np.float16)
    rows = []
    for shot in range(shots):
        (folder / "in" / name_of(shot)).mkdir(parents=True)
        for frame in range(1, frames + 1):
            moved = np.roll(noise, 97 * shot + frame, axis=1)
            save(plate(folder, shot, frame), {name: moved[..., k].copy() for k, name in enumerate("RGB")}, SAID)
        rows.append(f'[[shot]]\nname = "{name_of(shot)}"\nsdev = "{LOOKS[shot % 2]}"\nframes = "1-{frames}"\n')
    table = folder / "show.toml"
    ends = 'in = "in/{name}/s.####.exr"\nout = "out/{name}/g.####.exr"\nmkdir = true\n\n'
    table.write_text(ends + "\n".join(rows))
    return table


def plate(folder: Path, shot: int, frame: int) -> Path:
    return folder / "in" / name_of(shot) / f"s.{frame:04d}.exr"


def outputs(folder: Path) -> dict[Path, tuple[int, int]]:
    """The frames that are there, by what tells one writing from another."""
    found = {path: path.stat() for path in folder.glob("out/*/g.*.exr")}
    return {path: (one.st_ino, one.st_mtime_ns) for path, one in found.items()}


def lattice(*words: str | Path, code: int) -> str:
    """Run a command to its end; what it printed."""
    done = subprocess.run([sys.executable, "-m", "lattice.cli", *map(str, words)], capture_output=True, text=True)
    assert done.returncode == code, (words, done.returncode, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[str]:
    """A memory disk of some bytes at a folder; yields why there is none, or an empty text."""
    folder.mkdir(parents=True)
    made = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        done = subprocess.run(made, capture_output=True, text=True)
        why = done.stderr.strip() if done.returncode else ""
    except OSError as error:
        why = str(error)
    try:
        yield why
    finally:
        if not why:
            subprocess.run(["umount", str(folder)], check=True)


def regrade_and_kill(table: Path) -> bool:
    """Regrade the show over a cluster and kill one of its workers; whether one was killed."""
    words = [sys.executable, "-m", "lattice.cli", "regrade", "--shots", str(table), "--cluster", "local"]
    child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None
    for _ in range(4):
        child.stdout.readline()
    killed = False
    for worker in workers_of(child.pid)[:1]:
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
            killed = True
    out, err = child.communicate()
    assert child.returncode == FAILED, (child.returncode, out[-2000:], err[-2000:])
    return killed


def status(table: Path, code: int, *more: str) -> dict[str, dict[str, Any]]:
    """What `lattice status` tells of each shot."""
    told = json.loads(lattice("status", "--shots", table, "--json", *more, code=code))
    return {each["shot"]: each for each in told["shots"]}


def expected(frames: int, full: str) -> dict[str, dict[str, str]]:
    """The states that the faults leave, of the shots that are not whole; of the full disk only that some failed.

    A disk may be too full for the lines of the frames that failed; without their lines they are missing.
    """
    gap, damaged = frames // 2, frames // 3
    rest = {f: ",".join(part for part in (span(1, f - 1), span(f + 1, frames)) if part) for f in (gap, damaged)}
    found = {
        name_of(GAP): {"done": rest[gap], "failed": str(gap)},
        name_of(DAMAGED): {"done": rest[damaged], "failed": str(damaged)},
    }
    return found if full else found | {name_of(FULL): {}}


def span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def check_broken(told: dict[str, dict[str, Any]], frames: int, full: str) -> None:
    """Each fault is told where it is, and nowhere else."""
    wanted = expected(frames, full)
    for name, each in told.items():
        if name not in wanted:
            assert each["whole"], each
        elif wanted[name]:
            assert each["frames"] == wanted[name], each
        else:
            assert {"done", "failed"} <= set(each["frames"]) <= {"done", "failed", "missing"}, each
            assert all("No space left" in why for why in each["why"].values()), each


def check_costs(folder: Path) -> dict[str, float]:
    """The costs are the sums of the ledgers' lines, and the bytes are those on disk; the sums."""
    books = sorted(folder.glob("out/*/g.sdev.jsonl"))
    (told,) = json.loads(lattice("ledger", *books, "--by", "", "--json", code=DONE))
    every = [line for book in books for line in lines(book)]
    for name in SUMS:
        assert told[name] == pytest.approx(sum(line[name] for line in every)), name
    assert told["graded"] == sum(line["status"] == "ok" for line in every)
    assert told["failed"] == sum(line["status"] == "failed" for line in every)
    there = {str(path): path.stat().st_size for path in outputs(folder)}
    told_of = {line["target"] for line in every if line["status"] == "ok"}
    assert told["bytes_written"] == sum(size for path, size in there.items() if path in told_of), "bytes on disk"
    untold = [path for path in there if path not in told_of and name_of(FULL) not in path]
    assert len(untold) <= 1, untold  # the frame whose worker was killed between the frame and its line
    by_shot = json.loads(lattice("ledger", *books, "--by", "shot", "--json", code=DONE))
    assert {each["shot"] for each in by_shot} == {book.parent.name for book in books}
    assert sum(each["seconds"] for each in by_shot) == pytest.approx(told["seconds"])
    return {**told, "untold": len(there.keys() - told_of)}


def prove(folder: Path, shots: int, frames: int) -> str:
    """Break and mend a show; what came of it."""
    start, table = time.monotonic(), make_show(folder, shots, frames)
    gap, damaged = plate(folder, GAP, frames // 2), plate(folder, DAMAGED, frames // 3)
    gap.unlink()
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[: len(whole) // 2])
    out, room = folder / "out" / name_of(FULL), frames * len(whole) * 2 // 5
    with small_disk(out, room) as full:
        killed = regrade_and_kill(table)
        check_broken(status(table, FAILED), frames, full)
        before = outputs(folder)
        text = table.read_text()
        named = f'name = "{name_of(GAP)}"\n'
        table.write_text(text.replace(named, named + 'missing = "hold"\n'))
        damaged.write_bytes(whole)
        if not full:
            subprocess.run(["mount", "-o", f"remount,size={room * 10}", str(out)], check=True)
        lattice("regrade", "--shots", table, "--cluster", "local", code=DONE)
        now = outputs(folder)
        assert all(now[path] == writing for path, writing in before.items()), "done again or lost"
        assert len(now) == shots * frames
        assert not list(folder.rglob("*.tmp"))
        assert all(each["whole"] for each in status(table, DONE, "--verify").values())
        sums = check_costs(folder)
        runs = sum(part.get("event") == "began" for part in parts(out / "g.sdev.jsonl"))
    return (
        f"{shots} shots of {frames} frames in {time.monotonic() - start:.0f} s: a gap, a damaged frame, "
        f"{'no full disk (' + full + ')' if full else 'a full disk'}, {'a' if killed else 'no'} killed worker: "
        f"{len(before)} frames of {len(now)} in the first of {runs} runs, {len(now) - len(before)} later, 0 done "
        f"again, 0 lost; {sums['failed']:.0f} failures told; {sums['seconds']:.1f} s, {sums['cpu_seconds']:.1f} CPU s, "
        f"{sums['bytes_read']:.0f} bytes read and {sums['bytes_written']:.0f} written are those of the ledgers' lines "
        f"and on disk, {sums['untold']:.0f} frames without a line"
    )


def main() -> None:
    """Prove it with the shots and frames that are named, if any."""
    shots, frames = (int(word) for word in sys.argv[1:] or (SHOTS, FRAMES))
    with tempfile.TemporaryDirectory() as name:
        print(prove(Path(name), shots, frames))


if __name__ == "__main__":
    main()
