"""Damaged files of measured patches are read, or refused in a line, in bounded time."""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from fuzz_luts import damaged
from match_samples import REC1886, natural, patches
from measured_samples import WRITERS, csv, xyz_of

from lattice.errors import LatticeError
from lattice.files.measured.register import read
from lattice.match import of_patches

CASES, LONGEST = 300, 1.0  # seconds of CPU that one may take
LIGHT = np.concatenate([patches("Rec.709"), natural(4, 1)])
LAB = np.column_stack([np.clip(40 + 12 * np.log2(LIGHT.mean(axis=1)), 5, 95), 30 * (LIGHT[:, :2] - LIGHT[:, 1:])])
NM = np.arange(380.0, 731, 10)
NAMES = tuple(f"p{at}" for at in range(len(LIGHT)))


def seeds(suffix: str) -> tuple[bytes, ...]:
    rgb, xyz = np.round(LIGHT * 4000) if suffix == ".cxf" else LIGHT, xyz_of(LAB)
    radiance = xyz[:, 1:2] * np.linspace(1e-5, 2e-5, len(NM))
    kinds = (("XYZ", xyz, None), ("Lab", LAB, None), ("spectral", radiance, NM))
    found = [WRITERS[suffix](NAMES, rgb, values, kind, nm) for kind, values, nm in kinds]
    return tuple(text.encode() for text in [*found, *([csv(NAMES, rgb, xyz, mark=";")] if suffix == ".csv" else [])])


@pytest.mark.parametrize("suffix", WRITERS)
def test_damaged_files(tmp_path: Path, suffix: str) -> None:
    random, path, sources, counts = np.random.default_rng(6), tmp_path / f"a{suffix}", seeds(suffix), [0, 0]
    for at in range(CASES):
        path.write_bytes(damaged(sources, random))
        start, refused = time.process_time(), f"{path}: "
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                found = read(path)
                counts[0] += 1
                white = (None, "p21", "D50", "95,100,108")[at % 4]
                of_patches(found, REC1886, ("Rec.709", "LogC3")[at % 2], white)
        except LatticeError as error:
            counts[1] += 1
            refused = str(error)
        assert refused.startswith(f"{path}: ")
        assert "\n" not in refused
        assert len(refused) < 600
        assert time.process_time() - start < LONGEST
    assert min(counts) >= 3  # both are tried
