"""EXRs cut short, unfinished or damaged: refused in a line, in time and within memory."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from basics import ROOT
from exr_samples import header_of, noise, save, smooth

from lattice.files.exr import captured_stdout
from lattice.files.exr import file as exr
from lattice.files.exr.header import Attribute, pack
from lattice.types import LatticeError

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("layout", [{"codec": "ZIPS"}, {"codec": "none", "order": 1}, {"codec": "PIZ", "tile": (4, 4)}])
def test_a_file_cut_at_any_byte_is_refused(tmp_path, layout):
    save(tmp_path / "whole.exr", {"R": noise((9, 9), "float16"), "Z": noise((9, 9), "float32")}, **layout)
    whole = (tmp_path / "whole.exr").read_bytes()
    for length in range(len(whole)):
        (tmp_path / "cut.exr").write_bytes(whole[:length])
        with pytest.raises(LatticeError, match=r"cut short|empty file|chunks, got a file"):
            exr.read(tmp_path / "cut.exr")


def test_a_block_never_written_is_refused(tmp_path):
    save(tmp_path / "a.exr", {"R": noise((40, 9), "float16")})
    raw = bytearray((tmp_path / "a.exr").read_bytes())
    table = exr.read_header(tmp_path / "a.exr").length
    raw[table + 16 : table + 24] = bytes(8)
    raw[struct.unpack_from("<Q", raw, table + 8)[0] + 4] = 0xFF  # the walk ends at the length of the second chunk
    raw[struct.unpack_from("<Q", raw, table + 8)[0] + 7] = 0xFF
    (tmp_path / "b.exr").write_bytes(raw)
    with pytest.raises(LatticeError, match=r"b.exr: expected 3 chunks, got an unfinished file: 1 never written$"):
        exr.read(tmp_path / "b.exr")


def test_swapped_doubled_and_wild_offset_tables_are_refused(tmp_path):
    save(tmp_path / "a.exr", {"R": noise((40, 9), "float16")})
    raw = (tmp_path / "a.exr").read_bytes()
    table = exr.read_header(tmp_path / "a.exr").length
    first, second, third = struct.unpack_from("<3Q", raw, table)
    for places in (
        (second, first, third),
        (first, first, third),
        (first, second, 4),
        (first, second, 2**63 + 5),
        (first + 1, second, third),
    ):
        (tmp_path / "b.exr").write_bytes(raw[:table] + struct.pack("<3Q", *places) + raw[table + 24 :])
        with pytest.raises(LatticeError, match=r"b.exr: (offset table|chunk|expected 3 chunks)"):
            exr.read(tmp_path / "b.exr")


def test_a_damaged_block_is_refused_without_a_word_on_stdout(tmp_path, capsys):
    save(tmp_path / "a.exr", {"R": smooth((40, 90))})
    raw = bytearray((tmp_path / "a.exr").read_bytes())
    raw[-200:-100] = bytes(100)
    (tmp_path / "b.exr").write_bytes(raw)
    with pytest.raises(LatticeError, match=r"b.exr: cannot be decoded: Unable to run decoder$"):
        exr.read(tmp_path / "b.exr")
    assert capsys.readouterr().out == ""


def test_only_the_listening_thread_is_overheard(capsys):
    with captured_stdout.capture_stdout() as heard:
        other = threading.Thread(target=print, args=("others speak",))
        other.start()
        other.join()
        print("mine")
    print("after")
    assert "".join(heard) == "mine\n"
    assert capsys.readouterr().out == "others speak\nafter\n"


@pytest.mark.parametrize("shape", [(2**30, 1), (2**29, 2**29), (1, 2**29)])
def test_a_gigantic_window_is_refused_before_allocating(tmp_path, shape):
    header = header_of({"R": np.zeros((1, 1), np.float16)})
    window = Attribute("box2i", struct.pack("<4i", 0, 0, shape[1] - 1, shape[0] - 1))
    raw = pack(header.with_attributes({**header.attributes, "dataWindow": window})) + bytes(1000)
    (tmp_path / "a.exr").write_bytes(raw)
    start = time.perf_counter()
    with pytest.raises(LatticeError, match=r"a.exr: (dataWindow: expected at most 1073741824 |expected .* chunks)"):
        exr.read(tmp_path / "a.exr")
    assert time.perf_counter() - start < 1


def test_a_gigantic_tile_costs_no_more_than_the_image(tmp_path):
    start = time.perf_counter()
    frame = save(tmp_path / "a.exr", {"R": smooth((20, 20))}, tile=(2**30, 2**30))
    assert exr.read(tmp_path / "a.exr").header == frame.header
    assert time.perf_counter() - start < 1


def test_a_black_8k_frame_is_not_taken_for_a_bomb(tmp_path):
    save(tmp_path / "a.exr", {"R": np.zeros((4320, 8192), np.float16)}, codec="PIZ")
    assert not exr.read(tmp_path / "a.exr").channels["R"].any()


READ_ALL = """
import resource, sys, time
from pathlib import Path
from lattice.files.exr import file as exr
from lattice.types import LatticeError
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
for path in sorted(Path(sys.argv[1]).iterdir()):
    start = time.perf_counter()
    try:
        exr.read_parts(path)
        outcome = "read"
    except LatticeError as error:
        outcome = "refused" if "\\n" not in str(error) and str(path) in str(error) else "message"
    print(outcome if time.perf_counter() - start < 5 else "slow", path.name)
