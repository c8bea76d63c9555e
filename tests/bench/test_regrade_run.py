"""The process that times a command: with one thread it has one core."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import regrade

COUNTS = "import os, sys; sys.exit(len(os.sched_getaffinity(0)) != int(sys.argv[1]))"


def test_a_pinned_command_has_one_core_and_another_has_all(tmp_path: Path) -> None:
    every = len(os.sched_getaffinity(0))
    for is_pinned, wanted in ((True, 1), (False, every)):
        took = regrade.run([[sys.executable, "-c", COUNTS, f"{wanted}"]], tmp_path / "out", is_pinned)
        assert took.cpu > 0
        with pytest.raises(RuntimeError):
            regrade.run([[sys.executable, "-c", COUNTS, f"{wanted + 1}"]], tmp_path / "out", is_pinned)
    assert len(os.sched_getaffinity(0)) == every
