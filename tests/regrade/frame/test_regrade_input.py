"""What a file says of its color is believed; what nobody says is assumed, and told."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from cli_samples import DONE
from cli_samples import refused as told
from exr_samples import SAID, save, smooth
from image_samples import KINDS, ShownSDev, codes_for, save_by_oiio
from ledger_samples import lines
from part_samples import save_parts
from regrade_samples import FakeSDev, refused
from regrade_samples import run as graded

from lattice.color.inputs import INPUTS
from lattice.color.interop import DISPLAYS, ENCODED, SCENE_LINEAR
from lattice.color.primaries import PRIMARIES
from lattice.files.exr import file as exr
from lattice.files.exr.header import Attribute
from lattice.files.images.file import write
from lattice.files.images.spec import EncodedImage
from lattice.regrade import Options, Session, plan, plan_frame, regrade
from lattice.regrade.frame.input import assumptions
from lattice.regrade.options import Job
from lattice.regrade.report import FrameReport
from lattice.sdev import SDev

RGB = {name: smooth((9, 9), seed=k) for k, name in enumerate("RGB")}
FLAG = {"acesImageContainerFlag": Attribute("int", struct.pack("<i", 1))}


def interop(name: str) -> dict[str, Attribute]:
    return {"colorInteropID": Attribute.text(name)}


def numbers(name: str, off: float = 0.0) -> dict[str, Attribute]:
    return {"chromaticities": Attribute.floats("chromaticities", *(x + off for x in PRIMARIES[name].xy))}


def oiio_name(name: str) -> dict[str, Attribute]:
    return {"oiio:ColorSpace": Attribute.text(name)}


def taken(path: Path, attributes: dict[str, Attribute], **options: Any) -> tuple[Any, dict[str, str]]:
    """The primaries that a file with these attributes is graded from, and what was assumed."""
    save(path / "a.exr", RGB, attributes)
    made = plan_frame(Job(None, path / "a.exr", path / "b.exr"), Session(FakeSDev(), Options(**options)))
    return made.primaries, dict(made.assumed)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        *((interop(name), primaries) for name, primaries in SCENE_LINEAR.items()),
        (interop("lin_ap1"), "ACEScg"),
        (FLAG, "ACES2065-1"),
        ({**FLAG, **interop("lin_ap0_scene")}, "ACES2065-1"),
        ({"acesImageContainerFlag": Attribute("int", bytes(4)), **interop("lin_ap1_scene")}, "ACEScg"),
        (oiio_name("lin_rec2020_scene"), "Rec.2020"),
        (oiio_name("ACEScg"), "ACEScg"),
        ({**oiio_name("sRGB"), **interop("lin_ap1_scene")}, "ACEScg"),
    ],
)
def test_what_the_file_says_is_believed(attributes: dict[str, Attribute], expected: str, folder: Path) -> None:
    assert taken(folder, attributes) == (expected, {})


@pytest.mark.parametrize(("name", "space"), ENCODED.items())
def test_codes_that_the_file_names_are_decoded_and_told(name: str, space: str, folder: Path) -> None:
    codes = {"codes": space}
    assert taken(folder, interop(name)) == (space, codes)
    assert taken(folder, {**interop(name), **numbers(INPUTS[space].primaries)}) == (space, codes)
    assert taken(folder, interop(name), input="ACEScg") == ("ACEScg", {})
    assert taken(folder, {}, input=name) == (space, {})
    [line] = assumptions([FrameReport(1, folder, folder, "ok", assumed=codes)])
    assert line == f"the header of 1 frame names codes: decoded as {space} (--input says otherwise)"


@pytest.mark.parametrize(("name", "primaries"), SCENE_LINEAR.items())
def test_every_name_agrees_with_the_numbers_of_its_own_primaries(name: str, primaries: str, folder: Path) -> None:
    got, assumed = taken(folder, {**interop(name), **numbers(primaries)})
    assert assumed == {}
    if PRIMARIES[primaries].neutral is None:
        assert got == pytest.approx(PRIMARIES[primaries].xy)
    else:
        assert got == primaries, "the name says also which color is white"


@pytest.mark.parametrize("more", [interop("lin_ap1_scene"), interop("unknown"), interop(""), oiio_name("sRGB"), {}])
def test_chromaticities_are_preferred_where_the_name_agrees(more: dict[str, Attribute], folder: Path) -> None:
    got, assumed = taken(folder, {**more, **numbers("ACEScg", 2e-4)})
    assert got == pytest.approx([x + 2e-4 for x in PRIMARIES["ACEScg"].xy])
    assert not assumed


@pytest.mark.parametrize(
    "attributes", [{}, interop("unknown"), interop(""), oiio_name("show/plate"), {"interop": Attribute.text("lin_ap1")}]
)
def test_what_nobody_says_is_rec709_and_told(attributes: dict[str, Attribute], folder: Path) -> None:
    assert taken(folder, attributes) == ("Rec.709", {"input": "Rec.709"})
    assert taken(folder, attributes, input="Rec.709") == ("Rec.709", {})


@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        (interop("data"), "colorInteropID: expected light or codes of a scene, got 'data', which is no color"),
        *((interop(name), f"got '{name}', a picture for a display") for name in sorted(DISPLAYS)[::5]),
        (interop("ocio:lin_awg5_scene"), "linear light of primaries that lattice does not have"),
        (interop("studio:plate"), "got 'studio:plate', a name that lattice does not know"),
        ({"colorInteropID": Attribute("int", bytes(4))}, "colorInteropID: expected a string, got 'int'"),
        ({**interop("lin_ap1_scene"), **numbers("Rec.709")}, "colorInteropID lin_ap1_scene and chromaticities 0.64"),
        ({**interop("lin_ap1_scene"), **FLAG}, "lin_ap1_scene and acesImageContainerFlag 1 disagree"),
        ({**numbers("ACEScg"), **FLAG}, "and acesImageContainerFlag 1 disagree"),
        (oiio_name("srgb_rec709_display"), "oiio:ColorSpace: expected light or codes of a scene, got 'srgb_rec709_"),
        ({**interop("ocio:arrilogc3_awg3_scene"), **numbers("Rec.709")}, "arrilogc3_awg3_scene and chromaticities"),
        ({**interop("srgb_ap1_scene"), **FLAG}, "srgb_ap1_scene and acesImageContainerFlag 1 disagree"),
    ],
)
def test_what_is_no_scene_light_or_disagrees_is_refused(
    attributes: dict[str, Attribute], why: str, folder: Path
) -> None:
    save(folder / "a.exr", RGB, attributes)
    said = refused(folder / "a.exr", folder / "b.exr")
    assert said.startswith(f"{folder / 'a.exr'}: ")
    assert why in said
    assert said.endswith("; --input NAME says what the pixels are, such as --input ACEScg or --input LogC3")
    _, frame = graded(folder / "a.exr", folder / "b.exr", Options(input="ACEScg"))
    assert frame.header.text("sdev:input") == "ACEScg"
    assert "sdev:assumed" not in frame.header.attributes


def parts(path: Path, *ids: str | None, names: tuple[str, ...] = ("left", "right")) -> None:
    """Two views, each in its part, with these IDs."""
    views = [("left", "right")[k] if names[0] == "left" else None for k in range(len(ids))]
    layouts = [
        {"attributes": interop(name) if name else {}, **({"view": view} if view else {})}
        for name, view in zip(ids, views, strict=True)
    ]
    save_parts(path, *((name, RGB, layout) for name, layout in zip(names, layouts, strict=True)))


@pytest.mark.parametrize("ids", [("lin_ap1_scene", None), ("lin_ap1_scene", "lin_ap1"), (None, "lin_ap1_scene")])
def test_a_part_without_an_id_has_the_first_ones(ids: tuple[str | None, ...], folder: Path) -> None:
    parts(folder / "a.exr", *ids)
    regrade(plan(FakeSDev(), folder / "a.exr", folder / "b.exr"))
    assert [header.text("sdev:input") for header in exr.read_headers(folder / "b.exr")] == ["ACEScg"] * 2


def test_parts_that_disagree_are_refused_unless_they_only_pass(folder: Path) -> None:
    parts(folder / "a.exr", "srgb_ap1_scene", "lin_ap1_scene")
    assert "srgb_ap1_scene and colorInteropID lin_ap1_scene disagree" in refused(folder / "a.exr", folder / "b.exr")
    parts(folder / "a.exr", "lin_ap1_scene", "lin_rec709_scene")
    why = "colorInteropID lin_ap1_scene and colorInteropID lin_rec709_scene disagree; --input NAME says"
    assert why in refused(folder / "a.exr", folder / "b.exr")
    regrade(plan(FakeSDev(), folder / "a.exr", folder / "c.exr", options=Options(views=("right",))))
    assert exr.read_headers(folder / "c.exr")[1].text("sdev:input") == "Rec.709"


def test_a_part_of_data_is_never_graded(folder: Path) -> None:
    parts(folder / "a.exr", "lin_ap1_scene", "data", names=("beauty", "tint"))
    regrade(plan(FakeSDev(), folder / "a.exr", folder / "b.exr"))
    assert exr.read_headers(folder / "b.exr")[0].text("sdev:layers") == "beauty:R,G,B"
    assert "tint: expected color, got data: colorInteropID" in refused(
        folder / "a.exr", folder / "c.exr", Options(layers=("tint",))
    )
    parts(folder / "a.exr", "data", None, names=("other", "beauty"))  # the first part's is the file's
    assert "got 'data', which is no color; --input NAME" in refused(folder / "a.exr", folder / "c.exr")


def test_the_pixels_are_those_of_the_space_that_is_named(premier: SDev, folder: Path) -> None:
    for name, primaries in SCENE_LINEAR.items():
        save(folder / "a.exr", RGB, interop(name))
        [report] = regrade(plan(premier, folder / "a.exr", folder / "b.exr", options=Options(force=True)))
        assert report.status == "ok", report.why
        got = exr.read(folder / "b.exr").channels
        image = np.stack(list(RGB.values()), axis=-1)
        wanted = premier.with_input(primaries).apply(image)
        assert np.array_equal(np.stack([got[each] for each in "RGB"], axis=-1), wanted)


def test_a_name_that_changed_is_graded_again_and_words_alone_are_not(folder: Path) -> None:
    def again() -> str:
        [report] = regrade(plan(FakeSDev(), folder / "a.exr", folder / "b.exr"))
        return report.status

    save(folder / "a.exr", RGB)
    assert [again(), again()] == ["ok", "skipped"]
    made = exr.read(folder / "b.exr")
    assert made.header.text("sdev:assumed") == "input=Rec.709"
    older = {name: value for name, value in made.header.attributes.items() if name != "sdev:assumed"}
    exr.write(folder / "b.exr", replace(made, header=made.header.with_attributes(older)))
    assert again() == "skipped"
    save(folder / "a.exr", RGB, interop("lin_ap1_scene"))
    assert [again(), again()] == ["ok", "skipped"]


def test_a_run_says_once_what_it_assumed(run: Any, folder: Path) -> None:
    for frame in range(1, 5):
        save(folder / f"s.{frame}.exr", RGB, SAID if frame == 3 else {})
    source, target = folder / "s.#.exr", folder / "g.#.exr"
    line = "lattice: no color space named in 3 frames: taken as Rec.709 (--input says otherwise)\n"
    for _ in ("graded", "skipped"):
        result = run("regrade", source, target, "--sdev", "premier")
        assert (result.code, result.err) == (DONE, line)
    assert {each["frame"]: each["assumed"] for each in lines(folder / "g.sdev.jsonl")} == {
        frame: {} if frame == 3 else {"input": "Rec.709"} for frame in range(1, 5)
    }
    result = run("regrade", source, target, "--sdev", "premier", "--dry-run")
    assert "no color space named in s.1.exr: taken as Rec.709 (--input says otherwise)\n" in result.out
    assert run("regrade", source, target, "--sdev", "premier", "--input", "Rec.709").err == ""


def test_a_refusal_is_one_line_of_the_command(run: Any, folder: Path) -> None:
    save(folder / "s.exr", RGB, interop("g24_rec709_display"))
    told(
        run("apply", folder / "s.exr", folder / "g.exr", "--sdev", "premier"),
        "got 'g24_rec709_display', a picture for a display; --input NAME says",
        code=1,
    )


@pytest.mark.parametrize(
    ("options", "expected", "line"),
    [
        (
            {},
            {"transfer": "cineon", "input": "Rec.709"},
            "Cineon printing density, Rec.709 primaries (--transfer and --input say otherwise)",
        ),
        ({"transfer": "linear"}, {"input": "Rec.709"}, "Rec.709 (--input says otherwise)"),
        ({"input": "ACEScg"}, {"transfer": "cineon"}, "Cineon printing density (--transfer says otherwise)"),
        ({"input": "ACEScg", "transfer": "cineon"}, {}, None),
    ],
)
def test_images_say_what_is_assumed_of_their_codes_too(
    options: dict[str, str], expected: dict[str, str], line: str | None, oiio: Any, folder: Path
) -> None:
    write(folder / "a.cin", KINDS["Cineon"], EncodedImage(codes_for(KINDS["Cineon"])))
    [report] = regrade(plan(ShownSDev(), folder / "a.cin", folder / "b.exr", options=Options(**options)))
    assert report.assumed == expected
    lines = assumptions([report, report])
    what = "color space" if "input" in expected else "encoding"
    assert lines == ([f"no {what} named in 2 frames: taken as {line}"] if line else [])
    said = exr.read_header(folder / "b.exr").text("sdev:assumed")
    assert said == (" ".join(f"{key}={value}" for key, value in expected.items()) or None)


def test_a_dpx_that_names_its_curve_is_believed(oiio: Any, folder: Path) -> None:
    write(folder / "a.dpx", KINDS["DPX"], EncodedImage(codes_for(KINDS["DPX"])))
    for code, expected in ((1, {"input": "Rec.709"}), (0, {"transfer": "cineon", "input": "Rec.709"})):
        raw = bytearray((folder / "a.dpx").read_bytes())
        raw[801] = code
        (folder / "a.dpx").write_bytes(raw)
        made = plan_frame(Job(None, folder / "a.dpx", folder / "b.exr"), Session(ShownSDev()))
        assert made.assumed == expected


def test_a_hdr_is_linear_and_a_tiff_srgb_by_convention(oiio: Any, folder: Path) -> None:
    save_by_oiio(oiio, folder / "a.hdr", "hdr", np.ones((4, 9, 3), np.float32), "float")
    write(folder / "a.tif", KINDS["TIFF"], EncodedImage(codes_for(KINDS["TIFF"])))
    for name, expected in (("a.hdr", {}), ("a.tif", {"transfer": "srgb"})):
        made = plan_frame(Job(None, folder / name, folder / "b.exr"), Session(ShownSDev(), Options(input="ACEScg")))
        assert made.assumed == expected


def test_nothing_else_is_named(folder: Path) -> None:
    save(folder / "a.exr", RGB)
    one_line(lambda: plan(FakeSDev(), folder / "a.exr", folder / "b.exr", options=Options(input="nonsense")), "input:")
