"""Every line of the README's shell block does what it says, in a folder with the files that it names."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from basics import ROOT
from exr_samples import save, smooth
from image_samples import KINDS, codes_for

from lattice.files.images.file import write
from lattice.files.images.spec import EncodedImage

pytestmark = pytest.mark.slow
[BLOCK] = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
LINES = [line.partition("  #")[0].strip() for line in BLOCK.splitlines() if line.strip()]


@pytest.fixture
def shots(tmp_path: Path, oiio: Any) -> Path:
    for frame in range(1, 25):
        save(tmp_path / f"in.{frame:04d}.exr", {name: smooth((16, 16), seed=k) for k, name in enumerate("RGB")})
        write(tmp_path / f"in.{frame:04d}.dpx", KINDS["DPX"], EncodedImage(codes_for(KINDS["DPX"])))
    (tmp_path / "shot.exr").write_bytes((tmp_path / "in.0001.exr").read_bytes())
    (tmp_path / "mylook.toml").write_text('extends = "premier"\nprint_silver = 0.35\n')
    (tmp_path / "show.toml").write_text('[[shot]]\nin = "in.####.exr"\nout = "shot010.####.exr"\nsdev = "vision"\n')
    return tmp_path


def test_the_lines_of_the_readme_run_one_after_the_other(
    shots: Path, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shots)
    for line in LINES:
        program, *words = shlex.split(line)
        assert program == "lattice"
        done = run(*words)
        assert done.code == 0, (line, done.err)
        assert "Traceback" not in done.err
        output = re.search(r"-o (\S+)|(\S+\.mov)", line)
        assert output is None or (shots / (output[1] or output[2])).exists()
