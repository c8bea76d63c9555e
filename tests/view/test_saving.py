"""The files of looks while pages run: what is saved, read again, and never replaced unseen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from view_samples import LOOKS, Open, folder, opened, refused, unframed

import lattice
from lattice.files import clf
from lattice.looks import load_profile
from lattice.view import session

__all__ = ["folder", "opened"]  # fixtures


def test_a_page_that_starts_again_edits_what_was_saved(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('extends = "premier"\nname = "mine"\nexposure = 0.25\n')
    client = opened(author=str(path))
    assert exposure(client.get("/profile/1").json()) == 0.25
    told = {"slot": 1, "name": "mine"}
    assert client.post("/save", json={**told, "changes": {"exposure": 1}}).status_code == 200
    assert client.post("/save", json={**told, "changes": {"exposure": 1, "flare": 0.01}}).status_code == 200
    assert exposure(client.get("/profile/1").json()) == 1
    assert client.post("/save", json={**told, "changes": {"flare": 0.02}}).status_code == 200
    assert (load_profile(path).exposure, load_profile(path).flare) == (1, 0.02)


def test_what_another_program_saved_is_not_replaced_unseen(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('extends = "premier"\nname = "mine"\n')
    client, told = opened(author=str(path)), {"slot": 1, "name": "mine", "changes": {"flare": 0.01}}
    for text, says in (
        ('extends = "premier"\nname = "mine"\nexposure = 0.5\n', "on what it holds"),
        ("extends = [\n", "mend it, or move it away"),
    ):
        path.write_text(text)
        refused(client.post("/save", json=told), 422, "file", "mine.toml", "another program wrote it", says)
        assert path.read_text() == text
    refused(client.get("/profile/1"), 422, "", "mine.toml")
    refused(client.post("/save", json=told), 422, "file", "another program")
    path.write_text('extends = "premier"\nname = "mine"\nexposure = 0.75\n')
    assert client.get("/session").status_code == 200
    assert client.post("/save", json=told).status_code == 200
    assert (load_profile(path).exposure, load_profile(path).flare) == (0.75, 0.01)


def test_what_another_tab_saved_is_not_replaced_unseen(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('extends = "premier"\nname = "mine"\n')
    client = opened(author=str(path))

    def save(revision: object, **changes: float) -> Any:
        told = {"slot": 1, "name": "mine", "changes": changes, "revision": revision}
        return client.post("/save", json=told)

    began = client.get("/session").json()["author"]["revision"]
    one = save(began, flare=0.01).json()["author"]["revision"]
    refused(save(began, exposure=0.5), 422, "file", "mine.toml", "another tab", "on what it holds")
    assert (load_profile(path).exposure, load_profile(path).flare) == (0, 0.01)
    two = client.get("/session").json()["author"]["revision"]
    assert two == one, "its own saves are known to a tab"
    assert save(two, exposure=0.5).status_code == 200
    assert (load_profile(path).exposure, load_profile(path).flare) == (0.5, 0.01)
    refused(save("one"), 422, "revision", "whole number")
    path.write_text('extends = "fuji"\nname = "mine"\n')
    now = client.get("/session").json()["author"]["revision"]
    refused(save(two, exposure=0.5), 422, "file", "another tab")
    assert save(now, exposure=0.25).status_code == 200


def test_a_clf_is_read_again_when_a_page_starts(
    opened: Open, built: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "load", lattice.load)
    path = tmp_path / "mine.clf"
    path.write_text(clf.to_xml(built("vision")))
    client = opened(names=(str(path),))
    told = {"slot": 1, "input": 0}
    assert unframed(client.post("/sdev", json=told).content)[0]["sha256"] == built("vision").sha256
    (tmp_path / "new").write_text(clf.to_xml(built("premier")))
    (tmp_path / "new").replace(path)
    assert client.get("/session").json()["slots"][0]["name"] == "premier"
    assert unframed(client.post("/sdev", json=told).content)[0]["sha256"] == built("premier").sha256
    path.write_text("no XML")
    assert client.get("/session").json()["slots"][0]["name"] == "premier"


def test_a_file_that_came_after_the_start_is_not_replaced(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    client, told = opened(author=str(path)), {"slot": 2, "name": "new", "changes": {"flare": 0.01}}
    path.write_text("somebody's\n")
    for _ in range(2):
        refused(client.post("/save", json=told), 422, "file", "new.toml", "another program wrote it", "move it away")
        client.get("/session")
    path.rename(tmp_path / "away.toml")
    for _ in range(2):
        saved = client.post("/save", json=told).json()
        assert (saved["path"], saved["author"]["revision"]) == (str(path), 1), "what is the same is no new revision"


@pytest.mark.parametrize("is_there", [True, False])
def test_a_file_that_is_moved_away_is_written_again(is_there: bool, opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    if is_there:
        path.write_text('extends = "premier"\nname = "mine"\nexposure = 0.25\n')
    client, told = opened(author=str(path)), {"slot": 1, "name": "mine", "changes": {"flare": 0.01}}
    began = client.get("/session").json()["author"]["revision"]
    assert client.post("/save", json=told).status_code == 200
    path.write_text("somebody's\n")
    refused(client.post("/save", json=told), 422, "file", "move it away")
    path.rename(tmp_path / "away.toml")
    assert client.get("/session").status_code == 200
    assert client.get("/profile/1").status_code == 200
    assert client.post("/save", json={**told, "revision": began}).status_code == 200
    assert load_profile(path).flare == 0.01
    assert load_profile(path).exposure == (0.25 if is_there else 0)


def test_a_first_save_puts_the_file_into_its_slot(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    client = opened(author=str(path))
    assert client.get("/session").json()["author"] == {"slot": 0, "path": str(path), "exists": False, "revision": 0}
    told = {"slot": 2, "look": "premier", "name": "half", "changes": {"print_silver": 0.7}}
    saved = client.post("/save", json=told).json()
    assert (saved["author"]["slot"], saved["slots"][1]["name"]) == (2, "half")
    session = client.get("/session").json()
    assert (session["author"], session["slots"]) == (saved["author"], saved["slots"])
    assert client.post("/save", json={"slot": 2, "name": "half", "changes": {"flare": 0.01}}).status_code == 200
    assert (load_profile(path).print_silver, load_profile(path).flare) == (0.7, 0.01)


@pytest.mark.parametrize("other", [{"slot": 3}, {"slot": 3, "look": "fuji"}, {"slot": 1, "look": "fuji"}])
def test_another_slots_look_replaces_the_file_only_when_told_again(other: Any, opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('extends = "vision"\nname = "mine"\nprint_silver = 0.7\n')
    client, text = opened(author=str(path)), path.read_text()
    told = {**other, "name": "mine", "changes": {"flare": 0.01}}
    refused(client.post("/save", json=told), 422, "file", "mine.toml: it holds the look of slot 1", "Save again")
    assert path.read_text() == text
    assert client.post("/save", json={**told, "again": True}).json()["author"]["slot"] == 1
    assert (load_profile(path).print_silver, load_profile(path).flare) == (0, 0.01)


def test_a_first_save_may_be_from_a_slot_that_was_empty(opened: Open, tmp_path: Path) -> None:
    client = opened(author=str(tmp_path / "new.toml"), names=("vision",))
    saved = client.post("/save", json={"slot": 4, "look": "fuji", "name": "new"}).json()
    assert [slot and slot["name"] for slot in saved["slots"]] == ["vision", None, None, "new", *[None] * 5]
    assert client.get("/session").json()["slots"] == saved["slots"]
    refused(client.post("/sdev", json={"slot": 3, "input": 0}), 422, "slot")


def test_a_save_from_no_slot_takes_none(opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    saved = opened(author=str(path)).post("/save", json={"slot": 0, "look": "fuji", "name": "new"}).json()
    assert (saved["author"]["slot"], [slot["name"] for slot in saved["slots"] if slot]) == (0, list(LOOKS))


def exposure(described: Any) -> float:
    return float(next(each["value"] for each in described["fields"] if each["name"] == "exposure"))
