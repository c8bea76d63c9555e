"""The native engine: the same bits on every instruction set, in any memory; nothing else written; how exact it is."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from basics import Engine, grid, make_device, one_line, random_device, run, scene
from exr_samples import real_files
from native_samples import (
    EVERY_SET,
    LAYOUTS,
    METHOD,
    SHOWS,
    bits,
    devices_shown,
    every_half,
    fill,
    odd_floats,
    only_inside,
    sets_here,
    small_devices,
    window,
)
from refusal_samples import is_refused
from regrade_samples import stack
from tolerance import HDR, POWER, exact_codes
from truths import SRGB

from lattice.encodings import SRGB_TOE
from lattice.files.exr import file as exr
from lattice.interp import native, reference, shader, threads
from lattice.looks import profile_names
from lattice.sdev import SDev
from lattice.types import Display, FilmStage

pytestmark = pytest.mark.slow

TYPES = [np.float16, np.float32]
EVERY_LOOK = pytest.mark.parametrize("look", profile_names())


@pytest.fixture
def same_bits(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a device on every instruction set that is here and hold their bits to each other's."""
    sets = sets_here()

    def compare(device: Any, image: Any, out_type: Any, interpolation: Any) -> None:
        wanted = None
        for name in sets:
            monkeypatch.setenv(native.FORCE, name)
            out = np.full(image.shape, 7, out_type)
            native.apply(device, image, out, interpolation)
            found = bits(out)
            wanted = found if wanted is None else wanted
            assert np.array_equal(found, wanted), f"{name} differs from {sets[0]}: {np.argwhere(found != wanted)[:3]}"

    return compare


@pytest.mark.parametrize(("exponent", "gamma"), SHOWS)
def test_every_set_gives_the_same_bits(exponent: float, gamma: Any, same_bits: Any, interpolation: Any) -> None:
    for i, device in enumerate(devices_shown(exponent, gamma)):
        for j, image in enumerate((every_half(), odd_floats())):
            same_bits(device, image, TYPES[(i + j) % 2], interpolation)
            same_bits(device, np.ascontiguousarray(image[::9, :, :3]), TYPES[(i + j + 1) % 2], interpolation)


@EVERY_LOOK
def test_every_set_gives_the_same_bits_of_shipped_looks(
    look: str, built: Any, same_bits: Any, interpolation: Any
) -> None:
    for image, out_type in ((every_half(), np.float32), (odd_floats(), np.float16), (scene(50_000), np.float16)):
        same_bits(built(look), image, out_type, interpolation)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("channels", [3, 4])
@EVERY_SET
def test_a_pixel_is_the_same_alone_and_anywhere_in_a_tile(
    channels: int, dtype: Any, engine: Engine, interpolation: Any
) -> None:
    for device in small_devices():
        row = np.random.default_rng(3).uniform(-0.5, 2, (1, 2100, channels)).astype(dtype)
        alone = run(engine, device, row.reshape(-1, 1, channels), interpolation=interpolation).reshape(row.shape)
        for width in (*range(1, 201), 255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 2047, 2048, 2049, 2100):
            assert np.array_equal(run(engine, device, row[:, :width], interpolation=interpolation), alone[:, :width])


@pytest.mark.parametrize("dtype", TYPES)
@EVERY_SET
def test_threads_change_no_bit(dtype: Any, engine: Engine, interpolation: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "BAND", 300)
    sdev = SDev.from_device(small_devices()[-1])
    for shape in ((211, 131, 3), (1, 4001, 4), (4001, 1, 4)):
        image = np.random.default_rng(4).uniform(-1, 2, shape).astype(dtype)
        wanted = run(engine, sdev, image, interpolation=interpolation)
        for count in (1, 2, 3, 7):
            out = np.full_like(image, 7)
            assert sdev.apply(image, out, interpolation, engine="native", threads=count) is out
            assert np.array_equal(out, wanted)


NEAR_EDGES = (1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 130)


@pytest.mark.parametrize("layout", LAYOUTS)
@EVERY_SET
def test_nothing_but_the_picture_is_written_and_any_layout_gives_its_bits(layout: str, engine: Engine) -> None:
    for device, dtype, out_type, channels, width in product(small_devices(), TYPES, TYPES, (3, 4), NEAR_EDGES):
        shape = (3, width, channels)
        image = np.random.default_rng(width).uniform(-1, 2, shape).astype(dtype)
        wanted = run(engine, device, image, out_type)
        for margins, shift in (((0, 0, 0), 0), ((1, 2, 0), 1), ((2, 1, 1), 6)):
            (view, room), (out, out_room) = (window(shape, kind, layout, margins, shift) for kind in (dtype, out_type))
            fill(view, room, image)
            fill(out, out_room, 7)
            full = room.copy()
            assert np.array_equal(only_inside(out, out_room, engine.run, device, view, out, METHOD), wanted)
            assert np.array_equal(room, full)
            if dtype is out_type:
                assert np.array_equal(only_inside(view, room, engine.run, device, view, view, METHOD), wanted)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("channels", [3, 4])
@EVERY_SET
def test_read_only_and_repeated_pixels_are_read_as_they_are(channels: int, dtype: Any, engine: Engine) -> None:
    device = small_devices()[-1]
    image = np.random.default_rng(5).uniform(-1, 2, (40, 70, channels)).astype(dtype)
    frozen = np.frombuffer(b"odd" + image.tobytes(), dtype, image.size, offset=3).reshape(image.shape)
    assert not frozen.flags.writeable
    assert not frozen.flags.aligned
    repeated = (image[:1], image[:, :1], image[:1, :1], image[..., :1], image[:1, :1, :1])
    for strided in (frozen, *(np.broadcast_to(part, image.shape) for part in repeated)):
        assert np.array_equal(run(engine, device, strided), run(engine, device, strided.copy()))


