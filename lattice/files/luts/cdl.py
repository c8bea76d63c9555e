"""ASC CDL files: one correction (`.cc`), a collection (`.ccc`), or a list of decisions (`.cdl`).

They do not say whether values are held to [0, 1]; as OpenColorIO reads them, they are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from lattice.errors import LatticeError, holding
from lattice.files.luts import xml_tree
from lattice.files.luts.clf_curves import grade
from lattice.files.luts.clf_write import plain, sop_and_sat
from lattice.files.luts.format import LutFormat
from lattice.files.luts.xml_tree import Element
from lattice.process_list import Cdl, ProcessList

MOST_BYTES = 2**24
MOST_TOLD = 4  # ids in a message
NAMESPACE = "urn:ASC:CDL:v1.01"
ROOTS = ("colorcorrection", "colorcorrectioncollection", "colordecisionlist")
DESCRIPTIONS = {
    "description": "Description",
    "input descriptor": "InputDescription",
    "output descriptor": "ViewingDescription",
}
NOTES = {tag.lower(): name for name, tag in DESCRIPTIONS.items()}


def parse(data: bytes, name: str = "", path: str = "FILE.ccc") -> ProcessList:
    """Return a correction of a file as a process list of one Cdl; its provenance says "id".

    name: its id; may be left out where the file holds one alone. path: of the file, for messages. Raises LatticeError,
    with the line, if the file holds none, or one of wrong numbers; if no correction has this id; and for several, none
    of which is named.
    """
    found = corrections(data)
    if not name and len(found) > 1:
        ids = ", ".join([*found][:MOST_TOLD]) + (", ..." if len(found) > MOST_TOLD else "")
        raise LatticeError(f"holds {len(found):,} corrections, {ids}: name one, as in {path}@{next(iter(found))}")
    if name and name not in found:
        near = next(iter(holding(name, found)), next(iter(found)))
        raise LatticeError(f"no correction has the id {name[:60]!r}; did you mean {near!r}?")
    return found[name or next(iter(found))]


def corrections(data: bytes) -> dict[str, ProcessList]:
    """Return all corrections of a file by id, in the file's order; one without an id has its number, "1" the first.

    Raises LatticeError as `parse` does, and if two have the same id.
    """
    root = xml_tree.parse(data, "a CDL")
    if root.kind not in ROOTS:
        raise root.fault(
            "expected ColorDecisionList, ColorCorrectionCollection or ColorCorrection, got another element"
        )
    shared = _notes(root) if root.kind != ROOTS[0] else {}
    found: dict[str, ProcessList] = {}
    for number, (element, notes) in enumerate(_corrections(root), 1):
        said = element.attributes.get("id", "")[: xml_tree.MOST_TEXT]
        name = said or str(number)
        if name in found:
            raise element.fault(f"expected an id that no other has, got {name[:40]!r} again")
        found[name] = ProcessList(said, (_cdl(element),), shared | notes | _notes(element) | {"id": name})
    if not found:
        raise root.fault("expected a ColorCorrection, got none")
    return found


def _corrections(root: Element) -> Iterator[tuple[Element, dict[str, str]]]:
    """Yield the corrections of a file, and what their decision says of them."""
    if root.kind == "colorcorrection":
        yield root, {}
    for element in root.children:
        if element.kind == "colorcorrection":
            yield element, {}
        elif element.kind == "colordecision":
            for inner in element.children:
                if inner.kind == "colorcorrection":
                    yield inner, _notes(element)


def _notes(element: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for child in element.children:
        text = child.all_text() if child.kind in NOTES else ""
        if text:
            name = NOTES[child.kind]
            found[name] = f"{found[name]}; {text}"[: xml_tree.MOST_TEXT] if name in found else text
    return found


def _cdl(element: Element) -> Cdl:
    nodes: dict[str, Element] = {}
    for child in element.children:
        if child.kind in ("sopnode", "satnode"):
            if child.kind in nodes:
                raise child.fault("expected one in a ColorCorrection, got two")
            nodes[child.kind] = child
    return grade(nodes, element, is_clamped=False, is_inverse=False)


def _correction(process_list: ProcessList) -> str:
    nodes = process_list.nodes
    if len(nodes) != 1 or not isinstance(nodes[0], Cdl) or nodes[0].is_inverse or nodes[0].is_clamped:
        raise LatticeError("a CDL file holds one CDL, forward and without clamping; a .clf holds others")
    name = quoteattr(plain(process_list.provenance.get("id", process_list.name)) or "1")
    facts = process_list.provenance
    notes = [f"<{tag}>{escape(plain(facts[key]))}</{tag}>" for key, tag in DESCRIPTIONS.items() if key in facts]
    return "\n".join([f"<ColorCorrection id={name}>", *notes, sop_and_sat(nodes[0]), "</ColorCorrection>"])


def _document(start: str, correction: str, end: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{start}{correction}\n{end}'.encode()


def write_cc(process_list: ProcessList) -> bytes:
    """Return a .cc of a list that is one Cdl, forward and not clamped. Raises LatticeError for another list."""
    return _document("", _correction(process_list), "")


def write_ccc(process_list: ProcessList) -> bytes:
    """Return a .ccc of one correction; raises LatticeError as `write_cc` does."""
    tag = "ColorCorrectionCollection"
    return _document(f'<{tag} xmlns="{NAMESPACE}">\n', _correction(process_list), f"</{tag}>\n")


def write_cdl(process_list: ProcessList) -> bytes:
    """Return a .cdl of one decision; raises LatticeError as `write_cc` does."""
    start = f'<ColorDecisionList xmlns="{NAMESPACE}">\n<ColorDecision>\n'
    return _document(start, _correction(process_list), "</ColorDecision>\n</ColorDecisionList>\n")


FORMAT = LutFormat("ASC CDL", (".cdl",), parse, MOST_BYTES, write_cdl)
COLLECTION = LutFormat("ASC CDL collection", (".ccc",), parse, MOST_BYTES, write_ccc)
CORRECTION = LutFormat("ASC CDL correction", (".cc",), parse, MOST_BYTES, write_cc)
