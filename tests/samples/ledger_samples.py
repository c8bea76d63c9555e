"""The lines of a ledger."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any


def every_line(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def lines(path: Path) -> list[dict[str, Any]]:
    """Those of frames, not of runs."""
    return [line for line in every_line(path) if "event" not in line]


def parts(path: Path) -> list[dict[str, Any]]:
    """The lines of a ledger that may be absent, and whose last line may be half written."""
    found = []
    for line in path.read_text().splitlines() if path.exists() else ():
        with suppress(json.JSONDecodeError):
            found.append(json.loads(line))
    return found
