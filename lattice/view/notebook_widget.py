"""The viewer in a notebook: the page of `lattice view` as an anywidget; the kernel is its server."""

from __future__ import annotations

import threading
from typing import Any

import anywidget

from lattice.view.notebook_answers import answer
from lattice.view.notebook_page import LOADER
from lattice.view.notebook_still import Still

HEARD = 102  # the status that says: an answer will come


class Viewer(anywidget.AnyWidget):
    """The viewer of `lattice.view`. `close()` frees its pictures and its threads."""

    _esm = LOADER

    def __init__(self, still: Still) -> None:
        self._still, self._desk = still, still.desk
        self._sending = threading.Lock()
        super().__init__()
        self.on_msg(self._hear)

    def __repr__(self) -> str:
        return repr(self._still)

    def _repr_html_(self) -> str:
        """Return the picture for a front end without widgets."""
        return self._still._repr_html_()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Return the widget, and beside it the picture."""
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return {**data, "text/html": self._repr_html_()}, metadata

    def _hear(self, _: object, request: Any, buffers: object) -> None:
        """Answer a request in a thread, so that the notebook's cells run meanwhile."""
        if not isinstance(request, dict) or "id" not in request:
            return
        self._tell({"id": request["id"], "status": HEARD}, ())
        self._desk.pool.run(lambda: self._answer(request))

    def _answer(self, request: dict[str, Any]) -> None:
        facts, pieces = answer(self._desk, request)
        self._tell({"id": request["id"], **facts}, pieces)

    def _tell(self, facts: dict[str, Any], pieces: Any) -> None:
        with self._sending:
            self.send(facts, list(pieces))

    def close(self) -> None:
        """Take the viewer off the notebook, and free what it holds."""
        super().close()
        for each in (self._desk.frames, self._desk.pool):
            each.close(0)
        self._desk.slots.close()
