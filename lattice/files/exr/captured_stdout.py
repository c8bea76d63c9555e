"""Capture what a library prints to sys.stdout, separately for each thread.

The OpenEXR package prints why it cannot read a part and continues without it. The reason belongs in our
error, and a job's standard output belongs to the job.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class _ThreadStdout:
    """Replacement for sys.stdout: collects what listening threads print, passes on what other threads print."""

    def __init__(self, stdout: TextIO) -> None:
        self.stdout = stdout
        self.listening = threading.local()

    def write(self, text: str) -> int:
        printed: list[str] | None = getattr(self.listening, "printed", None)
        if printed is not None:
            printed.append(text)
        elif self.stdout is not None:  # None in a process that was started without stdout
            return int(self.stdout.write(text))
        return len(text)

    def flush(self) -> None:
        if self.stdout is not None:
            self.stdout.flush()

    def __getattr__(self, name: str) -> object:
        return getattr(self.stdout, name)


_ear_lock = threading.Lock()
_listeners = 0
# Never freed: before CPython 3.14, print() in another thread may use the old sys.stdout without a reference.
_ear: _ThreadStdout | None = None


@contextmanager
def capture_stdout() -> Iterator[list[str]]:
    """Yield a list that collects what this thread prints inside the block; other threads print as usual."""
    global _ear, _listeners
    printed: list[str] = []
    with _ear_lock:
        if not isinstance(sys.stdout, _ThreadStdout):
            if _ear is None or _ear.stdout is not sys.stdout:
                _ear = _ThreadStdout(sys.stdout)
            sys.stdout = _ear
        ear = sys.stdout
        _listeners += 1
    ear.listening.printed = printed
    try:
        yield printed
    finally:
        ear.listening.printed = None
        with _ear_lock:
            _listeners -= 1
            if not _listeners and sys.stdout is ear:
                sys.stdout = ear.stdout
