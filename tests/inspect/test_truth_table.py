"""The table of `check --truth`: the stage of the profile itself, in its own primaries."""

from __future__ import annotations

import pytest
from basics import ROOT

from lattice.errors import LatticeError
from lattice.inspect.truth_table import TruthTable, truth_table
from lattice.looks import load_profile

ROW = {"vision-5219": "| 5219 |", "vision-5203": "| 5203 |", "vision-camera": "| 5219, `film_matrix`"}
NEAR = 0.06  # to figures of one decimal


def figures(table: TruthTable) -> list[float]:
    groups = [number for group in table.groups.values() for number in (group.mean, group.p95)]
    paths = [float(path.difference.mean()) for path in table.paths.values()]
    return [*groups, min(paths), max(paths)]


@pytest.mark.parametrize(("look", "row"), ROW.items())
def test_the_figures_are_those_of_the_documents(look: str, row: str) -> None:
    lines = (ROOT / "docs" / "model.md").read_text().splitlines()
    [line] = [line for line in lines if line.startswith(row)]
    cells = [cell.replace(" to ", " / ").split(" / ") for cell in line.split(" | ")[1:]]
    wanted = [float(number.strip("| ")) for cell in cells for number in cell]
    assert figures(truth_table(load_profile(look).replace(interimage=0.33))) == pytest.approx(wanted, abs=NEAR)


def test_neither_the_input_nor_an_exposure_changes_them() -> None:
    look = load_profile("vision-5219")
    other = truth_table(look.replace(input="ACEScg", exposure=2.0))
    assert figures(other) == pytest.approx(figures(truth_table(look)), abs=1e-3)


def test_a_path_says_where_its_hue_goes() -> None:
    paths = truth_table(load_profile("vision-camera")).paths
    assert paths["red 630"].hues == pytest.approx((331, 400), abs=1)  # through 0
    assert "never falls, 331 to 40" in str(truth_table(load_profile("vision-camera")))


@pytest.mark.parametrize("name", ["vision", "premier-scan"])
def test_what_has_no_camera_has_no_truth(name: str) -> None:
    with pytest.raises(LatticeError, match=f'{name}: expected chain = "camera".*vision-5219'):
        truth_table(load_profile(name))


def test_a_negative_without_spectra_has_no_truth() -> None:
    look = load_profile("vision-camera")
    blind = look.replace(negative=load_profile("eterna").negative.replace(log_sensitivity=None))
    with pytest.raises(LatticeError, match="8573: has no log_sensitivity"):
        truth_table(blind)
