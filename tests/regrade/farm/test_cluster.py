"""A sequence over a cluster: what dies takes nothing along. The last tests ask a real Slurm."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cluster_samples import FRAMES, ended, same_as_threads
from farm_samples import (
    finished,
    make_shot,
    most_at_a_time,
    start,
    temporaries,
    told,
    wait_for,
    wait_for_lines,
    watched,
)
from regrade_samples import totals_of

from lattice.regrade import Options, plan
from lattice.regrade.farm import dask as cluster_room
from lattice.regrade.farm.workers import Cluster
from lattice.regrade.show.status import status_of
from lattice.sdev import SDev

pytestmark = pytest.mark.slow


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    make_shot(tmp_path, FRAMES)
    return tmp_path


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_plan_travels(tmp_path: Path, premier: SDev) -> None:
    make_shot(tmp_path, 1)
    made = plan(premier, tmp_path / "s.####.exr", tmp_path / "g.####.exr", options=Options(memory=2**30))
    packed = pickle.dumps(made)
    assert len(packed) < 1.2e6
    again = pickle.loads(packed)
    assert again.jobs == made.jobs
    assert again.options == made.options
    assert again.session.sdev.sha256 == premier.sha256
    assert again.session.budget.limit == 2**30


def test_workers_make_what_threads_make_and_the_same_command_makes_nothing_again(shot: Path, premier: SDev) -> None:
    out, err = ended(start(shot, "--cluster", "local", "--workers", "2"), 0)
    assert err == ""
    totals = totals_of(out)
    assert totals["frames"] == totals["graded"] == FRAMES
    assert totals["CPU seconds"] == pytest.approx(sum(float(str(line["cpu_seconds"])) for line in told(shot)), abs=0.1)
    assert totals["peak MB"] == pytest.approx(max(int(str(line["peak_bytes"])) for line in told(shot)) / 1e6, abs=1)
    assert len({line["pid"] for line in told(shot)}) == 2
    assert same_as_threads(shot, premier)
    before = finished(shot)
    out, _ = ended(start(shot, "--cluster", "local"), 0)
    assert totals_of(out)["done before"] == FRAMES
    assert finished(shot) == before
    assert len(told(shot)) == FRAMES  # what was skipped has no line


def test_the_look_travels_once_and_a_frame_in_a_few_kilobytes(
    tmp_path: Path, premier: SDev, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the bytes that the scheduler and the client send, for a few frames and for more."""
    from distributed.comm import tcp

    own, sent = tcp.TCP.write, [0]

    async def write(*told: Any, **more: Any) -> int:
        sent[0] += (count := await own(*told, **more))
        return count

    monkeypatch.setattr(tcp.TCP, "write", write)
    totals = []
    for frames in (2, 22):
        make_shot(tmp_path, frames)
        sent[0] = 0
        cluster = Cluster("local", workers=1)
        reports = cluster_room.regrade_on(
            cluster, plan(premier, tmp_path / "s.####.exr", tmp_path / f"{frames}.####.exr")
        )
        assert [report.status for report in reports] == ["ok"] * frames
        totals.append(sent[0])
    assert len(pickle.dumps(premier)) > 50_000
    assert (totals[1] - totals[0]) / 20 < 10_000


@pytest.mark.parametrize("slots", [1, None])
def test_what_is_read_and_written_at_a_time_is_bounded(shot: Path, slots: int | None) -> None:
    more = ("--io-slots", str(slots)) if slots else ()
    ended(start(shot, "--cluster", "local", "--workers", "3", *more, environment=watched(shot)), 0)
    assert len(finished(shot)) == FRAMES
    assert most_at_a_time(shot) == (slots or 3)


def test_a_killed_worker_costs_nothing_but_time(shot: Path) -> None:
    child = start(shot, "--cluster", "local", "--workers", "2", "--io-slots", "2", environment=watched(shot))
    first = wait_for_lines(shot, 4, child)
    os.kill(int(str(first[-1]["pid"])), signal.SIGKILL)
    before = finished(shot)
    _out, _ = ended(child, 0)
    after = finished(shot)
    assert len(after) == FRAMES
    assert all(after[name] == writing for name, writing in before.items())
    assert len({line["pid"] for line in told(shot)}) == 3, "it is replaced"
    assert temporaries(shot) == []


def test_a_frame_that_kills_every_worker_fails_alone(shot: Path) -> None:
    environment = watched(shot)
    with (shot / "watch.py").open("a") as file:
        file.write(
            "\ndef deadly(path, most=-1, before=exr.read_bytes):\n"
            "    return os._exit(9) if path.name == 's.0007.exr' else before(path, most)\n"
            "exr.read_bytes = deadly\n"
        )
    out, err = ended(start(shot, "--cluster", "local", "--workers", "2", environment=environment), 1)
    assert "s.0007.exr: 4 workers died while they graded it: raise --memory, or read the jobs' logs" in err
    assert totals_of(out)["failed"] == 1
    assert err.count("\n") == 1
    assert len(finished(shot)) == FRAMES - 1
    [line] = [line for line in told(shot) if line["status"] == "failed"]
    assert (line["frame"], "4 workers died" in str(line["why"])) == (7, True)
    assert status_of(shot / "g.####.exr").ranges()["failed"] == "7"


