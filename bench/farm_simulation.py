"""A farm, event by event: workers that grade frames, one file server, and the head that hands the frames out.

What is shared is shared evenly: each of the server's transfers and each busy process gets the same part, up to what one
can take. The head does one thing at a time. Slots are taken in turn.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count

LEAST = 0.05  # cores that are left for frames, whatever else takes
Resume = Callable[[], object]
Request = Callable[[Resume], object]


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
class Tasks:
    """CPU seconds that a frame costs as a task. head: of the command with Dask's scheduler; worker: of the worker,
    besides the frame. slot: of the head, for a slot that is taken and given back; asking: of the worker, for the same;
    waiting: of the head, for each frame that it wakes to try for a slot. idle: what is taken besides."""

    head: float
    worker: float
    slot: float
    asking: float
    waiting: float
    idle: Idle = Idle(0, 0, 0)


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


class Clock:
    """Calls what is due."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Resume]] = []
        self._number = count()

    def at(self, time: float, call: Resume) -> None:
        """Call at a time."""
        heapq.heappush(self._due, (time, next(self._number), call))

    def run(self) -> None:
        """Until nothing is due."""
        while self._due:
            self.now, _, call = heapq.heappop(self._due)
            call()


class Shared:
    """Serves all at once: each at the same rate, `total` together, `each` at most. served: amount of all that ended."""

    def __init__(self, clock: Clock, total: float, each: float) -> None:
        self.served = 0.0
        self._clock, self._total, self._each = clock, total, each
        self._one = self._since = 0.0  # that anyone present all along would have got, and when that was so
        self._jobs: list[tuple[float, int, float, Resume]] = []
        self._number = count()
        self._plan = 0

    def take(self, amount: float, resume: Resume) -> None:
        """Serve an amount, then resume."""
        self._catch_up()
        heapq.heappush(self._jobs, (self._one + amount, next(self._number), amount, resume))
        self._next()

    def _catch_up(self) -> None:
        self._one += self._rate() * (self._clock.now - self._since)
        self._since = self._clock.now

    def _rate(self) -> float:
        return min(self._each, self._total / max(1, len(self._jobs)))

    def _next(self) -> None:
        """Plan the next end; a plan that was made before is void."""
        self._plan += 1
        if self._jobs:
            wait = max(0.0, self._jobs[0][0] - self._one) / self._rate()
            self._clock.at(self._clock.now + wait, partial(self._end, self._plan))

    def _end(self, plan: int) -> None:
        if plan != self._plan:
            return
        self._catch_up()
        _, _, amount, resume = heapq.heappop(self._jobs)
        self.served += amount
        self._next()
        resume()


class Head:
    """Does one thing at a time, in turn, on a core."""

    def __init__(self, core: Shared) -> None:
        self.worked = 0.0
        self._core = core
        self._asked: deque[tuple[float, Resume]] = deque()

    def take(self, seconds: float, resume: Resume) -> None:
        """Work for so long, then resume."""
        self._asked.append((seconds, resume))
        if len(self._asked) == 1:
            self._core.take(seconds, self._end)

    def _end(self) -> None:
        seconds, resume = self._asked.popleft()
        self.worked += seconds
        if self._asked:
            self._core.take(self._asked[0][0], self._end)
        resume()


class Slots:
    """Dask's semaphore: the head lets so many in. Who gives a slot back wakes all that wait, once for all slots that
    are given back before they try; then the first take what is free.

    Source: distributed/semaphore.py, where they wait for one asyncio.Event.
    """

    def __init__(self, head: Head, number: float, tasks: Tasks) -> None:
        self._head, self._free, self._tasks = head, number, tasks
        self._waiting: deque[Resume] = deque()
        self._are_woken = False

    def take(self, resume: Resume) -> None:
        """Resume with a slot."""
        self._head.take(self._tasks.slot / 2, partial(self._asked, resume))

    def give(self, resume: Resume) -> None:
        """Give it back, then resume."""
        self._head.take(self._tasks.slot / 2, partial(self._given, resume))

    def _asked(self, resume: Resume) -> None:
        if self._free > 0:
            self._free -= 1
            resume()
        else:
            self._waiting.append(resume)

    def _given(self, resume: Resume) -> None:
        self._free += 1
        if self._waiting and not self._are_woken:
            self._are_woken = True
            self._head.take(self._tasks.waiting * len(self._waiting), self._try)
        resume()

    def _try(self) -> None:
        self._are_woken = False
        while self._free > 0 and self._waiting:
            self._free -= 1
            self._waiting.popleft()()


def simulate(farm: Farm, frames: Sequence[Frame], tasks: Tasks, number: int, starts_within: float = 0) -> list[Ended]:
    """The ends of so many frames, in order.

    frames: of which each one is drawn, always in the same way. starts_within: seconds over which workers start evenly.
    """
    clock, drawn = Clock(), random.Random(0)
    watching, present = tasks.idle.of_head(farm.workers), tasks.idle.worker * farm.workers
    left = farm.cores - present - (0 if farm.is_alone else watching)
    server, cores = Shared(clock, farm.server, farm.link), Shared(clock, max(LEAST, left), 1)
    head = Head(Shared(clock, max(LEAST, 1 - watching), 1) if farm.is_alone else cores)
    slots = Slots(head, math.inf if farm.slots is None else farm.slots, tasks)
    ended: list[Ended] = []
    waiting = iter(range(number))

    def slotted(*requests: Request) -> Iterator[Request]:
        if farm.slots is None:
            yield from requests
        else:
            yield from (partial(cores.take, tasks.asking), slots.take, *requests, slots.give)

    def worker() -> Iterator[Request]:
        for _ in waiting:
            frame = drawn.choice(frames)
            yield partial(head.take, tasks.head)
            yield partial(cores.take, tasks.worker)
            yield partial(server.take, frame.header)
            yield from slotted(partial(server.take, frame.read), partial(cores.take, frame.reading))
            yield partial(cores.take, frame.grading)
            yield from slotted(partial(server.take, frame.written), partial(cores.take, frame.verifying))
            ended.append(Ended(clock.now, head.worked + watching * clock.now, server.served))

    def go_on(requests: Iterator[Request]) -> None:
        request = next(requests, None)
        if request is not None:
            request(partial(go_on, requests))

    for each in range(farm.workers):
        clock.at(starts_within * each / farm.workers, partial(go_on, worker()))
    clock.run()
    return ended
