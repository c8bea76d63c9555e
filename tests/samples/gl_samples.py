"""The page's fragment shader run over every half code and noise: in Chromium, and on Mesa's llvmpipe."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
from basics import halves, require
from browser import chromium
from numpy.typing import NDArray

from lattice.types import HALF_CODES, SDevData
from lattice.view import wire
from lattice.view.looking import constants

SIDE = 512  # samples along an edge of the picture
ADDRESS = "http://lattice.test"  # answered by the test itself
# What a driver draws: codes (SIDE, SIDE, 3) float32 of a device, by trilinear or tetrahedral.
Draw = Callable[[SDevData, str], NDArray[np.float32]]
PAGE = """async ([width, height]) => {
  const { Screen } = await import('/picture.js'), { unpacked } = await import('/device.js');
  const get = async (path) => (await fetch(path)).arrayBuffer();
  const text = await (await fetch('/shader')).text(), constants = await (await fetch('/constants')).json();
  const screen = new Screen(document.createElement('canvas'), text, constants);
  const facts = { width, height, planes: 3, scale: 1, data: [0, 0, width - 1, height - 1], aspect: 1, raw: false,
                  display: [0, 0, width - 1, height - 1], premultiplied: false };
  screen.setPicture('a', facts, await get('/picture'));
  window.drawn = async (tetrahedral) => {
    screen.setDevice('a', unpacked(await get('/device')), tetrahedral);
    const bytes = new Uint8Array(screen.codes().buffer);
    let text = '';
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode.apply(null, bytes.subarray(i, i + 32768));
    return btoa(text);
  };
  return screen.renderer;
}"""


@cache
def picture() -> NDArray[np.float16]:
    """(SIDE, SIDE, 3): each half code as gray, each as red beside other colors, and natural colors."""
    random = np.random.default_rng(1)
    codes = halves()
    pixels = np.empty((SIDE * SIDE, 3), np.float16)
    pixels[:HALF_CODES] = codes[:, None]
    beside = slice(HALF_CODES, 2 * HALF_CODES)
    pixels[beside, 0] = codes
    pixels[beside, 1:] = 0.18 * 2.0 ** random.uniform(-8, 8, (HALF_CODES, 2))
    rest = len(pixels) - 2 * HALF_CODES
    pixels[2 * HALF_CODES :] = 0.18 * 2.0 ** (random.uniform(-8, 7, (rest, 1)) + random.normal(0, 0.8, (rest, 3)))
    return pixels.reshape(SIDE, SIDE, 3)


def planes() -> NDArray[np.float16]:
    return np.ascontiguousarray(picture().transpose(2, 0, 1))


@contextmanager
def swiftshader() -> Iterator[tuple[str, Draw]]:
    """Chromium's WebGL2: the page's own modules. Yields the renderer's name and what draws."""
    held: dict[str, bytes] = {"/picture": planes().tobytes(), "/shader": wire.shader_text().encode(), "/": b"<html>"}
    held["/constants"] = json.dumps(constants()).encode()

    def answer(route: Any) -> None:
        path = route.request.url.removeprefix(ADDRESS)
        kind = "text/javascript" if path.endswith(".js") else "text/html" if path == "/" else "application/octet-stream"
        body = (wire.PAGE / path[1:]).read_bytes() if path.endswith(".js") else held[path]
        route.fulfill(body=body, content_type=kind)

    with chromium() as browser:
        page = browser.new_page()
        page.route(f"{ADDRESS}/**", answer)
        page.goto(f"{ADDRESS}/")
        renderer = page.evaluate(PAGE, [SIDE, SIDE])

        def draw(device: SDevData, interpolation: str) -> NDArray[np.float32]:
            held["/device"] = wire.pack(device, {})
            text = page.evaluate("(tetrahedral) => window.drawn(tetrahedral)", interpolation == "tetrahedral")
            return np.frombuffer(base64.b64decode(text), np.float32).reshape(SIDE, SIDE, 4)[..., :3]

        yield renderer, draw


def current(context: Any, draw: Callable[..., Any]) -> Any:
    """What draws with its own context current: tests of another module may have made theirs so meanwhile."""

    def drawn(*words: Any) -> Any:
        with context:
            return draw(*words)

    return drawn


