"""`lattice.view` in a notebook: the kernel's answers are the server's; the page's modules; the picture in HTML."""

from __future__ import annotations

import base64
import io
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from notebook_samples import AUTHOR, IMAGE, Kernel, looks_built, still_of, view
from starlette.testclient import TestClient
from view_samples import client, folder, opened

from lattice.sdev import SDev
from lattice.view import drawn, notebook_page, session
from lattice.view.desk import Desk
from lattice.view.kept import Want
from lattice.view.looking import Looking
from lattice.view.notebook_answers import ASKED, answer
from lattice.view.notebook_still import Still
from lattice.view.references import Reference

__all__ = ["client", "folder", "looks_built", "opened", "view"]  # fixtures
FRAME = {"shot": 0, "frame": 1, "layer": "", "view": ""}
SIDE = {"slot": 2, "canvas": "srgb"}
DRAWING = {**FRAME, "a": SIDE, "b": {"slot": 3}, "width": 80, "height": 60, "looking": {"mode": "wipe"}, "page": "tab"}


def desk_of(client: TestClient) -> Desk:
    """The desk of a server."""
    room = client.room  # type: ignore[attr-defined]
    return Desk(room.frames, room.slots, room.pool, room.layer, room.inputs)


def joined(pieces: Any) -> bytes:
    return b"".join(bytes(piece) for piece in pieces)


@pytest.mark.parametrize(
    ("ask", "body", "path"),
    [
        ("session", {}, "/session"),
        ("shader", {}, "/shader"),
        ("frame", {"shot": 0, "index": 1, "layer": "", "view": "", "scale": 2}, "/frame/0/1?layer=&view=&scale=2"),
        ("frame", {"shot": 1, "index": 0}, "/frame/1/0"),
        ("frame", {"shot": 1, "index": 7}, "/frame/1/7"),
        ("frame", {"shot": 0, "index": 0, "scale": 3}, "/frame/0/0?scale=3"),
        ("sdev", {**SIDE, "input": 0, "page": "tab"}, "/sdev"),
        ("sdev", {"slot": 9, "input": 0}, "/sdev"),
        ("sdev", {"slot": 1, "look": "fuji", "input": 0, "changes": {}}, "/sdev"),
        ("sdev", {"slot": 1, "changes": {"bad": 1}}, "/sdev"),
        ("draw", DRAWING, "/draw"),
        ("draw", {**DRAWING, "width": 0}, "/draw"),
        ("probe", {**FRAME, "x": 3, "y": 4, "w": 2, "h": 2, "a": SIDE, "exposure": 1.0}, "/probe"),
        ("profile", {"slot": 2, "look": ""}, "/profile/2"),
        ("profile", {"slot": 0}, "/profile/0"),
        ("save", {"slot": 2, "changes": {"printer_lights": [1, 2, 3]}, "name": "mine"}, "/save"),
        ("export", {"slot": 2, "suffix": ".clf"}, "/export"),
        ("export", {"slot": 2, "suffix": ".exe"}, "/export"),
    ],
)
def test_an_answer_is_the_servers_to_the_byte(
    ask: str, body: dict[str, Any], path: str, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "author", lambda: AUTHOR)
    served = client.get(path) if ask in ("session", "shader", "frame", "profile") else client.post(path, json=body)
    facts, pieces = answer(desk_of(client), {"ask": ask, "body": body})
    assert facts["status"] == served.status_code
    if served.status_code != 200:
        assert facts["errors"] == served.json()["errors"]
    elif "content-disposition" in served.headers:
        assert f'filename="{facts["file"]}"' in served.headers["content-disposition"]
        assert served.headers["content-type"].startswith(facts["kind"])
        assert joined(pieces) == served.content
    elif pieces:
        assert joined(pieces) == served.content
    else:
        assert facts["json"] == (served.text if ask == "shader" else served.json())


def test_every_request_of_the_page_is_answered_and_no_other(client: TestClient) -> None:
    text = (notebook_page.PAGE / "notebook" / "kernel.js").read_text()
    assert set(re.findall(r'(?:ask|json)\("(\w+)"', text)) | {"page", "rest"} == set(ASKED)
    for wrong in ({}, {"ask": "files", "body": {}}, {"ask": ["frame"], "body": {}}, {"ask": "frame", "body": None}):
        facts, _ = answer(desk_of(client), wrong)
        assert (facts["status"], facts["errors"][0]["field"]) == (422, "ask")


