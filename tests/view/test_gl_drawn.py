"""The page's shader draws what Python draws, within a code: windows, aspects, proxies, alpha, and every way to look.

Python's side is the definition; tests/view/test_drawn.py holds it to its words.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from browser import chromium
from looked_samples import LOOKINGS, PICTURES, SIZE

from lattice.sdev import SDev
from lattice.view import wire
from lattice.view.drawn import draw
from lattice.view.looking import Looking, Picture, constants

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.slow
ADDRESS = "http://lattice.test"  # answered by the test itself
TOLERANCE = 1  # of 255
# A band's or a clip's edge may fall on either side of a float's rounding: no more than a pixel of 962 does.
ON_EDGES = 1
LOOKS = ("vision", "bleach-bypass")  # of side A and of side B
# No place is on a sample's center or edge, where float32 and float64 may fall to either side.
CENTER = (16.51, 12.02)
WAYS = {name: Looking(**{"center": CENTER, **way}) for name, way in LOOKINGS.items()}
SCREENS = """async ({ texts, constants, devices }) => {
  const { Screen } = await import('/picture.js'), { unpacked } = await import('/device.js');
  window.bytes = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0)).buffer;
  window.screens = texts.map((text) => new Screen(document.createElement('canvas'), text, constants));
  for (const { gl, drawing: { programs } } of screens.slice(1)) {
    const use = programs.use.bind(programs);
    programs.use = (words) => {
      const program = use(words);
      gl.uniform1i(program.at('change'), window.change ?? 0);
      return program;
    };
  }
  for (const screen of screens) devices.forEach((device, i) => screen.setDevice('ab'[i], unpacked(bytes(device))));
}"""
DRAW = """({ change, pair, lookings, width, height }) => {
  const screen = screens[change ? 1 : 0];
  window.change = change;
  pair.forEach(({ header, planes }, i) => screen.setPicture('ab'[i], header, bytes(planes)));
  return lookings.map((looking) => {
    let text = '';
    for (const code of screen.read(looking, width, height).pixels) text += String.fromCharCode(code);
    return btoa(text);
  });
}"""


def told(picture: Picture) -> dict[str, Any]:
    """A picture as the page's Screen takes it."""
    count, height, width = picture.planes.shape
    header = {"width": width, "height": height, "planes": count, "scale": picture.scale, "aspect": picture.aspect}
    header |= {"data": list(picture.data), "display": list(picture.display)}
    header |= {"premultiplied": picture.premultiplied, "raw": picture.raw}
    return {"header": header, "planes": base64.b64encode(picture.planes.tobytes()).decode()}


def beside(name: str) -> Picture:
    """The picture of side B."""
    return PICTURES["alpha" if name == "plain" else "plain"]


# What is changed, in «», its new words, and the picture that tells.
CHANGES = {
    "rows mixed by the columns' share": ("mix(top, foot, «share.y»)", "share.x", "plain"),
    "nearest by the canvas's zoom": ("«zoom * scene.scale» >= 1.0", "zoom", "proxy"),
    "beyond the last sample": ("j = «clamp(low + 1, ivec2(0), last)»", "low + 1", "plain"),
    "color not multiplied again": ("return «divides ? codes * light.a : codes»", "codes", "alpha"),
    "color not divided": ("own = «divides ? light.rgb / light.a : light.rgb»", "light.rgb", "alpha"),
    "nothing is not black": ("light.a <= 0.0 && «light.rgb == vec3(0.0)»", "false", "overscan"),
    "exposure left out": ("own * «gain»", "1.0", "plain"),
    "codes not exposed": ("clamp(light.rgb * «gain»", "1.0", "raw"),
    "gamma left out": ("vec3(«inverse_gamma»)", "1.0", "plain"),
    "the wipe's sides exchanged": ("«wipe.zw»)", "-wipe.zw", "plain"),
    "the wipe's angle without the aspect": ("(place - wipe.xy) * vec2(«facts_a.aspect»", "1.0", "wide"),
    "places without the aspect": ("(zoom * vec2(«facts_a.aspect»", "1.0", "narrow"),
    "A's window for B's": ("if («!first») scene = facts_b", "false", "cropped"),
    "difference to itself": ("codes.rgb - «side(false, facts_b, place)»", "side(true, facts_a, place)", "plain"),
    "difference once": (".rgb) * «difference»", "1.0", "plain"),
    "luma of BT.601": ("dot(codes.rgb, «LUMA»)", "vec3(0.299, 0.587, 0.114)", "plain"),
    "light by equal weights": ("dot(light, «LUMA»)", "vec3(1.0 / 3.0)", "plain"),
    "green for alpha": ("vec3(«codes.a»)", "codes.g", "straight"),
    "a band lower": ("return bands[«i»]", "max(i - 1, 0)", "plain"),
    "false color not exposed": ("light_at(first, scene, at).rgb * «gain»", "1.0", "plain"),
    "clipped where all are": ("«any(greaterThanEqual(codes, vec3(ABOVE)))»", "codes.r > ABOVE", "raw"),
    "marks at -0": ("«size != 0u»", "true", "odd"),
    "no marks at NaN": ("«size > HALF_INFINITY» ? 1", "false", "odd"),
    "-infinity as infinity": ("return «half_bits == size ? HALF_MAX : -HALF_MAX»", "HALF_MAX", "odd"),
    "the data window's corner left out": ("vec2 at = («place - scene.origin»)", "place", "overscan"),
    "surround inside the display window": ("«!is_inside(place, scene.window)»", "true", "cropped"),
}


