"""What the command line takes of a cluster: one line for what makes no sense, before any work."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_samples import process, refused
from exr_samples import SAID, save, smooth

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--io-slots", "1"], ["--io-slots needs --cluster or --scheduler beside it"]),
        (["--queue", "night"], ["--queue needs --cluster"]),
        (["--cluster", "sge", "--dry-run"], ["cluster: expected local", "'sge'"]),
        (["--cluster", "local", "--threads", "3"], ["--threads has no meaning with a cluster", "--workers 3 takes"]),
        (["--cluster", "local", "--cores", "3"], ["--cores has no meaning with a cluster", "--workers 3 takes"]),
        (["--scheduler", ""], ["--scheduler: expected tls://HOST:PORT", "got ''"]),
        (["--scheduler", "tcp://a:1"], ["--scheduler tcp://a:1: whoever reaches", "--insecure-tcp"]),
        (["--insecure-tcp"], ["--insecure-tcp needs --cluster or --scheduler beside it"]),
        (["--scheduler", "tls://a:1", "--workers", "3"], ["leave out --workers"]),
        (["--cluster", "htcondor", "--queue", "a"], ["htcondor has no --queue and no --walltime"]),
        (["--cluster", "slurm", "--queue", "a\nb"], ["queue: expected a name of letters", "got 'a\\nb'"]),
    ],
)
def test_options_that_make_no_sense_are_refused(arguments: list[str], says: list[str], tmp_path: Path) -> None:
    save(tmp_path / "s.0001.exr", {name: smooth((8, 8)) for name in "RGB"}, SAID)
    refused(process("regrade", tmp_path / "s.####.exr", tmp_path / "g.####.exr", "-s", "vision", *arguments), *says)
    assert [path.name for path in tmp_path.iterdir()] == ["s.0001.exr"]


@pytest.mark.parametrize("name", ["threads", "cores"])
def test_threads_of_a_table_are_refused_with_a_cluster_as_typed_ones_are(name: str, tmp_path: Path) -> None:
    table = tmp_path / "show.toml"
    table.write_text(f'{name} = 3\n[[shot]]\nin = "s.####.exr"\nout = "g.####.exr"\nsdev = "premier"\n')
    done = process("regrade", "--shots", table, "--cluster", "local")
    refused(done, f"show.toml: {name} has no meaning with a cluster", "leave it out; --workers 3")
