"""The user's cache: used only if nobody else can have written it, and nothing of others is deleted or written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from lattice import cache
from lattice.cache import Shelf
from lattice.errors import LatticeWarning

THINGS = Shelf("things", most=3)
NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of one's own; its folder on disk is `things` in here."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    cache._tell.cache_clear()
    return tmp_path / "cache" / "lattice"


def only(folder: Path) -> Path:
    [path] = folder.iterdir()
    return path


def test_what_is_kept_is_found_by_its_key_alone(home: Path) -> None:
    assert THINGS.find("a") is None
    THINGS.keep("a", b"1")
    THINGS.keep("b", b"")
    assert (THINGS.find("a"), THINGS.find("b"), THINGS.find("c")) == (b"1", b"", None)
    assert Shelf("others", most=3).find("a") is None
    THINGS.keep("a", b"2")
    assert THINGS.find("a") == b"2"
    assert len(list((home / "things").iterdir())) == 2


def test_nobody_else_may_read_or_write_what_is_kept(home: Path) -> None:
    before = os.umask(0)
    try:
        THINGS.keep("a", b"1")
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o777 for path in (home / "things", only(home / "things"))] == [0o700, 0o600]


@pytest.mark.parametrize("cut", [0, 10, 31, 32, -1])
def test_a_damaged_file_is_not_used(cut: int, home: Path) -> None:
    THINGS.keep("a", b"123")
    path = only(home / "things")
    path.write_bytes(path.read_bytes()[:cut])
    assert THINGS.find("a") is None
    THINGS.keep("a", b"123")
    assert THINGS.find("a") == b"123"


def test_the_result_of_another_key_is_not_taken(home: Path) -> None:
    THINGS.keep("a", b"1")
    first = only(home / "things")
    THINGS.keep("b", b"2")
    second = next(path for path in (home / "things").iterdir() if path != first)
    os.replace(second, first)
    assert THINGS.find("a") is None


def test_only_files_of_its_own_are_deleted_the_oldest_first(home: Path) -> None:
    (home / "things").mkdir(parents=True, mode=0o700)
    strangers = [home / "look.clf", home / "things" / "show.clf", home / "things" / f"{'a' * 64}.clf"]
    for path in strangers:
        path.touch()
        os.utime(path, (0, 0))
    for number in range(5):
        THINGS.keep(str(number), b"1")
        newest = max((home / "things").glob("*.things"), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, ns=(number, number))
    assert [THINGS.find(str(number)) for number in range(5)] == [None, None, b"1", b"1", b"1"]
    assert all(path.exists() for path in strangers)


def is_refused(says: str) -> None:
    """Neither found nor kept, and one warning says why."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert THINGS.find("a") is None
        THINGS.keep("a", b"2")
    [note] = told
    assert note.category is LatticeWarning
    assert re.search(says, str(note.message))


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702, 0o1777])
def test_a_folder_that_others_can_write_is_not_used(mode: int, home: Path) -> None:
    THINGS.keep("a", b"1")
    before = only(home / "things").read_bytes()
    (home / "things").chmod(mode)
    is_refused("things can be written by others .chmod go-w would close it.: it is not used as a cache")
    assert only(home / "things").read_bytes() == before


@as_root
def test_a_folder_of_another_user_is_not_used(home: Path) -> None:
    THINGS.keep("a", b"1")
    os.chown(home / "things", NOBODY, -1)
    is_refused(f"things belongs to another user, number {NOBODY}")


@as_root
@pytest.mark.parametrize("spoil", [lambda path: os.chown(path, NOBODY, -1), lambda path: path.chmod(0o666)])
def test_a_file_that_others_may_have_written_is_replaced(spoil: Any, home: Path) -> None:
    THINGS.keep("a", b"1")
    spoil(only(home / "things"))
    with pytest.warns(LatticeWarning, match=r"\.things (belongs to|can be written by)"):
        assert THINGS.find("a") is None
    THINGS.keep("a", b"1")
    assert THINGS.find("a") == b"1"


def test_a_link_is_never_written_through(home: Path, tmp_path: Path) -> None:
    THINGS.keep("a", b"1")
    path = only(home / "things")
    precious = tmp_path / "precious"
    path.rename(precious)
    before = precious.read_bytes()
    path.symlink_to(precious)
    assert THINGS.find("a") is None  # though what it leads to is whole
    THINGS.keep("a", b"2")
    assert precious.read_bytes() == before
    assert not path.is_symlink()
    assert THINGS.find("a") == b"2"


@pytest.mark.parametrize("linked", ["cache", "cache/lattice", "cache/lattice/things"])
def test_a_users_own_link_to_another_disk_is_followed(linked: str, tmp_path: Path) -> None:
    link, disk = tmp_path / linked, tmp_path / "disk"
    link.parent.mkdir(parents=True, exist_ok=True)
    disk.mkdir(mode=0o700)
    link.symlink_to(disk)
    THINGS.keep("a", b"1")
    assert THINGS.find("a") == b"1"
    assert list(disk.rglob("*.things"))


@as_root
@pytest.mark.parametrize("linked", ["", "things"])
def test_a_link_that_somebody_else_made_is_not_followed(linked: str, home: Path, tmp_path: Path) -> None:
    link = home / linked
    link.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "mine").mkdir(mode=0o700)
    link.symlink_to(tmp_path / "mine")
    os.lchown(link, NOBODY, -1)
    is_refused("belongs to another user")
    assert list((tmp_path / "mine").iterdir()) == []


def test_a_pipe_does_not_hang(home: Path) -> None:
    THINGS.keep("a", b"1")
    path = only(home / "things")
    path.unlink()
    os.mkfifo(path)
    assert THINGS.find("a") is None


def test_a_relative_cache_home_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    THINGS.keep("a", b"1")
    assert THINGS.find("a") == b"1"
    assert os.listdir(tmp_path) == ["me"]


def test_without_a_home_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr("os.path.expanduser", lambda path: path)  # as it is for a user without an entry
    THINGS.keep("a", b"1")
    assert THINGS.find("a") is None
    assert os.listdir(tmp_path) == []


PLANTING = """
import os, lattice
from lattice.sdev.load import LOOKS
folder = LOOKS._folder()
folder.parent.mkdir(parents=True)
folder.mkdir()
folder.chmod(0o777)
"""


@pytest.mark.slow
def test_the_command_line_says_it_in_a_line_of_its_own(tmp_path: Path, built: Any) -> None:
    here = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", PLANTING], env=here, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "lattice.cli", "info", "vision"], env=here, capture_output=True, text=True
    )
    assert done.returncode == 0
    assert done.stderr.startswith(f"lattice: {tmp_path}/lattice/looks can be written by others")
    assert done.stderr.count("\n") == 1
    assert built("vision").sha256 in done.stdout
    assert list((tmp_path / "lattice" / "looks").iterdir()) == []
