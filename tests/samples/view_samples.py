"""What the tests of the server share: shots on disk, a room behind its guard, answers taken apart."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from exr_samples import SAID, noise, save, smooth
from starlette.testclient import TestClient

from lattice.regrade.options import Options
from lattice.view import session
from lattice.view.answers import Room
from lattice.view.app import make
from lattice.view.frames import Loaded, load, plan_reading, read_headers
from lattice.view.guard import Door
from lattice.view.kept import Frames
from lattice.view.place import Place
from lattice.view.pool import Pool
from lattice.view.session import Slots
from lattice.view.shots import Shot, find_shot

SHAPE = (40, 62)
MEMORY = 2**28
LOOKS = ("vision", "premier", "bleach-bypass")
Open = Callable[..., TestClient]


def shot_of(where: Any, **options: Any) -> Shot:
    return find_shot(str(where), lambda path: read_headers(path, Options(**options)))


def loaded(path: Path, layer: str = "", view: str = "", **options: Any) -> Loaded:
    return load(plan_reading(path, layer, view, Options(**options)))


def unframed(body: bytes) -> tuple[dict[str, Any], bytes]:
    size = int.from_bytes(body[:4], "little")
    assert (4 + size) % 16 == 0
    return json.loads(body[4 : 4 + size]), body[4 + size :]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for k in range(3):
        arrays = {**{n: smooth(SHAPE, seed=k) for n in "RGB"}, "A": smooth(SHAPE), "Z": noise(SHAPE, "float32")}
        save(tmp_path / f"a.{1 + k}.exr", arrays, SAID, origin=(-2, 3), display=(0, 0, 63, 47))
    save(tmp_path / "b.exr", {name: noise(SHAPE, "float16", k) for k, name in enumerate("RGB")})
    return tmp_path


@pytest.fixture
def opened(folder: Path, built: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    rooms: list[Room] = []
    monkeypatch.setattr(session, "load", lambda look: built(look) if isinstance(look, str) else built(look.name))

    def make_client(*patterns: str, author: str | None = None, names: tuple[str, ...] = LOOKS, **options: Any) -> Any:
        chosen = Options(**options)
        shots = [find_shot(str(folder / each), lambda p: read_headers(p, chosen)) for each in patterns or ["a.#.exr"]]
        rooms.append(Room(Frames(shots, MEMORY, chosen), Slots(names, author), Pool(3)))
        door: Door = Place().door(8000)
        client = TestClient(make(rooms[-1], door), "http://127.0.0.1:8000", raise_server_exceptions=False)
        client.headers["cookie"] = f"{door.cookie}={door.token}"
        client.room = rooms[-1]  # type: ignore[attr-defined]
        return client

    yield make_client
    for room in rooms:
        room.slots.close()
        assert room.frames.close(10)
        assert room.pool.close(10)


@pytest.fixture
def client(opened: Open) -> TestClient:
    return opened("a.#.exr", "b.exr")


def refused(answer: Any, status: int, name: str, *says: str) -> None:
    assert answer.status_code == status, answer.text
    [fault] = answer.json()["errors"]
    assert fault["field"] == name, fault
    assert "\n" not in fault["message"]
    assert all(each in fault["message"] for each in says), fault


def picture(path: Path, **options: Any) -> Any:
    return loaded(path, **options).picture
