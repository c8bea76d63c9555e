"""ICC profiles: read by LittleCMS, they turn codes into the light that the display shows; PNG's cICP says the same."""

from __future__ import annotations

import io
import struct
import zlib
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from image_samples import KINDS, codes_for

from lattice.color.displays import H273, Encoding
from lattice.color.interop import DISPLAYS
from lattice.color.primaries import BRADFORD, PRIMARIES, adaptation, rgb_to_xyz, white
from lattice.files.images.file import write
from lattice.files.images.icc import profile
from lattice.files.images.spec import EncodedImage
from lattice.types import Display, LatticeError

SHOWN = [each for each in PRIMARIES.values() if each.is_display and each.white_light == 1]
GAMMAS = ("sRGB", 1.0, 1.8, 2.2, 2.4, 2.6, 3.0)
EVERY = [Encoding(each.xy, gamma) for each, gamma in product(SHOWN, GAMMAS)]
every = pytest.mark.parametrize("display", EVERY, ids=[each.title for each in EVERY])
REC709 = PRIMARIES["Rec.709"]


def light_of(display: Encoding, codes: np.ndarray) -> np.ndarray:
    return Display(1.0, np.eye(3), display.gamma).decode(codes)


def to_srgb(display: Encoding, codes: np.ndarray) -> np.ndarray:
    """The codes of an sRGB screen that shows the same, whites adapted to each other as ICC does."""
    change = np.linalg.inv(rgb_to_xyz("Rec.709")) @ adaptation(white(display.xy), white("Rec.709"), BRADFORD)
    light = light_of(display, codes) @ (change @ rgb_to_xyz(display.xy)).T
    return np.clip(Display(1.0, np.eye(3), "sRGB").encode(np.clip(light, 0, 1)), 0, 1)


@pytest.mark.parametrize(
    ("primaries", "gamma"), [("Rec.2020", "PQ"), ("Rec.2020", "HLG"), ("Display P3", "PQ"), ("CIE XYZ-D65", 2.6)]
)
def test_hdr_and_dcdm_have_no_profile_that_would_darken_them(primaries: str, gamma: Any) -> None:
    one_line(lambda: profile(Encoding(PRIMARIES[primaries].xy, gamma)), "cannot hold this display")


@pytest.fixture
def cms() -> Any:
    return pytest.importorskip("PIL.ImageCms")


def converted(cms: Any, data: bytes, codes: np.ndarray, target: Any = None) -> np.ndarray:
    """8-bit codes of an sRGB screen by LittleCMS, relative colorimetric."""
    from PIL import Image

    ours, srgb = cms.ImageCmsProfile(io.BytesIO(data)), target or cms.createProfile("sRGB")
    picture = Image.fromarray(codes)
    return np.asarray(cms.profileToProfile(picture, ours, srgb, cms.Intent.RELATIVE_COLORIMETRIC, outputMode="RGB"))


@every
def test_littlecms_shows_what_the_display_shows(display: Encoding, cms: Any) -> None:
    codes = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    wanted = np.rint(to_srgb(display, codes / 255) * 255)
    got = converted(cms, profile(display), codes)
    dark = 3 if display.gamma != "sRGB" else 1  # where a power is steep, LittleCMS' own tables of 8-bit codes are off
    assert np.abs(got - wanted).max() <= dark
    assert np.abs(got - wanted)[wanted > 24].max(initial=0) <= 1


@every
def test_gray_stays_gray_and_white_white(display: Encoding, cms: Any) -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    srgb = cms.ImageCmsProfile(io.BytesIO(profile(Encoding(REC709.xy, "sRGB"))))
    got, theirs = (converted(cms, profile(display), ramp, target)[0] for target in (srgb, None))
    assert (got == got[:, :1]).all()
    assert np.ptp(theirs.astype(int), axis=1).max() <= 1  # LittleCMS' own sRGB is not quite D50
    assert got[[0, 255]].tolist() == [[0, 0, 0], [255, 255, 255]]
    if display == Encoding(REC709.xy, "sRGB"):
        assert np.array_equal(got, ramp[0])


