"""A frame that is alone has all cores, and what is written does not depend on how many."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from exr_samples import SAID, noise, save, smooth

from lattice.regrade import Options, plan, regrade
from lattice.regrade.frame import grade
from lattice.sdev import SDev

HEIGHT = 200


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    """Three frames, with an alpha and a channel that passes."""
    for frame in range(1, 4):
        planes = {name: smooth((HEIGHT, 90), seed=frame + k) for k, name in enumerate("ARGB")}
        save(tmp_path / f"s.{frame:04}.exr", {**planes, "Z": noise((HEIGHT, 90), "float32")}, SAID)
    return tmp_path


def graded(shot: Path, premier: SDev, name: str, frames: str, **asked: Any) -> list[bytes]:
    settled = plan(premier, shot / "s.####.exr", shot / f"{name}.####.exr", frames, Options(**asked))
    assert [report.status for report in regrade(settled)] == ["ok"] * len(settled.jobs)
    return [path.read_bytes() for path in sorted(shot.glob(f"{name}.*.exr"))]


def test_a_lone_frame_has_the_same_bytes(shot: Path, premier: SDev, monkeypatch: pytest.MonkeyPatch) -> None:
    every = graded(shot, premier, "every", "1-3", threads=2)
    for count in (1, 2, 5, 16):
        monkeypatch.setattr("lattice.regrade.sequence.run.cores", lambda count=count: count)
        assert graded(shot, premier, f"lone{count}", "2", threads=2) == every[1:2]
        assert graded(shot, premier, f"alone{count}", "2", threads=1) == every[1:2]


@pytest.mark.parametrize(
    ("frames", "threads", "cores", "wanted"),
    [("1", 0, 8, 8), ("1-2", 4, 8, 4), ("1-3", 4, 8, 2), ("1-3", 8, 2, 1), ("1-3", 2, 8, 1), ("1", 1, 8, 8)],
)
def test_few_frames_have_the_cores_between_them(
    frames: str, threads: int, cores: int, wanted: int, shot: Path, premier: SDev, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("sdev", "regrade.sequence.run", "regrade.frame.session"):
        monkeypatch.setattr(f"lattice.{place}.cores", lambda: cores)
    seen: list[int] = []
    real = grade.execute
    monkeypatch.setattr(grade, "execute", lambda plan, session: seen.append(session.threads) or real(plan, session))
    graded(shot, premier, "a", frames, threads=threads)
    assert set(seen) == {wanted}
