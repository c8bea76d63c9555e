"""The film stage: what it computes, on every engine; its record; its edges."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from basics import Engine, halves, make_device, one_line, run
from native_samples import every_half, odd_floats
from stage_samples import FLOOR, film_stage, mixing, rising, showing, staged_by_film
from tolerance import EPS, node_bound, stage_error

from lattice.interp import reference, shader
from lattice.types import HALF_MAX, FilmStage, Step

COUNTS = (1, 2, 3, 4)


def light(count: int = 5000) -> Any:
    """Scene light of every size, gray and colored, with values below the floor: (1, count, 3) float32."""
    random = np.random.default_rng(8)
    picture = 2.0 ** (random.uniform(-16, 16, (1, count, 1)) + random.normal(0, 3, (1, count, 3)))
    picture[0, : count // 8] *= -1
    return picture.astype(np.float32)


def told(stage: FilmStage, x: Any) -> Any:
    """What the record says, in float64 and by other means than the engines'."""
    logs = np.log2(np.clip(np.nan_to_num(x.astype(np.float64), nan=0, posinf=HALF_MAX), stage.floor, HALF_MAX))
    for step in stage.steps:
        logs = np.clip(np.concatenate([logs, np.ones_like(logs[..., :1])], axis=-1) @ step.matrix.T, 0, 1)
        curves = [] if step.curves is None else list(step.curves)
        for k, curve in enumerate(curves, 3 - len(curves)):
            logs[..., k] = np.interp(logs[..., k], np.linspace(0, 1, len(curve)), curve)
    return logs


@pytest.mark.parametrize("count", COUNTS)
def test_every_engine_follows_the_record(count: int, engine: Engine, interpolation: Any) -> None:
    stage, picture = film_stage(count), light()
    device = showing(stage, interpolation)
    found = run(engine, device, picture)
    bound = stage_error(stage) + node_bound(device, 0.0)
    assert np.abs(found - told(stage, picture)).max() <= bound
    assert bound < 1e-3


def test_odd_values_count_as_the_floor_or_the_largest_half(engine: Engine, interpolation: Any) -> None:
    device = showing(film_stage(4), interpolation)
    odd = np.array([np.nan, -np.inf, -1, -0.0, 0, 1e-30, FLOOR, np.inf, 1e30, HALF_MAX], np.float32)
    found = run(engine, device, np.repeat(odd[None, :, None], 3, axis=2))[0]
    assert np.array_equal(found[:7], np.repeat(found[6:7], 7, axis=0))
    assert np.array_equal(found[7:], np.repeat(found[9:], 3, axis=0))
    assert not np.array_equal(found[0], found[9])


def test_a_half_is_its_float(engine: Engine, interpolation: Any) -> None:
    picture = np.repeat(halves().reshape(256, 256, 1), 3, axis=2)
    for matrix in (True, False):
        device = staged_by_film(13, 4, matrix, interpolation)
        exact = run(engine, device, picture.astype(np.float32))
        assert np.array_equal(run(engine, device, picture, np.float32), exact)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("matrix", [True, False])
def test_every_engine_that_is_fused_gives_the_same_bits(
    count: int, matrix: bool, engine: Engine, interpolation: Any
) -> None:
    if engine.name == "numpy":
        pytest.skip("NumPy's last bits are its own")
    from gpu_samples import by_native, differing

    device = staged_by_film(5, count, matrix, interpolation)
    for picture in (every_half(), odd_floats(), np.ascontiguousarray(odd_floats()[::9, :, :3])):
        found = run(engine, device, picture, np.float32)
        assert differing(found, by_native(device, picture, np.float32, interpolation)) == 0


