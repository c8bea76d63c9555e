"""What every regrade promises, for images that are no EXR: done once, nothing broken, nothing lost, and the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from exr_samples import save, smooth
from image_samples import KINDS, NOTE, SOURCES, WRITTEN, ShownSDev, codes_for, codes_in, go, named, note_in, save_source

from lattice.files.images.file import write
from lattice.files.images.spec import EncodedImage
from lattice.regrade import Options, plan, regrade
from lattice.types import Display, LatticeError

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("oiio")]
TIFF, DPX = KINDS["TIFF"], KINDS["DPX"]


@pytest.mark.parametrize("kind", WRITTEN, ids=named)
def test_what_is_done_is_skipped_by_content(scene, kind):
    target = scene.with_name(f"g{kind.suffixes[0]}")
    go(scene, target)
    before = target.read_bytes()
    os.utime(scene)
    go(scene, target, "skipped")
    go(scene, target, force=True)
    assert target.read_bytes() == before or not kind.pack
    go(scene, target, transparent="zero", replace=True)
    assert note_in(target, kind) != note_of(before, kind, scene)
    go(scene, target, replace=True)
    target.write_bytes(target.read_bytes()[:-9])  # cut short
    go(scene, target)
    go(scene, target, "skipped")
    save(scene, {name: smooth((16, 16), seed=7) for name in "RGB"})
    go(scene, target)
    again = regrade(plan(ShownSDev(sha256="00" * 32), scene, target, options=Options(replace=True)))
    assert again[0].status == "ok"


def note_of(data, kind, beside):
    path = beside.with_name(f"before{kind.suffixes[0]}")
    path.write_bytes(data)
    return note_in(path, kind)


@pytest.mark.parametrize("kind", [kind for kind in SOURCES if kind.bits], ids=named)
def test_a_source_of_another_transfer_is_done_again(folder, oiio, kind):
    source = save_source(oiio, folder / f"s{kind.suffixes[0]}", kind)
    for target in (folder / "g.exr", folder / "g.tif"):
        go(source, target)
        go(source, target, "skipped")
        go(source, target, transfer="linear", replace=True)
        go(source, target, "skipped", transfer="linear")


@pytest.mark.parametrize("kind", [kind for kind in SOURCES if kind.bits], ids=named)
def test_what_was_graded_is_not_graded_again(scene, kind):
    once = scene.with_name(f"g{kind.suffixes[0]}")
    go(scene, once)
    for twice in (scene.with_name("twice.exr"), scene.with_name("twice.tif")):
        report = go(once, twice, "failed")
        assert "expected a frame that is not graded yet, got one graded with premier" in report.why
        assert not twice.exists()
        go(once, twice, force=True)


def test_a_sequence_with_gaps_and_a_bad_frame(folder):
    for frame in (1, 3, 4):
        write(folder / f"s.{frame:04d}.dpx", DPX, EncodedImage(codes_for(DPX, seed=frame)))
    (folder / "s.0003.dpx").write_bytes((folder / "s.0003.dpx").read_bytes()[:-1])
    settled = plan(ShownSDev(), folder / "s.####.dpx", folder / "g.####.tif", options=Options(missing="black"))
    reports = regrade(settled)
    assert [report.status for report in reports] == ["ok", "ok", "failed", "ok"]
    assert "s.0003.dpx: expected 2188 bytes, got a file cut short at byte 2187" in reports[2].why
    assert not codes_in(folder / "g.0002.tif", TIFF).any()
    assert not (folder / "g.0003.tif").exists()
    lines = [json.loads(line) for line in (folder / "g.sdev.jsonl").read_text().splitlines()]
    assert sorted(line["frame"] for line in lines if "frame" in line) == [1, 2, 3, 4]
    assert [r.status for r in regrade(settled)] == ["skipped", "skipped", "failed", "skipped"]


def test_memory_is_counted(folder):
    write(folder / "s.tif", TIFF, EncodedImage(codes_for(TIFF, (1000, 1000))))
    report = go(folder / "s.tif", folder / "g.dpx", "failed", memory=40 << 20)
    assert "expected a frame that fits in 40 MiB of memory, got one that takes about" in report.why
    go(folder / "s.tif", folder / "g.dpx", memory=200 << 20)


def test_a_disk_that_breaks_leaves_the_old_file(scene, monkeypatch):
    target = scene.with_name("g.dpx")
    target.write_bytes(b"the old file")

    def full(descriptor, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lattice.files.storage.atomic.os.write", full)
    report = go(scene, target, "failed", overwrite=True)
    assert f"{target}: cannot be written: No space left on device" in report.why
    assert target.read_bytes() == b"the old file"
    assert sorted(os.listdir(scene.parent)) == ["g.dpx", "s.exr"]


def test_without_openimageio_nothing_is_begun(scene, monkeypatch):
    monkeypatch.setitem(sys.modules, "OpenImageIO", None)
    with pytest.raises(LatticeError, match=r"pip install '\.\[images\]'"):
        plan(ShownSDev(), scene, scene.with_name("g.dpx"))
    assert plan(ShownSDev(), scene, scene.with_name("g.exr")).lines


def test_a_hdr_brings_its_primaries(folder, oiio):
    source = save_source(oiio, folder / "s.hdr", KINDS["Radiance HDR"])
    words = b"PRIMARIES= 0.680 0.320 0.265 0.690 0.150 0.060 0.3127 0.3290\n\n"
    source.write_bytes(source.read_bytes().replace(b"\n\n", b"\n" + words, 1))
    assert plan(ShownSDev(), source, folder / "g.exr").lines[1].startswith("input Display P3, output")
    assert (
        plan(ShownSDev(), source, folder / "g.exr", options=Options(input="ACEScg")).lines[1].startswith("input ACEScg")
    )


def lattice(*words, cwd):
    done = subprocess.run(
        [sys.executable, "-m", "lattice.cli", *map(str, words)], cwd=cwd, capture_output=True, text=True
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture(scope="module")
def look(tmp_path_factory):
    from basics import random_device

    from lattice.sdev import SDev

    device = random_device("tetrahedral", 3, Display(1.0, np.eye(3), "sRGB"))
    path = tmp_path_factory.mktemp("look") / "look.clf"
    SDev(device.name, device.matrix, device.table, device.lattice, device.display, {"input": "Rec.709"}).save(path)
    return path


def test_the_command_from_dpx_to_exr_and_tiff(folder, look):
    for frame in (1, 2):
        write(folder / f"s.{frame:04d}.dpx", DPX, EncodedImage(codes_for(DPX, (16, 16), seed=frame)))
    words = ("regrade", "s.####.dpx", "g.####.exr", "--sdev", look)
    told = lattice(*words, "--dry-run", cwd=folder)
    assert told.returncode == 0
    assert "DPX, 10 bits, taken as cineon" in told.stdout
    assert "DPX, 10 bits, taken as linear" in lattice(*words, "--dry-run", "--transfer", "linear", cwd=folder).stdout
    told = lattice(*words, "--json", cwd=folder)
    assert told.returncode == 0, told.stderr
    assert [json.loads(line).get("status") for line in told.stdout.splitlines()] == ["ok", "ok", None]
    assert lattice(*words, cwd=folder).stdout.count("skipped") == 2
    wrong = lattice("regrade", "g.####.exr", "h.####.tif", "--sdev", look, "--transfer", "cineon", cwd=folder)
    assert wrong.returncode == 1
    assert "transfer: expected auto for an EXR, which holds linear light, got cineon" in wrong.stderr
    told = lattice("apply", "s.0001.dpx", "one.jpg", "--sdev", look, cwd=folder)
    assert told.returncode == 0
    wrong = lattice("apply", "one.jpg", "two.jpg", "--sdev", look, cwd=folder)
    assert wrong.returncode == 1
    assert "got JPEG, which is only written" in wrong.stderr
    assert sorted(path.suffix for path in Path(folder).iterdir() if path.suffix == ".jpg") == [".jpg"]
    assert NOTE not in note_in(folder / "one.jpg", KINDS["JPEG"])
