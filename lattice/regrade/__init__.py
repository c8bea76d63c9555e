"""Frames in bulk: one frame's job, and a sequence of them."""

from lattice.regrade.frame import describe, regrade_frame
from lattice.regrade.grader import Grader
from lattice.regrade.records import Counts, FrameReport, Job, Options
from lattice.regrade.sequence import Plan, plan, regrade

__all__ = ["Counts", "FrameReport", "Grader", "Job", "Options", "Plan", "describe", "plan", "regrade", "regrade_frame"]
