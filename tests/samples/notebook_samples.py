"""A notebook's cell for tests: the real widget, and a page that stands in for the notebook's front end."""

from __future__ import annotations

import base64
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pages import settled

import lattice
from lattice.types import LatticeError
from lattice.view import session
from lattice.view.notebook_page import LOADER
from lattice.view.notebook_still import Still

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from lattice.view.notebook_widget import Viewer

IMAGE = (0.02 + 0.6 * np.random.default_rng(1).random((54, 96, 3))).astype(np.float32)
ORIGIN = "http://notebook.test"
HTML = """<!doctype html><html lang="en"><head><title>notebook</title></head><body><h1 tabindex="0">notebook</h1>
<div id="cell"></div><script type="module" src="/cell.js"></script></body></html>"""
# A front end: messages of the model go to Python and back, each piece as a view into a larger memory, as over a socket.
CELL = """import widget from "/loader.js";
const hearing = new Set();
const piece = (text) => {
  const bytes = Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
  const message = new Uint8Array(bytes.length + 3);
  message.set(bytes, 3);
  return new DataView(message.buffer, 3);
};
const model = {
  on: (name, hear) => hearing.add(hear),
  off: (name, hear) => hearing.delete(hear),
  send: async (message) => {
    if (window.isBusy) return;
    for (const [facts, pieces] of await window.ask(message)) for (const hear of hearing) hear(facts, pieces.map(piece));
  },
};
window.keysOfNotebook = [];
document.addEventListener("keydown", ({ key }) => window.keysOfNotebook.push(key));
const el = document.getElementById("cell");
window.end = await widget.render({ model, el });
window.hearing = hearing;
el.firstElementChild.id = "darkroom";
"""
# What Chromium says of a GPU that it has not, so that the page draws by WebGL2.
GPU = """const ask = WebGL2RenderingContext.prototype.getParameter;
WebGL2RenderingContext.prototype.getParameter = function (name) {
  return name === 0x9246 || name === 0x1f01 ? "a GPU" : ask.call(this, name);
};"""


def refused_changes(profile: Any, changes: Any) -> Any:
    if changes:
        raise LatticeError("bad: expected none")
    return profile


AUTHOR = SimpleNamespace(  # stands in for the room that edits profiles
    describe=lambda profile: {"name": profile.name},
    warm=lambda profile: None,
    revised=refused_changes,
    faults=lambda error: [{"field": "bad", "message": str(error)}],
    charts=lambda sdev, profile: {"ramp": [sdev.name]},
    error=lambda sdev, profile: {"mean": 0.1},
    toml=lambda profile, changes, name: f"name = {name}\n",
)


@pytest.fixture(autouse=True)
def looks_built(built: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shipped looks are built once for all tests."""
    monkeypatch.setattr(session, "load", lambda look: built(look if isinstance(look, str) else look.name))


@pytest.fixture
def view() -> Iterator[Any]:
    """`lattice.view`, whose viewers are closed at the end."""
    made: list[Any] = []

    def show(*told: Any, **named: Any) -> Any:
        made.append(lattice.view(*told, **named))
        return made[-1]

    yield show
    for each in made:
        each.desk.pool.close(5) if isinstance(each, Still) else each.close()


def still_of(shown: Any) -> Still:
    return shown if isinstance(shown, Still) else shown._still


class Kernel:
    """The widget's side of messages: what it sends for each that it hears."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self._sent: queue.SimpleQueue[tuple[dict[str, Any], list[Any]]] = queue.SimpleQueue()
        viewer.send = lambda facts, pieces: self._sent.put((facts, pieces))  # type: ignore[method-assign]

    def ask(self, message: dict[str, Any]) -> list[tuple[dict[str, Any], list[Any]]]:
        """Return the widget's messages that answer one: that it has heard, and the answer."""
        self.viewer._handle_custom_msg(message, [])
        return [self._sent.get(timeout=30), self._sent.get(timeout=30)]


@contextmanager
def cell(browser: Browser, viewer: Viewer, has_gpu: bool = False) -> Iterator[Page]:
    """A page with the viewer in a cell, complete with its picture; fails at the end if a script failed."""
    kernel, files = Kernel(viewer), {"/": HTML, "/cell.js": CELL, "/loader.js": LOADER.read_text()}
    context = browser.new_context(viewport={"width": 660, "height": 760}, accept_downloads=True)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))

    def ask(message: dict[str, Any]) -> list[Any]:
        return [
            (facts, [base64.b64encode(bytes(piece)).decode() for piece in pieces])
            for facts, pieces in kernel.ask(message)
        ]

    def serve(route: Any) -> None:
        path = route.request.url.removeprefix(ORIGIN)
        kind = "text/javascript" if path.endswith(".js") else "text/html"
        route.fulfill(body=files.get(path, ""), content_type=kind, status=200 if path in files else 404)

    page.expose_function("ask", ask)
    page.route("**/*", serve)
    if has_gpu:
        page.add_init_script(GPU)
    page.goto(f"{ORIGIN}/")
    page.wait_for_function("document.querySelector('#darkroom')?.shadowRoot?.querySelector('.overlay .display')")
    settled(page)
    try:
        yield page
        assert not faults
    finally:
        context.close()
