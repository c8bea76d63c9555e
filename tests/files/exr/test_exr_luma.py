"""Luminance-chroma images: as the OpenEXR library's own reader of them gives R, G, B."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from exr_samples import header_of, noise, same_bits, smooth
from regrade_samples import FakeSDev, curve, refused, stack

from lattice.files.exr import file as exr
from lattice.files.exr import luma_chroma
from lattice.files.exr.header import Attribute, pack
from lattice.regrade import plan, regrade
from lattice.types import LatticeError

# (row, column), R, G, B of RgbaInputFile. Source: measured with OpenEXR 3.1.5 on the files of the OpenEXR image set.
LIBRARY = {
    "Chromaticities/Rec709_YC.exr": (
        ((192, 312), (1.0302734375, 0.0660400390625, 0.18115234375)),
        ((306, 579), (0.0311126708984375, 0.042266845703125, 0.01715087890625)),
        ((14, 87), (0.214111328125, 0.25146484375, 0.0850830078125)),
        ((352, 258), (0.433837890625, 0.44970703125, 0.21826171875)),
        ((246, 382), (1.302734375, 0.039337158203125, 0.0191650390625)),
        ((232, 385), (1.3291015625, 0.0144805908203125, 0.0)),
        ((126, 254), (1.259765625, 0.1053466796875, 0.1435546875)),
        ((73, 543), (0.490234375, 0.61669921875, 0.0242919921875)),
    ),
    "LuminanceChroma/Flowers.exr": (
        ((347, 401), (0.2958984375, 0.30419921875, 0.849609375)),
        ((554, 745), (0.64501953125, 0.6884765625, 1.55859375)),
        ((337, 705), (0.268798828125, 0.0245513916015625, 0.79150390625)),
        ((318, 745), (0.047119140625, 0.162109375, 0.96142578125)),
        ((22, 758), (0.029327392578125, 0.2071533203125, 1.203125)),
        ((10, 774), (0.0867919921875, 0.23486328125, 1.3955078125)),
    ),
}
# The library rounds to half after each of its three steps: at most 2 units of 2^-11 of the pixel's peak.
BOUND = 2 * 2.0**-10


def save_luma(path, arrays, attributes=None, sampling=2, origin=(0, 0)):
    """An uncompressed file with RY and BY, (H/2, W/2), beside full channels; the OpenEXR package cannot write one."""
    full = {name: array for name, array in arrays.items() if name not in luma_chroma.LUMA[1:]}
    header = header_of(
        {**full, **dict.fromkeys(luma_chroma.LUMA[1:], full["Y"])}, attributes, codec="none", origin=origin
    )
    entries = b"".join(
        name.encode()
        + b"\0"
        + struct.pack(
            "<iB3x2i",
            ("uint32", "float16", "float32").index(str(array.dtype)),
            0,
            *((sampling, sampling) if name in luma_chroma.LUMA[1:] else (1, 1)),
        )
        for name, array in sorted(arrays.items())
    )
    front = pack(header.with_attributes({**header.attributes, "channels": Attribute("chlist", entries + b"\0")}))
    height = full["Y"].shape[0]
    chunks = []
    for row in range(height):
        lines = [
            array[row // 2] if name in luma_chroma.LUMA[1:] else array[row]
            for name, array in sorted(arrays.items())
            if name not in luma_chroma.LUMA[1:] or row % 2 == 0
        ]
        pixels = b"".join(line.tobytes() for line in lines)
        chunks.append(struct.pack("<2i", row + origin[1], len(pixels)) + pixels)
    starts = len(front) + 8 * height + np.cumsum([0, *map(len, chunks[:-1])])
    path.write_bytes(front + starts.astype("<u8").tobytes() + b"".join(chunks))


def even(height=12, width=16, red=0.0, blue=0.0):
    return {
        "Y": smooth((height, width)),
        "RY": np.full((height // 2, width // 2), red, np.float16),
        "BY": np.full((height // 2, width // 2), blue, np.float16),
    }


@pytest.mark.parametrize("name", LIBRARY)
def test_real_files_as_the_library_reads_them(images, name):
    (part,) = exr.read_parts(images / name)
    rgb = stack(luma_chroma.to_rgb(part).channels)
    for (row, column), theirs in LIBRARY[name]:
        assert np.abs(rgb[row, column] - theirs).max() <= BOUND * max(theirs)


def test_the_picture_is_the_one_that_was_never_subsampled(images):
    (part,) = exr.read_parts(images / "Chromaticities/Rec709_YC.exr")
    original = stack(exr.read(images / "Chromaticities/Rec709.exr").channels)
    rgb = luma_chroma.to_rgb(part).channels
    assert np.abs(stack(rgb) - original).mean() < 0.0061  # nearest chroma: 0.0088; linear: 0.0065
    assert min(array.min() for array in rgb.values()) >= 0


def test_gray_is_exact_and_a_color_is_its_formula(tmp_path):
    save_luma(tmp_path / "a.exr", even())
    rgb = luma_chroma.to_rgb(exr.read(tmp_path / "a.exr")).channels
    assert set(rgb) == {"R", "G", "B"}
    assert all(same_bits(array, even()["Y"]) for array in rgb.values())
    save_luma(tmp_path / "b.exr", even(red=0.5, blue=-0.25))
    rgb = luma_chroma.to_rgb(exr.read(tmp_path / "b.exr")).channels
    y = even()["Y"].astype(np.float64)
    # Source: ITU-R BT.709, luminance of its primaries
    for name, meant in {"R": 1.5 * y, "B": 0.75 * y, "G": (1 - 0.2126 * 1.5 - 0.0722 * 0.75) / 0.7152 * y}.items():
        assert np.allclose(rgb[name], meant, rtol=2**-10, atol=1e-6)


def test_the_files_own_primaries_weigh(tmp_path):
    p3 = Attribute.floats("chromaticities", 0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329)
    save_luma(tmp_path / "a.exr", even(red=0.5), {"chromaticities": p3})
    y = even()["Y"].astype(np.float64)
    green = luma_chroma.to_rgb(exr.read(tmp_path / "a.exr")).channels["G"]
    weights = np.array([0.22897, 0.69174, 0.07929])  # Source: SMPTE EG 432-1, luminance of P3 with D65
    assert np.allclose(green, (1 - 1.5 * weights[0] - weights[2]) / weights[1] * y, rtol=2**-9, atol=1e-6)


def test_regrading_writes_rgb_says_so_and_keeps_the_rest(folder):
    arrays = {**even(red=0.3, blue=0.1), "Z": noise((12, 16), "float32"), "A": np.ones((12, 16), np.float16)}
    save_luma(folder / "a.exr", arrays, {"owner": Attribute.text("me")}, origin=(-4, 10))
    settled = plan(FakeSDev(), folder / "a.exr", folder / "b.exr")
    assert settled.notes == ("luminance-chroma (Y RY BY) is written as R G B",)
    assert "R G B: grade, premultiplied by A" in settled.lines
    (report,) = regrade(settled)
    assert report.status == "ok", report.why
    got = exr.read(folder / "b.exr")
    assert sorted(got.channels) == ["A", "B", "G", "R", "Z"]
    source = luma_chroma.to_rgb(exr.read(folder / "a.exr"))
    assert np.array_equal(stack(got.channels, dtype=np.float16), curve(stack(source.channels, dtype=np.float16)))
    assert same_bits(got.channels["Z"], arrays["Z"])
    assert got.header.window == source.header.window
    assert got.header.text("owner") == "me"
    assert regrade(settled)[0].status == "skipped"


def test_odd_values_do_no_harm(tmp_path):
    arrays = even()
    arrays["Y"][3, 3], arrays["Y"][5, 5], arrays["RY"][4, 4] = np.nan, np.inf, np.nan
    save_luma(tmp_path / "a.exr", arrays)
    rgb = luma_chroma.to_rgb(exr.read(tmp_path / "a.exr")).channels
    assert np.isnan(rgb["R"][3, 3])
    assert np.isnan(rgb["R"][8, 8])
    assert rgb["B"][0, 0] == arrays["Y"][0, 0]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"sampling": 4}, "channel 'BY': expected full resolution, got sampling 4x4"),
        ({"origin": (1, 0)}, "channel 'BY': expected full resolution, got sampling 2x2"),
        ({"origin": (0, 1)}, "channel 'BY': expected full resolution, got sampling 2x2"),
    ],
)
def test_what_cannot_be(folder, change, why):
    save_luma(folder / "a.exr", even(), **change)
    assert why in refused(folder / "a.exr", folder / "b.exr")


def test_chroma_without_luminance_is_refused(tmp_path):
    save_luma(tmp_path / "a.exr", even())
    raw = (tmp_path / "a.exr").read_bytes()
    (tmp_path / "b.exr").write_bytes(raw.replace(b"Y\0\1\0\0\0\0\0\0\0\1\0\0\0", b"Q\0\1\0\0\0\0\0\0\0\1\0\0\0"))
    with pytest.raises(LatticeError, match="'BY': expected full resolution, got sampling 2x2"):
        exr.read(tmp_path / "b.exr")
