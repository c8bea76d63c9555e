"""Frames in bulk: one frame's job, and a sequence of them."""

from lattice.regrade.frame.grade import describe, regrade_frame
from lattice.regrade.frame.session import Grader
from lattice.regrade.options import Job, Options
from lattice.regrade.report import Counts, FrameReport
from lattice.regrade.sequence.run import Plan, plan, regrade

__all__ = ["Counts", "FrameReport", "Grader", "Job", "Options", "Plan", "describe", "plan", "regrade", "regrade_frame"]
