"""Graded files say what they are: colorInteropID, chromaticities, ICC profiles, cICP; what passes is what it was."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exr_samples import SAID, save, smooth
from image_samples import KINDS, codes_in
from part_samples import save_parts
from regrade_samples import FakeSDev, run

from lattice.color.displays import Encoding
from lattice.color.primaries import BRADFORD, PRIMARIES, adaptation, rgb_to_xyz, white
from lattice.files.exr import file as exr
from lattice.files.exr.header import Attribute
from lattice.files.images.icc import profile
from lattice.looks import Profile, load_profile
from lattice.regrade import Options, plan, regrade
from lattice.sdev import SDev, load
from lattice.types import Display

RGB = {name: smooth((9, 9), seed=k) for k, name in enumerate("RGB")}
ID = "colorInteropID"


def showing(primaries: str, gamma: Any) -> FakeSDev:
    """The made-up device on this display."""
    xy = " ".join(f"{number:g}" for number in PRIMARIES[primaries].xy)
    facts = {"input": "Rec.709", "output_chromaticities": xy}
    return FakeSDev(provenance=facts, display=Display(1.0, np.eye(3), gamma))


def graded(folder: Path, sdev: FakeSDev, **options: Any) -> tuple[Any, ...]:
    [report] = regrade(plan(sdev, folder / "a.exr", folder / "b.exr", options=Options(**options)))
    assert report.status == "ok", report.why
    return exr.read_headers(folder / "b.exr")


DISPLAYS = list(product([each.name for each in PRIMARIES.values() if each.is_display], ("sRGB", 2.2, 2.4, 2.6)))


@pytest.mark.parametrize(("primaries", "gamma"), DISPLAYS)
def test_an_exr_has_the_id_of_its_display_or_none(primaries: str, gamma: Any, folder: Path) -> None:
    save(folder / "a.exr", RGB, {ID: Attribute.text("lin_ap1_scene")})
    [header] = graded(folder, showing(primaries, gamma))
    assert header.text(ID) == Encoding(PRIMARIES[primaries].xy, gamma).interop_id
    assert header.chromaticities == pytest.approx(PRIMARIES[primaries].xy, abs=1e-6)


def test_a_device_of_no_known_display_says_nothing(folder: Path) -> None:
    save(folder / "a.exr", RGB, SAID)
    device = FakeSDev(provenance={"input": "Rec.709"})
    assert ID not in graded(folder, device)[0].attributes
    for suffix in (".png", ".tif", ".jpg"):
        [report] = regrade(plan(device, folder / "a.exr", folder / f"b{suffix}"))
        assert report.status == "ok", report.why
        data = (folder / f"b{suffix}").read_bytes()
        assert not any(word in data for word in (b"iCCP", b"cICP", b"ICC_PROFILE", b"acsp"))


def test_a_display_that_no_profile_can_hold_costs_only_the_profile(folder: Path) -> None:
    save(folder / "a.exr", RGB, SAID)
    device = FakeSDev(provenance={"input": "Rec.709", "output_chromaticities": "0.3 0.3 0.3 0.3 0.3 0.3 0.3 0.3"})
    [report] = regrade(plan(device, folder / "a.exr", folder / "b.png"))
    assert report.status == "ok", report.why
    assert b"iCCP" not in (folder / "b.png").read_bytes()


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ("lin_ap1_scene", None, "lin_ap1_scene"),  # which it had from the first
        ("lin_ap1_scene", "lin_rec709_scene", "lin_rec709_scene"),
        (None, None, "unknown"),  # else a reader takes the first part's new one
        (None, "lin_ap1_scene", "lin_ap1_scene"),
        ("lin_ap1_scene", "data", "data"),
    ],
)
def test_a_color_that_passes_keeps_its_own_id(first: str | None, second: str | None, kept: str, folder: Path) -> None:
    ids = [{ID: Attribute.text(name)} if name else {} for name in (first, second)]
    depth = {"Z": smooth((9, 9), "float32")}
    save_parts(
        folder / "a.exr",
        ("rgba", RGB, {"attributes": ids[0]}),
        ("diffuse", RGB, {"attributes": ids[1]}),
        ("depth", depth, {}),
    )
    headers = graded(folder, showing("Rec.709", "sRGB"))
    assert [header.text(ID) for header in headers] == ["srgb_rec709_display", kept, None]


def test_the_plan_says_what_stays_scene_linear_under_the_displays_name(folder: Path) -> None:
    layers = {f"{layer}.{name}": plane for layer in ("diffuse", "fog") for name, plane in RGB.items()}
    save(folder / "a.exr", {**RGB, **layers}, SAID)
    line = "diffuse, fog: stays scene-linear, though its header names the display"
    assert line in plan(FakeSDev(), folder / "a.exr", folder / "b.exr").lines
    assert (
        line.replace("diffuse, ", "")
        in plan(FakeSDev(), folder / "a.exr", folder / "b.exr", options=Options(layers=("diffuse",))).lines
    )


def test_a_first_part_that_passes_stays_as_it_is(folder: Path) -> None:
    save_parts(folder / "a.exr", ("diffuse", RGB, {}), ("rgba", RGB, {"attributes": SAID}))
    headers = graded(folder, showing("Rec.709", 2.4))
    assert [header.text(ID) for header in headers] == [None, "g24_rec709_display"]


def test_channels_that_are_split_off_say_what_they_are(folder: Path) -> None:
    layer = {f"diffuse.{name}": plane for name, plane in RGB.items()}
    save(folder / "a.exr", {**RGB, **layer}, SAID, (), codec="DWAA")
    names = [header.text(ID) for header in graded(folder, showing("Rec.709", "sRGB"), lossy="split")]
    assert names == ["srgb_rec709_display", "lin_rec709_scene"]
    save(folder / "a.exr", {**RGB, "d.Y": RGB["R"]}, SAID, (), codec="DWAA")
    names = [header.text(ID) for header in graded(folder, showing("Rec.709", "sRGB"), lossy="split", force=True)]
    assert names == ["srgb_rec709_display", "data"]


def test_a_graded_frame_is_graded_again_only_by_force(folder: Path) -> None:
    save(folder / "a.exr", RGB, SAID)
    graded(folder, showing("Rec.709", "sRGB"))
    _, frame = run(folder / "b.exr", folder / "c.exr", Options(force=True), showing("Rec.709", "sRGB"))
    assert frame.header.text(ID) == "srgb_rec709_display"


def test_what_was_done_before_ids_and_profiles_is_done(folder: Path) -> None:
    save(folder / "a.exr", RGB, SAID)
    device = showing("Rec.709", "sRGB")
    graded(folder, device)
    made = exr.read(folder / "b.exr")
    older = {name: value for name, value in made.header.attributes.items() if name != ID}
    exr.write(folder / "b.exr", replace(made, header=made.header.with_attributes(older)))
    [report] = regrade(plan(device, folder / "a.exr", folder / "b.exr"))
    assert report.status == "skipped"


@pytest.fixture(scope="module")
def p3() -> SDev:
    """A shipped look on a Display P3 monitor."""
    look: Profile = load_profile("premier")
    return load(look.replace(display=look.display.replace(primaries="Display P3")))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["PNG", "TIFF", "JPEG"])
def test_a_p3_picture_is_the_same_picture_on_an_srgb_screen(name: str, p3: SDev, folder: Path, oiio: Any) -> None:
    cms, images = pytest.importorskip("PIL.ImageCms"), pytest.importorskip("PIL.Image")
    random = np.random.default_rng(0)
    arrays = {each: np.exp2(random.uniform(-6, 2, (48, 48))).astype(np.float32) for each in "RGB"}
    save(folder / "a.exr", arrays, SAID)
    target = folder / f"b{KINDS[name].suffixes[0]}"
    [report] = regrade(plan(p3, folder / "a.exr", target))
    assert report.status == "ok", report.why
    display = Encoding(PRIMARIES["Display P3"].xy, p3.display.gamma)
    with images.open(target) as opened:
        data = opened.info["icc_profile"]
    assert data == profile(display)
    codes = codes_in(target, KINDS[name])
    codes = codes if codes.dtype == np.uint8 else np.rint(codes / 257).astype(np.uint8)
    srgb = cms.createProfile("sRGB")
    got = np.asarray(
        cms.profileToProfile(images.fromarray(codes), cms.ImageCmsProfile(io.BytesIO(data)), srgb, 1, outputMode="RGB")
    )
    change = adaptation(white("Display P3"), white("Rec.709"), BRADFORD) @ rgb_to_xyz("Display P3")
    light = p3.display.decode(codes / 255) @ (np.linalg.inv(rgb_to_xyz("Rec.709")) @ change).T
    wanted = np.rint(Display(1.0, np.eye(3), "sRGB").encode(np.clip(light, 0, 1)) * 255)
    assert np.abs(got - wanted).max() <= 1
    assert np.abs(got.astype(int) - codes).max() > 5  # the profile does something
