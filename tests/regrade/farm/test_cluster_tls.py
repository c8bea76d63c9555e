"""Who may speak with a cluster: the run that started it, or who holds the certificates; nobody else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from basics import one_line
from cluster_peers import ports, saved, served
from cluster_samples import FRAMES, ended
from cryptography import x509
from distributed import Security
from farm_samples import finished, make_shot, start, wait_for, wait_for_lines, watched

from lattice.regrade.farm import certificates, shipped
from lattice.regrade.farm.workers import Cluster

pytestmark = pytest.mark.slow


def wait_for_all(child: subprocess.Popen[str], shot: Path) -> None:
    """Wait until frames are graded, and a scheduler, two nannies and two workers listen."""
    wait_for_lines(shot, 1, child)
    wait_for(lambda: len(ports(child.pid)) >= 5)


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    make_shot(tmp_path, FRAMES)
    return tmp_path


def test_strangers_get_nothing_from_workers_of_this_machine(shot: Path) -> None:
    child = start(shot, "--cluster", "local", environment=watched(shot, slow=1))
    wait_for_all(child, shot)
    assert {address for found in ports(child.pid).values() for address in found} == {"127.0.0.1"}
    assert served(child) == ([], 0)
    child.send_signal(signal.SIGTERM)
    ended(child, 143)


def test_plain_tcp_is_asked_for_by_name_and_lets_everybody_in(shot: Path) -> None:
    child = start(shot, "--cluster", "local", "--insecure-tcp", environment=watched(shot, slow=1))
    wait_for_all(child, shot)
    given, friendly = served(child, friend={})
    assert friendly == 5
    assert {words.partition(" at ")[0] for words in given} == {"plain"}
    child.send_signal(signal.SIGTERM)
    ended(child, 143)


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a Dask scheduler with a worker that speak TLS, and Dask's settings of a client's certificates."""
    settings = saved(Security.temporary(), tmp_path / "mine")
    cert, _, key = settings.values()
    tls = ["--tls-ca-file", cert, "--tls-cert", cert, "--tls-key", key, "--no-dashboard"]
    address = tmp_path / "address.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    head = ["dask_scheduler", "--protocol", "tls", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", address]
    worker = ["dask_worker", "--scheduler-file", address, "--nthreads", "1", "--local-directory", tmp_path / "dask"]
    children = [
        subprocess.Popen([sys.executable, "-m", f"distributed.cli.{words[0]}", *words[1:], *tls], **quiet)  # type: ignore[call-overload]
        for words in (head, worker)
    ]
    wait_for(address.exists)
    wait_for(lambda: address.read_text().strip().endswith("}"))
    yield json.loads(address.read_text())["address"], settings
    for child in children:
        child.kill()
        child.wait()


def test_a_scheduler_with_tls_is_joined_with_the_users_certificates(
    shot: Path, scheduler: tuple[str, dict[str, str]], tmp_path: Path
) -> None:
    address, settings = scheduler
    assert address.startswith("tls://")
    others = saved(Security.temporary(), tmp_path / "others")
    for wrong, why in (
        ({}, "distributed.comm.tls.ca-file is not set: name your certificates in Dask's configuration"),
        (others, "no scheduler can be reached"),
        ({**settings, "DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY": "/no/key"}, "cannot be used: [Errno 2]"),
        ({**settings, "DASK_DISTRIBUTED__COMM__TLS__CA_FILE": "[1]"}, "cannot be used: cafile should be a"),
        ({**settings, "DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY": others[max(others)]}, "cannot be used: [X509"),
    ):
        _, err = ended(start(shot, "--scheduler", address, environment={**os.environ, **wrong}), 2)
        assert err.startswith(f"lattice: {address}: ")
        assert why in err
        assert err.count("\n") == 1
    tcp = address.replace("tls", "tcp")
    _, err = ended(start(shot, "--scheduler", tcp, "--insecure-tcp"), 2)
    assert err.startswith(f"lattice: {tcp}: no scheduler can be reached: ")
    assert not finished(shot)
    ended(start(shot, "--scheduler", address, environment={**os.environ, **settings}), 0)
    assert len(finished(shot)) == FRAMES


