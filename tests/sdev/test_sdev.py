"""The SDev a user holds: input primaries, what apply refuses, memory, the cache of built looks, check and plot."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tracemalloc
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import ROOT, grid, make_device, one_line, random_device, require, scene

from lattice.color.primaries import PRIMARIES, convert, rgb_to_xyz, white
from lattice.inspect.quality import check
from lattice.looks import load_profile
from lattice.sdev import SDev
from lattice.types import INTERPOLATIONS, Lattice

XYZ = (1, 0, 0, 1, 0, 0, 1 / 3, 1 / 3)
REC709 = PRIMARIES["Rec.709"].xy


def test_other_input_primaries_keep_gray(premier: SDev) -> None:
    gray = np.repeat(0.18 * 2.0 ** np.linspace(-8, 8, 501)[None, :, None], 3, axis=2).astype(np.float32)
    for primaries in (*PRIMARIES, XYZ, [0.7, 0.3, 0.2, 0.75, 0.14, 0.05, 0.32, 0.34]):
        changed = premier.with_input(primaries)
        neutral = np.linalg.inv(rgb_to_xyz(primaries)) @ white(primaries)  # (1, 1, 1) but for CIE XYZ of D65
        assert changed.matrix @ neutral == pytest.approx(np.ones(3), abs=1e-12)
        assert np.abs(changed.apply(gray * neutral.astype(np.float32)) - premier.apply(gray)).max() < 2e-5


def test_input_primaries_compose(built: Any) -> None:
    camera = built("premier-camera")
    aces = camera.with_input("ACEScg")
    assert aces.matrix == pytest.approx(camera.matrix @ convert("ACEScg", "Rec.709"), abs=1e-12)
    assert aces.provenance["input"] == "ACEScg"
    assert camera.provenance["input"] == "Rec.709"
    assert aces.with_input("Rec.2020").with_input("Rec.709").matrix == pytest.approx(camera.matrix, abs=1e-12)
    assert camera.with_input("Rec.709") is camera
    assert camera.with_input(np.float32(REC709)) is camera
    by_numbers = camera.with_input(PRIMARIES["ACEScg"].xy).with_input("Rec.2020")
    assert by_numbers.matrix == pytest.approx(aces.with_input("Rec.2020").matrix, abs=1e-5)


def test_a_red_of_one_space_is_that_red_in_another(premier: SDev) -> None:
    red = np.full((1, 1, 3), [0.9, 0.1, 0.05])
    in_aces = (red @ np.linalg.inv(convert("ACEScg", "Rec.709")).T).astype(np.float32)
    found = premier.with_input("ACEScg").apply(in_aces)
    assert found == pytest.approx(premier.apply(red.astype(np.float32)), abs=1e-5)


def test_equal_energy_white_is_adapted_to_the_display_white() -> None:
    assert convert(XYZ, "Rec.709") @ np.ones(3) == pytest.approx(np.ones(3), abs=1e-12)


@pytest.mark.parametrize(
    "primaries",
    [
        "sRGBB",
        "",
        (0,) * 8,
        (1, 2),
        REC709[:6],
        (*REC709[:7], 0),
        (*REC709[:7], -0.3),
        (*REC709[:7], np.nan),
        (0.64, 0.33, 0.64, 0.33, 0.15, 0.06, 0.3127, 0.329),
        (0.6, 0.3, 0.4, 0.4, 0.2, 0.5, 0.3127, 0.329),
        (*REC709[:6], *REC709[:2]),
        ["a"] * 8,
    ],
    ids=[
        "unknown",
        "empty",
        "zeros",
        "two",
        "six",
        "white without y",
        "white below",
        "NaN",
        "two alike",
        "in a line",
        "white on a corner",
        "words",
    ],
)
def test_impossible_primaries_are_refused(primaries: Any, premier: SDev) -> None:
    one_line(lambda: premier.with_input(primaries))


def test_unknown_primaries_take_no_others() -> None:
    one_line(lambda: SDev.from_device(random_device("trilinear", 3)).with_input("ACEScg"), "made up", "not known")


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_infinite_light_takes_the_end_with_an_input_matrix_too(dtype: Any, built: Any) -> None:
    image = np.full((1, 1, 3), np.inf, dtype)
    for sdev in (built("premier"), built("premier-camera"), built("premier").with_input("ACEScg")):
        assert sdev.apply(image).min() > 0.97


def test_apply_refuses_what_is_no_picture(premier: SDev) -> None:
    good = np.zeros((4, 4, 3), np.float32)
    read_only = good.copy()
    read_only.flags.writeable = False
    shared = np.zeros((5, 4, 3), np.float32)
    for image in (good[..., :2], np.zeros((4, 4, 5), np.float32), np.zeros(()), [0.18, 0.18], []):
        one_line(lambda image=image: premier.apply(image), "image: expected shape (..., 3) or (..., 4)")
    for image in (good.astype(np.uint8), good.astype(">f4"), good.astype(">f8"), good.astype(complex)):
        one_line(lambda image=image: premier.apply(image), "image: expected float16, float32, float64 or bfloat16")
    for image in ("premier", 0.18, None, [["a", "b", "c"]], [[0, 0, 0], [0]]):
        one_line(lambda image=image: premier.apply(image), "image: expected")
    row = np.zeros((4, 3), np.float32)
    for out in (np.zeros((5, 3)), np.zeros((4, 3), int), [[0, 0, 0]] * 4, read_only[0]):
        one_line(lambda out=out: premier.apply(row, out), "out: expected")
    one_line(lambda: premier.apply(good, np.zeros((4, 5, 3), np.float32)), "out: expected the image's shape")
    one_line(lambda: premier.apply(good, good.astype(np.uint8)), "out: expected float16, float32, float64 or bfloat16")
    one_line(lambda: premier.apply(good, read_only), "out: expected a writable array")
    one_line(lambda: premier.apply(shared[1:], shared[:-1]), "overlaps")
    one_line(lambda: premier.apply(good, good[::-1]), "overlaps")
    one_line(lambda: premier.apply(good, good.view(np.float16)[..., :3]), "overlaps")
    one_line(lambda: premier.apply(good, engine="cuda"), "engine: expected")  # type: ignore[arg-type]
    one_line(lambda: premier.apply(good, interpolation="cubic"), "interpolation: expected")  # type: ignore[arg-type]


def test_apply_returns_what_it_filled(premier: SDev, engine: Any) -> None:
    image = scene(999)
    wanted, out = premier.apply(image, engine=engine.name), np.empty((1, 999, 3), np.float32)
    assert wanted.dtype == np.float16
    assert wanted.flags.c_contiguous
    assert premier.apply(image, out, engine=engine.name) is out
    assert np.array_equal(out.astype(np.float16), wanted)
    assert premier.apply(image, image, engine=engine.name) is image
    assert np.array_equal(image, wanted)
    both = [premier.apply(scene(999), interpolation=method, engine=engine.name) for method in INTERPOLATIONS]
    assert np.array_equal(both[0], wanted)
    assert not np.array_equal(both[1], wanted)


def test_a_picture_beside_another_in_one_buffer_is_no_overlap(premier: SDev) -> None:
    pair = np.random.default_rng(0).uniform(0, 1, (5, 8, 3)).astype(np.float32)
    wanted = premier.apply(pair[:, :4].copy())
    assert np.array_equal(premier.apply(pair[:, :4], pair[:, 4:]), wanted)


def test_a_4k_frame_needs_little_memory_beyond_itself(premier: SDev) -> None:
    image = np.full((2160, 4096, 4), 0.18, np.float32)
    out = np.empty_like(image)
    tracemalloc.start()
    try:
        premier.with_input("ACEScg").apply(image, out)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 500e6


# Loads a look where the cache cannot be used; building it hands out a saved one. Root may do anything, so it becomes
# nobody in particular, who has no home either.
LOADING = """
import importlib.metadata, os, sys
import lattice, lattice.build.device
from lattice.sdev.load import load_built
cache, become, saved = sys.argv[1:]
first = lattice.load(saved)
lattice.build.device.build_device = lambda profile: first
look = lattice.profile("vision")
os.environ["XDG_CACHE_HOME"] = cache
if not cache:
    del os.environ["XDG_CACHE_HOME"], os.environ["HOME"]
