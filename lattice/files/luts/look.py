"""The `.look` of Iridas: a 3D LUT of float32, as hexadecimal digits inside XML; red runs fastest."""

from __future__ import annotations

import re

import numpy as np

from lattice.files.luts import xml_tree
from lattice.files.luts.format import LutFormat
from lattice.files.luts.xml_tree import Element
from lattice.process_list import MOST_SIZE, Lut3D, ProcessList

MOST_BYTES = 2**26  # a cube of 129 nodes takes 52 MB
_BLANK = str.maketrans("", "", " \t\r\n\"'")
_SIZE = re.compile(r"\d{1,3}", re.ASCII)


def parse(data: bytes) -> ProcessList:
    """Return the LUT of a .look; its shaders, which the LUT holds already, are passed over.

    Raises LatticeError, with the line, if it is no such file, has a mask, or a LUT of wrong size or digits.
    """
    root = xml_tree.parse(data, "a .look")
    if root.tag != "look":
        raise root.fault("expected a look, got another element")
    mask = next((child for child in root.children if child.tag == "mask"), None)
    if mask is not None and mask.children:
        raise mask.fault("expected a look of all pixels, got one with a mask")
    lut = _child(root, "LUT")
    size_node, digits_node = _child(lut, "size"), _child(lut, "data")
    word = size_node.text.translate(_BLANK)
    size = int(word) if _SIZE.fullmatch(word) else 0
    if not 2 <= size <= MOST_SIZE:
        raise size_node.fault(f"expected 2 to {MOST_SIZE} nodes along a side, got {word[:20]!r}")
    digits, count = digits_node.text.translate(_BLANK), size**3 * 3
    if len(digits) != count * 8:
        raise digits_node.fault(f"expected {count:,} numbers of 8 digits, got {len(digits):,} digits")
    try:
        values = np.frombuffer(bytes.fromhex(digits), "<f4")
    except ValueError:
        raise digits_node.fault("expected hexadecimal digits, got others") from None
    if not np.isfinite(values).all():
        raise digits_node.fault("expected finite numbers, got NaN or infinity")
    try:
        nodes = Lut3D(values.reshape(size, size, size, 3).transpose(2, 1, 0, 3))
    except ValueError as error:
        raise digits_node.fault(error) from None
    return ProcessList("", (nodes,))


def _child(element: Element, tag: str) -> Element:
    found = [child for child in element.children if child.tag == tag]
    if len(found) != 1:
        raise element.fault(f"expected one {tag}, got {len(found) or 'none'}")
    return found[0]


FORMAT = LutFormat("Iridas look", (".look",), parse, MOST_BYTES)
