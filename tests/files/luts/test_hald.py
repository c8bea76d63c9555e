"""Hald images: others' pixels, codes bit for bit, and damaged files."""

from __future__ import annotations

import io
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line, require
from hald_samples import by_oiio, chunks, codes, header, joined, library, nodes, of_tags, png
from lut_samples import difference, is_read, mutated
from text_lut_samples import FACTS, corpus, ran

from lattice.files.luts import hald
from lattice.files.luts.format import LutFormat
from lattice.process_list import Cdl, Lut1D, Lut3D, ProcessList

ERROR = 2e-5  # of two float32 evaluations whose positions in a table differ by their rounding
MOST_MEMORY = 200e6
BOTH = {"png": hald.FORMAT, "tiff": hald.TIFF}
WRITERS = {"png": hald.write_png, "tiff": hald.write_tiff}
FILTERS = {"none": 0x08, "left": 0x10, "up": 0x20, "mean": 0x40, "Paeth": 0x80, "all": 0xF8}  # libpng's flags


def of(pixels: Any) -> ProcessList:
    return ProcessList(FACTS["title"], (Lut3D(nodes(pixels)),), FACTS)


def only(found: ProcessList) -> Any:
    (node,) = found.nodes
    assert isinstance(node, Lut3D)
    return node.nodes


@pytest.mark.parametrize("method", ["linear", "tetrahedral"])
def test_pixels_are_those_of_ocio(method: Any) -> None:
    found = hald.FORMAT.parse((corpus() / "hald.6.hefe.png").read_bytes())
    with np.load(corpus() / "expected.npz") as expected:
        pixels, wanted = expected["input"], expected[f"hald.6.hefe.png|{method}"]
    got = ran(found, pixels, "trilinear" if method == "linear" else method)
    assert difference(got, wanted) <= ERROR


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("level", [2, 3, 8, 11])
@pytest.mark.parametrize("form", BOTH)
def test_codes_come_back(form: str, level: int, bits: int) -> None:
    held = of(codes(level, bits))
    data = WRITERS[form](held, bits)
    again = BOTH[form].parse(data)
    assert again.sha256 == held.sha256
    assert (again.name, dict(again.provenance)) == (held.name, FACTS)
    assert WRITERS[form](again, bits) == data
    if bits == 16:
        assert BOTH[form].write(held) == data  # type: ignore[misc]


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("form", BOTH)
def test_oiio_reads_the_same_codes(form: str, bits: int, tmp_path: Path) -> None:
    path = tmp_path / f"a{BOTH[form].suffixes[0]}"
    path.write_bytes(WRITERS[form](of(codes(4, bits)), bits))
    file = library().ImageInput.open(str(path))
    assert np.array_equal(file.read_image(0, 0, 0, 3, file.spec().format), codes(4, bits))
    file.close()


@pytest.mark.parametrize("kind", FILTERS)
@pytest.mark.parametrize("bits", [8, 16])
def test_png_of_every_filter(bits: int, kind: str, tmp_path: Path) -> None:
    pixels = codes(5, bits)
    data = by_oiio(pixels, tmp_path / "a.png", png_filter=FILTERS[kind])
    lines = zlib.decompress(b"".join(part for name, part in chunks(data) if name == b"IDAT"))
    used = set(lines[:: 1 + pixels[0].nbytes])
    assert len(used) > 1 if kind == "all" else used <= {0, list(FILTERS).index(kind)}
    assert np.array_equal(only(hald.FORMAT.parse(data)), nodes(pixels))


def test_png_by_pillow() -> None:
    try:
        from PIL import Image
    except ImportError:
        require("dailies", "pillow is not installed")
    for level in (2, 6):
        pixels = codes(level, 8)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        assert np.array_equal(only(hald.FORMAT.parse(file.getvalue())), nodes(pixels))


@pytest.mark.parametrize("packing", ["none", "zip"])
@pytest.mark.parametrize("bits", [8, 16])
def test_tiff_by_oiio(bits: int, packing: str, tmp_path: Path) -> None:
    pixels = codes(5, bits)
    data = by_oiio(pixels, tmp_path / "a.tif", compression=packing, ImageDescription="of another", tiff_RowsPerStrip=7)
    found = hald.TIFF.parse(data)
    assert np.array_equal(only(found), nodes(pixels))
    assert found.provenance == {"comments": "of another"}


@pytest.mark.parametrize("order", ["<", ">"])
def test_tiff_of_either_byte_order(order: str) -> None:
    assert np.array_equal(only(hald.TIFF.parse(of_tags(order))), nodes(codes(2)))
    differences = np.diff(codes(2), axis=1, prepend=np.uint16(0))
    assert np.array_equal(only(hald.TIFF.parse(of_tags(order, differences, t317=(3, [2])))), nodes(codes(2)))


@pytest.mark.parametrize("form", BOTH)
def test_gray_and_alpha(form: str, tmp_path: Path) -> None:
    pixels, opaque = codes(3), np.full((27, 27, 1), 65535, np.uint16)
    path = tmp_path / f"a{BOTH[form].suffixes[0]}"
    kinds = {
        "alpha": (np.concatenate([pixels, opaque], axis=2), pixels),
        "gray": (pixels[..., :1], pixels[..., :1].repeat(3, axis=2)),
        "gray and alpha": (np.concatenate([pixels[..., :1], opaque], axis=2), pixels[..., :1].repeat(3, axis=2)),
    }
    for stored, wanted in kinds.values():
        assert np.array_equal(only(BOTH[form].parse(by_oiio(stored, path))), nodes(wanted))
    opaque[13, 26] = 65534
    one_line(lambda: BOTH[form].parse(by_oiio(np.concatenate([pixels, opaque], axis=2), path)), "alpha is opaque")


