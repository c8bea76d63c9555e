"""Ctrl-C and SIGTERM stop a run after the frames in hand; the first signal sets the exit code."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Stop:
    """A stop flag: calling it returns True once a signal has arrived. signal: the first one's number, None before."""

    def __init__(self) -> None:
        self.signal: int | None = None

    def __call__(self) -> bool:
        return self.signal is not None


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Within the block SIGINT and SIGTERM only set the flag, however often they arrive.

    If one arrived, both are ignored after the block, because the process is about to exit. Handlers are not changed
    outside the main thread, nor for a signal that is ignored already (nohup).
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def ask(number: int, frame: object) -> None:
        stop.signal = stop.signal or number

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    ours = [number for number, handler in before.items() if handler not in (None, signal.SIG_IGN)]
    for number in ours:
        signal.signal(number, ask)
    try:
        yield stop
    finally:
        for number in ours:  # Python restores its own handlers before it exits
            signal.signal(number, signal.SIG_IGN if stop() else before[number])
