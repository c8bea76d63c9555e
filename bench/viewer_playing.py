"""Playback for the benchmark of the page: frames shown and dropped, and the memory of the server and of the page."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from viewer_page import FETCHES

if TYPE_CHECKING:
    from playwright.sync_api import Page

MINUTES = 4  # of a loop: a browser frees answers that were read only after some hundred MB
RENDERER = b"--type=renderer"
Told = tuple[str, str, str]


def transport(page: Page) -> Told:
    """Frames a second as the page fetches them, without showing them."""
    rate, size = page.evaluate(FETCHES, 72)
    return f"transport of 2K halves alone, {size:.1f} MB a frame", "24 a second", f"{rate:.0f} a second"


def played(page: Page, server: int, frames: int, cache: str) -> list[Told]:
    """A shot of `frames` once through: every frame in order or counted, and the memory of the server's process."""
    memory: list[float] = []
    loop = page.get_by_role("button", name=re.compile("loop", re.IGNORECASE))
    if loop.get_attribute("aria-pressed") == "true":
        loop.click()
    page.evaluate("() => { window.shown_.length = 0; }")
    page.keyboard.press("Space")
    until = time.monotonic() + 6 * frames / 24
    while time.monotonic() < until and page.get_by_role("button", name="Stop").count():
        memory.append(resident(server))
        page.wait_for_timeout(500)
    shown = [each["frame"] for each in page.evaluate("() => window.shown_")]
    dropped = int(page.locator(".dropped").inner_text().split()[0])
    kept = list(dict.fromkeys(shown))
    assert kept == sorted(kept), "frames out of order"
    assert len(kept) + dropped >= frames - 1, "frames neither shown nor counted; the first was shown before"
    half = len(memory) // 2
    return [
        (f"{frames} frames of 2K played, 1280x720, drawn by the server", "all shown or counted",
         f"{len(kept)} shown in order, {dropped} counted as dropped"),
        (f"server's memory meanwhile, --memory {cache}", "flat",
         f"{max(memory[:half]):.0f} MB, then {max(memory[half:]):.0f} MB"),
    ]  # fmt: skip


def page_memory(page: Page) -> str:
    """Play in a loop for minutes; return the memory of the browser's renderers after each, and how many frames."""
    page.evaluate("() => { window.shown_.length = 0; }")
    page.keyboard.press("Space")
    memory = [renderers()]
    for _ in range(MINUTES):
        page.wait_for_timeout(60_000)
        memory.append(renderers())
    count = page.evaluate("() => window.shown_.length")
    page.keyboard.press("Space")
    return f"{', '.join(f'{each:.0f}' for each in memory)} MB, a minute apart; {count} frames"


def resident(process: int) -> float:
    """Memory of a process in MB."""
    text = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024  # type: ignore[index]


def renderers() -> float:
    """Memory in MB of all processes that run pages, of every Chromium on this machine."""
    found = 0.0
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # one that ended meanwhile
            found += resident(int(each.parent.name)) if RENDERER in each.read_bytes() else 0
    return found