@contextmanager
def llvmpipe() -> Iterator[tuple[str, Draw]]:
    """Mesa's software OpenGL: the same text. Yields the renderer's name and what draws."""
    os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")
    try:
        import moderngl

        names = {"libgl": "libGL.so.1", "libegl": "libEGL.so.1"}  # those without a number are of compilers
        context = moderngl.create_context(standalone=True, backend="egl", **names)
    except Exception as error:  # moderngl raises what its loader raises
        require("llvmpipe", f"no OpenGL: {error}; on Debian and Ubuntu: apt-get install libegl1 libgl1 libgl1-mesa-dri")
    corners = """#version 300 es
        void main() { gl_Position = vec4(vec2((gl_VertexID << 1) & 2, gl_VertexID & 2) * 2.0 - 1.0, 0.0, 1.0); }"""
    program = context.program(vertex_shader=corners, fragment_shader=wire.shader_text())
    target = context.framebuffer([context.texture((SIDE, SIDE), 4, dtype="f4")])
    scene = context.texture_array((SIDE, SIDE, 3), 1, planes().view(np.uint16).tobytes(), dtype="u2", alignment=1)
    scene.filter = (moderngl.NEAREST, moderngl.NEAREST)
    corner = context.vertex_array(program, [])

    def put(name: str, value: object) -> None:
        if name in program:
            program[name].value = value

    def draw(device: SDevData, interpolation: str) -> NDArray[np.float32]:
        for name, unit in (("scene_a", 0), ("scene_b", 0), ("tables", 1), ("nodes", 2)):
            put(name, unit)
        for name, value in {"size": (SIDE, SIDE), "scale": 1.0, "aspect": 1.0, "planes": 3}.items():
            put(f"facts_a.{name}", value)
        put("gain", 1.0), put("by_tetrahedra", interpolation == "tetrahedral")
        header, entries, nodes = _unpacked(wire.pack(device, {}))
        _put_numbers(put, "device_a", header["device"])
        put("device_a.layer", 0), put("device_a.first", header["table"]["first"])
        textures = [_rows(context, entries, 256), _rows(context, _padded(nodes, header["size"]), 2048)]
        scene.use(0), textures[0].use(1), textures[1].use(2)
        target.use()
        corner.render(moderngl.TRIANGLES, vertices=3)
        drawn = np.frombuffer(target.read(components=4, dtype="f4"), np.float32)
        for texture in textures:
            texture.release()
        return drawn.reshape(SIDE, SIDE, 4)[..., :3]

    try:
        yield context.info["GL_RENDERER"], current(context, draw)
    finally:
        context.release()


def _unpacked(message: bytes) -> tuple[Any, NDArray[np.float32], NDArray[np.float32]]:
    """Header, entries (count, 3) and nodes (size**3, 3)."""
    length = int.from_bytes(message[:4], "little")
    header = json.loads(message[4 : 4 + length])
    values = np.frombuffer(message, np.float32, offset=4 + length)
    table = header["table"]
    entries = values[: table["count"] * table["columns"]].reshape(-1, table["columns"])
    whole = np.zeros((len(entries), 3), np.float32)
    whole[:, : table["columns"]] = entries
    if table["columns"] == 1:
        whole[:] = entries
    return header, whole, values[entries.size :].reshape(-1, 3)


def _padded(nodes: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    return np.concatenate([nodes, np.zeros((size**2 + size + 1, 3), np.float32)])


def _rows(context: Any, texels: NDArray[np.float32], width: int) -> Any:
    rows = -(-len(texels) // width)
    whole = np.zeros((rows * width, 4), np.float32)
    whole[: len(texels), :3] = texels
    texture = context.texture_array((width, rows, 1), 4, whole.tobytes(), dtype="f4")
    texture.filter = (0x2600, 0x2600)  # GL_NEAREST
    return texture


def _put_numbers(put: Callable[[str, object], None], path: str, numbers: dict[str, Any]) -> None:
    for name, value in numbers.items():
        if isinstance(value, list) and isinstance(value[0], dict):
            for i, each in enumerate(value):
                _put_numbers(put, f"{path}.{name}[{i}]", each)
        else:
            put(f"{path}.{name}", value)
