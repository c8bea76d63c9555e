"""The darkroom page, timed in Chromium without a GPU, into bench/RESULTS-VIEW.md: `make bench-view`.

A figure's first check is that the right picture is there; pages are opened as a user opens them, on a real server.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from browser import chromium
from report import table
from timing import cpu_model
from viewer_page import SCRIPT, drag_milliseconds, resized, switch_milliseconds
from viewer_playing import page_memory, played, transport

import lattice
from lattice.view import author

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TARGET = Path(__file__).with_name("RESULTS-VIEW.md")
WIDTH, HEIGHT, FRAMES, DISTINCT = 2048, 1152, 200, 8
MEMORY = "1G"
DRAG, SHOWN = "premier", "vision,premier,bleach-bypass"


class Row(NamedTuple):
    what: str
    wanted: str
    measured: str


def write_shots(folder: Path) -> None:
    """A 2K shot of noise and colors, ZIP, half; frames that repeat are links. A 1080p still beside it."""
    import OpenEXR

    random = np.random.default_rng(0)

    def save(path: Path, width: int, height: int, number: int) -> None:
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        light = 0.18 * 2.0 ** (-7 + 13 * (x + 20 * number) / width)
        waves = [1 + 0.5 * np.sin(y / 37), 1 + 0.5 * np.cos(y / 53), 1 + 0.5 * np.sin(y / 91 + 1)]
        grain = 1 + 0.03 * random.standard_normal((3, height, width), dtype=np.float32)
        planes = {
            name: (light * wave * dust).astype(np.float16) for name, wave, dust in zip("RGB", waves, grain, strict=True)
        }
        header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
        OpenEXR.File(header, planes).write(str(path))

    for number in range(FRAMES):
        path = folder / f"shot.{1001 + number}.exr"
        if number < DISTINCT:
            save(path, WIDTH, HEIGHT, number)
        else:
            os.link(folder / f"shot.{1001 + number % DISTINCT}.exr", path)
    save(folder / "still.exr", 1920, 1080, 0)


class Server(NamedTuple):
    process: subprocess.Popen[str]
    link: str
    started: float  # when the command was given, by time.monotonic


@contextmanager
def viewing(folder: Path, *more: str) -> Iterator[Server]:
    """`lattice view` of the shot in a process of its own."""
    command = [sys.executable, "-m", "lattice.cli", "view", "shot.####.exr", "--no-browser", "--memory", MEMORY]
    started = time.monotonic()
    process = subprocess.Popen(
        [*command, "--sdev", SHOWN, *more], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    link = re.match(r"\S+", process.stdout.readline())
    assert link, process.stderr and process.stderr.read()
    try:
        yield Server(process, link[0], started)
    finally:
        process.terminate()
        process.communicate(timeout=20)


@contextmanager
def page_of(browser: Browser, link: str, draw: str = "") -> Iterator[Page]:
    """A new page on a server; draw: "gl" or "server", "" for the page's own choice."""
    small = draw == "gl"  # software WebGL takes seconds for a large canvas
    size = {"width": 900, "height": 440} if small else {"width": 1280, "height": 800}
    context = browser.new_context(viewport=size)  # type: ignore[arg-type]
    page = context.new_page()
    page.add_init_script(SCRIPT)
    page.goto(link)
    if draw:
        page.goto(f"{link.partition('?')[0]}?draw={draw}")
    page.wait_for_function("() => window.shown_?.length")
    yield page
    context.close()


def first_picture(browser: Browser, folder: Path) -> list[Row]:
    """From the command to the first proxy and to the first picture, the browser running."""
    proxies, pictures = [], []
    for _ in range(5):
        with viewing(folder) as server:
            proxies.append(_first_proxy(server))
        with viewing(folder) as server, page_of(browser, server.link):
            pictures.append(time.monotonic() - server.started)
    canvas = "1280 wide, drawn by the server"
    return [
        Row("command to the first proxy of a 2K ZIP EXR", "1.0 s", f"{statistics.median(proxies):.2f} s"),
        Row(f"command to the first picture, {canvas}", "1.5 s", f"{statistics.median(pictures):.2f} s"),
    ]


def _first_proxy(server: Server) -> float:
    import httpx

    with httpx.Client(follow_redirects=True) as client:
        client.get(server.link)
        answer = client.get(server.link.partition("?")[0] + "frame/0/0", params={"scale": 2})
        assert answer.status_code == 200
        assert len(answer.content) > WIDTH * HEIGHT // 4 * 6
    return time.monotonic() - server.started


def switches(browser: Browser, link: str) -> list[Row]:
    rows = []
    for draw, size, wanted in (("gl", (640, 360), "60 ms"), ("server", (1280, 720), "100 ms")):
        with page_of(browser, link, draw) as page:
            resized(page, *size)
            median, most = switch_milliseconds(page, 10)
        rows.append(Row(f"slot switch, {_how(draw, size)}", wanted, f"{median:.0f} (most {most:.0f}) ms"))
    return rows


