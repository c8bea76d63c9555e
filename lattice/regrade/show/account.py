"""What frames have cost, summed over the lines of ledgers: seconds, CPU seconds and bytes, for who is charged."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from lattice.errors import did_you_mean
from lattice.regrade.sequence import history, ledger
from lattice.types import LatticeError

KEYS = ("shot", "look", "host", "day")
MOST = 2**50  # of seconds and bytes of a frame
SUMS = ("seconds", "cpu_seconds", "bytes_read", "bytes_written")


@dataclass
class Cost:
    """The sums of some frames. graded, failed: attempts; a frame that was graded again counts again."""

    graded: int = 0
    failed: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    bytes_read: int = 0
    bytes_written: int = 0

    def add(self, line: history.Line) -> None:
        """Add a frame's line; what is no number from 0 to MOST in it counts as 0."""
        self.graded += line.get("status") == "ok"
        self.failed += line.get("status") == "failed"
        for name in SUMS:
            value = line.get(name)
            is_number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST
            setattr(self, name, getattr(self, name) + (value if is_number else 0))

    def __add__(self, other: Cost) -> Cost:
        return Cost(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)})

    def as_dict(self) -> dict[str, Any]:
        """Return the sums by name."""
        return asdict(self)


def costs(ledgers: Sequence[Path], by: Sequence[str] = KEYS) -> dict[tuple[str, ...], Cost]:
    """Return the sums of all frames in some ledgers for each combination of `by`, sorted.

    ledgers: one that is named twice counts once. by: names of KEYS; empty sums everything. shot: the run's, or the
    ledger's name; look: the SDev's name and the start of its digest; day: of UTC. Raises LatticeError for another name,
    or if a ledger is absent, cannot be read, or has no line of one.
    """
    for name in by:
        if name not in KEYS:
            raise LatticeError(f"by: expected {', '.join(KEYS)}, got {name!r}" + did_you_mean(name, KEYS))
    found: dict[tuple[str, ...], Cost] = {}
    for path in {os.path.realpath(path): path for path in ledgers}.values():
        if not path.is_file():
            raise LatticeError(f"{path}: expected a ledger, such as out{ledger.SUFFIX}, got none")
        shots: dict[str, str] = {}
        is_one = False
        for line in history.lines(path):
            run = str(line.get("run", ""))
            is_one |= "event" in line or "status" in line
            if line.get("event") == history.BEGAN:
                shots[run] = str(line.get("shot") or "")
            if line.get("status") in ("ok", "failed") and "event" not in line:
                key = _key(line, shots.get(run) or path.name.removesuffix(ledger.SUFFIX))
                found.setdefault(tuple(key[name] for name in by), Cost()).add(line)
        if not is_one:
            raise LatticeError(
                f"{path}: expected a ledger, such as out{ledger.SUFFIX}, got a file without a line of one"
            )
    return dict(sorted(found.items()))


def _key(line: history.Line, shot: str) -> dict[str, str]:
    look = f"{line.get('sdev', '?')} {str(line.get('sdev_sha256', ''))[:8]}"
    return {"shot": shot, "look": look, "host": str(line.get("host", "?")), "day": str(line.get("time", "?"))[:10]}
