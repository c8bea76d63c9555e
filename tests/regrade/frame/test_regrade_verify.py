"""How a written frame is verified, what each way finds, and that neither it nor the memory that is shared changes a
pixel."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from exr_samples import by_library, noise, same_bits, save, smooth
from regrade_samples import FakeSDev, production_frame, refused, run

from lattice.choices import Verify
from lattice.files.exr import file as exr
from lattice.files.exr import openexr
from lattice.files.storage import atomic
from lattice.regrade import Options, plan, regrade

WAYS: tuple[Verify, ...] = get_args(Verify)
CODECS = ("ZIP", "PIZ", "none")


def on_the_disk(monkeypatch: pytest.MonkeyPatch, spoil: Callable[[bytes], bytes]) -> None:
    """Let the disk hold other bytes than it was given."""
    real = atomic.gather

    def gather(temporary: Path, pieces: Sequence[bytes | memoryview]) -> None:
        real(temporary, pieces)
        temporary.write_bytes(spoil(temporary.read_bytes()))

    monkeypatch.setattr(atomic, "gather", gather)


def flipped(data: bytes) -> bytes:
    return data[:-40] + bytes([data[-40] ^ 1]) + data[-39:]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("verify", WAYS)
def test_what_the_disk_changed(verify: Verify, codec: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(folder / "a.exr", {name: smooth((40, 40), seed=ord(name)) for name in "RGB"}, codec=codec)
    on_the_disk(monkeypatch, flipped)
    if verify == "none":
        [report] = regrade(plan(FakeSDev(), folder / "a.exr", folder / "b.exr", options=Options(verify=verify)))
        assert (report.status, report.verified) == ("ok", "none")
    else:
        why = refused(folder / "a.exr", folder / "b.exr", Options(verify=verify))
        as_bytes = "expected the bytes as given, got others when read again"
        decoded = ("cannot be decoded", "bit for bit")
        assert as_bytes in why if verify == "crc" or codec == "none" else any(each in why for each in decoded)


@pytest.mark.parametrize("spoil", [lambda data: data[:-1], lambda data: data + b"x"], ids=["cut", "longer"])
@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("verify", ["crc", "none"])
def test_another_length_is_always_seen(
    verify: Verify, codec: str, spoil: Callable[[bytes], bytes], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(folder / "a.exr", {name: smooth((40, 40), seed=ord(name)) for name in "RGB"}, codec=codec)
    on_the_disk(monkeypatch, spoil)
    assert "expected" in refused(folder / "a.exr", folder / "b.exr", Options(verify=verify))


@pytest.mark.parametrize("verify", WAYS)
def test_only_decoding_finds_what_an_encoder_does_wrong(
    verify: Verify, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(folder / "a.exr", {name: smooth((40, 40), seed=ord(name)) for name in "RGB"}, codec="PIZ")
    real = openexr.Target.chunks

    def broken(target: Any) -> Any:
        pieces, starts, ends = real(target)
        return [flipped(b"".join(pieces))], starts, ends

    monkeypatch.setattr(openexr.Target, "chunks", broken)
    if verify == "decode":
        why = refused(folder / "a.exr", folder / "b.exr", Options(verify=verify))
        assert "cannot be decoded" in why or "bit for bit" in why
    else:
        [report] = regrade(plan(FakeSDev(), folder / "a.exr", folder / "b.exr", options=Options(verify=verify)))
        assert (report.status, report.verified) == ("ok", verify)


@pytest.mark.parametrize("codec", [*CODECS, "DWAA"])
def test_it_changes_no_bit_and_a_frame_is_done_however_it_was_verified(codec: str, folder: Path) -> None:
    save(folder / "s.1.exr", {name: smooth((40, 40), seed=ord(name)) for name in "RGB"}, codec=codec, passing=())
    written = []
    for verify in WAYS:
        options = Options(verify=verify)
        [report] = regrade(plan(FakeSDev(), folder / "s.#.exr", folder / f"{verify}.#.exr", options=options))
        assert (report.status, report.verified) == ("ok", verify)
        line = json.loads((folder / f"{verify}.sdev.jsonl").read_text().splitlines()[1])
        assert (line["status"], line["verified"]) == ("ok", verify)
        written.append((folder / f"{verify}.1.exr").read_bytes())
        [report] = regrade(plan(FakeSDev(), folder / "s.#.exr", folder / f"{verify}.#.exr"))
        assert (report.status, report.verified) == ("skipped", "")
    assert len(set(written)) == 1


def test_an_image_is_always_decoded(oiio: Any, folder: Path) -> None:
    save(folder / "a.exr", {name: smooth((8, 8), seed=ord(name)) for name in "RGB"})
    why = refused(folder / "a.exr", folder / "b.png", Options(verify="crc"))
    assert "a.exr: verify: expected decode for PNG, got crc: it is of EXRs" in why


def odd_pixels(shape: tuple[int, int], names: str) -> dict[str, Any]:
    """NaN, infinities, alpha of 0."""
    return {name: noise(shape, "float16", ord(name)) for name in names}


FRAMES: dict[str, dict[str, Any]] = {
    "RGB": {name: smooth((41, 37), seed=ord(name)) for name in "RGB"},
    "odd pixels": odd_pixels((41, 37), "RGB"),
    "alpha": odd_pixels((41, 36), "RGBA"),
    "float": {name: noise((41, 37), "float32", ord(name)) for name in "RGB"},
    "mixed": {name: smooth((41, 36), "float32" if name == "R" else "float16", ord(name)) for name in "RGB"},
    "between": {name: smooth((41, 37), seed=len(name)) for name in ("R", "G", "B", "Ga", "Depth")},
    "apart": {name: smooth((41, 37), seed=len(name)) for name in ("x.R", "x.Ra", "x.G", "x.B", "R", "G", "B")},
    "all": production_frame(),
}


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("options", [{}, {"nonfinite": "zero"}, {"transparent": "zero"}, {"input": "logc3"}])
@pytest.mark.parametrize("kind", FRAMES)
def test_views_and_laid_lines_are_graded_as_decoded_planes(
    kind: str, options: dict[str, Any], order: int, folder: Path
) -> None:
    arrays = FRAMES[kind]
    layers = ("x",) if "x.R" in arrays else ()
    save(folder / "none.exr", arrays, codec="none", order=order)
    save(folder / "ZIP.exr", arrays, codec="ZIP", order=order)
    graded = {}
    for source, compression in (("none", "keep"), ("none", "zip"), ("ZIP", "none"), ("ZIP", "keep")):
        told = Options(compression=compression, layers=layers, **options)
        report, frame = run(folder / f"{source}.exr", folder / f"{source}.{compression}.exr", told)
        counts = (report.nan, report.inf, report.negative, report.clipped)
        graded[source, compression] = (counts, {name: array.tobytes() for name, array in frame.channels.items()})
    assert len({repr(each) for each in graded.values()}) == 1
    theirs = by_library(folder / "none.keep.exr")
    assert {name: array.tobytes() for name, array in theirs.items()} == graded["none", "keep"][1]


def test_frames_that_share_memory_are_those_of_a_run_of_their_own(folder: Path) -> None:
    """Large enough that memory is kept, more of them than threads."""
    for frame in range(6):
        arrays = {name: noise((600, 700), "float16", frame * 3 + k) for k, name in enumerate("RGB")}
        save(folder / f"s.{frame}.exr", arrays, codec=("none", "PIZ")[frame % 2])
    reports = regrade(plan(FakeSDev(), folder / "s.#.exr", folder / "g.#.exr", options=Options(threads=3)))
    assert [report.status for report in reports] == ["ok"] * 6
    for frame in range(6):
        run(folder / f"s.{frame}.exr", folder / "alone.exr", Options(force=True))
        one, other = exr.read(folder / f"g.{frame}.exr"), exr.read(folder / "alone.exr")
        assert all(same_bits(one.channels[name], other.channels[name]) for name in "RGB")
        assert np.isfinite(one.channels["R"]).any()
