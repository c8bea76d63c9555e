"""Frames in hand: submitted a few at a time, collected as they end. Threads and clusters share this code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

J = TypeVar("J")  # a job, perhaps with its shot
F = TypeVar("F")  # a future, of a thread pool or of a cluster


class FramesInHand(Generic[J, F]):
    """Submits jobs in order, with at most `room()` in hand. A job is taken from the iterable when the one
    before it is submitted. A job that has ended makes room for the next before it is yielded.

    submit: starts a job and returns its future. room: how many jobs may be in hand. ended: gets the futures in hand,
    waits, and returns those to yield next, in order; none if it only polled. stop: called before jobs are submitted;
    once it returns True, no other job is. idle: called while jobs wait, none is in hand and there is no room.
    """

    def __init__(
        self,
        jobs: Iterable[J],
        submit: Callable[[J], F],
        room: Callable[[], int],
        ended: Callable[[list[F]], Iterable[F]],
        stop: Callable[[], bool],
        idle: Callable[[], object] = lambda: None,
    ) -> None:
        self.held: dict[F, tuple[int, J]] = {}
        self._waiting = enumerate(jobs)
        self._next = next(self._waiting, None)
        self._submit, self._room, self._ended, self._stop, self._idle = submit, room, ended, stop, idle

    def fill(self) -> None:
        """Submit as many jobs as there is room for."""
        if self._stop():
            self._next = None
        room = self._room()
        while self._next is not None and len(self.held) < room:
            self.held[self._submit(self._next[1])] = self._next
            self._next = next(self._waiting, None)

    def __iter__(self) -> Iterator[tuple[int, J, F]]:
        """Yield each job's number (from 0, in the order given), the job and its future, as `ended` returns it."""
        while True:
            self.fill()
            if self.held:
                for future in self._ended(list(self.held)):
                    ended = self.held.pop(future)
                    self.fill()
                    yield (*ended, future)
            elif self._next is not None:
                self._idle()
            else:
                return