"""


def test_damaged_files_are_refused_in_a_line(images):
    damaged = images / "Damaged"
    run = subprocess.run(
        [sys.executable, "-c", READ_ALL, str(damaged)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    outcomes = dict(line.split(" ", 1)[::-1] for line in run.stdout.splitlines())
    assert sorted(outcomes) == sorted(os.listdir(damaged))
    assert {name for name, outcome in outcomes.items() if outcome != "refused"} == set()


REGRADE_ALL = """
import shutil, sys, time
from pathlib import Path
from lattice.regrade import Options, plan, regrade
from lattice.sdev import load
from lattice.types import LatticeError
sdev, folder = load("vision"), Path(sys.argv[2])
for options in (Options(), Options(deep="pass", mips="drop", lossy="zips")):
    for path in sorted(Path(sys.argv[1]).iterdir()):
        shutil.copyfile(path, folder / "in.exr")
        start = time.perf_counter()
        [report] = regrade(plan(sdev, folder / "in.exr", folder / "out.exr", options=options))
        right = report.status == "failed" and "\\n" not in report.why and "in.exr" in report.why
        left = sorted(file.name for file in folder.iterdir())
        said = "no line" if not right else "refused" if left == ["in.exr"] else " ".join(left)
        print(said if time.perf_counter() - start < 5 else "slow", path.name)
"""


def test_damaged_files_are_not_regraded(images, tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", REGRADE_ALL, str(images / "Damaged"), str(tmp_path)],
        text=True,
        capture_output=True,
        timeout=60,
        cwd=ROOT,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert sorted(run.stdout.splitlines()) == sorted(f"refused {name}" for name in os.listdir(images / "Damaged") * 2)


@pytest.mark.parametrize("name", ["ScanLines/Cannon.exr", "Tiles/GoldenGate.exr", "TestImages/WideFloatRange.exr"])
def test_real_files_cut_short_are_refused(tmp_path, name, images):
    whole = (images / name).read_bytes()
    for length in sorted({*np.linspace(0, len(whole) - 1, 40, dtype=int), len(whole) - 1, len(whole) - 9}):
        (tmp_path / "cut.exr").write_bytes(whole[:length])
        with pytest.raises(LatticeError, match=r"cut.exr: "):
            exr.read(tmp_path / "cut.exr")
