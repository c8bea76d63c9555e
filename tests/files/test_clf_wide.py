"""SDevs with tables of any values and lattices of any size survive a CLF, and OpenColorIO shows their pixels."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import grid, make_device, one_line
from ocio_host import host
from tolerance import EPS, TABLE_ROUNDINGS, node_bound
from wide_samples import DOMAIN, tables, wide_devices
from wide_truths import as_grays, scene_values

from lattice.files import clf
from lattice.sdev import SDev, load
from lattice.types import HALF_MAX

SIZES = (2, 16, 36)


@pytest.mark.parametrize("number", range(len(wide_devices())), ids=[*tables()])
def test_a_clf_is_the_same_sdev(number: int, tmp_path: Path) -> None:
    device = SDev.from_device(wide_devices()[number])
    device.save(tmp_path / "a.clf")
    assert load(tmp_path / "a.clf").sha256 == device.sha256


@pytest.mark.slow
def test_a_lattice_of_129_survives_a_clf_and_131_is_refused(tmp_path: Path) -> None:
    device = SDev.from_device(make_device(np.random.default_rng(129).uniform(0, 1, (129, 129, 129, 3))))
    device.save(tmp_path / "a.clf")
    assert load(tmp_path / "a.clf").sha256 == device.sha256
    text = clf.to_xml(make_device(grid(3))).replace('dim="3 3 3 3"', 'dim="131 131 131 3"')
    one_line(lambda: clf.from_xml(text.encode()), "at most 6,440,067 numbers, got dim '131 131 131 3'")


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 9])
def test_numbers_are_counted_wherever_a_part_of_them_ends(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lattice.files.clf_nodes.TOGETHER", count)
    device = make_device(np.random.default_rng(3).uniform(0, 1, (2, 2, 2, 3)))
    text = clf.to_xml(device)
    assert clf.from_xml(text.encode()).sha256 == device.sha256
    head, _, tail = text.rpartition("\n</Array>\n</LUT3D>")
    one_line(lambda: clf.from_xml(f"{head} 0.5 </Array></LUT3D>{tail}".encode()), "expected 24 numbers, got more")
    one_line(lambda: clf.from_xml(f"{head.rpartition(' ')[0]} </Array></LUT3D>{tail}".encode()), "24 numbers, got 23")
    one_line(lambda: clf.from_xml(f"{head}.5.5</Array></LUT3D>{tail}".encode()), "expected numbers, got")


def natural() -> Any:
    """float32 pixels over a table's domain and past it, of both signs; the ends of floats, both zeros, NaN."""
    random, (low, high) = np.random.default_rng(5), DOMAIN
    ends = [0.0, -0.0, np.nan, np.inf, -np.inf, HALF_MAX, -HALF_MAX, 65519, 1e30, -1e30]
    grays = as_grays(np.concatenate([scene_values(1000), ends]).astype(np.float32))
    return np.concatenate([random.uniform(low - 3, high + 3, (1, 20_000, 3)).astype(np.float32), grays], axis=1)


@pytest.mark.parametrize(
    ("name", "size"),
    [*product(["from -4 to 12", "unbounded", "falling", "falling and unbounded", "noise"], SIZES), ("unbounded", 64)],
)
def test_another_host_shows_our_pixels(name: str, size: int, interpolation: Any, ocio: Any, tmp_path: Path) -> None:
    nodes = 0.05 + 0.9 * grid(size) ** 0.8
    device = SDev.from_device(make_device(nodes, interpolation, tables()[name]))
    device.save(tmp_path / "look.clf")
    image = natural()
    bound = 2 * node_bound(device, 3 * TABLE_ROUNDINGS * EPS)  # theirs and ours; entries near [0, 1] are up to 3 apart
    off = np.abs(host(ocio, tmp_path / "look.clf", image) - device.apply(image))
    assert off.max() <= bound
    assert bound < 1e-4
