"""Writing EXRs: what reaches the disk is verified by its bits before it gets its name."""

from __future__ import annotations

import os
import socket

import numpy as np
import OpenEXR
import pytest
from exr_samples import attempt, by_library, header_of, noise, save, smooth

from lattice.files.exr import assemble, lines, openexr, shares, zip_codec
from lattice.files.exr import file as exr
from lattice.files.exr.header import Attribute
from lattice.files.storage.buffers import fresh
from lattice.types import LatticeError


def test_strided_arrays_are_written_right(tmp_path):
    image = noise((20, 30, 3), "float16")
    arrays = {"R": image[..., 0], "G": image[..., 1], "B": image[::-1, ::-1, 2]}
    save(tmp_path / "a.exr", arrays)
    assert all(
        np.array_equal(arrays[n].view(np.uint16), p.view(np.uint16)) for n, p in by_library(tmp_path / "a.exr").items()
    )


@pytest.mark.parametrize(
    ("arrays", "wrong"),
    [
        ({"R": np.zeros((4, 5), np.float16)}, "channel R: expected \\(4, 4\\) float16, got \\(4, 5\\) float16"),
        ({"R": np.zeros((4, 4), np.float64)}, "channel R: expected \\(4, 4\\) float16, got \\(4, 4\\) float64"),
        ({"G": np.zeros((4, 4), np.float16)}, "channels: expected \\['R'\\], got \\['G'\\]"),
    ],
)
def test_arrays_that_do_not_fit_the_header(tmp_path, arrays, wrong):
    header = header_of({"R": np.zeros((4, 4), np.float16)})
    with pytest.raises(LatticeError, match=wrong):
        exr.write(tmp_path / "a.exr", exr.Frame(tmp_path, header, arrays))
    assert os.listdir(tmp_path) == []


def test_threads_give_the_same_bytes(tmp_path):
    arrays = {n: smooth((100, 100), seed=i) for i, n in enumerate("BGR")}
    frame = exr.Frame(tmp_path, header_of(arrays, codec="PIZ"), arrays)
    for threads in (0, 2):
        exr.write(tmp_path / f"{threads}.exr", frame, threads=threads)
    assert (tmp_path / "0.exr").read_bytes() == (tmp_path / "2.exr").read_bytes()


@pytest.mark.parametrize("channel", ["R", "Z"])
def test_what_the_library_writes_wrong_is_refused(standing, monkeypatch, channel):
    real = OpenEXR.Channel

    def corrupting(array, *rest):
        broken = array.copy()
        if (channel == "Z") == (array.dtype == np.float32):
            broken.view(np.uint8)[3, 3] ^= 1
        return real(broken, *rest)

    monkeypatch.setattr(OpenEXR, "Channel", corrupting)
    attempt(
        standing,
        match=f"a.exr: channel {channel}: expected it bit for bit, got 1 changed pixels with PIZ$",
        codec="PIZ",
    )


def test_what_is_packed_wrong_is_refused(standing, monkeypatch):
    real = zip_codec._gathered

    def corrupting(planes, rows, columns, width):
        gathered = real(planes, rows, columns, width)
        gathered[7] ^= 1
        return gathered

    monkeypatch.setattr(zip_codec, "_gathered", corrupting)
    attempt(standing, match=r"a.exr: channel R: expected it bit for bit, got \d changed pixels with ZIP$")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda *pieces: (*pieces[:-1], pieces[-1][:-1]), "cut short"),
        (lambda front, *rest: (front.replace(b"owner\0", b"ownex\0"), *rest), "header: expected the attributes"),
        (lambda front, *rest: (front.replace(b"R\0\1\0\0\0\0", b"R\0\1\0\0\0\1"), *rest), "header: expected"),
    ],
)
def test_what_reaches_the_disk_wrong_is_refused(standing, monkeypatch, spoil, why):
    real = assemble.join
    monkeypatch.setattr(exr.assemble, "join", lambda *args: spoil(*real(*args)))
    with pytest.raises(LatticeError, match=f"{standing.name}.*: .*{why}"):
        save(standing, {"R": smooth((20, 20))}, {"owner": Attribute.text("me")})


def test_nan_payloads_are_compared_by_their_bits(standing, monkeypatch):
    real = OpenEXR.Channel
    quiet = np.full((4, 4), np.nan, np.float32)
    monkeypatch.setattr(OpenEXR, "Channel", lambda array, *rest: real(quiet, *rest))
    payload = np.full((4, 4), 0x7FC00001, np.uint32).view(np.float32)
    with pytest.raises(LatticeError, match="channel Z: expected it bit for bit, got 16 changed"):
        save(standing, {"Z": payload}, codec="PIZ")


def test_the_temporary_lies_beside_the_target_until_it_is_verified(tmp_path, monkeypatch):
    seen = []
    real = exr._verify

    def watch(temporary, *rest):
        seen.append((temporary.name, temporary.parent == tmp_path, os.path.exists(tmp_path / "a.exr")))
        real(temporary, *rest)

    monkeypatch.setattr(exr, "_verify", watch)
    save(tmp_path / "a.exr", {"R": smooth((5, 5))})
    assert seen == [(f".a.exr.{socket.gethostname()}.{os.getpid()}.tmp", True, False)]
    assert os.listdir(tmp_path) == ["a.exr"]


@pytest.mark.parametrize("threads", [0, 3])
@pytest.mark.parametrize("layout", [{}, {"order": 1}, {"tile": (16, 16)}], ids=["lines", "decreasing", "tiles"])
@pytest.mark.parametrize("codec", ["ZIP", "ZIPS", "PIZ", "DWAA", "RLE", "none"])
def test_planes_of_laid_lines_are_the_bytes_of_contiguous_ones(codec, layout, threads):
    arrays = {"B": smooth((133, 30)), "G": smooth((133, 30), "float32", 1), "id": noise((133, 30), "uint32")}
    for end in (0, 1):
        planes = lines.lay(header_of(arrays, codec="none", order=end), fresh).filled(arrays)
        assert not any(plane.flags.c_contiguous for plane in planes.values())
        header = header_of(arrays, codec=codec, **layout)
        one, other = (openexr.encode([header], [[each]], "a.exr", threads) for each in (arrays, planes))
        assert b"".join(one.pieces) == b"".join(other.pieces)
        assert [each.tolist() for each in one.places] == [each.tolist() for each in other.places]


@pytest.mark.parametrize("codec", ["ZIP", "PIZ"])
def test_planes_of_laid_lines_are_copied_a_share_at_a_time(codec, monkeypatch):
    arrays = {"R": smooth((640, 50)), "Z": noise((640, 50), "uint32")}
    planes = lines.lay(header_of(arrays, codec="none"), fresh).filled(arrays)
    real, sizes = np.ascontiguousarray, []

    def counting(array, *rest):
        sizes.append(0 if array.flags.c_contiguous else array.nbytes)
        return real(array, *rest)

    monkeypatch.setattr(np, "ascontiguousarray", counting)
    openexr.encode([header_of(arrays, codec=codec)], [[planes]], "a.exr")
    assert max(sizes, default=0) <= 640 * 50 * 4 / shares.SHARES
