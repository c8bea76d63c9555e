"""Kill a regrade again and again, at random moments, and look at what it leaves: `python tests/killing.py 300`.

After every kill each file that has its final name must be whole, and what was finished must never be done again. One
run that is left alone then does the rest, and no temporary stays. Exits 1 at the first fault.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from lattice.files import exr

FRAMES, SHAPE = 40, (540, 960)
LONGEST = 1.5  # seconds until a kill, at most, once a run has begun to grade
BATCH = 12  # kills until the finished frames are taken away and all begins again


def make_frames(folder: Path) -> None:
    """A sequence of random half pixels, which compress badly and take time to write."""
    from exr_samples import save

    noise = np.random.default_rng(0).uniform(0, 4, (*SHAPE, 3)).astype(np.float16)
    for frame in range(FRAMES):
        shifted = np.roll(noise, frame, axis=1)
        save(folder / f"s.{frame:04d}.exr", {name: shifted[..., k].copy() for k, name in enumerate("RGB")})


def command(folder: Path) -> list[str]:
    """The regrade."""
    return [sys.executable, "-m", "lattice.cli", "regrade", str(folder / "s.####.exr"), str(folder / "g.####.exr"),
            "-s", "vision"]


def kill_once(folder: Path, wait: float) -> None:
    """Start it, let it grade for a while, kill it."""
    child = subprocess.Popen(command(folder), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(wait)
    child.kill()
    child.communicate()


def finished(folder: Path) -> dict[Path, tuple[int, int]]:
    """Files at final names, each read whole, by what tells one writing from another."""
    found = {}
    for path in sorted(folder.glob("g.*.exr")):
        exr.read(path)  # raises where it is not whole
        status = path.stat()
        found[path] = (status.st_ino, status.st_mtime_ns)
    return found


def main() -> None:
    """Kill as often as asked; say what came of it."""
    kills, seed = int(sys.argv[1]), random.randrange(1 << 32)
    chance, done, graded = random.Random(seed), dict[Path, tuple[int, int]](), 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_frames(folder)
        for kill in range(kills):
            kill_once(folder, chance.uniform(0, LONGEST))
            now = finished(folder)
            if redone := [path.name for path in done if now.get(path) != done[path]]:
                sys.exit(f"seed {seed}, kill {kill}: done again or lost: {redone}")
            done = now
            if len(done) == FRAMES or kill % BATCH == BATCH - 1:
                graded += len(done)
                for path in done:
                    path.unlink()
                done = {}
        last = subprocess.run(command(folder), capture_output=True, text=True)
        left = [path.name for path in folder.iterdir() if path.name.endswith(".tmp")]
        whole = len(finished(folder))
        if last.returncode or left or whole != FRAMES:
            sys.exit(f"seed {seed}: the last run: {last.returncode}, {whole} frames, left {left}: {last.stderr}")
    print(f"{kills} kills, {graded + whole} frames: 0 invalid, 0 done again, 0 lost, 0 temporaries left (seed {seed})")


if __name__ == "__main__":
    main()
