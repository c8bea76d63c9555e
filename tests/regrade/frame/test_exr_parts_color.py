"""Multi-part files: which parts are graded, and by which alpha, whatever their writers call them."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np
import pytest
from exr_samples import noise, same_bits, save, smooth
from image_samples import ShownSDev
from part_samples import part_of, save_parts
from regrade_samples import FakeSDev, curve, refused, stack

from lattice.files.exr import file as exr
from lattice.files.exr.header import MIP, Attribute, chunk_count
from lattice.files.source import read_parts
from lattice.regrade import Options, plan, regrade

SHAPE = (6, 6)


def color(seed=0, names="RGB"):
    return {n: smooth(SHAPE, seed=seed + k) for k, n in enumerate(names)}


def black(names="RGB", value=0):
    return {n: np.full(SHAPE, value, np.float16) for n in names}


def graded(folder, *parts, **options):
    """The names of the parts whose color changed, and all parts; the others must be as they were."""
    save_parts(folder / "a.exr", *parts)
    options = Options(**options)
    (report,) = regrade(plan(FakeSDev(), folder / "a.exr", folder / "b.exr", options=options))
    assert report.status == "ok", report.why
    sources, got = exr.read_parts(folder / "a.exr"), exr.read_parts(folder / "b.exr")
    names = [word.partition(":")[0] for word in got[0].header.text("sdev:layers").split(";")]
    for source, part in zip(sources, got, strict=True):
        if part.header.text("name") not in names:
            assert all(same_bits(array, part.channels[n]) for n, array in source.channels.items())
    return names, got


def lines_of(folder, **options):
    return plan(FakeSDev(), folder / "a.exr", folder / "c.exr", options=Options(**options)).lines


def test_parts_of_data_and_layers_pass_whatever_their_last_word(folder):
    others = (
        "diffuse_color",
        "crypto.rgba",
        "normal.rgb",
        "Diffuse Color",
        "fg.rgba",
        "objs00.rgba",
        "albedo.Combined",
        "N.Combined",
    )
    ids = {n: noise(SHAPE, "float32", k) for k, n in enumerate("RGB")}
    tag = {"attributes": {"cryptomatte/ab/name": Attribute.text("objs")}}
    names, got = graded(folder, ("rgba", color(), tag), *((name, ids, tag) for name in others))
    assert names == ["rgba"]
    assert np.array_equal(stack(got[0].channels, dtype=np.float16), curve(stack(color(), dtype=np.float16)))
    lines = lines_of(folder)
    for said in (
        "R: pass (Cryptomatte)",
        "R: pass (data: normal)",
        "R: pass (data: n)",
        "R: pass (in doubt, so a layer; graded only when asked for: fg.rgba)",
    ):
        assert said in lines
    for layer, why in (("crypto.rgba", "Cryptomatte"), ("objs00.rgba", "Cryptomatte"), ("normal.rgb", "data: normal")):
        assert f"expected color, got {why}" in refused(folder / "a.exr", folder / "d.exr", Options(layers=(layer,)))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ("rgba:left rgba.right:right albedo:main", "rgba rgba.right"),
        ("rgba.left:left rgba_Right:right", "rgba.left rgba_Right"),
        ("left.rgba right.rgba left.diffuse", "left.rgba right.rgba"),
        ("left:left right:right spec:left", "left right"),
        ("char.rgba char.diffuse", "char.rgba"),
        ("char.left.rgba:left char.right.rgba:right char.left.spec:left", "char.left.rgba char.right.rgba"),
        ("shot.left:left shot.right:right", "shot.left shot.right"),
        ("fg.Combined bg.Combined fg.Diffuse Diffuse.Combined", "fg.Combined bg.Combined"),
        ("color albedo", "color"),
        ("rgba color", "rgba"),
        ("rgba fg.beauty default", "rgba"),
        ("diffuse.rgb char.rgb", "char.rgb"),
    ],
)
def test_the_beauty_by_the_parts_names(folder, parts, expected):
    words = [word.partition(":") for word in parts.split()]
    names, _ = graded(folder, *((name, color(), {"view": view} if view else {}) for name, _, view in words))
    assert names == expected.split()


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ("fg.rgba char.rgba", "--layers takes char.rgba, fg.rgba"),
        ("diffuse.rgb specular.rgb", "--layers takes diffuse.rgb, specular.rgb"),
        ("diffuse:left albedo:right", "--layers takes albedo, diffuse"),
        ("crypto", "never graded is crypto (Cryptomatte)"),
        ("shot normal.rgb", "--layers takes shot; never graded is normal.rgb (data: normal)"),
    ],
)
def test_in_doubt_nothing_is_graded(folder, parts, why):
    words = [word.partition(":") for word in parts.split()]
    save_parts(folder / "a.exr", *((name, color(), {"view": view} if view else {}) for name, _, view in words))
    assert refused(folder / "a.exr", folder / "b.exr").endswith(why)


def test_layers_inside_parts_are_judged_where_no_color_is_bare(folder):
    layer = {f"rgba.{name}": plane for name, plane in color().items()}
    save_parts(folder / "a.exr", ("main", layer, {}), ("depth", {"Z": smooth((6, 6), "float32")}, {}))
    [report] = regrade(plan(FakeSDev(), folder / "a.exr", folder / "b.exr"))
    assert report.status == "ok", report.why
    first, *_ = exr.read_headers(folder / "b.exr")
    assert first.text("sdev:layers") == "main:rgba.R,rgba.G,rgba.B"


LAYOUTS = {
    "an alpha part": [("rgb", "RGB", ""), ("alpha", "A", "")],
    "a part beside each": [("x.alpha", "A", ""), ("rgb.alpha", "A", ""), ("rgb", "RGB", "")],
    "views": [("rgb.left", "RGB", "left"), ("alpha.left", "A", "left"), ("alpha.right", "Z", "right")],
    "vague last words": [("rgb_main", "RGB", ""), ("alpha_main", "A", "")],
    "vague words of views": [("rgb.main.left", "RGB", "left"), ("alpha_default.left", "A", "left")],
    "a render layer's": [("x.alpha_main", "A", ""), ("fg.alpha_main", "A", ""), ("fg.rgb_main", "RGB", "")],
    "split": [("rgba", "RGB", ""), ("rgba.lossless", "A", "")],
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("value", [0, 0.5])
def test_alpha_in_another_part_grades_as_in_one(folder, layout, value):
    whole = black("RGB", value / 4) | black("A", value) | black("Z", 3)
    save(folder / "one.exr", {n: whole[n] for n in "RGBA"})
    regrade(plan(FakeSDev(), folder / "one.exr", folder / "two.exr"))
    meant = exr.read(folder / "two.exr").channels
    assert (meant["R"] == 0).all() == (value == 0)
    parts = [
        (
            name,
            {n: np.full(SHAPE, 0.25, np.float16) if name[0] == "x" else whole[n] for n in names},
            {"view": view} if view else {},
        )
        for name, names, view in LAYOUTS[layout]
    ]
    _, got = graded(folder, *parts)
    (part,) = [part for part in got if "R" in part.channels]
    assert all(same_bits(part.channels[n], meant[n]) for n in "RGB")
    number = next(k for k, (name, names, _) in enumerate(LAYOUTS[layout]) if name[0] != "x" and "A" in names)
    assert f"R G B: grade, premultiplied by A of part {number} {parts[number][0]}" in lines_of(folder)


def test_layers_take_the_alpha_of_their_views_beauty(folder):
    """The fog that a layer's own part cannot keep away: it holds no alpha."""
    parts = [
        (f"{name}.{view}", black(names, value), {"view": view})
        for view, value in (("left", 0), ("right", 1))
        for name, names in (("rgba", "RGBA"), ("diffuse", "RGB"))
    ]
    names, got = graded(folder, *parts, layers=("diffuse",))
    assert len(names) == 4
    assert all((part.channels["R"] == 0).all() for part in got[:2])
    assert np.array_equal(stack(got[3].channels, dtype=np.float16), curve(stack(black(value=1), dtype=np.float16)))
    assert "R G B: grade, premultiplied by A of part 2 rgba.right" in lines_of(folder, layers=("diffuse",))


