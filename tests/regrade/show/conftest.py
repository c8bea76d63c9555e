"""A shot of six plates."""

from __future__ import annotations

from pathlib import Path

import pytest
from exr_samples import SAID, save, smooth


@pytest.fixture
def shot(folder: Path) -> Path:
    for frame in range(1, 7):
        save(folder / f"s.{frame:04d}.exr", {name: smooth((16, 16), seed=frame) for name in "RGB"}, SAID)
    return folder
