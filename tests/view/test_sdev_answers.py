"""SDevs as the page asks for them: slots, inputs, canvases, edits; and saving."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient
from view_samples import LOOKS, Open, client, folder, opened, refused, unframed

from lattice.files import clf
from lattice.looks import load_profile
from lattice.sdev import SDev
from lattice.types import LatticeError
from lattice.view import session, wire
from lattice.view.plain import plain
from lattice.view.references import Reference
from lattice.view.session import Slots

__all__ = ["client", "folder", "opened"]  # fixtures


def test_inputs_have_numbers(opened: Open, folder: Path) -> None:
    client = opened("b.exr", input="LogC3")
    header, _ = unframed(client.get("/frame/0/0").content)
    assert header["input"] == 1
    device, _ = unframed(client.post("/sdev", json={"slot": 2, "input": 1}).content)
    own, _ = unframed(client.post("/sdev", json={"slot": 2, "input": 0}).content)
    assert device["device"]["film"] != own["device"]["film"]
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
    scene = plain()
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
    refused(client.get("/profile/1"), 422, "slot", "is a LUT file")


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


def test_a_clf_for_an_unknown_display_is_told(opened: Open, built: Any, tmp_path: Path, monkeypatch: Any) -> None:
    sdev = built("premier")
    facts = {name: fact for name, fact in sdev.provenance.items() if not name.startswith("output")}
    replace(sdev, provenance=facts).save(tmp_path / "odd.clf")
    monkeypatch.setattr(session, "load", lambda name: SDev.from_device(clf.read(Path(name))))
    slots = opened(names=(str(tmp_path / "odd.clf"), "vision")).get("/session").json()["slots"]
    assert [slot["display_is_known"] for slot in slots[:2]] == [False, True]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, built: Any) -> Any:
    saved: dict[str, Any] = {}
    fits: list[Any] = [built("premier"), None]
    fitter = SimpleNamespace(fit=lambda profile, page: fits.pop(0), close=lambda: saved.update(closed=True))
    fake = SimpleNamespace(
        **FAKE, revised=FakeAuthor.revised, faults=FakeAuthor.faults, sketch=lambda profile: built("vision")
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
    unnamed = opened().post("/save", json={"slot": 2})
    assert unnamed.headers["content-disposition"] == 'attachment; filename="premier-edit.toml"'
    assert unnamed.text.startswith("name = premier-edit\n")
    long = opened().post("/save", json={**told, "name": "n" * 60_000})
    assert len(long.headers["content-disposition"]) < 200
    path = str(tmp_path / "mine.toml")
    assert opened(author=path).post("/save", json=told).json()["path"] == path
    saved = load_profile(path)
    assert (saved.printer_lights, saved.name) == ((1, 2, 3), "../../my look")
    assert [each.name for each in tmp_path.iterdir() if each.suffix == ".toml"] == ["mine.toml"]


def test_the_authors_file_has_a_slot(built: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    assert Slots(LOOKS, str(path)).author_json() == {"slot": 0, "path": str(path), "exists": False, "revision": 0}
    path.write_text('extends = "premier"\nname = "mine"\n')
    slots = Slots(session.USUAL, str(path))
    assert slots.author_json() == {"slot": 1, "path": str(path), "exists": True, "revision": 1}
    assert slots.names == (str(path), *session.USUAL[:8])
    told = Slots(("vision", str(path)), str(path)).author_json()
    assert told is not None
    assert told["slot"] == 2
    for wrong, says in (
        ("mine.txt", ".toml"),
        (str(tmp_path), ".toml"),
        (str(tmp_path / "none" / "a.toml"), "a folder"),
    ):
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


@pytest.mark.slow
def test_an_edit_goes_from_the_hand_to_the_file(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    client = opened(author=str(path))
    assert client.get("/profile/2").json()["name"] == "premier"
    told = {"slot": 2, "input": 0, "changes": {"printer_lights": [25, 27, 25]}, "page": "tab"}
    sketched, _ = unframed(client.post("/sdev", json={**told, "quality": "drag"}).content)
    assert sketched["quality"] == {"size": 25, "nodes": "sampled"}
    fitted, _ = unframed(client.post("/sdev", json={**told, "quality": "rest"}).content)
    assert (fitted["quality"]["size"], fitted["quality"]["nodes"]) == (13, "fitted")
    assert 0 < fitted["quality"]["mean"] < fitted["quality"]["p99"] < fitted["quality"]["max"]
    assert client.post("/save", json={**told, "name": "mine"}).json()["path"] == str(path)
    assert load_profile(path).printer_lights == (25, 27, 25)
    assert 'extends = "premier"' in path.read_text()
    answer = client.post("/sdev", json={**told, "changes": {"printer_lights": [1, 99, 1], "flash": 1}})
    assert answer.status_code == 422
    assert {fault["field"].partition(".")[0] for fault in answer.json()["errors"]} >= {"printer_lights"}
