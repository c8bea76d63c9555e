"""A run that is told to stop by a signal: the one heard first counts, and nothing is interrupted in the middle."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Stop:
    """Whether to stop. signal: the number of the signal that was heard first; None while none was."""

    def __init__(self) -> None:
        self.signal: int | None = None

    def __call__(self) -> bool:
        return self.signal is not None


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Inside, Ctrl-C and SIGTERM ask to stop and do no more, however often they come. Once they have asked they are
    ignored: the process is about to end. Outside of the main thread, and where one is ignored, they stay what they are.
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
        for number in ours:  # Python puts its own handlers away before it ends
            signal.signal(number, signal.SIG_IGN if stop() else before[number])
