"""Uncompressed lines as views: the same bits as the OpenEXR package reads and writes, or the package's own way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest
from exr_samples import by_library, header_of, noise, same_bits, save

from lattice.files.exr import file as exr
from lattice.files.exr import lines, openexr
from lattice.files.exr.header import Attribute
from lattice.files.storage.buffers import Buffers, fresh
from lattice.types import LatticeError

ODD, EVEN = (9, 13), (9, 12)
KINDS: dict[str, tuple[dict[str, str], tuple[int, int], bool]] = {  # types of channels, shape, whether they are laid
    "half": (dict.fromkeys("RGB", "float16"), ODD, True),
    "float": (dict.fromkeys("RGBA", "float32"), ODD, True),
    "integers": ({"id": "uint32"}, ODD, True),
    "mixed": ({"R": "float16", "Z": "float32"}, EVEN, True),
    "mixed and odd": ({"R": "float16", "Z": "float32"}, ODD, False),
}


def arrays_of(kind: str) -> dict[str, Any]:
    types, shape, _ = KINDS[kind]
    return {name: noise(shape, dtype, k) for k, (name, dtype) in enumerate(types.items())}


def laid(path: Path, arrays: dict[str, Any], **layout: Any) -> lines.Lines:
    """Write channels that are planes already."""
    header = header_of(arrays, codec="none", **layout)
    made = lines.lay(header, fresh)
    exr.write_parts(path, [exr.Frame(path, header, made.filled(arrays))], [arrays], laid=[made])
    return made


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("kind", KINDS)
def test_views_have_the_bits_that_the_package_reads(kind: str, order: int, tmp_path: Path) -> None:
    arrays = arrays_of(kind)
    for k in range(4):  # an attribute of another length puts the pixels elsewhere
        path = tmp_path / "a.exr"
        save(path, arrays, {"owner": Attribute.text("x" * k)}, codec="none", order=order)
        [plain], [part] = exr.read_parts(path), exr.read_parts(path, room=Buffers())
        assert (part.header, part.sha256) == (plain.header, plain.sha256)
        for name, array in by_library(path).items():
            got = part.channels[name]
            assert same_bits(got, array)
            assert not got.flags.writeable
            assert got.flags.aligned
            assert (got.strides[0] != got.shape[1] * got.itemsize) == KINDS[kind][2], "a view, or the package's array"
            assert plain.channels[name].flags.c_contiguous


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("kind", [kind for kind, (*_, is_laid) in KINDS.items() if is_laid])
def test_laid_lines_are_the_file_that_the_package_writes(kind: str, order: int, tmp_path: Path) -> None:
    arrays = arrays_of(kind)
    laid(tmp_path / "a.exr", arrays, order=order, origin=(-3, 7))
    save(tmp_path / "b.exr", arrays, codec="none", order=order, origin=(-3, 7))
    assert (tmp_path / "a.exr").read_bytes() == (tmp_path / "b.exr").read_bytes()
    assert all(same_bits(arrays[name], array) for name, array in by_library(tmp_path / "a.exr").items())


def test_only_the_very_planes_are_taken_as_laid(tmp_path: Path) -> None:
    arrays = arrays_of("half")
    header = header_of(arrays, codec="none")
    made = lines.lay(header, fresh)
    planes = made.filled(arrays)
    assert made.holds(header, planes)
    assert not made.holds(header, {**planes, "R": planes["R"].copy()})
    for other in ({"codec": "ZIP"}, {"order": 1}, {"origin": (0, 1)}):
        assert not made.holds(header_of(arrays, **{"codec": "none", **other}), planes)
    others = {name: array[::-1] for name, array in planes.items()}
    exr.write_parts(tmp_path / "a.exr", [exr.Frame(tmp_path, header, others)], [others], laid=[made])
    assert all(same_bits(others[name], array) for name, array in by_library(tmp_path / "a.exr").items())


@pytest.mark.parametrize("layout", [{"codec": "ZIP"}, {"codec": "none", "tile": (4, 4)}])
def test_other_layouts_are_not_laid(layout: dict[str, Any]) -> None:
    assert not lines.is_laid(header_of(arrays_of("half"), **layout))


def test_chunks_at_uneven_places_are_read_by_the_package(tmp_path: Path) -> None:
    arrays, path = arrays_of("half"), tmp_path / "a.exr"
    save(path, arrays, codec="none")
    header, raw = exr.read_header(path), path.read_bytes()
    first = header.length + 8 * header.shape[0]
    table = np.frombuffer(raw, "<u8", header.shape[0], header.length).copy()
    table[1:] += 1  # a byte that belongs to no chunk
    size = (len(raw) - first) // header.shape[0]
    path.write_bytes(raw[: header.length] + table.tobytes() + raw[first : first + size] + b"x" + raw[first + size :])
    [part] = exr.read_parts(path, room=fresh)
    assert all(same_bits(part.channels[name], array) for name, array in arrays.items())
    assert all(plane.flags.c_contiguous for plane in part.channels.values())


@pytest.mark.parametrize("room", [None, fresh])
def test_a_line_of_a_wrong_length_is_refused_alike(room: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    save(path, arrays_of("half"), codec="none")
    raw, header = bytearray(path.read_bytes()), exr.read_header(path)
    at = header.length + 8 * header.shape[0] + 4
    raw[at] -= 2
    path.write_bytes(raw)
    with pytest.raises(LatticeError, match=r"a\.exr: cannot be decoded: "):
        exr.read_parts(path, room=room)


@pytest.mark.parametrize("end", [0, -1])
def test_lines_laid_wrong_are_refused(end: int, standing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = lines.lay

    def swapped(image: Any, room: Any) -> lines.Lines:
        made = real(image, room)
        made.chunks.view("<i4")[end, 0] += 1  # the line says another y
        return made

    monkeypatch.setattr(lines, "lay", swapped)
    with pytest.raises(LatticeError, match=r"a\.exr: cannot be decoded: "):
        laid(standing, {"R": noise((20, 20), "float16")})


def test_planes_in_a_wrong_place_are_refused(standing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = lines._places

    def turned(image: Any) -> list[Any]:
        return [(channel, at) for (channel, _), (_, at) in zip(real(image), real(image)[::-1], strict=True)]

    monkeypatch.setattr(lines, "_places", turned)
    with pytest.raises(LatticeError, match=r"channel B: expected it bit for bit, got \d+ changed pixels with none"):
        laid(standing, {name: noise((20, 20), "float16", ord(name)) for name in "RGB"})


def test_bands_are_the_rows_of_the_whole(tmp_path: Path) -> None:
    arrays = {name: noise((75, 20), "float16", ord(name)) for name in "RGB"}
    for codec in ("ZIP", "PIZ", "none"):
        save(tmp_path / "a.exr", arrays, codec=codec, order=1, origin=(5, -9))
        data = (tmp_path / "a.exr").read_bytes()
        header = exr.read_header(tmp_path / "a.exr")
        bands = [decode() for decode in openexr.bands(data, header, "a", most=35 * 20 * 6)]
        assert len(bands) > 1
        for name, array in arrays.items():
            assert same_bits(np.concatenate([band[name] for _, band in bands]), array)
        assert [rows.start for rows, _ in bands[1:]] == [rows.stop for rows, _ in bands[:-1]]


def test_the_package_is_asked_for_few_lines_of_laid_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, rows = OpenEXR.File, []

    def counting(*args: Any, **named: Any) -> Any:
        file = real(*args, **named)
        rows.extend(part.height() for part in file.parts)
        return file

    monkeypatch.setattr(OpenEXR, "File", counting)
    laid(tmp_path / "a.exr", {"R": noise((500, 20), "float16")})
    assert rows == [8, 8]
