"""Frames in bulk: one frame's job, and a sequence of them. Names are imported when they are first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lattice.regrade.frame.grade import describe, regrade_frame
    from lattice.regrade.frame.session import Grader
    from lattice.regrade.options import Job, Options
    from lattice.regrade.report import Counts, FrameReport
    from lattice.regrade.sequence.run import Plan, plan, regrade

__all__ = ["Counts", "FrameReport", "Grader", "Job", "Options", "Plan", "describe", "plan", "regrade", "regrade_frame"]
_HOMES = {"describe": "frame.grade", "regrade_frame": "frame.grade", "Grader": "frame.session", "Job": "options",
          "Options": "options", "Counts": "report", "FrameReport": "report", "Plan": "sequence.run",
          "plan": "sequence.run", "regrade": "sequence.run"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'lattice.regrade' has no attribute {name!r}")
    return getattr(import_module(f"lattice.regrade.{_HOMES[name]}"), name)
