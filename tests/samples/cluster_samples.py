"""Runs of a cluster, watched."""

from __future__ import annotations

import subprocess
from pathlib import Path

from exr_samples import same_bits

from lattice.files.exr import file as exr
from lattice.regrade import plan, regrade
from lattice.sdev import SDev

FRAMES = 30


def ended(child: subprocess.Popen[str], code: int) -> tuple[str, str]:
    out, err = child.communicate(timeout=120)
    assert child.returncode == code, (child.returncode, out[-2000:], err[-3000:])
    return out, err


def same_as_threads(folder: Path, premier: SDev) -> bool:
    """Whether a folder's outputs are those that threads of one process make."""
    (folder / "t").mkdir()
    reports = regrade(plan(premier, folder / "s.####.exr", folder / "t" / "g.####.exr"))
    for report in reports:  # not the bytes: the same pixels may be packed in more than one way
        ours, theirs = exr.read(report.target), exr.read(folder / f"g.{report.frame:04d}.exr")
        meant = {name: value for name, value in ours.header.attributes.items() if name != exr.CHECKSUM}
        assert {name: value for name, value in theirs.header.attributes.items() if name != exr.CHECKSUM} == meant
        assert all(same_bits(theirs.channels[name], channel) for name, channel in ours.channels.items())
    return len(reports) > 0