def test_a_render_layer_keeps_to_its_own_alpha(folder):
    """Also where neither is graded unless asked for."""
    parts = [
        (f"{name}.{kind}", black(names, value), {})
        for name, value in (("fg", 1), ("bg", 0))
        for kind, names in (("rgba", "RGBA"), ("diffuse", "RGB"))
    ]
    names, got = graded(folder, *parts, layers=("fg.rgba", "fg.diffuse", "bg.diffuse"))
    assert names == ["fg.rgba", "fg.diffuse", "bg.diffuse"]
    assert (got[3].channels["R"] == 0).all()
    assert np.array_equal(stack(got[1].channels, dtype=np.float16), curve(stack(black(value=1), dtype=np.float16)))
    assert "R G B: grade, premultiplied by A of part 2 bg.rgba" in lines_of(folder, layers=("bg.diffuse",))


def test_a_part_with_a_view_has_its_own_bare_alpha(folder):
    arrays = black("RGBA") | {f"diffuse.{n}": a for n, a in black().items()}
    _, got = graded(folder, ("left", arrays, {"view": "left"}), layers=("diffuse",))
    assert all((got[0].channels[n] == 0).all() for n in arrays)
    assert "diffuse.R diffuse.G diffuse.B: grade, premultiplied by A" in lines_of(folder, layers=("diffuse",))


