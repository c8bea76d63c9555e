"""Read a CLF or CTF of anybody: its version, its notes for people, and its process nodes one after the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from lattice.files.luts import clf_curves, clf_tables, xml_tree
from lattice.files.luts.clf_tables import NOTES, Step, Version
from lattice.files.luts.xml_tree import MOST_TEXT, Element
from lattice.process_list import MOST_NODES, Node, ProcessList

MOST_BYTES = 2**27  # a LUT3D of 129 nodes takes 80 MB
MOST_FACTS = 100  # that lattice wrote; MOST_FACT: characters of each
MOST_FACT = 2**17
MOST_NAME = 60  # characters of an unknown element's name
DEPTHS = {"8i": 255, "10i": 1023, "12i": 4095, "16i": 65535, "16f": 1, "32f": 1}  # largest codes
READERS: dict[str, Callable[[Step], Iterator[Node]]] = {
    "Matrix": clf_tables.matrix,
    "LUT1D": clf_tables.lut1d,
    "LUT3D": clf_tables.lut3d,
    "InverseLUT1D": clf_tables.inverse_lut1d,
    "InverseLUT3D": clf_tables.inverse_lut3d,
    "Range": clf_curves.range_of,
    "Log": clf_curves.log,
    "Exponent": clf_curves.exponent,
    "Gamma": clf_curves.exponent,
    "ASC_CDL": clf_curves.cdl,
}
KINDS = {kind.lower(): kind for kind in READERS}
OTHERS = (  # of OpenColorIO
    *("aces", "exposurecontrast", "fixedfunction", "function", "reference"),
    *("gradingprimary", "gradingtone", "gradingrgbcurve", "gradinghuecurve"),
)
CTF_ALONE = ("InverseLUT1D", "InverseLUT3D")
CLF_3_ALONE = ("Log", "Exponent", "Gamma")  # not in CLF 1 and 2
SINCE = {"Log": (1, 3), "ASC_CDL": (1, 3), "InverseLUT1D": (1, 3), "InverseLUT3D": (1, 6)}  # versions of CTF
NEWEST_CTF = (2, 5)
SMPTE = "/2136-1/2024"
NAMESPACES = ((SMPTE, 3), ("CLF:v3", 3), ("CLF:v2", 2), ("CLF:v1", 1))  # of CLF, and the major version
DESCRIPTORS = {
    "description": "Description",
    "input descriptor": "InputDescriptor",
    "output descriptor": "OutputDescriptor",
}
_VERSION = re.compile(r"(?:ST2136-1:)?(\d{1,4})(?:\.(\d{1,4}))?(?:\.\d{1,4})?", re.ASCII)
SMPTE_YEAR = 2021  # "ST2136-1:2024" says the year of the standard, which is CLF 3


def parse(data: bytes) -> ProcessList:
    """Return the process list of a CLF or CTF. Raises LatticeError, with the line, if it is none, holds a node that is
    not of this reader, or numbers that no node has."""
    root = xml_tree.parse(data, "a CLF or CTF")
    if root.kind != "processlist":
        raise root.fault("expected a ProcessList, got another element")
    version = _version(root)
    nodes = tuple(_nodes(root, version))
    if not nodes:
        raise root.fault("expected at least one process node, got none")
    return ProcessList(root.attributes.get("name", "")[:MOST_TEXT], nodes, _provenance(root))


def _version(root: Element) -> Version:
    said, ctf = root.attributes.get("compclfversion"), root.attributes.get("version")
    if not root.attributes.get("id") and not root.namespace.endswith(SMPTE):
        raise root.fault("expected an id, as CLF and CTF ask, got none")
    if said is not None and ctf is not None:
        raise root.fault("expected compCLFversion or version, got both")
    if ctf is not None:
        found = _numbers(root, ctf, "version")
        if not (1, 0) <= found <= NEWEST_CTF:
            raise root.fault(f"expected version 1.0 to {'.'.join(map(str, NEWEST_CTF))}, got {ctf[:20]!r}")
        return Version(found, is_clf=False)
    if said is not None:
        major, minor = _numbers(root, said, "compCLFversion")
    else:
        major, minor = next((number for part, number in NAMESPACES if part in root.namespace), 0), 0
        if not major:
            return Version((1, 2), is_clf=False)
    if major >= SMPTE_YEAR:
        major = 3
    if not (1, 0) <= (major, minor) <= (3, 0):
        raise root.fault(f"expected compCLFversion 1 to 3, got {str(said)[:20]!r}")
    return Version((2, 0) if (major, minor) > (2, 0) else (1, 7), is_clf=True)


def _numbers(root: Element, said: str, what: str) -> tuple[int, int]:
    found = _VERSION.fullmatch(said.strip())
    if found is None:
        raise root.fault(f"expected a number in {what}, got {said[:20]!r}")
    return int(found[1]), int(found[2] or 0)


def _nodes(root: Element, version: Version) -> Iterator[Node]:
    depth, count = "", 0
    for element in root.children:
        name = _name(element, version)
        if name is None:
            continue
        taken, given = (_depth(element, attribute) for attribute in ("inBitDepth", "outBitDepth"))
        if depth not in ("", taken):
            raise element.fault(f"expected inBitDepth {depth}, the outBitDepth before, got {taken}")
        depth, count = given, count + 1
        if count > MOST_NODES:
            raise element.fault(f"expected at most {MOST_NODES:,} process nodes, got more")
        yield from READERS[name](Step(element, DEPTHS[taken], DEPTHS[given], version))


def _name(element: Element, version: Version) -> str | None:
    """Return the name of the process node that an element is, None if it is none: all have a bit depth.

    Raises LatticeError for a process node that is not read.
    """
    name = KINDS.get(element.kind)
    if name is None:
        if element.kind in OTHERS or {"inbitdepth", "outbitdepth"} & element.attributes.keys():
            raise element.fault(f"a node that lattice does not read; it reads {', '.join(READERS)}")
        return None
    is_early = version.ctf < (2, 0) and version.is_clf and name in CLF_3_ALONE
    if is_early or (version.is_clf and name in CTF_ALONE) or version.ctf < SINCE.get(name, (1, 0)):
        raise element.fault("a node that this version of CLF or CTF does not have")
    if element.attributes.get("bypass", "false").lower() != "false":
        raise element.fault("expected no bypass, in spite of which hosts apply the node: remove the node")
    return name


def _depth(element: Element, attribute: str) -> str:
    return element.choice(attribute, {depth: depth for depth in DEPTHS})


def _provenance(root: Element) -> dict[str, str]:
    """Return the notes of a process list: title, description, descriptors, about, and the facts that lattice wrote.

    A descriptor is anybody's words; the facts "input" and "output", which lattice goes by, are not taken from it.
    """
    found: dict[str, list[str]] = {}
    facts: dict[str, str] = {}

    def note(name: str, text: str) -> None:
        if text:
            found.setdefault(name, []).append(text)

    note("title", root.attributes.get("name", ""))
    names = {tag.lower(): name for name, tag in DESCRIPTORS.items()}
    for element in root.children:
        if element.kind in NOTES:
            for fact in [child for child in element.children if child.kind == "fact"][:MOST_FACTS]:
                facts[fact.attributes.get("name", "")[:MOST_TEXT]] = fact.text[:MOST_FACT]
            rest = [child for child in element.children if child.kind != "fact"]
            note(names.get(element.kind, "about"), replace(element, children=rest).all_text())
        elif element.kind in KINDS:
            for child in element.children:
                note("about", child.all_text() if child.kind in NOTES else "")
        else:
            note("about", f"passed over: {element.tag}"[:MOST_NAME])
    if "inverseof" in root.attributes:
        note("about", f"inverse of {root.attributes['inverseof']}")
    return {name: "; ".join(texts)[:MOST_TEXT] for name, texts in found.items()} | facts