def test_a_killed_head_loses_no_finished_frame(shot: Path) -> None:
    child = start(shot, "--cluster", "local", "--workers", "2", environment=watched(shot))
    pids = {int(str(line["pid"])) for line in wait_for_lines(shot, 6, child)}
    child.kill()
    child.communicate()
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
    before = finished(shot)
    assert 6 <= len(before) < FRAMES
    ended(start(shot, "--cluster", "local"), 0)
    after = finished(shot)
    assert len(after) == FRAMES
    assert all(after[name] == writing for name, writing in before.items())
    assert temporaries(shot) == []


@pytest.mark.parametrize(
    ("sent", "whole_group"), [(signal.SIGTERM, False), (signal.SIGINT, False), (signal.SIGINT, True)]
)
def test_signals_let_the_frames_in_hand_end(shot: Path, sent: signal.Signals, whole_group: bool) -> None:
    environment = watched(shot)
    child = start(shot, "--cluster", "local", environment=environment, alone=True)
    wait_for_lines(shot, 4, child)
    os.killpg(child.pid, sent) if whole_group else child.send_signal(sent)
    _, err = ended(child, 128 + sent)
    done = finished(shot)
    assert 4 <= len(done) < FRAMES
    assert f"stopped with {FRAMES - len(done)} of {FRAMES} frames to do" in err
    assert len(told(shot)) == len(done)
    assert temporaries(shot) == []


def test_signals_end_a_run_that_waits_for_workers(shot: Path, tmp_path: Path) -> None:
    port = free_port()
    here = [
        sys.executable,
        "-m",
        "distributed.cli.dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-dashboard",
    ]
    lonely = subprocess.Popen(here, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        child = start(shot, "--scheduler", f"tcp://127.0.0.1:{port}", "--insecure-tcp")
        assert child.stdout is not None
        child.stdout.readline()  # the first frame is told
        time.sleep(3)
        assert child.poll() is None, "it waits"
        child.send_signal(signal.SIGTERM)
        _, err = ended(child, 143)
        assert err == f"lattice: stopped with {FRAMES} of {FRAMES} frames to do; the same command does them\n"
    finally:
        lonely.kill()
        lonely.wait()


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("pbs", "qsub is not on the PATH: is this a PBS submit host?"),
        ("lsf", "bsub is not on the PATH: is this an LSF submit host?"),
        ("htcondor", "condor_submit is not on the PATH: is this an HTCondor submit host?"),
        ("slurm", "sbatch is not on the PATH: is this a Slurm submit host?"),
    ],
)
def test_a_machine_that_submits_no_jobs_says_so(shot: Path, kind: str, why: str) -> None:
    out, err = ended(start(shot, "--cluster", kind, environment={**os.environ, "PATH": "/nowhere"}), 2)
    assert err == f"lattice: {why}\n"
    assert "graded" not in out, "no table of nothing"


def test_a_run_without_a_worker_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    now, said, refilled = [0.0], list[str](), list[float]()
    monkeypatch.setattr(cluster_room.time, "monotonic", lambda: now[0])

    def refill() -> str:
        refilled.append(now[0])
        return "the queue is closed" if now[0] > 180 else ""

    watch = cluster_room._Watch(refill, said.append)
    for second in range(200):
        now[0] = float(second)
        watch.look(threads=1 if second < 50 else 0)
    assert said == [
        "no worker for 61 s; frames go on when one comes",
        "no worker for 122 s; frames go on when one comes",
    ]
    watch.look(threads=0)
    now[0] = 400.0
    watch.look(threads=0)
    assert said[2] == "no worker for 351 s (the queue is closed); frames go on when one comes"
    assert refilled[:3] == [6, 12, 18]


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A Dask scheduler with two workers, each a process of its own, and its address."""
    port = free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": watched(tmp_path)}
    here = [
        sys.executable,
        "-m",
        "distributed.cli.dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-dashboard",
    ]
    address = f"tcp://127.0.0.1:{port}"
    children = [subprocess.Popen(here, **quiet)]  # type: ignore[call-overload]
    worker = [
        sys.executable,
        "-m",
        "distributed.cli.dask_worker",
        address,
        "--nthreads",
        "1",
        "--no-dashboard",
        "--death-timeout",
        "30",
        "--local-directory",
        str(tmp_path / "dask"),
    ]
    children += [subprocess.Popen(worker, **quiet) for _ in range(2)]  # type: ignore[call-overload]
    yield children[0], address
    for child in children:
        child.kill()
        child.wait()


def test_a_scheduler_that_runs_is_joined_and_its_loss_told_in_a_line(
    shot: Path, scheduler: tuple[subprocess.Popen[bytes], str]
) -> None:
    process, address = scheduler
    child = start(shot, "--scheduler", address, "--insecure-tcp")
    wait_for_lines(shot, 5, child)
    process.kill()
    _, err = ended(child, 1)
    assert err.count("\n") == 1
    assert err.startswith(f"lattice: {address}: the scheduler was lost")
    time.sleep(1)  # the workers end the frames that they have
    before = finished(shot)
    ended(start(shot), 0)
    after = finished(shot)
    assert len(after) == FRAMES
    assert all(after[name] == writing for name, writing in before.items())


def test_no_scheduler_is_told_in_a_line(shot: Path) -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    _, err = ended(start(shot, "--scheduler", address, "--insecure-tcp"), 2)
    assert err.startswith(f"lattice: {address}: no scheduler can be reached: ")
    assert err.count("\n") == 1
