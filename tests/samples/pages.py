"""The darkroom page for tests: shots of known values, the real server, and a browser's page on it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import pytest
from browser import chromium
from exr_samples import SAID, save

from lattice.files.exr.header import Attribute
from lattice.regrade.options import Options
from lattice.view.app import Room, make
from lattice.view.frames import read_headers
from lattice.view.guard import Door
from lattice.view.kept import Frames
from lattice.view.pool import Pool
from lattice.view.serve import Place
from lattice.view.session import Slots
from lattice.view.shots import find_shot

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

WIDTH, HEIGHT = 96, 54  # of the synthetic frames
MEMORY = 256 * 2**20
LOOKS = ("vision", "premier", "bleach-bypass")
THREADS = 4
STARTS = 10.0  # seconds that a server may take
RESTS = 15.0  # seconds after which a picture rests on a busy machine
RATE = Attribute("rational", (24).to_bytes(4, "little", signed=True) + (1).to_bytes(4, "little"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for a module's tests, which name this fixture."""
    with chromium() as browser:
        yield browser


def picture(number: int) -> dict[str, Any]:
    """The channels of a frame: ramps, brighter with each number, no two pixels alike."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    base = 0.02 + 0.6 * x / WIDTH + 0.2 * y / HEIGHT + 0.002 * number
    return {name: (base * gain).astype(np.float16) for name, gain in (("R", 1.0), ("G", 0.8), ("B", 0.6))}


def write_shot(folder: Path, count: int, broken: int | None = None) -> str:
    """Write frames 1001 on, one of them no EXR; return the pattern."""
    for number in range(1001, 1001 + count):
        path = folder / f"shot.{number}.exr"
        save(path, picture(number - 1001), {**SAID, "framesPerSecond": RATE})
        if number == broken:
            path.write_bytes(b"no picture")
    return str(folder / "shot.####.exr")


class Served:
    """The real server in a thread, on a port that stays the same when it starts again."""

    def __init__(self, shots: tuple[str, ...], looks: tuple[str, ...] = LOOKS, author: str | None = None) -> None:
        self.shots, self.looks, self.author = shots, looks, author
        self.door: Door | None = None
        self._stop: Any = None

    @property
    def link(self) -> str:
        """The address that opens the page."""
        assert self.door is not None
        return self.door.link(self.door.token)

    def start(self) -> None:
        """Start it, with the token of before."""
        import uvicorn

        place = Place(port=self.door.port if self.door else 0)
        listener = place.listen()
        self.door = self.door or place.door(listener.getsockname()[1])
        options = Options()
        found = [find_shot(each, lambda path: read_headers(path, options)) for each in self.shots]
        frames, slots, pool = Frames(found, MEMORY, options), Slots(self.looks, self.author), Pool(THREADS, "view")
        room = Room(frames, slots, pool)
        config = uvicorn.Config(make(room, self.door), log_config=None, lifespan="off", timeout_graceful_shutdown=0)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        until = time.monotonic() + STARTS
        while not server.started and time.monotonic() < until:
            time.sleep(0.01)

        def stop() -> None:
            room.stopping = server.should_exit = True
            thread.join(STARTS)
            for each in (frames, pool):
                each.close(1)
            slots.close()
            listener.close()

        self._stop = stop

    def stop(self) -> None:
        """End it, and every stream of it."""
        if self._stop is not None:
            self._stop()
        self._stop = None

    def __enter__(self) -> Served:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


WAITING: WeakKeyDictionary[Page, set[Request]] = WeakKeyDictionary()  # requests without an answer


def watch(page: Page) -> None:
    """Count a page's requests, for `settled`; the stream of events has no end."""
    waiting = WAITING[page] = set()
    page.on("request", lambda each: None if each.url.endswith("/events") else waiting.add(each))
    page.on("requestfinished", lambda each: waiting.discard(each))
    page.on("requestfailed", lambda each: waiting.discard(each))


