"""Channel plans: what is color, what only passes, and what cannot be graded."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from exr_samples import header_of

from lattice.channels import plan as channels
from lattice.files.exr.header import Attribute
from lattice.types import LatticeError


def views(*names):
    return {
        "multiView": Attribute("stringvector", b"".join(struct.pack("<i", len(name)) + name.encode() for name in names))
    }


def plan_of(names, attributes=None, layers=(), codec="ZIP", dtype="float16", dtypes=None, only=()):
    arrays = {name: np.zeros((1, 1), (dtypes or {}).get(name, dtype)) for name in names.split()}
    return channels.plan(header_of(arrays, attributes, codec=codec), layers, only, "x.exr")


def three(layer):
    return " ".join(f"{layer}.{component}" for component in "RGB")


def graded(plan):
    return {rgb_layer.names: rgb_layer.alpha for rgb_layer in plan.rgb_layers}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("R G B", {("R", "G", "B"): None}),
        ("R G B A Z", {("R", "G", "B"): "A"}),
        ("r g b a", {("r", "g", "b"): "a"}),
        ("red green blue alpha", {("red", "green", "blue"): "alpha"}),
        ("R G B mask.R N.R N.G N.B", {("R", "G", "B"): None}),
        ("R G B A diffuse.R diffuse.G diffuse.B", {("R", "G", "B"): "A"}),
        (
            "L.Combined.R L.Combined.G L.Combined.B L.Combined.A L.Depth.Z",
            {("L.Combined.R", "L.Combined.G", "L.Combined.B"): "L.Combined.A"},
        ),
        ("R G B AR AG AB", {("R", "G", "B"): None}),
        ("X Y Z R G B", {("R", "G", "B"): None}),
    ],
)
def test_default_color(names, expected):
    plan = plan_of(names)
    assert graded(plan) == expected
    assert set(plan.passing) == set(names.split()) - {n for three in expected for n in three}


def test_only_the_named_views():
    names, both = "R G B A left.R left.G left.B Z", views("right", "left")
    plan = plan_of(names, both, only=["left"])
    assert graded(plan) == {("left.R", "left.G", "left.B"): None}
    assert plan.passing["R"] == plan.passing["B"] == "another view"
    assert plan.passing["Z"] == "depth"
    assert graded(plan_of(names, both, only=["right"])) == {("R", "G", "B"): "A"}
    assert len(graded(plan_of(names, both, only=["left", "right"]))) == 2
    named = {"view": Attribute.text("left")}
    assert graded(plan_of("R G B", named, only=["left"])) == {("R", "G", "B"): None}
    for attributes, why in ((both, "right or left"), (named, "left"), ({}, "none")):
        with pytest.raises(LatticeError, match=f"^x.exr: views: expected {why}, got center$"):
            plan_of(names, attributes, only=["center"])


def test_views():
    plan = plan_of(
        "R G B A left.R left.G left.B left.A right.R right.G right.B forward.left.u", views("center", "left", "right")
    )
    assert [(t.view, t.names, t.alpha) for t in plan.rgb_layers] == [
        ("center", ("R", "G", "B"), "A"),
        ("left", ("left.R", "left.G", "left.B"), "left.A"),
        ("right", ("right.R", "right.G", "right.B"), None),
    ]
    assert graded(plan_of("R G B left.R left.G left.B")) == {("R", "G", "B"): None}  # a layer, where no view says so
    both = plan_of("R G B A left.R left.G left.B", views("left", "right"))  # the default view under both its names
    assert graded(both) == {("R", "G", "B"): "A", ("left.R", "left.G", "left.B"): "A"}
    layered = plan_of("R G B A left.R left.G left.B left.A d.left.R d.left.G d.left.B", views("right", "left"), ["d"])
    assert graded(layered)[("d.left.R", "d.left.G", "d.left.B")] == "left.A"


def test_layers_are_graded_when_asked_for():
    names = "R G B A diffuse.R diffuse.G diffuse.B spec.R spec.G spec.B spec.A"
    assert graded(plan_of(names, layers=["diffuse", "spec"])) == {
        ("R", "G", "B"): "A",
        ("diffuse.R", "diffuse.G", "diffuse.B"): "A",
        ("spec.R", "spec.G", "spec.B"): "spec.A",
    }
    assert "graded only when asked for" in plan_of(names).passing["spec.R"]


@pytest.mark.parametrize(
    ("layer", "why"),
    [
        ("nope", "layer nope: expected a complete R, G, B, got none; complete layers: "),
        ("half", "layer half: expected a complete R, G, B"),
        ("ids", "layer ids: expected a complete R, G, B"),
        *(
            (name, f"layer {name}: expected color, got data")
            for name in (
                "N",
                "P",
                "worldPosition",
                "normals",
                "motionVector",
                "mask",
                "matte_chars",
                "uv",
                "disparityL",
            )
        ),
        *(
            (name, f"layer {name}: expected color, got Cryptomatte")
            for name in ("CryptoAsset00", "uCryptoObject", "objs01")
        ),
        ("listed", "layer listed: expected color, got IDs, says idmanifest"),
    ],
)
def test_layers_that_are_never_graded(layer, why):
    rgb = [
        f"{name}.{c}"
        for name in (
            "N",
            "P",
            "worldPosition",
            "normals",
            "motionVector",
            "mask",
            "matte_chars",
            "uv",
            "disparityL",
            "CryptoAsset00",
            "uCryptoObject",
            "objs01",
            "listed",
            "ids",
        )
        for c in "RGB"
    ]
    text = b"\0" * 12 + b"listed.Rlisted.Glisted.B"
    attributes = {
        "cryptomatte/ab12/name": Attribute.text("objs"),
        "idManifest": Attribute("idmanifest", struct.pack("<Q", len(text)) + zlib.compress(text)),
    }
    with pytest.raises(LatticeError, match="^x.exr: " + why):
        plan_of(
            " ".join(["R", "G", "B", "half.R", "half.G", *rgb]),
            attributes,
            [layer],
            dtypes={f"ids.{c}": "uint32" for c in "RGB"},
        )


@pytest.mark.parametrize(
    ("names", "dtype", "got"),
    [
        *((names, dtype, ", got ") for names, dtype in (("Z", "float32"), ("G", "float32"), ("R G", "float16"))),
        ("X Y Z", "float16", ", got X, Y, Z$"),
        ("R G B", "uint32", " of half or float, got R of uint32, G of uint32, B of uint32: integers hold no light$"),
        ("a.r a.g a.b", "uint32", " of half or float, got a.r of uint32, a.g of uint32, a.b of uint32: "),
        (f"{three('d')} {three('s')}", "float16", "; --layers takes d, s$"),
        (
            f"{three('N')} {three('d')} {three('s')}",
            "float16",
            r"; --layers takes d, s; never graded is N \(data: n\)$",
        ),
        (three("crypto00"), "float16", r"; never graded is crypto00 \(Cryptomatte\)$"),
    ],
)
def test_nothing_to_grade(names, dtype, got):
    with pytest.raises(LatticeError, match=f"x.exr: expected color channels R, G, B.*{got}"):
        plan_of(names, dtype=dtype)


def test_one_integer_among_three_is_named():
    with pytest.raises(LatticeError, match="got R of float16, G of uint32, B of float16: integers hold no light"):
        plan_of("R G B", dtypes={"G": "uint32"})


@pytest.mark.parametrize(
    ("names", "layer"),
    [
        (three("rgba"), "rgba"),
        (f"{three('Beauty')} Z N.X N.Y N.Z", "Beauty"),
        (f"{three('shot')} {three('N')} {three('crypto00')}", "shot"),  # the rest is data
        (three("diffuse"), "diffuse"),
        (f"{three('rgba')} {three('diffuse')}", "rgba"),  # by its name
        (f"{three('char.beauty')} {three('diffuse')}", "char.beauty"),
        (f"{three('main')} {three('diffuse')}", "main"),
    ],
)
def test_a_layer_is_the_color_where_none_is_bare(names, layer):
    expected = {tuple(f"{layer}.{c}" for c in "RGB"): None}
    assert graded(plan_of(names)) == graded(plan_of(names, layers=[layer])) == expected


def test_every_view_of_the_only_layer_is_the_color():
    names = " ".join(f"rgba.{view}.{c}" for view in ("left", "right") for c in "RGBA")
    plan = plan_of(names, views("left", "right"))
    assert graded(plan) == {tuple(f"rgba.{v}.{c}" for c in "RGB"): f"rgba.{v}.A" for v in ("left", "right")}
    assert "diffuse" in plan_of(f"R G B {three('diffuse')}").passing["diffuse.R"]


def test_a_codec_that_would_change_what_passes_is_refused_up_front():
    for names in ("R G B id.R", "R G B N.R N.G N.B", "R G B d.Y"):
        with pytest.raises(LatticeError, match=r"x.exr: channel .*: expected a codec that keeps it .*, got DWAA"):
            plan_of(names, codec="DWAA")
    plan_of("R G B A Z", codec="DWAB")
    plan_of("R G B id.R", codec="DWAA", dtypes={"id.R": "uint32"})
    assert "B44 is lossy" in plan_of("R G B A", codec="B44").passing["A"]


def test_the_plan_reads_well():
    assert plan_of("R G B A Z id d.R d.G d.B w", dtypes={"id": "uint32"}).lines() == [
        "R G B: grade, premultiplied by A",
        "A: pass (alpha)",
        "Z: pass (depth)",
        *(f"d.{c}: pass (a layer; graded only when asked for: d)" for c in "BGR"),
        "id: pass (integers)",
        "w: pass (not color)",
    ]
    assert plan_of("R G B").graded == "R,G,B"
