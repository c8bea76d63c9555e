"""TIFFs of gray, and of samples that are neither color nor alpha."""

from __future__ import annotations

import numpy as np
import pytest
from exr_samples import save, smooth
from image_samples import KINDS, ShownSDev, codes_in, go
from tiff_samples import tiff

from lattice.color.transfer import TRANSFERS
from lattice.files.exr import file as exr
from lattice.files.source import read_headers, read_parts
from lattice.regrade import Options, plan
from lattice.types import LatticeError

pytestmark = pytest.mark.usefixtures("oiio")
TIFF = KINDS["TIFF"]
GRAY_NOTE = "gray is graded as R = G = B"
KINDS_OF_CODES = {"u1": (8, 1), "<u2": (16, 1), "<f2": (16, 3), "<f4": (32, 3)}  # bits, SampleFormat


def save_samples(path, codes, photometric=2, extra=None, planar=1):
    """codes: (H, W, samples); extra: ExtraSamples, None without the tag."""
    height, width, samples = codes.shape
    bits, form = KINDS_OF_CODES[codes.dtype.str.replace("|", "")]
    tags = {
        256: (4, [width]),
        257: (4, [height]),
        258: (3, [bits] * samples),
        259: (3, [1]),
        262: (3, [photometric]),
        277: (3, [samples]),
        278: (4, [height]),
        284: (3, [planar]),
        339: (3, [form] * samples),
        **({} if extra is None else {338: (3, extra)}),
    }
    stored = [codes[..., k].tobytes() for k in range(samples)] if planar == 2 else [codes.tobytes()]
    path.write_bytes(tiff(stored, tags))
    return path


def samples(count, dtype="u1", seed=0, shape=(5, 7)):
    random = np.random.default_rng(seed)
    if "f" in dtype:
        return random.uniform(0, 4, (*shape, count)).astype(dtype)
    return random.integers(1, np.iinfo(dtype).max + 1, (*shape, count)).astype(dtype)


@pytest.mark.parametrize("planar", [1, 2])
@pytest.mark.parametrize(
    ("count", "extra", "alpha", "straight", "said"),
    [
        (3, None, None, False, None),
        (4, [0], None, False, "4; ExtraSamples does not call it alpha"),
        (4, None, None, False, "4; ExtraSamples does not call it alpha"),
        (4, [1], 3, False, None),
        (4, [2], 3, True, None),
        (5, [0, 2], 4, True, "4"),
        (5, [1, 0], 3, False, "5"),
        (6, [2, 1, 0], 3, True, "5, 6"),
        (5, [0, 0], None, False, "4, 5; ExtraSamples does not call it alpha"),
    ],
)
def test_a_sample_is_alpha_where_extrasamples_says_so(tmp_path, planar, count, extra, alpha, straight, said):
    codes = samples(count)
    path = save_samples(tmp_path / "a.tif", codes, extra=extra, planar=planar)
    (frame,) = read_parts(path)
    assert set(frame.channels) == set("RGB" if alpha is None else "RGBA")
    assert frame.header.straight is straight
    if alpha is not None:
        np.testing.assert_allclose(frame.channels["A"], codes[..., alpha] / 255, rtol=1e-6)
    if alpha is None or straight:
        expected = TRANSFERS["srgb"].decode(codes[..., :3] / 255).astype(np.float16)
        np.testing.assert_array_equal(np.stack([frame.channels[name] for name in "RGB"], axis=-1), expected)
    assert frame.header.notes == (() if said is None else (f"TIFF: left out: sample {said}",))


def test_what_is_left_out_is_said_and_not_written(folder):
    save_samples(folder / "a.tif", samples(4), extra=[0])
    save_samples(folder / "b.tif", samples(4)[..., :3])
    settled = plan(ShownSDev(), folder / "a.tif", folder / "g.exr")
    assert "TIFF: left out: sample 4; ExtraSamples does not call it alpha" in settled.notes
    for name in "ab":
        go(folder / f"{name}.tif", folder / f"{name}.exr")
        go(folder / f"{name}.tif", folder / f"{name}.g.tif")
    four, three = (exr.read(folder / f"{name}.exr").channels for name in "ab")
    assert set(four) == set("RGB")
    assert all((four[name] == three[name]).all() for name in "RGB")
    np.testing.assert_array_equal(codes_in(folder / "a.g.tif", TIFF), codes_in(folder / "b.g.tif", TIFF))


