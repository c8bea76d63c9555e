"""Frames on disk: ranges, patterns and targets."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from lattice.files.storage import sequence
from lattice.files.storage.views import of_view, views_of
from lattice.types import LatticeError


@pytest.mark.parametrize(
    ("text", "frames"),
    [
        ("1-24", tuple(range(1, 25))),
        ("1-100x5", tuple(range(1, 101, 5))),
        ("1,5,10-12", (1, 5, 10, 11, 12)),
        ("7", (7,)),
        ("-3--1", (-3, -2, -1)),
        ("5,5,1", (5, 1)),
        ("1-10:3", (1, 4, 7, 10)),
        ("10-1x4", (10, 6, 2)),
        (" 1 - 3 ", (1, 2, 3)),
    ],
)
def test_frame_ranges(text, frames):
    assert sequence.parse_frames(text) == frames


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "1-",
        "1.5",
        "1-10x0",
        "1;2",
        "1-5#",
        "1-5y2",
        "1,,2",
        "9" * 5000,
        "1-" + "9" * 5000,
        "1-2x" + "9" * 5000,
        "\u0663",
    ],
)
def test_frame_ranges_that_are_none(text):
    with pytest.raises(LatticeError, match=r"^frames: expected frames such as 1-24, 1-100x5 or 1,5,10-20, got "):
        sequence.parse_frames(text)


def test_many_scattered_frames_are_read_at_once():
    frames = tuple(k * k + 7 * k for k in range(1, 20_000))
    started = time.monotonic()
    assert sequence.parse_frames(",".join(map(str, frames))) == frames
    assert time.monotonic() - started < 5  # seconds; 3,000 frames took fifteen when each was compared with all


@pytest.mark.parametrize("text", ["1-99999999999", "1-100001", "1-60000,1-60000"])
def test_frame_ranges_that_are_too_long(text):
    with pytest.raises(LatticeError, match=r"^frames: expected 100000 at most, got \d+ in '1-"):
        sequence.parse_frames(text)


def test_an_at_sign_beside_another_field_is_a_letter(tmp_path):
    (tmp_path / "sh@t.0001.exr").touch()
    (found,) = sequence.find(tmp_path / "sh@t.####.exr")
    assert found.frame == 1
    assert sequence.targets(tmp_path / "g@.####.exr", (found,)) == (tmp_path / "g@.0001.exr",)


@pytest.fixture
def shots(tmp_path, monkeypatch):
    folder = tmp_path / "a#b@c %04d"
    folder.mkdir()
    for name in (
        "s.-003.exr",
        "s.0001.exr",
        "s.0002.exr",
        "s.0010.exr",
        "s.10000.exr",
        "s.1.exr",
        "s.012.exr",
        "s.0001.5.exr",
        "s.0003.exr.bak",
        ".s.0004.exr.host.1.tmp",
        "t-0007.exr",
        "plain#1.exr",
        "0009.exr",
    ):
        (folder / name).touch()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("pattern", "frames"),
    [
        ("s.####.exr", (-3, 1, 2, 10, 10000)),
        ("s.%04d.exr", (-3, 1, 2, 10, 10000)),
        ("s.@@@@.exr", (-3, 1, 2, 10, 10000)),
        ("s.$F4.exr", (-3, 1, 2, 10, 10000)),
        ("s.$F.exr", (1, 10000)),
        ("s.$F3.exr", (-3, 12, 10000)),
        ("s.#.exr", (1, 10000)),
        ("s.@.exr", (1, 10000)),
        ("s.%d.exr", (1, 10000)),
        ("s.###.exr", (-3, 12, 10000)),
        ("t-####.exr", (7,)),
        ("####.exr", (9,)),
        ("./s.####.exr", (-3, 1, 2, 10, 10000)),
    ],
)
def test_patterns_find_their_frames(shots, pattern, frames):
    for text in (pattern, str(shots / pattern)):
        found = sequence.find(text)
        assert tuple(f.frame for f in found) == frames
        assert all(f.path.exists() for f in found)


def test_asked_for_frames_may_be_absent(shots):
    assert [(f.frame, f.path.name) for f in sequence.find("s.####.exr", "1-3")] == [
        (1, "s.0001.exr"),
        (2, "s.0002.exr"),
        (3, "s.0003.exr"),
    ]


def test_a_plain_file_is_one_frame(shots):
    assert sequence.find("s.0001.exr") == (sequence.FramePath(None, Path("s.0001.exr")),)
    assert sequence.find("plain#1.exr") == (sequence.FramePath(None, Path("plain#1.exr")),)


@pytest.mark.parametrize(
    ("pattern", "frames", "why"),
    [
        ("x.####.exr", None, "x.####.exr: expected files of this pattern, got none"),
        ("x.####.exr", "1-5", "x.####.exr: expected files of this pattern, got none"),
        ("absent/s.####.exr", None, "expected files of this pattern, got none"),
        ("x.exr", None, "x.exr: expected a file, got none"),
        ("s.0001.exr", "1", "s.0001.exr: expected a frame field such as #### for frames 1, got a plain file"),
        ("s.####.%04d.exr", None, "expected one frame field, got #### and %04d"),
    ],
)
def test_patterns_that_name_nothing(shots, pattern, frames, why):
    with pytest.raises(LatticeError, match=why):
        sequence.find(pattern, frames)


def test_targets(shots):
    two = sequence.find("s.####.exr", "1,2")
    assert [str(p) for p in sequence.targets("o/g.####.exr", two)] == ["o/g.0001.exr", "o/g.0002.exr"]
    assert [str(p) for p in sequence.targets("g.%d.exr", two)] == ["g.1.exr", "g.2.exr"]
    assert [str(p) for p in sequence.targets("g.$F3.exr", two)] == ["g.001.exr", "g.002.exr"]
    assert [str(p) for p in sequence.targets("g.####.exr", sequence.find("s.####.exr", "-3"))] == ["g.-003.exr"]
    assert sequence.targets("g.exr", two[:1]) == (Path("g.exr"),)
    for pattern, sources, why in (
        ("g.exr", two, "expected a frame field such as #### for 2 frames, got none"),
        (str(shots), two, "got a folder"),
        ("o/", two, "got a folder"),
        ("g.#.exr", sequence.find("s.0001.exr"), "expected a plain output path"),
    ):
        with pytest.raises(LatticeError, match=why):
            sequence.targets(pattern, sources)
    os.symlink("g.0001.exr", "g.0002.exr")
    with pytest.raises(LatticeError, match=r"g.0002.exr: expected one source, got s.0001.exr and s.0002.exr"):
        sequence.targets("g.####.exr", two)


@pytest.mark.parametrize(
    ("pattern", "frames", "names"),
    [
        ("a.3-5####.exr", "3-5", ["a.0003.exr", "a.0004.exr", "a.0005.exr"]),
        ("a.3-7x2####.exr", "3-7x2", ["a.0003.exr", "a.0005.exr", "a.0007.exr"]),
        ("b.9-11#.exr", "9-11", ["b.9.exr", "b.10.exr", "b.11.exr"]),
        ("b.[9-11].exr", "9-11", ["b.9.exr", "b.10.exr", "b.11.exr"]),
        ("a.[0003-0004].exr", "0003-0004", ["a.0003.exr", "a.0004.exr"]),
        ("c.-2--1@@.exr", "-2--1", ["c.-2.exr", "c.-1.exr"]),
    ],
)
def test_a_pattern_may_name_its_frames(pattern: str, frames: str, names: list[str], tmp_path: Path) -> None:
    (tmp_path / names[0]).touch()
    asked = sequence.range_in(tmp_path / pattern, None)
    assert asked == frames
    assert [found.path.name for found in sequence.find(tmp_path / pattern, asked)] == names
    with pytest.raises(LatticeError, match=r"expected frames in the pattern or in --frames, got .* and 1-2$"):
        sequence.range_in(tmp_path / pattern, "1-2")
    with pytest.raises(LatticeError, match="got a range, which belongs to IN"):
        sequence.targets(tmp_path / pattern.replace(".exr", ".tif"), sequence.find(tmp_path / pattern, asked))


def test_a_file_that_is_there_is_no_range(tmp_path: Path) -> None:
    (tmp_path / "a.[1-2].exr").touch()
    assert sequence.range_in(tmp_path / "a.[1-2].exr", None) is None
    assert sequence.find(tmp_path / "a.[1-2].exr")[0].frame is None


def test_negative_frames_are_found_under_both_paddings(tmp_path: Path) -> None:
    for name in ("c.-0002.exr", "c.-001.exr", "c.0000.exr", "d.-1.exr"):
        (tmp_path / name).touch()
    found = sequence.find(tmp_path / "c.####.exr")
    assert [(each.frame, each.path.name) for each in found] == [
        (-2, "c.-0002.exr"),
        (-1, "c.-001.exr"),
        (0, "c.0000.exr"),
    ]
    assert sequence.targets(tmp_path / "o.####.exr", found)[0].name == "o.-002.exr"


@pytest.mark.parametrize(
    ("pattern", "there", "views"),
    [
        (
            "s.%V.####.exr",
            ["s.left.0001.exr", "s.right.0001.exr", "s.left.0002.exr", "s.x.y.0001.exr"],
            ["left", "right"],
        ),
        ("%V/s.%V.####.exr", ["left/s.left.0001.exr", "right/s.left.0001.exr"], ["left"]),
        ("s.%v.####.exr", ["s.l.0001.exr", "s.r.0001.exr", "s.left.0001.exr"], ["l", "r"]),
        ("s_%V.exr", ["s_left.exr", "s_.exr"], ["left"]),
        ("s.####.exr", ["s.0001.exr"], []),
        (r"a\#1.%V.####.exr", ["a#1.left.0001.exr", "a1.right.0001.exr"], ["left"]),
        ("s.%V.1-2####.exr", ["s.left.0001.exr"], ["left"]),
    ],
)
def test_views_are_those_on_disk(pattern: str, there: list[str], views: list[str], tmp_path: Path) -> None:
    for name in there:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert list(views_of(tmp_path / pattern)) == views
    for view in views:
        assert sequence.find(of_view(tmp_path / pattern, view))


def test_patterns_of_views_that_cannot_be(tmp_path: Path) -> None:
    for pattern, why in (
        ("s.%V.exr", "expected files of a view, such as .*s.left.exr, got none"),
        ("%V.%v.exr", "got both"),
    ):
        with pytest.raises(LatticeError, match=why):
            views_of(tmp_path / pattern)
    with pytest.raises(LatticeError, match="expected %V or %v for the view, as IN has, got none"):
        of_view(tmp_path / "out.exr", "left")


@pytest.mark.parametrize("field", ["#" * 19, "@" * 200, "%019d", "%099999999999d", "$F" + "9" * 100])
def test_a_field_of_too_many_digits_is_refused(field, shots):
    for call in (
        lambda: sequence.find(f"s.{field}.exr"),
        lambda: sequence.targets(f"o.{field}.exr", sequence.find("s.####.exr", "1")),
    ):
        with pytest.raises(LatticeError, match="expected a frame field of at most 18 digits"):
            call()


def test_numbers_on_disk_that_are_no_frames_are_left_out(shots):
    for name in ("9" * 18, "9" * 19, "9" * 200):
        (shots / f"n.{name}.exr").touch()
    assert [found.frame for found in sequence.find("n.#.exr")] == [int("9" * 18)]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (r"shot\#1.exr", "shot#1.exr"),
        (r"a\@b\%d\$F4.exr", "a@b%d$F4.exr"),
        (r"\#\#\#.exr", "###.exr"),
        (r"back\slash.exr", r"back\slash.exr"),
    ],
)
def test_letters_of_a_field_can_be_meant(typed, meant, shots):
    source = sequence.find("s.0001.exr")
    assert sequence.targets(typed, source) == (Path(meant),)
    Path(meant).touch()
    assert sequence.find(typed) == sequence.find(meant) == (sequence.FramePath(None, Path(meant)),)
    assert sequence.targets(meant, source) == (Path(meant),)


def test_letters_of_a_field_beside_a_field(shots):
    two = sequence.find("s.####.exr", "1,2")
    assert [str(path) for path in sequence.targets(r"g\#1_\%d.####.exr", two)] == ["g#1_%d.0001.exr", "g#1_%d.0002.exr"]


def test_an_escaped_name_is_found_beside_its_numbers(shots):
    Path("g#1.0007.exr").touch()
    assert [found.frame for found in sequence.find(r"g\#1.####.exr")] == [7]
    assert sequence.beside(r"o\#1.####.exr", ".sdev.jsonl") == Path("o#1.sdev.jsonl")
