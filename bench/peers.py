"""The CPU engines beside their peers, in one run: `python bench/peers.py`, or `--quick` on a small frame.

Checks every result first, then times all of them in turn, prints the tables and writes them to bench/RESULTS.md
(with `--quick` it only prints).
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from memory import measure_apart
from own_engines import ours
from peer_engines import HAS_FFMPEG, peers
from tables import COPY, case_table, memory_table, preface
from timing import median_seconds
from work import ALONE, LOOK, PICTURES, Case, Work, encoded_picture, in_planes, scene_picture, sdev_by_name, worst_error

from lattice.interp import native
from lattice.interp.threads import cores
from lattice.types import Interpolation

RESULTS = Path(__file__).with_name("RESULTS.md")
FRAME, QUICK_FRAME = (2160, 4096), (96, 1024)  # rows, columns
LOOKS = (LOOK, "premier", "premier-5219")  # scans by a table; film-outs and cameras by a film stage
METHODS: tuple[Interpolation, ...] = ("tetrahedral", "trilinear")
Works = dict[str, list[Work]]  # by name of the picture


def cases(frame: tuple[int, int]) -> Iterator[Case]:
    """(a) to (d): the lattice alone in float32 and whole looks in half, tetrahedral and trilinear."""
    encoded = {name: encoded_picture(name, *frame) for name in PICTURES}
    scenes = {name: scene_picture(picture) for name, picture in encoded.items()}
    single, half = ((pictures, *_memory(pictures)) for pictures in (encoded, scenes))
    for letter, method in zip("ab", METHODS, strict=True):
        yield Case(f"({letter}) {ALONE}, {method}, float32", sdev_by_name(ALONE, method), method, *single)
    for letter, method in zip("cd", METHODS, strict=True):
        for look in LOOKS:
            yield Case(f"({letter}) {look}, whole, {method}, half", sdev_by_name(look, method), method, *half)


def _memory(pictures: dict[str, Any]) -> tuple[Any, dict[str, Any], Any]:
    """Return where every engine writes, the pictures in planes, and where the planes of every engine are written."""
    out = np.empty_like(next(iter(pictures.values())))
    return out, {name: in_planes(picture) for name, picture in pictures.items()}, in_planes(out)


def seconds(case: Case, picture: str, made: list[Work]) -> dict[str, float]:
    """Median seconds of every work, and of the copy."""
    copy: Any = {COPY: lambda: np.copyto(case.out, case.images[picture])}
    return median_seconds({work.name: work.run for work in made} | copy)


def memory(frame: tuple[int, int]) -> list[str]:
    """The table of peak memory; nothing without the native engine, which `left_out` has said."""
    if native.unavailable_reason() is not None:
        return []
    if not Path("/proc/self/clear_refs").exists():
        return ["Peak memory is left out: only Linux counts it this way."]
    counts = sorted({1, cores()})
    kib = {name: {count: measure_apart(name, *frame, count) for count in counts} for name in (ALONE, *LOOKS)}
    return [memory_table(kib, frame)]


def left_out() -> list[str]:
    """Lines about what cannot run here."""
    lines = []
    if native.unavailable_reason() is not None:
        lines.append("The native engine is left out: it does not run here.")  # why would name this machine's paths
    if not HAS_FFMPEG:
        lines.append("ffmpeg is left out: PyAV (`av`) is not installed.")
    return lines


def checked(case: Case) -> tuple[Works, dict[str, float]]:
    """The works on each picture, and the worst error of each over the pictures."""
    made = {picture: [*ours(case, picture), *peers(case, picture)] for picture in case.images}
    errors: dict[str, float] = {}
    for picture, on_picture in made.items():
        for work in on_picture:
            errors[work.name] = max(errors.get(work.name, 0.0), worst_error(case, picture, work))
    return made, errors


def sections(frame: tuple[int, int]) -> Iterator[str]:
    """The report's parts, each as soon as it is measured."""
    ready = [(case, *checked(case)) for case in cases(frame)]
    yield preface(frame, left_out())
    for case, made, errors in ready:
        times = {picture: seconds(case, picture, made[picture]) for picture in PICTURES}
        yield case_table(case, made[PICTURES[0]], errors, times)
    yield from memory(frame)


def main() -> None:
    """Check, time, print, and keep what was printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small frame, and nothing is written")
    quick = parser.parse_args().quick
    report = []
    for section in sections(QUICK_FRAME if quick else FRAME):
        report.append(section)
        print(section, end="\n\n", flush=True)
    if not quick:
        RESULTS.write_text("\n\n".join(report) + "\n")


if __name__ == "__main__":
    main()
