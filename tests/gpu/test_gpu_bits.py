"""A GPU gives the CPU's bits: any device, any pixels, wherever nodes and table lie."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from basics import ENGINES, Engine, grid, make_device, run, scene
from gpu_samples import BLACK, NARROW, TYPES, by_native, differing, random_picture, sdev_of, stageable, staged_devices
from host_memory import GPU
from native_samples import METHOD, SHOWS, devices_shown, every_half, odd_floats, sets_here, small_devices
from truths import SRGB

from lattice.gpu import kernel
from lattice.looks import profile_names
from lattice.types import INTERPOLATIONS, Table

pytestmark = pytest.mark.slow

EVERY_GPU = pytest.mark.parametrize(
    "engine", [engine for engine in ENGINES if engine.name == "cuda"], indirect=True, ids=lambda engine: engine.fixture
)
HOST = next(engine for engine in ENGINES if engine.fixture == "host_gpu")
SHARED = 232448  # bytes of a Hopper's block; an Ampere's or Ada's, a Turing's
SHARED_OF_OTHERS = (101376, 65536)


@pytest.fixture(autouse=True)
def _compiled() -> None:
    sets_here()  # whose bits test_native.py holds to each other's


def same_bits(engine: Engine, device: Any, image: Any, out_type: Any, interpolation: Any) -> None:
    found = run(engine, device, image, out_type, interpolation)
    wrong = differing(found, by_native(device, image, out_type, interpolation))
    assert wrong == 0, f"{wrong} values of {image.size} differ: {image.dtype} to {out_type}, {device.lattice.size}^3"


@pytest.mark.parametrize(("exponent", "gamma"), SHOWS)
@EVERY_GPU
def test_the_bits_are_the_cpus(exponent: float, gamma: Any, engine: Engine, interpolation: Any) -> None:
    others = () if engine.fixture == "host_gpu_staged" else devices_shown(exponent, gamma)  # no table to be staged
    for i, device in enumerate((*others, *staged_devices(exponent, gamma))):
        for j, image in enumerate((every_half(), odd_floats())):
            same_bits(engine, device, image, TYPES[(i + j) % 2], interpolation)
            same_bits(engine, device, np.ascontiguousarray(image[::9, :, :3]), TYPES[(i + j + 1) % 2], interpolation)


@pytest.mark.parametrize("look", profile_names())
@EVERY_GPU
def test_the_bits_of_shipped_looks_are_the_cpus(look: str, engine: Engine, built: Any) -> None:
    for i, (out_type, image) in enumerate(product(TYPES, (every_half(), odd_floats(), scene(50_000)))):
        same_bits(engine, built(look), image, out_type, INTERPOLATIONS[i % 2])
    same_bits(engine, built(look).with_input("ACEScg"), every_half(), np.float16, METHOD)


@pytest.mark.parametrize("size", [3, 32, 33, 65])
@EVERY_GPU
def test_lattices_too_large_for_shared_memory_give_the_cpus_bits(size: int, engine: Engine, interpolation: Any) -> None:
    nodes = np.random.default_rng(size).uniform(-0.2, 1.2, (size, size, size, 3))
    device = make_device(nodes, METHOD, stageable(NARROW), SRGB)
    for image, out_type in product((every_half()[::3], odd_floats()), TYPES):
        same_bits(engine, device, image, out_type, interpolation)
    if engine.fixture == "host_gpu":
        assert {bool(launch["NODES_STAGED"]) for launch in GPU.launches} == {size == 3}


@pytest.mark.parametrize("look", profile_names())
def test_a_table_is_staged_where_asked_for_and_possible(look: str, built: Any, host_gpu_staged: None) -> None:
    for device, is_possible in (
        (built(look), isinstance(built(look).table, Table)),
        *((device, True) for device in staged_devices()),
        (small_devices()[0], False),
        (small_devices()[1], False),
    ):
        GPU.launches.clear()
        run(HOST, device, every_half()[:9])
        assert {bool(launch["TABLE_STAGED"]) for launch in GPU.launches} == {is_possible}
        assert all(launch["shared"] <= SHARED for launch in GPU.launches)


@pytest.mark.parametrize("shared", SHARED_OF_OTHERS)
def test_gpus_with_less_shared_memory_give_the_cpus_bits(
    shared: int, host_gpu_staged: None, interpolation: Any
) -> None:
    GPU.shared, engine = shared, HOST
    for device in (*staged_devices(), *small_devices(), make_device(grid(17), METHOD, stageable(BLACK), SRGB)):
        for image in (every_half()[::5], odd_floats()[::5]):
            same_bits(engine, device, image, np.float16, interpolation)
    assert all(launch["shared"] <= shared for launch in GPU.launches)
    assert len({(launch["NODES_STAGED"], launch["TABLE_STAGED"]) for launch in GPU.launches}) > 1


@pytest.mark.parametrize("processors", [1, 2, 132])
def test_any_number_of_processors_gives_the_cpus_bits(processors: int, host_gpu: None) -> None:
    GPU.processors = processors
    for shape in ((1, 40_001, 3), (5, 7001, 4), (3000, 7, 3)):
        same_bits(HOST, small_devices()[-1], random_picture(shape), np.float32, METHOD)


def test_a_large_picture_stages_its_table(host_gpu: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "PIXELS_TO_STAGE", 1000)
    device = staged_devices()[0]
    for count in (999, 1000):
        sdev_of(device).apply(random_picture((1, count, 3)), engine="cuda")
    assert [launch["TABLE_STAGED"] for launch in GPU.launches] == [0, 1]


def test_other_bits_are_seen(host_gpu: None) -> None:
    device, image = small_devices()[-1], random_picture((9, 99, 4), np.float32)
    image[0, 0, 3] = np.nan
    wanted = by_native(device, image)
    for place in ((4, 50, 1), (4, 50, 3)):
        found = wanted.copy()
        found[place] = np.nextafter(found[place], 2)
        assert differing(found, wanted) == 1
        found[place] = np.nan
        assert differing(found, wanted) == 1
    assert INTERPOLATIONS[0] != METHOD
    assert differing(by_native(device, image, None, INTERPOLATIONS[0]), wanted) > 1000
