"""Workers that die while they start: others start in their place, and if none can live, a line says so."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from basics import one_line
from cluster_samples import ended
from farm_samples import finished, make_shot, start, told, wait_for_lines
from regrade_samples import totals_of

from lattice.regrade import Options
from lattice.regrade.farm import jobs
from lattice.regrade.farm.pool import TRIES
from lattice.regrade.farm.start import started
from lattice.regrade.farm.workers import Cluster

pytestmark = pytest.mark.slow

FRAMES = 8
# Kills the first starts of workers, each of which leaves a letter; slows what lives.
DEADLY = """
import os, time
from lattice.files.exr import file as exr
def dask_setup(worker):
    with open({log!r}, "a+") as log:
        log.write(".")
        log.flush()
        log.seek(0)
        if {first} < len(log.read()) <= {last}:
            os._exit(9)
def slow(path, most=-1, before=exr.read_bytes):
    time.sleep({slow})
    return before(path, most)
exr.read_bytes = slow
"""


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    make_shot(tmp_path, FRAMES)
    return tmp_path


def dying(folder: Path, last: int, first: int = 0, slow: float = 0) -> dict[str, str]:
    """The environment in which the starts of workers after the first ones die, up to the last."""
    preload = folder / "deadly.py"
    preload.write_text(DEADLY.format(log=str(folder / "starts"), first=first, last=last, slow=slow))
    return {**os.environ, "DASK_DISTRIBUTED__WORKER__PRELOAD": json.dumps([str(preload)])}


@pytest.mark.parametrize(("workers", "deaths"), [(1, 2), (2, 3)])
def test_workers_that_die_while_they_start_are_started_again(shot: Path, workers: int, deaths: int) -> None:
    _, err = ended(start(shot, "--cluster", "local", "--workers", str(workers), environment=dying(shot, deaths)), 0)
    assert err == ""
    assert len(finished(shot)) == FRAMES
    assert len((shot / "starts").read_text()) == workers + deaths


def test_workers_that_always_die_end_the_run_in_a_line(shot: Path) -> None:
    _, err = ended(start(shot, "--cluster", "local", "--workers", "2", environment=dying(shot, 10**6)), 2)
    assert err == (
        f"lattice: local: the worker processes died while they started, {TRIES} times in a row: fewer --workers need "
        "less memory; the same command does the rest\n"
    )
    assert len((shot / "starts").read_text()) == 2 * TRIES
    assert not finished(shot)


def test_a_worker_that_dies_when_it_is_started_again_is_replaced_too(shot: Path) -> None:
    """Dask's nanny tries this once."""
    environment = dying(shot, first=1, last=2, slow=0.1)
    child = start(shot, "--cluster", "local", "--workers", "1", environment=environment)
    first = wait_for_lines(shot, 1, child)
    os.kill(int(str(first[0]["pid"])), signal.SIGKILL)
    _, err = ended(child, 0)
    assert err == ""
    assert len(finished(shot)) == FRAMES
    assert len({line["pid"] for line in told(shot)}) == 2
    assert len((shot / "starts").read_text()) == 3


def test_workers_that_are_lost_for_good_leave_a_table_of_what_is_done(shot: Path) -> None:
    environment = dying(shot, first=1, last=10**6, slow=0.3)
    child = start(shot, "--cluster", "local", "--workers", "1", environment=environment)
    os.kill(int(str(wait_for_lines(shot, 2, child)[0]["pid"])), signal.SIGKILL)
    out, err = ended(child, 1)
    assert "the worker processes died while they started" in err
    # A worker that is killed between its frame and its report leaves the frame and its line.
    assert FRAMES > len(finished(shot)) >= totals_of(out)["graded"] >= 1
    assert len(told(shot)) == len(finished(shot))


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Commands of a Slurm whose jobs never run: `job-N` is there once N is submitted, `squeue` prints `queue`."""
    commands = {
        "sbatch": f'n=101; until mkdir {tmp_path}/job-$n; do n=$((n + 1)); done; echo "Submitted batch job $n"',
        "squeue": f"cat {tmp_path}/queue",
        "scancel": f'echo "$1" >>{tmp_path}/cancelled',
    }
    for name, line in commands.items():
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(jobs, "LOOK", 0.0)
    own = jobs.setting
    monkeypatch.setattr(
        jobs, "setting", lambda kind, name: {"host": "127.0.0.1"} if name == "scheduler-options" else own(kind, name)
    )
    return tmp_path


def submitted(queue: Path) -> int:
    return len(list(queue.glob("job-*")))


def test_jobs_that_end_before_their_workers_come_are_submitted_again(queue: Path) -> None:
    with started(Cluster("slurm", workers=2), Options()) as pool:
        assert submitted(queue) == 2
        for said in ("101\n102\n", None):  # in the queue; the queue gives no answer
            (queue / "queue").write_text(said) if said else (queue / "queue").unlink()
            assert [pool.refill() for _ in range(4)] == [""] * 4
            assert submitted(queue) == 2
        (queue / "queue").write_text("102\n")
        assert pool.refill() == ""
        assert submitted(queue) == 2, "a queue may be late to list a job"
        pool.refill()
        assert submitted(queue) == 3
        (queue / "queue").write_text("102\n103\n")
        assert [pool.refill() for _ in range(4)] == [""] * 4
        assert submitted(queue) == 3
    assert sorted((queue / "cancelled").read_text().split()) == ["102", "103"]


def test_jobs_that_always_end_before_their_workers_come_end_the_run(queue: Path) -> None:
    def run() -> None:
        with started(Cluster("slurm", workers=2), Options()) as pool:
            (queue / "queue").write_text("")
            for _ in range(20):
                pool.refill()

    one_line(run, "slurm: jobs ended before their workers came, 3 times in a row: their logs say why")
    assert submitted(queue) == 2 * TRIES


def test_a_scheduler_that_takes_no_job_now_is_asked_again(queue: Path) -> None:
    sbatch = queue / "bin" / "sbatch"
    working = sbatch.read_text()
    with started(Cluster("slurm", workers=1), Options()) as pool:
        (queue / "queue").write_text("")
        sbatch.write_text("#!/bin/sh\necho 'sbatch: error: Unable to contact slurm controller' >&2\nexit 1\n")
        said = [pool.refill() for _ in range(4)]
        assert said == ["", *["sbatch: error: Unable to contact slurm controller"] * 3]
        sbatch.write_text(working)
        (queue / "queue").write_text("102\n")
        assert pool.refill() == ""
        assert submitted(queue) == 2


@pytest.mark.parametrize(
    ("kind", "said", "numbers"),
    [
        ("slurm", "7\n12\n", {"7", "12"}),
        ("lsf", "101\n102\n", {"101", "102"}),
        ("pbs", "7.head\n12[].head\n", {"7", "12"}),
        ("htcondor", "7\n12\n", {"7", "12"}),
    ],
)
def test_every_queues_answer_is_read(
    kind: str, said: str, numbers: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / jobs.KINDS[kind].queued[0]
    command.write_text(f"#!/bin/sh\nprintf '{said}'\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    cluster = Cluster(kind)  # type: ignore[arg-type]
    with jobs.dask_cluster(cluster, Options(), None) as made:
        pool = jobs.JobPool(made, cluster)
        assert made.sync(pool._queued) == numbers
        command.write_text("#!/bin/sh\necho No unfinished job found >&2; exit 255\n")
        assert made.sync(pool._queued) == set()
        command.write_text("#!/bin/sh\necho batch system is down >&2; exit 255\n")
        assert made.sync(pool._queued) is None