@every
def test_a_profile_is_the_same_bytes_and_says_what_it_is(display: Encoding, cms: Any) -> None:
    data = profile(display)
    assert profile(Encoding(display.xy, display.gamma)) == data
    assert struct.unpack(">I", data[:4])[0] == len(data)
    assert len(data) % 4 == 0
    opened = cms.ImageCmsProfile(io.BytesIO(data)).profile
    assert opened.profile_description == display.title
    assert (opened.device_class, opened.xcolor_space.strip(), opened.version) == ("mntr", "RGB", 4.3)
    assert np.allclose(opened.media_white_point[0], (0.9642, 1.0, 0.8249), atol=2e-5)
    adapted = adaptation(white(display.xy), np.array([0.9642, 1.0, 0.8249]), BRADFORD)
    assert np.allclose(opened.chromatic_adaptation[0], adapted, atol=1e-4)
    columns = np.transpose([opened.red_colorant[0], opened.green_colorant[0], opened.blue_colorant[0]])
    assert np.allclose(columns, adapted @ rgb_to_xyz(display.xy), atol=5e-5)


def test_primaries_that_no_profile_holds_are_refused() -> None:
    with pytest.raises(LatticeError, match="expected three primaries that span a triangle"):
        profile(Encoding((0.3, 0.3) * 4, 2.2))
    with pytest.raises(LatticeError, match="expected numbers that an ICC profile holds"):
        profile(Encoding(REC709.xy, 1e5))


def chunks(data: bytes) -> dict[bytes, bytes]:
    """A PNG's chunks by name, read by the specification: length, name, data, CRC."""
    found, place = {}, 8
    while place < len(data):
        (size,) = struct.unpack_from(">I", data, place)
        body = data[place + 4 : place + 8 + size]
        assert struct.unpack_from(">I", data, place + 8 + size)[0] == zlib.crc32(body)
        found.setdefault(body[:4], body[4:])
        place += 12 + size
    return found


@pytest.mark.parametrize(
    ("primaries", "gamma", "codes"),
    [
        ("Rec.709", "sRGB", (1, 13, 0, 1)),
        ("Rec.709", 2.4, (1, 1, 0, 1)),
        ("Rec.709", 2.2, (1, 4, 0, 1)),
        ("Display P3", "sRGB", (12, 13, 0, 1)),
        ("P3-DCI", 2.2, (11, 4, 0, 1)),
        ("Rec.2020", 2.4, (9, 1, 0, 1)),
        ("P3-DCI", 2.6, None),  # ST 428-1's curve has another peak
        ("Rec.709", 2.35, None),
    ],
)
def test_a_png_says_its_color_twice(primaries: str, gamma: Any, codes: Any, tmp_path: Path, oiio: Any) -> None:
    display = Encoding(PRIMARIES[primaries].xy, gamma)
    image = EncodedImage(codes_for(KINDS["PNG"]), icc=profile(display), cicp=display.cicp)
    write(tmp_path / "a.png", KINDS["PNG"], image)
    found = chunks((tmp_path / "a.png").read_bytes())
    assert found.get(b"cICP") == (None if codes is None else bytes(codes))
    name, _, packed = found[b"iCCP"].partition(b"\0")
    assert name == b"ICC profile"
    assert zlib.decompress(packed[1:]) == profile(display)
    order = list(found)
    assert max(order.index(each) for each in (b"iCCP", b"cICP") if each in order) < order.index(b"IDAT")
    theirs = oiio.ImageInput.open(str(tmp_path / "a.png")).spec().get("CICP")
    assert theirs == codes


@pytest.mark.parametrize("name", ["PNG", "TIFF", "JPEG"])
def test_pillow_finds_the_profile(name: str, tmp_path: Path, oiio: Any) -> None:
    image_module = pytest.importorskip("PIL.Image")
    data = profile(Encoding(PRIMARIES["Display P3"].xy, "sRGB"))
    target = tmp_path / f"a{KINDS[name].suffixes[0]}"
    write(target, KINDS[name], EncodedImage(codes_for(KINDS[name], (40, 40)), icc=data))
    with image_module.open(target) as opened:
        assert opened.info["icc_profile"] == data


def test_ids_are_of_displays_that_are_exactly_so() -> None:
    named = {each.interop_id for each in EVERY if each.interop_id}
    assert named <= DISPLAYS
    assert named == {
        *(f"{curve}_rec709_display" for curve in ("srgb", "g22", "g24", "lin")),
        *(f"{curve}_p3d65_display" for curve in ("srgb", "g26", "lin")),
        "lin_rec2020_display",
    }
    assert Encoding(PRIMARIES["AdobeRGB"].xy, 2.2).interop_id is None  # the forum's is 563/256
    assert Encoding((0.6, 0.3) * 4, 2.2).cicp is None
    assert 2.6 not in H273
