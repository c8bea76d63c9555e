"""Burnt-in text, and the `dailies` command as a shell sees it: what it says, and what is left when it is stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import regrade_samples
from basics import one_line
from cli_samples import process, refused
from dailies_samples import look, planes_of
from exr_samples import SAID, save, smooth
from movie_samples import decoded

from lattice.files.movie import yuv
from lattice.files.movie.codecs import CODECS
from lattice.regrade import Options
from lattice.regrade.dailies import burnin
from lattice.regrade.dailies.burnin import INK, SHADE, Strip
from lattice.regrade.dailies.plan import Asked, plan
from lattice.regrade.dailies.render import _picture, make
from lattice.regrade.dailies.text import SMALLEST

pytestmark = pytest.mark.slow

WIDTH, HEIGHT = 480, 270


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six frames of noise, but the fourth, and a look."""
    folder, random = tmp_path_factory.mktemp("made"), np.random.default_rng(0)
    for frame in (1001, 1002, 1003, 1005, 1006):
        picture = random.uniform(0.2, 0.9, (3, HEIGHT, WIDTH)).astype(np.float16)
        save(folder / f"sh010_v02.{frame}.exr", planes_of(picture), SAID)
    look().save(folder / "look.clf")
    return folder


@pytest.fixture
def shot(made: Path, folder: Path) -> Path:
    """A copy of them."""
    shutil.copytree(made, folder, dirs_exist_ok=True)
    return folder


def plates(shot: Path, items: str, **more: Any) -> tuple[Any, Any]:
    """Luma of every frame with and without text: (frames, H, W) each."""
    both = []
    for burn_in in (items, ""):
        asked = Asked(burn_in=burn_in, **more)
        made = plan(look(), shot / "sh010_v02.####.exr", shot / "a.mov", asked, Options(missing="hold"))
        both.append(np.stack([_picture(each, made)[0][0] for each in made.pictures]).astype(int))
    return both[0], both[1]


def box(changed: Any) -> tuple[int, int, int, int]:
    """First and last row, first and last column, of what is true."""
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


