"""The threads of linear algebra: NumPy starts one for each core as it is imported, and a frame has no use for them."""

from __future__ import annotations

import os
import sys

LIBRARIES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")  # what NumPy's libraries of linear algebra read
ALL = "OMP_NUM_THREADS"  # what they read where their own is not set


def start_no_threads() -> None:
    """Let NumPy start none, which saves 40 ms of CPU, unless it is imported already or the user says how many."""
    if "numpy" not in sys.modules and ALL not in os.environ:
        for name in LIBRARIES:
            os.environ.setdefault(name, "1")
