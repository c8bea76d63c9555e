"""A Slurm of one node, of this very machine, for the tests: any user may run it."""

from __future__ import annotations

import fcntl
import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NEEDED = ("slurmctld", "slurmd", "sbatch", "sinfo", "scancel")
READY = 20  # seconds
LOCK = Path(tempfile.gettempdir()) / f"slurm-of-tests-{getpass.getuser()}"
CONFIG = """
ClusterName=test
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={port}
SlurmdPort={node_port}
CommunicationParameters=NoInAddrAny
AuthType=auth/none
CredType=cred/none
SlurmUser={user}
SlurmdUser={user}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/linux
MpiDefault=none
ReturnToService=2
Licenses=fileserver:1
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/jobcomp
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SchedulerParameters=sched_interval=1,batch_sched_delay=0,bf_interval=1
NodeName=localhost NodeAddr=127.0.0.1 CPUs=2 RealMemory=8000
PartitionName=all Nodes=ALL Default=YES DefMemPerCPU=500 State=UP
"""


def unavailable_reason() -> str | None:
    """What it lacks here; None where it can run."""
    absent = [name for name in NEEDED if shutil.which(name, path=_path()) is None]
    return f"{absent[0]} is not installed" if absent else None


def _path() -> str:
    return f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin"


def _free_ports() -> tuple[int, int]:
    """Two that nobody has now: tests of several files may run at a time."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


class Slurm:
    """environment: what its commands need. folder: its state and logs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("state", "spool"):
            (folder / name).mkdir(parents=True)
        config = folder / "slurm.conf"
        port, node_port = _free_ports()
        config.write_text(CONFIG.format(folder=folder, user=getpass.getuser(), port=port, node_port=node_port))
        self.environment = {**os.environ, "SLURM_CONF": str(config), "PATH": _path()}

    def start(self, *names: str) -> None:
        """Start daemons and wait until the node takes jobs."""
        for name in names or ("slurmctld", "slurmd"):
            self.command(name, *(("-N", "localhost") if name == "slurmd" else ()))
        self._wait_until_it_is("idle", "mixed", "allocated")

    def recover(self) -> None:
        """Start the controller that was killed, as its administrator would.

        What it saved last may say that a job waits which has run since; it would start that one again, and drain the
        node because the node knows better. So old jobs are cancelled, and the node is told to take new ones.
        """
        self.start("slurmctld")
        self.command("scancel", f"--user={getpass.getuser()}")
        end = time.monotonic() + READY
        while self.jobs():
            assert time.monotonic() < end, self.jobs()
            time.sleep(0.1)
        self.command("scontrol", "update", "NodeName=localhost", "State=RESUME", check=False)
        self._wait_until_it_is("idle")

    def _wait_until_it_is(self, *states: str) -> None:
        end = time.monotonic() + READY
        while self.command("sinfo", "-h", "-o", "%T", check=False).strip() not in states:
            assert time.monotonic() < end, (self.folder / "slurmctld.log").read_text()[-2000:]
            time.sleep(0.1)

    def command(self, *words: str, check: bool = True) -> str:
        """What one of its commands prints."""
        done = subprocess.run(words, env=self.environment, capture_output=True, text=True, timeout=60)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def kill(self, name: str) -> None:
        """kill -9 a daemon."""
        pid = int((self.folder / f"{name}.pid").read_text())
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.02)

    def jobs(self) -> list[str]:
        """The jobs that it knows and that have not ended."""
        return self.command("squeue", "-h", "-o", "%i %T").split("\n")[:-1]


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other test of this machine runs one: two nodes of one name take each other's jobs."""
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def running() -> Iterator[Slurm]:
    """Start one, alone on this machine, and leave nothing of it behind.

    Its folder has a short name, for that of a job's socket ends at 108 letters.
    """
    with (
        alone(),
        tempfile.TemporaryDirectory(prefix="slurm", ignore_cleanup_errors=True) as folder,
        _running(Path(folder)) as slurm,
    ):
        yield slurm


@contextmanager
def _running(folder: Path) -> Iterator[Slurm]:
    slurm = Slurm(folder)
    try:
        slurm.start()
        yield slurm
    finally:
        slurm.command("scancel", "--signal=KILL", "--full", f"--user={getpass.getuser()}", check=False)
        time.sleep(0.2)
        for name in ("slurmd", "slurmctld"):
            with suppress(OSError, ValueError):
                slurm.kill(name)
