"""The text that tells how an image was graded travels in it, and is a part of what its checksum is of."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from image_samples import KINDS, NOTE, codes_for, codes_in

from lattice.files.images import dpx, jpeg, xmp
from lattice.files.images.file import check_whole, read_about, read_header, says, write
from lattice.files.images.spec import EncodedImage
from lattice.types import LatticeError

TEXT = '{"name": "a <b> & \\"c\\"", "look": "{}"}'
ROOMY = [kind for kind in KINDS.values() if kind.holds_about]
roomy = pytest.mark.parametrize("kind", ROOMY, ids=[kind.name for kind in ROOMY])


def saved(folder: Path, kind: Any, text: str = TEXT, **more: Any) -> Path:
    target = folder / f"a{kind.suffixes[0]}"
    write(target, kind, EncodedImage(codes_for(kind, (33, 20)), NOTE, about=text, **more))
    return target


def test_who_has_room() -> None:
    assert {kind.name for kind in ROOMY} == {"DPX", "TIFF", "PNG", "JPEG"}


@roomy
def test_the_text_comes_back_and_the_pixels_are_the_same(kind: Any, tmp_path: Path, oiio: Any) -> None:
    target = saved(tmp_path, kind)
    assert read_about(target) == TEXT
    assert says(target, NOTE)
    check_whole(target)
    if kind.pack:
        np.testing.assert_array_equal(codes_in(target, kind), codes_for(kind, (33, 20)))
    opened = oiio.ImageInput.open(str(target))
    assert (opened.spec().width, opened.spec().height) == (20, 33)
    assert opened.read_image() is not None
    assert NOTE in str(opened.spec().get_string_attribute("ImageDescription")) or kind.name == "DPX"


@roomy
def test_a_changed_text_is_noticed(kind: Any, tmp_path: Path, oiio: Any) -> None:
    target = saved(tmp_path, kind)
    data = target.read_bytes()
    assert data.count(b"&lt;b&gt; &amp;") == 1
    if kind.name != "PNG":  # whose chunks have a checksum of their own, which libpng looks at
        target.write_bytes(data.replace(b"&lt;b&gt;", b"&lt;c&gt;"))
        assert says(target, NOTE) == (kind.pack is None)
    target.write_bytes(data)
    assert says(target, NOTE)


def test_a_packet_is_xml_that_others_read(tmp_path: Path, oiio: Any) -> None:
    text = xmp.packet(TEXT)
    root = ElementTree.fromstring(text.decode().split("\n", 1)[1].rsplit("\n", 1)[0])
    [told] = root.iter("{urn:lattice:grade:1}grade")
    assert told.text == TEXT
    images = pytest.importorskip("PIL.Image")
    for name in ("PNG", "TIFF", "JPEG"):
        with images.open(saved(tmp_path, KINDS[name])) as opened:
            found = opened.info.get("xmp") or opened.info.get("XML:com.adobe.xmp") or opened.tag_v2[700]
            assert (found.encode() if isinstance(found, str) else bytes(found)) == text


@pytest.mark.parametrize("text", ["", "x" * 70_000, "&" * 20_000, "x" * 300_000])
def test_a_text_without_room_is_left_out(text: str, tmp_path: Path, oiio: Any) -> None:
    for kind in ROOMY:
        target = saved(tmp_path, kind, text)
        fits = len(text) < 2**18 and (kind.name != "JPEG" or len(xmp.packet(text)) <= jpeg.LONGEST)
        assert read_about(target) == (text if fits else "")
        assert says(target, NOTE)
    assert read_about(saved(tmp_path, KINDS["Cineon"], "words")) == ""


def test_user_data_of_a_dpx_are_not_lost_for_it(tmp_path: Path) -> None:
    kind, theirs = KINDS["DPX"], b"A LAB".ljust(40, b"!")
    kept = bytes(dpx.BLANK) + theirs
    target = saved(tmp_path, kind, kept=kept)
    assert read_about(target) == ""
    assert read_header(target).spec.kept.endswith(theirs)
    ours = saved(tmp_path, kind)
    held = read_header(ours).spec.kept
    assert held[2048:].startswith(b"lattice\0")
    again = saved(tmp_path, kind, "another", kept=held)  # a DPX of a DPX that was graded
    assert read_about(again) == "another"
    assert len(again.read_bytes()) % 4 == 0
    (offset,) = struct.unpack_from(">I", again.read_bytes(), 4)
    assert offset % 4 == 0
    assert offset >= 2048 + 32 + len(xmp.packet("another"))


@pytest.mark.parametrize("data", [b"", b"<lattice:grade>", b"<lattice:grade>\xff</lattice:grade>", b"</lattice:grade>"])
def test_half_a_packet_is_none(data: bytes) -> None:
    assert xmp.text_in(data) == ""


def test_a_damaged_packet_when_read_again_is_refused(tmp_path: Path) -> None:
    png = replace(KINDS["PNG"], pack=lambda codes: KINDS["PNG"].pack(replace(codes, about="other")))
    with pytest.raises(LatticeError, match="expected what it says of its color and its grade as given"):
        saved(tmp_path, png)
    assert not (tmp_path / "a.png").exists()
