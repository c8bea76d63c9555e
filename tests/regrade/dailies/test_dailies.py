"""Dailies: what is seen in the movie is what a regrade makes, and a movie is whole or is not there."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

import movie_samples
import numpy as np
import pytest
from basics import one_line
from dailies_samples import SIDE, XY, graded, look, planes_of, reel, save_shot
from deep_samples import save_deep
from exr_samples import header_of, save, smooth
from movie_samples import CODEC_ERROR, decoded, middles, patches, rgb_bound, to_rgb
from part_samples import save_parts

from lattice.files.exr import file as exr
from lattice.files.exr.header import Attribute
from lattice.files.movie import yuv
from lattice.files.movie.codecs import CODECS
from lattice.regrade import plan as regrade_plan
from lattice.regrade import regrade
from lattice.regrade.dailies import render as dailies
from lattice.regrade.dailies.plan import plan
from lattice.regrade.dailies.render import make, shown


@pytest.fixture
def shot(folder: Path) -> Path:
    """Four frames of flat patches in an order of their own; the third is not on disk."""
    return save_shot(folder)


@pytest.mark.parametrize("codec", CODECS)
def test_the_decoded_pixels_are_the_graded_ones(codec: str, shot: Path) -> None:
    made = reel(shot, codec=codec, fps="23.976")
    assert make(made)
    frames = decoded(shot / "a.mov")
    assert len(frames) == 4
    bound = rgb_bound(made.movie.layout, made.movie.matrix, CODEC_ERROR[codec] + 0.501)  # half a code of our own
    for frame, (_, got) in zip((1, 2, 4, 5), frames, strict=True):
        meant = graded(look(), shot / f"s_v01.{frame:04d}.exr")
        off = middles(to_rgb(got, made.movie.layout, made.movie.matrix) - meant, SIDE)
        assert (np.abs(off).max(axis=(1, 2, 3, 4)) <= bound).all()


def test_alpha_nan_and_infinities_are_seen_as_a_regrade_writes_them(folder: Path) -> None:
    color = planes_of(patches(side=SIDE).astype(np.float32))
    color["R"][40:50, 40:50], color["G"][80:90, 80:90], color["B"][100:110, 100:110] = np.nan, np.inf, -np.inf
    alpha = np.where(np.arange(256) < 128, 1, 0.25).astype(np.float32) * np.ones((192, 1), np.float32)
    alpha[:32], color["R"][:16], color["G"][:16], color["B"][:16] = 0, 0, 0, 0
    save(folder / "s.exr", {**color, "A": alpha})
    [report] = regrade(regrade_plan(look(), folder / "s.exr", folder / "g.exr"))
    written = exr.read(folder / "g.exr").channels
    meant = np.clip(np.nan_to_num([written[name] for name in "RGB"], nan=0.0), 0, 1)
    made = reel(folder, source="s.exr")
    told: list[Any] = []
    assert make(made, told.append)
    assert [(r.nan, r.inf) for r in told] == [(report.nan, report.inf)] == [(100, 200)]
    planes, seen = dailies._picture(made.pictures[0], made)
    assert seen is not None
    assert seen.status == "ok"
    sent = yuv.planes(np.asarray(meant, np.float32), made.movie.layout, "BT.709")
    assert all(np.array_equal(one, other) for one, other in zip(planes, sent, strict=True))
    assert not meant[:, :16].any()


@pytest.mark.parametrize(
    ("display", "origin"),
    [
        ((0, 0, 19, 9), (-3, -2)),
        ((0, 0, 19, 9), (5, 4)),
        ((10, 10, 29, 19), (12, 0)),
        ((0, 0, 19, 9), (100, 100)),
        ((0, 0, 19, 9), (0, 0)),
    ],
)
def test_the_display_window_is_the_picture(display: Any, origin: tuple[int, int]) -> None:
    channels = planes_of(np.random.default_rng(0).uniform(0.1, 0.9, (3, 12, 14)).astype(np.float32))
    picture = shown(list(channels.values()), header_of(channels, origin=origin, display=display))
    assert picture.shape == (3, 10, 20)
    for y in range(10):
        for x in range(20):
            column, row = x + display[0] - origin[0], y + display[1] - origin[1]
            inside = 0 <= column < 14 and 0 <= row < 12
            assert picture[:, y, x].tolist() == [plane[row, column] if inside else 0 for plane in channels.values()]


def test_overscan_is_cropped_in_the_movie_and_wide_pixels_stay_wide(folder: Path) -> None:
    save(
        folder / "s.exr",
        planes_of(patches(side=SIDE)),
        {"pixelAspectRatio": Attribute.floats("float", 16 / 15)},
        origin=(-SIDE, -SIDE),
        display=(0, 0, 127, 63),
    )
    assert make(reel(folder, source="s.exr"))
    [(_, planes)] = decoded(folder / "a.mov")
    assert planes[0].shape == (64, 128)
    with movie_samples.av.open(str(folder / "a.mov")) as file:
        assert str(file.streams.video[0].sample_aspect_ratio) == "16/15"
    meant = graded(look(), folder / "s.exr")[:, SIDE : SIDE + 64, SIDE : SIDE + 128]
    back = middles(to_rgb(planes, CODECS["prores422hq"].layout, "BT.709") - meant, SIDE)
    assert np.abs(back).max() < rgb_bound(CODECS["prores422hq"].layout, "BT.709", 1.501).max()


def test_a_display_without_tags_is_noted(shot: Path) -> None:
    made = reel(shot, sdev=look(2.35, **{XY: ""}))
    assert (made.movie.primaries, made.movie.transfer) == (2, 2)
    assert sum("left unspecified" in note for note in made.notes) == 2


def test_deep_frames_are_refused_whatever_a_regrade_would_do(folder: Path) -> None:
    save_deep(folder / "d.0001.exr")
    one_line(lambda: reel(folder, source="d.####.exr", options={"deep": "pass"}), "d.0001.exr", "deep pixels")


def test_the_first_view_is_shown_or_the_one_asked_for(folder: Path) -> None:
    arrays = {
        f"{view}{name}": smooth((16, 16), seed=k)
        for k, (view, name) in enumerate((view, name) for view in ("", "Left.") for name in "RGB")
    }
    names = b"".join(len(name).to_bytes(4, "little") + name for name in (b"right", b"Left"))
    save(folder / "s.exr", arrays, {"multiView": Attribute("stringvector", names)})
    assert reel(folder, source="s.exr").shots[0].channels == ("R", "G", "B")
    assert reel(folder, source="s.exr", options={"views": ("Left",)}).shots[0].channels == (
        "Left.R",
        "Left.G",
        "Left.B",
    )
    for views, says in (
        (("mid",), "expected right or Left, got mid"),
        (("right", "Left"), "expected one for a movie, got right"),
    ):
        one_line(lambda views=views: reel(folder, source="s.exr", options={"views": views}), f"views: {says}")


def test_alpha_in_a_part_of_its_own_makes_the_same_picture(folder: Path) -> None:
    color = {name: np.zeros((16, 16), np.float16) for name in "RGBA"}
    color["R"][:8], color["A"][:8] = 0.25, 0.5
    save(folder / "s.exr", color)
    save_parts(folder / "t.exr", ("rgb", {name: color[name] for name in "RGB"}, {}), ("alpha", {"A": color["A"]}, {}))
    made = [reel(folder, source=source) for source in ("s.exr", "t.exr")]
    (one, *_), (other, *_) = (dailies._seen(each.jobs[0], each.shots[0], each.options) for each in made)
    assert np.array_equal(one, other)
    assert not other[:, 8:].any()


def test_missing_frames_end_it_before_it_begins(shot: Path) -> None:
    for frames in (None, "1-5"):
        one_line(
            lambda frames=frames: reel(shot, missing="error", frames=frames),
            "s_v01.####.exr: expected all of 5 frames on disk, got none for 3; add --missing skip, hold or black",
        )
    assert len(reel(shot, missing="error", frames="1,2,4,5").jobs) == 4


@pytest.mark.parametrize(("missing", "frames"), [("skip", 4), ("hold", 5), ("black", 5)])
def test_missing_frames_are_left_out_held_or_black(missing: str, frames: int, shot: Path) -> None:
    made = reel(shot, missing=missing, codec="mjpeg")
    assert [note for note in made.notes if "missing frames are" in note]
    assert make(made)
    luma = [planes[0] for _, planes in decoded(shot / "a.mov")]
    assert len(luma) == frames
    if missing == "hold":
        assert np.array_equal(luma[2], luma[1])
    assert not np.array_equal(luma[1], luma[-2])
    assert (luma[2] == 0).all() == (missing == "black")


def test_a_frame_that_is_not_like_the_first_ends_it_before_it_begins(shot: Path) -> None:
    save(shot / "s_v01.0004.exr", {name: smooth((8, 6)) for name in "RGB"})
    one_line(
        lambda: reel(shot),
        "s_v01.0004.exr: displayWindow: expected 256 x 192 pixels of aspect 1 as in",
        "s_v01.0001.exr, got 6 x 8 pixels",
    )
    save(shot / "s_v01.0004.exr", {name: smooth((8, 6)) for name in "XYZ"})
    one_line(lambda: reel(shot), "s_v01.0004.exr: expected color channels R, G, B")
    save(shot / "s_v01.0004.exr", {name: smooth((8, 6)) for name in "RGB"}, {"sdev:name": Attribute.text("premier")})
    one_line(
        lambda: reel(shot), "s_v01.####.exr: frame 4 is graded, frames 1-2,5 are not; --frames 4 takes the graded ones"
    )
    save(shot / "s_v01.0004.exr", {name: smooth((8, 6)) for name in "RGB"})
    first = shot / "s_v01.0001.exr"
    at = first.read_bytes().index(b"pixelAspectRatio\0float\0") + 27
    first.write_bytes(first.read_bytes()[:at] + bytes(4) + first.read_bytes()[at + 4 :])
    one_line(lambda: reel(shot), "s_v01.0001.exr: pixelAspectRatio: expected a number above 0, got 0")
    save(first, planes_of(patches()), display=(0, 0, 99999, 9))
    one_line(
        lambda: reel(shot, frames="1"),
        "s_v01.0001.exr: displayWindow: expected up to 16384 pixels a side",
        "got 100000 x 10",
    )


def test_targets_that_cannot_be(shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one_line(lambda: reel(shot, "absent/a.mov"), "expected an existing folder, got none at", "--mkdir makes it")
    os.link(shot / "s_v01.0001.exr", shot / "link.mov")
    one_line(lambda: reel(shot, "link.mov"), "link.mov: expected an output apart from the inputs, got an input")
    (shot / "there.mov").write_bytes(b"old")
    one_line(
        lambda: plan(look(), shot / "s_v01.####.exr", shot / "there.mov"), "is there already: --overwrite replaces it"
    )
    monkeypatch.setitem(sys.modules, "av", None)
    one_line(lambda: reel(shot), "dailies: the package av is not installed: pip install '.[dailies]'")


def test_a_frame_that_cannot_be_read_leaves_the_old_movie(shot: Path) -> None:
    (shot / "a.mov").write_bytes(b"old")
    made = reel(shot)
    (shot / "s_v01.0004.exr").write_bytes((shot / "s_v01.0004.exr").read_bytes()[:-10])
    one_line(lambda: make(made), "s_v01.0004.exr: expected", "cut short")
    save(shot / "s_v01.0004.exr", {name: smooth((8, 6)) for name in "RGB"})
    one_line(lambda: make(made), "s_v01.0004.exr: displayWindow: expected 256 x 192")
    assert (shot / "a.mov").read_bytes() == b"old"


def test_told_to_stop_it_leaves_the_old_movie(shot: Path) -> None:
    (shot / "a.mov").write_bytes(b"old")
    told: list[Any] = []
    assert not make(reel(shot), told.append, stop=lambda: len(told) == 2)
    assert len(told) == 2
    assert (shot / "a.mov").read_bytes() == b"old"


@pytest.mark.parametrize("threads", [1, 3])
def test_frames_in_memory_are_bounded_and_come_in_order(
    threads: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for frame in range(20):
        save(folder / f"s.{frame:04d}.exr", {name: smooth((16, 16), seed=frame) for name in "RGB"})
    begun, most, told, lock, real = 0, 0, [], threading.Lock(), dailies._picture

    def watched(*arguments: Any) -> Any:
        nonlocal begun, most
        with lock:
            begun += 1
            most = max(most, begun - len(told))
        return real(*arguments)

    monkeypatch.setattr(dailies, "_picture", watched)
    assert make(reel(folder, source="s.####.exr", options={"threads": threads}), told.append)
    assert [report.frame for report in told] == list(range(20))
    assert most <= threads + 1  # those in hand, and the one that is compressed


@pytest.mark.parametrize("straight", [False, True])
@pytest.mark.usefixtures("oiio")
def test_other_images_are_shown_as_the_exrs_of_their_light(straight: bool, folder: Path) -> None:
    from lattice.files.images.file import write
    from lattice.files.images.formats import format_of
    from lattice.files.images.spec import EncodedImage
    from lattice.files.source import read_parts

    name = folder / "s.0001.tif"
    codes = np.random.default_rng(0).integers(0, 65536, (SIDE, SIDE, 4)).astype(np.uint16)
    codes[..., 3] = np.where(codes[..., 3] < 32768, 0, 65535)  # so that multiplying and dividing rounds nothing
    kind = format_of(name)
    assert kind is not None
    write(name, kind, EncodedImage(codes, straight=straight))
    light = dict(read_parts(name)[0].channels)
    if straight:
        light |= {color: light[color] * light["A"] for color in "RGB"}
    save(folder / "s.0001.exr", light)
    for suffix in (".tif", ".exr"):
        assert make(reel(folder, f"{suffix[1:]}.mov", source=f"s.####{suffix}", codec="mjpeg"))
    (_, ours), (_, meant) = (decoded(folder / f"{suffix}.mov")[0] for suffix in ("tif", "exr"))
    for one, other in zip(ours, meant, strict=True):
        np.testing.assert_array_equal(one, other)
