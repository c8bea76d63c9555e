"""Re-grading a sequence beside its peers, in one run: `python bench/regrade.py`, or `--quick` on a few small frames.

Checks pixels first, then times all in turn, prints the tables and writes them to bench/RESULTS-REGRADE.md (with
`--quick` it only prints). Each run is a process of its own, its start and its loading counted in. LATTICE_BASE names
the Python of an older lattice, `/path/to/.venv/bin/python`, which then takes its turn in every table.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
from regrade_run import PINNED
from report import table
from timing import cpu_model

import lattice
from lattice.interp.threads import cores

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS-REGRADE.md"
LOOK, CODECS = "premier", ("ZIP", "PIZ", "DWAA", "NO")
FRAMES, FRAME, QUICK_FRAMES, QUICK_FRAME = 24, (2160, 4096), 3, (270, 512)
LONG, SHORT = 200, 16  # frames, whose peak memory should be the same
ROUNDS = 3
OURS, OIIOTOOL, OCIOCONVERT, FLOOR = "lattice regrade", "oiiotool", "ocioconvert", "read and write, no color"
BY_BYTES, BEFORE, BASE = "lattice regrade --verify crc", "lattice regrade, before", "LATTICE_BASE"
COMPARED = ("PIZ", "NO")  # codecs whose files are also verified as bytes
MEGA = 1e6
# A lossless file shows what was graded: a half's last bit off, at most two, because OpenColorIO rounds its table and
# its gamma elsewhere; in shadows, where halves are finer than any display, by this part of full scale.
TOLERANCE = 1.5e-3


@dataclass(frozen=True)
class Run:
    """What a run took: wall seconds, CPU seconds, peak resident bytes."""

    seconds: float
    cpu: float
    peak: float


def tool(name: str) -> str:
    """A command that stands beside this Python's own."""
    return str(Path(sys.executable).with_name(name))


def ours(folder: Path, count: int, *more: str, python: str = sys.executable) -> list[str]:
    """Our command. python: whose lattice."""
    ends = [str(folder / "s.####.exr"), str(folder / "out" / "s.####.exr")]
    return [python, "-m", "lattice.cli", "regrade", *ends, "-s", LOOK, "--frames", f"1-{count}", *more]


def write_frames(folder: Path, count: int, frame: tuple[int, int], codec: str) -> None:
    """Frames of a plate, s.0001.exr and on, of so many rows and columns."""
    words = [folder, count, *frame, codec]
    subprocess.run([sys.executable, str(HERE / "regrade_frames.py"), *map(str, words)], check=True)


def commands(folder: Path, clf: Path, count: int, codec: str) -> dict[str, list[list[str]]]:
    """For each contestant the commands to run one after the other; they write to folder/out."""
    source, target = folder / "s.####.exr", folder / "out" / "s.####.exr"
    frames = [f"s.{frame:04d}.exr" for frame in range(1, count + 1)]
    base = os.environ.get(BASE)
    return {
        OURS: [ours(folder, count)],
        **({BY_BYTES: [ours(folder, count, "--verify", "crc")]} if codec in COMPARED else {}),
        **({BEFORE: [ours(folder, count, python=base)]} if base else {}),
        OIIOTOOL: [
            [
                tool("oiiotool"),
                "--threads",
                str(cores()),
                "--frames",
                f"1-{count}",
                str(source).replace("####", "#"),
                "--ociofiletransform",
                str(clf),
                "-o",
                str(target).replace("####", "#"),
            ]
        ],
        OCIOCONVERT: [
            [tool("ocioconvert"), "--lut", str(clf), str(folder / name), str(folder / "out" / name)] for name in frames
        ],
        FLOOR: [[sys.executable, str(HERE / "regrade_floor.py"), str(folder), str(folder / "out")]],
    }