@pytest.mark.parametrize("dtype", KINDS_OF_CODES)
@pytest.mark.parametrize(("extra", "names"), [(None, "RGB"), ([0], "RGB"), ([1], "RGBA"), ([2], "RGBA")])
def test_gray_of_every_depth_is_r_g_and_b(folder, dtype, extra, names):
    codes = samples(1 if extra is None else 2, dtype)
    save_samples(folder / "a.tif", codes, photometric=1, extra=extra)
    same = np.concatenate([codes[..., :1]] * 3 + [codes[..., 1:]], axis=-1)
    save_samples(folder / "b.tif", same, extra=extra)
    gray, color = (read_parts(folder / f"{name}.tif")[0] for name in "ab")
    assert set(gray.channels) == set(names)
    assert gray.channels["R"] is gray.channels["G"]
    for name in names:
        np.testing.assert_array_equal(gray.channels[name], color.channels[name])
        assert gray.channels[name].dtype == color.channels[name].dtype
    assert GRAY_NOTE in plan(ShownSDev(), folder / "a.tif", folder / "g.exr").notes
    for suffix in (".exr", ".tif", ".png"):
        go(folder / "a.tif", folder / f"a{suffix[1:]}{suffix}")
        go(folder / "b.tif", folder / f"b{suffix[1:]}{suffix}")
    ones = exr.read(folder / "aexr.exr").channels
    assert set(ones) == set(names)
    for name, wanted in exr.read(folder / "bexr.exr").channels.items():
        np.testing.assert_array_equal(ones[name], wanted)
    for name, kind in (("tif.tif", TIFF), ("png.png", KINDS["PNG"])):
        np.testing.assert_array_equal(codes_in(folder / f"a{name}", kind), codes_in(folder / f"b{name}", kind))


def test_gray_is_refused_where_that_is_asked(folder):
    save_samples(folder / "a.tif", samples(1), photometric=1)
    save(folder / "y.exr", {"Y": smooth((8, 8)), "Z": smooth((8, 8), "float32")})
    save_samples(folder / "c.tif", samples(3))
    for name in ("a.tif", "y.exr"):
        report = go(folder / name, folder / "g.exr", "failed", gray="refuse")
        assert report.why == f"{folder / name}: expected R, G, B, got gray alone; --gray rgb grades it as R = G = B"
    go(folder / "c.tif", folder / "g.exr", gray="refuse")
    with pytest.raises(LatticeError, match="gray: expected rgb or refuse, got 'red'"):
        Options(gray="red")


def test_gray_whose_0_is_white(tmp_path):
    codes = samples(1)
    (frame,) = read_parts(save_samples(tmp_path / "a.tif", codes, photometric=0))
    expected = TRANSFERS["srgb"].decode((255 - codes[..., 0]) / 255).astype(np.float16)
    np.testing.assert_array_equal(frame.channels["G"], expected)
    for odd, extra in ((samples(1, "<u2"), None), (samples(1, "<f4"), None), (samples(2), [2])):
        path = save_samples(tmp_path / "a.tif", odd, photometric=0, extra=extra)
        with pytest.raises(LatticeError, match="expected gray whose 0 is black, or 8 bits without alpha, got"):
            read_headers(path)


def test_too_few_samples(tmp_path):
    with pytest.raises(LatticeError, match=r"samples: expected 3 or more, got 2|cannot be read"):
        read_headers(save_samples(tmp_path / "a.tif", samples(2)))


def test_a_gray_exr_is_graded_as_r_g_and_b(folder):
    luma, alpha = smooth((8, 9)), smooth((8, 9), seed=4)
    depth = smooth((8, 9), "float32")
    save(folder / "y.exr", {"Y": luma, "A": alpha, "Z": depth}, codec="PIZ", tile=(4, 4))
    save(folder / "c.exr", {"R": luma, "G": luma, "B": luma, "A": alpha, "Z": depth})
    assert GRAY_NOTE in plan(ShownSDev(), folder / "y.exr", folder / "g.exr").notes
    for name in "yc":
        go(folder / f"{name}.exr", folder / f"{name}.g.exr")
        go(folder / f"{name}.exr", folder / f"{name}.g.tif")
    gray, color = (exr.read(folder / f"{name}.g.exr") for name in "yc")
    assert gray.header.codec.name == "PIZ"
    assert set(gray.channels) == {"R", "G", "B", "A", "Z"}
    for name, wanted in color.channels.items():
        np.testing.assert_array_equal(gray.channels[name], wanted)
    np.testing.assert_array_equal(codes_in(folder / "y.g.tif", TIFF), codes_in(folder / "c.g.tif", TIFF))
    go(folder / "y.exr", folder / "y.g.exr", "skipped")
    go(folder / "y.exr", folder / "y.exr", in_place=True)
    go(folder / "y.exr", folder / "y.exr", "skipped", in_place=True)


@pytest.mark.parametrize("names", [("Z",), ("depth.Y",), ("X", "Y", "Z")])
def test_luminance_beside_color_is_not_the_color(folder, names):
    save(folder / "a.exr", {name: smooth((4, 4), seed=k) for k, name in enumerate(names)})
    assert "expected color channels R, G, B, got" in go(folder / "a.exr", folder / "g.exr", "failed").why
    save(folder / "b.exr", {name: smooth((4, 4), seed=k) for k, name in enumerate(("Y", "R", "G", "B"))})
    go(folder / "b.exr", folder / "g.exr")
    before, after = (exr.read(folder / name).channels["Y"] for name in ("b.exr", "g.exr"))
    np.testing.assert_array_equal(before, after)