@pytest.mark.parametrize("items", ["frame", "name", "name,frame"])
def test_text_is_at_the_bottom_and_the_rest_is_left_alone(items: str, shot: Path) -> None:
    with_text, without = plates(shot, items)
    changed = with_text != without
    left, right = changed[..., : WIDTH // 2], changed[..., WIDTH // 2 :]
    assert left.any() == ("name" in items)
    assert right.any() == ("frame" in items)
    assert not changed[:, : HEIGHT * 4 // 5].any()
    assert not changed[:, :, WIDTH * 2 // 5 : WIDTH * 3 // 5].any()
    for side, item in ((left, "name"), (right, "frame")):
        if item in items:
            top, bottom, first, last = box(side[0])
            inside = side[0, top : bottom + 1, first : last + 1]
            assert inside.mean() > 0.99  # the plate is whole
            plate = with_text[0][:, : WIDTH // 2] if item == "name" else with_text[0][:, WIDTH // 2 :]
            codes = plate[top : bottom + 1, first : last + 1]
            assert 64 + 876 * INK - 2 < codes.max() < 64 + 876 * INK + 2  # letters in full ink
            assert np.median(codes) < 64 + 876 * SHADE * 0.9  # on a dark plate


def test_each_frame_has_its_own_number_and_the_name_stands_still(shot: Path) -> None:
    with_text, without = plates(shot, "frame,name")
    right = (with_text != without)[..., WIDTH // 2 :]
    top, bottom, first, last = box((with_text != without)[0, :, : WIDTH // 2])
    ink = with_text[:, top : bottom + 1, first : last + 1] >= int(64 + 876 * INK)  # where nothing shows through
    assert ink[0].any()
    assert all(np.array_equal(ink[0], other) for other in ink[1:])
    letters = [with_text[k][:, WIDTH // 2 :] > 64 + 876 * 0.8 for k in range(len(with_text))]
    assert not any(np.array_equal(letters[0], other) for other in letters[1:])
    widths = [np.ptp(np.flatnonzero(plate.any(axis=0))) for plate in right]
    assert widths[3] > widths[0] == widths[1] == widths[2] == widths[4] == widths[5]  # the fourth is held, and says so


def test_the_text_is_in_the_movie(shot: Path) -> None:
    for codec in CODECS:
        for burn_in, target in (("frame,name", "b.mov"), ("", "a.mov")):
            asked, options = Asked(codec, burn_in=burn_in), Options(overwrite=True)
            made = plan(look(), shot / "sh010_v02.####.exr", shot / target, asked, options, ("1001-1003",))
            assert make(made)
        scale = 2 ** (CODECS[codec].layout.bits - 8)
        burnt, plain = (decoded(shot / name)[1][1][0].astype(float) / scale for name in ("b.mov", "a.mov"))
        sent = _picture(made.pictures[1], made)[0][0] / scale
        assert np.abs(burnt - sent)[-20:, 10:60].mean() > 20
        assert abs((burnt - plain)[: HEIGHT // 2].mean()) < 1


def test_text_in_tiny_wide_and_narrow_pictures() -> None:
    for shape in ((1, 1), (3, 200), (200, 3), (12, 12), (64, 64)):
        picture = np.full((3, *shape), 0.5, np.float32)
        labels = {"name": "sh010_v02", "frame": "1001", "timecode": "01:00:00:00", "look": "premier", "date": "now"}
        Strip.fitting([labels], shape[1], shape[0], 1).burn(picture, labels)
        assert ((picture >= 0) & (picture <= 1)).all()
    long, short = (Strip.fitting([{"name": "x" * count, "frame": "1001"}], 960, 540, 1).size for count in (120, 1))
    assert SMALLEST <= long < short == 540 // burnin.LINES


def test_letters_keep_their_shape_where_pixels_are_wide() -> None:
    widths = {}
    for aspect in (1.0, 2.0):
        picture = np.full((3, 540, 960), 0.5, np.float32)
        Strip(24, aspect).burn(picture, {"name": "", "frame": "1001"})
        top, bottom, first, last = box(picture[0] != 0.5)
        widths[aspect] = last - first + 1, bottom - top + 1, 960 - last
    assert abs(widths[1.0][0] - 2 * widths[2.0][0]) <= 2
    assert widths[1.0][1] == widths[2.0][1]
    assert abs(widths[1.0][2] - 2 * widths[2.0][2]) <= 2


def test_burn_ins_that_cannot_be(shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one_line(lambda: burnin.parse("frame,clock"), "burn-in: expected frame or name or timecode or look or date, got")
    assert burnin.parse("") == ()
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert burnin.parse("") == ()
    one_line(lambda: burnin.parse("frame"), "burn-in: the package pillow is not installed", "pip install '.[dailies]'")


def command(shot: Path, *more: str | Path) -> list[str | Path]:
    return ["dailies", shot / "sh010_v02.####.exr", shot / "a.mov", "-s", shot / "look.clf", *more]


def test_the_command_says_what_it_does(shot: Path) -> None:
    refused(
        process(*command(shot)), "expected all of 6 frames on disk, got none for 1004; add --missing skip, hold", code=2
    )
    assert not (shot / "a.mov").exists()
    result = process(*command(shot, "--missing", "hold", "--burn-in", "frame,name", "--codec", "mjpeg", "--fps", "25"))
    assert result.code == 0, result
    assert result.err == f"lattice: {shot}/sh010_v02.####.exr: missing frames are held from the frame before: 1004\n"
    first, *frames, _, _ = result.out.splitlines()
    assert first == (
        f"6 frames, {WIDTH} x {HEIGHT}, R G B, grading with {look().name} {look().sha256[:8]}, first "
        f"{shot / 'sh010_v02.1001.exr'} -> {shot / 'a.mov'}, Motion JPEG, 25 a second"
    )
    assert [line.split()[:2] for line in frames] == [
        ["ok", str(shot / f"sh010_v02.{frame}.exr")] for frame in (1001, 1002, 1003, 1003, 1005, 1006)
    ]
    assert regrade_samples.totals_of(result.out)["graded"] == 6
    assert len(decoded(shot / "a.mov")) == 6


def test_odd_pictures_are_told(folder: Path) -> None:
    save(folder / "s.exr", {name: smooth((9, 15)) for name in "RGB"}, SAID)
    look().save(folder / "look.clf")
    result = process("dailies", folder / "s.exr", folder / "a.mp4", "-s", folder / "look.clf", "--codec", "h264")
    assert result.code == 0, result
    assert result.err == (
        "lattice: no frame says its rate: the movie has 24 a second (--fps says otherwise)\n"
        "lattice: 15 x 9 becomes 16 x 10: H.264 takes even sizes, so the last column or row comes twice\n"
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--codec", "dv"), "codec: expected prores422 or prores422hq"),
        (("--fps", "film"), "fps: expected"),
        (("--timecode", "1:2:3"), "timecode: expected HH:MM:SS:FF"),
        (("--timecode", "01:00:00;00"), "needs a rate of 29.97 or 59.94, not 24"),
        (("--size", "1080p"), "size: expected WIDTHxHEIGHT such as 1920x1080"),
        (("--slate", "scene"), "slate: expected show, shot"),
        (("--slate", "show"), "slate: no file names the show: write show=TITLE"),
        (("--burn-in", "timecode"), "has no time code: --timecode HH:MM:SS:FF gives one"),
        (("--memory", "101M"), "of memory, of 1024 KiB; a smaller --size takes less"),
        (("--frames", "1001-1002", "--frames", "1003"), "frames: expected a range for each of 1 IN, got 2"),
        (("--burn-in", "clock"), "burn-in: expected"),
        (("--missing", "near"), "missing: expected"),
        (("--view", "left"), "views: expected"),
        (("--layers", "fog"), "layer fog: expected a complete R, G, B"),
        (("--layers", "a", "--layers", "b"), "layers: expected one for a movie, got a and b"),
        (("--frames", "x"), "frames: expected"),
    ],
)
def test_wrong_use_is_one_line(arguments: tuple[str, str], says: str, shot: Path, run: Any) -> None:
    settled = () if "--missing" in arguments else ("--missing", "skip")
    refused(run(*command(shot, *settled, *arguments)), says, code=2)


def start(shot: Path) -> Any:
    """A run of 60 frames that has compressed its first."""
    for frame in range(1007, 1061):
        os.link(shot / "sh010_v02.1001.exr", shot / f"sh010_v02.{frame}.exr")
    arguments = [
        sys.executable,
        "-m",
        "lattice.cli",
        *command(shot, "--missing", "skip", "--codec", "h264", "--overwrite"),
    ]
    child = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline().startswith("59 frames")
    assert child.stdout.readline().startswith("ok")
    assert [path for path in shot.iterdir() if path.name.endswith(".tmp")]
    return child


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_the_old_movie_and_no_temporary(number: int, shot: Path) -> None:
    (shot / "a.mov").write_bytes(b"old")
    child = start(shot)
    child.send_signal(number)
    child.send_signal(number)
    _, said = child.communicate(timeout=60)
    assert child.returncode == 128 + number
    assert said.splitlines()[-1].startswith("lattice: stopped at ")
    assert said.splitlines()[-1].endswith(" of 59 frames; no movie was written")
    assert (shot / "a.mov").read_bytes() == b"old"


def test_what_a_killed_run_left_is_removed_by_the_next(shot: Path) -> None:
    child = start(shot)
    child.kill()
    child.communicate()
    assert [path for path in shot.iterdir() if path.name.endswith(".tmp")]
    assert process(*command(shot, "--frames", "1001-1002")).code == 0
    assert len(decoded(shot / "a.mov")) == 2  # the fixture looks for temporaries


def test_chroma_under_the_plate_is_the_plates_too(shot: Path) -> None:
    picture = np.zeros((3, 64, 200), np.float32)
    picture[0] = 0.8
    Strip(12, 1).burn(picture, {"name": "sh"})
    redness = yuv.planes(picture, CODECS["prores422hq"].layout, "BT.709")[2].astype(int) - 512
    top, bottom, first, last = box(picture[0] != np.float32(0.8))
    inner = redness[top:bottom, first // 2 + 1 : last // 2]
    assert inner.min() >= 0
    assert inner.max() < redness[0, 0] / 2