@contextmanager
def opened(
    browser: Browser, served: Served, draw: str = "server", size: tuple[int, int] = (640, 480), script: str = ""
) -> Iterator[Page]:
    """The page on a server, complete with its first picture; fails at the end if a script failed.

    script: runs before the page's own.
    """
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, accept_downloads=True)
    page = context.new_page()
    watch(page)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.add_init_script("addEventListener('frame', event => (window.frames_ ??= []).push(event.detail), true)")
    if script:
        page.add_init_script(script)
    context.request.get(served.link)  # the cookie
    page.goto(f"{served.link.partition('?')[0]}?draw={draw}")
    shown(page)
    try:
        yield page
        assert not faults
    finally:
        context.close()


def shown(page: Page) -> None:
    """Wait for a picture: the zoom is known from the first frame on."""
    page.wait_for_function(
        """() => { const root = document.querySelector("#darkroom")?.shadowRoot;
        return root?.querySelector(".overlay .display") && root.querySelector(".screen canvas")?.width !== 300; }"""
    )
    settled(page)


def fresh(page: Page) -> None:
    """Bring a page that an earlier test used back to how it opens: first shot and frame, vision, premier on side B."""
    page.keyboard.press("Escape")
    page.locator(".place").focus()
    page.mouse.move(1, 1)
    for key in ("Escape", "[", "[", "Home", "0", "2", "1", "Control+Home", "f"):
        page.keyboard.press(key)
    settled(page)


def settled(page: Page) -> None:
    """Wait until every request is answered and the picture stays the same."""
    last, same, until = "", 0, time.monotonic() + RESTS
    while same < 2:
        assert time.monotonic() < until, "the picture never rests"
        page.wait_for_timeout(15)
        now = "" if WAITING.get(page) else canvas_sum(page)
        same = same + 1 if now and now == last else 0
        last = now


def soon(page: Page, is_so: Callable[[], object]) -> None:
    """Wait until a call's result is true; fail with that of the last one."""
    until = time.monotonic() + RESTS
    while not is_so() and time.monotonic() < until:
        page.wait_for_timeout(30)
    assert is_so()


READ = """([x, y, w, h]) => {
  const canvas = document.querySelector("#darkroom").shadowRoot.querySelector(".screen canvas");
  const colorSpace = canvas.getContext("2d")?.getContextAttributes().colorSpace ??
    canvas.getContext("webgl2").drawingBufferColorSpace;
  const context = new OffscreenCanvas(w, h).getContext("2d", { colorSpace });
  context.drawImage(canvas, -x, -y);
  return [...context.getImageData(0, 0, w, h, { colorSpace }).data]; }"""
SUM = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const canvas = document.querySelector("#darkroom").shadowRoot.querySelector(".screen canvas");
  const copy = new OffscreenCanvas(64, 36), context = copy.getContext("2d");
  context.drawImage(canvas, 0, 0, 64, 36);
  return context.getImageData(0, 0, 64, 36).data.join() + canvas.width + canvas.style.transform; }"""


def canvas_sum(page: Page) -> str:
    """A text that changes with the picture."""
    found: str = page.evaluate(SUM)
    return found


def pixel(page: Page, x: float, y: float) -> tuple[int, int, int]:
    """The color of a canvas pixel, 0 to 255, in the canvas's own color space."""
    found = page.evaluate(READ, [int(x), int(y), 1, 1])
    return found[0], found[1], found[2]


def place(page: Page) -> dict[str, float]:
    """The picture's box in the window: x, y, width, height in CSS pixels, from its outline."""
    page.wait_for_selector(".overlay .display", state="attached")
    found: dict[str, float] = page.evaluate(
        """() => { const root = document.querySelector("#darkroom").shadowRoot;
        const box = root.querySelector(".overlay .display").getBoundingClientRect();
        return { x: box.x + 1, y: box.y + 1, width: box.width - 1, height: box.height - 1 }; }"""
    )
    return found


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a picture position, in shares of its width and height, is in the window."""
    box = place(page)
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def frames(page: Page) -> list[int]:
    """The frames that were shown, in order."""
    found: list[int] = page.evaluate("() => window.frames_ ?? []")
    return found
