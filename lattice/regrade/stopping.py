"""A run that is told to stop: the frames in hand end whole, no other starts, and the process says what ended it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Terminated(BaseException):
    """SIGTERM came; as KeyboardInterrupt is for Ctrl-C."""


@contextmanager
def terminated_by_signal() -> Iterator[None]:
    """Inside, SIGTERM raises Terminated in the main thread; in any other thread this does nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: Any) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
