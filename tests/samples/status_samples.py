"""Graded shots, and what the status says of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from exr_samples import SAID, save, smooth
from regrade_samples import FakeSDev

from lattice.regrade import Options, plan, regrade
from lattice.regrade.frame.request import Request
from lattice.regrade.show.status import status_of

VISION = FakeSDev(name="vision", sha256="7e" * 32)
REQUEST = Request("premier", "5d" * 32, {})
BEGAN = {"event": "began", "run": "r", "host": "elsewhere", "pid": 1, "sdev": "premier", "sdev_sha256": "5d" * 32}


def graded(shot: Path, frames: str | None = None, sdev: Any = None, kind: str = "exr", **options: Any) -> list[str]:
    settled = plan(sdev or FakeSDev(), shot / "s.####.exr", shot / f"g.####.{kind}", frames, Options(**options))
    return [report.status for report in regrade(settled)]


def told(shot: Path, *args: Any, kind: str = "exr", **more: Any) -> dict[str, str]:
    return status_of(shot / f"g.####.{kind}", *args, **more).ranges()


def render(shot: Path, *frames: int) -> None:
    """Render these plates anew."""
    for frame in frames:
        save(shot / f"s.{frame:04d}.exr", {name: smooth((16, 16), seed=frame + 50) for name in "RGB"}, SAID)


def write(shot: Path, *lines: dict[str, Any] | str) -> None:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    (shot / "g.sdev.jsonl").write_text(text)
