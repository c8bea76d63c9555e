"""Looks that are kept: found by the bytes of their files alone, whole or not at all, and never stale."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from basics import ROOT, grid, make_device, write_toml

import lattice.looks.load
from lattice.looks import load_profile
from lattice.sdev import SDev, load
from lattice.sdev import load as door
from lattice.sdev.load import load_built

BASE = 'negative = "kodak_5219"\nprint = "kodak_2383"\n'


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Any]:
    """An own cache folder, and the profiles built since; building is quick and gives a device of each profile's."""
    asked: list[Any] = []

    def quick(profile: Any) -> Any:
        asked.append(profile)
        share = int(hashlib.sha256(profile.model_dump_json().encode()).hexdigest()[:8], 16) / 2**33
        return replace(make_device(grid(3) * (0.4 + share)), provenance={"output": "Rec.709 sRGB"})

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("lattice.build.device.build_device", quick)
    return asked


def shelf(tmp_path: Path, kind: str) -> list[Path]:
    return sorted((tmp_path / "cache" / "lattice" / kind).iterdir())


def test_a_look_is_built_once_and_kept(builds: list[Any], tmp_path: Path) -> None:
    first, again = load("vision"), load("vision")
    assert len(builds) == 1
    assert again.sha256 == first.sha256
    load("premier")
    load_built(load_profile("vision").replace(push_stops=1))
    assert len(builds) == 3
    assert (len(shelf(tmp_path, "looks")), len(shelf(tmp_path, "named"))) == (3, 2)


def sealed(path: Path, body: bytes) -> bytes:
    """A file of the cache whose seal fits, whatever is in it."""
    return hashlib.sha256(path.name.encode() + body).digest() + body


