"""Damaged files of every LUT format: a few of those that `make fuzz` makes for as long as it is asked to."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from fuzz_luts import fault, findings, seeds

from lattice.errors import LatticeError
from lattice.files.luts.format import LutFormat
from lattice.files.luts.register import REGISTER
from lattice.process_list import ProcessList

FILES = 60
pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("form", REGISTER, ids=lambda form: form.name)
def test_damaged_files_are_read_or_refused(form: LutFormat) -> None:
    found = [found for found, _ in islice(findings(form, np.random.default_rng(3), lambda: True), FILES)]
    assert not any(found)
    assert None in found, "some are damaged"
    assert "" in [fault(form.parse, data) for data in seeds(form)], "what is whole is read"


def test_faults_are_found() -> None:
    def lines(data: bytes) -> ProcessList:
        raise LatticeError("line 1\nline 2")

    def wrong(data: bytes) -> ProcessList:
        raise KeyError("size")

    assert "more than a line" in str(fault(lines, b""))
    assert "KeyError" in str(fault(wrong, b""))
