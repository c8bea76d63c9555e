"""The register of primaries: every record against colour-science, RGB to XYZ and back, white to white."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from basics import one_line

from lattice.color.primaries import (
    BRADFORD,
    CAT02,
    PRIMARIES,
    Primaries,
    adaptation,
    chromaticities,
    convert,
    named,
    rgb_to_xyz,
    white,
)

every = pytest.mark.parametrize("record", PRIMARIES.values(), ids=PRIMARIES)


@every
def test_a_record_is_what_colour_science_says(record: Primaries) -> None:
    if not record.colour_name:
        pytest.skip(f"colour-science has no {record.name}")  # OpenColorIO has it: test_inputs.py
    colour = pytest.importorskip("colour")
    space = colour.RGB_COLOURSPACES[record.colour_name]
    theirs = np.vstack([space.primaries, space.whitepoint]).ravel()
    np.testing.assert_allclose(record.xy, theirs, rtol=0, atol=1e-12)
    matrix = colour.models.normalised_primary_matrix(space.primaries, space.whitepoint)
    np.testing.assert_allclose(rgb_to_xyz(record.name), matrix, rtol=0, atol=1e-15)


@every
def test_white_is_of_luminance_one_and_stays_white(record: Primaries) -> None:
    assert rgb_to_xyz(record.name)[1].sum() == pytest.approx(1, abs=1e-12)
    for other in PRIMARIES:
        matrix = convert(record.name, other)
        np.testing.assert_allclose(matrix @ shown_white(record.name), shown_white(other), atol=1e-12)
        np.testing.assert_allclose(matrix @ convert(other, record.name), np.eye(3), atol=1e-12)
        is_bradford = "Bradford" in (record.adaptation, PRIMARIES[other].adaptation)
        adapted = adaptation(white(record.name), white(other), BRADFORD if is_bradford else CAT02)
        np.testing.assert_allclose(rgb_to_xyz(other) @ matrix, adapted @ rgb_to_xyz(record.name), atol=1e-12)
        assert np.array_equal(convert(record.name, other, "Bradford" if is_bradford else "CAT02"), matrix)


def shown_white(name: str) -> np.ndarray:
    """The numbers of what is seen as white: 1, 1, 1 but for XYZ."""
    return np.linalg.solve(rgb_to_xyz(name), white(name))


def test_xyz_of_d65_is_white_and_no_eye_adapts_to_it() -> None:
    xyz = "CIE XYZ-D65"
    np.testing.assert_allclose(shown_white("Rec.709"), 1, atol=1e-12)
    np.testing.assert_allclose(shown_white(xyz), [0.95046, 1, 1.08906], atol=1e-5)
    np.testing.assert_allclose(convert(xyz, "Rec.709"), np.linalg.inv(rgb_to_xyz("Rec.709")), atol=1e-12)
    equal_energy = convert(PRIMARIES[xyz].xy, "Rec.709")  # by its numbers, the white is 1, 1, 1
    np.testing.assert_allclose(equal_energy.sum(axis=1), 1, atol=1e-12)
    assert not np.array_equal(convert(xyz, PRIMARIES[xyz].xy), np.eye(3))


@every
def test_a_record_is_found_by_what_a_file_stores(record: Primaries) -> None:
    assert named(np.float32(record.xy).tolist()) is record
    assert record.source
    codes = [each.h273 for each in PRIMARIES.values() if each.h273 is not None]
    assert len(codes) == len(set(codes))


def test_a_misspelt_name_is_answered() -> None:
    one_line(lambda: chromaticities("ACEScc"), "did you mean 'ACEScg'?")


def test_the_bits_of_the_matrices_stay() -> None:
    """Frames that are graded are known by a digest that holds these matrices."""
    older = ("Rec.709", "Display P3", "P3-DCI", "Rec.2020", "ACEScg", "ACES2065-1", "AdobeRGB", "CIE XYZ-D65")
    digest = hashlib.sha256()
    for source in older:
        for target in older:
            digest.update(convert(source, target).tobytes())
    assert digest.hexdigest() == "121779468fd758c56c5de25a327500e904b39726605d8d6a65984646e78320e4"
