"""Threads that do not keep the program alive: a read from a disk that hangs must not hold Ctrl-C."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")
THREADS = 8  # calls that are worked on at a time


class Pool:
    """A few daemon threads that run calls in the order that they come in."""

    def __init__(self, threads: int = THREADS, name: str = "view") -> None:
        self._calls: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._closed = False
        self._threads = [threading.Thread(target=self._work, name=name, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def run(self, call: Callable[[], T]) -> Future[T]:
        """Run a call in one of the threads; the future has its result, or what it raised."""
        future: Future[T] = Future()
        self._calls.put((future, call))
        return future

    def close(self, seconds: float) -> bool:
        """Cancel the calls that wait, and wait so long for those in work. Return True if all threads have ended."""
        self._closed = True
        for _ in self._threads:
            self._calls.put(None)
        return joined(self._threads, seconds)

    def _work(self) -> None:
        while (taken := self._calls.get()) is not None:
            future, call = taken
            if self._closed:
                future.cancel()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call())
            except BaseException as error:
                future.set_exception(error)
            del taken, future, call  # what they hold is free while the thread waits


def joined(threads: list[threading.Thread], seconds: float) -> bool:
    """Wait so long for threads to end; return True if all have."""
    end = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return not any(thread.is_alive() for thread in threads)