importlib.metadata.version("numpy")  # loads what nobody may not read where Python lives under /root
if become and os.geteuid() == 0:
    os.setuid(54321)
assert load_built(look).sha256 == first.sha256
"""


@pytest.mark.slow
@pytest.mark.parametrize("obstacle", ["a file", "a file in its place", "read-only", "unreadable", "no home"])
def test_a_cache_that_cannot_be_used_only_costs_time(obstacle: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        cache = Path(name, "cache")
        cache.mkdir()
        if obstacle == "a file":
            cache = Path(__file__)
        elif obstacle == "a file in its place":
            (cache / "lattice").touch()
        elif obstacle in ("read-only", "unreadable"):
            Path(name).chmod(0o755)
            cache.chmod(0o555 if obstacle == "read-only" else 0)
        SDev.from_device(make_device(grid(3))).save(Path(name, "saved.clf"))
        become = "nobody" if obstacle in ("read-only", "unreadable", "no home") else ""
        arguments = ["" if obstacle == "no home" else str(cache), become, str(Path(name, "saved.clf"))]
        done = subprocess.run(
            [sys.executable, "-c", LOADING, *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            env={"HOME": name, **os.environ},
        )
        assert done.returncode == 0, done.stderr
        if obstacle == "unreadable":
            cache.chmod(0o755)


def test_check_reports_beside_the_usual_table(built: Any) -> None:
    report = check(load_profile("vision"), built("vision"))
    assert report.lattice.keys() == report.usual.keys() == {"natural", "saturated", "emitters", "gray"}
    for found in (*report.lattice.values(), *report.usual.values()):
        assert 0 < found.mean < found.p99 <= found.max
    assert (report.name, report.size, report.interpolation) == ("vision", 13, "trilinear")
    assert report.as_dict()["good"] is True


def test_check_sees_a_bad_lattice(built: Any) -> None:
    vision = built("vision")
    nodes = vision.lattice.nodes.copy()
    nodes[6, 6, 6] = 0
    report = check(load_profile("vision"), replace(vision, lattice=Lattice(nodes, "trilinear")))
    assert not report.good
    assert not report.monotone_gray
    assert not report.smooth


@pytest.mark.parametrize("name", ["premier", "eterna"])
def test_a_plot_is_a_png(name: str, tmp_path: Path) -> None:
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        require("plot", "matplotlib is not installed")
    from lattice.inspect.sheet import plot

    plot(load_profile(name), tmp_path / "sheet.png")
    assert (tmp_path / "sheet.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    one_line(lambda: plot(load_profile(name), tmp_path / "sheet.pdf"), "sheet.pdf", ".png")


def test_a_nan_in_one_channel_counts_as_0_for_the_others(built: Any) -> None:
    sdev = built("vision-camera")
    for bits in (0x7E00, 0x7C01):  # a quiet one, a signalling one
        pixel = np.array([[[bits, 0x3800, 0x3400]]], np.uint16).view(np.float16)
        black = np.where(np.isnan(pixel), np.float16(0), pixel)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert (sdev.apply(pixel) == sdev.apply(black)).all()
