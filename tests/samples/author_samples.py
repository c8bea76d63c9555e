"""The authoring panel alone, in a browser: the page's own store, and a look in place of a server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from browser import chromium

import lattice
from lattice.view.author import describe

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

PAGE = Path(lattice.__file__).parent / "view" / "page"
ORIGIN = "http://page.test"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'"
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}
HTML = """<!doctype html><html lang="en"><head><title>panel</title><link rel="stylesheet" href="/harness.css"></head>
<body><main><h1>panel</h1><div id="room"></div></main><script type="module" src="/harness.js"></script></body></html>"""
CSS = """html, body { margin: 0; height: 100%; background: #262626; }
h1 { position: absolute; margin: 0; font-size: 12px; color: #d6d6d6; }
#room { width: 480px; height: 100vh; margin-left: auto; contain: layout; }
#room.wide { width: 100%; }"""
JS = """import { effect, h, render } from "/vendor/ui.js";
import { createStore } from "/store.js";
import { AuthorPanel } from "/author/panel.js";
const given = await (await fetch("/given.json")).json();
const root = document.getElementById("room").attachShadow({ mode: "open" });
const sheet = new CSSStyleSheet();
const styles = ["/page.css", "/author.css"].map(async (name) => (await fetch(name)).text());
sheet.replaceSync((await Promise.all(styles)).join(" "));
root.adoptedStyleSheets = [sheet];
const around = document.createElement("div");
around.className = "page";
around.style.display = "block";
root.append(around);
let end = () => {};
window.start = () => {
  end();
  render(null, around);
  const saved = [], calls = [];
  const source = { save: async (request) => (saved.push(request), { path: "/shots/look.toml" }) };
  const { app, dispose } = createStore(source, structuredClone(given.session), false);
  end = dispose;
  app.state.profile.value = given.profile;
  app.state.sdevInfo.value = given.info;
  const edit = app.actions.edit;
  app.actions.edit = (...told) => { calls.push(told); edit(...told); };
  window.test = { app, calls, saved, given };
  render(h(AuthorPanel, { app }), around);
};
window.start();
document.body.dataset.ready = "yes";
"""
SESSION = {
    "version": "test",
    "shots": [{"name": "a", "count": 1, "frames": "", "numbers": None, "layers": [], "views": [], "rate": None}],
    "slots": [{"number": 1, "look": "premier", "name": "premier", "description": ""}, *[None] * 8],
    "looks": ["premier"],
    "author": {"slot": 1, "path": "/shots/look.toml", "exists": False},
    "memory": {"cache": 1},
    "constants": {},
}


def info() -> dict[str, Any]:
    """Charts of made-up colors, and the quality of a fit."""
    ramp = [[k * 255 / 20] * 3 for k in range(21)]
    checker = [[40 + 8 * k, 200 - 6 * k, (k * 53) % 256] for k in range(24)]
    spots = [[0.25 + 0.012 * (k % 12), 0.28 + 0.01 * (k // 2)] for k in range(24)]
    charts = {"ramp": ramp, "checker": checker, "chromaticity": spots}
    now = {
        "ramp": [[r, g * 0.97, b] for r, g, b in ramp],
        "checker": [[r, g * 0.9, b] for r, g, b in checker],
        "chromaticity": [[x + 0.02, y - 0.01] for x, y in spots],
    }
    quality = {"size": 13, "nodes": "fitted", "mean": 0.06, "p99": 0.28, "max": 0.59}
    return {"quality": quality, "charts": now, "before": charts, "errors": []}


def _answer(route: Route) -> None:
    name = route.request.url.removeprefix(ORIGIN + "/")
    given = {"session": SESSION, "profile": {**describe(lattice.profile("premier")), "slot": 1}, "info": info()}
    made = {"": HTML, "harness.css": CSS, "harness.js": JS, "given.json": json.dumps(given)}
    body = made.get(name) if name in made else (PAGE / name).read_text()
    kind = TYPES.get(Path(name or "index.html").suffix, "application/json")
    route.fulfill(status=200, body=body, headers={"Content-Type": kind, "Content-Security-Policy": POLICY})


@contextmanager
def panel_page(width: int = 1280, height: int = 1400) -> Iterator[Page]:
    """A browser's page with the panel, 480 pixels wide at its right; errors of the page fail the test."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": width, "height": height})
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(error.stack or str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.route("**/*", _answer)
        page.goto(ORIGIN + "/")
        try:
            page.wait_for_selector("body[data-ready=yes]", state="attached", timeout=5000)
        finally:
            assert faults == []
        yield page
        assert faults == []
