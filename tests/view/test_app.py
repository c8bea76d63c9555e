"""The server's answers: frames to the bit, SDevs, drawn pictures, numbers; what is wrong is told by field."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from exr_samples import SAID, noise, save, smooth
from starlette.testclient import TestClient

from lattice.files import clf
from lattice.regrade.options import Options
from lattice.sdev import SDev
from lattice.types import LatticeError
from lattice.view import session, wire
from lattice.view.app import PAGES, Room, make
from lattice.view.drawn import draw
from lattice.view.frames import load, plan_reading, read_headers
from lattice.view.guard import Door
from lattice.view.kept import Frames
from lattice.view.looking import Looking
from lattice.view.place import Place
from lattice.view.pool import Pool
from lattice.view.session import Reference, Slots
from lattice.view.shots import find_shot

SHAPE = (40, 62)
MEMORY = 2**28
LOOKS = ("vision", "premier", "bleach-bypass")
Open = Callable[..., TestClient]


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
    return load(plan_reading(path, "", "", Options(**options))).picture


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
    assert client.post("/draw", json=asked(frame=1)).status_code == 422


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


def test_inputs_have_numbers(opened: Open, folder: Path) -> None:
    client = opened("b.exr", input="LogC3")
    header, _ = unframed(client.get("/frame/0/0").content)
    assert header["input"] == 1
    device, _ = unframed(client.post("/sdev", json={"slot": 2, "input": 1}).content)
    plain, _ = unframed(client.post("/sdev", json={"slot": 2, "input": 0}).content)
    assert device["device"]["film"] != plain["device"]["film"]
    refused(client.post("/sdev", json={"slot": 2, "input": 2}), 422, "input")


def test_an_sdev_comes_packed_for_its_canvas(client: TestClient, built: Any) -> None:
    def packed(**more: Any) -> tuple[dict[str, Any], bytes]:
        return unframed(client.post("/sdev", json={"slot": 2, "input": 0, **more}).content)

    header, body = packed()
    assert (header["name"], header["sha256"]) == ("premier", built("premier").sha256)
    assert header["quality"] == {"size": 13, "nodes": "fitted"}
    assert (header["display"], header["shown"]) == ("Rec.709 sRGB", "Rec.709 sRGB")
    assert body == unframed(wire.pack(built("premier"), {}))[1]
    wide, _ = packed(canvas="display-p3")
    assert (wide["display"], wide["shown"]) == ("Rec.709 sRGB", "Display P3 sRGB")
    assert wide["device"] != header["device"]
    assert packed(canvas="raw")[0]["device"] == header["device"]
    assert packed(look="fuji")[0]["name"] == "fuji"


def test_slot_0_is_the_scene_as_srgb(client: TestClient) -> None:
    header, _ = unframed(client.post("/sdev", json={"slot": 0, "input": 0}).content)
    assert header["quality"]["nodes"] == "sampled"
    scene = session.scene()
    light = np.linspace(0, 1, 999, dtype=np.float32)[:, None].repeat(3, 1)
    assert np.allclose(scene.apply(light), scene.display.encode(light), atol=1e-6)
    assert (scene.apply(np.float32([[7, -1, np.nan]])) == [[1, 0, 0]]).all()


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({}, "slot"),
        ({"slot": "2"}, "slot"),
        ({"slot": True}, "slot"),
        ({"slot": 10}, "slot"),
        ({"slot": 9}, "slot"),
        ({"slot": 1, "look": "/etc/passwd"}, "look"),
        ({"slot": 1, "look": ["premier"]}, "look"),
        ({"slot": 1, "canvas": "hdr"}, "canvas"),
        ({"slot": 1, "quality": []}, "quality"),
        ({"slot": 1, "changes": [1]}, "changes"),
        ({"slot": 1, "page": "x" * 99}, "page"),
        ({"slot": 1, "input": "0"}, "input"),
        ({"slot": 1, "input": -1}, "input"),
    ],
)
def test_a_wrong_reference_is_told_by_field(body: Any, name: str, client: TestClient) -> None:
    refused(client.post("/sdev", json=body), 422, name, "expected")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b"\xff", b"[" * 60_000, b'{"a":' * 9_000])
def test_what_is_no_json_object_is_told(body: bytes, client: TestClient) -> None:
    for path in ("/sdev", "/draw", "/probe", "/save", "/export"):
        refused(client.post(path, content=body), 400, "", "expected")


def asked(**more: Any) -> dict[str, Any]:
    looking = {"zoom": 1.0, "center": [32, 24]}
    return {"shot": 0, "frame": 0, "looking": looking, "width": 80, "height": 50, "a": {"slot": 2}} | more


def test_the_server_draws_the_same_picture(client: TestClient, folder: Path, built: Any) -> None:
    answer = client.post("/draw", json=asked())
    assert json.loads(answer.headers["x-lattice"]) == {"scale": 1, "notes": []}
    seen = Looking(center=(32, 24))
    wanted = draw((80, 50), seen, (picture(folder / "a.1.exr"), built("premier")))
    assert answer.content == wanted.tobytes()
    half = client.post("/draw", json=asked(looking={"zoom": 0.4, "center": [32, 24], "exposure": 1}))
    assert json.loads(half.headers["x-lattice"])["scale"] == 2
    wipe = {"zoom": 1.0, "center": [32, 24], "mode": "wipe"}
    other = client.post("/draw", json=asked(looking=wipe, frame=2, b={"slot": 1, "shot": 1}))
    assert json.loads(other.headers["x-lattice"])["notes"] == [
        "no color space named in this frame: taken as Rec.709 (--input says otherwise)"
    ]
    both = (picture(folder / "a.3.exr"), built("premier")), (picture(folder / "b.exr"), built("vision"))
    assert other.content == draw((80, 50), Looking.of(wipe), *both).tobytes()


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"width": 0}, "width"),
        ({"height": "x"}, "height"),
        ({"width": 16384, "height": 16384}, "width"),
        ({"looking": {"exposure": 99}}, "exposure"),
        ({"looking": {"zoom": 0}}, "zoom"),
        ({"looking": {"nothing": 0}}, ""),
        ({"looking": 7}, "looking"),
        ({"a": None}, "a"),
        ({"a": {"slot": 2, "shot": 5}}, "b.shot"),
        ({"shot": 9}, "shot"),
        ({"frame": None}, "frame"),
        ({"frame": 3}, "frame"),
        ({"layer": 7}, "layer"),
    ],
)
def test_a_wrong_drawing_is_told_by_field(more: Any, name: str, client: TestClient) -> None:
    refused(client.post("/draw", json=asked(**more)), 422, name, "expected")


def test_a_graded_frame_is_drawn_as_it_is(opened: Open, folder: Path, premier: SDev) -> None:
    from lattice.regrade import plan, regrade

    [report] = regrade(plan(premier, folder / "a.1.exr", folder / "graded.exr"))
    assert report.status == "ok"
    client = opened("graded.exr")
    header, _ = unframed(client.get("/frame/0/0").content)
    assert header["raw"]
    assert header["graded"].startswith("premier ")
    wanted = draw((80, 50), Looking(center=(32, 24)), (picture(folder / "graded.exr"), None))
    assert client.post("/draw", json=asked()).content == wanted.tobytes()


def test_the_probe_tells_the_numbers_of_a_pixel_and_of_an_area(client: TestClient, folder: Path, built: Any) -> None:
    def probed(**more: Any) -> Any:
        return client.post("/probe", json={"shot": 0, "frame": 0, "a": {"slot": 2}, **more}).json()

    planes = picture(folder / "a.1.exr").planes
    found = probed(x=10, y=9)  # 12, 6 of the data window
    assert found["scene"] == [float(plane[6, 12]) for plane in planes]
    assert found["exact"] == [f"0x{int(plane[6, 12].view(np.uint16)):04x}" for plane in planes]
    light = (planes[:3, 6, 12].astype(np.float64) / float(planes[3, 6, 12])).astype(np.float32)
    assert found["code"] == [float(code) for code in built("premier").apply(light[None])[0]]
    assert found["stops"] == pytest.approx(np.log2(light @ [0.2126, 0.7152, 0.0722] / 0.18))
    assert all(0 <= u <= 1 for u in found["u"])
    assert found["cell"] == [min(int(u * 12), 11) for u in found["u"]]
    brighter = probed(x=10, y=9, exposure=1)
    assert (brighter["scene"], brighter["stops"]) == (found["scene"], found["stops"])
    assert brighter["code"] > found["code"]
    area = probed(x=-2, y=3, w=4, h=2)
    assert area["pixels"] == 8
    assert area["scene"] == pytest.approx([float(plane[:2, :4].astype(float).mean()) for plane in planes])
    for place in ({"x": 62, "y": 9}, {"x": 10, "y": 1}, {"x": -50, "y": -50, "w": 9, "h": 9}):
        assert probed(**place)["scene"] is None
    nan = probed(shot=1, x=5, y=5, w=30, h=30)
    assert json.dumps(nan, allow_nan=False)
    refused(client.post("/probe", json={"shot": 0, "frame": 0, "x": 1.5, "y": 0}), 422, "x")
    refused(client.post("/probe", json={"shot": 0, "frame": 0, "x": 1, "y": 0, "exposure": 99}), 422, "exposure")


def test_an_sdev_is_saved_as_a_file(client: TestClient, built: Any, tmp_path: Path) -> None:
    answer = client.post("/export", json={"slot": 2, "suffix": ".clf"})
    assert answer.headers["content-disposition"] == 'attachment; filename="premier.clf"'
    (tmp_path / "x.clf").write_bytes(answer.content)
    assert clf.read(tmp_path / "x.clf").sha256 == built("premier").sha256
    refused(client.post("/export", json={"slot": 2, "suffix": ".exe"}), 422, "suffix")


def test_a_clf_is_a_look_without_curves(opened: Open, built: Any, tmp_path: Path, monkeypatch: Any) -> None:
    built("premier").save(tmp_path / "mine.clf")
    monkeypatch.setattr(session, "load", lambda name: SDev.from_device(clf.read(Path(name))))
    client = opened(names=(str(tmp_path / "mine.clf"),))
    assert client.get("/session").json()["slots"][0]["name"] == "premier"
    assert unframed(client.post("/sdev", json={"slot": 1}).content)[0]["sha256"] == built("premier").sha256
    refused(client.get("/profile/1"), 422, "slot", "is a CLF")


class FakeAuthor:
    """Stands in for the room that edits profiles."""

    @staticmethod
    def revised(profile: Any, changes: Any) -> Any:
        if "bad" in changes:
            raise LatticeError("print_silver: expected 0 to 1, got 7")
        return profile.replace(**changes)

    @staticmethod
    def faults(error: LatticeError) -> Any:
        name, _, message = str(error).partition(": ")
        return [{"field": name, "message": message}]


FAKE = {
    "describe": lambda profile: {"name": profile.name},
    "warm": lambda profile: None,
    "charts": lambda sdev, profile: {"ramp": [sdev.name]},
    "error": lambda sdev, profile: {"mean": 0.1},
    "toml": lambda profile, changes, name: f"name = {name}\n{json.dumps(changes)}",
}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, built: Any) -> Any:
    saved: dict[str, Any] = {}
    fits: list[Any] = [built("premier"), None]
    fitter = SimpleNamespace(fit=lambda profile, page: fits.pop(0), close=lambda: saved.update(closed=True))
    fake = SimpleNamespace(
        **FAKE,
        revised=FakeAuthor.revised,
        faults=FakeAuthor.faults,
        sketch=lambda profile: built("vision"),
        save=lambda profile, path: saved.update({str(path): profile}),
    )
    monkeypatch.setattr(session, "author", lambda: fake)
    monkeypatch.setattr(Slots, "_fits", lambda self: setattr(self, "_fitter", fitter) or fitter)
    return saved


def test_edits_are_sketched_while_dragged_and_fitted_at_rest(opened: Open, fake: Any) -> None:
    client = opened()

    def edited(**more: Any) -> Any:
        told = {"slot": 2, "input": 0, "changes": {"printer_lights": [25, 26, 24]}, "page": "tab", **more}
        return client.post("/sdev", json=told)

    sketched, _ = unframed(edited(quality="drag").content)
    assert sketched["quality"] == {"size": 13, "nodes": "sampled"}
    assert sketched["charts"] == {"ramp": ["vision"]}
    fitted, _ = unframed(edited(quality="rest").content)
    assert fitted["quality"] == {"size": 13, "nodes": "fitted", "mean": 0.1}
    assert unframed(edited(quality="rest").content)[0] == fitted, "kept by its content"
    refused(edited(quality="rest", changes={"printer_lights": [1, 2, 3]}), 409, "", "newer request")
    refused(edited(changes={"bad": 1}), 422, "print_silver", "expected 0 to 1")
    loaded, _ = unframed(edited(changes={}).content)
    assert "charts" in loaded
    assert "charts" not in unframed(edited(changes=None).content)[0]
    assert client.get("/profile/2").json() == {"name": "premier"}
    assert client.get("/profile/2?look=fuji").json() == {"name": "fuji"}
    client.room.slots.close()  # type: ignore[attr-defined]
    assert fake["closed"]


def test_saving_goes_to_the_path_of_the_command_line_alone(opened: Open, fake: Any, tmp_path: Path) -> None:
    told = {"slot": 2, "changes": {"printer_lights": [1, 2, 3]}, "name": "../../my look", "path": "/etc/passwd"}
    answer = opened().post("/save", json=told)
    assert answer.headers["content-disposition"] == 'attachment; filename="my-look.toml"'
    assert answer.text.startswith("name = ../../my look\n")
    path = str(tmp_path / "mine.toml")
    assert opened(author=path).post("/save", json=told).json() == {"path": path}
    assert fake[path].printer_lights == (1, 2, 3)
    assert fake[path].name == "../../my look"
    assert [name for name in fake if name != "closed"] == [path]


def test_the_authors_file_has_a_slot(built: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    assert Slots(LOOKS, str(path)).author_json() == {"slot": 1, "path": str(path), "exists": False}
    path.write_text('extends = "premier"\nname = "mine"\n')
    slots = Slots(session.USUAL, str(path))
    assert slots.author_json() == {"slot": 1, "path": str(path), "exists": True}
    assert slots.names == (str(path), *session.USUAL[:8])
    assert Slots(("vision", str(path)), str(path)).author_slot == 2
    for wrong, says in (("mine.txt", ".toml"), (str(tmp_path), ".toml")):
        with pytest.raises(LatticeError, match=says):
            Slots(LOOKS, wrong)


def test_names_of_slots(tmp_path: Path) -> None:
    assert session.slot_names([]) == session.USUAL
    assert session.slot_names(["vision,premier", "fuji"]) == ("vision", "premier", "fuji")
    with pytest.raises(LatticeError, match="--sdev: expected names"):
        session.slot_names(["vision,,fuji"])
    comma = tmp_path / "a,b.toml"
    comma.write_text('extends = "fuji"\n')
    assert session.slot_names([str(comma), "fuji"]) == (str(comma), "fuji")
    with pytest.raises(LatticeError, match="at most 9"):
        Slots(("vision",) * 10)
    for name, says in (("visoin", "vision"), ("none.toml", "none.toml"), ("none.clf", "none.clf")):
        with pytest.raises(LatticeError, match=says):
            Slots((name,))


def test_references_of_two_tabs_do_not_meet(client: TestClient) -> None:
    one = client.post("/sdev", json={"slot": 1, "page": "one", "canvas": "display-p3"}).content
    client.post("/sdev", json={"slot": 1, "page": "two", "look": "fuji"})
    assert client.post("/sdev", json={"slot": 1, "page": "one", "canvas": "display-p3"}).content == one
    assert Reference.of({"slot": 1}) == Reference(1)


def test_a_bug_is_a_line_here_and_there(client: TestClient, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setattr(wire, "shader_text", lambda: {}["gone"])
    refused(client.get("/shader"), 500, "", "GET /shader: KeyError: 'gone'")
    assert capsys.readouterr().err == "lattice: GET /shader: KeyError: 'gone'\n"


def test_a_beat_comes_with_what_is_in_memory_until_the_server_stops(client: TestClient, monkeypatch: Any) -> None:
    from lattice.view import app

    monkeypatch.setattr(app, "TICK", 0.001)
    room = client.room  # type: ignore[attr-defined]
    client.get("/frame/1/0")
    assert client.get("/cached").json() == {"1": [[0, 0]]}

    async def beats() -> list[str]:
        found = []
        async for beat in app._Answers(room)._beats():
            found.append(beat)
            room.stopping = len(found) == 3
        return found

    told = asyncio.run(beats())
    assert told == ['data: {"frames": {"1": [[0, 0]]}}\n\n', "data: {}\n\n", "data: {}\n\n"]
    with client.stream("GET", "/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert list(answer.iter_lines()) == []