@EVERY_LOOK
def test_half_output_is_the_exact_one_rounded(look: str, built: Any, interpolation: Any) -> None:
    device, image = built(look), scene(1_000_000 if look == "premier" else 200_000)
    found = built(look).apply(image, interpolation=interpolation, engine="native")[0].T
    wanted, bound = exact_codes(device, image, interpolation)
    rounded = wanted.astype(np.float16)
    # A film stage's logarithms are off by 3e-7 of a coordinate, some 1e-6 of a code: of a half's unit near white,
    # 2**-11, that is 2 in a thousand, and so many cross a tie.
    same, least = (0.997, 1 / 8) if isinstance(device.table, FilmStage) else (0.999, 1 / 64)
    assert (found == rounded).mean() > same
    units = np.abs(found.view(np.int16).astype(int) - rounded.view(np.int16))
    assert units[rounded >= least].max() <= 1  # nearer black a unit is less than what float32 may err
    rounding = np.spacing(np.maximum(found, rounded)).astype(np.float64) / 2
    assert (np.abs(found - wanted) <= rounding + bound).all()


def floats_to_1(gamma: Any) -> Any:
    """Floats in [0, 1] in rising order, (1, n, 3): evenly, over all exponents, all near the toe and near 1."""
    one, toe = (int(np.float32(x).view(np.int32)) for x in (1, SRGB_TOE))
    # Light up to 2**-125 shows as 0 (native.py, SAFE_LOG2), which a steep power would not take for 0 any more.
    below = 0 if gamma == "sRGB" or gamma < 4 else int(np.float32(2.0**-120).view(np.int32))
    ranges = (range(below, one, 499), range(toe - 200_000, toe + 200_000), range(one - 200_000, one + 1))
    close = np.concatenate([np.arange(r.start, r.stop, r.step, np.int32) for r in ranges]).view(np.float32)
    found = np.unique(np.concatenate([[0], close, np.linspace(0, 1, 1 << 20, dtype=np.float32)]).astype(np.float32))
    return np.concatenate([found, np.ones(-len(found) % 3, np.float32)]).reshape(1, -1, 3)


@pytest.mark.parametrize("gamma", ["sRGB", 1, 0.5, 1.8, 2.2, 2.4, 2.6, 8])
def test_a_power_alone_is_exact_to_float32(gamma: Any) -> None:
    display = Display(1.0, np.eye(3), gamma)
    sdev = SDev.from_device(make_device(grid(3), METHOD, display=display))
    image = floats_to_1(gamma)
    found = sdev.apply(image, engine="native").ravel().astype(np.float64)
    assert found[0] == 0
    assert found[-1] == found.max() == 1
    assert np.abs(found - display.encode(image.ravel().astype(np.float64))).max() < POWER
    assert np.diff(found).min() > -POWER


@pytest.mark.parametrize(("gamma", "peak"), [("PQ", 48), ("PQ", 203), ("PQ", 10_000), ("HLG", 203), ("HLG", 1000)])
def test_an_hdr_encoding_is_exact_to_float32(gamma: Any, peak: float) -> None:
    display = Display(1.0, np.eye(3), gamma, peak)
    sdev = SDev.from_device(make_device(grid(3), METHOD, display=display))
    gray = np.repeat(floats_to_1("sRGB")[0, :, :1], 3, axis=1)[None]
    found = sdev.apply(gray, engine="native")[0].astype(np.float64)
    assert np.abs(found - display.encode(gray[0].astype(np.float64))).max() < HDR
    assert np.diff(found, axis=0).min() > -HDR
    assert found[0].max() < 2e-6  # black


@pytest.mark.usefixtures("images")
@pytest.mark.parametrize(
    "path", real_files(lambda path: not is_refused(path) and "multi" not in path.name), ids=lambda path: path.name
)
def test_real_images(path: Any, built: Any) -> None:
    channels = exr.read(path).channels
    if not set("RGB") <= set(channels):
        pytest.skip("no RGB picture")
    alpha = "A" * ("A" in channels)
    for look, dtype in (("premier", np.float16), ("vision-camera", np.float32)):
        with np.errstate(over="ignore", invalid="ignore"):
            image = stack(channels, "RGB" + alpha, np.float32).astype(dtype)[::2, ::2]
        found, by_numpy = (np.empty(image.shape, np.float32) for _ in "ab")
        built(look).apply(image, found, engine="native")
        reference.apply(built(look), image, by_numpy, built(look).lattice.interpolation)
        bound = exact_codes(built(look), image, built(look).lattice.interpolation)[1].T.reshape(image[..., :3].shape)
        assert (np.abs(found - by_numpy)[..., :3] <= 2 * bound).all()
        assert np.array_equal(found[..., 3:], image[..., 3:], equal_nan=True)


def test_lattices_past_what_floats_count_go_to_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    sdev = SDev.from_device(random_device(METHOD, 5, SRGB))
    image = scene(99)
    assert not np.array_equal(
        bits(sdev.apply(image.astype(np.float32), engine="native")),
        bits(sdev.apply(image.astype(np.float32), engine="numpy")),
    )
    monkeypatch.setattr(shader, "MOST_NODES", 3)
    assert np.array_equal(sdev.apply(image), sdev.apply(image, engine="numpy"))
    one_line(lambda: sdev.apply(image, engine="native"), "native takes lattices up to 3^3, got 5^3")
