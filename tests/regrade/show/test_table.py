"""A table of shots: what is read, and the one line on what is not."""

from __future__ import annotations

import os
import re
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from basics import one_line

from lattice.files.storage import sequence
from lattice.files.storage.views import views_of
from lattice.regrade.options import Options
from lattice.regrade.process.memory_budget import PROGRAM
from lattice.regrade.show import table
from lattice.regrade.show.table import OF_THE_RUN, Shot, read
from lattice.types import LatticeError

ENDS = 'in = "in/{name}.####.exr"\nout = "out/{name}.####.exr"\nsdev = "premier"\n'
HEAD = "name,in,out,sdev"
ROW = "sh010,a.####.exr,g.####.exr,premier"
VALUES = {
    "input": "ACEScg",
    "layers": ["diffuse", "key light"],
    "views": ["left"],
    "exposure": -0.5,
    "display": "P3-DCI",
    "printer_lights": "25;24.5;26",
    "grade": "slope 1 1 1 offset 0 0 0.01 power 1 1 1 saturation 1",
    "premult": "off",
    "compression": "dwaa:45",
    "tiles": "scanline",
    "transparent": "keep",
    "nonfinite": "error",
    "deep": "pass",
    "mips": "drop",
    "lossy": "zips",
    "verify": "crc",
    "missing": "hold",
    "engine": "numpy",
    "transfer": "cineon",
    "gray": "refuse",
    "memory": "2G",
    "threads": 3,
    "cores": 2,
}
SAID: dict[str, Any] = {
    "printer_lights": "25,24.5,26",
    "layers": ("diffuse", "key light"),
    "views": ("left",),
    "memory": 2 * 2**30 - PROGRAM,
}
EVERY = VALUES | {each.name: True for each in fields(Options) if isinstance(each.default, bool)}


def written(folder: Path, text: str | bytes, kind: str = "toml") -> Path:
    path = folder / f"show.{kind}"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def shots(folder: Path, text: str | bytes, kind: str = "toml", **told: Any) -> tuple[Shot, ...]:
    return read(written(folder, text, kind), told)


def as_toml(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else f"{value!r}"


def test_paths_are_relative_to_the_table_and_know_the_shots_name(tmp_path: Path) -> None:
    one, two = shots(tmp_path, ENDS + '[[shot]]\nname = "sh010"\n[[shot]]\nname = "sh020"\nin = "/plates/p.@.dpx"')
    assert one.source == str(tmp_path / "in/sh010.####.exr")
    assert one.target == str(tmp_path / "out/sh010.####.exr")
    assert two.source == "/plates/p.@.dpx"
    assert (one.name, one.sdev, one.frames, one.options) == ("sh010", "premier", None, Options())


def test_the_home_folder_of_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/a")
    (tmp_path / "show.toml").write_text('[[shot]]\nin = "~/s.####.exr"\nout = "g.####.exr"\nsdev = "~/l.toml"\n')
    [shot] = read(tmp_path / "show.toml")
    assert (shot.source, shot.target) == ("/home/a/s.####.exr", str(tmp_path / "g.####.exr"))
    assert shot.sdev == "/home/a/l.toml"


def test_a_shots_own_values_go_before_the_defaults_and_what_is_told_before_both(tmp_path: Path) -> None:
    text = (
        ENDS
        + 'premult = "off"\nframes = "1-9"\n[[shot]]\nname = "a"\n[[shot]]\nname = "b"\npremult = "auto"\nframes = 7'
    )
    assert [(shot.options.premult, shot.frames) for shot in shots(tmp_path, text)] == [("off", "1-9"), ("auto", "7")]
    told = shots(tmp_path, text, premult="off", sdev="vision")
    assert [(shot.options.premult, shot.sdev) for shot in told] == [("off", "vision")] * 2


@pytest.mark.parametrize("spelled", ["in_place", "in-place"])
@pytest.mark.parametrize("name", sorted(EVERY))
def test_every_option_is_read_in_both_spellings(name: str, spelled: str, tmp_path: Path) -> None:
    assert {each.name for each in fields(Options)} == set(EVERY)
    key = name.replace("_", "-") if spelled == "in-place" else name
    (shot,) = shots(tmp_path, f"{key} = {as_toml(EVERY[name])}\n{ENDS}[[shot]]\nname = 'a'")
    assert getattr(shot.options, name) == SAID.get(name, EVERY[name])
    if name in OF_THE_RUN:
        return
    value = ";".join(EVERY[name]) if isinstance(EVERY[name], list) else str(EVERY[name])
    (shot,) = shots(tmp_path, f"{HEAD},{key}\n{ROW},{value}\n", "csv")
    assert getattr(shot.options, name) == SAID.get(name, EVERY[name])


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}\n{ROW}\n",
        f"\ufeff{HEAD}\r\n{ROW}\r\n",
        f"{HEAD}\r{ROW}\r",
        f"\n\n{HEAD}\n\n{ROW}\n,,,\n",
        f" name , in,out ,sdev,frames\n{ROW},\n",
        'name,in,out,sdev\n"sh010","a.####.exr",g.####.exr, premier\n',
    ],
)
def test_a_csv_is_read_as_spreadsheets_write_it(text: str, tmp_path: Path) -> None:
    (shot,) = shots(tmp_path, text, "csv")
    assert (shot.name, shot.source, shot.sdev, shot.frames) == ("sh010", str(tmp_path / "a.####.exr"), "premier", None)


