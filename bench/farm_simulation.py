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
from functools import partial
from itertools import count

from farm_records import Ended, Farm, Frame, Tasks

LEAST = 0.05  # cores that are left for frames, whatever else takes
Resume = Callable[[], object]
Request = Callable[[Resume], object]


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


class Hands:
    """The frames in hand: the head collects all that have ended, and hands out the next ones, each in turn."""

    def __init__(self, head: Head, workers: int, tasks: Tasks) -> None:
        self._head = head
        self._collect, self._next = workers * tasks.crowd.collect, tasks.head + workers * tasks.crowd.room
        self._free: list[Resume] = []
        self._is_busy = False

    def take(self, resume: Resume) -> None:
        """Resume with a frame, once one that has ended is collected."""
        self._free.append(resume)
        self._look()

    def _look(self) -> None:
        if self._free and not self._is_busy:
            self._is_busy = True
            self._head.take(self._collect, self._collected)

    def _collected(self) -> None:
        found, self._free = self._free, []
        for resume in found:
            self._head.take(self._next, resume)
        self._head.take(0, self._end)

    def _end(self) -> None:
        self._is_busy = False
        self._look()


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
    hands = Hands(head, farm.workers, tasks)
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
            yield hands.take
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
