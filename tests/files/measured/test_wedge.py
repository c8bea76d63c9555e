"""Tables of step wedges: what says the exposures, in any order, repeated, with what status; and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from wedge_samples import read, table

from lattice.files.measured.wedge import read_wedge
from lattice.looks.toml import load_stock

CURVES = load_stock("kodak_2383").curves
X = np.linspace(-0.6, 2.1, 19)
D = read(CURVES, X, None)
HEADER = "log_exposure,red,green,blue"


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    (folder / "wedge.csv").write_text(text, encoding=encoding)
    return folder / "wedge.csv"


@pytest.mark.parametrize(
    ("header", "exposures", "is_relative", "step"),
    [
        (HEADER, X, False, None),
        ("Log H,R,G,B", X, False, None),
        ("relative_log_exposure,D_R,D_G,D_B", X + 3, True, None),
        ("wedge density,Status A Red,Status A Green,Status A Blue", 3 - X, True, None),
        ("step,red,green,blue", np.arange(19), True, 0.15),
        ("Step No.,Blue,Green,Red", 19 - np.arange(19), True, 0.15),
        ("step,red,green,blue", np.arange(19), True, None),
    ],
)
def test_columns_say_the_exposures(
    header: str, exposures: Any, is_relative: bool, step: float | None, tmp_path: Path
) -> None:
    d = D[:, ::-1] if "Blue,Green" in header else D
    order = np.random.default_rng(2).permutation(len(X))
    found = read_wedge(written(tmp_path, table(header, exposures[order], d[order])), step)
    assert found.is_relative == is_relative
    assert found.density == pytest.approx(D, abs=6e-5)
    assert np.diff(found.log_exposure) == pytest.approx(np.diff(X), abs=2e-4)
    if not is_relative:
        assert found.log_exposure == pytest.approx(X, abs=6e-5)
    assert found.status == ("A" if "Status A" in header else None)
    told = "".join(found.assumed)
    assert ("--step-density" in told) == (header.startswith("step") and step is None)
    assert ("most exposed" in told) == header.startswith("Step No")
    assert (found.readings, found.noise) == (19, 0.01)


def test_decimal_commas_and_a_mark_at_the_start_are_taken(tmp_path: Path) -> None:
    text = table(HEADER.replace(",", ";"), X, D, ";")
    assert "0,6000" in text
    for encoding in ("utf-8-sig", "utf-16"):
        assert read_wedge(written(tmp_path, text, encoding)).density == pytest.approx(D, abs=6e-5)


def test_readings_of_a_step_are_averaged_and_say_their_noise(tmp_path: Path) -> None:
    reads = [D + np.random.default_rng(k).normal(0, 0.02, D.shape) for k in range(4)]
    found = read_wedge(written(tmp_path, table(HEADER, np.tile(X, 4), np.vstack(reads))))
    assert found.density == pytest.approx(np.mean(reads, axis=0), abs=1e-4)
    assert found.readings == 76
    assert found.noise == pytest.approx(0.02, rel=0.2)


@pytest.mark.parametrize(
    ("head", "column", "asked", "status"),
    [
        ("# measured, Status: M\n", None, None, "M"),
        ("", "A", None, "A"),
        ("", "Status M", "M", "M"),
        ("", None, "a", "A"),
        ("", None, None, None),
    ],
)
def test_the_status_is_in_a_comment_a_column_or_asked(
    head: str, column: str | None, asked: str | None, status: str | None, tmp_path: Path
) -> None:
    text = table(HEADER, X, D)
    if column is not None:
        first, *rest = text.splitlines()
        text = "\n".join([first + ",status", *(f"{row},{column}" for row in rest)])
    assert read_wedge(written(tmp_path, head + text), None, asked).status == status


def with_cell(row: int, layer: int, density: float) -> str:
    changed = D.copy()
    changed[row, layer] = density
    return table(HEADER, X, changed)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (with_cell(4, 1, float("nan")), ("line 6: green", "finite number")),
        (with_cell(12, 1, 1.0), ("line 14: log_exposure 1.2000: green falls from", "to 1 as exposure rises")),
        (with_cell(18, 0, 6.5), ("line 20: red: expected a density from 0 to 6, got 6.5",)),
        (with_cell(0, 2, -0.2), ("line 2: blue: expected a density from 0 to 6, got -0.2",)),
        (table(HEADER, X, 100 * 10**-D), ("percent of light passed",)),
        (table(HEADER, X, 10**-D), ("densities fall as exposure rises, by log_exposure", "-log10")),
        (table("wedge_density,red,green,blue", X + 1, D), ("densities fall as exposure rises, by wedge_density",)),
        (table(HEADER, X, np.full_like(D, 0.1)), ("red: expected a density that rises by 0.3 or more, got 0.1",)),
        (table(HEADER, X, np.zeros_like(D)), ("red: expected a density that rises by 0.3 or more, got 0 to 0",)),
        (table(HEADER, X, D * [1, 1, 0.05]), ("blue: expected a density that rises by 0.3 or more",)),
        (table(HEADER, X[:2], D[:2]), ("expected 3 to 4,096 steps, got 2",)),
        (table(HEADER, [0.5] * 19, [D[9]] * 19), ("expected 3 to 4,096 steps, got 1",)),
        (table(HEADER, [*X, X[9]], [*D, D[9] + 0.2]), ("lines 11 and 21: log_exposure 0.7500: red was",)),
        (table("log_exposure,red,green", X, D[:, :2]), ("columns red, green and blue", "got 'log_exposure', 'red'")),
        (table("exposure,red,green,blue", X, D), ("expected a column log_exposure", "got 'exposure', 'red'")),
        (table("log_exposure,red,green,D_R", X, D), ("expected one column of each", "got red and D_R")),
        (table("step,red,green,blue", np.arange(19) * 1e9, D), ("step: expected steps over at most 20 of log",)),
        (table(HEADER, X * 20, D), ("log_exposure: expected at most 20, got",)),
        ("# status A\n" + table("logH,Status M R,g,b", X, D), ("status: expected one, got A and M",)),
    ],
)
def test_what_is_no_wedge_is_refused_in_one_line(text: str, says: tuple[str, ...], tmp_path: Path) -> None:
    one_line(lambda: read_wedge(written(tmp_path, text)), "wedge.csv", *says)


def test_options_that_contradict_the_table_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "# status A\n" + table(HEADER, X, D))
    one_line(lambda: read_wedge(path, 0.15), "log_exposure says the exposures: leave out --step-density")
    one_line(lambda: read_wedge(path, None, "M"), "status: expected one, got A and M")
    one_line(lambda: read_wedge(path, None, "T"), "status: expected A or M, got 'T'")
    steps = written(tmp_path, table("step,red,green,blue", np.arange(19), D))
    one_line(lambda: read_wedge(steps, 0.0), "--step-density: expected over 0 and up to 6, got 0")
    one_line(lambda: read_wedge(steps, float("nan")), "--step-density: expected over 0 and up to 6, got nan")


def test_no_more_than_4096_steps_are_taken(tmp_path: Path) -> None:
    for count in (4096, 4097):
        x = np.linspace(-0.6, 2.1, count)
        path = written(tmp_path, table(HEADER, np.arange(count) / 1e3, read(CURVES, x, None)))
        if count == 4096:
            assert len(read_wedge(path).log_exposure) == count
        else:
            one_line(lambda path=path: read_wedge(path), "got 4,097")
