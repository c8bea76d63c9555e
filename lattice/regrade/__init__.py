"""Regrade frames in bulk: one frame, or a sequence. Public names are imported on first use."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lattice.regrade.frame.grade import execute, regrade_frame
    from lattice.regrade.frame.plan import FramePlan, plan_frame
    from lattice.regrade.frame.session import Session
    from lattice.regrade.options import Job, Options
    from lattice.regrade.report import Counts, FrameReport
    from lattice.regrade.sequence.plan import Plan, plan
    from lattice.regrade.sequence.run import regrade

__all__ = [
    "Counts",
    "FramePlan",
    "FrameReport",
    "Job",
    "Options",
    "Plan",
    "Session",
    "execute",
    "plan",
    "plan_frame",
    "regrade",
    "regrade_frame",
]
_HOMES = {
    "execute": "frame.grade",
    "regrade_frame": "frame.grade",
    "FramePlan": "frame.plan",
    "plan_frame": "frame.plan",
    "Session": "frame.session",
    "Job": "options",
    "Options": "options",
    "Counts": "report",
    "FrameReport": "report",
    "Plan": "sequence.plan",
    "plan": "sequence.plan",
    "regrade": "sequence.run",
}

if not TYPE_CHECKING:  # which would take any name for one of these

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(
                f"module 'lattice.regrade' has no attribute {name!r}", name=name, obj=sys.modules[__name__]
            )
        return getattr(import_module(f"lattice.regrade.{_HOMES[name]}"), name)
