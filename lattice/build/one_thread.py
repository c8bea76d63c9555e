"""One thread for linear algebra: with more, sums are in another order, and a look would have other bits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock

from threadpoolctl import ThreadpoolController

_turn = Lock()


@cache
def _controller() -> ThreadpoolController:
    """Return the controller of the libraries that NumPy and SciPy have loaded; finding them takes a millisecond."""
    return ThreadpoolController()


@contextmanager
def one_thread() -> Iterator[None]:
    """Within the block, make linear algebra use one thread.

    The limit holds for the whole process, so threads take turns: none lifts it while another builds.
    """
    with _turn, _controller().limit(limits=1):
        yield
