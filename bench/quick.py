"""The headline figures in two minutes, beside the last kept ones: `make bench-quick`, or `KEEP=1` to keep these.

Every result is checked before it is timed. Exits with 1 if a figure fell, 2 if a kept row is damaged.
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import argparse
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import quick_works
from figures import Change, Figure, Run, append, changes, gone, last, read
from report import table
from timing import cpu_model

from lattice.interp import native
from lattice.interp.threads import cores
from lattice.types import LatticeError

HISTORY = Path(__file__).with_name("history")
FALLEN, DAMAGED = 1, 2  # exit codes


def measured() -> Iterator[tuple[str, Figure]]:
    """Every figure by name, each as soon as it is measured."""
    yield from quick_works.builds()
    yield from quick_works.engine()
    with tempfile.TemporaryDirectory() as name:
        yield from quick_works.starts(Path(name))
        for codec in ("ZIP", "NO"):
            yield from quick_works.sequence(Path(name), codec)


def commit() -> str:
    """The commit that is checked out, with a + where files differ from it."""
    git = partial(subprocess.run, cwd=HISTORY.parent, capture_output=True, text=True, check=True)
    try:
        head, changed = git(["git", "rev-parse", "--short", "HEAD"]), git(["git", "status", "--short", "--", ".."])
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.stdout.strip() + ("+" if changed.stdout else "")


def run_of(figures: Mapping[str, Figure]) -> Run:
    """A row of this machine and this minute."""
    return Run(
        datetime.now(UTC).isoformat(timespec="minutes"),
        commit(),
        cpu_model(),
        cores(),
        "none" if native.unavailable_reason() is not None else native.in_use(),
        platform.python_version(),
        np.__version__,
        figures,
    )


def compared(run: Run, found: Mapping[str, Change]) -> str:
    """The table of figures beside the kept ones."""

    def cells(name: str, figure: Figure) -> list[str]:
        change = found.get(name)
        spread = f"{figure.low:.4g} - {figure.high:.4g}"
        beside = ["", ""] if change is None else [f"{change.before.median:.4g}", "fell" if change.has_fallen else "ok"]
        return [name, f"{figure.median:.4g}", spread, figure.unit, *beside]

    head = ["figure", "median", "quartiles", "unit", "before", "verdict"]
    return table(head, [cells(*each) for each in run.figures.items()])


def report(run: Run, rows: Sequence[Run]) -> tuple[str, bool]:
    """What to print on a run beside the kept rows, and whether a figure fell or is gone."""
    beside, is_same = last(run, rows)
    found, missing = changes(run, beside, is_same), gone(run, beside) if is_same else []
    with_what = f"{run.machine}: beside its last rows, " if is_same else f"{run.machine} has no row yet: "
    if not is_same and beside:
        with_what += f"only ratios are compared, with {beside[-1].machine}, "
    said = with_what + (", ".join(f"{row.commit} of {row.date}" for row in beside) or "nothing to compare with")
    fell = [f"{name}: {each.slower:.2f} times as slow" for name, each in found.items() if each.has_fallen]
    lines = [compared(run, found), said, *fell, *(f"{name}: not measured any more" for name in missing)]
    return "\n".join(lines), bool(fell or missing)


def main() -> int:
    """Measure, compare, print, and keep the row if that is asked; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="add these figures to bench/history")
    keep = parser.parse_args().keep
    try:
        rows = read(HISTORY)
        run = run_of(dict(measured()))
    except LatticeError as error:
        print(f"bench-quick: {error}", file=sys.stderr)
        return DAMAGED
    said, has_fallen = report(run, rows)
    print(said)
    if keep:
        print(f"kept in {append(HISTORY, run)}")
    return FALLEN if has_fallen else 0


if __name__ == "__main__":
    sys.exit(main())
