"""The lines of a ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def every_line(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def lines(path: Path) -> list[dict[str, Any]]:
    """Those of frames, not of runs."""
    return [line for line in every_line(path) if "event" not in line]