def changed(text: str) -> str:
    """The shader with every change, each made where `change` is its number from 1: compilers take seconds."""
    for number, (where, new, _) in enumerate(CHANGES.values(), 1):
        before, old, after = re.split("[«»]", where)
        assert before + old + after in text
        text = text.replace(before + old + after, f"{before}(change == {number} ? {new} : ({old})){after}")
    return text.replace("out vec4 shown;", "out vec4 shown;\nuniform int change;")


@dataclass(frozen=True)
class Shader:
    """A browser's page with two Screens, the second one's shader with changes; and the looks of both sides."""

    page: Page
    looks: tuple[SDev, SDev]

    def differ(self, name: str, change: int = 0) -> list[str]:
        """What of a picture is drawn otherwise than by Python: the way, pixels and codes."""
        given = {"change": change, "pair": [told(PICTURES[name]), told(beside(name))], "width": SIZE[0]}
        given |= {"height": SIZE[1], "lookings": [asdict(way) for way in WAYS.values()]}
        found, sides = [], zip((PICTURES[name], beside(name)), self.looks, strict=True)
        a, b = ((picture, None if picture.raw else look) for picture, look in sides)
        for (way, looking), codes in zip(WAYS.items(), self.page.evaluate(DRAW, given), strict=True):
            canvas = np.frombuffer(base64.b64decode(codes), np.uint8).reshape(*SIZE[::-1], 4)
            off = np.abs(canvas.astype(int) - draw(SIZE, looking, a, b)).max(axis=-1)
            count = np.count_nonzero(off > TOLERANCE)
            if count > (ON_EDGES if looking.false_color or looking.clipping else 0):
                found.append(f"{way}: {count} pixels, by {off.max()} at {np.argwhere(off > TOLERANCE)[0]}")
        return found


@pytest.fixture(scope="module")
def shader(built: Any) -> Iterator[Shader]:
    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(f"{ADDRESS}/")
        body = (wire.PAGE / name).read_bytes() if name else b"<html>"
        route.fulfill(body=body, content_type="text/javascript" if name else "text/html")

    with chromium() as browser:
        page = browser.new_page()
        page.route(f"{ADDRESS}/**", answer)
        page.goto(f"{ADDRESS}/")
        looks = (built(LOOKS[0]), built(LOOKS[1]))
        devices = [base64.b64encode(wire.pack(each, {})).decode() for each in looks]
        texts = [wire.shader_text(), changed(wire.shader_text())]
        page.evaluate(SCREENS, {"texts": texts, "constants": constants(), "devices": devices})
        yield Shader(page, looks)


@pytest.mark.parametrize("name", PICTURES)
def test_the_shader_draws_what_python_draws(name: str, shader: Shader) -> None:
    assert shader.differ(name) == []


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_shader_is_caught(change: str, shader: Shader) -> None:
    assert shader.differ(CHANGES[change][2], 1 + list(CHANGES).index(change))
