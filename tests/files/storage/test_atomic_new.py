"""New files under free names, and whose a replaced file is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from basics import MEMORY

from lattice.files.storage import atomic
from lattice.types import LatticeError


def test_a_new_file_takes_only_a_free_name_or_its_own(tmp_path):
    path = tmp_path / "a.txt"
    atomic.write_new(path, b"one", overwrite=False)
    before = path.stat()
    atomic.write_new(path, b"one", overwrite=False)  # the same bytes are there
    assert path.stat() == before
    for other in (b"two", b"on", b"one!", b""):
        with pytest.raises(LatticeError, match=r"a.txt: exists already; --overwrite replaces it"):
            atomic.write_new(path, other, overwrite=False)
    assert path.read_bytes() == b"one"
    atomic.write_new(path, b"two", overwrite=True)
    assert path.read_bytes() == b"two"
    for taken in (tmp_path, tmp_path / "pipe", tmp_path / "link"):
        if taken.name == "pipe":
            os.mkfifo(taken)
        if taken.name == "link":
            taken.symlink_to("nowhere")
        with pytest.raises(LatticeError, match="exists already"):
            atomic.write_new(taken, b"one", overwrite=False)


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@as_root
def test_root_leaves_a_file_to_its_owner(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    os.chown(path, 1234, 5678)
    path.chmod(0o2664)
    atomic.write_new(path, b"new", overwrite=True)
    status = path.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o7777) == (1234, 5678, 0o2664)
    assert path.read_bytes() == b"new"


OWNED = """
import os, sys, warnings
from pathlib import Path
from lattice.files.storage import atomic
os.setgid(54321); os.setuid(54321)
for name in "ab": atomic.write_new(Path(sys.argv[1], name), b"new", overwrite=True)
"""


@as_root
@pytest.mark.slow
def test_a_file_that_changes_its_owner_is_told_once_a_folder(tmp_path):
    here = tmp_path / "all"
    here.mkdir()
    for folder in (*tmp_path.parents, tmp_path, here):
        if folder.stat().st_uid == 0 and folder != Path("/") and str(folder).startswith(("/tmp/", f"{MEMORY}/")):
            folder.chmod(0o777)
    for name in "ab":
        (here / name).write_bytes(b"old")
        (here / name).chmod(0o666)
    done = subprocess.run([sys.executable, "-c", OWNED, here], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(f"{here}: files that belonged to user 0 now belong to you, user 54321") == 1
    assert (here / "a").stat().st_uid == 54321


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_comes_while_a_new_one_is_flushed_stays(links, tmp_path, monkeypatch):
    path, flush = tmp_path / "a.mov", atomic._flush

    def slowly(temporary):
        flush(temporary)
        path.write_bytes(b"another's")

    def no_links(*paths):
        raise PermissionError("Operation not permitted")

    if not links:
        monkeypatch.setattr(os, "link", no_links)
    atomic.make(path, lambda temporary: temporary.write_bytes(b"ours"), lambda _: None, is_new=True)
    assert (path.read_bytes(), sorted(tmp_path.iterdir())) == (b"ours", [path])
    path.unlink()
    monkeypatch.setattr(atomic, "_flush", slowly)
    with pytest.raises(LatticeError, match=r"a\.mov was written meanwhile by another: --overwrite replaces it"):
        atomic.make(path, lambda temporary: temporary.write_bytes(b"ours"), lambda _: None, is_new=True)
    assert (path.read_bytes(), sorted(tmp_path.iterdir())) == (b"another's", [path])
