"""A cluster's workers: what may be asked for, and the scripts of their jobs."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from basics import ROOT
from exr_samples import save, smooth
from regrade_samples import FakeSDev

from lattice.files.storage.buffers import Buffers
from lattice.regrade import plan
from lattice.regrade.farm import dask
from lattice.regrade.farm.workers import Cluster
from lattice.regrade.options import Job
from lattice.regrade.report import FrameReport
from lattice.types import LatticeError

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"kind": "sge"}, "cluster: expected local or slurm or htcondor or lsf or pbs, got 'sge'"),
        ({"workers": 0}, "workers: expected 1 or more, got 0"),
        ({"io_slots": 0}, "io-slots: expected 1 or more, got 0"),
        ({"walltime": "2h"}, "walltime: expected HH:MM:SS, got '2h'"),
        ({"walltime": "1:00:00\n#SBATCH --nice"}, "walltime: expected HH:MM:SS, got"),
        ({"queue": "night\nrm -r x"}, "queue: expected a name of letters"),
        ({"queue": "-x"}, "queue: expected a name of letters"),
    ],
)
def test_wrong_clusters(wrong: dict[str, object], why: str) -> None:
    with pytest.raises(LatticeError, match=why):
        Cluster(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        ("slurm", ["#SBATCH -p night", "#SBATCH -t 03:30:00", "#SBATCH --mem=", "#SBATCH --export="]),
        ("lsf", ["#BSUB -q night", "#BSUB -W 03:30", '#BSUB -env "']),
        ("pbs", ["#PBS -q night", "#PBS -l walltime=03:30:00", "#PBS -v "]),
        ("htcondor", ["RequestDisk", "RequestMemory", "getenv = "]),
    ],
)
def test_every_schedulers_worker_script(kind: str, lines: list[str]) -> None:
    """In a process of its own: importing dask-jobqueue replaces what Ctrl-C does, and it must be put back."""
    code = (
        "import signal, sys; from lattice.regrade import Options; from lattice.regrade.farm.workers import Cluster; "
        "from lattice.regrade.farm.jobs import job_script; "
        "before = signal.getsignal(signal.SIGINT); "
        "more = {} if sys.argv[1] == 'htcondor' else {'queue': 'night', 'walltime': '03:30:00'}; "
        "asked = Cluster(sys.argv[1], **more); "
        "print(job_script(asked, Options(memory=2**30))); assert signal.getsignal(signal.SIGINT) is before"
    )
    loopback = {f"DASK_JOBQUEUE__{kind.upper()}__SCHEDULER_OPTIONS": '{"host": "127.0.0.1", "dashboard_address": None}'}
    secrets = dict.fromkeys(("API_PASSWORD", "DASK_GATEWAY__AUTH__PASSWORD", "DASK_COILED__TOKEN"), "secret")
    needed = {"DASK_CONFIG": "/etc/dask", "DASK_DISTRIBUTED__COMM__RETRY__COUNT": "3"}
    done = subprocess.run(
        [sys.executable, "-c", code, kind],
        cwd=ROOT,
        timeout=60,
        capture_output=True,
        text=True,
        env={**os.environ, **loopback, **secrets, **needed},
    )
    assert done.returncode == 0, done.stderr
    assert all(line in done.stdout for line in lines), done.stdout
    assert "--nthreads 1" in done.stdout
    assert "--no-dashboard" in done.stdout
    assert not any(name in done.stdout for name in (*secrets, *loopback, "secret"))
    assert all(name in done.stdout for name in needed), "what Dask's workers read travels"


def test_runs_of_a_worker_share_its_memory(tmp_path, monkeypatch):
    """What one run has left, the next takes or frees."""
    distributed = pytest.importorskip("distributed")
    from lattice.regrade.farm import shipped

    save(tmp_path / "s.1.exr", {name: smooth((8, 8)) for name in "RGB"})
    packed = {}
    for run in ("one", "two"):
        settled = plan(FakeSDev(), tmp_path / "s.#.exr", tmp_path / f"{run}.#.exr")
        packed[run] = SimpleNamespace(packed=pickle.dumps(((settled,), None)))
    monkeypatch.setattr(distributed, "get_worker", lambda: SimpleNamespace(plugins=packed))
    monkeypatch.setattr(shipped, "retain_freed_memory", lambda: None)
    [one], [two] = (shipped._ready.__wrapped__(run) for run in ("one", "two"))
    assert one[1] is not two[1]
    assert one[1].room is two[1].room
    assert isinstance(one[1].room, Buffers)


class Slow:
    """A future whose result comes at the third call; `UnboundLocalError` is what Dask raises where time cancels it."""

    def __init__(self) -> None:
        self.late: list[Exception] = [TimeoutError(), UnboundLocalError("result")]

    def result(self, timeout: float) -> tuple[FrameReport, None]:
        if self.late:
            raise self.late.pop(0)
        return FrameReport(1, Path("a"), Path("b"), "ok", ""), None


def test_a_report_that_comes_late_is_waited_for() -> None:
    looked: list[int] = []
    report, trouble = dask._outcome(Slow(), Job(1, Path("a"), Path("b")), lambda: looked.append(1))
    assert (report.status, trouble, len(looked)) == ("ok", None, 2)
