"""Fixtures of the tests of sequences."""

from __future__ import annotations

from pathlib import Path

import pytest
from exr_samples import SAID, save, smooth


@pytest.fixture
def shot(folder: Path) -> Path:
    """A folder with three frames."""
    for frame in (1, 2, 3):
        save(folder / f"s.{frame:04d}.exr", {name: smooth((16, 16), seed=frame) for name in "RGB"}, SAID)
    return folder
