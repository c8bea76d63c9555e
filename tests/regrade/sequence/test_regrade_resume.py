"""The same command again: what is done stays, all else is done; by content, never by file times."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import scene
from cli_samples import DONE, process
from exr_samples import save, smooth
from level_samples import mapped
from part_samples import part_of
from regrade_samples import FakeSDev, production_frame

from lattice.files.exr import chunks
from lattice.files.exr import file as exr
from lattice.files.exr.codecs import CODECS
from lattice.files.exr.header import Attribute, chunk_count
from lattice.regrade import Options, plan, regrade
from lattice.sdev import load
from lattice.types import LatticeError

pytestmark = pytest.mark.slow


@pytest.fixture
def shot(folder: Path) -> Path:
    for frame in (1, 2, 3):
        save(folder / f"s.{frame}.exr", {name: smooth((16, 16), seed=frame) for name in "RGBA"})
    return folder


def again(shot: Path, sdev: Any = None, **options: Any) -> list[str]:
    """How each frame of the shot goes."""
    settled = plan(sdev or FakeSDev(), shot / "s.#.exr", shot / "g.#.exr", options=Options(**options))
    return [report.status for report in regrade(settled)]


def test_what_is_done_is_skipped_and_not_touched(shot: Path) -> None:
    assert again(shot) == ["ok"] * 3
    before = {path: (path.stat().st_ino, path.read_bytes()) for path in shot.glob("g.*.exr")}
    sdev = FakeSDev()
    assert again(shot, sdev, threads=2) == ["skipped"] * 3
    assert not sdev.seen
    assert {path: (path.stat().st_ino, path.read_bytes()) for path in shot.glob("g.*.exr")} == before


def pixels_of(path: Path) -> list[dict[str, bytes]]:
    """Not the file's bytes: ISA-L may pack the same pixels in several ways."""
    return [{name: array.tobytes() for name, array in part.channels.items()} for part in exr.read_parts(path)]


def damage(path: Path) -> None:
    """Flip bytes in the middle of the last part's largest chunk."""
    raw = bytearray(path.read_bytes())
    found = chunks.check(bytes(raw), exr.read_headers(path)[-1].images[0], "")
    largest = int(np.argmax(found.ends - found.starts))
    middle = int(found.starts[largest] + found.ends[largest]) // 2
    raw[middle : middle + 3] = bytes(byte ^ 0xFF for byte in raw[middle : middle + 3])
    path.write_bytes(raw)


