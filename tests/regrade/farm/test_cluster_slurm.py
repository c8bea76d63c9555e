"""Frames over jobs of a real Slurm: what happens when a job, a worker or a scheduler is lost on the way."""

from __future__ import annotations

import getpass
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import slurm as slurm_samples
from basics import require
from cluster_peers import served
from cluster_samples import FRAMES, ended, same_as_threads
from distributed import Security
from farm_samples import (
    SLOW,
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

from lattice.sdev import SDev

pytestmark = [pytest.mark.slow, pytest.mark.external]


@pytest.fixture
def slurm() -> Iterator[slurm_samples.Slurm]:
    if (why := slurm_samples.unavailable_reason()) is not None:
        require("slurm", why)
    with slurm_samples.running() as started:
        yield started


def on_slurm(slurm: slurm_samples.Slurm, folder: Path, slow: float = SLOW) -> dict[str, str]:
    (folder / "keys").mkdir()
    return {
        **slurm.environment,
        **watched(folder, slow),
        **{name: slurm.environment[name] for name in ("SLURM_CONF", "PATH")},
        "DASK_JOBQUEUE__SLURM__INTERFACE": "lo",
        "DASK_JOBQUEUE__SLURM__SCHEDULER_OPTIONS": '{"host": "127.0.0.1"}',
        "DASK_JOBQUEUE__SLURM__SHARED_TEMP_DIRECTORY": str(folder / "keys"),
    }


def test_a_lost_job_is_asked_for_again_and_a_wrong_queue_is_told(slurm: slurm_samples.Slurm, tmp_path: Path) -> None:
    make_shot(tmp_path, FRAMES)
    environment = on_slurm(slurm, tmp_path)
    _, err = ended(start(tmp_path, "--cluster", "slurm", "--queue", "nosuch", environment=environment), 2)
    why = "sbatch: error: invalid partition specified: nosuch"
    assert err == f"lattice: slurm: the workers' jobs cannot be submitted: {why}\n"
    child = start(tmp_path, "--cluster", "slurm", "--workers", "1", "--queue", "all", environment=environment)
    wait_for_lines(tmp_path, 3, child)
    slurm.command("scancel", f"--user={getpass.getuser()}")
    ended(child, 0)
    assert len(finished(tmp_path)) == FRAMES


def test_strangers_get_nothing_from_jobs_and_the_keys_are_in_no_script(
    slurm: slurm_samples.Slurm, tmp_path: Path
) -> None:
    make_shot(tmp_path, FRAMES)
    environment = on_slurm(slurm, tmp_path, slow=1)
    child = start(tmp_path, "--cluster", "slurm", "--workers", "1", environment=environment)
    wait_for_lines(tmp_path, 1, child)
    [folder] = (tmp_path / "keys").iterdir()
    files = {path.name: str(path) for path in folder.iterdir()}
    friend = Security(
        tls_ca_file=files["cert.pem"], tls_client_cert=files["cert.pem"], tls_client_key=files["key.pem"]
    ).get_connection_args("client")
    (job,) = slurm.jobs()
    script = slurm.command("scontrol", "write", "batch_script", job.split()[0], "-")
    assert files["key.pem"] in script
    secret = (folder / "key.pem").read_text().splitlines()[1]
    assert secret not in script + slurm.command("scontrol", "show", "job", job.split()[0])
    assert served(child, friend) == ([], 1)
    (worker,) = {int(str(line["pid"])) for line in told(tmp_path)}
    assert served(child, friend, pid=psutil.Process(worker).ppid()) == ([], 2), "its nanny, itself"
    child.send_signal(signal.SIGTERM)
    ended(child, 143)
    assert list((tmp_path / "keys").iterdir()) == []


def test_a_hundred_frames_on_slurm_with_workers_and_schedulers_killed_on_the_way(
    slurm: slurm_samples.Slurm, tmp_path: Path, premier: SDev
) -> None:
    make_shot(tmp_path, 100)
    environment = on_slurm(slurm, tmp_path)
    more = ("--cluster", "slurm", "--workers", "2", "--io-slots", "1", "--queue", "all", "--memory", "1G")
    child = start(tmp_path, *more, environment=environment)
    first = wait_for_lines(tmp_path, 15, child)
    os.kill(int(str(first[-1]["pid"])), signal.SIGKILL)  # a worker
    slurm.kill("slurmctld")
    wait_for_lines(tmp_path, 30, child)
    child.kill()  # and Dask's scheduler
    child.communicate()
    pids = {int(str(line["pid"])) for line in told(tmp_path)}
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
    before = finished(tmp_path)
    assert 25 <= len(before) < 100  # a frame whose worker died once it was done is told twice
    slurm.recover()
    _, said = ended(start(tmp_path, *more, environment=environment), 0)
    assert said == "lattice: 2 workers are asked of slurm; frames begin when the first has come\n"
    after = finished(tmp_path)
    assert len(after) == 100
    assert all(after[name] == writing for name, writing in before.items())
    assert temporaries(tmp_path) == []
    assert most_at_a_time(tmp_path) == 1
    assert same_as_threads(tmp_path, premier)