DAMAGE: dict[str, Callable[[Path, bytes], bytes]] = {
    "empty": lambda path, data: b"",
    "cut": lambda path, data: data[:1000],
    "half written": lambda path, data: data[: len(data) // 2] + bytes(len(data) // 2),
    "a bit of a node": lambda path, data: data[:-700000] + bytes([data[-700000] ^ 1]) + data[-699999:],
    "a letter of a name": lambda path, data: data.replace(b"made up", b"made un"),
    "another seal": lambda path, data: bytes(32) + data[32:],
    "sealed: cut": lambda path, data: sealed(path, data[32:-4]),
    "sealed: longer": lambda path, data: sealed(path, data[32:] + bytes(4)),
    "sealed: another version": lambda path, data: sealed(path, data[32:].replace(b"lattice sdev 1", b"lattice sdev 0")),
    "sealed: a CLF": lambda path, data: sealed(path, b"<?xml version='1.0'?>\n<ProcessList/>"),
    "sealed: fewer nodes": lambda path, data: sealed(path, data[32:].replace(b"[3, 3, 3, 3]", b"[2, 2, 2, 3]")),
    "sealed: no list": lambda path, data: sealed(path, data[32:].replace(b'"nodes": [3, 3, 3, 3]', b'"nodes": 3')),
    "sealed: below no node": lambda path, data: sealed(path, data[32:].replace(b"[3, 3, 3, 3]", b"[-3, 3, 3, 3]")),
    "sealed: infinite": lambda path, data: sealed(path, data[32:-400] + b"\xff" * 400),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("kind", ["looks", "named"])
def test_a_damaged_kept_look_is_built_again(kind: str, damage: Any, builds: list[Any], tmp_path: Path) -> None:
    def read() -> SDev:
        found = load("vision") if kind == "named" else load_built(load_profile("vision"))
        assert isinstance(found, SDev)
        return found

    wanted = read().sha256
    [kept] = shelf(tmp_path, kind)
    whole = kept.read_bytes()
    assert damage(kept, whole) != whole
    kept.write_bytes(damage(kept, whole))
    for other in shelf(tmp_path, "looks") if kind == "named" else []:
        other.unlink()
    for _ in range(2):
        assert read().sha256 == wanted
        assert len(builds) == 2
        assert kept.read_bytes() == whole


def test_what_is_kept_by_another_name_is_not_taken(builds: list[Any], tmp_path: Path) -> None:
    vision = load("vision").sha256
    [first] = shelf(tmp_path, "named")
    premier = load("premier").sha256
    [second] = set(shelf(tmp_path, "named")) - {first}
    assert vision != premier
    os.replace(second, first)
    assert load("vision").sha256 == vision


FILES = {
    "look.toml": 'extends = "shows/base.toml"\nflare = 0.001\n[print]\nextends = "print.toml"\n',
    "shows/base.toml": 'extends = "deep/root.toml"\npush_stops = 0.5\n',
    "shows/deep/root.toml": 'extends = "vision"\nnegative = "neg.toml"\n',
    "shows/deep/neg.toml": 'extends = "more/neg.toml"\nname = "mine"\n',
    "shows/deep/more/neg.toml": 'extends = "kodak_5207"\nexposure_index = 250\n',
    "print.toml": 'extends = "kodak_2383"\nlad = [1.0, 1.0, 1.0]\n',
}
CHANGES = {
    "look.toml": ("0.001", "0.002"),
    "shows/base.toml": ("0.5", "0.25"),
    "shows/deep/root.toml": ('"vision"', '"premier"'),
    "shows/deep/neg.toml": ("more/neg.toml", "../other.toml"),
    "shows/deep/more/neg.toml": ("250", "500"),
    "print.toml": ("[1.0, 1.0", "[1.1, 1.0"),
}


@pytest.fixture
def look(tmp_path: Path) -> Path:
    """A look that extends files that extend others, with stocks that do, by paths and by names."""
    for name, text in {**FILES, "shows/other.toml": 'extends = "kodak_5213"\n'}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "look.toml"


@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_anywhere_is_another_look(name: str, look: Path, builds: list[Any]) -> None:
    first, path = load(look).sha256, look.parent / name
    before, state = path.read_text(), path.stat()
    after = before.replace(*CHANGES[name])
    assert after != before
    path.write_text(after)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))  # as a copy that keeps times would
    changed = load(look)
    assert changed.sha256 != first
    assert changed.sha256 == load_built(load_profile(look)).sha256
    assert len(builds) == 2
    path.write_text(before)
    assert load(look).sha256 == first
    assert len(builds) == 2


def test_a_residual_that_changes_is_another_look(tmp_path: Path, builds: list[Any]) -> None:
    rows = "[" + ", ".join(["[0, 0, 0, 0, 0, 0, 0, 0, 0]"] * 9) + "]"
    base = f'extends = "vision"\n[residual]\nsize = 3\noffsets = {rows}\n'
    write_toml(tmp_path / "base.toml", base)
    path = write_toml(tmp_path / "look.toml", 'extends = "base.toml"\n')
    first = load(path).sha256
    write_toml(tmp_path / "base.toml", base.replace("[0, 0", "[1, 0", 1))
    assert load(path).sha256 != first


@pytest.mark.parametrize("linked", ["look.toml", "shows/base.toml", "shows", "print.toml"])
def test_a_link_that_leads_elsewhere_is_another_look(linked: str, look: Path, builds: list[Any]) -> None:
    path = look.parent / linked
    real, other = (path.with_name(f"{name}{path.suffix}") for name in ("real", "another"))
    path.rename(real)
    path.symlink_to(real)
    first = load(look).sha256
    assert load(look).sha256 == first
    subprocess.run(["cp", "-r", real, other], check=True)
    name = next(name for name in FILES if name.startswith(linked))
    target = other / Path(name).relative_to(linked) if linked == "shows" else other
    target.write_text(target.read_text().replace(*CHANGES[name]))
    path.unlink()
    path.symlink_to(other)
    assert load(look).sha256 != first


