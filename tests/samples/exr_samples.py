"""Synthetic and real EXRs for the tests of the file rooms and of regrade."""

from __future__ import annotations

import struct

import numpy as np
import OpenEXR
import pytest
from basics import SHARED

from lattice.files.exr import file as exr
from lattice.files.exr.codecs import CODECS
from lattice.files.exr.header import Attribute, Header
from lattice.types import LatticeError

IMAGES = SHARED / "images"
# Real files that must be refused: how their names begin, and what the refusal says.
REFUSED = {"Trunks": "deep"}
LUMA = ("Rec709_YC", "Flowers")
# What a file says of its color, so that nothing is assumed of it.
SAID = {"colorInteropID": Attribute.text("lin_rec709_scene")}
MIPPED = ("ColorCodedLevels", "WavyLinesLatLong")


def header_of(arrays, attributes=None, *, codec="ZIP", origin=(0, 0), display=None, order=0, tile=None, linear=()):
    """A header for these channels; attributes: name to Attribute."""
    height, width = next(iter(arrays.values())).shape
    left, top = origin
    window = struct.pack("<4i", left, top, left + width - 1, top + height - 1)
    entries = b"".join(
        name.encode()
        + b"\0"
        + struct.pack("<iB3x2i", ("uint32", "float16", "float32").index(str(array.dtype)), name in linear, 1, 1)
        for name, array in sorted(arrays.items())
    )
    required = {
        "channels": Attribute("chlist", entries + b"\0"),
        "compression": Attribute("compression", bytes([[c.name for c in CODECS].index(codec)])),
        "dataWindow": Attribute("box2i", window),
        "displayWindow": Attribute("box2i", struct.pack("<4i", *display) if display else window),
        "lineOrder": Attribute("lineOrder", bytes([order])),
        "pixelAspectRatio": Attribute.floats("float", 1.0),
        "screenWindowCenter": Attribute.floats("v2f", 0.0, 0.0),
        "screenWindowWidth": Attribute.floats("float", 1.0),
    }
    if tile:
        required["tiles"] = Attribute("tiledesc", struct.pack("<2IB", *tile, 0))
    return Header({**required, **(attributes or {})}, tile is not None)


def save(path, arrays, attributes=None, passing=None, **layout):
    """Write a synthetic file and return its frame."""
    frame = exr.Frame(path, header_of(arrays, attributes, **layout), arrays)
    exr.write(path, frame, arrays if passing is None else passing)
    return frame


def noise(shape, dtype, seed=0):
    """Every bit pattern may occur: NaN payloads, infinities, subnormals."""
    size = np.dtype(dtype).itemsize
    bits = np.random.default_rng(seed).integers(0, 256, (*shape, size), np.uint8)
    return bits.view(dtype)[..., 0].copy()


def smooth(shape, dtype="float16", seed=0):
    ramp = np.linspace(0, 1, shape[1])[None, :] + np.linspace(0, 0.5, shape[0])[:, None]
    return (ramp + np.random.default_rng(seed).normal(0, 0.01, shape)).astype(dtype)


def same_bits(one, other):
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


def by_library(path):
    """The channels as the OpenEXR package itself reads the file."""
    file = OpenEXR.File(str(path), separate_channels=True)
    assert len(file.parts) == 1
    return {name: channel.pixels for name, channel in file.channels().items()}


def real_files(wanted=lambda path: True):
    """The undamaged real files; where there are none an absent one, so that a test of each still asks for `images`."""
    return sorted(p for p in IMAGES.rglob("*.exr") if "Damaged" not in p.parts and wanted(p)) or [IMAGES / "none.exr"]


def attempt(target, raises=LatticeError, match=None, codec="ZIP"):
    with pytest.raises(raises, match=match):
        save(target, {"R": smooth((20, 20)), "Z": noise((20, 20), "float32")}, codec=codec)
