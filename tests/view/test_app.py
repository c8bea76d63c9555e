"""The server's answers: frames to the bit, the page's files, the session, events; what is wrong is told by field."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exr_samples import SAID, noise, save
from starlette.testclient import TestClient
from view_samples import LOOKS, MEMORY, Open, client, folder, opened, picture, refused, unframed

from lattice.view import answers, wire
from lattice.view.answers import PAGES

__all__ = ["client", "folder", "opened"]  # fixtures


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_a_frame_is_a_header_and_planes(scale: int, client: TestClient, folder: Path) -> None:
    answer = client.get(f"/frame/0/1?scale={scale}&layer=&view=")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["cache-control"] == "no-store"
    header, body = unframed(answer.content)
    assert (header["label"], header["number"], header["scale"]) == ("a.2.exr", 2, scale)
    assert (header["data"], header["display"]) == ([-2, 3, 59, 42], [0, 0, 63, 47])
    assert header["premultiplied"]
    planes = np.frombuffer(body, np.float16).reshape(header["planes"], header["height"], header["width"])
    assert planes.shape == (4, -(-40 // scale), -(-62 // scale))
    if scale == 1:
        assert np.array_equal(planes.view(np.uint16), picture(folder / "a.2.exr").planes.view(np.uint16))


def test_a_large_frame_comes_whole(opened: Open, folder: Path) -> None:
    arrays = {name: noise((900, 1111), "float16", k) for k, name in enumerate("RGB")}
    save(folder / "large.exr", arrays, SAID)
    _, body = unframed(opened("large.exr").get("/frame/0/0").content)
    assert body == b"".join(arrays[name].tobytes() for name in "RGB")


@pytest.mark.parametrize(
    ("path", "status", "name"),
    [
        ("/frame/0/3", 422, "frame"),
        ("/frame/2/0", 422, "shot"),
        ("/frame/0/-1", 422, "index"),
        ("/frame/0/1e3", 422, "index"),
        ("/frame/0/99999999999999999999", 422, "index"),
        ("/frame/0/0?scale=3", 422, "scale"),
        ("/frame/0/0?scale=0", 422, "scale"),
        ("/frame/0/0?scale=4096", 422, "scale"),
        ("/frame/0/0?layer=none", 422, ""),
        ("/frame/0/0?view=left", 422, ""),
        ("/frame/0", 404, ""),
        ("/frame/0/0/0", 404, ""),
        ("/page/../app.py", 404, ""),
        ("/page/%2e%2e/app.py", 404, ""),
        ("/page//etc/passwd", 404, ""),
        ("/page/main.js%00", 404, ""),
        ("/nothing", 404, ""),
        ("/sdev", 405, ""),
        ("/profile/0", 422, "slot"),
    ],
)
def test_what_is_not_there_is_told(path: str, status: int, name: str, client: TestClient) -> None:
    refused(client.get(path), status, name)


def test_a_frame_that_cannot_be_read_is_a_line_and_the_next_one_comes(
    client: TestClient, opened: Open, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.2.exr").write_bytes((folder / "a.2.exr").read_bytes()[:-99])
    refused(client.get("/frame/0/1"), 422, "", "a.2.exr", "cut short")
    monkeypatch.chdir(folder)
    (folder / "c.exr").write_bytes((folder / "b.exr").read_bytes()[:-99])
    refused(opened("c.exr").get("/frame/0/0"), 422, "", "c.exr", "cut short")
    assert client.get("/frame/0/2").status_code == 200
    drawing = {"shot": 0, "frame": 1, "width": 8, "height": 8, "a": {"slot": 2}}
    assert client.post("/draw", json=drawing).status_code == 422


def test_the_page_is_a_fixed_list_of_files(client: TestClient) -> None:
    assert "text/html" in client.get("/").headers["content-type"]
    assert client.get("/page/main.js").headers["content-type"].startswith("text/javascript")
    for name, path in PAGES.items():
        assert client.get(f"/page/{name}").content == path.read_bytes()
    assert not [name for name in PAGES if name.endswith((".glsl", ".html", ".py"))]
    assert client.get("/shader").text == wire.shader_text()


def test_the_session_tells_all_that_the_page_starts_with(opened: Open, folder: Path) -> None:
    told = opened("a.#.exr", "b.exr", input="ACEScg").get("/session").json()
    assert [shot["count"] for shot in told["shots"]] == [3, 1]
    assert [shot["numbers"] for shot in told["shots"]] == [[1, 2, 3], None]
    assert [slot["look"] for slot in told["slots"][:3]] == list(LOOKS)
    assert told["slots"][3:] == [None] * 6
    assert all(slot["description"] for slot in told["slots"][:3])
    assert told["memory"] == {"cache": MEMORY}
    assert (told["input"], told["author"], told["layer"]) == ("ACEScg", None, "")
    assert "premier" in told["looks"]
    assert opened("b.exr").get("/session").json()["shots"][0]["notes"] == [
        "no color space named in this frame: taken as Rec.709 (--input says otherwise)"
    ]


def test_a_bug_is_a_line_here_and_there(client: TestClient, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setattr(wire, "shader_text", lambda: {}["gone"])
    refused(client.get("/shader"), 500, "", "GET /shader: KeyError: 'gone'")
    assert capsys.readouterr().err == "lattice: GET /shader: KeyError: 'gone'\n"


def test_a_beat_comes_with_what_is_in_memory_until_the_server_stops(client: TestClient, monkeypatch: Any) -> None:
    monkeypatch.setattr(answers, "TICK", 0.001)
    room = client.room  # type: ignore[attr-defined]
    client.get("/frame/1/0")
    assert client.get("/cached").json() == {"1": [[0, 0]]}

    async def beats() -> list[str]:
        found = []
        async for beat in answers.Answers(room)._beats():
            found.append(beat)
            room.stopping = len(found) == 3
        return found

    told = asyncio.run(beats())
    assert told == ['data: {"frames": {"1": [[0, 0]]}}\n\n', "data: {}\n\n", "data: {}\n\n"]
    with client.stream("GET", "/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert list(answer.iter_lines()) == []
