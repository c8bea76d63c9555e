"""What must hold of every engine with a table of any values, and a lattice of any size."""

from __future__ import annotations

from typing import Any

import numpy as np
from basics import Engine, grid, halves, make_device, run
from tolerance import EPS, TABLE_ROUNDINGS, node_bound
from truths import ORACLES, picture
from wide_samples import DOMAIN, SIZES, noise_device, tables

from lattice.types import HALF_CODES, HALF_MAX

FINITE = slice(0, 0x7C00)  # codes of the finite halves from 0 up; with a half's sign, of those from -0 down
SIGN = 0x8000
LARGEST = 3.0  # difference between two entries of noise from -1 to 2


def as_grays(values: Any) -> Any:
    """Values (n,) as pixels (1, n, 3)."""
    return np.repeat(np.asarray(values)[None, :, None], 3, axis=2)


def scene_values(count: int = 6000) -> Any:
    """float32 of every size and both signs; both sides of halves' borders among them."""
    random = np.random.default_rng(10)
    sizes = [2.0 ** random.uniform(-30, 15.9, count), random.uniform(0, 2.0**-13, 1000), [2.0**-149, 2.0**-25, 65503.9]]
    known = halves()[FINITE].astype(np.float64)
    values = np.concatenate([*sizes, known[:2000], (known[1:] + known[:-1])[::7] / 2]).astype(np.float32)
    return np.concatenate([values, -values])


def told(values: Any, x: Any) -> Any:
    """What a column (65536,) says of x (n,), in float64 and by NumPy's own interpolation: not held yet."""
    known, sizes = halves()[FINITE].astype(np.float64), np.abs(x.astype(np.float64))
    above, below = (np.interp(sizes, known, values[start : start + 0x7C00]) for start in (0, SIGN))
    return np.where(np.signbit(x), below, above)


def each_sign_reads_its_own_halves_and_the_lattice_holds_them(engine: Engine, interpolation: Any) -> None:
    device, x = noise_device(interpolation, grid(3)), scene_values()
    found, bound = run(engine, device, as_grays(x))[0], node_bound(device, TABLE_ROUNDINGS * EPS * LARGEST)
    for k in range(3):
        wanted = np.clip(told(device.table.values[:, k], x), 0, 1)  # after the interpolation, not before it
        assert np.abs(found[:, k] - wanted).max() <= bound


def both_zeros_and_both_ends_and_nan_have_entries(engine: Engine, interpolation: Any) -> None:
    device = noise_device(interpolation, grid(3))  # a cell of 0.5: every operation on it is exact
    nan = np.array([0x7FC00000, 0xFFC00000, 0x7F800001, 0xFFFFFFFF], np.uint32).view(np.float32)
    x = np.array([0.0, -0.0, HALF_MAX, 65519, 1e9, np.inf, -HALF_MAX, -65519, -1e9, -np.inf, *nan], np.float32)
    codes = [0, SIGN, *[0x7BFF] * 4, *[0xFBFF] * 4, *[0x7E00] * 4]
    assert np.array_equal(run(engine, device, as_grays(x))[0], np.clip(device.table.values[codes], 0, 1))


def every_half_takes_its_own_entry_held(engine: Engine, interpolation: Any) -> None:
    for table in tables().values():
        device = make_device(grid(3), interpolation, table)
        found = run(engine, device, as_grays(halves()), np.float32)
        assert np.array_equal(found.reshape(HALF_CODES, 3), np.clip(table.values, 0, 1))


def a_matrix_may_lead_below_0(engine: Engine, interpolation: Any) -> None:
    device = make_device(grid(3), interpolation, tables()["noise"], matrix=-np.eye(3))
    codes = np.concatenate([np.arange(1, 0x7C00), np.arange(SIGN + 1, SIGN + 0x7C00)])
    image = as_grays(halves()[codes])
    for dtype in (np.float16, np.float32):
        found = run(engine, device, image.astype(dtype), np.float32)
        assert np.array_equal(found[0], np.clip(device.table.values[codes ^ SIGN], 0, 1))


def a_shaper_may_fall_and_leave_the_lattice(engine: Engine, interpolation: Any) -> None:
    x = np.random.default_rng(3).uniform(-20, 30, 5000).astype(np.float32)
    low, high = DOMAIN
    for name, u in (
        ("from -4 to 12", (x.astype(np.float64) - low) / (high - low)),
        ("unbounded", (x.astype(np.float64) - low) / (high - low)),
        ("falling", 1 - x.astype(np.float64)),
        ("falling and unbounded", (x.astype(np.float64) - high) / (low - high)),
    ):
        device = make_device(grid(4), interpolation, tables()[name])
        bound = node_bound(device, 2 * TABLE_ROUNDINGS * EPS)  # the entries' own rounding, too; the ends are halves
        assert np.abs(run(engine, device, as_grays(x))[0] - np.clip(u, 0, 1)[:, None]).max() <= bound


def every_size_follows_the_oracle(engine: Engine, interpolation: Any) -> None:
    for size in SIZES:
        nodes = np.random.default_rng(size).uniform(0, 1, (size, size, size, 3))
        device, image = make_device(nodes, interpolation), picture(301, size)
        image[0, :8] = np.array(np.meshgrid([0, 1], [0, 1], [0, 1])).reshape(3, 8).T  # the corners of all
        wanted = ORACLES[interpolation](device.lattice.nodes, image[0].astype(np.float64))
        assert np.abs(run(engine, device, image)[0] - wanted).max() <= node_bound(device)


WIDE_TRUTHS = (
    each_sign_reads_its_own_halves_and_the_lattice_holds_them,
    both_zeros_and_both_ends_and_nan_have_entries,
    every_half_takes_its_own_entry_held,
    a_matrix_may_lead_below_0,
    a_shaper_may_fall_and_leave_the_lattice,
    every_size_follows_the_oracle,
)