def test_files_of_one_name_in_other_folders_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, builds: list[Any]
) -> None:
    found = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_toml(tmp_path / name / "look.toml", f'extends = "base.toml"\ndescription = "{name}"\n')
        write_toml(tmp_path / name / "base.toml", 'extends = "vision"\n')
        monkeypatch.chdir(tmp_path / name)
        found.append(load("look.toml").sha256)
    assert found[0] != found[1]


def test_a_file_in_the_working_folder_hides_no_shipped_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, builds: list[Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    shipped = load("vision").sha256
    for name in ("vision", "vision.toml", "kodak_5219.toml"):
        write_toml(tmp_path / name, 'extends = "premier"\n')
    assert load("vision").sha256 == shipped
    assert load("vision.toml").sha256 != shipped


@pytest.mark.parametrize("change", ["vision.toml", "stocks/kodak_5219.toml", "densitometry.toml"])
def test_a_shipped_file_that_changes_is_another_look(change: str, tmp_path: Path) -> None:
    """In a copy of the package, since this one's files are not ours to change."""
    for name in ("lattice", "profiles"):
        subprocess.run(["cp", "-r", ROOT / name, tmp_path], check=True)
    say = (
        "import sys\nsys.meta_path = [each for each in sys.meta_path if 'editable' not in type(each).__module__]\n"
        "sys.path.insert(0, sys.argv[1])\nimport lattice.looks.digest as d\n"
        "assert d.__file__.startswith(sys.argv[1]), d.__file__\nprint(d.look_digest('vision'))"
    )

    def digest() -> str:
        done = subprocess.run([sys.executable, "-c", say, tmp_path], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    first = digest()
    assert len(first) == 64
    assert digest() == first
    path = tmp_path / "profiles" / change
    path.write_text(path.read_text() + "\n")
    assert digest() != first


def test_a_change_between_reading_and_keeping_keeps_nothing(
    look: Path, builds: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    read = lattice.looks.load.read_extended

    def late(path: Path, kind: Any) -> Any:
        values = read(path, kind)
        look.write_text(FILES["look.toml"].replace("0.001", "0.003"))  # an editor saves just now
        return values

    monkeypatch.setattr("lattice.looks.load.read_extended", late)
    old = load(look).sha256
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("lattice.build.device.build_device", lambda profile: make_device(grid(3) * profile.flare))
    assert load(look).sha256 == SDev.from_device(make_device(grid(3) * 0.003)).sha256 != old


READING = """
import json, sys
opened = []
sys.addaudithook(lambda event, given: event == "open" and opened.append(str(given[0])))
from lattice.looks import load_profile
from lattice.looks.digest import files_of
from lattice.looks.where import find
from lattice.build import make_chain
make_chain(load_profile(sys.argv[1]))
read = sorted({name for name in opened if name.endswith(".toml")})
print(json.dumps([read, sorted({str(path) for path, _ in files_of(find(sys.argv[1], "profile"), "profile")})]))
"""


def test_every_file_that_a_look_is_read_from_is_in_its_digest(look: Path) -> None:
    done = subprocess.run([sys.executable, "-c", READING, look], capture_output=True, text=True, check=True)
    read, digested = map(set, json.loads(done.stdout))
    assert {str(look.parent / name) for name in FILES} < digested
    assert {Path(name).name for name in read - digested} == {"densitometry.toml"}


def test_looks_do_not_depend_on_the_environment() -> None:
    """Else their digest must hold it, as it holds the compiled library that is asked for."""
    for room in ("build", "color", "looks"):
        for path in (ROOT / "lattice" / room).rglob("*.py"):
            assert "os.environ" not in path.read_text() or path.name == "digest.py", path


def test_a_look_that_cannot_be_read_says_why_as_before(look: Path, builds: list[Any]) -> None:
    load(look)
    (look.parent / "print.toml").unlink()
    with pytest.raises(lattice.LatticeError, match=r"print\.toml: expected a file, got none"):
        load(look)


def test_the_door_is_a_function() -> None:
    assert door is lattice.load
