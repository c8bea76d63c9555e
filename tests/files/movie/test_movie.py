"""Movies: what is decoded is what was meant, tags, sizes, rates, and a file that is whole or is not there."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from movie_samples import CODEC_ERROR, PLAIN, av, decoded, middles, of, patches, rgb_bound, to_rgb, written

from lattice.files.movie import codecs, yuv
from lattice.files.movie import file as movie
from lattice.files.movie.codecs import CODECS
from lattice.files.movie.file import parse_rate
from lattice.types import LatticeError

SWSCALE = 4 / 255  # FFmpeg's own quick way back truncates more than once; a wrong matrix or range is off by 10 or more
SIDE = 32
DECODED = {"prores4444": "yuv444p12le"}  # FFmpeg's decoder adds two bits


@pytest.mark.parametrize("primaries", [1, 9])
@pytest.mark.parametrize("codec", CODECS)
def test_flat_patches_come_back(codec: str, primaries: int, tmp_path: Path) -> None:
    picture = patches(side=SIDE)
    meant = replace(PLAIN, codec=codec, size=(picture.shape[2], picture.shape[1]), primaries=primaries, frames=15)
    path = written(tmp_path, meant, picture)
    planes = yuv.planes(picture, meant.layout, meant.matrix)
    bound = rgb_bound(meant.layout, meant.matrix, CODEC_ERROR[codec] + 0.501)  # half a code is our own rounding
    frames = decoded(path)
    assert len(frames) == 15
    for _, got in frames:
        for plane, sent in zip(got, planes, strict=True):
            side = SIDE * plane.shape[1] // picture.shape[2]
            high = SIDE * plane.shape[0] // picture.shape[1]
            rows = slice(high // 4, -(high // 4))
            moved = np.abs(plane.astype(int) - sent).reshape(6, high, 8, side)[:, rows, :, side // 4 : -(side // 4)]
            assert moved.max() <= CODEC_ERROR[codec]
        back = middles(to_rgb(got, meant.layout, meant.matrix) - picture, SIDE)
        assert (np.abs(back).max(axis=(1, 2, 3, 4)) <= bound).all()


@pytest.mark.parametrize("codec", CODECS)
def test_ffmpeg_finds_the_same_colors_by_the_tags(codec: str, tmp_path: Path) -> None:
    picture = patches(side=SIDE)
    path = written(tmp_path, replace(PLAIN, codec=codec, size=(picture.shape[2], picture.shape[1])), picture)
    frame, _ = decoded(path)[0]
    form = frame.reformat(format="rgb24", src_colorspace=frame.colorspace, src_color_range=frame.color_range)
    off = middles(form.to_ndarray().transpose(2, 0, 1) / 255 - picture, SIDE)
    layout, matrix = of(codec).layout, of(codec).matrix
    assert np.abs(off).max() <= max(SWSCALE, *rgb_bound(layout, matrix, CODEC_ERROR[codec]))


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("colors", [(1, 13), (11, 17), (12, 13), (9, 1), (1, 4), (2, 2), (2, 13), (1, 2)])
def test_tags_are_read_back(codec: str, colors: tuple[int, int], tmp_path: Path) -> None:
    path = written(
        tmp_path, of(codec, primaries=colors[0], transfer=colors[1], rate=Fraction(24000, 1001), aspect=Fraction(2))
    )
    # 5 and 6 are both BT.601's.
    matrix = (6, 5) if codec == "mjpeg" else (9,) if colors[0] == 9 and codec != "dnxhr" else (1,)
    with av.open(str(path)) as file:
        [stream] = file.streams  # no sound
        context = stream.codec_context
        assert (context.color_primaries, context.color_trc) == colors
        assert context.colorspace in matrix
        assert (stream.average_rate, stream.sample_aspect_ratio, stream.frames) == (Fraction(24000, 1001), 2, 3)
        assert file.metadata["comment"] == "lattice"
    frame, _ = decoded(path)[0]
    assert (frame.color_primaries, frame.color_trc, frame.color_range) == (*colors, 2 if codec == "mjpeg" else 1)
    assert frame.colorspace in matrix
    assert frame.format.name == DECODED.get(codec, CODECS[codec].layout.name)
    assert path.read_bytes().count(b"colrnclc" + bytes([0, colors[0], 0, colors[1], 0, matrix[0]])) == 1


@pytest.mark.parametrize("codec", CODECS)
def test_ffprobe_reads_the_same(codec: str, tmp_path: Path) -> None:
    if shutil.which("ffprobe") is None:
        pytest.skip("no ffprobe here; PyAV reads the same in the test above")
    path = written(tmp_path, of(codec, primaries=12))
    fields = "color_range,color_space,color_transfer,color_primaries,r_frame_rate,nb_frames"
    said = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", f"stream={fields}", "-of", "default=nk=0:nw=1", path],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    ours = ("pc", "bt470bg") if codec == "mjpeg" else ("tv", "bt709")
    assert {
        f"color_range={ours[0]}",
        f"color_space={ours[1]}",
        "color_transfer=iec61966-2-1",
        "nb_frames=3",
        "color_primaries=smpte432",
        "r_frame_rate=24/1",
    } == set(said)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("size", [(1, 1), (3, 5), (65, 48), (64, 47), (257, 121)])
def test_odd_sizes(codec: str, size: tuple[int, int], tmp_path: Path) -> None:
    meant, layout = of(codec, size), CODECS[codec].layout
    [_, (frame, _), _] = decoded(written(tmp_path, meant))
    assert (frame.width, frame.height) == meant.coded_size
    assert meant.coded_size == (
        meant.size[0] + meant.size[0] % 2 * (layout.across == 2),
        meant.size[1] + meant.size[1] % 2 * (layout.down == 2),
    )


@pytest.mark.parametrize("size", [(255, 120), (256, 119)])
def test_a_picture_that_is_too_small_for_its_codec_is_refused(size: tuple[int, int]) -> None:
    one_line(lambda: replace(PLAIN, codec="dnxhr", size=size), "DNxHR HQX takes 256 x 120 pixels or more")


@pytest.mark.parametrize(
    ("codec", "word"),
    [
        ("prores422", b"apcn"),
        ("prores422hq", b"apch"),
        ("prores4444", b"ap4h"),
        ("dnxhr", b"AVdh"),
        ("h264", b"avc1"),
        ("h265", b"hvc1"),
        ("mjpeg", b"jpeg"),
    ],
)
def test_players_find_each_codec_by_its_word(codec: str, word: bytes, tmp_path: Path) -> None:
    """Sources: Apple, ProRes White Paper and QuickTime File Format; ISO/IEC 14496-15; SMPTE RDD 50."""
    data = written(tmp_path, of(codec)).read_bytes()
    at = data.index(b"stsd")
    assert word in data[at : at + 20]


@pytest.mark.parametrize("suffix", [".mov", ".mp4"])
@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize(
    ("rate", "label"),
    [
        (Fraction(24), "01:02:03:04"),
        (Fraction(24000, 1001), "23:59:59:23"),
        (Fraction(30000, 1001), "10:00:00;02"),
        (Fraction(25, 2), "00:00:00:12"),
    ],
)
def test_a_time_code_is_a_track_of_its_own(codec: str, suffix: str, rate: Fraction, label: str, tmp_path: Path) -> None:
    if suffix not in CODECS[codec].suffixes:
        return
    path = written(tmp_path, of(codec, rate=rate, time_code=label), name=f"a{suffix}")
    with av.open(str(path)) as file:
        video, clock = file.streams
        assert video.metadata["timecode"] == clock.metadata["timecode"] == label
        assert clock.type == "data"
        assert video.average_rate == rate
    assert b"tmcd" in path.read_bytes()


def test_a_time_code_that_a_rate_does_not_have_is_refused(tmp_path: Path) -> None:
    for codec in CODECS:
        meant = of(codec, time_code="01:02:03;04")
        one_line(lambda meant=meant: written(tmp_path, meant), "a.mov: expected 3 frames of", "from 01:02:03;04")


def test_frames_keep_their_order(tmp_path: Path) -> None:
    for codec in CODECS:
        meant = of(codec, frames=30)
        shape = (3, *meant.size[::-1])
        grays = [yuv.planes(np.full(shape, k / 30, np.float32), meant.layout, meant.matrix) for k in range(30)]
        movie.write(tmp_path / "a.mov", meant, grays)
        got = [planes[0].mean() for _, planes in decoded(tmp_path / "a.mov")]
        assert np.abs(np.array(got) - [planes[0].mean() for planes in grays]).max() <= CODEC_ERROR[codec]


def test_mp4_begins_with_its_index(tmp_path: Path) -> None:
    for codec in ("h264", "h265"):
        data = written(tmp_path, of(codec), name="a.mp4").read_bytes()
        assert 0 < data.find(b"moov") < data.find(b"mdat")


def test_a_movie_that_came_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    planes = yuv.planes(np.zeros((3, 48, 64), np.float32), PLAIN.layout, PLAIN.matrix)

    def pictures() -> Any:
        yield from [planes] * 3
        (tmp_path / "a.mov").write_bytes(b"theirs")

    one_line(lambda: movie.write(tmp_path / "a.mov", PLAIN, pictures(), is_new=True), "--overwrite replaces it")
    assert (tmp_path / "a.mov").read_bytes() == b"theirs"
    assert os.listdir(tmp_path) == ["a.mov"]


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("24", Fraction(24)),
        ("23.976", Fraction(24000, 1001)),
        ("23.98", Fraction(24000, 1001)),
        ("25", Fraction(25)),
        ("24.98", Fraction(2498, 100)),
        ("24000/1001", Fraction(24000, 1001)),
        ("29.97", Fraction(30000, 1001)),
        ("59.94", Fraction(60000, 1001)),
        ("47.952", Fraction(48000, 1001)),
        ("12.5", Fraction(25, 2)),
        ("24.0", Fraction(24)),
        ("119.88", Fraction(120000, 1001)),
    ],
)
def test_rates(text: str, rate: Fraction) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize(
    "text",
    ["", "0", "-24", "film", "24/0", "nan", "inf", "1001", "24fps", "24.123456789", "1e-9", "1e99999999", "9" * 5000],
)
def test_rates_that_are_none(text: str) -> None:
    one_line(lambda: parse_rate(text), "fps: expected a rate such as 24, 23.976 or 24000/1001", repr(text)[:10])


def test_a_movie_of_fewer_frames_than_meant_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mov").write_bytes(b"old")
    planes = yuv.planes(np.zeros((3, 48, 64), np.float32), PLAIN.layout, PLAIN.matrix)
    one_line(
        lambda: movie.write(tmp_path / "a.mov", PLAIN, [planes] * 2),
        "a.mov: expected 3 frames of 64 x 48",
        "got 2 frames",
    )
    assert os.listdir(tmp_path) == ["a.mov"]
    assert (tmp_path / "a.mov").read_bytes() == b"old"


@pytest.mark.parametrize("fault", [LatticeError("no frame"), KeyboardInterrupt()])
def test_what_a_picture_raises_is_raised_and_the_old_movie_stays(fault: BaseException, tmp_path: Path) -> None:
    old = written(tmp_path, PLAIN).read_bytes()

    def pictures() -> Any:
        yield yuv.planes(np.zeros((3, 48, 64), np.float32), PLAIN.layout, PLAIN.matrix)
        raise fault

    with pytest.raises(type(fault)):
        movie.write(tmp_path / "a.mov", PLAIN, pictures())
    assert os.listdir(tmp_path) == ["a.mov"]
    assert (tmp_path / "a.mov").read_bytes() == old


@pytest.mark.parametrize("codec", CODECS)
def test_a_full_disk_is_one_line(codec: str, tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        meant = of(codec, (640, 480), frames=40)
        one_line(lambda: written(tmp_path, meant), "a.mov: cannot be written: File too large")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not os.listdir(tmp_path)


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    path = written(tmp_path, PLAIN, name=os.fsdecode(b"x\xff %d:.mov"))
    assert path.stat().st_size


def test_what_cannot_be_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one_line(lambda: codecs.named("h256"), f"codec: expected {' or '.join(CODECS)}, got 'h256'; did you mean 'h265'?")
    assert codecs.named("prores") == codecs.DEFAULT == "prores422hq"
    one_line(
        lambda: movie.check(tmp_path / "a.mp4", "prores422"),
        "a.mp4: expected a name ending in .mov for prores422; codec h264 or h265 goes with .mp4",
    )
    one_line(lambda: movie.check(tmp_path / "a.mkv", "h264"), "a.mkv: expected a name ending in .mov or .mp4")
    one_line(lambda: replace(PLAIN, size=(20000, 2)), "expected up to 16384 pixels a side, got 20000 x 2")
    monkeypatch.setitem(CODECS, "h264", replace(CODECS["h264"], encoder="libnone"))
    one_line(lambda: movie.check(tmp_path / "a.mov", "h264"), "this PyAV was built with, got libnone")
    monkeypatch.setitem(sys.modules, "av", None)
    one_line(lambda: movie.check(tmp_path / "a.mov", "prores4444"), "pip install '.[dailies]'")
