"""What the benchmark of the page does in a browser: canvases of an exact size, and milliseconds to a picture."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Before the page's own scripts. A picture counts when it is drawn: WebGL is asked for a pixel, which waits for it.
SCRIPT = """
  window.shown_ = [], window.moved_ = 0;
  const finish = () => {
    const canvas = document.querySelector("#darkroom").shadowRoot.querySelector(".screen canvas");
    const gl = canvas?.getContext("webgl2");
    if (gl) gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
  };
  addEventListener("frame", (event) => {
    finish();
    window.shown_.push({ frame: event.detail, at: performance.now(), since: performance.now() - window.moved_ });
    window.next_?.();
  }, true);
  const moved = () => (window.moved_ = performance.now());
  for (const kind of ["pointermove", "keydown"]) addEventListener(kind, moved, true);
  window.nextPicture = () => new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error("no picture within 30 seconds")), 30000);
    window.next_ = () => (clearTimeout(late), done());
  });
"""
KEY = """async (key) => {
  const picture = window.nextPicture(), start = performance.now();
  document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true }));
  await picture;
  return performance.now() - start;
}"""
CANVAS = """() => {
  const box = document.querySelector("#darkroom").shadowRoot.querySelector(".screen").getBoundingClientRect();
  return [box.width, box.height]; }"""
FETCHES = """async (count) => {
  const { httpSource } = await import("/page/source.js");
  const source = httpSource(), ref = { shot: 0, layer: "", view: "", scale: 1 };
  let { buffer } = await source.frame({ ...ref, frame: 0 });
  for (let i = 0; i < 8; ++i) ({ buffer } = await source.frame({ ...ref, frame: i }, buffer));  // into the cache
  const start = performance.now();
  let bytes = 0;
  for (let i = 0; i < count; ++i) {
    ({ buffer } = await source.frame({ ...ref, frame: i % 8 }, buffer));
    bytes += buffer.byteLength;
  }
  return [(1000 * count) / (performance.now() - start), bytes / count / 2 ** 20];
}"""


def resized(page: Page, width: int, height: int) -> None:
    """Make the picture's canvas this large."""
    for _ in range(6):
        size = page.viewport_size or {"width": width, "height": height}
        now = page.evaluate(CANVAS)
        if now == [width, height]:
            return
        wanted = {"width": round(size["width"] + width - now[0]), "height": round(size["height"] + height - now[1])}
        page.set_viewport_size(wanted)  # type: ignore[arg-type]
        page.wait_for_timeout(600)
    raise AssertionError(f"a canvas of {width}x{height} is not to be had, {page.evaluate(CANVAS)} is")


def switch_milliseconds(page: Page, rounds: int) -> tuple[float, float]:
    """Median and longest milliseconds from a slot's key to its picture, from rest; looks are loaded before."""
    times = []
    for key in "2121" + rounds * "21":
        times.append(page.evaluate(KEY, key))
        page.wait_for_timeout(100)
    return statistics.median(times[4:]), max(times[4:])


def drag_milliseconds(page: Page, moves: int, by_key: bool) -> tuple[float, float]:
    """Median and longest milliseconds from a move of a curve's point to its picture.

    by_key: by an arrow key, where the window is too small to show the point.
    """
    point = page.locator("[role=slider][aria-valuetext*=density]").nth(6)
    box: Any = point.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    if by_key:
        point.focus()
    else:
        page.mouse.move(x, y)
        page.mouse.down()
    times = []
    for k in range(moves + 3):
        page.evaluate("() => { window.pending_ = window.nextPicture(); }")
        page.keyboard.press("ArrowDown") if by_key else page.mouse.move(x, y - 2 - k % 9)
        times.append(page.evaluate("async () => (await window.pending_, window.shown_.at(-1).since)"))
        page.wait_for_timeout(100)  # pictures of the move before are through
    if not by_key:
        page.mouse.up()
    return statistics.median(times[3:]), max(times[3:])
