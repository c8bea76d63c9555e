"""A movie of frames of codes shows the grade of their light."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dailies_samples import look, planes_of
from dpx_samples import dpx, words
from exr_samples import save
from movie_samples import patches

from lattice.color.inputs import find
from lattice.regrade import Options
from lattice.regrade.dailies import render
from lattice.regrade.dailies.plan import Asked, plan
from lattice.sdev import SDev

NAME = "slog3-sgamut3cine"
STEP = 1 / 1023


def planes(source: Path, name: str, sdev: SDev) -> Any:
    made = plan(sdev, source, source.with_suffix(".mov"), Asked(), Options(input=name))
    drawn, _ = render._picture(made.pictures[0], made)
    return [np.asarray(plane, np.float64) for plane in drawn]


@pytest.mark.parametrize("kind", ["exr", "dpx"])
def test_codes_are_decoded_in_a_movie_too(kind: str, oiio: Any, folder: Path) -> None:
    codes = np.rint(patches(side=32) * 0.5 / STEP + 95).clip(0, 1023).astype(np.uint16)
    shares = (codes / 1023).astype(np.float32)
    if kind == "exr":
        save(folder / "codes.exr", planes_of(shares))
    else:
        rows = words(codes.transpose(1, 2, 0).reshape(codes.shape[1], -1))
        (folder / "codes.dpx").write_bytes(dpx(rows, codes.shape[:0:-1], transfer=0))
    save(folder / "light.exr", planes_of(find(NAME).decode(shares).astype(np.float32)))
    sdev = look()
    wanted = planes(folder / "light.exr", find(NAME).primaries, sdev)
    for got, plane in zip(planes(folder / f"codes.{kind}", NAME, sdev), wanted, strict=True):
        assert np.abs(got - plane).max() <= 1
