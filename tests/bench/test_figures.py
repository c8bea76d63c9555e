"""The comparison of `make bench-quick`: what counts as a fall, on which machine, and what a damaged row says."""

from __future__ import annotations

from pathlib import Path

import pytest
from figures import Figure, Run, append, changes, gone, last, read
from quick import report

from lattice.types import LatticeError

NAME, RATIO = "build premier", "native packed, of OpenColorIO"


def run(date: str = "2026-01-02", cpu: str = "EPYC 9B14", instructions: str = "avx512", **figures: Figure) -> Run:
    return Run(date, "abc1234", cpu, 2, instructions, "3.11.7", "2.4.6", {**figures})


def ms(*repeats: float) -> dict[str, Figure]:
    return {NAME: Figure.of("ms", repeats)}


def times(*repeats: float) -> dict[str, Figure]:
    return {RATIO: Figure.of("times as fast", repeats)}


def has_fallen(now: dict[str, Figure], *before: dict[str, Figure]) -> bool:
    [change] = changes(run(**now), [run(**each) for each in before], True).values()
    return change.has_fallen


def test_a_figure_is_its_median_and_quartiles() -> None:
    assert Figure.of("ms", [5, 1, 2, 3, 4]) == Figure("ms", 3, 2, 4)


def test_a_fall_within_the_noise_of_the_repeats_is_none() -> None:
    before, now = ms(100, 100, 101, 102, 103), ms(95, 108, 125, 140, 141)  # its median is 24 % slower
    assert not has_fallen(now, before)
    assert has_fallen(ms(124, 124, 125, 126, 126), before)


def test_a_fall_counts_beyond_a_tenth_whichever_way_is_better() -> None:
    assert has_fallen(ms(112, 112, 112), ms(100, 100, 100))
    assert not has_fallen(ms(109, 109, 109), ms(100, 100, 100))
    assert not has_fallen(ms(50, 50, 50), ms(100, 100, 100))
    assert has_fallen(times(1.2, 1.2, 1.2), times(1.4, 1.4, 1.4))
    assert not has_fallen(times(1.3, 1.3, 1.3), times(1.4, 1.4, 1.4))
    assert not has_fallen(times(9, 9, 9), times(1.4, 1.4, 1.4))


def test_one_busy_row_of_the_last_three_does_not_count() -> None:
    quiet, busy = ms(100, 100, 100), ms(300, 300, 300)
    assert has_fallen(ms(120, 120, 120), quiet, quiet, busy)
    assert not has_fallen(ms(105, 105, 105), quiet, busy, quiet)


def test_rows_of_the_same_machine_are_compared_the_last_three() -> None:
    rows = [run(f"2026-01-0{day}") for day in range(1, 6)] + [run("2026-01-09", cpu="Xeon")]
    beside, is_same = last(run(), rows)
    assert ([row.date for row in beside], is_same) == (["2026-01-03", "2026-01-04", "2026-01-05"], True)


def test_a_machine_of_other_instructions_is_another() -> None:
    rows = [run("2026-01-01", instructions="avx2"), run("2026-01-02")]
    assert last(run(), rows) == (rows[1:], True)
    assert last(run(instructions="sse2"), rows) == (rows[1:], False)


def test_an_unknown_machine_is_compared_with_rows_of_one_machine_the_newest() -> None:
    cpus = ["EPYC", "Xeon", "EPYC", "Xeon", "Xeon", "EPYC"]
    rows = [run(f"2026-01-0{day}", cpu=cpu) for day, cpu in enumerate(cpus, 1)]
    beside, is_same = last(run(cpu="Ryzen"), rows)
    assert ([row.date for row in beside], is_same) == (["2026-01-01", "2026-01-03", "2026-01-06"], False)
    assert last(run(), []) == ([], False)


def test_an_unknown_machine_compares_ratios_alone_and_says_so() -> None:
    rows = [run(cpu="Xeon", **ms(1, 1, 1), **times(1.4, 1.4, 1.4))]
    said, fell = report(run(**ms(100, 100, 100), **times(1.4, 1.4, 1.4)), rows)
    assert "EPYC 9B14, 2 cores, avx512 has no row yet: only ratios are compared, with Xeon, 2 cores, avx512" in said
    assert not fell
    said, fell = report(run(**ms(100, 100, 100), **times(0.7, 0.7, 0.7)), rows)
    assert fell
    assert f"{RATIO}: 2.00 times as slow" in said
    assert f"{NAME}:" not in said


def test_the_first_row_of_all_has_nothing_beside_it() -> None:
    said, fell = report(run(**ms(1, 1, 1)), [])
    assert said.endswith("nothing to compare with")
    assert not fell


def test_a_figure_that_is_not_measured_any_more_is_a_fall() -> None:
    rows = [run(**ms(1, 1, 1), **times(2, 2, 2))]
    assert gone(run(**ms(1, 1, 1)), rows) == [RATIO]
    said, fell = report(run(**ms(1, 1, 1)), rows)
    assert fell
    assert f"{RATIO}: not measured any more" in said


def test_rows_come_back_as_they_were_kept(tmp_path: Path) -> None:
    rows = [run("2026-01-01", **ms(1, 2, 3)), run("2026-01-03", **times(1, 2, 3))]
    other = run("2026-01-02", cpu="Intel(R) Xeon(R)", **ms(4, 5, 6))
    files = [append(tmp_path, each) for each in (*rows, other)]
    names = ["epyc-9b14-2-cores-avx512.toml"] * 2 + ["intel-r-xeon-r-2-cores-avx512.toml"]
    assert [file.name for file in files] == names
    assert read(tmp_path) == [rows[0], other, rows[1]]


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("median = 2.0", "median = ", "expected rows of TOML: Invalid value"),
        ("median = 2.0", "median = 20.0", "run 2: build premier: expected 0 < low <= median <= high, got 1.5, 20.0"),
        ("median = 2.0", "median = nan", "run 2: build premier: expected 0 < low"),
        ("median = 2.0\n", "", "run 2: build premier: expected unit, median, low, high, got unit, low, high"),
        ('unit = "ms"', 'unit = "s"', "run 2: build premier: unit: expected ms or Mpixel/s"),
        ("cores = 2", 'cores = "two"', "run 2: cores: expected int, got 'two'"),
        ("high = 2.5", "high = 2.5\n[more]", "expected [[run]] alone, got run, more"),
    ],
)
def test_a_damaged_row_is_one_clear_error(tmp_path: Path, good: str, bad: str, said: str) -> None:
    append(tmp_path, run(**ms(1, 2, 3)))
    path = append(tmp_path, run(**ms(1, 2, 3)))
    first, second, third = path.read_text().partition("\n[[run]]")
    path.write_text(first + (second + third).replace(good, bad))
    with pytest.raises(LatticeError) as raised:
        read(tmp_path)
    assert str(raised.value).startswith(f"{path}: ")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_kept_rows_are_whole() -> None:
    folder = Path(__file__).parents[2] / "bench" / "history"
    assert [row for row in read(folder) if not row.figures] == []