def drags(browser: Browser, link: str) -> list[Row]:
    rows = []
    for draw, size, wanted in (("gl", (400, 250), "120 ms"), ("server", (1280, 720), "150 ms")):
        with page_of(browser, link, draw) as page:
            page.keyboard.press("2")
            page.keyboard.press("\\")
            page.wait_for_selector("[role=slider][aria-valuetext*=density]")
            resized(page, *size)
            page.wait_for_timeout(3000)  # the panel warms the libraries of an edit
            median, most = drag_milliseconds(page, 25, by_key=draw == "gl")
        rows.append(Row(f"{_moved(draw)} to picture, {_how(draw, size)}", wanted, f"{median:.0f} (most {most:.0f}) ms"))
    return rows


def _moved(draw: str) -> str:
    return "a point moved by a key" if draw == "gl" else "a dragged point"


def _how(draw: str, size: tuple[int, int]) -> str:
    return f"{'software WebGL' if draw == 'gl' else 'drawn by the server'}, {size[0]}x{size[1]}"


def edits() -> list[Row]:
    """An edit's build, sampled: a new value each time."""
    profile = lattice.profile(DRAG)
    author.warm(profile)

    def timed(edit: Callable[[int], lattice.Profile]) -> float:
        times = []
        for k in range(21):
            edited = edit(k)
            start = time.perf_counter()
            author.sketch(edited)
            times.append(time.perf_counter() - start)
        return statistics.median(times) * 1000

    green = profile.print.curves.green
    curve = {"log_exposure": green.log_exposure.tolist(), "density": green.density.tolist()}

    def point(k: int) -> lattice.Profile:
        density = [*curve["density"][:6], curve["density"][6] + 0.01 * (k + 1), *curve["density"][7:]]
        return author.revised(profile, {"print.curves.green": {**curve, "density": density}})

    lights = timed(lambda k: author.revised(profile, {"printer_lights": [25, 25 + 0.1 * (k + 1), 25]}))
    return [
        Row(f"an edit's build, {DRAG}: printer lights", "25 ms", f"{lights:.0f} ms"),
        Row(f"an edit's build, {DRAG}: a point of the print", "25 ms", f"{timed(point):.0f} ms"),
    ]


def playing(browser: Browser, folder: Path) -> list[Row]:
    """Playback on fresh servers: 200 frames once through, then minutes in a loop, by both ways to draw."""
    with viewing(folder) as server, page_of(browser, server.link) as page:
        rows = [Row(*transport(page))]
        resized(page, 1280, 720)
        rows += [Row(*row) for row in played(page, server.process.pid, FRAMES, MEMORY)]
    for draw, size in (("gl", (640, 360)), ("server", (1280, 720))):
        with viewing(folder) as server, page_of(browser, server.link, draw) as page:
            resized(page, *size)
            rows.append(Row(f"page's memory in a loop, {_how(draw, size)}", "flat", page_memory(page)))
    return rows


def watching(folder: Path) -> list[Row]:
    """`lattice watch`: from a save of the TOML to the new PNG of a 1080p still."""
    look, png = folder / "mine.toml", folder / "out.png"
    look.write_text('extends = "premier"\nname = "mine"\n')
    command = [sys.executable, "-m", "lattice.cli", "watch", "mine.toml", "still.exr", "-o", "out.png"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    times = []
    try:
        _changed(png, None)
        time.sleep(6)  # the first fit
        for k in range(9):
            before = png.stat().st_ino, png.stat().st_mtime_ns
            start = time.monotonic()
            look.write_text(f'extends = "premier"\nname = "mine"\nprinter_lights = [25, {25 + 0.2 * (k + 1):g}, 25]\n')
            _changed(png, before)
            times.append(time.monotonic() - start)
            time.sleep(4)
    finally:
        process.terminate()
        process.wait()
    return [Row("lattice watch, 1080p: save to picture", "250 ms",
                f"{statistics.median(times) * 1000:.0f} (most {max(times) * 1000:.0f}) ms")]  # fmt: skip


def _changed(path: Path, before: tuple[int, int] | None) -> None:
    until = time.monotonic() + 30
    while not path.exists() or (path.stat().st_ino, path.stat().st_mtime_ns) == before:
        assert time.monotonic() < until, f"{path.name} does not change"
        time.sleep(0.002)


def main() -> None:
    """Measure all, print it and write the file."""
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        folder = Path(name)
        write_shots(folder)
        rows = edits() + first_picture(browser, folder)
        with viewing(folder) as server:
            rows += switches(browser, server.link) + drags(browser, server.link)
        rows += playing(browser, folder) + watching(folder)
        about = f"{cpu_model()}, {os.cpu_count()} cores, no GPU; Chromium {browser.version}, WebGL2 by SwiftShader"
    text = table(("figure", "wanted at most, or at least", "measured"), rows)
    head = "# The darkroom page\n\n`make bench-view` writes this file. Medians; 2K is 2048x1152, half R G B, ZIP.\n\n"
    TARGET.write_text(f"{head}{about}.\n\n{text}\n")
    print(TARGET.read_text())


if __name__ == "__main__":
    main()