CHANGES: dict[str, Callable[[Path], object]] = {
    "the source is another": lambda shot: save(shot / "s.2.exr", {name: smooth((16, 16), seed=9) for name in "RGBA"}),
    "the output is gone": lambda shot: (shot / "g.2.exr").unlink(),
    "the output is cut short": lambda shot: os.truncate(shot / "g.2.exr", (shot / "g.2.exr").stat().st_size - 9),
    "the output is cut in its header": lambda shot: os.truncate(shot / "g.2.exr", 100),
    "the output is empty": lambda shot: (shot / "g.2.exr").write_bytes(b""),
    "the output is the source": lambda shot: (shot / "g.2.exr").write_bytes((shot / "s.2.exr").read_bytes()),
    "the output is damaged inside a chunk": lambda shot: damage(shot / "g.2.exr"),
    "the output has lost its checksum": lambda shot: (shot / "g.2.exr").write_bytes(
        (shot / "g.2.exr").read_bytes().replace(exr.CHECKSUM.encode(), exr.CHECKSUM[:-1].encode() + b"x")
    ),
    "the output is another frame's": lambda shot: (shot / "g.2.exr").write_bytes((shot / "g.1.exr").read_bytes()),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_only_the_frame_that_is_not_done_is_done(change: Callable[[Path], object], shot: Path) -> None:
    again(shot)
    wanted = pixels_of(shot / "g.2.exr")
    change(shot)
    assert again(shot, overwrite=True) == ["skipped", "ok", "skipped"]
    assert (change is CHANGES["the source is another"]) == (pixels_of(shot / "g.2.exr") != wanted)
    assert again(shot) == ["skipped"] * 3


@pytest.mark.parametrize("codec", [codec.name for codec in CODECS])
@pytest.mark.parametrize("layout", [{}, {"order": 1}, {"tile": (8, 5), "order": 1}])
@pytest.mark.parametrize("parts", [1, 2])
def test_chunks_that_were_changed_are_made_again(codec: str, layout: dict[str, Any], parts: int, folder: Path) -> None:
    for frame in (1, 2, 3):
        arrays = {name: smooth((40, 30), seed=frame) for name in "RGB"}
        if parts == 1:
            save(
                folder / f"s.{frame}.exr",
                arrays,
                {"dwaCompressionLevel": Attribute.floats("float", 45)},
                (),
                codec=codec,
                **layout,
            )
        else:
            frames = [part_of(k, name, arrays, codec=codec, **layout) for k, name in enumerate(("rgba", "other"))]
            exr.write_parts(folder / f"s.{frame}.exr", frames, [(), ()])
    assert again(folder, lossy="zips") == ["ok"] * 3
    headers = exr.read_headers(folder / "g.2.exr")
    assert [exr.CHECKSUM in header.attributes for header in headers] == [True, False][:parts]
    pixels, others = pixels_of(folder / "g.2.exr"), [(folder / f"g.{frame}.exr").read_bytes() for frame in (1, 3)]
    damage(folder / "g.2.exr")
    assert again(folder, lossy="zips") == ["skipped", "ok", "skipped"]
    assert pixels_of(folder / "g.2.exr") == pixels
    assert [(folder / f"g.{frame}.exr").read_bytes() for frame in (1, 3)] == others


def test_a_checksum_is_of_the_chunks_that_are_there(folder: Path) -> None:
    mapped(folder / "a.exr", (20, 30), 2, lambda shape, dtype, k: smooth(shape, dtype, k), order=1)
    options = Options(mips="rebuild", force=True)
    for source, target in (("a", "b"), ("b", "c")):  # the second grades again what is checksummed
        [report] = regrade(plan(FakeSDev(), folder / f"{source}.exr", folder / f"{target}.exr", options=options))
        assert report.status == "ok", report.why
        raw, [header] = (folder / f"{target}.exr").read_bytes(), exr.read_whole_headers(folder / f"{target}.exr")
        assert raw.count(exr.CHECKSUM.encode()) == 1
        table = header.images[-1].length + 8 * chunk_count(header.images[-1])
        assert header.text(exr.CHECKSUM) == f"{zlib.crc32(raw[table:]):08x}"
    damage(folder / "c.exr")
    with pytest.raises(LatticeError, match=r"c\.exr: expected the chunks that were written, of CRC-32 '"):
        exr.read_whole_headers(folder / "c.exr")


def test_times_say_nothing(shot: Path) -> None:
    again(shot)
    os.utime(shot / "s.1.exr", (1, 1))
    os.utime(shot / "s.2.exr", (4e9, 4e9))
    os.utime(shot / "g.3.exr", (1, 1))
    assert again(shot) == ["skipped"] * 3


CHANGING: dict[str, Any] = {
    "premult": "off",
    "transparent": "zero",
    "nonfinite": "zero",
    "input": "ACEScg",
    "exposure": 0.5,
    "display": "P3-D65",
    "layers": ("diffuse",),
    "compression": "piz",
    "force": True,
}
NEEDS_A_LOOK = {"printer_lights", "grade"}  # whose test is in tests/regrade/frame/test_regrade_shown.py
# How and where, not what; the first six concern files of their own kinds, whose tests say what is done again.
CHANGING_NOTHING = {
    *("views", "deep", "mips", "lossy", "tiles", "transfer", "gray"),
    *("in_place", "missing", "memory", "threads", "cores", "engine", "replace", "overwrite", "mkdir", "verify"),
}


def test_every_option_changes_the_stamps_or_no_pixel() -> None:
    """A new option that changes pixels goes into the stamps of regrade/frame/header.py, and into CHANGING."""
    assert {each.name for each in fields(Options)} == CHANGING.keys() | CHANGING_NOTHING | NEEDS_A_LOOK


@pytest.mark.parametrize("options", [{name: value} for name, value in CHANGING.items()], ids=CHANGING)
def test_other_options_make_another_frame(options: dict[str, Any], shot: Path) -> None:
    for frame in (1, 2, 3):
        save(shot / f"s.{frame}.exr", production_frame((9, 9)))
    again(shot)
    assert again(shot, **options, replace=True) == ["ok"] * 3
    assert again(shot, **options) == ["ok" if "force" in options else "skipped"] * 3


def test_another_device_or_version_makes_another_frame(shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    again(shot)
    assert again(shot, FakeSDev(sha256="77" * 32), replace=True) == ["ok"] * 3
    assert again(shot, FakeSDev(sha256="77" * 32, name="other")) == ["ok"] * 3
    monkeypatch.setattr("lattice.regrade.frame.header.__version__", "99")
    assert again(shot, FakeSDev(sha256="77" * 32, name="other")) == ["ok"] * 3


def test_a_frame_that_failed_is_tried_again(shot: Path) -> None:
    whole = (shot / "s.2.exr").read_bytes()
    (shot / "s.2.exr").write_bytes(whole[:300])
    assert again(shot) == ["ok", "failed", "ok"]
    (shot / "s.2.exr").write_bytes(whole)
    assert again(shot) == ["skipped", "ok", "skipped"]


def test_in_place_what_is_done_is_skipped(shot: Path) -> None:
    def graded_in_place(sdev: Any = None, **options: Any) -> list[str]:
        settled = plan(sdev or FakeSDev(), shot / "s.#.exr", options=Options(in_place=True, **options))
        return [report.status for report in regrade(settled)]

    assert graded_in_place() == ["ok"] * 3
    before = {path: path.read_bytes() for path in shot.glob("s.*.exr*")}
    assert graded_in_place() == ["skipped"] * 3
    assert graded_in_place(FakeSDev(name="other")) == ["failed"] * 3  # it is graded, by another
    assert graded_in_place(premult="off") == ["failed"] * 3
    assert graded_in_place(input="ACEScg") == ["failed"] * 3
    assert {path: path.read_bytes() for path in shot.glob("s.*.exr*")} == before
    assert not plan(FakeSDev(), shot / "s.#.exr", options=Options(in_place=True)).refused
    os.truncate(shot / "s.2.exr", (shot / "s.2.exr").stat().st_size - 9)
    assert graded_in_place() == ["skipped", "failed", "skipped"]
    damage(shot / "s.3.exr")
    assert graded_in_place() == ["skipped", "failed", "failed"]


def test_in_place_a_job_that_was_killed_with_its_backup_made_goes_on(shot: Path) -> None:
    os.link(shot / "s.1.exr", shot / "s.1.exr.orig")
    settled = plan(FakeSDev(), shot / "s.1.exr", options=Options(in_place=True))
    assert [report.status for report in regrade(settled)] == ["ok"]
    assert not os.path.samefile(shot / "s.1.exr", shot / "s.1.exr.orig")


def test_a_link_to_the_picture_is_no_backup(shot: Path) -> None:
    os.symlink("s.1.exr", shot / "s.1.exr.orig")
    before = (shot / "s.1.exr").read_bytes()
    [report] = regrade(plan(FakeSDev(), shot / "s.1.exr", options=Options(in_place=True)))
    assert "expected no backup yet" in report.why
    assert (shot / "s.1.exr").read_bytes() == before


def test_a_device_whose_own_primaries_are_set_right_makes_another_frame(shot: Path) -> None:
    sdev = load("vision")
    assert sdev.provenance["input"] != "ACEScg"
    relabelled = replace(sdev, provenance={**sdev.provenance, "input": "ACEScg"})
    elsewhere = replace(relabelled, provenance={**relabelled.provenance, "output_chromaticities": "1 0 0 1 0 0 .3 .3"})
    assert relabelled.sha256 == sdev.sha256
    for each in (sdev, relabelled, elsewhere):
        assert again(shot, each) == ["ok"] * 3
        assert again(shot, each) == ["skipped"] * 3


def test_engines_that_give_the_same_bits_are_one(shot: Path) -> None:
    assert again(shot, engine="native") == ["ok"] * 3
    assert again(shot, engine="auto") == ["skipped"] * 3
    assert again(shot, engine="numpy") == ["ok"] * 3
    sdev = load("vision")
    assert sdev.arithmetic("numpy") == "numpy"
    assert sdev.arithmetic("cuda") == "fused"
    same = np.array_equal(*(sdev.apply(scene(999).astype(np.float32), engine=engine) for engine in ("auto", "numpy")))
    assert (sdev.arithmetic("auto") == "numpy") == same


def test_the_command_says_what_it_skips(tmp_path: Path) -> None:
    save(tmp_path / "in.exr", {name: smooth((9, 9)) for name in "RGB"})
    command = ("apply", tmp_path / "in.exr", tmp_path / "out.exr", "-s", "vision")
    assert process(*command).out.startswith(f"ok      {tmp_path / 'out.exr'}")
    result = process(*command)
    assert result.code == DONE
    assert result.out.startswith(f"skipped {tmp_path / 'out.exr'}")
    assert process(*command, "--force").out.startswith("ok ")
    assert exr.read(tmp_path / "out.exr").header.text("sdev:name") == "vision"