def test_outside_the_alphas_window_nothing_is_covered(folder):
    big = {"display": (0, 0, 9, 9)}
    rgb = {n: np.zeros((6, 6), np.float16) for n in "RGB"}
    rgb["R"][2:4, 2:4] = 0.5
    alpha = {"A": np.full((2, 2), 0.5, np.float16)}
    _, got = graded(folder, ("rgb", rgb, {"origin": (1, 1), **big}), ("alpha", alpha, {"origin": (3, 3), **big}))
    meant = curve(np.array([1, 0, 0], np.float32)) * 0.5
    for k, n in enumerate("RGB"):
        assert (got[0].channels[n][2:4, 2:4] == meant[k].astype(np.float16)).all()
        assert np.count_nonzero(got[0].channels[n]) == 4
    said = "R G B: grade, premultiplied by A of part 1 alpha, 0 outside its data window"
    assert said in lines_of(folder)


def test_another_color_s_alpha_is_not_taken(folder):
    _, got = graded(folder, ("rgb", black(), {}), ("shadow.alpha", black("A"), {}), ("mask", black("A"), {}))
    assert (got[0].channels["R"] > 0).all()
    assert "R G B: grade" in lines_of(folder)


@pytest.mark.usefixtures("oiio")
def test_a_still_takes_the_same_alpha(folder):
    coverage = {"A": np.linspace(0, 1, 36, dtype=np.float16).reshape(SHAPE)}
    rgb = {n: coverage["A"] * array for n, array in color().items()}
    save_parts(folder / "a.exr", ("rgb", rgb, {}), ("alpha", coverage, {}), ("N", color(), {}))
    save(folder / "one.exr", rgb | coverage)
    settled = plan(ShownSDev(), folder / "a.exr", folder / "a.tif")
    assert settled.lines[-2].endswith(", A of part 1 alpha kept")
    assert settled.lines[-1].endswith(": N:B, N:G, N:R")
    for job in (settled, plan(ShownSDev(), folder / "one.exr", folder / "one.tif")):
        assert [report.why for report in regrade(job)] == [""]
    (one,), (other,) = (read_parts(folder / f"{name}.tif") for name in ("a", "one"))
    assert all(same_bits(one.channels[n], other.channels[n]) for n in "RGBA")


def test_every_level_takes_the_alpha_of_its_own(folder):
    """And says so where the levels are not the same."""
    frames = [level_part(0, "rgb", "RGB"), level_part(1, "alpha", "A")]
    exr.write_parts(folder / "a.exr", frames, [frame.channels for frame in frames])
    (report,) = regrade(plan(FakeSDev(), folder / "a.exr", folder / "b.exr", options=Options(mips="rebuild")))
    assert report.status == "ok", report.why
    assert all((level["R"] == 0).all() for level in exr.read_parts(folder / "b.exr")[0].levels)
    frames[1] = part_of(1, "alpha", black("A"))
    exr.write_parts(folder / "a.exr", frames, [frame.channels for frame in frames])
    said = "R G B: grade, without A of part 1 alpha, whose levels are others"
    assert said in lines_of(folder, mips="rebuild")


def level_part(number, name, names):
    """A mip-map of 6, 3 and 1 pixels a side, all 0."""
    largest, *smaller = ({n: np.zeros((side, side), np.float16) for n in names} for side in (6, 3, 1))
    frame = part_of(number, name, largest, tile=(4, 4))
    tiles = Attribute("tiledesc", struct.pack("<2IB", 4, 4, MIP))
    header = frame.header.with_attributes({**frame.header.attributes, "tiles": tiles})
    count = Attribute("int", struct.pack("<i", chunk_count(header)))
    header = header.with_attributes({**header.attributes, "chunkCount": count})
    return replace(frame, header=header, smaller=tuple(smaller))
