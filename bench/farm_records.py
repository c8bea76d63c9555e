"""A farm in numbers: what frames and tasks take, and what workers and the head take besides."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Frame:
    """What a frame takes. header: bytes at its beginning, by which it is planned; read: the others; written: bytes.
    reading, grading, verifying: CPU seconds, all but the grading while a slot is held, as in `lattice.regrade.frame`.
    """

    header: int
    read: int
    written: int
    reading: float
    grading: float
    verifying: float

    @property
    def bytes(self) -> int:
        """That go over the network, each once; what is read again is still in the worker's memory."""
        return self.header + self.read + self.written

    @property
    def seconds(self) -> float:
        """Of CPU."""
        return self.reading + self.grading + self.verifying


@dataclass(frozen=True)
class Idle:
    """What is taken without any task. worker: cores, of each worker; head: cores, of the head; beat: CPU seconds of the
    head for each of the workers' heartbeats."""

    worker: float
    head: float
    beat: float

    def of_head(self, workers: int) -> float:
        """Cores that the head of so many workers takes."""
        return self.head + self.beat * beats(workers)

    def of_all(self, workers: int) -> float:
        """Cores that they take together with the head."""
        return self.of_head(workers) + self.worker * workers


def beats(workers: int) -> float:
    """Heartbeats a second of so many workers. Source: Dask's own interval."""
    from distributed.scheduler import heartbeat_interval

    return float(workers / heartbeat_interval(workers))


@dataclass(frozen=True)
class Crowd:
    """CPU seconds that each worker adds to the head's work. collect: whenever frames are collected that have ended;
    room: whenever one of them makes room for the next."""

    collect: float
    room: float


@dataclass(frozen=True)
class Tasks:
    """CPU seconds that a frame costs as a task. head: of the command with Dask's scheduler; worker: of the worker,
    besides the frame. slot: of the head, for a slot that is taken and given back; asking: of the worker, for the same;
    waiting: of the head, for each frame that it wakes to try for a slot. idle, crowd: what is taken besides."""

    head: float
    worker: float
    slot: float
    asking: float
    waiting: float
    idle: Idle = Idle(0, 0, 0)
    crowd: Crowd = Crowd(0, 0)


@dataclass(frozen=True)
class Farm:
    """workers: that grade one frame each at a time. cores: that they share. server, link: bytes a second, of the file
    server and to one worker. slots: frames that are read or written at a time; None: no limit. is_alone: the head has a
    core of its own."""

    workers: int
    cores: float
    server: float
    link: float
    slots: int | None = None
    is_alone: bool = True


@dataclass(frozen=True)
class Ended:
    """When a frame ended, and what the head had worked and the server moved till then."""

    time: float
    head: float
    moved: float
