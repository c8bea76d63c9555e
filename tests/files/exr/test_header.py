"""Headers: every attribute is kept byte for byte, and what breaks the format is refused."""

from __future__ import annotations

import struct

import numpy as np
import OpenEXR
import pytest
from exr_samples import by_library, header_of, save, smooth

from lattice.files.exr import file as exr
from lattice.files.exr.header import DEFAULTS, Attribute, Header, pack
from lattice.files.exr.parse import parse
from lattice.types import LatticeError


def test_long_names(tmp_path):
    name, attribute = "a_layer_with_a_very_long_name_indeed_it_is.R", "an/attribute/with/a/name/beyond/thirty-one"
    save(tmp_path / "a.exr", {name: smooth((5, 5))}, {attribute: Attribute.text("kept")})
    assert (tmp_path / "a.exr").read_bytes()[5] & 0x04
    assert OpenEXR.File(str(tmp_path / "a.exr")).header()[attribute] == "kept"
    assert list(by_library(tmp_path / "a.exr")) == [name]
    save(tmp_path / "b.exr", {"R": smooth((5, 5))})
    assert not (tmp_path / "b.exr").read_bytes()[5] & 0x04


def test_every_attribute_is_kept_byte_for_byte(tmp_path):
    odd = {
        "unknown": Attribute("a type nobody knows", bytes(range(256))),
        "empty": Attribute("string", b""),
        "latin1": Attribute("string", b"caf\xe9"),
        "with zero": Attribute("string", b"a\0b"),
        "rate": Attribute("rational", struct.pack("<iI", 24000, 1000)),  # the package makes it 24/1
        "no rate": Attribute("rational", struct.pack("<iI", 0, 0)),
        "names": Attribute("stringvector", b""),
        "double": Attribute("double", struct.pack("<d", 0.1)),
        "payload": Attribute("float", struct.pack("<I", 0x7FC12345)),
        "m44d": Attribute("m44d", struct.pack("<16d", *range(16))),
        "timeCode": Attribute("timecode", struct.pack("<2I", 1, 2)),
        "deepImageState": Attribute("deepImageState", b"\0"),  # the package cannot open a file that has it
        "envmap": Attribute("envmap", b"\1"),
        "dwaCompressionLevel": Attribute.floats("float", 45.0),
        "name": Attribute.text("rgba"),
        "view": Attribute.text("left"),
        "type": Attribute.text("scanlineimage"),
    }
    frame = save(tmp_path / "a.exr", {"R": smooth((5, 7))}, odd)
    raw = (tmp_path / "a.exr").read_bytes()
    assert all(
        n.encode() + b"\0" + a.kind.encode() + b"\0" + struct.pack("<i", len(a.data)) + a.data in raw
        for n, a in odd.items()
    )
    assert exr.read(tmp_path / "a.exr").header.attributes == frame.header.attributes
    assert exr.read_header(tmp_path / "a.exr") == frame.header
    assert list(exr.read_header(tmp_path / "a.exr").attributes)[-len(odd) :] == list(odd)


def test_a_long_header_is_read_whole(tmp_path):
    frame = save(tmp_path / "a.exr", {"R": smooth((5, 7))}, {"manifest": Attribute.text("x" * 300_000)})
    assert exr.read_header(tmp_path / "a.exr") == frame.header


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        ("compression", b"\x0e", "compression: expected a value below 14, got 14"),
        ("lineOrder", b"\x03", "lineOrder: expected a value below 3, got 3"),
        ("dataWindow", struct.pack("<4i", 3, 0, 2, 0), "dataWindow: expected first <= last, got"),
        ("dataWindow", b"", "dataWindow: expected box2i, got 'box2i' of 0 bytes"),
        ("channels", b"\0", "channels: expected at least one"),
        ("channels", b"R\0" + struct.pack("<iB3x2i", 1, 0, 1, 1) * 2 + b"\0", "channels: expected"),
        ("channels", b"R\0" + struct.pack("<iB3x2i", -1, 0, 1, 1) + b"\0", "channels: expected a channel list"),
        ("channels", (b"R\0" + struct.pack("<iB3x2i", 1, 0, 1, 1)) * 2 + b"\0", "channels: .*each named once"),
        ("channels", b"R\0" + struct.pack("<iB3x2i", 1, 0, 2, 1) + b"\0", "channel 'R': .*got sampling 2x1"),
        ("channels", b"R", "channels: expected a channel list, got damaged bytes"),
        ("type", b"tiledimage", "type: expected scanlineimage, got 'tiledimage'"),
    ],
)
def test_headers_that_break_the_format(name, change, why):
    header = header_of({"R": np.zeros((2, 2), np.float16)}, {"type": Attribute.text("scanlineimage")})
    kind = header.attributes[name].kind
    raw = pack(Header({"channels": header.attributes["channels"]}, False))
    good = dict(header.attributes)
    raw = (
        raw[:8]
        + b"".join(
            n.encode() + b"\0" + a.kind.encode() + b"\0" + struct.pack("<i", len(a.data)) + a.data
            for n, a in {**good, name: Attribute(kind, change)}.items()
        )
        + b"\0"
    )
    with pytest.raises(LatticeError, match=f"x.exr: {why}"):
        parse(raw, "x.exr")


def test_an_absent_or_doubled_attribute_is_refused():
    header = header_of({"R": np.zeros((2, 2), np.float16)})
    for name in header.attributes:
        fewer = {n: a for n, a in header.attributes.items() if n != name}
        if name in DEFAULTS:
            assert parse(pack(header.with_attributes(fewer)), "x").attributes == header.attributes
        elif name != "channels":
            with pytest.raises(LatticeError, match=f"x: {name}: expected this attribute, got none"):
                parse(pack(header.with_attributes(fewer)), "x")
    raw = pack(header)
    with pytest.raises(LatticeError, match="x: 'lineOrder': expected one attribute"):
        parse(raw[:-1] + b"lineOrder\0lineOrder\0\1\0\0\0\0" + b"\0", "x")


def test_flipped_header_bytes_never_crash(tmp_path):
    save(tmp_path / "a.exr", {n: smooth((20, 20)) for n in "BGR"}, tile=(8, 8))
    raw = (tmp_path / "a.exr").read_bytes()
    generator = np.random.default_rng(1)
    for place in range(exr.read_header(tmp_path / "a.exr").length + 72):
        broken = bytearray(raw)
        broken[place] ^= int(generator.integers(1, 256))
        (tmp_path / "b.exr").write_bytes(broken)
        message = ""
        try:
            exr.read(tmp_path / "b.exr")
        except LatticeError as error:
            message = str(error)
        assert b"\n" not in message.encode()  # encodes: a message that cannot be printed is no message
