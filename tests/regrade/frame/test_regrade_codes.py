"""Frames of codes: `--input` of a curve and primaries grades them as the linear light that they mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from cli_samples import DONE
from cli_samples import refused as told
from dpx_samples import dpx, words
from exr_samples import save, smooth
from image_samples import KINDS, ShownSDev, go
from ledger_samples import lines
from regrade_samples import FakeSDev, curve, refused
from regrade_samples import run as graded

from lattice.color.inputs import find
from lattice.files.exr import file as exr
from lattice.files.images.file import write
from lattice.files.images.spec import EncodedImage
from lattice.regrade import Options, Session, plan, plan_frame, regrade
from lattice.regrade.frame.color import grade_color
from lattice.regrade.options import Job
from lattice.sdev import SDev

INPUTS = (
    "logc3",
    "logc3@ei400",
    "logc4",
    "slog3-sgamut3cine",
    "slog3-sgamut3cine@legal",
    "vlog",
    "acescct",
    "apple log",
)
HALF = 2.0**-11  # relative: half of a half's step
CODE = 5e-4  # a display code value's own rounding to half
SIZE = (24, 31)


def codes(dtype: str = "float16") -> dict[str, Any]:
    """R, G, B from 0.07 to 0.93."""
    rng = np.random.default_rng(3)
    return {name: rng.uniform(0.07, 0.93, SIZE).astype(dtype) for name in "RGB"}


def light_of(channels: dict[str, Any], name: str) -> dict[str, Any]:
    stacked = find(name).decode(np.stack([channels[each] for each in "RGB"], axis=-1).astype(np.float64))
    return {each: stacked[..., k].astype(np.float32) for k, each in enumerate("RGB")}


def pixels(path: Path) -> np.ndarray:
    channels = exr.read(path).channels
    return np.stack([channels[each] for each in "RGB"], axis=-1).astype(np.float32)


def regraded(source: Path, name: str, sdev: Any, **options: Any) -> np.ndarray:
    target = source.with_name(f"g_{source.stem}.exr")
    graded(source, target, Options(input=name, **options), sdev)
    return pixels(target)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("name", INPUTS)
def test_an_exr_of_codes_is_graded_as_its_light(name: str, dtype: str, premier: SDev, folder: Path) -> None:
    save(folder / "codes.exr", codes(dtype))
    save(folder / "light.exr", light_of(codes(dtype), name))
    wanted = regraded(folder / "light.exr", find(name).primaries, premier)
    got = regraded(folder / "codes.exr", name, premier)
    np.testing.assert_allclose(got, wanted, atol=CODE if dtype == "float16" else 1e-6)
    header = exr.read_header(folder / "g_codes.exr")
    assert header.text("sdev:input") == find(name).name
    assert {channel.dtype for channel in header.channels} == {dtype}
    assert "sdev:assumed" not in header.attributes


@pytest.mark.parametrize("name", INPUTS)
def test_a_dpx_of_codes_is_graded_as_its_light(name: str, premier: SDev, oiio: Any, folder: Path) -> None:
    values = np.rint(1023 * np.stack(list(codes().values()), axis=-1)).astype(np.uint16)
    (folder / "codes.dpx").write_bytes(dpx(words(values.reshape(SIZE[0], -1)), SIZE[::-1], transfer=0))
    save(folder / "light.exr", light_of({each: values[..., k] / 1023 for k, each in enumerate("RGB")}, name))
    wanted = regraded(folder / "light.exr", find(name).primaries, premier)
    got = regraded(folder / "codes.dpx", name, premier)
    np.testing.assert_allclose(got, wanted, atol=CODE)
    header = exr.read_header(folder / "g_codes.exr")
    assert header.text("sdev:input") == header.text("sdev:transfer") == find(name).name
    assert "sdev:assumed" not in header.attributes


@pytest.mark.parametrize(("bits", "alpha"), [(8, False), (16, False), (16, True), (32, False), (32, True)])
def test_a_tiff_of_codes_is_graded_as_its_light(bits: int, alpha: bool, premier: SDev, oiio: Any, folder: Path) -> None:
    shares = np.stack(list(codes("float32").values()), axis=-1)
    values = shares if bits == 32 else np.rint(shares * (2**bits - 1)).astype(f"u{bits // 8}")
    exact = values if bits == 32 else values / (2**bits - 1)
    name = "slog3-sgamut3cine@legal"
    wanted_light = find(name).decode(exact, 10 if bits == 32 else bits)
    wanted = premier.with_input("S-Gamut3.Cine").apply(wanted_light.astype(np.float32))
    if alpha:
        whole = np.ones((*SIZE, 1)) * (1 if bits == 32 else 2**bits - 1)
        values = np.concatenate([values, whole.astype(values.dtype)], axis=-1)
    write(folder / "codes.tif", KINDS["TIFF"], EncodedImage(values, straight=False))
    np.testing.assert_allclose(regraded(folder / "codes.tif", name, premier), wanted, atol=CODE)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_premultiplied_codes_are_divided_first(dtype: str, folder: Path) -> None:
    shares, alpha = codes("float32"), np.linspace(0.25, 1, SIZE[0] * SIZE[1], dtype=np.float32).reshape(SIZE)
    alpha[0, 0] = 0
    channels = {name: (share * alpha).astype(dtype) for name, share in shares.items()}
    save(folder / "codes.exr", {**channels, "A": alpha.astype(dtype)})
    got = regraded(folder / "codes.exr", "logc3", FakeSDev())
    weight = alpha.astype(dtype).astype(np.float32)[..., None]
    stacked = np.stack(list(channels.values()), axis=-1).astype(np.float32)
    own = np.divide(stacked, weight, out=np.zeros_like(stacked), where=weight > 0)
    wanted = curve(find("logc3").decode(own).astype(np.float32)) * weight
    np.testing.assert_allclose(got, wanted, atol=CODE if dtype == "float16" else 1e-6)
    assert (got[0, 0] == 0).all()


def test_odd_codes_are_no_nan_in_other_channels(premier: SDev, folder: Path) -> None:
    channels = {"R": [np.nan, 0.5, np.inf, -np.inf], "G": [0.5] * 4, "B": [0.5] * 4}
    save(folder / "a.exr", {name: np.array([row], np.float16) for name, row in channels.items()})
    got = regraded(folder / "a.exr", "acescc", premier)
    assert np.isnan(got[0, 0, 0])
    assert np.isfinite(got.ravel()[1:]).all()
    why = refused(folder / "a.exr", folder / "c.exr", Options(input="acescc", nonfinite="error"), premier)
    assert "expected finite values, got 1 NaN and 2 infinite" in why


@pytest.mark.parametrize(("bits", "name", "alpha"), [(10, "adx10", False), (16, "adx16", False), (16, "adx16", True)])
def test_densities_by_input_are_those_by_transfer(bits: int, name: str, alpha: bool, oiio: Any, folder: Path) -> None:
    rng = np.random.default_rng(5)
    values = rng.integers(2**bits // 12, 2**bits // 3, (*SIZE, 3 + alpha)).astype(">u2")
    body = words(values.reshape(SIZE[0], -1)) if bits == 10 else values.tobytes()
    (folder / "a.dpx").write_bytes(dpx(body, SIZE[::-1], bits=bits, transfer=13, descriptor=51 if alpha else 50))
    go(folder / "a.dpx", folder / "b.exr")
    go(folder / "a.dpx", folder / "c.exr", input=name)
    np.testing.assert_allclose(pixels(folder / "c.exr"), pixels(folder / "b.exr"), atol=1e-6)
    assert exr.read_header(folder / "c.exr").text("sdev:input") == name.upper()


def test_alpha_of_a_dpx_multiplies_light_of_floats_too(oiio: Any, folder: Path) -> None:
    values = np.random.default_rng(5).uniform(0.3, 0.7, (*SIZE, 4)).astype(">f4")
    (folder / "a.dpx").write_bytes(dpx(values.tobytes(), SIZE[::-1], bits=32, packing=0, transfer=1, descriptor=51))
    for target, given in (("b.exr", {"transfer": "cineon"}), ("c.exr", {"input": "cineon"})):
        go(folder / "a.dpx", folder / target, **given)
    np.testing.assert_allclose(pixels(folder / "c.exr"), pixels(folder / "b.exr"), atol=1e-6)


def test_a_frame_is_known_by_the_canonical_name(folder: Path) -> None:
    def again(name: str, **options: Any) -> str:
        job = plan(FakeSDev(), folder / "a.exr", folder / "b.exr", options=Options(input=name, **options))
        [report] = regrade(job)
        return report.status

    save(folder / "a.exr", codes())
    assert [again("logc3"), again("ARRI LogC3 EI800"), again("Arri LogC3")] == ["ok", "skipped", "skipped"]
    assert [again("ARRI Wide Gamut 3", replace=True), again("awg3")] == ["ok", "skipped"]
    assert [again("logc3@legal", replace=True), again("LogC3 EI800@Legal")] == ["ok", "skipped"]
    one_line(lambda: again("logc3@full"), "input ARRI LogC3 EI800@legal, not ARRI LogC3 EI800")


@pytest.mark.parametrize(
    ("name", "transfer", "allowed"),
    [
        ("logc3", "linear", False),
        ("logc3", "cineon", False),
        ("cineon", "cineon", True),
        ("srgb", "srgb", True),
        ("adx10", "adx", True),
        ("Rec.709 camera@legal", "rec709", False),
        ("awg3", "cineon", True),
    ],
)
def test_a_transfer_beside_a_curve_must_be_the_same(name: str, transfer: str, allowed: bool) -> None:
    space = find(name)
    if allowed:
        made = Options(input=name, transfer=transfer)
        assert (made.input, made.decoding) == (space.name, space.name if space.is_encoded else transfer)
    else:
        said = f"transfer: expected auto beside {space.name}, which has a curve of its own, got {transfer}; leave"
        one_line(lambda: Options(input=name, transfer=transfer), said, f"--input {space.primaries!r}")


def test_light_takes_no_codes(oiio: Any, folder: Path) -> None:
    save(folder / "a.exr", codes())
    one_line(lambda: Options(input="slog3"), "input: no input is named 'slog3'; did you mean 'S-Log3 S-Gamut3' or '")
    assert "transfer: expected auto for an EXR" in refused(folder / "a.exr", folder / "b.exr", Options(transfer="srgb"))
    made = plan_frame(Job(None, folder / "a.exr", folder / "b.exr"), Session(ShownSDev(), Options(input="vlog")))
    assert made.lines()[0].startswith("input V-Log, output")


def test_the_command_takes_names_and_says_them(run: Any, folder: Path) -> None:
    for frame in (1, 2):
        save(folder / f"s.{frame}.exr", codes())
    words_ = ("regrade", folder / "s.#.exr", folder / "g.#.exr", "--sdev", "premier", "--input", "slog3/sgamut3.cine")
    assert "input S-Log3 S-Gamut3.Cine, output" in run(*words_, "--dry-run").out
    result = run(*words_)
    assert (result.code, result.err) == (DONE, "")
    assert {each["input"] for each in lines(folder / "g.sdev.jsonl") if "input" in each} <= {"S-Log3 S-Gamut3.Cine"}
    assert "S-Log3 S-Gamut3.Cine" in (folder / "g.sdev.jsonl").read_text()
    assert "S-Log3 S-Gamut3.Cine" in run("info", folder / "g.1.exr").out
    told(run(*words_[:-1], "logc3", "--transfer", "srgb"), "transfer: expected auto beside ARRI LogC3 EI800")
    told(run(*words_[:-1], "slog4"), "input: no input is named 'slog4'; did you mean")
    assert run("apply", folder / "s.1.exr", folder / "one.exr", "--sdev", "premier", "--input", "logc3").code == DONE
    assert exr.read_header(folder / "one.exr").text("sdev:input") == "ARRI LogC3 EI800"


def test_smooth_codes_stay_smooth(premier: SDev, folder: Path) -> None:
    """A ramp of half codes has no step that its light has not."""
    save(folder / "a.exr", {name: smooth(SIZE) for name in "RGB"})
    got = regraded(folder / "a.exr", "logc4", premier)
    wanted = premier.with_input("awg4").apply(find("logc4").light(np.stack([smooth(SIZE)] * 3, axis=-1)))
    np.testing.assert_array_equal(got, wanted.astype(np.float16).astype(np.float32))


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_every_engine_grades_codes(dtype: Any, engine: Any, premier: SDev) -> None:
    color = [channel.astype(dtype) for channel in codes("float32").values()]
    space = find("logc3")
    got, _ = grade_color(premier.with_input("awg3"), color, None, "grade", "keep", engine.name, 1, space.light)
    light = space.light(np.stack(color, axis=-1))
    wanted = premier.with_input("awg3").apply(light)
    assert {channel.dtype for channel in got} == {np.dtype(dtype)}
    np.testing.assert_allclose(np.stack(got, axis=-1), wanted, atol=CODE if dtype == np.float16 else 1e-5)
