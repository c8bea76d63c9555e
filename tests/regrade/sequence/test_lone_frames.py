"""A frame that is alone has all cores, and what is written does not depend on how many."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from exr_samples import SAID, noise, save, smooth

from lattice.files.storage.buffers import Buffers
from lattice.regrade import Options, plan, regrade
from lattice.regrade.frame import grade
from lattice.regrade.sequence.run import regrade_shots
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
        monkeypatch.setattr("lattice.sdev.cores", lambda count=count: count)
        assert graded(shot, premier, f"lone{count}", "2", threads=2) == every[1:2]
        assert graded(shot, premier, f"alone{count}", "2", threads=1) == every[1:2]


@pytest.mark.parametrize(
    ("frames", "threads", "cores", "asked", "wanted"),
    [
        ("1", 0, 8, 0, 8),
        ("1-2", 4, 8, 0, 4),
        ("1-3", 4, 8, 0, 2),
        ("1-3", 8, 2, 0, 1),
        ("1-3", 2, 8, 0, 1),
        ("1", 1, 8, 0, 8),
        ("1", 1, 8, 1, 1),
        ("1-3", 1, 8, 1, 1),
        ("1", 1, 8, 3, 3),
        ("1-2", 4, 8, 6, 3),
        ("1", 1, 2, 6, 2),
        ("1-2", 0, 8, 6, 3),
        ("1-3", 0, 8, 2, 1),
    ],
)
def test_few_frames_have_the_cores_between_them(
    frames: str,
    threads: int,
    cores: int,
    asked: int,
    wanted: int,
    shot: Path,
    premier: SDev,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lattice.sdev.cores", lambda: cores)
    seen: list[int] = []
    real = grade.execute
    monkeypatch.setattr(grade, "execute", lambda plan, session: seen.append(session.threads) or real(plan, session))
    graded(shot, premier, "a", frames, threads=threads, cores=asked)
    assert set(seen) == {wanted}


@pytest.mark.parametrize("verify", ["decode", "none"])
@pytest.mark.parametrize(("frames", "threads", "cores"), [("1", 1, 4), ("1-2", 4, 8), ("1-3", 4, 8), ("1-3", 2, 2)])
def test_the_cpu_seconds_of_frames_are_those_of_all_their_threads(
    frames: str, threads: int, cores: int, verify: str, tmp_path: Path, premier: SDev, monkeypatch: pytest.MonkeyPatch
) -> None:
    for frame in range(1, 4):
        save(tmp_path / f"s.{frame}.exr", {name: smooth((900, 900), seed=k) for k, name in enumerate("RGB")})
    monkeypatch.setattr("lattice.sdev.cores", lambda: cores)
    options = Options(threads=threads, verify=verify)
    settled = plan(premier, tmp_path / "s.#.exr", tmp_path / "g.#.exr", frames, options)
    start = time.process_time()
    reports = regrade(settled)
    spent = time.process_time() - start
    assert 0.75 * spent < sum(report.cpu_seconds for report in reports) <= spent


def test_a_session_gets_back_what_it_had(shot: Path, premier: SDev, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two plans that share it, too, and where a run does not come to its first frame."""
    monkeypatch.setattr("lattice.sdev.cores", lambda: 8)
    settled, room = plan(premier, shot / "s.####.exr", shot / "a.####.exr", "1-2", Options(threads=4)), Buffers()
    settled.session.share(room, 5)
    other = replace(settled, jobs=settled.jobs[:1])
    held: list[tuple[object, int]] = []
    real = grade.execute

    def execute(plan: Any, session: Any) -> Any:
        held.append((session.room, session.threads))
        return real(plan, session)

    monkeypatch.setattr(grade, "execute", execute)
    regrade_shots([settled, other])
    assert {threads for _, threads in held} == {2}
    assert room not in [given for given, _ in held]
    assert (settled.session.room, settled.session.threads) == (room, 5)

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("lattice.regrade.sequence.run.Shots", fail)
    with pytest.raises(ZeroDivisionError):
        regrade_shots([settled])
    assert (settled.session.room, settled.session.threads) == (room, 5)
