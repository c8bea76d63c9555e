"""Memory that frames in hand share."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from basics import ROOT
from exr_samples import save
from regrade_samples import FakeSDev

from lattice.files.exr import file as exr
from lattice.regrade import Options, plan, regrade
from lattice.regrade.process import memory_budget
from lattice.regrade.process.memory_budget import Budget, needed, parse_size
from lattice.types import LatticeError

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("text", "size"),
    [("4G", 2**32), ("800M", 800 * 2**20), ("2.5GiB", 5 * 2**29), ("10", 10), ("1 kb", 1024), ("3t", 3 * 2**40)],
)
def test_sizes(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text", ["", "G", "-1G", "0", "4X", "4GG", "nan", "1e9", "0.1", "9" * 5000, "1" + "0" * 400 + "G", "\u0663G"]
)
def test_sizes_that_are_none(text):
    with pytest.raises(LatticeError, match="memory: expected a size such as 4G or 800M, got"):
        parse_size(text)


@pytest.mark.parametrize(("limit", "most"), [(100, 100), (60, 60), (39, None)])
def test_what_is_held_never_exceeds_the_limit(limit, most):
    budget, held, peak, lock, failed = Budget(limit), 0, 0, threading.Lock(), []

    def take(size):
        nonlocal held, peak
        try:
            budget.check(size, "x.exr")
            with budget.holding(size):
                with lock:
                    held += size
                    peak = max(peak, held)
                time.sleep(0.005)
                with lock:
                    held -= size
        except LatticeError as error:
            failed.append(str(error))

    threads = [threading.Thread(target=take, args=(size,)) for size in (40, 30, 10, 5, 40, 25, 40, 20) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert peak <= limit
    assert len(failed) == (0 if most else 9)
    assert all(why.startswith("x.exr: expected a frame that fits in") for why in failed)


def test_without_a_limit_a_large_frame_goes_alone(monkeypatch):
    monkeypatch.setattr("lattice.regrade.process.memory_budget._free", lambda: 10)
    budget, order = Budget(None), []
    with budget.holding(100):
        waiting = threading.Thread(target=lambda: budget.holding(5).__enter__() or order.append("small"))
        waiting.start()
        time.sleep(0.05)
        order.append("large")
    waiting.join(5)
    assert order == ["large", "small"]


def test_a_failing_frame_gives_its_memory_back():
    budget = Budget(10)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), budget.holding(10):
            1 / 0  # noqa: B018


def test_a_frame_that_does_not_fit_fails_alone(folder):
    for frame, size in ((1, 8), (2, 300), (3, 8)):
        save(folder / f"s.{frame:04d}.exr", {n: np.zeros((size, size), np.float16) for n in "RGB"})
    reports = regrade(plan(FakeSDev(), folder / "s.####.exr", folder / "g.####.exr", options=Options(memory=2**20)))
    assert [report.status for report in reports] == ["ok", "failed", "ok"]
    assert "s.0002.exr: expected a frame that fits in 1024 KiB of memory, got one that takes about" in reports[1].why
    done = regrade(plan(FakeSDev(), folder / "s.####.exr", folder / "g.####.exr"))
    assert [report.status for report in done] == ["skipped", "ok", "skipped"]
    small = Options(memory=2**12)  # no frame fits, and none need be made
    again = regrade(plan(FakeSDev(), folder / "s.####.exr", folder / "g.####.exr", options=small))
    assert {report.status for report in again} == {"skipped"}


def test_a_job_has_what_its_group_has(tmp_path):
    (tmp_path / "told").write_text("0::/slurm/job_7/step_0\n")
    groups = memory_budget._groups(tmp_path, tmp_path / "told")
    assert groups == [tmp_path / "slurm/job_7/step_0", tmp_path / "slurm/job_7", tmp_path / "slurm", tmp_path]
    assert memory_budget._groups(tmp_path, tmp_path / "none") == [tmp_path]


PEAK = """
import sys
from lattice.files.exr import file as exr
from lattice.regrade import Options, plan, regrade
from lattice.regrade.process.malloc import retain_freed_memory
from lattice.regrade.process.usage import peak_bytes
from regrade_samples import FakeSDev
retain_freed_memory()
def run(folder, name):
    reports = regrade(plan(FakeSDev(), f"{folder}/{name}.exr", f"{folder}/g.exr", options=Options(threads=1)))
    assert reports[0].status == "ok", reports
    return peak_bytes()
before = run(sys.argv[1], "small")
print(run(sys.argv[1], sys.argv[2]) - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="how much is resident is told so by Linux only")
@pytest.mark.parametrize("codec", ["ZIP", "none", "PIZ", "PXR24"])
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_a_frame_takes_no_more_than_is_held_for_it(folder, codec, dtype):
    random = np.random.default_rng(0)
    planes = {n: random.uniform(0, 4, (1400, 2000)).astype(dtype) for n in "RGB"}
    planes["A"] = random.uniform(0.1, 1, (1400, 2000)).astype(dtype)
    save(folder / "large.exr", planes, codec=codec, passing=())
    save(folder / "small.exr", {n: plane[:8, :8] for n, plane in planes.items()}, codec=codec, passing=())
    took = int(
        subprocess.run(
            [sys.executable, "-c", PEAK, str(folder), "large"],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT / "tests" / "samples",
        ).stdout
    )
    held = needed(exr.read_headers(folder / "large.exr"), (folder / "large.exr").stat().st_size)
    assert held / 2 < took < held
