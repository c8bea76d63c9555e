"""Every LUT format into every other: the difference that is told is true, or one line refuses it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from export_samples import converted
from text_lut_samples import SHAPES, nodes

from lattice.files.luts import register
from lattice.files.luts.strip import LAYOUT, STRIP
from lattice.interp import process
from lattice.process_list import Cdl, Lut3D, ProcessList

WRITTEN = [suffix for suffix, found in register.BY_SUFFIX.items() if any(each.write for each in found)]
SAME = 2e-5  # of a code, relative above 1: numbers as text
ROUNDED = 2e-3  # of formats of whole numbers, which "the same pixels" allows
PICTURE = (Lut3D(nodes(16, 0, 1)),)
SUFFIXES = {"three_dl": ".3dl", "houdini": ".lut", "discreet": ".lut"}
OTHERS: dict[str, tuple[str, Any, dict[str, str]]] = {
    "Hald": (".png", PICTURE, {}),
    "Hald TIFF": (".tif", PICTURE, {}),
    "strip": (".png", PICTURE, {LAYOUT: STRIP}),
    "link": (".icc", PICTURE, {}),
    "CDL": (".cc", (Cdl(slope=np.array([1.1, 1.0, 0.9]), saturation=0.8, is_clamped=False),), {}),
    "CLF": (".clf", PICTURE, {}),
    "CTF": (".ctf", PICTURE, {}),
}
SOURCES = [*SHAPES, *OTHERS]


def source_of(name: str, folder: Path) -> Path:
    """A file of a format, by its own writer."""
    if name in OTHERS:
        suffix, listed, facts = OTHERS[name]
    else:
        form, listed = SHAPES[name]
        suffix, facts = SUFFIXES.get(form, f".{form}"), {}
    path = folder / f"source{suffix}"
    path.write_bytes(register.text_of(ProcessList("x", listed, facts), path))
    return path


def through(path: Path, given: Any) -> Any:
    return process.run(register.read(path).with_interpolation("tetrahedral").nodes, given.T).T


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_told_of_every_pair_is_true(name: str, tmp_path: Path) -> None:
    source, made = source_of(name, tmp_path), set()
    for suffix in WRITTEN:
        target = tmp_path / f"a{suffix}"
        said = converted(source, target)
        if said is None:
            continue
        made.add(suffix)
        low, high = map(float, re.findall(r"over (\S+) to (\S+)", said)[0] if "over" in said else (0, 1))
        given = np.random.default_rng(8).uniform(low, high, (3000, 3))
        wanted = through(source, given)
        steps = np.abs(through(target, given) - wanted) / np.maximum(1, np.abs(wanted))
        if "the same pixels" in said:
            is_exact = register.format_of(target.read_bytes(), target).is_exact
            assert steps.max() < (SAME if is_exact else ROUNDED), said
        else:
            mean, most = map(float, re.findall(r"differ by (\S+), at most (\S+)", said)[0])
            assert 0.3 * mean - SAME <= steps.mean() <= 3 * mean + SAME, (suffix, said)
            assert steps.max() <= 2 * most + SAME, (suffix, said)
    assert {".clf", ".ctf"} <= made, made
    assert len(made) >= 4, made


def test_every_format_is_a_source() -> None:
    names = {SHAPES[name][0] for name in SHAPES} | set(OTHERS)
    assert len(names) >= len(register.REGISTER) - 3  # .look is read alone; a CDL has three suffixes
