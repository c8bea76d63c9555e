"""A pattern that finds nothing is answered with what to type."""

from __future__ import annotations

import unicodedata

import pytest

from lattice.files.storage import sequence
from lattice.types import LatticeError


@pytest.mark.parametrize(
    ("there", "typed", "says"),
    [
        ("s.0001001.exr", "s.####.exr", "s.0001001.exr is there: type {}/s.#######.exr"),
        ("s.1001.EXR", "s.####.exr", "s.1001.EXR is there: type {}/s.#.EXR"),
        ("Shot.0001.exr", "shot.%d.exr", "Shot.0001.exr is there: type {}/Shot.####.exr"),
        ("a#1.001.exr", "a\\#1.####.exr", "a#1.001.exr is there: type {}/a\\#1.###.exr"),
        ("shot.1.v1.exr", "SHOT.####.v1.exr", "shot.1.v1.exr is there: type {}/shot.#.v1.exr"),
        (unicodedata.normalize("NFD", "가.0001.exr"), "가.####.exr", "is there: type"),
    ],
)
def test_a_name_that_is_near_is_told_and_found_as_it_is_told(there, typed, says, tmp_path):
    (tmp_path / there).touch()
    with pytest.raises(LatticeError, match="expected files of this pattern, got none; ") as refusal:
        sequence.find(tmp_path / typed)
    assert says.format(tmp_path) in str(refusal.value)
    assert [each.path.name for each in sequence.find(str(refusal.value).partition(": type ")[2])] == [there]


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(LatticeError, match=f"got none: there is no folder {tmp_path / 'no'}$"):
        sequence.find(tmp_path / "no" / "s.####.exr")
