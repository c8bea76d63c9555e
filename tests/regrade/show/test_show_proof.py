"""A show that breaks and is mended, by the commands themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from show_proof import prove

pytestmark = pytest.mark.slow


def test_a_show_that_breaks_is_mended_by_the_same_command(tmp_path: Path) -> None:
    assert "0 done again, 0 lost" in prove(tmp_path, shots=3, frames=6)
