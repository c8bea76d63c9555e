"""Which workers a sequence asks for: processes on this machine, jobs of a studio's scheduler, or a scheduler's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import get_args

from lattice.choices import ClusterKind
from lattice.errors import did_you_mean
from lattice.types import LatticeError

WALLTIME = "12:00:00"  # of a worker's job, by default
SPARE = 2**29  # bytes that a worker's job needs in addition to its frame


@dataclass(frozen=True)
class Cluster:
    """The workers of a sequence.

    kind: "local" starts processes on this machine, the others submit jobs to the studio's scheduler. workers: how many,
    1 or more. io_slots: the most frames that all workers together read or write at a time; None sets no limit.
    scheduler: address of a running Dask scheduler, tls://HOST:PORT; its workers are used as they are. queue, walltime
    ("HH:MM:SS"): of each job. insecure_tcp: connect without TLS; then whoever reaches a port of the scheduler or of a
    worker runs code in the user's name.
    Raises LatticeError if a value is out of range, or two values contradict each other.
    """

    kind: ClusterKind = "local"
    workers: int = 2
    io_slots: int | None = None
    scheduler: str | None = None
    queue: str | None = None
    walltime: str = WALLTIME
    insecure_tcp: bool = False

    def __post_init__(self) -> None:
        if self.kind not in get_args(ClusterKind):
            raise LatticeError(
                f"cluster: expected {' or '.join(get_args(ClusterKind))}, got {self.kind!r}"
                + did_you_mean(self.kind, get_args(ClusterKind))
            )
        for name, number in (("workers", self.workers), ("io-slots", self.io_slots)):
            if number is not None and number < 1:
                raise LatticeError(f"{name}: expected 1 or more, got {number}")
        if self.kind == "htcondor" and (self.queue is not None or self.walltime != WALLTIME):
            raise LatticeError("htcondor has no --queue and no --walltime: leave them out")
        check_walltime(self.walltime)
        if self.queue is not None:
            check_queue(self.queue)
        if self.scheduler is not None:
            _check_scheduler(self.scheduler, self.insecure_tcp)

    @property
    def where(self) -> str:
        """The scheduler's address, or the kind of the workers, for messages."""
        return self.scheduler or self.kind


def _check_scheduler(address: str, insecure_tcp: bool) -> None:
    parts = re.fullmatch(r"(\w+)://([^\s/]+:\d+)", address)
    if parts is None or parts[1] not in ("tls", "tcp"):
        raise LatticeError(f"--scheduler: expected tls://HOST:PORT, got {address!r}")
    if parts[1] == "tcp" and not insecure_tcp:
        raise LatticeError(
            f"--scheduler {address}: whoever reaches a tcp:// scheduler or its workers runs code in your name; use a "
            f"scheduler with TLS (tls://{parts[2]}), or accept that by --insecure-tcp"
        )
    if parts[1] == "tls" and insecure_tcp:
        raise LatticeError(f"--insecure-tcp: {address} is TLS; leave --insecure-tcp out")


def check_walltime(walltime: str) -> None:
    """Raise LatticeError unless `walltime` is HH:MM:SS."""
    if not re.fullmatch(r"[0-9]+:[0-5][0-9]:[0-5][0-9]", walltime):
        raise LatticeError(f"walltime: expected HH:MM:SS, got {walltime!r}")


def check_queue(queue: str) -> None:
    """Raise LatticeError unless `queue` is a name that every scheduler reads as one word of a directive.

    Letters, digits and `_ . - , @ :` as in lists of partitions and in PBS's QUEUE@SERVER.
    """
    if not re.fullmatch(r"[\w.][\w.,@:-]*", queue, re.ASCII):
        raise LatticeError(f"queue: expected a name of letters, digits, _ . , @ : and -, got {queue!r}")