def test_exposure_moves_no_difference_of_logs() -> None:
    """So a curve on it keeps its meaning at every exposure."""
    differences = Step(np.array([[1, 1, 1, 30], [1, -1, 0, 30], [0, 1, -1, 30]]) / 64)
    stage, dark = FilmStage(2.0**-24, (differences, _pass())), np.array([[0.18], [0.02], [0.4]])
    one, other = (reference.expose(stage, dark * 2.0**k) for k in (0, 5))
    assert one[0] != other[0]
    assert np.abs(one[1:] - other[1:]).max() < 1e-12


def _pass() -> Step:
    return Step(np.eye(3, 4), np.repeat(np.linspace(0, 1, 2)[None], 3, axis=0))


def test_two_sdevs_are_equal_if_their_stages_are() -> None:
    one = staged_by_film()
    assert replace(one, table=film_stage()).sha256 == one.sha256
    others = [
        FilmStage(2 * FLOOR, film_stage().steps),
        FilmStage(FLOOR, film_stage().steps[1:]),
        FilmStage(FLOOR, (*film_stage().steps[:3], Step(mixing(4, 1, 0.02), rising(3, 1025, 4)))),
        FilmStage(FLOOR, (Step(mixing(1, 1 / 30, 0.45)), *film_stage().steps[1:])),
        FilmStage(FLOOR, (*film_stage().steps[:3], Step(mixing(4, 1, 0.01), rising(3, 1025, 5)))),
    ]
    assert len({one.sha256, *(replace(one, table=stage).sha256 for stage in others)}) == 6


LAST = _pass()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: FilmStage(0.0, (LAST,)), "floor: expected a positive half float, got 0.0"),
        (lambda: FilmStage(1e-4, (LAST,)), "floor: expected a positive half float, got 0.0001"),
        (lambda: FilmStage(float("nan"), (LAST,)), "floor: expected a positive half float"),
        (lambda: FilmStage(FLOOR, ()), "steps: expected 1 to 4, got 0"),
        (lambda: FilmStage(FLOOR, (Step(np.eye(3, 4)),) * 4 + (LAST,)), "steps: expected 1 to 4, got 5"),
        (lambda: FilmStage(FLOOR, (Step(np.eye(3, 4)),)), "expected three curves in [0, 1] in the last step"),
        (lambda: FilmStage(FLOOR, (Step(np.eye(3, 4), 2 * LAST.curves),)), "expected three curves in [0, 1]"),
        (lambda: FilmStage(FLOOR, (LAST, LAST)), "expected two curves, or none, in a step before the last"),
        (lambda: Step(np.eye(3)), "step matrix: expected shape (3, 4), got (3, 3)"),
        (lambda: Step(np.full((3, 4), np.nan)), "step matrix: expected finite numbers"),
        (lambda: Step(np.eye(3, 4), rising(1, 9, 1)), "expected 2 or 3 of 2 to 4096 entries, got (1, 9)"),
        (lambda: Step(np.eye(3, 4), rising(3, 4097, 1)), "expected 2 or 3 of 2 to 4096 entries, got (3, 4097)"),
        (lambda: Step(np.eye(3, 4), -rising(3, 9, 1)), "expected entries that never fall"),
    ],
)
def test_a_stage_that_cannot_be_is_told_in_a_line(make: Any, says: str) -> None:
    one_line(make, says)


def test_other_stages_cost_nothing() -> None:
    plain = make_device(np.zeros((3, 3, 3, 3)))
    assert not shader.stages(plain) & shader.LOG
    numbers = shader.numbers(plain)
    assert (numbers.steps, numbers.floor) == (0, 0.0)
    staged = shader.stages(showing(film_stage()))
    assert staged & shader.LOG
    assert not staged & shader.TABLE


def test_float32_is_as_near_as_its_operations_allow() -> None:
    stage, picture = film_stage(1), light(20_000)
    exact = reference.expose(stage, picture[0].T.astype(np.float64))
    assert np.abs(reference.expose(stage, picture[0].T) - exact).max() <= stage_error(stage)
    assert stage_error(stage) < 4000 * EPS
