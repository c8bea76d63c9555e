"""A file's bytes, or one line on why there are none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lattice.files.exr import file as exr
from lattice.files.storage import read as disk
from lattice.files.storage import written
from lattice.types import LatticeError


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"old")
    real, looks = os.fstat, []

    def look(descriptor: int) -> os.stat_result:
        if looks:
            (tmp_path / "a").write_bytes(b"newer")
        looks.append(descriptor)
        return real(descriptor)

    assert disk.read_bytes(tmp_path / "a") == b"old"
    monkeypatch.setattr(disk.os, "fstat", look)
    with pytest.raises(LatticeError, match=r"a: expected a finished file, got one that changed while it was read$"):
        disk.read_bytes(tmp_path / "a")


@pytest.mark.parametrize("most", [-1, 300])
@pytest.mark.parametrize("at_once", [disk.AT_ONCE, 100])
@pytest.mark.parametrize("given", [1000, 7])
def test_a_read_in_pieces_is_carried_on(
    given: int, at_once: int, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As from a network disk, and of a file longer than the system reads by one call."""
    real, data = os.read, bytes(range(250)) * 4
    (tmp_path / "a").write_bytes(data)
    monkeypatch.setattr(disk, "AT_ONCE", at_once)
    monkeypatch.setattr(disk.os, "read", lambda descriptor, count: real(descriptor, min(count, given)))
    assert disk.read_bytes(tmp_path / "a", most) == data[: None if most < 0 else most]
    (tmp_path / "a").write_bytes(b"")
    assert disk.read_bytes(tmp_path / "a", most) == b""


def test_of_a_long_header_no_more_is_read_than_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from exr_samples import noise, save

    from lattice.files.exr.header import Attribute

    save(tmp_path / "a.exr", {"R": noise((1000, 1000), "float32")}, {"manifest": Attribute.text("x" * 100_000)})
    read, real = [], disk.read_bytes
    monkeypatch.setattr(exr, "read_bytes", lambda path, most=-1: read.append(real(path, most)) or read[-1])
    assert exr.read_header(tmp_path / "a.exr").text("manifest") == "x" * 100_000
    assert [len(data) for data in read] == [2**16, 2**18]


def test_a_file_that_is_gone_is_no_traceback(tmp_path: Path) -> None:
    for asked in (lambda path: written.is_made_of(path, [b"bytes"]), written.length_of):
        with pytest.raises(LatticeError, match="a: "):
            asked(tmp_path / "a")
    (tmp_path / "a").write_bytes(b"bytes")
    assert written.length_of(tmp_path / "a") == 5
    assert written.is_made_of(tmp_path / "a", [b"by", memoryview(b"tes")])
    assert not any(written.is_made_of(tmp_path / "a", [other]) for other in (b"byte", b"bytes.", b"bytEs"))
