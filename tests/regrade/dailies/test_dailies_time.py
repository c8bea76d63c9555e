"""The rate and the time code of a movie: from its frames, or as the user says."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from basics import one_line
from dailies_samples import look
from exr_samples import save, smooth
from movie_samples import av

from lattice.files.exr.header import Attribute
from lattice.regrade import Options
from lattice.regrade.dailies.plan import Asked, plan
from lattice.regrade.dailies.reel import Reel
from lattice.regrade.dailies.render import make

DROP = 0x40


def frame(
    folder: Path, number: int, rate: tuple[int, int] | None = (25, 1), code: int | None = None, name: str = "s"
) -> None:
    more = {} if rate is None else {"framesPerSecond": Attribute("rational", struct.pack("<iI", *rate))}
    more |= {} if code is None else {"timeCode": Attribute("timecode", struct.pack("<2I", code, 0))}
    save(folder / f"{name}.{number:04d}.exr", {name: smooth((16, 16)) for name in "RGB"}, more)


def reel(folder: Path, *sources: str, missing: Any = "error", **asked: Any) -> Reel:
    paths = [folder / source for source in sources or ("s.####.exr",)]
    options = Options(overwrite=True, missing=missing)
    return plan(look(), paths, folder / "a.mov", Asked(codec="mjpeg", **asked), options)


def told(made: Reel) -> tuple[Fraction, str | None, list[str]]:
    return made.movie.rate, made.movie.time_code, [note.partition(": ")[2] for note in made.notes]


def test_rate_and_time_code_are_those_of_the_frames(folder: Path) -> None:
    for number in range(1, 4):
        frame(folder, number, (25, 1), 0x01020300 + number)
    made = reel(folder)
    assert told(made) == (25, "01:02:03:01", [])
    assert make(made)
    with av.open(str(folder / "a.mov")) as file:
        video = file.streams.video[0]
        assert (video.average_rate, video.metadata["timecode"]) == (25, "01:02:03:01")
        assert [stream.type for stream in file.streams] == ["video", "data"]


def test_the_user_overrides_both_and_is_told(folder: Path) -> None:
    for number in range(1, 4):
        frame(folder, number, (25, 1), 0x01020300 + number)
    made = reel(folder, fps="29.97", timecode="10:00:00;02")
    assert told(made) == (
        Fraction(30000, 1001),
        "10:00:00;02",
        ["frames 1-3 say 25 a second; the movie has 29.97, --fps says so"],
    )
    assert told(reel(folder, fps="25", timecode="00:00:00:00"))[1:] == ("00:00:00:00", [])
    one_line(lambda: reel(folder, timecode="00:00:00;00"), "00:00:00;00 is drop-frame, which needs a rate of 29.97")


@pytest.mark.parametrize(
    ("stored", "rate"), [((2997, 100), Fraction(30000, 1001)), ((23976, 1000), Fraction(24000, 1001)), ((24, 1), 24)]
)
def test_rounded_rates_are_what_they_mean(stored: tuple[int, int], rate: Fraction, folder: Path) -> None:
    frame(folder, 1, stored, 0x01000000 | (DROP if rate.denominator == 1001 and rate > 29 else 0))
    assert told(reel(folder))[:2] == (rate, "01:00:00;00" if rate > 29 else "01:00:00:00")


def test_a_rate_as_openimageio_spells_it_is_read(folder: Path) -> None:
    more = {"FramesPerSecond": Attribute("rational", struct.pack("<iI", 25, 1))}
    save(folder / "s.0001.exr", {name: smooth((16, 16)) for name in "RGB"}, more)
    assert told(reel(folder)) == (25, None, [])


def test_frames_that_say_nothing_are_noted(folder: Path) -> None:
    frame(folder, 1, None)
    made = reel(folder)
    assert made.notes == ("no frame says its rate: the movie has 24 a second (--fps says otherwise)",)
    assert made.movie.time_code is None
    assert reel(folder, fps="24").notes == ()


def test_frames_that_disagree_or_jump_are_noted(folder: Path) -> None:
    for number, rate, code in ((1, 25, 0), (2, 24, 1), (3, 25, 9), (4, 24, 3), (5, 25, 0x30)):
        frame(folder, number, (rate, 1), 0x01000000 + code)
    rate, code, notes = told(reel(folder))
    assert (rate, code) == (25, "01:00:00:00")
    assert notes == [
        "frames 2,4 say 24 a second; the movie has 25, the first frame that says",
        "timecode: no frame is called 01:00:00:30 at 25 a second; left out",
        "the time code jumps at frame 3 (to 01:00:00:09, not 01:00:00:02); the movie's runs on",
    ]


def test_a_drop_frame_code_at_another_rate_is_left_out(folder: Path) -> None:
    for number in (1, 2):
        frame(folder, number, (24, 1), 0x01000000 + number | DROP)
    _, code, notes = told(reel(folder))
    assert code is None
    assert notes == [
        "timecode: 01:00:00;01 is drop-frame, which needs a rate of 29.97 or 59.94, not 24; left out, as in 2 frames"
    ]


def test_missing_frames_keep_their_place_in_time(folder: Path) -> None:
    for number in (2, 4):
        frame(folder, number, (24, 1), 0x01000000 + number)
    frames = ("1-4",)
    options = Options(missing="hold", overwrite=True)
    made = plan(look(), folder / "s.####.exr", folder / "a.mov", Asked(burn_in="timecode,frame"), options, frames)
    assert made.movie.time_code == "01:00:00:01"
    assert [note for note in made.notes if "jumps" in note] == []
    assert [made.labels(each) for each in made.pictures] == [
        {"timecode": f"01:00:00:0{number}", "frame": f"000{number}{held}"}
        for number, held in ((1, " held"), (2, ""), (3, " held"), (4, ""))
    ]


def test_a_slate_is_before_the_first_frame_whose_time_code_stays(folder: Path) -> None:
    frame(folder, 1, (25, 1), 0x01000000)
    made = reel(folder, slate="shot,timecode", burn_in="timecode")
    assert (made.movie.time_code, made.movie.frames) == ("00:59:59:00", 26)
    assert made.slate_texts(0)["timecode"] == "01:00:00:00"
    assert made.labels(made.pictures[1]) == {"timecode": "01:00:00:00"}
    assert reel(folder, slate="shot", timecode="00:00:00:10").movie.time_code == "23:59:59:10"


def test_every_shot_has_its_own_time_code_unless_one_is_given(folder: Path) -> None:
    frame(folder, 1, (24, 1), 0x01000000)
    frame(folder, 2, (24, 1), 0x01000001)
    frame(folder, 7, (24, 1), 0x05000000, "t")
    both = ("s.####.exr", "t.####.exr")

    def burnt(made: Reel) -> list[str]:
        return [made.labels(each)["timecode"] for each in made.pictures if each.job is not None]

    assert burnt(reel(folder, *both, burn_in="timecode")) == ["01:00:00:00", "01:00:00:01", "05:00:00:00"]
    given = reel(folder, *both, burn_in="timecode", timecode="10:00:00:00", slate="shot")
    assert burnt(given) == ["10:00:00:00", "10:00:00:01", "10:00:01:02"]
    assert given.movie.time_code == "09:59:59:00"
    frame(folder, 7, (24, 1), None, "t")
    one_line(lambda: reel(folder, *both, burn_in="timecode"), "t.####.exr has no time code: --timecode HH:MM:SS:FF")


@pytest.mark.parametrize(
    ("rate", "field"), [((48, 1), 0), ((50, 1), 1 << 31), ((60000, 1001), 1 << 7), ((60, 1), 1 << 15)]
)
@pytest.mark.parametrize("late", [0, 1])
def test_labels_of_pairs_of_frames_are_counted_twice_as_fast(
    late: int, rate: tuple[int, int], field: int, folder: Path
) -> None:
    for number in range(late, 8):
        frame(folder, number, rate, 0x01000000 + number // 2 | (field if number % 2 else 0))
    made = reel(folder, burn_in="timecode")
    assert told(made)[1:] == (
        f"01:00:00:0{late}",
        ["its time code counts pairs of frames; the movie's counts each frame"],
    )
    assert [made.labels(each)["timecode"] for each in made.pictures] == [f"01:00:00:0{k}" for k in range(late, 8)]
    frame(folder, 5, rate, 0x01000009)
    notes = told(reel(folder))[2]
    assert notes[1] == "the time code jumps at frame 5 (to 01:00:00:09, not 01:00:00:02); the movie's runs on"


def test_a_held_label_is_no_pair(folder: Path) -> None:
    for number, code in enumerate((0, 1, 1, 3, 4, 5)):
        frame(folder, number, (48, 1), 0x01000000 + code)
    assert told(reel(folder))[1:] == (
        "01:00:00:00",
        ["the time code jumps at frame 2 (to 01:00:00:01, not 01:00:00:02); the movie's runs on"],
    )


@pytest.mark.parametrize(
    ("rate", "code"), [((120, 1), "01:00:00:001"), ((300, 1), None), ((2, 5), None), ((116, 5), None)]
)
def test_a_rate_that_has_no_time_code_is_found_before_the_first_frame(
    rate: tuple[int, int], code: str | None, folder: Path
) -> None:
    for number in (1, 2):
        frame(folder, number, rate, 0x01000000 + (number if code else 0))
    made = reel(folder)
    noted = [
        note for note in made.notes if "has no time code track; --fps gives another rate; left out, as in 2" in note
    ]
    assert (made.movie.time_code, len(noted)) == (code, 0 if code else 1)
    assert make(made)
    if not code:
        one_line(lambda: reel(folder, timecode="01:00:00:00"), "has no time code track")


def test_a_plain_file_has_no_frames_in_a_note(folder: Path) -> None:
    frame(folder, 1, (25, 1))
    (folder / "s.0001.exr").rename(folder / "s.exr")
    assert told(reel(folder, "s.exr", fps="24"))[2] == ["it says 25 a second; the movie has 24, --fps says so"]
