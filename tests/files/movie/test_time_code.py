"""Time code: every label of a day, in order and back, with and without drop-frame."""

from __future__ import annotations

from fractions import Fraction

import pytest
from basics import one_line

from lattice.files.movie.time_code import TimeCode, of_header, parse, said

NTSC = Fraction(30000, 1001)


def labels(rate: Fraction, drops: bool, minutes: range) -> list[str]:
    """The labels of these minutes by counting, those that drop-frame leaves out left out."""
    nominal, left_out = -(-rate.numerator // rate.denominator), {30: 2, 60: 4}
    return [
        f"{minute // 60:02d}:{minute % 60:02d}:{second:02d}{';' if drops else ':'}{frame:02d}"
        for minute in minutes
        for second in range(60)
        for frame in range(nominal)
        if not (drops and second == 0 and minute % 10 and frame < left_out[nominal])
    ]


@pytest.mark.parametrize(
    ("rate", "drops"),
    [
        (Fraction(24), False),
        (Fraction(24000, 1001), False),
        (NTSC, False),
        (NTSC, True),
        (Fraction(60000, 1001), True),
        (Fraction(25, 2), False),
    ],
)
def test_labels_follow_each_other(rate: Fraction, drops: bool) -> None:
    first = parse("00:00:00;00" if drops else "00:00:00:00", rate)
    counted = labels(rate, drops, range(23))
    assert [str(first.later(k)) for k in range(len(counted))] == counted
    for k in range(0, len(counted), 7):
        assert parse(counted[k], rate) == first.later(k)
    last = labels(rate, drops, range(1439, 1440))[-1]
    assert str(first.later(-1)) == last
    assert parse(last, rate).later(1) == first


def test_drop_frame_keeps_to_the_clock() -> None:
    hour = parse("01:00:00;00", NTSC).number
    assert hour == 107892  # SMPTE ST 12-1: 108 labels of an hour are left out
    assert abs(hour / NTSC - 3600) < 0.004


def test_headers_hold_decimals_and_flags() -> None:
    assert str(of_header(0x01020304, Fraction(24))) == "01:02:03:04"
    assert str(of_header(0x01020304 | 0x40, NTSC)) == "01:02:03;04"
    assert str(of_header(0x01020304 | 0xC0808080, Fraction(24))) == "01:02:03:04", "color frame, user bits, field"
    assert of_header(0x23595923, Fraction(24)) == TimeCode(24 * 86400 - 1, Fraction(24))
    one_line(lambda: of_header(0x0102030A, Fraction(24)), "timecode: expected decimals, got 0102030a")
    one_line(lambda: of_header(0x01020324, Fraction(24)), "timecode: no frame is called 01:02:03:24 at 24 a second")
    one_line(
        lambda: of_header(0x01020304 | 0x40, Fraction(24)), "01:02:03;04 is drop-frame, which needs a rate of 29.97"
    )


@pytest.mark.parametrize(
    "text", ["", "1:2:3:4", "01:02:03", "01:02:03.04", "01:02:03:04:05", "a1:02:03:04", "01;02;03;04", "01:02:03:04 "]
)
def test_texts_that_are_no_time_code(text: str) -> None:
    one_line(lambda: parse(text, NTSC), "timecode: expected HH:MM:SS:FF, or HH:MM:SS;FF for drop-frame", repr(text))


@pytest.mark.parametrize(
    "text", ["24:00:00:00", "00:60:00:00", "00:00:60:00", "00:00:00:30", "00:01:00;01", "09:59:00;00"]
)
def test_labels_that_no_frame_has(text: str) -> None:
    one_line(lambda: parse(text, NTSC), f"timecode: no frame is called {text} at 29.97 a second")


def test_rates_for_people() -> None:
    assert [said(rate) for rate in (Fraction(24), Fraction(24000, 1001), Fraction(25, 2))] == ["24", "23.976", "12.5"]


def test_a_label_that_drop_frame_leaves_out_is_told_from_others() -> None:
    one_line(lambda: parse("01:01:00;00", NTSC), "at 29.97 a second: drop-frame leaves out ;00 to ;01 there")
    one_line(lambda: parse("01:01:00;03", Fraction(60000, 1001)), "drop-frame leaves out ;00 to ;03 there")


def test_labels_have_the_digits_of_their_rate() -> None:
    assert str(parse("01:02:03:119", Fraction(120)).later(1)) == "01:02:04:000"
    assert str(parse("01:02:03:99", Fraction(100)).later(1)) == "01:02:04:00"
    for rate in (Fraction(2, 5), Fraction(116, 5), Fraction(256), Fraction(300)):
        one_line(lambda rate=rate: parse("01:00:00:00", rate), "has no time code track; --fps gives another rate")
