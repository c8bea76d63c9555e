"""`lattice invert` as typed: light that shows as the picture, its mask, its header, one line for every bad input."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import grid, make_device
from cli_samples import DONE, refused
from exr_samples import SAID, noise, save
from image_samples import KINDS
from wide_samples import tables

from lattice.files.exr import file as exr
from lattice.files.exr.header import Attribute
from lattice.files.images.file import write
from lattice.files.images.spec import EncodedImage
from lattice.sdev import SDev

SHAPE = (9, 14)
HALF = 1 / 2048  # of a code below 1, rounded to a half


def soft(seed: int = 0) -> Any:
    """Scene light of soft colors, (9, 14, 3) float32."""
    random = np.random.default_rng(seed)
    return (0.18 * 2.0 ** (random.uniform(-3, 2, (*SHAPE, 1)) + random.normal(0, 0.2, (*SHAPE, 3)))).astype(np.float32)


def planes(image: Any) -> dict[str, Any]:
    return {name: np.ascontiguousarray(image[..., k]) for k, name in enumerate("RGB")}


def picture(frame: Any, layer: str = "") -> Any:
    return np.stack([frame.channels[f"{layer}{name}"] for name in "RGB"], axis=-1)


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, premier: SDev) -> Path:
    """A folder with an EXR of codes that premier shows, with depth, a window, an old stamp; no temporary is left."""
    monkeypatch.chdir(tmp_path)
    arrays = planes(premier.apply(soft())) | {"Z": noise(SHAPE, "float32")}
    attributes = {"sdev:name": Attribute.text("premier"), "owner": Attribute.text("us")}
    save(tmp_path / "in.exr", arrays, attributes, origin=(3, -2), display=(0, 0, 19, 9), codec="PIZ")
    return tmp_path


def test_the_light_shows_as_the_picture(run: Any, shown: Path, premier: SDev) -> None:
    done = run("invert", "in.exr", "out.exr", "--sdev", "premier")
    said = "out.exr: 100.00 % of the pixels have an inverse; it holds scene light, Rec.709 primaries\n"
    assert (done.code, done.out, done.err) == (DONE, said, "")
    given, made = exr.read("in.exr"), exr.read("out.exr")
    assert {channel.name: channel.dtype for channel in made.header.channels} == {
        **dict.fromkeys(("R", "G", "B", "Z", "found"), "float32")
    }
    assert np.abs(premier.apply(picture(made)) - picture(given)).max() <= 1e-5
    assert np.abs(picture(made) / soft() - 1).max() < 1e-2
    assert (made.channels["found"] == 1).all()
    assert made.channels["Z"].tobytes() == given.channels["Z"].tobytes()
    assert (made.header.window, made.header.display) == (given.header.window, given.header.display)
    assert made.header.text("owner") == "us"
    assert made.header.text("colorInteropID") == "lin_rec709_scene"
    assert made.header.codec.name == "ZIP"
    assert made.header.graded_by is None
    assert f"premier {premier.sha256}" == made.header.text("lattice:inverse")


def test_what_comes_out_can_be_graded_again(run: Any, shown: Path) -> None:
    assert run("invert", "in.exr", "out.exr", "--sdev", "premier", "--no-mask").code == DONE
    assert "found" not in exr.read("out.exr").channels
    done = run("apply", "out.exr", "again.exr", "--sdev", "premier")
    assert done.code == DONE, done
    assert np.abs(picture(exr.read("again.exr")) - picture(exr.read("in.exr"))).max() <= 1e-5


def test_the_mask_says_where_there_is_no_inverse(run: Any, shown: Path) -> None:
    codes = np.full((*SHAPE, 3), 0.4, np.float32)
    codes[0, 0], codes[1, 1], codes[2, 2], codes[3, 3, 1] = 1, 0, (0.02, 0.99, 0.02), np.nan
    save(shown / "odd.exr", planes(codes))
    done = run("invert", "odd.exr", "out.exr", "--sdev", "premier", "--mask", "real")
    assert done.code == DONE
    assert "out.exr: 96.83 % " in done.out  # all but 4 of 126
    found = exr.read("out.exr").channels["real"]
    assert sorted(map(tuple, np.argwhere(found == 0).tolist())) == [(k, k) for k in range(4)]
    assert np.isfinite(picture(exr.read("out.exr"))).all()


def test_color_is_divided_by_alpha_and_multiplied_again(run: Any, shown: Path, premier: SDev) -> None:
    codes, alpha = premier.apply(soft()), np.random.default_rng(4).uniform(0.2, 1, SHAPE).astype(np.float32)
    alpha[0] = 0
    save(shown / "over.exr", planes(codes * alpha[..., None]) | {"A": alpha})
    assert run("invert", "over.exr", "out.exr", "--sdev", "premier").code == DONE
    made = exr.read("out.exr")
    light, _ = premier.inverse(codes)
    assert np.abs(picture(made)[1:] / (light * alpha[..., None])[1:] - 1).max() < 1e-3
    assert (picture(made)[0] == 0).all()
    assert (made.channels["found"][0] == 0).all()
    assert np.array_equal(made.channels["A"], alpha)


def test_halves_and_layers(run: Any, shown: Path, premier: SDev) -> None:
    codes = premier.apply(soft()).astype(np.float16)
    arrays = planes(codes) | {f"spec.{name}": plane for name, plane in planes(codes).items()}
    save(shown / "layers.exr", arrays)
    assert run("invert", "layers.exr", "out.exr", "--sdev", "premier").code == DONE
    made = exr.read("out.exr")
    assert made.channels["R"].dtype == np.float32
    assert made.channels["spec.R"].tobytes() == codes[..., 0].tobytes()
    assert np.abs(premier.apply(picture(made)) - codes).max() <= 1e-5


def test_display_and_input_are_what_is_asked(run: Any, shown: Path, premier: SDev) -> None:
    look = premier.with_display("P3-DCI").with_input("ACEScg")
    save(shown / "p3.exr", planes(look.apply(soft())))
    words = ("--display", "p3-dci", "--input", "acescg", "--interpolation", "trilinear")
    assert run("invert", "p3.exr", "out.exr", "--sdev", "premier", *words).code == DONE
    made = exr.read("out.exr")
    assert made.header.text("colorInteropID") == "lin_ap1_scene"
    assert made.header.chromaticities is not None
    assert abs(made.header.chromaticities[0] - 0.713) < 1e-3
    assert np.abs(look.apply(picture(made)) - look.apply(soft())).max() <= 1e-5


@pytest.mark.parametrize("kind", ["TIFF", "DPX"])
def test_what_regrade_writes_comes_back(kind: str, run: Any, shown: Path, oiio: Any) -> None:
    name = f"graded{KINDS[kind].suffixes[0]}"
    save(shown / "scene.exr", planes(soft()), SAID)
    assert run("apply", "scene.exr", name, "--sdev", "premier").code == DONE
    assert run("invert", name, "out.exr", "--sdev", "premier").code == DONE
    made = exr.read("out.exr")
    assert made.header.text("colorInteropID") == "lin_rec709_scene"
    # A code of 10 bits of density is .002 of density, half of it .0023 of light; this look's toe is no steeper than 8.
    assert np.abs(np.log2(picture(made) / soft())).max() < (0.2 if kind == "DPX" else 0.01)


def test_a_tiff_of_codes(run: Any, shown: Path, premier: SDev, oiio: Any) -> None:
    codes = np.rint(premier.apply(soft()) * 65535).astype(np.uint16)
    write(shown / "codes.tif", KINDS["TIFF"], EncodedImage(codes))
    assert run("invert", "codes.tif", "out.exr", "--sdev", "premier").code == DONE
    assert np.abs(premier.apply(picture(exr.read("out.exr"))) * 65535 - codes).max() < 0.7


BAD = {
    "in.exr out.tif": "expected a name ending in .exr",
    "in.exr in.exr --overwrite": "the same file",
    "in.exr taken.exr": "exists already; --overwrite",
    "absent.exr out.exr": "absent.exr",
    "scene.exr out.exr": "expected display codes, got lin_rec709_scene",
    "depth.exr out.exr": "expected color channels",
    "in.exr out.exr --mask Z": "channel Z: is there already",
    "in.exr out.exr --mask a.b": "mask: expected the name of a channel",
    "in.exr out.exr --mask real --no-mask": "leave out",
    "in.exr out.exr --interpolation cubic": "interpolation: expected",
    "in.exr out.exr --display nothing": "display: no display is named",
    "in.exr out.exr --input adx10": "ADX10",
    "in.png out.exr": "which is only written",
}


@pytest.mark.parametrize("typed", BAD)
def test_what_cannot_be_is_one_line(typed: str, run: Any, shown: Path) -> None:
    save(shown / "scene.exr", planes(soft()), SAID)
    save(shown / "depth.exr", {"Z": noise(SHAPE, "float32")})
    (shown / "taken.exr").write_bytes(b"somebody's")
    (shown / "in.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    before = (shown / "in.exr").read_bytes()
    refused(run("invert", *typed.split(), "--sdev", "premier"), BAD[typed])
    assert (shown / "in.exr").read_bytes() == before
    assert (shown / "taken.exr").read_bytes() == b"somebody's"
    assert not (shown / "out.exr").exists()


def test_a_lut_file_is_inverted_if_it_is_an_sdev(run: Any, shown: Path) -> None:
    rows = "\n".join(f"{r} {g} {b}" for b in (0, 1) for g in (0, 1) for r in (0, 1))
    (shown / "plain.cube").write_text(f"LUT_3D_SIZE 2\n{rows}\n")
    assert run("invert", "in.exr", "out.exr", "--sdev", "plain.cube").code == DONE
    (shown / "curve.cube").write_text("LUT_1D_SIZE 3\n0 0 0\n0.3 0.3 0.3\n1 1 1\n")
    refused(run("invert", "in.exr", "other.exr", "--sdev", "curve.cube"), "curve.cube: expected a look")


def test_overwrite_replaces(run: Any, shown: Path) -> None:
    (shown / "taken.exr").write_bytes(b"somebody's")
    assert run("invert", "in.exr", "taken.exr", "--sdev", "premier", "--overwrite").code == DONE
    assert "found" in exr.read("taken.exr").channels


def test_info_tells_whose_inverse_it_is(run: Any, shown: Path, premier: SDev) -> None:
    assert run("invert", "in.exr", "out.exr", "--sdev", "premier").code == DONE
    told = run("info", "out.exr")
    assert (told.code, told.err) == (DONE, "")
    assert told.out == (
        f"inverse of         premier {premier.sha256}\nholds              scene light, Rec.709 primaries\n"
    )
    assert run("apply", "out.exr", "again.exr", "--sdev", "premier").code == DONE
    again = run("info", "again.exr").out
    assert "name               premier\n" in again
    assert "holds " not in again  # codes now
    refused(run("info", "Z.exr"), "Z.exr")


def test_what_is_not_light_is_named(run: Any, shown: Path, premier: SDev) -> None:
    done = run("invert", "in.exr", "codes.exr", "--sdev", "premier", "--input", "LogC3")
    assert done.out.endswith("; it holds LogC3 EI800 codes, ARRI Wide Gamut 3 primaries\n")
    assert exr.read("codes.exr").header.text("lattice:holds") == "LogC3 EI800 codes, ARRI Wide Gamut 3 primaries"
    rows = "\n".join(f"{r} {g} {b}" for b in (0, 1) for g in (0, 1) for r in (0, 1))
    (shown / "plain.cube").write_text(f"LUT_3D_SIZE 2\n{rows}\n")
    done = run("invert", "in.exr", "raw.exr", "--sdev", "plain.cube")
    assert done.out.endswith("; it holds codes of the input of plain, which does not say whose\n")
    assert exr.read("raw.exr").header.text("colorInteropID") is None


def test_a_frame_of_another_look_is_told(run: Any, shown: Path, premier: SDev) -> None:
    save(shown / "scene.exr", planes(soft()), SAID)
    for name, words in {"vision.exr": ("vision",), "p3.exr": ("premier", "--display", "P3-DCI")}.items():
        assert run("apply", "scene.exr", name, "--sdev", *words).code == DONE
    assert run("apply", "scene.exr", "up.exr", "--sdev", "premier", "--exposure", "1").code == DONE
    save(shown / "bare.exr", planes(premier.apply(soft())))
    expected = {
        "vision.exr": "it was graded with vision, and is inverted as premier: --sdev",
        "p3.exr": "it was graded with premier for P3-DCI",
        "up.exr": "it was graded with exposure=1, which stays in its light",
        "bare.exr": "no lattice look is noted in it: its pixels are taken as codes that premier shows",
    }
    for name, line in expected.items():
        done = run("invert", name, f"of_{name}", "--sdev", "premier")
        assert done.code == DONE
        assert done.err.startswith(f"lattice: {name}: {line}")
        assert done.err.count("\n") == 1
    assert run("invert", "p3.exr", "right.exr", "--sdev", "premier", "--display", "P3-DCI").err == ""
    assert run("invert", "vision.exr", "right2.exr", "--sdev", "vision", "--input", "ACEScg").err == ""


def test_a_sequence_frame_by_frame(run: Any, shown: Path, premier: SDev) -> None:
    for frame in (1, 2, 4):
        save(shown / f"in.{frame:04}.exr", planes(premier.apply(soft(frame))))
    (shown / "in.0003.exr").write_bytes(b"no EXR")
    done = run("invert", "in.####.exr", "out.####.exr", "--sdev", "premier")
    assert done.code == 1
    assert [line.split(":")[0] for line in done.out.splitlines()] == [
        "out.0001.exr", "out.0002.exr", "failed in.0003.exr", "out.0004.exr"
    ]  # fmt: skip
    assert done.err.startswith("lattice: in.0001.exr and 2 more frames: no lattice look")
    assert not (shown / "out.0003.exr").exists()
    assert np.abs(premier.apply(picture(exr.read("out.0004.exr"))) - premier.apply(soft(4))).max() <= 1e-5
    refused(run("invert", "in.####.exr", "out.####.exr", "--sdev", "premier"), "out.0001.exr: exists already")
    refused(run("invert", "in.####.exr", "out.exr", "--sdev", "premier"), "out.exr: expected a frame field")
    few = run("invert", "in.####.exr", "few.%04d.exr", "--sdev", "premier", "--frames", "2,4")
    assert few.code == DONE
    assert sorted(path.name for path in shown.glob("few.*")) == ["few.0002.exr", "few.0004.exr"]


def test_memory_is_asked_for_before_a_pixel_is_read(run: Any, shown: Path) -> None:
    done = run("invert", "in.exr", "out.exr", "--sdev", "premier", "--memory", "101M")
    refused(done, "in.exr: expected a frame that fits in 1024 KiB")
    refused(run("invert", "in.exr", "out.exr", "--sdev", "premier", "--memory", "little"), "memory: expected a size")
    assert not (shown / "out.exr").exists()
    assert run("invert", "in.exr", "out.exr", "--sdev", "premier", "--memory", "1G").code == DONE


def test_a_table_that_falls_is_told_with_a_way_out(run: Any, shown: Path) -> None:
    SDev.from_device(make_device(grid(3), table=tables()["falling"])).save(shown / "down.clf")
    done = run("invert", "in.exr", "out.exr", "--sdev", "down.clf")
    refused(done, "falls in red above light 0, so several lights have one code: take a LUT whose curve rises")
