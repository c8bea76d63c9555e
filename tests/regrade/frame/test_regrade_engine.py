"""What a regrade's pixels run on: a GPU's frames are the CPU's, and without a GPU the CPU does the work."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_samples import DONE, process
from exr_samples import SAID, save, smooth
from native_samples import sets_here, small_devices
from regrade_samples import FakeSDev, production_frame

from lattice.files.exr import file as exr
from lattice.regrade import Options, plan, regrade
from lattice.sdev import SDev


@pytest.fixture
def shot(folder: Path) -> Path:
    """Frames whose pixels go as half and as float32, as they are and divided by alpha."""
    for frame in (1, 2, 3):
        save(folder / f"s.{frame}.exr", production_frame((17 + frame, 23)))
        color = {name: smooth((9, 31), seed=frame).astype(np.float32) for name in "RGB"}
        save(folder / f"t.{frame}.exr", color)
    return folder


def graded(shot: Path, name: str, engine: Any) -> list[Any]:
    """The frames `name` of a shot, graded by an engine with 3 threads."""
    device = small_devices()[-1]
    sdev = SDev.from_device(replace(device, provenance={"input": "Rec.709", "output": "Rec.709 sRGB"}))
    settled = plan(
        sdev,
        shot / f"{name}.#.exr",
        shot / f"{engine}.{name}.#.exr",
        options=Options(engine=engine, input="Rec.709", threads=3),
    )
    assert not settled.notes
    return [exr.read(report.target) for report in regrade(settled) if report.status == "ok"]


@pytest.fixture
def without_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made-up devices say nothing of their primaries: they take any pixels as they are."""
    monkeypatch.setattr(SDev, "with_input", lambda self, primaries, adaptation=None: self)


@pytest.mark.usefixtures("host_gpu", "without_input")
@pytest.mark.parametrize("name", ["s", "t"])
def test_frames_through_a_gpu_are_those_of_the_cpu(name: str, shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from host_cupy import GPU

    sets_here()
    monkeypatch.setattr("lattice.gpu.transfer.TILE", 1000)
    by_gpu = graded(shot, name, "cuda")
    assert len(GPU.launches) > 10
    by_cpu = graded(shot, name, "native")
    assert len(by_gpu) == len(by_cpu) == 3
    for one, other in zip(by_gpu, by_cpu, strict=True):
        assert one.header == other.header
        assert all(np.array_equal(one.channels[each], other.channels[each], equal_nan=True) for each in other.channels)


def test_without_a_gpu_the_cpu_does_the_work_and_a_line_says_so(shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)
    settled = plan(FakeSDev(), shot / "s.#.exr", shot / "g.#.exr", options=Options(engine="cuda"))
    [note] = settled.notes
    assert note.startswith("no GPU (CuPy is not installed; pip install -e '.[cuda13]'")
    assert note.endswith("): the CPU does the work")
    assert [report.status for report in regrade(settled)] == ["ok"] * 3


def test_the_command_says_it_once_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "cupy.py").write_text("raise ImportError('no libcuda\\nand much advice')\n")
    save(tmp_path / "in.exr", {name: smooth((9, 9)) for name in "RGB"}, SAID)
    path = os.pathsep.join([str(tmp_path / "broken"), *sys.path])
    result = process(
        "apply",
        tmp_path / "in.exr",
        tmp_path / "out.exr",
        "-s",
        "vision",
        "--engine",
        "cuda",
        env={**os.environ, "PYTHONPATH": path},
    )
    assert result.code == DONE
    assert result.err.startswith("lattice: no GPU (CuPy does not start: no libcuda and much advice; pip install")
    assert result.err.endswith("): the CPU does the work\n")
    assert result.err.count("\n") == 1
    assert (tmp_path / "out.exr").exists()