def test_a_viewer_that_nobody_sees_frees_what_it_holds(client: TestClient) -> None:
    desk, frame = desk_of(client), {"ask": "frame", "body": {"shot": 0, "index": 0}}
    before = joined(answer(desk, frame)[1])
    assert desk.frames.ranges()
    assert answer(desk, {"ask": "rest", "body": {}})[0]["status"] == 200
    assert desk.frames.ranges() == {}
    assert joined(answer(desk, frame)[1]) == before


def test_a_bug_is_a_line_of_the_answer(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ASKED, "probe", lambda desk, told: {}["gone"])  # type: ignore[arg-type]
    facts, _ = answer(desk_of(client), {"ask": "probe", "body": {}})
    assert facts == {"status": 500, "errors": [{"field": "", "message": "probe: KeyError: 'gone'"}]}


def test_modules_come_after_those_that_they_import() -> None:
    modules = notebook_page.page()["modules"]
    names = [module["name"] for module in modules]
    for place, module in enumerate(modules):
        assert set(module["imports"].values()) <= set(names[:place]), module["name"]
        for path in module["imports"]:
            assert f'"{path}"' in module["text"]
    assert len(set(names)) == len(names)
    assert {"mount.js", "notebook/kernel.js", "scopes.worker.js", "author/panel.js"} <= set(names)
    assert "main.js" not in names
    assert notebook_page.imports_of("notebook/loader.js") == {}, "it runs alone"


def pngs(html: str) -> list[Any]:
    from PIL import Image

    found = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(each)))) for each in found]


@pytest.mark.parametrize("looks", ["premier", ["premier", "vision", "bleach-bypass"]])
def test_html_has_the_picture_that_is_drawn(looks: Any, view: Any, folder: Path) -> None:
    still = still_of(view(folder / "a.#.exr", sdev=looks))
    loaded = still.desk.frames.get(Want(0, 0))
    zoom = 540 / 48 if looks == "premier" else 360 / 48
    size = (720, 540) if looks == "premier" else (480, 360)
    html = still._repr_html_()
    pictures = pngs(html)
    assert len(pictures) == (1 if looks == "premier" else 3)
    for number, picture in enumerate(pictures, 1):
        side = loaded.picture, still.desk.slots.shown(Reference(number), loaded.primaries)
        expected = drawn.draw(size, Looking(zoom=zoom, center=(32, 24)), side)
        assert np.array_equal(picture, expected[..., :3])
    assert re.findall("<figcaption>(.*?)</figcaption>", html) == ([looks] if isinstance(looks, str) else looks)
    assert "<script" not in html


def test_html_says_why_there_is_no_picture(view: Any, folder: Path) -> None:
    shown = view(folder / "b.exr", sdev="premier")
    (folder / "b.exr").write_bytes(b"<b>")
    assert re.fullmatch(r"<p>.*b\.exr.*</p>", shown._repr_html_())


def test_a_front_end_gets_both(view: Any) -> None:
    shown = view(IMAGE, sdev="premier")
    data, _ = shown._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == shown.model_id
    assert data["text/html"] == shown._repr_html_()
    assert data["text/plain"] == "lattice.view(image: premier)"


def test_without_anywidget_there_is_the_picture(view: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "lattice.view.notebook_widget", raising=False)
    shown = view(IMAGE, sdev="premier")
    assert type(shown) is Still
    assert "pip install anywidget" in shown._repr_html_()


def test_the_widget_says_that_it_heard_and_then_answers(view: Any) -> None:
    kernel = Kernel(view(IMAGE, sdev="premier"))
    heard, (facts, pieces) = kernel.ask({"id": "a-1", "ask": "frame", "body": {"shot": 0, "index": 0}})
    assert heard == ({"id": "a-1", "status": 102}, [])
    assert (facts["id"], facts["status"], facts["cached"]) == ("a-1", 200, {"0": [[0, 0]]})
    planes = np.frombuffer(joined(pieces[1:]), np.float16).reshape(3, *IMAGE.shape[:2])
    assert np.array_equal(planes, np.moveaxis(IMAGE, -1, 0).astype(np.float16))


def test_the_room_is_a_function_and_a_package(built: Any) -> None:
    import lattice.view.wire

    assert callable(lattice.view)
    assert lattice.view.wire.PAGE.is_dir()
    assert isinstance(built("premier"), SDev)
