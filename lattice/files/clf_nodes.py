"""Parse the XML of a CLF within bounds, and read the numbers of its process nodes; nothing that changes a pixel in
another host is passed over."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
from numpy.typing import DTypeLike

from lattice.files.number import NUMBER
from lattice.types import LatticeError, Pixels

NAMESPACE = "urn:AMPAS:CLF:v3.0"
VERSIONS = ("3.0", "3")
MAX_BYTES = 2**27  # a lattice of 129 nodes takes 77 MB
MOST_MARKS = 10_000  # elements and attributes; an SDev has about 60 of each
MOST_NUMBERS = 3 * 129**3  # of an Array
TOGETHER = 2**18  # numbers that are parsed at a time, for a word takes the memory of ten
# What a process node may say besides its name, by kind; "hueAdjust", say, changes the colors in other hosts.
ATTRIBUTES: dict[str, dict[str, tuple[str, ...]]] = {
    "Matrix": {},
    "LUT1D": {"halfDomain": ("true",), "rawHalfs": ("false",), "interpolation": ("linear",)},
    "LUT3D": {"interpolation": ("trilinear", "tetrahedral")},
    "Exponent": {"style": ("basicFwd", "basicRev", "monCurveRev")},
    "Range": {"style": ("Clamp",)},
}
CHILDREN = {
    "Matrix": ["Array"],
    "LUT1D": ["Array"],
    "LUT3D": ["Array"],
    "Exponent": ["ExponentParams"],
    "Range": ["minInValue", "maxInValue", "minOutValue", "maxOutValue"],
}
_DTD = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING = re.compile(r"""<\?xml[^>]{0,80}?encoding\s*=\s*["']([^"']{0,40})""")
_NO_NUMBER = re.compile(r"[^\s\d.+eE-]\S{0,20}", re.ASCII)
_WHOLE = re.compile(r"\d{1,6}", re.ASCII)


def parse(data: bytes) -> ElementTree.Element:
    """Return the root of an XML document in UTF-8, without a DOCTYPE and of at most MOST_MARKS elements or attributes.

    Raises LatticeError for another document, ParseError if it is no XML.
    """
    return ElementTree.fromstring(checked_text(data, "a CLF", MOST_MARKS))


def checked_text(data: bytes, what: str, most_marks: int) -> str:
    """Return the text of an XML document in UTF-8 that cannot grow while it is parsed: it has no DOCTYPE, and at most
    `most_marks` elements or attributes. what: "a CLF", in the message of the LatticeError for another document."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LatticeError(f"expected text in UTF-8, got the byte 0x{data[error.start]:02x}") from None
    if "\0" in text:  # in UTF-16 without its mark, which expat would read past these checks, every other byte
        raise LatticeError("expected text in UTF-8, got a NUL")
    declared = _ENCODING.match(text)
    if declared and declared[1].casefold() not in ("utf-8", "us-ascii"):
        raise LatticeError(f"expected text in UTF-8, got one that says {declared[1]!r}")
    if _DTD.search(text):
        raise LatticeError(f"expected {what} without a DOCTYPE, got one")
    if max(text.count("<"), text.count("=")) > most_marks:
        raise LatticeError(f"expected {what} of at most {most_marks:,} elements and attributes, got more")
    return text


def expect_node(node: ElementTree.Element, kind: str) -> None:
    """Raise LatticeError unless the node is of this kind, in floats, and says nothing else that changes colors."""
    name = node.get("name")
    if node.tag != f"{{{NAMESPACE}}}{kind}":
        raise LatticeError(f"{name}: expected a {kind} of {NAMESPACE}, got {node.tag}")
    for depth in ("inBitDepth", "outBitDepth"):
        expect(node, depth, "32f")
    for attribute in set(node.keys()) - {"id", "name", "inBitDepth", "outBitDepth"}:
        allowed = ATTRIBUTES[kind].get(attribute, ())
        if node.get(attribute) not in allowed:
            raise LatticeError(f"{name}: an SDev has no {attribute} {node.get(attribute)!r}; it would change colors")
    tags = [str(child.tag).rpartition("}")[2] for child in node]
    if [tag for tag in tags if tag != "Description"] != CHILDREN[kind]:
        raise LatticeError(f"{name}: expected {', '.join(CHILDREN[kind])}, got {', '.join(tags) or 'nothing'}")


def expect(node: ElementTree.Element, attribute: str, value: str) -> None:
    """Raise LatticeError unless the attribute has this value."""
    if node.get(attribute) != value:
        raise LatticeError(f"{node.get('name')}: expected {attribute} {value!r}, got {node.get(attribute)!r}")


def array(node: ElementTree.Element, dtype: DTypeLike, dims: tuple[int | None, ...]) -> Pixels:
    """Return the numbers of a process node's Array; None in `dims` accepts any length."""
    found, name = node.find("{*}Array"), node.get("name")
    text, said = ("", "") if found is None else (found.text or "", found.get("dim", ""))
    dim = [int(word) if _WHOLE.fullmatch(word) else -1 for word in said.split(None, len(dims))]
    if len(dim) != len(dims) or any(want not in (None, got) for want, got in zip(dims, dim, strict=True)):
        wanted = " ".join("N" if want is None else str(want) for want in dims)
        raise LatticeError(f"{name}: expected an Array of dim {wanted!r}, got {said[:60]!r}")
    count = int(np.prod(dim, dtype=np.float64))
    if min(dim) < 0 or count > MOST_NUMBERS:
        raise LatticeError(f"{name}: expected an Array of at most {MOST_NUMBERS:,} numbers, got dim {said[:60]!r}")
    if (odd := _NO_NUMBER.search(text)) is not None:
        raise LatticeError(f"{name}: expected numbers, got {odd[0]!r}")
    return _numbers(text, dtype, count, str(name)).reshape(dim)


def _numbers(text: str, dtype: DTypeLike, count: int, name: str) -> Pixels:
    """Return so many numbers (count,) of a text that holds no more."""
    found = np.empty(count, dtype)
    for start in range(0, max(count, 1), TOGETHER):
        wanted = min(TOGETHER, count - start)
        words = text.split(None, wanted)
        text = words.pop() if len(words) > wanted else ""
        try:
            found[start : start + len(words)] = np.array(words, dtype)
        except ValueError:
            bad = next(word for word in words if not NUMBER.fullmatch(word))  # of signs and points out of order
            raise LatticeError(f"{name}: expected numbers, got {bad[:20]!r}") from None
        if len(words) < wanted:
            raise LatticeError(f"{name}: expected {count} numbers, got {start + len(words)}")
    if text:
        raise LatticeError(f"{name}: expected {count} numbers, got more")
    return found


def number(text: str | None, what: str) -> float:
    """Return the number that a text holds. Raises LatticeError, with `what`, for any other text."""
    plain = (text or "").strip()
    if len(plain) > 80 or not NUMBER.fullmatch(plain):
        raise LatticeError(f"{what}: expected a number, got {plain[:40]!r}")
    return float(plain)


def power(node: ElementTree.Element, style: str, offset: float = 0) -> float:
    """Return the exponent of an Exponent node of this style and offset, which holds for all channels."""
    expect(node, "style", style)
    parameters, name = node.find("{*}ExponentParams"), str(node.get("name"))
    if parameters is None or set(parameters.keys()) - {"exponent", "offset"}:
        raise LatticeError(f"{name}: expected one exponent and offset for all channels, got others")
    if (got := number(parameters.get("offset", "0"), f"{name} offset")) != offset:
        raise LatticeError(f"{name}: expected the offset {offset:g}, got {got:g}")
    return number(parameters.get("exponent"), f"{name} exponent")
