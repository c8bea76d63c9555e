"""What DPX and Cineon headers say of a shot: kept from DPX to DPX and Cineon to Cineon; rates go everywhere."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from dpx_samples import dpx, field, words
from exr_samples import save, smooth
from image_samples import KINDS, codes_for, go, note_in

from lattice.files.exr import file as exr
from lattice.files.exr.header import Attribute
from lattice.files.frame import rate_of
from lattice.files.images.dpx import dpx_spec, unpack_dpx
from lattice.files.images.file import write
from lattice.files.images.spec import EncodedImage
from lattice.files.source import read_headers

pytestmark = pytest.mark.usefixtures("oiio")
BODY = words(np.arange(1, 31).reshape(2, 15))
TOLD = {
    "creator": b"A scanner",
    "copyright": b"A studio",
    "source name": b"roll12.0001.raw",
    "device": b"Scanner 5",
    "serial": b"0042",
    "film code": b"K1",
    "keycode prefix": b"123456",
    "keycode count": b"7890",
    "film format": b"Academy",
    "frame position": 42,
    "film rate": 24.0,
    "shutter": 180.0,
    "slate": b"12A take 3",
    "time code": 0x10203004,
    "user bits": 0x12345678,
    "integration": 0.5,
    "x": 7,
    "full width": 400,
    "full height": 300,
}
CINEON_TOLD = {
    (712, "I"): 7,
    (844, "64s"): b"Scanner 5",
    (972, "f"): 12.5,
    (1028, "I"): 123456,
    (1036, "32s"): b"Academy",
    (1072, "f"): 25.0,
    (1108, "200s"): b"12A take 3",
}


def given(**more):
    return {name.replace(" ", "_"): value for name, value in {**TOLD, **more}.items()}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("user", [b"", b"Our own ID".ljust(32, b"\0") + b"any bytes", bytes(60_000)])
def test_a_dpx_keeps_what_stays_true(folder, order, user):
    source = dpx(
        words(np.arange(1, 31).reshape(2, 15), order),
        (5, 2),
        order,
        2048 + len(user) + 90,
        user,
        **given(gamma=2.2, black=64.0, description=b"log", transfer=1),
    )
    (folder / "a.dpx").write_bytes(source)
    go(folder / "a.dpx", folder / "b.dpx")
    made = (folder / "b.dpx").read_bytes()
    assert {name: field(made, name) for name in TOLD} == TOLD
    if not user:  # the place is free for ours
        user = made[2048 : 2048 + field(made, "user")]
        assert user.startswith(b"lattice\0")
    assert field(made, "user") == len(user)
    assert made[2048 : 2048 + len(user)] == user
    assert field(made, "offset") == field(made, "data") == len(made) - 40
    assert field(made, "offset") % 4 == 0
    assert (field(made, "transfer"), field(made, "colorimetric"), field(made, "bits")) == (1, 1, 10)
    assert np.isnan([field(made, "gamma"), field(made, "black")]).all(), "the graded picture has another"
    assert field(made, "description") == b""
    assert made[36:160] == bytes(124), "no name of another file, no date"
    assert note_in(folder / "b.dpx", KINDS["DPX"]).startswith("lattice ")
    go(folder / "a.dpx", folder / "b.dpx", "skipped")
    assert unpack_dpx(made, "").shape == (2, 5, 3)
    go(folder / "b.dpx", folder / "c.dpx", force=True)
    again = (folder / "c.dpx").read_bytes()
    assert again[1408:2048] == made[1408:2048]
    assert again[2048 : 2048 + len(user)] == user or user.startswith(b"lattice\0")


def test_fields_that_are_pixels_are_not_kept(folder):
    (folder / "a.dpx").write_bytes(dpx(BODY, (5, 2), start=1664, **given()))
    go(folder / "a.dpx", folder / "b.dpx")
    made = (folder / "b.dpx").read_bytes()
    assert field(made, "slate") == b""
    assert field(made, "time code") == 2**32 - 1
    assert field(made, "device") == b"Scanner 5"
    assert len(made) == field(made, "offset") + 40


def test_too_much_user_data_is_told_and_left_out(folder):
    (folder / "a.dpx").write_bytes(dpx(BODY, (5, 2), start=2048 + 70_000, user=bytes(70_000), **given(x=0)))
    (note,) = read_headers(folder / "a.dpx")[0].notes
    assert note == "DPX: its 70000 bytes of user data are kept in no file: expected 63488 or fewer"
    go(folder / "a.dpx", folder / "b.dpx")
    made = (folder / "b.dpx").read_bytes()
    assert (field(made, "slate"), len(made)) == (TOLD["slate"], field(made, "offset") + 40)
    assert made[2048:2056] == b"lattice\0"


def test_user_data_after_a_short_header_are_told_and_left_out(folder):
    (folder / "a.dpx").write_bytes(dpx(BODY, (5, 2), start=2148, user=bytes(100), **given(x=0, industry=0)))
    (note,) = read_headers(folder / "a.dpx")[0].notes
    says = "its 100 bytes of user data are kept in no file: expected 2048 bytes of header before them, got 1664"
    assert note == f"DPX: {says}"


def test_a_cineon_tells_that_user_data_are_left_out(folder):
    write(folder / "a.cin", KINDS["Cineon"], EncodedImage(codes_for(KINDS["Cineon"])))
    data = bytearray((folder / "a.cin").read_bytes())
    (start,) = struct.unpack_from(">I", data, 4)
    for user, industry, why in (
        (70_000, 1024, "63488 or fewer"),
        (100, 0, "2048 bytes of header before them, got 1024"),
    ):
        struct.pack_into(">I", data, 4, start + user)
        struct.pack_into(">2I", data, 12, industry, user)
        (folder / "b.cin").write_bytes(data[:start] + bytes(user) + data[start:])
        (note,) = read_headers(folder / "b.cin")[0].notes
        assert note == f"Cineon: its {user} bytes of user data are kept in no file: expected {why}"


def test_other_formats_keep_rate_and_time_code(folder):
    (folder / "a.dpx").write_bytes(dpx(BODY, (5, 2), **given()))
    for suffix in (".exr", ".cin", ".tif"):
        go(folder / "a.dpx", folder / f"b{suffix}")
    header = exr.read_header(folder / "b.exr")
    assert (header.rate, header.time_code) == (24, 0x10203004)
    assert read_headers(folder / "b.cin")[0].rate == 24
    assert TOLD["slate"] not in (folder / "b.cin").read_bytes()
    go(folder / "b.exr", folder / "c.dpx", force=True)
    made = (folder / "c.dpx").read_bytes()
    assert (field(made, "film rate"), field(made, "television rate"), field(made, "time code")) == (24, 24, 0x10203004)
    assert field(made, "creator").startswith(b"lattice ")


def test_a_cineon_keeps_what_stays_true(folder):
    write(folder / "a.cin", KINDS["Cineon"], EncodedImage(codes_for(KINDS["Cineon"])))
    for order in "><":
        source = bytearray((folder / "a.cin").read_bytes())
        for (at, kind), value in CINEON_TOLD.items():
            struct.pack_into(">" + kind, source, at, value)
        struct.pack_into(">f", source, 980, 1.7)
        if order == "<":
            source = swapped(source)
        (folder / "b.cin").write_bytes(source)
        assert read_headers(folder / "b.cin")[0].rate == 25
        assert read_headers(folder / "b.cin")[0].notes == ("Cineon: its place, x 7, y 0, is kept in a Cineon alone",)
        go(folder / "b.cin", folder / "c.cin", force=True)
        made = (folder / "c.cin").read_bytes()
        for (at, kind), value in CINEON_TOLD.items():
            (kept,) = struct.unpack_from(">" + kind, made, at)
            assert (kept.rstrip(b"\0") if isinstance(kept, bytes) else kept) == value
        assert made[980:984] == b"\xff" * 4, "the graded picture has another gamma"
        go(folder / "b.cin", folder / "c.cin", "skipped")


def swapped(data):
    """A big-endian Cineon as a little-endian one."""
    out = bytearray(data)
    fours = [*range(0, 24, 4), *(196 + 28 * k + at for k in range(8) for at in range(4, 28, 4)), *range(684, 720, 4)]
    for at in [*fours, 972, 976, 980, 1028, 1032, 1068, 1072, *range(2048, len(data), 4)]:
        out[at : at + 4] = data[at : at + 4][::-1]
    return out


@pytest.mark.parametrize(
    ("number", "rate"),
    [
        (24.0, 24),
        (23.976, Fraction(24000, 1001)),
        (23.98, Fraction(24000, 1001)),
        (29.97, Fraction(30000, 1001)),
        (59.94, Fraction(60000, 1001)),
        (12.5, Fraction(25, 2)),
        (1000.0, 1000),
        (0.0, None),
        (-24.0, None),
        (1e9, None),
        (np.inf, None),
        (np.nan, None),
    ],
)
def test_a_rate_is_what_a_float_means(number, rate):
    assert rate_of(float(np.float32(number))) == rate


def test_the_films_rate_comes_before_televisions():
    def rate(**told):
        data = dpx(BODY, (5, 2), **told)
        return dpx_spec(Path(), data, len(data), "").rate

    assert rate(film_rate=24.0, television_rate=25.0) == 24
    assert rate(film_rate=None, television_rate=25.0) == 25
    assert rate(film_rate=0.0, television_rate=29.97) == Fraction(30000, 1001)
    assert rate() is None


@pytest.mark.parametrize(
    ("attribute", "rate"),
    [
        (Attribute("rational", struct.pack("<iI", 24000, 1001)), Fraction(24000, 1001)),
        (Attribute("rational", struct.pack("<iI", 24, 0)), None),
        (Attribute("rational", struct.pack("<iI", -24, 1)), None),
        (Attribute("rational", bytes(4)), None),
        (Attribute("float", bytes(8)), None),
    ],
)
def test_an_exrs_rate(folder, attribute, rate):
    save(folder / "a.exr", {name: smooth((4, 4)) for name in "RGB"}, {"framesPerSecond": attribute})
    assert exr.read_header(folder / "a.exr").rate == rate
    go(folder / "a.exr", folder / "b.exr")
    assert exr.read_header(folder / "b.exr").attributes["framesPerSecond"] == attribute


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"x": 20, "y": 10, "full_width": 200, "full_height": 100}, True),
        ({"x": 0, "y": 0, "full_width": 200, "full_height": 100}, False),
        ({"x": 198, "y": 10, "full_width": 200, "full_height": 100}, False),
        ({"x": 5, "y": 5, "full_width": None, "full_height": None}, False),
        ({"x": None, "y": None, "full_width": None, "full_height": None}, False),
    ],
)
def test_a_place_that_only_a_dpx_keeps_is_told(told, said):
    data = dpx(BODY, (5, 2), **told)
    note = "its place, x 20, y 10 of 200 x 100, is kept in a DPX alone"
    assert dpx_spec(Path(), data, len(data), "").notes == ((note,) if said else ())