def test_level_11_takes_little_memory(tmp_path: Path) -> None:
    pixels = codes(11)
    path = tmp_path / "a.png"
    data = {hald.FORMAT: by_oiio(pixels, path, png_filter=FILTERS["all"]), hald.TIFF: hald.write_tiff(of(pixels))}
    for form, file in data.items():
        assert len(file) <= form.most_bytes
        assert is_read(form.parse, file)
        tracemalloc.start()
        form.parse(file)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert most <= MOST_MEMORY


SQUARE = "a Hald of level L is L^3 pixels square"
REFUSED_PNG = {
    "another file": (b"GIF89a", "expected a PNG"),
    "no header": (joined([(b"IDAT", b"")]), "header first"),
    "not square": (png(header(8, 27)), SQUARE, "8x27"),
    "no cube": (png(header(9, 9)), SQUARE),
    "level 1": (png(header(1, 1)), SQUARE),
    "level 12": (png(header(1728, 1728)), SQUARE),
    "a huge size": (png(header(2**31, 2**31)), SQUARE),
    "a palette": (png(header(bits=8, color=3)), "a palette"),
    "4 bits": (png(header(bits=4, color=0)), "4 bits"),
    "interlaced": (png(header(lace=1)), "an interlaced one"),
    "a wrong checksum": (png().replace(b"IDAT", b"iDAT"), "checksum"),
    "no end": (png()[:-12], "up to IEND"),
    "cut short": (png()[:60], "cut short at byte 60"),
    "fewer pixels": (png(pixels=bytes(8 * 49 - 1)), "expected 392 bytes of pixels, got 391"),
    "more pixels": (png(pixels=bytes(2**28)), "got more"),
    "no stream": (joined([(b"IHDR", header()), (b"IDAT", b"xyz"), (b"IEND", b"")]), "inflate"),
    "a wrong filter": (png(pixels=b"\5" + bytes(8 * 49 - 1)), "filters"),
    "chunks without end": (joined([(b"IHDR", header())] + [(b"IDAT", b"")] * 30_000), "chunks"),
}


@pytest.mark.parametrize("name", REFUSED_PNG)
def test_refusals_of_png_are_one_line(name: str) -> None:
    data, *says = REFUSED_PNG[name]
    one_line(lambda: hald.FORMAT.parse(data), *says)
    assert not is_read(hald.FORMAT.parse, data)


REFUSED_TIFF = {
    "another file": (b"II+\0" + bytes(60), "expected a TIFF"),
    "not square": (of_tags(t256=(3, [27])), SQUARE, "27x8"),
    "LZW": (of_tags(t259=(3, [5])), "got LZW"),
    "a palette": (of_tags(t262=(3, [3])), "RGB or gray"),
    "32 bits": (of_tags(t258=(3, [32] * 3)), "8 or 16 bits"),
    "mixed bits": (of_tags(t258=(3, [8, 16, 8])), "8 or 16 bits"),
    "floats": (of_tags(t339=(3, [3] * 3)), "without sign"),
    "planes": (of_tags(t284=(3, [2])), "planes"),
    "tiles": (of_tags(t322=(3, [8])), "tiles"),
    "another predictor": (of_tags(t317=(3, [3])), "predictor"),
    "more strips": (of_tags(t278=(3, [8])), "strips"),
    "no lines": (of_tags(t278=(3, [0])), "strips"),
    "cut short": (of_tags(t278=(3, [4]), t257=(3, [8]))[:200], "directory"),
}


@pytest.mark.parametrize("name", REFUSED_TIFF)
def test_refusals_of_tiff_are_one_line(name: str) -> None:
    data, *says = REFUSED_TIFF[name]
    one_line(lambda: hald.TIFF.parse(data), *says)


@pytest.mark.parametrize("form", BOTH)
def test_what_a_hald_does_not_hold_is_refused(form: str) -> None:
    cube = Lut3D(nodes(codes(2)))
    lists: list[tuple[Any, ...]] = [
        (),
        (Cdl(),),
        (cube, cube),
        (Lut1D(np.eye(3)), cube),
        (Lut3D(np.zeros((5, 5, 5, 3))),),
    ]
    for held in lists:
        one_line(lambda held=held: WRITERS[form](ProcessList("", held), 16), "holds one LUT3D", "121 nodes")
    one_line(lambda: WRITERS[form](ProcessList("", (Lut3D(cube.nodes * 2),)), 16), "values from 0 to 1")
    one_line(lambda: WRITERS[form](ProcessList("", (cube,)), 10), "8 or 16, got 10")


@pytest.mark.parametrize("form", BOTH)
def test_damaged_files_are_read_or_refused(form: str) -> None:
    random = np.random.default_rng(6)
    whole = WRITERS[form](of(codes(2)), 16)
    read = 0
    for _ in range(1000):
        data = mutated(whole, random)
        if form == "png" and data.startswith(whole[:8]):  # checksums would hide what comes behind them
            data = joined(chunks(data))
        read += is_read(BOTH[form].parse, data)
    assert 10 < read < 900  # else the damage is too small or too large to try the reader


def test_a_png_is_told_by_its_size() -> None:
    png_format: LutFormat = hald.FORMAT
    assert png_format.is_it(hald.write_png(of(codes(2))))
    assert not png_format.is_it(png(header(1920, 1080)))
    assert not png_format.is_it(hald.write_tiff(of(codes(2))))
    assert set(hald.OF_PICTURES) == {*hald.FORMAT.suffixes, *hald.TIFF.suffixes}
