"""A number is a number: true, text, dates and rows without an order are none, in any field of any record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line, write_toml

from lattice.looks import load_profile

POINTS = ", ".join(str(i / 4) for i in range(12))

NO_NUMBERS = ["true", "false", '"0.5"', '"1_0"', "1979-05-27"]


@pytest.mark.parametrize("value", NO_NUMBERS)
@pytest.mark.parametrize(
    "line",
    [
        "print_silver = X",
        "size = X",
        "projection = X",
        "printer_lights = [25, X, 25]",
        "film_matrix = [[1, 0, 0], [0, X, 0], [0, 0, 1]]",
        "display = {gamma = X}",
        'negative = {extends = "kodak_5219", exposure_index = X}',
        'print = {extends = "kodak_2383", lad = [1.09, 1.06, X]}',
        f'print.extends = "kodak_2383"\nprint.curves.red = {{log_exposure = [{POINTS}], density = [X{POINTS[3:]}]}}',
        f'print = {{extends = "kodak_2383", dye_density = {{cyan = [X{", 0.1" * 80}]}}}}',
        'print = {extends = "kodak_2383", dye_density = {cyan = {wavelength_nm = [400, 500], values = [1, X]}}}',
        'print.extends = "kodak_2383"\nprint.curves.red = {log_exposure = [0, 1, 2], density = [0, 1, X]}',
        "contrast = [1, X, 1]",
        "density_only = {printing = [[X, 0, 0], [0, 1, 0], [0, 0, 1]]}",
    ],
)
def test_what_is_no_number_is_not_taken_for_one(line: str, value: str, tmp_path: Path) -> None:
    text = 'extends = "vision"\n' + line.replace("X", value)
    path = write_toml(tmp_path / "mine.toml", text)
    one_line(lambda: load_profile(path), path, line.replace(".", " ").split()[0], "number")


@pytest.mark.parametrize(
    "value", [np.True_, [25, np.True_, 25], np.ones(3, bool), {24, 25, 26}, b"25", [b"25", 25, 25], np.array("25")]
)
def test_python_takes_nothing_else_for_a_number(value: Any) -> None:
    field = "printer_lights" if np.ndim(value) or isinstance(value, set) else "print_silver"
    one_line(lambda: load_profile("vision").replace(**{field: value}), f"{field}: ")
    for whole in (np.int64(13), np.array([13])[0], 13):
        assert load_profile("vision").replace(size=whole).size == 13
    assert load_profile("vision").replace(film_matrix=np.eye(3)).film_matrix == ((1, 0, 0), (0, 1, 0), (0, 0, 1))