def test_the_runs_certificates_are_valid_on_machines_whose_clocks_are_behind() -> None:
    made = x509.load_pem_x509_certificate(certificates.temporary().tls_worker_cert.encode())
    now = datetime.now(UTC)
    assert timedelta(hours=23) < now - made.not_valid_before_utc < timedelta(hours=25)
    assert made.not_valid_after_utc - now > timedelta(days=300)


def test_a_configuration_of_dask_that_cannot_be_read_is_told_in_a_line(shot: Path) -> None:
    (shot / "dask").mkdir()
    (shot / "dask" / "distributed.yaml").write_text("distributed:\n  comm: [1\n  tls: {")
    broken = {**os.environ, "DASK_CONFIG": str(shot / "dask")}
    out, err = ended(start(shot, "--cluster", "local", environment=broken), 2)
    assert err.startswith("lattice: cluster: Dask cannot be used: A dask config file at ")
    assert err.count("\n") == 1
    assert "graded" not in out, "no table of nothing"


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            "ModuleNotFoundError(\"No module named 'lattice'\")",
            "workers of tls://a:1 have no lattice: install it there",
        ),
        ("ModuleNotFoundError(\"No module named 'numpy'\")", "tls://a:1: the workers cannot take the frames: Module"),
    ],
)
def test_workers_that_cannot_take_the_frames_are_told_in_a_line(error: str, says: str) -> None:
    class Client:
        def register_plugin(self, plugin: object) -> None:
            raise Exception(error)  # as Dask raises an error of a worker

    one_line(lambda: shipped.shipped(Client(), (), Cluster(scheduler="tls://a:1")).__enter__(), says)


def test_addresses_that_let_others_in_are_refused() -> None:
    one_line(lambda: Cluster(scheduler="tcp://a:1"), "whoever reaches", "tls://a:1", "--insecure-tcp")
    for odd in ("a:1", "ucx://a:1", "tls://a", "tls:///a:1", "tls://a:1 b", "inproc://1/2/3", ""):
        one_line(lambda odd=odd: Cluster(scheduler=odd), "expected tls://HOST:PORT, got")
    one_line(lambda: Cluster(scheduler="tls://a:1", insecure_tcp=True), "leave --insecure-tcp out")
    assert Cluster(scheduler="tls://[::1]:8786").where == "tls://[::1]:8786"


def test_certificates_of_jobs_are_files_of_this_user_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    before = os.umask(0)
    try:
        with certificates.shipped(Security.temporary(), None) as security:
            key = Path(security.tls_worker_key)
            assert key.parent.parent == tmp_path / ".local/state/lattice/farm"
            modes = {path.name: path.stat().st_mode & 0o777 for path in (key, key.parent, key.parent / "cert.pem")}
            assert modes == {"key.pem": 0o600, key.parent.name: 0o700, "cert.pem": 0o600}
            assert "PRIVATE KEY" in key.read_text()
            assert security.get_connection_args("worker")["require_encryption"]
            assert security.get_connection_args("scheduler")["require_encryption"]
    finally:
        os.umask(before)
    assert list(key.parent.parent.iterdir()) == []


def test_certificates_are_put_nowhere_where_others_can_change_them(tmp_path: Path) -> None:
    def ship(folder: Path) -> None:
        with certificates.shipped(Security.temporary(), str(folder)):
            pass

    for mode in (0o777, 0o770):
        tmp_path.chmod(mode)
        one_line(lambda: ship(tmp_path), "shared-temp-directory", "can be written by others")
    tmp_path.chmod(0o1777)
    ship(tmp_path)  # as /tmp: nobody else renames what is mine
    (tmp_path / "a b").mkdir()
    for odd in ("a b", "no"):
        one_line(lambda odd=odd: ship(tmp_path / odd), "expected a folder that is there, of a plain name")


def test_what_a_killed_run_left_is_removed_and_what_a_living_one_needs_stays(tmp_path: Path) -> None:
    host = certificates.this_host()
    dead = subprocess.Popen(["true"])
    dead.wait()
    names = {
        f"run-{host}-{dead.pid}-ab_c": False,
        f"run-{host}-{os.getppid()}-abc": True,
        f"run-{host}-9-{dead.pid}-abc": True,  # of a machine of another name
        "run-elsewhere-1-abc": True,
    }
    for name in names:
        (tmp_path / name).mkdir()
    with certificates.shipped(Security.temporary(), str(tmp_path)):
        pass
    assert {name: (tmp_path / name).exists() for name in names} == names
