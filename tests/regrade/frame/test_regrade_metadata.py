"""Metadata of a graded frame: stamped, made true again, and otherwise kept."""

from __future__ import annotations

import struct

import numpy as np
import OpenEXR
import pytest
from exr_samples import save, smooth
from regrade_samples import P3_DCI, FakeSDev, refused, run

import lattice
from lattice.files.exr import file as exr
from lattice.files.exr.header import Attribute
from lattice.regrade import Options, plan, regrade
from lattice.types import LatticeError


def floats(kind, *values):
    return Attribute.floats(kind, *values)


def test_what_became_false_is_rewritten_and_all_else_kept(folder):
    kept = {
        "owner": Attribute.text("me"),
        "odd": Attribute("a type nobody knows", b"\1\2"),
        "capDate": Attribute.text("2001:01:01 00:00:00"),
        "rate": Attribute("rational", struct.pack("<iI", 48, 2)),
        "expTime": floats("float", 0.5),
        "empty": Attribute("stringvector", b""),
    }
    false = {
        "chromaticities": floats("chromaticities", *(0.7,) * 8),
        "whiteLuminance": floats("float", 100),
        "adoptedNeutral": floats("v2f", 0.3, 0.3),
        "colorInteropID": Attribute.text("lin_ap1_scene"),
        "acesImageContainerFlag": Attribute("int", struct.pack("<i", 1)),
        "renderingTransform": Attribute.text("rrt"),
        "lookModTransform": Attribute.text("lmt"),
        "oiio:ColorSpace": Attribute.text("lin_rec709_scene"),
        "preview": Attribute("preview", struct.pack("<2I", 0, 0)),
    }
    source = save(folder / "a.exr", {n: smooth((9, 9)) for n in "RGB"}, {**kept, **false}, origin=(3, -4))
    _, frame = run(folder / "a.exr", folder / "b.exr", Options(input="ACEScg"))
    got = dict(frame.header.attributes)
    stamps = {name: got.pop(name) for name in list(got) if name.startswith("sdev:")}
    assert got.pop("chromaticities") == floats("chromaticities", *P3_DCI)
    assert got.pop("adoptedNeutral") == floats("v2f", *P3_DCI[6:])
    assert got == {n: a for n, a in source.header.attributes.items() if n not in false}
    assert set(kept) <= set(got)
    assert len(stamps) == 14


def test_stamps(folder):
    save(folder / "a.exr", {n: smooth((9, 9)) for n in "RGB"})
    source = exr.read(folder / "a.exr")
    _, frame = run(folder / "a.exr", folder / "b.exr")
    stamps = {n.removeprefix("sdev:"): frame.header.text(n) for n in frame.header.attributes if n.startswith("sdev:")}
    assert stamps == {
        "name": "premier",
        "sha256": "5d" * 32,
        "version": lattice.__version__,
        "input": "Rec.709",
        "assumed": "input=Rec.709",
        "output": "P3-DCI",
        "interpolation": "tetrahedral",
        "layers": "R,G,B",
        "device_sha256": "5d" * 32,
        "output_chromaticities": " ".join(map(str, P3_DCI)),
        "options": "premult=auto transparent=grade nonfinite=keep arithmetic=fused",
        "source": "a.exr",
        "source_sha256": source.sha256,
        "request": "{}",
        "blocks_crc32": stamps["blocks_crc32"],
    }
    library = OpenEXR.File(str(folder / "b.exr")).header()
    assert library["sdev:name"] == "premier"
    assert library["chromaticities"] == pytest.approx(P3_DCI)


def test_a_graded_frame_is_not_graded_again_without_force(folder):
    save(folder / "a.exr", {n: smooth((9, 9)) for n in "RGB"})
    run(folder / "a.exr", folder / "b.exr")
    why = refused(folder / "b.exr", folder / "c.exr")
    assert why == (
        f"{folder / 'b.exr'}: expected a frame that is not graded yet, got one graded with premier; "
        "name the frame that it was made from, or add --force to grade a graded frame"
    )
    _, frame = run(folder / "b.exr", folder / "c.exr", Options(force=True), FakeSDev(name="other"))
    assert frame.header.text("sdev:name") == "other"
    assert frame.header.text("sdev:input") == " ".join(f"{x:.6g}" for x in np.float32(P3_DCI))


def test_a_device_that_does_not_say_its_display_drops_the_old_chromaticities(folder):
    attributes = {"chromaticities": floats("chromaticities", *P3_DCI), "adoptedNeutral": floats("v2f", 0.3, 0.3)}
    save(folder / "a.exr", {n: smooth((9, 9)) for n in "RGB"}, attributes)
    _, frame = run(folder / "a.exr", folder / "b.exr", sdev=FakeSDev(provenance={"input": "Rec.709"}))
    assert not {"chromaticities", "adoptedNeutral"} & set(frame.header.attributes)
    assert frame.header.text("sdev:output") == "unknown"
    for wrong in ("1 2 3", "a b c d e f g h", "1 2 3 4 5 6 7 nan"):
        device = FakeSDev(provenance={"input": "Rec.709", "output_chromaticities": wrong})
        with pytest.raises(LatticeError, match="premier: output_chromaticities: expected 8 numbers, got"):
            plan(device, folder / "a.exr", folder / "c.exr")


def test_the_input_is_the_files_or_the_one_named(folder):
    attributes = {"chromaticities": floats("chromaticities", *P3_DCI)}
    for i in range(6):
        save(folder / f"a.{i}.exr", {n: smooth((5, 5)) for n in "RGB"}, attributes if i < 3 else {})
    sdev = FakeSDev()
    regrade(plan(sdev, folder / "a.#.exr", folder / "b.#.exr", options=Options(threads=2)))
    assert sdev.asked == [tuple(float(x) for x in np.float32(P3_DCI)), "Rec.709"]  # once each, not for every frame
    named = FakeSDev()
    regrade(plan(named, folder / "a.#.exr", folder / "b.#.exr", options=Options(input="ACEScg", replace=True)))
    assert named.asked == ["ACEScg"]
    with pytest.raises(LatticeError, match="nonsense"):
        plan(FakeSDev(), folder / "a.#.exr", folder / "b.#.exr", options=Options(input="nonsense"))
    attributes = {"chromaticities": floats("chromaticities", *[np.nan] * 8)}
    save(folder / "c.exr", {n: smooth((5, 5)) for n in "RGB"}, attributes)
    assert "c.exr: chromaticities: expected finite numbers" in refused(folder / "c.exr", folder / "d.exr")
    save(folder / "e.exr", {n: smooth((5, 5)) for n in "RGB"}, {"chromaticities": Attribute.text("P3")})
    assert "e.exr: chromaticities: expected 8 floats, got 2 bytes" in refused(folder / "e.exr", folder / "f.exr")
