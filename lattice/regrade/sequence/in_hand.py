"""Frames in hand: handed out a few at a time, taken back as they end. Threads and clusters share this."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from lattice.regrade.options import Job

F = TypeVar("F")  # a future: of a thread's work, or of a cluster's


class FramesInHand(Generic[F]):
    """Hands out jobs in order, at most `room()` at a time.

    submit: starts a job. room: how many may be in hand. ended: waits, and returns some that have ended, in the order in
    which they are to come out; none where it only looked. stop: asked before a job is handed out; once it says yes no
    other is. idle: called where jobs wait and there is no room for any.
    """

    def __init__(self, jobs: Iterable[Job], submit: Callable[[Job], F], room: Callable[[], int],
                 ended: Callable[[list[F]], Iterable[F]], stop: Callable[[], bool],
                 idle: Callable[[], object] = lambda: None) -> None:
        self.held: dict[F, tuple[int, Job]] = {}
        self._waiting = deque(enumerate(jobs))
        self._submit, self._room, self._ended, self._stop, self._idle = submit, room, ended, stop, idle

    def fill(self) -> None:
        """Hand out as many as there is room for."""
        if self._stop():
            self._waiting.clear()
        room = self._room()
        while self._waiting and len(self.held) < room:
            number, job = self._waiting.popleft()
            self.held[self._submit(job)] = number, job

    def __iter__(self) -> Iterator[tuple[int, Job, F]]:
        """Each job's number, the job and its future, once it has ended."""
        while True:
            self.fill()
            if self.held:
                for future in self._ended(list(self.held)):
                    yield (*self.held.pop(future), future)
            elif self._waiting:
                self._idle()
            else:
                return