def run(steps: list[list[str]], out: Path, is_pinned: bool = False) -> Run:
    """Run commands into an empty folder `out`. is_pinned: on one core. Raises RuntimeError where one fails."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    os.sync()
    took, words = [], [sys.executable, str(HERE / "regrade_run.py"), *([PINNED] if is_pinned else [])]
    for step in steps:
        done = subprocess.run([*words, *step], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{step[0]}: {done.stderr}")
        took.append([float(number) for number in done.stdout.split()])
    seconds, cpu, peaks = zip(*took, strict=True)
    return Run(sum(seconds), sum(cpu), max(peaks))


def picture(path: Path) -> Any:
    """(H, W, 3) float32."""
    channels = OpenEXR.File(str(path), separate_channels=True).channels()
    return np.stack([channels[name].pixels for name in "RGB"], axis=-1, dtype=np.float32)


def check(codec: str, name: str, folder: Path) -> float:
    """The worst difference of the first frame from what `SDev.apply` makes of it. Raises ValueError where too large."""
    device = lattice.load(LOOK).with_input("Rec.709")
    source, got = picture(folder / "s.0001.exr"), picture(folder / "out" / "s.0001.exr")
    meant = source if name == FLOOR else device.apply(source.astype(np.float16)).astype(np.float32)
    apart = np.abs(got - meant)
    worst = float(np.percentile(apart, 99.9) if codec == "DWAA" else apart.max())
    if codec != "DWAA" and worst > TOLERANCE:
        raise ValueError(f"{name}, {codec}: expected pixels within {TOLERANCE} of SDev.apply, got {worst}")
    return worst


def measured(codec: str, folder: Path, clf: Path, count: int, rounds: int) -> tuple[dict[str, Run], dict[str, Any]]:
    """Medians of every contestant, and of the frames it wrote the worst difference and the bytes of all."""
    works, facts = commands(folder, clf, count, codec), {}
    runs: dict[str, list[Run]] = {name: [] for name in works}
    for turn in range(rounds):
        order = [*works][turn % len(works) :] + [*works][: turn % len(works)]  # the first may find a disk at work
        for name in order:
            runs[name].append(run(works[name], folder / "out"))
            if not turn:
                written = sum(path.stat().st_size for path in (folder / "out").glob("s.*.exr"))
                facts[name] = (check(codec, name, folder), written)
    return {
        name: Run(*(statistics.median(getattr(each, field) for each in taken) for field in ("seconds", "cpu", "peak")))
        for name, taken in runs.items()
    }, facts


def codec_table(codec: str, runs: dict[str, Run], facts: dict[str, Any], count: int) -> str:
    """One codec's table."""
    rows = [
        [
            name,
            f"{count / took.seconds:.2f}",
            f"{runs[OIIOTOOL].seconds / took.seconds:.2f}",
            f"{runs[FLOOR].seconds / took.seconds:.2f}",
            f"{took.cpu / count:.2f}",
            f"{took.peak / MEGA:.0f}",
            f"{facts[name][1] / MEGA / count:.1f}",
            f"{facts[name][0]:.1e}",
        ]
        for name, took in runs.items()
    ]
    header = ["work", "frames/s", "x oiiotool", "x read and write", "CPU s/frame", "peak MB", "MB/frame", "difference"]
    return f"## {'none' if codec == 'NO' else codec}\n\n{table(header, rows)}"


def scaling(folder: Path, count: int, rounds: int) -> str:
    """Frames a second of one worker of a local cluster and of two, and how often the second does the first's work."""
    taken: dict[int, list[float]] = {1: [], 2: []}
    for turn in range(rounds):
        for workers, seconds in taken.items():
            cluster = ["--cluster", "local", "--workers", str(workers), "--io-slots", str(workers)]
            seconds.append(run([ours(folder, count, *cluster)], folder / "out").seconds)
            if not turn:
                check("ZIP", OURS, folder)
    one, two = (count / statistics.median(seconds) for seconds in taken.values())
    return (
        f"Workers of a local cluster (`--cluster local`, its start counted in): one {one:.2f} frames/s, two "
        f"{two:.2f}, {two / one:.2f} times as many."
    )


def flat_memory(folder: Path, count: int, long: int) -> str:
    """Peak memory of a short and a long run of the same frames."""
    for frame in range(count + 1, long + 1):
        (folder / f"s.{frame:04d}.exr").symlink_to(folder / f"s.{(frame - 1) % count + 1:04d}.exr")
    peaks = {frames: run([ours(folder, frames)], folder / "out").peak for frames in (min(SHORT, long), long)}
    said = [f"{frames} frames {peak / MEGA:.0f} MB" for frames, peak in peaks.items()]
    return f"Peak memory of {', of '.join(said)}."


def sections(quick: bool) -> Iterator[str]:
    """The report's parts, each as soon as it is measured."""
    count, (rows, columns), rounds, long = (QUICK_FRAMES, QUICK_FRAME, 1, 6) if quick else (FRAMES, FRAME, ROUNDS, LONG)
    yield (
        f"# Re-grading {count} frames of {columns}x{rows}, half R, G, B\n\n`make bench-regrade` on {cpu_model()}, "
        f"{cores()} cores, {platform.system()}; medians of {rounds} runs that took turns, each a process with its "
        f"start and loading counted in. Python {platform.python_version()}, OpenEXR {version('OpenEXR')}, "
        f"OpenImageIO {version('OpenImageIO')}, OpenColorIO {version('opencolorio')}. Ours also flushes to the "
        "disk, reads again and compares, with `--verify crc` as bytes, keeps a ledger and can be resumed. difference: "
        "the worst from `SDev.apply`, of full scale; with DWAA, which is lossy, of 999 pixels in 1000."
    )
    with tempfile.TemporaryDirectory() as name:
        clf = Path(name, "look.clf")
        lattice.load(LOOK).with_input("Rec.709").save(clf)
        for codec in CODECS:
            folder = Path(name, codec)
            folder.mkdir()
            write_frames(folder, count, (rows, columns), codec)
            yield codec_table(codec, *measured(codec, folder, clf, count, rounds), count)
            if codec == CODECS[0]:
                yield scaling(folder, count, rounds)
                yield flat_memory(folder, count, long)
            shutil.rmtree(folder)


def main() -> None:
    """Check, time, print, and keep what was printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few small frames, and nothing is written")
    quick = parser.parse_args().quick
    report = []
    for section in sections(quick):
        report.append(section)
        print(section, end="\n\n", flush=True)
    if not quick:
        RESULTS.write_text("\n\n".join(report) + "\n")


if __name__ == "__main__":
    main()
