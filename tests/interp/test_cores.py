"""How many cores this process may use: what it is bound to, and what its control group has time of."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lattice.interp import threads
from lattice.interp.threads import _quota, cores

V1 = "12:memory:/job\n4:cpu,cpuacct:/slurm/job_7\n1:cpuset:/\n0::/slurm/job_7\n"


def grouped(folder: Path, told: str, **files: str) -> int | None:
    """files: by the group's path, with _ for /, and the file's name after __."""
    (folder / "told").write_text(told)
    for name, text in files.items():
        group, _, kind = name.partition("__")
        path = folder / "root" / group.replace("_", "/") / kind.replace("cpu_max", "cpu.max").replace("cfs", "cpu.cfs")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return _quota.__wrapped__(folder / "root", folder / "told")


@pytest.mark.parametrize(
    ("told", "files", "wanted"),
    [
        ("0::/a/b\n", {"a_b__cpu_max": "200000 100000\n"}, 2),
        ("0::/a/b\n", {"a_b__cpu_max": "150000 100000\n"}, 2),
        ("0::/a/b\n", {"a_b__cpu_max": "1000 100000\n"}, 1),
        ("0::/a/b\n", {"a_b__cpu_max": "max 100000\n"}, None),
        ("0::/a/b\n", {"a_b__cpu_max": "max 100000\n", "a__cpu_max": "300000 100000\n"}, 3),
        ("0::/a/b\n", {"a_b__cpu_max": "400000 100000\n", "a__cpu_max": "300000 100000\n"}, 3),
        ("0::/\n", {"__cpu_max": "50000 10000\n"}, 5),
        ("0::/not/seen/inside\n", {"__cpu_max": "50000 10000\n"}, 5),
        ("0::/a\n", {"b__cpu_max": "100000 100000\n"}, None),
        ("0::/a\n", {"a__cpu_max": "odd\n"}, None),
        ("0::/\n", {}, None),
        (V1, {"cpu_slurm_job__cfs_quota_us": "100000\n", "cpu_slurm_job__cfs_period_us": "100000\n"}, None),
        (V1, {"cpu_slurm__cfs_quota_us": "700000\n", "cpu_slurm__cfs_period_us": "100000\n"}, 7),
        (V1, {"cpu_slurm__cfs_quota_us": "-1\n", "cpu_slurm__cfs_period_us": "100000\n"}, None),
        (V1, {"cpu__cfs_quota_us": "250000\n", "cpu__cfs_period_us": "100000\n"}, 3),
        (V1, {"cpu__cfs_quota_us": "250000\n"}, None),
    ],
)
def test_the_quota_of_a_group_and_of_its_parents(
    told: str, files: dict[str, str], wanted: int | None, tmp_path: Path
) -> None:
    assert grouped(tmp_path, told, **files) == wanted


def test_without_control_groups_there_is_no_quota(tmp_path: Path) -> None:
    assert _quota.__wrapped__(tmp_path, tmp_path / "none") is None


@pytest.mark.parametrize(("quota", "wanted"), [(None, 6), (2, 2), (6, 6), (9, 6)])
def test_cores_are_the_fewer_of_both(quota: int | None, wanted: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
    monkeypatch.setattr(threads, "_quota", lambda: quota)
    assert cores() == wanted


def test_the_quota_is_read_once() -> None:
    _quota()
    before = _quota.cache_info().misses
    cores()
    assert _quota.cache_info().misses == before == 1
