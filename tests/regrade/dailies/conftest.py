"""Tests of movies need PyAV."""

from __future__ import annotations

import pytest
from basics import require
from movie_samples import av


@pytest.fixture(autouse=True)
def needs_av() -> None:
    """PyAV."""
    if av is None:
        require("dailies", "PyAV is not installed")
