"""Reading EXRs: the same as the OpenEXR package reads, or refused in a line."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import numpy as np
import OpenEXR
import pytest
from basics import ROOT
from exr_samples import LUMA, REFUSED, by_library, noise, real_files, same_bits, save, smooth

from lattice.files.exr import file as exr
from lattice.types import LatticeError


@pytest.mark.parametrize(
    ("order", "tile"),
    [(0, None), (1, None), (0, (32, 16)), (1, (32, 16)), (2, (32, 16)), (0, (7, 5)), (2, (7, 5)), (1, (512, 512))],
)
def test_structure_is_kept(tmp_path, order, tile):
    arrays = {"R": noise((61, 45), "float16"), "id": noise((61, 45), "uint32", 1), "Z": noise((61, 45), "float32", 2)}
    frame = save(
        tmp_path / "a.exr",
        arrays,
        origin=(-17, -1000),
        display=(5, 6, 1919, 1079),
        order=order,
        tile=tile,
        linear=("Z",),
    )
    again = exr.read(tmp_path / "a.exr")
    assert again.header == frame.header
    assert again.header.tiled == (tile is not None)
    assert [c.linear for c in again.header.channels] == [False, True, False]
    theirs = by_library(tmp_path / "a.exr")
    assert all(same_bits(arrays[n], theirs[n]) and same_bits(arrays[n], again.channels[n]) for n in arrays)


def test_data_window_outside_the_display_window(tmp_path):
    save(tmp_path / "a.exr", {"R": smooth((3, 4))}, origin=(5000, -900), display=(0, 0, 99, 99))
    assert exr.read(tmp_path / "a.exr").header.window == (5000, -900, 5003, -898)


def test_what_the_library_writes_is_read_the_same(tmp_path):
    array = noise((33, 17), "float32")
    OpenEXR.File(
        {"type": OpenEXR.scanlineimage, "owner": "me", "compression": OpenEXR.PIZ_COMPRESSION}, {"Z": array}
    ).write(str(tmp_path / "a.exr"))
    frame = exr.read(tmp_path / "a.exr")
    assert same_bits(frame.channels["Z"], array)
    assert frame.header.text("owner") == "me"
    assert frame.header.codec.name == "PIZ"
    assert len(frame.sha256) == 64


def test_reading_from_memory_matches_a_stream_of_the_library(tmp_path):
    save(tmp_path / "a.exr", {"R": smooth((30, 30))}, tile=(8, 8))
    stream = io.BytesIO((tmp_path / "a.exr").read_bytes())
    theirs = OpenEXR.File(stream, separate_channels=True).channels()["R"].pixels
    assert same_bits(theirs, exr.read(tmp_path / "a.exr").channels["R"])


def test_arrays_are_read_only_and_no_argument_is_changed(tmp_path):
    arrays = {"R": smooth((4, 4))}
    frame = save(tmp_path / "a.exr", arrays)
    assert list(arrays) == ["R"]
    assert isinstance(arrays["R"], np.ndarray)
    assert frame.path == tmp_path / "a.exr"
    read = exr.read(tmp_path / "a.exr")
    with pytest.raises(ValueError, match="read-only"):
        read.channels["R"][0, 0] = 1
    with pytest.raises(TypeError):
        read.channels["R"] = None


@pytest.mark.slow
@pytest.mark.usefixtures("images")
@pytest.mark.parametrize("path", real_files(), ids=lambda path: path.name)
def test_real_files_are_copied_whole_or_refused(tmp_path, path):
    why = next((why for name, why in REFUSED.items() if path.name.startswith(name)), None)
    if why:
        with pytest.raises(LatticeError, match=f"{path.name}: .*expected .*, got .*{why}"):
            exr.read(path)
        return
    frames, theirs = exr.read_parts(path), OpenEXR.File(str(path), separate_channels=True).parts
    for frame, part in zip(frames, theirs, strict=True):
        assert set(part.channels) == set(frame.channels)
        assert all(same_bits(frame.channels[name], part.channels[name].pixels) for name in frame.channels)
    if path.name.startswith(LUMA):
        with pytest.raises(LatticeError, match=r"channel BY: expected full resolution, got subsampled chroma"):
            exr.write_parts(tmp_path / "copy.exr", frames, [()])
        return
    exr.write_parts(tmp_path / "copy.exr", frames, [() if f.header.codec.lossy else f.channels for f in frames])
    assert exr.read_headers(tmp_path / "copy.exr") == tuple(frame.header for frame in frames)


def test_what_is_no_exr(tmp_path):
    (tmp_path / "empty.exr").touch()
    (tmp_path / "text.exr").write_text("hello")
    os.mkfifo(tmp_path / "pipe.exr")
    for name, why in {
        "empty.exr": "expected an EXR file, got an empty file",
        "absent.exr": "expected a file, got none",
        "text.exr": "expected an EXR file, got something else",
        ".": "expected a file, got a folder",
        "pipe.exr": "expected a file, got a pipe or a device",
    }.items():
        for read in (exr.read, exr.read_header):
            with pytest.raises(LatticeError) as caught:
                read(tmp_path / name)
            assert str(caught.value) == f"{tmp_path / name}: {why}"
    with pytest.raises(LatticeError, match="expected a file's name"):
        exr.read("a\0b.exr")


def test_multi_part_and_deep_are_refused(tmp_path):
    plain = np.zeros((4, 4), np.float16)
    parts = [OpenEXR.Part({"type": OpenEXR.scanlineimage}, {"R": plain}, name) for name in ("a", "b")]
    OpenEXR.File(parts).write(str(tmp_path / "multi.exr"))
    deep = np.empty((2, 2), object)
    deep[:] = [[np.zeros(1, np.float32)] * 2] * 2
    OpenEXR.File({"type": OpenEXR.deepscanline, "compression": OpenEXR.ZIPS_COMPRESSION}, {"Z": deep}).write(
        str(tmp_path / "deep.exr")
    )
    for name, why in {"multi.exr": "a multi-part file", "deep.exr": "deep pixels"}.items():
        with pytest.raises(LatticeError, match=f"{name}: .*got {why}$"):
            exr.read(tmp_path / name)


def test_importing_files_stays_light():
    code = (
        "import sys, lattice.files.exr.file, lattice.files.storage.sequence, lattice.channels.plan; "
        "print([m for m in ('OpenEXR', 'fileseq') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout.strip() == "[]"
