"""Writing whole or not at all: full disks, interrupts, links, modes, backups and leftovers."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from exr_samples import attempt, noise, save, smooth

from lattice.files.storage import atomic, host, leftovers
from lattice.types import LatticeError

needs_root_mounts = pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounting needs root")


@pytest.mark.parametrize("call", ["write", "fsync", "replace", "close"])
def test_a_full_disk_at_any_call(standing, monkeypatch, call):
    real = getattr(os, call)

    def full(*args):
        if call == "close":
            real(*args)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(atomic.os, call, full)
    attempt(standing, match=f"^{standing}: cannot be written: No space left on device$")
    monkeypatch.undo()


def test_a_write_in_pieces_is_carried_on(tmp_path, monkeypatch):
    real = os.write
    monkeypatch.setattr(atomic.os, "write", lambda descriptor, data: real(descriptor, bytes(data[:7])))
    save(tmp_path / "a.exr", {"R": smooth((5, 5))})


def test_small_pieces_are_written_together_and_large_ones_as_they_are(tmp_path, monkeypatch):
    real, sizes = os.write, []
    monkeypatch.setattr(atomic.os, "write", lambda descriptor, data: sizes.append(len(data)) or real(descriptor, data))
    large = bytes(range(256)) * (atomic.SMALL // 256)
    pieces = [b"a", b"bc", memoryview(large), b"d", b"", large + b"x", large + b"y", b"e"]
    atomic.replace(tmp_path / "a", pieces, lambda path: None)
    assert (tmp_path / "a").read_bytes() == b"".join(pieces)
    assert sizes == [3, len(large), 1, len(large) + 1, len(large) + 1, 1]


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_an_interrupt_leaves_nothing(standing, monkeypatch, call):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic.os, call, interrupt)
    attempt(standing, KeyboardInterrupt)
    monkeypatch.undo()


@needs_root_mounts
def test_a_disk_that_is_really_full(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(folder)], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        with pytest.raises(LatticeError, match=r"big.exr: cannot be written: No space left on device$"):
            save(folder / "big.exr", {"R": noise((300, 300), "float32")})
        assert os.listdir(folder) == []
        save(folder / "small.exr", {"R": smooth((5, 5))})
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@needs_root_mounts
def test_a_folder_that_is_really_read_only(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "none", str(folder)], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        attempt(folder / "a.exr", match="a.exr: cannot be written: Read-only file system$")
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_folders_where_no_file_can_be(tmp_path):
    attempt(tmp_path / "absent" / "a.exr", match="a.exr: expected an existing folder, got none at .*absent$")
    attempt(tmp_path, match="expected a file or a free name, got a folder$")
    (tmp_path / "file").touch()
    attempt(tmp_path / "file" / "a.exr", match="cannot be written: Not a directory$")
    attempt(tmp_path / ("x" * 250 + ".exr"), match="cannot be written: File name too long$")
    assert os.listdir(tmp_path) == ["file"]


def test_bytes_are_on_the_disk_before_the_name_is_given(tmp_path, monkeypatch):
    calls = []
    for name in ("write", "fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(atomic.os, name, lambda *args, name=name, real=real: calls.append(name) or real(*args))
    atomic.replace(tmp_path / "a", [bytes(atomic.SMALL)], lambda path: calls.append("verify"))
    assert calls[0] == "write"
    assert sorted(calls[1:3]) == ["fsync", "verify"], "side by side"
    assert calls[3:] == ["replace", "fsync"]


@pytest.mark.parametrize("call", [errno.EIO, errno.ENOSPC])
def test_a_disk_that_refuses_late_is_told_and_waited_for(standing, monkeypatch, call):
    verified = threading.Event()

    def late(descriptor):
        assert verified.wait(10)
        raise OSError(call, os.strerror(call))

    monkeypatch.setattr(atomic.os, "fsync", late)
    with pytest.raises(LatticeError, match=f"cannot be written: {os.strerror(call)}$"):
        atomic.replace(standing, [bytes(atomic.SMALL)], lambda path: verified.set())
    monkeypatch.undo()


def test_without_a_thread_to_be_had_it_is_flushed_first(tmp_path, monkeypatch):
    calls = []
    real = os.fsync

    def refuse(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    monkeypatch.setattr(atomic.os, "fsync", lambda descriptor: calls.append("fsync") or real(descriptor))
    atomic.replace(tmp_path / "a", [bytes(atomic.SMALL)], lambda path: calls.append("verify"))
    assert calls == ["fsync", "verify", "fsync"]


def test_a_small_file_is_flushed_without_a_thread(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(threading.Thread, "start", lambda self: calls.append("thread"))
    monkeypatch.setattr(atomic.os, "fsync", lambda descriptor: calls.append("fsync"))
    atomic.replace(tmp_path / "a", [bytes(atomic.SMALL - 1)], lambda path: calls.append("verify"))
    assert calls == ["fsync", "verify", "fsync"]


def test_links_and_modes_are_kept(tmp_path):
    save(tmp_path / "real.exr", {"R": smooth((5, 5))})
    os.chmod(tmp_path / "real.exr", 0o640)
    os.symlink("real.exr", tmp_path / "link.exr")
    before = (tmp_path / "real.exr").read_bytes()
    save(tmp_path / "link.exr", {"R": smooth((6, 6))})
    assert (tmp_path / "link.exr").is_symlink()
    assert (tmp_path / "real.exr").read_bytes() != before
    assert (tmp_path / "real.exr").stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_the_modes_of_the_umask(tmp_path):
    old = os.umask(0o027)
    try:
        save(tmp_path / "a.exr", {"R": smooth((5, 5))})
    finally:
        os.umask(old)
    assert (tmp_path / "a.exr").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("links", [True, False])
def test_a_backup_is_kept_once(tmp_path, monkeypatch, links):
    if not links:
        monkeypatch.setattr(atomic.os, "link", lambda *args: (_ for _ in ()).throw(OSError(errno.EPERM, "no links")))
    target, backup = tmp_path / "a.exr", tmp_path / "a.exr.orig"
    target.write_bytes(b"old")
    atomic.replace(target, [b"new"], lambda path: None, backup)
    assert (target.read_bytes(), backup.read_bytes()) == (b"new", b"old")
    with pytest.raises(LatticeError, match=r"a.exr: expected no backup yet, got .*a.exr.orig$"):
        atomic.replace(target, [b"newer"], lambda path: None, backup)
    assert (target.read_bytes(), backup.read_bytes()) == (b"new", b"old")
    assert sorted(os.listdir(tmp_path)) == ["a.exr", "a.exr.orig"]


def test_a_backup_goes_when_the_new_file_does_not_come(standing, monkeypatch):
    monkeypatch.setattr(atomic.os, "replace", lambda *args: (_ for _ in ()).throw(OSError(errno.EIO, "lost")))
    with pytest.raises(LatticeError, match="cannot be written: lost"):
        atomic.replace(standing, [b"new"], lambda path: None, standing.with_name("a.exr.orig"))
    monkeypatch.undo()


def dead_pid():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_leftovers_of_dead_jobs_go(tmp_path):
    host, target = socket.gethostname(), tmp_path / "a.1.exr"
    dead, alive = dead_pid(), os.getppid()
    gone = {f".a.1.exr.{host}.{dead}.tmp", f".a.1.exr.{host}.{os.getpid()}.tmp"}
    kept = {
        f".a.1.exr.{host}.{alive}.tmp",
        f".a.1.exr.elsewhere.{dead}.tmp",
        f".b.exr.{host}.{dead}.tmp",
        f"a.1.exr.{host}.{dead}.tmp",
        ".a.1.exr.tmp",
        f".a.1.exr.{host}.x.tmp",
    }
    gone |= {f".a.1.exr.orig.{host}.{dead}.tmp", ".a.1.exr.gone.example.7.tmp"}
    for name in gone | kept:
        (tmp_path / name).touch()
    long_ago = time.time() - leftovers.DEAD_AFTER - 1
    os.utime(tmp_path / ".a.1.exr.gone.example.7.tmp", (long_ago, long_ago))
    removed = leftovers.remove_leftovers([target, tmp_path / "absent" / "c.exr"])
    assert {path.name for path in removed} == gone
    assert set(os.listdir(tmp_path)) == kept


def test_what_is_being_written_is_no_leftover(tmp_path):
    target = tmp_path / "a.exr"
    atomic.replace(target, [b"x"], lambda path: leftovers.remove_leftovers([target]))
    with pytest.raises(LatticeError, match="expected one writer, got two"):
        atomic.replace(target, [b"x"], lambda path: atomic.replace(target, [b"y"], lambda p: None))
    assert os.listdir(tmp_path) == ["a.exr"]


def test_containers_that_count_processes_anew_have_names_of_their_own(monkeypatch):
    target = Path("a.exr")
    monkeypatch.setattr(host.platform, "node", lambda: "node.farm")
    names = []
    for namespace in (host.INITIAL_NAMESPACE, "pid:[4026532561]", "pid:[4026532777]"):
        monkeypatch.setattr(host.os, "readlink", lambda path, namespace=namespace: namespace)
        host.this_host.cache_clear()
        names.append(atomic.temporary_name(target).name)
    host.this_host.cache_clear()
    pid = os.getpid()
    assert names == [
        f".a.exr.node.farm.{pid}.tmp",
        f".a.exr.node.farm-4026532561.{pid}.tmp",
        f".a.exr.node.farm-4026532777.{pid}.tmp",
    ]


def test_a_link_at_the_temporarys_name_leads_nowhere(tmp_path):
    (tmp_path / "source.exr").write_bytes(b"source")
    atomic.temporary_name(tmp_path / "a.exr").symlink_to(tmp_path / "source.exr")
    atomic.replace(tmp_path / "a.exr", [b"new"], lambda path: None)
    assert (tmp_path / "source.exr").read_bytes() == b"source"
    assert (tmp_path / "a.exr").read_bytes() == b"new"


def test_a_folder_that_may_not_be_listed_takes_files(tmp_path, monkeypatch):
    real = os.open
    refuse = PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    def opened(path, flags, mode=0o777):
        if Path(path) == tmp_path:
            raise refuse
        return real(path, flags, mode)

    monkeypatch.setattr(atomic.os, "open", opened)
    atomic.replace(tmp_path / "a", [b"x"], lambda path: None)
    assert (tmp_path / "a").read_bytes() == b"x"


def test_a_backup_is_whole_on_a_disk_without_links(standing, monkeypatch):
    def torn(source, target):
        Path(target).write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic.os, "link", lambda *args: (_ for _ in ()).throw(OSError(errno.EPERM, "no links")))
    monkeypatch.setattr(atomic.shutil, "copy2", torn)
    with pytest.raises(KeyboardInterrupt):
        atomic.replace(standing, [b"new"], lambda path: None, standing.with_name("a.exr.orig"))
    monkeypatch.undo()


def test_a_device_a_pipe_or_a_protected_file_is_not_replaced(tmp_path):
    pipe, kept = tmp_path / "pipe.exr", tmp_path / "kept.exr"
    os.mkfifo(pipe)
    kept.write_bytes(b"delivered")
    kept.chmod(0o444)
    attempt(pipe, match="expected a file or a free name, got a pipe or a device$")
    attempt(kept, match="expected a file that may be written, got a write-protected one$")
    assert kept.read_bytes() == b"delivered"
    assert sorted(os.listdir(tmp_path)) == ["kept.exr", "pipe.exr"]
