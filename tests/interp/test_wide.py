"""Tables of any values and lattices of any size: what they compute, with the same bits on every engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from basics import IN_ANY_FORM, Engine, grid, make_device, plain_table, run
from gpu_samples import differing
from native_samples import every_half, odd_floats, sets_here
from tolerance import node_bound
from truths import ORACLES, picture
from wide_samples import tables, wide_devices
from wide_truths import WIDE_TRUTHS, as_grays

from lattice.interp import native, shader
from lattice.types import LARGEST_ENTRY, Table

DEVICES = pytest.mark.parametrize("number", range(len(wide_devices())), ids=[*tables()])


@IN_ANY_FORM
@pytest.mark.parametrize("truth", WIDE_TRUTHS, ids=lambda truth: truth.__name__)
def test_every_engine_holds(truth: Any, engine: Engine, interpolation: Any) -> None:
    truth(engine, interpolation)


@DEVICES
def test_every_engine_that_is_fused_gives_the_same_bits(
    number: int, engine: Engine, interpolation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sets_here()
    if engine.name == "numpy":
        pytest.skip("NumPy's last bits are its own")
    device = wide_devices()[number]
    for image in (every_half()[::3], odd_floats()[::3], np.ascontiguousarray(odd_floats()[::9, :, :3])):
        for out_type in (np.float16, np.float32):
            found = run(engine, device, image, out_type, interpolation)
            with monkeypatch.context() as patch:
                patch.setenv(native.FORCE, "portable")
                wanted = np.empty(image.shape, out_type)
                native.apply(device, image, wanted, interpolation)
            assert differing(found, wanted) == 0


def test_a_lattice_of_129_follows_the_oracle(engine: Engine, interpolation: Any) -> None:
    nodes = np.random.default_rng(129).uniform(0, 1, (129, 129, 129, 3))
    device, image = make_device(nodes, interpolation), picture(501)
    image[0, :2] = [[0, 0, 0], [1, 1, 1]]
    wanted = ORACLES[interpolation](device.lattice.nodes, image[0].astype(np.float64))
    assert np.abs(run(engine, device, image)[0] - wanted).max() <= node_bound(device)


STAGES = {
    "from -4 to 12": shader.SIGNED,
    "unbounded": shader.SIGNED | shader.HOLD,
    "falling": shader.SIGNED,  # NaN has another entry than 0
    "falling and unbounded": shader.SIGNED | shader.HOLD,
    "noise": shader.SIGNED | shader.HOLD,
    "noise above 0": shader.HOLD,
    "narrow": shader.HOLD,
    "the largest": shader.SIGNED | shader.HOLD,
}


def test_a_table_takes_the_stages_that_it_needs(built: Any) -> None:
    def stages(table: Table) -> int:
        return shader.stages(make_device(grid(3), table=table)) & (shader.SIGNED | shader.HOLD)

    assert {name: stages(table) for name, table in tables().items()} == STAGES
    falling = plain_table().values[0] - plain_table().values + 1
    for table in (plain_table(), built("premier-scan").table, built("vision-scan").table, Table(falling)):
        assert stages(table) == 0


def test_the_largest_entries_are_held(engine: Engine, interpolation: Any) -> None:
    values = np.full((65536, 3), LARGEST_ENTRY, np.float32)
    values[1::2] *= -1
    device = make_device(grid(5), interpolation, Table(values))
    x = np.array([1.0, 1 + 2.0**-12, 1 + 2.0**-10, -1.0], np.float32)
    assert np.array_equal(run(engine, device, as_grays(x))[0, :, 0], [1, 1, 0, 1])
