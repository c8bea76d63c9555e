"""The simulated farm of `make farm-model`, where the answer is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import farm_throttle
import pytest
from farm_model import enough_slots, farm_row, steady
from farm_records import Farm, Frame, Tasks
from farm_simulation import simulate

FREE = Tasks(0, 0, 0, 0, 0)
PLAIN = Frame(header=0, read=60, written=40, reading=0.1, grading=0.7, verifying=0.2)  # 100 bytes, 1 second


def wall(farm: Farm, frame: Frame = PLAIN, tasks: Tasks = FREE, number: int = 24) -> float:
    ended = simulate(farm, [frame], tasks, number)
    assert len(ended) == number
    return max(each.time for each in ended)


def test_cores_are_the_limit() -> None:
    assert wall(Farm(8, 8, 1e9, 1e9)) == pytest.approx(3, abs=1e-3)
    assert wall(Farm(8, 2, 1e9, 1e9)) == pytest.approx(12, abs=1e-3)
    assert wall(Farm(1, 2, 1e9, 1e9)) == pytest.approx(24, abs=1e-3)


def test_the_server_is_the_limit_and_is_shared_evenly() -> None:
    transfer = Frame(0, 60, 40, 0, 0, 0)
    assert wall(Farm(8, 8, 100, 100), transfer) == pytest.approx(24)
    assert wall(Farm(8, 8, 100, 5), transfer) == pytest.approx(60)  # 8 links of 5 bytes a second
    first = simulate(Farm(2, 2, 100, 100), [transfer], FREE, 2)[0]  # both end together: each had half
    assert first.time == pytest.approx(2)


def test_slots_hold_transfers_and_verifying_but_not_grading() -> None:
    # Of a frame's second 0.3 are in the slot, so one slot feeds 1 / 0.3 workers.
    assert wall(Farm(8, 8, 1e9, 1e9, slots=1), number=100) == pytest.approx(100 * 0.3, rel=0.05)
    assert wall(Farm(8, 8, 1e9, 1e9, slots=2), number=100) == pytest.approx(100 * 0.15, rel=0.05)
    assert wall(Farm(8, 8, 1e9, 1e9, slots=8)) == pytest.approx(wall(Farm(8, 8, 1e9, 1e9)))


def test_fewer_frames_in_slots_get_more_of_the_server_each() -> None:
    transfer = Frame(0, 60, 40, 0, 0, 0)
    assert wall(Farm(8, 8, 100, 100, slots=1), transfer) == pytest.approx(24)
    assert wall(Farm(8, 8, 100, 25, slots=1), transfer) == pytest.approx(24 * 4)  # one link does not fill the server


def test_the_head_does_one_thing_at_a_time() -> None:
    tasks = Tasks(head=0.1, worker=0, slot=0, asking=0, waiting=0)
    assert wall(Farm(100, 100, 1e9, 1e9), tasks=tasks, number=400) == pytest.approx(40, rel=0.03)
    assert wall(Farm(100, 100, 1e9, 1e9, slots=99), tasks=Tasks(0.1, 0, 0.05, 0, 0), number=400) == pytest.approx(
        80, rel=0.05
    )


def test_who_waits_for_a_slot_costs_the_head() -> None:
    transfer, farm = Frame(0, 1, 1, 0, 0, 0), Farm(51, 51, 1e9, 1e9, slots=1)
    free, dear = (wall(farm, transfer, Tasks(0, 0, 0.01, 0, cost), 1000) for cost in (0, 0.001))
    assert free == pytest.approx(1000 * 2 * 0.01, rel=0.05)
    assert 2 < dear / free < 7  # 1 ms for each of up to 50 that wait, beside 10 ms


def test_a_head_without_a_core_of_its_own_takes_the_workers_time() -> None:
    tasks = Tasks(head=0.5, worker=0.5, slot=0, asking=0, waiting=0)
    assert wall(Farm(2, 2, 1e9, 1e9, is_alone=True), tasks=tasks) > 18
    shared = wall(Farm(2, 2, 1e9, 1e9, is_alone=False), tasks=tasks)
    assert shared == pytest.approx(24 * 2 / 2, rel=0.3)
    assert shared >= 24


def test_the_bytes_and_the_heads_work_add_up() -> None:
    last = simulate(Farm(4, 4, 1e3, 1e3, slots=2), [PLAIN], Tasks(0.01, 0, 0.002, 0, 0), 20)[-1]
    assert last.moved == pytest.approx(20 * 100)
    assert last.head == pytest.approx(20 * (0.01 + 2 * 0.002))


def test_the_fewest_slots_that_keep_a_server_full_are_found() -> None:
    transfer, farm = Frame(0, 60, 40, 0, 0, 0), Farm(20, 20, 100, 25)  # four links fill the server
    rate, server, head = steady(farm, [transfer], FREE)
    assert (rate, server, head) == (pytest.approx(1, rel=0.02), pytest.approx(1, rel=0.02), 0)
    slotted = enough_slots(farm, [transfer], FREE)
    assert slotted == replace(farm, slots=4)
    assert steady(replace(farm, slots=3), [transfer], FREE)[1] == pytest.approx(0.75, rel=0.02)
    dear = Tasks(head=0, worker=0, slot=2, asking=0, waiting=0)  # a frame's two slots take the head four seconds
    assert enough_slots(farm, [transfer], dear) is None


def test_a_row_says_what_workers_wait_for() -> None:
    few, many, slow = Farm(2, 2, 1e4, 1e4), Farm(100, 100, 1e3, 1e3), Tasks(0.5, 0, 0, 0, 0)
    assert farm_row(few, [PLAIN], FREE)[4:] == ["workers", "", "", ""]
    assert farm_row(many, [PLAIN], FREE)[4] == "server"
    assert farm_row(many, [PLAIN], slow)[4:] == ["head", "", "", ""]


def test_the_slow_server_counts_what_it_moves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = tmp_path / "book"
    farm_throttle.empty(book)
    monkeypatch.setenv(farm_throttle.SERVER, f"1e12:{book}")
    for size in (3 * farm_throttle.PIECE + 1, 0, 7):
        farm_throttle.transfer(size)
    assert farm_throttle.moved(book) == 3 * farm_throttle.PIECE + 8
