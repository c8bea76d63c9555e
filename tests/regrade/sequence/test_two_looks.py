"""Two looks that want one output: one gets it, and the other is refused before it writes anything."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest
from killing_looks import play
from ledger_samples import parts
from regrade_samples import FakeSDev

from lattice.regrade import plan, regrade
from lattice.types import LatticeError

OTHER = FakeSDev(name="vision", sha256="7e" * 32)


def test_a_run_that_was_planned_before_another_look_came_is_refused_when_it_begins(shot: Path) -> None:
    ends = shot / "s.####.exr", shot / "g.####.exr"
    late = plan(OTHER, *ends)
    regrade(plan(FakeSDev(), *ends, "2"))
    with pytest.raises(LatticeError, match="frame 2 was graded with premier 5d5d5d5d, not vision 7e7e7e7e; --replace"):
        regrade(late)
    assert sorted(path.name for path in shot.glob("g.*.exr")) == ["g.0002.exr"]
    assert {part["sdev"] for part in parts(shot / "g.sdev.jsonl")} == {"premier"}


def test_a_file_that_came_since_the_plan_and_is_not_ours_is_kept(shot: Path) -> None:
    late = plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr")
    (shot / "g.0003.exr").write_bytes((shot / "s.0003.exr").read_bytes())
    with pytest.raises(LatticeError, match="frame 3 was not made by lattice; --overwrite"):
        regrade(late)
    assert os.listdir(shot).count("g.0001.exr") == 0


def test_replacing_is_still_allowed(shot: Path) -> None:
    ends = shot / "s.####.exr", shot / "g.####.exr"
    late = plan(OTHER, *ends)
    late = replace(late, session=type(late.session)(OTHER, replace(late.options, replace=True)))
    regrade(plan(FakeSDev(), *ends, "2"))
    assert [report.status for report in regrade(late)] == ["ok"] * 3


@pytest.mark.slow
def test_two_commands_at_one_output(tmp_path: Path) -> None:
    told = play(5, tmp_path, random.randrange(1 << 32))
    assert told.rounds == 5
    assert told.statuses
