"""A folder for tests that type commands on LUT files."""

from __future__ import annotations

from pathlib import Path

import pytest
from taken_samples import make_folder


@pytest.fixture
def lut_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with two frames and a LUT of codes that says nothing of itself."""
    make_folder(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path