def test_a_toml_has_a_byte_order_mark_and_line_ends_of_windows(tmp_path: Path) -> None:
    text = ("\ufeff" + ENDS + "[[shot]]\nname = 'a'\n").replace("\n", "\r\n")
    assert shots(tmp_path, text)[0].name == "a"


def test_looks_in_files_are_beside_the_table_if_it_names_them(tmp_path: Path) -> None:
    text = ENDS.replace("premier", "looks/show.TOML") + "[[shot]]"
    assert shots(tmp_path, text)[0].sdev == str(tmp_path / "looks/show.TOML")
    assert shots(tmp_path, text, sdev="mine.toml")[0].sdev == "mine.toml"


def test_a_shot_without_a_name_is_called_after_its_output(tmp_path: Path) -> None:
    assert shots(tmp_path, f"in,out,sdev\n{ROW.partition(',')[2]}\n", "csv")[0].name == "g"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ENDS + "[[shot]]\nfrmes = '1'", ("shot 1: frmes: no such field; did you mean 'frames'?",)),
        (ENDS + "premlt = 'off'\n[[shot]]", ("premlt: no such field; did you mean 'premult'?",)),
        (ENDS + "name = 'a'\n[[shot]]", ("name: no such field",)),
        (ENDS + "[[shot]]\nname = 'a'\nmemory = '1G'", ("shot a: memory: no such field; it goes to the top",)),
        (ENDS + "[[shot]]\nthreads = 2", ("shot 1: threads: no such field; it goes to the top",)),
        (ENDS + "[[shot]]\nin_place = true\nin-place = false", ("in-place: expected once",)),
        (ENDS + "[[shot]]\nname='a'\n[[shot]]\nname='a'", ("shot a: expected another name",)),
        (ENDS + "[shot]\nname = 'a'", ("shot: expected tables [[shot]], with two brackets",)),
        (ENDS + "shot = 1", ("shot: expected tables [[shot]]",)),
        (ENDS, ("expected a shot, such as a table [[shot]]",)),
        ("", ("expected a shot",)),
        ("[[shot]]\nout='b'\nsdev='c'", ("shot 1: in: expected a value, got none",)),
        ("[[shot]]\nin='a'\nsdev='c'", ("shot 1: out: expected a value",)),
        ("[[shot]]\nin='a'\nout='b'", ("shot 1: sdev: expected a value",)),
        (ENDS + "[[shot]]\nname = 2026-11-29", ("shot 2026-11-29: name: expected text in quotes",)),
        (ENDS + "[[shot]]\nin = ['a']", ("in: expected text in quotes, got ['a']",)),
        (ENDS + '[[shot]]\nin = "a\\u0000"', ("in: expected text without NUL",)),
        (ENDS + "[[shot]]\nlayers = [1]", ("layers: expected a list of names, got [1]",)),
        (ENDS + "[[shot]]\nmkdir = 1", ("mkdir: expected true or false, got 1",)),
        (ENDS + "[[shot]]\nforce = 'maybe'", ("force: expected true or false, got 'maybe'",)),
        (ENDS + "[[shot]]\npremult = 'of'", ("shot 1: premult: expected auto or off, got 'of'",)),
        (ENDS + "[[shot]]\ninput = 1", ("input: expected text in quotes, got 1",)),
        (ENDS + "memory = 'much'\n[[shot]]", ("show.toml: memory: expected a size",)),
        (ENDS + "threads = -1\n[[shot]]", ("threads: expected a whole number, got -1",)),
        (ENDS + "threads = 9999999999\n[[shot]]", ("threads: expected a whole number",)),
        (ENDS + "threads = true\n[[shot]]", ("threads: expected a whole number",)),
        ("a" + ".a" * 200_000 + " = 1", ("a key of over 32 parts",)),
        ("a = " + "[" * 100_000, ("over 32 deep",)),
        ("\n".join(f"[{'.'.join(f'a{k}' for k in range(n, n + 2000))}]" for n in range(60)), ("over 32 parts",)),
        ("x = ", ("show.toml: no readable TOML",)),
        ("#" * (2**20 + 1), ("show.toml: expected at most 1,048,576 bytes, got more",)),
        ("[[shot]]".encode("utf-16"), ("UTF-16",)),
        (b"\xff", ("not UTF-8",)),
    ],
)
def test_a_toml_that_cannot_be_meant_is_refused_in_a_line(text: str | bytes, says: tuple[str], tmp_path: Path) -> None:
    one_line(lambda: shots(tmp_path, text), "show.toml", *says)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"{HEAD}\n{ROW},more,and more\n", "line 2: expected 4 values, got more"),
        (f"\r\n\n{HEAD}\n{ROW},more,and more\n", "line 4: expected 4 values, got more"),
        (f"{HEAD},in\n{ROW},b\n", "in: expected a column of its own, got it twice"),
        (f"{HEAD},\n{ROW},x\n", "shot sh010: : no such field"),
        (f"{HEAD},memory\n{ROW},1G\n", "memory: no such field; it goes to the top"),
        (f'{HEAD}\n"sh010,a,b,c\n', "unexpected end of data"),
        (f"{HEAD}\n{'a' * 200_000},a,b,c\n", "field limit"),
        (f"{HEAD}\nsh\x000,a,b,c\n", "NUL"),
        (f"{HEAD}\n", "expected a shot"),
        ("", "expected a shot"),
        (f"{HEAD}\n" + "".join(f"{k},a,b,c\n" for k in range(10_001)), "expected at most 10000 shots, got more"),
    ],
)
def test_a_csv_that_cannot_be_meant_is_refused_in_a_line(text: str, says: str, tmp_path: Path) -> None:
    one_line(lambda: shots(tmp_path, text, "csv"), "show.csv", says)


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("," * 1_000_000 + "\n", "csv", "expected a shot"),
        ("a," * 500_000 + "\n", "csv", "a: expected a column of its own, got it twice"),
        ("a," * 2 + "," * 1000 + "\n" + ",\n" * 500_000, "csv", "expected a column of its own"),
        ("," * 1000 + "\n" + ",\n" * 500_000, "csv", "expected a shot"),
        (f"{HEAD}\n" + "a,b,c,d\n" * 120_000, "csv", "expected at most 10000 shots, got more"),
        (ENDS + f'[[shot]]\nname = "{"a" * 500_000}"', "toml", "name: expected at most 4,096 letters, got 500,000"),
        (
            ENDS.replace("{name}", "{name}" * 500) + f'[[shot]]\nname = "{"a" * 4000}"',
            "toml",
            "in: expected at most 4,096 letters with the name, got",
        ),
        (ENDS + f"[[shot]]\nforce = [{'1,' * 400_000}]", "toml", "force: expected true or false, got [1, 1"),
        (ENDS + f"[[shot]]\n{'a' * 500_000} = 1", "toml", "aaa: no such field"),
        (f"{'a' * 100_000},{'a' * 100_000}\n", "csv", "aaa: expected a column of its own, got it twice"),
        (ENDS + f"[[shot]]\ngray = '{'a' * 500_000}'", "toml", "gray: expected rgb or refuse, got 'aaa"),
        (ENDS + f"[[shot]]\ncompression = '{'a' * 500_000}'", "toml", "piz"),
    ],
)
def test_a_large_table_is_refused_at_once(text: str, kind: str, says: str, tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(LatticeError, match=re.escape(says)) as caught:
        shots(tmp_path, text, kind)
    assert time.monotonic() - started < 15  # seconds
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("name", ["a#1.left", "s@2", "b%04d", "c$F4", "d[1-2]"])
def test_a_shots_name_is_no_field(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / f"{name}.0007.exr").touch()
    (shot,) = shots(tmp_path, ENDS.replace("in/{name}", "{name}/{name}") + f"[[shot]]\nname = '{name}'")
    found = sequence.find(shot.source)
    assert [each.frame for each in found] == [7]
    assert sequence.targets(shot.target, found) == (tmp_path / "out" / f"{name}.0007.exr",)
    (shot,) = shots(tmp_path, ENDS + f"[[shot]]\nname = '{name}%V'")
    assert views_of(shot.source) == ()


def test_what_is_no_table_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "folder.csv").mkdir()
    for name, says in (
        ("pipe.toml", "a pipe"),
        ("folder.csv", "a folder"),
        ("none.csv", "none"),
        ("a.txt", ".toml or"),
    ):
        one_line(lambda name=name: read(tmp_path / name), name, says)


def test_shots_of_the_same_options_share_them(tmp_path: Path) -> None:
    one, two = shots(tmp_path, ENDS + "[[shot]]\nname='a'\n[[shot]]\nname='b'")
    assert one.options is two.options
    assert table.MOST_SHOTS == 10_000
