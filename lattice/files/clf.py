"""Read and write an SDev as a CLF file (Common LUT Format, SMPTE ST 2136-1), which any OpenColorIO 2 host opens.

Process list: Matrix (omitted if identity), half-domain LUT1D, LUT3D, Exponent, Matrix, Range, Exponent. A film stage
has a Matrix and a LUT1D, or a Range, more for each step after its half-domain LUT1D. The last node is a half-domain
LUT1D where the display is of PQ. HLG does not fit: its system gamma takes the luminance of all channels.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from numpy.typing import NDArray

from lattice.encodings import PQ_NITS, SRGB_EXPONENT, SRGB_OFFSET, Gamma, encode_pq
from lattice.files.clf_nodes import MAX_BYTES, NAMESPACE, VERSIONS, array, expect, expect_node, number, parse, power
from lattice.files.clf_stage import (
    DEPTHS,
    curve_node,
    expect_clip,
    exponent_node,
    matrix_node,
    numbers_text,
    range_node,
    read_stage,
    stage_nodes,
)
from lattice.files.storage import atomic
from lattice.files.storage.read import read_bytes
from lattice.types import HALF_CODES, Display, FilmStage, Lattice, LatticeError, Pixels, SDevData, Table, held_halves

# The process list of an SDev: each node's name and kind, in order; "input" is omitted if it is the identity.
STEPS = {
    "input": "Matrix",
    "table": "LUT1D",
    "lattice": "LUT3D",
    "exponent": "Exponent",
    "display": "Matrix",
    "clip": "Range",
    "gamma": "Exponent",
}
_START = b'<?xml version="1.0" encoding="UTF-8"?>'
# The names of a process list with a film stage in the table's place.
_FILM_STAGE = re.compile(r"(input, )?log, (step (\d), (curves|hold) \3, )+" + ", ".join([*STEPS][2:]))
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NOTES = ("Info", "Description", "InputDescriptor", "OutputDescriptor")  # for people


def to_xml(device: SDevData) -> str:
    """Return the CLF text of an SDev. The same SDev always gives the same text. Raises LatticeError as `check_fits`."""
    check_fits(device.name, device.display.gamma)
    size = device.lattice.size
    display = device.display
    facts = escape(json.dumps(dict(device.provenance), sort_keys=True))
    parts = [
        f'{_START.decode()}\n<ProcessList xmlns="{NAMESPACE}" '
        f'id="{device.sha256}" name={quoteattr(device.name)} compCLFversion="3.0">',
        *(f"<{name}>{escape(text)}</{name}>" for name, text in _descriptors(device)),
        f"<Info>\n<SDev>{facts}</SDev>\n</Info>",
    ]
    if not np.array_equal(device.matrix, np.eye(3)):
        parts.append(matrix_node("input", device.matrix))
    parts += [
        *_table_nodes(device.table),
        f'<LUT3D name="lattice" {DEPTHS} interpolation="{device.lattice.interpolation}">\n'
        f'<Array dim="{size} {size} {size} 3">\n{numbers_text(device.lattice.nodes.reshape(-1, 3))}\n'
        f"</Array>\n</LUT3D>",
        exponent_node("exponent", "basicFwd", display.exponent),
        matrix_node("display", display.matrix),
        range_node("clip"),
        _gamma_node(display),
        "</ProcessList>",
    ]
    return "\n".join(parts) + "\n"


def _descriptors(device: SDevData) -> Iterator[tuple[str, str]]:
    """Yield what the CLF says, for people, that it takes and gives."""
    taken, shown = device.provenance.get("input"), device.provenance.get("output")
    if taken:
        yield "InputDescriptor", f"scene-linear {taken}, 0.18 = mid gray"
    elif "takes" in device.provenance:
        yield "InputDescriptor", device.provenance["takes"]
    if shown:
        is_density = device.provenance.get("stage") == "negative"
        yield "OutputDescriptor", shown if is_density else f"display codes, {shown}"


def _gamma_node(display: Display) -> str:
    if display.gamma == "PQ":
        return curve_node("gamma", _pq(display.peak), half_domain=True, about=f"PQ {display.peak!r}")
    if display.gamma == "sRGB":
        return exponent_node("gamma", "monCurveRev", SRGB_EXPONENT, SRGB_OFFSET)
    return exponent_node("gamma", "basicRev", float(display.gamma))


def _pq(peak: float) -> NDArray[np.float32]:
    """Return PQ codes (65536, 1) of every half float held to [0, 1]; of NaN those of 0."""
    return encode_pq(np.clip(held_halves(), 0, 1), peak)[:, None].astype(np.float32)


def check_fits(name: str, gamma: Gamma) -> None:
    """Raise LatticeError if the display's curve is one that a CLF does not hold. name: of the look."""
    if gamma == "HLG":
        raise LatticeError(f"{name}: a CLF cannot hold HLG, which mixes channels by luminance: --display pq is held")


def check_new(target: Path, overwrite: bool) -> None:
    """Check a new CLF's name before the look is built; errors as in `atomic.check_new`."""
    atomic.check_new(target, ".clf", overwrite, _START)


def from_xml(data: bytes) -> SDevData:
    """Return the SDev of a CLF text. Raises LatticeError if the text is not the process list of an SDev, says anything
    that would change its colors in another host, or its id does not match its content; ParseError if it is no XML."""
    root = parse(data)
    _expect_root(root)
    nodes = [node for node in root if str(node.tag).rpartition("}")[2] not in _NOTES]
    steps = {str(node.get("name")): node for node in nodes}
    names = [str(node.get("name")) for node in nodes]
    found = _FILM_STAGE.fullmatch(", ".join(names))
    if found is None and names not in (list(STEPS), list(STEPS)[1:]):
        raise LatticeError(
            f"expected the process list of an SDev ({', '.join(STEPS)}), got "
            + (", ".join(steps)[:200] if nodes else "none")
        )
    for name in STEPS.keys() & steps.keys():
        is_curve = name == "gamma" and str(steps[name].tag).endswith("LUT1D")
        expect_node(steps[name], "LUT1D" if is_curve else STEPS[name])
    device = SDevData(
        root.get("name", "untitled"),
        array(steps["input"], np.float64, (3, 3)) if "input" in steps else np.eye(3),
        _table(steps["table"]) if found is None else read_stage(nodes["input" in steps : names.index("lattice")]),
        Lattice(
            array(steps["lattice"], np.float32, (None, None, None, 3)),
            steps["lattice"].get("interpolation"),  # type: ignore[arg-type]  # checked by Lattice
        ),
        _display(steps),
        _provenance(root),
    )
    if _SHA256.fullmatch(root.get("id", "")) and root.get("id") != device.sha256:
        raise LatticeError(
            f"id: expected the digest of what the file holds, {device.sha256[:12]}..., got "
            f"{root.get('id', '')[:12]}...: damaged, edited or of another version: lattice build LOOK -o FILE.clf "
            "--overwrite makes it again; an edited one needs another id"
        )
    return device


def _expect_root(root: ElementTree.Element) -> None:
    if root.tag != f"{{{NAMESPACE}}}ProcessList":
        raise LatticeError(f"expected a ProcessList of {NAMESPACE}, got {root.tag[:200]}")
    if not root.get("id"):
        raise LatticeError("id: expected one, as the CLF standard asks, got none")
    if root.get("compCLFversion") not in VERSIONS:
        raise LatticeError(f"compCLFversion: expected {' or '.join(VERSIONS)}, got {root.get('compCLFversion')!r}")


def _table_nodes(table: Table | FilmStage) -> Iterator[str]:
    if isinstance(table, FilmStage):
        yield from stage_nodes(table)
        return
    values = table.values
    columns = values[:, :1] if (values == values[:, :1]).all() else values
    yield curve_node("table", columns, half_domain=True)


def _table(node: ElementTree.Element) -> Table:
    expect(node, "halfDomain", "true")
    return Table(np.broadcast_to(array(node, np.float32, (HALF_CODES, None)), (HALF_CODES, 3)))


def _display(steps: dict[str, ElementTree.Element]) -> Display:
    expect_clip(steps["clip"])
    exponent, matrix = power(steps["exponent"], "basicFwd"), array(steps["display"], np.float64, (3, 3))
    if str(steps["gamma"].tag).endswith("LUT1D"):
        return Display(exponent, matrix, "PQ", _peak(steps["gamma"]))
    srgb = steps["gamma"].get("style") == "monCurveRev"
    if srgb and power(steps["gamma"], "monCurveRev", SRGB_OFFSET) != SRGB_EXPONENT:
        raise LatticeError(f"gamma: expected sRGB's exponent {SRGB_EXPONENT}, got another")
    return Display(exponent, matrix, "sRGB" if srgb else power(steps["gamma"], "basicRev"))


def _is_near(curve: Pixels, peak: float) -> bool:
    """True if a curve is PQ's but for the last bit, in which processors may differ."""
    wanted = _pq(peak)
    return bool((np.abs(curve - wanted) <= np.spacing(wanted)).all())


def _peak(node: ElementTree.Element) -> float:
    """Return the nits of white of a LUT1D of PQ. Raises LatticeError if it is another curve."""
    expect(node, "halfDomain", "true")
    word, _, nits = (node.findtext("{*}Description") or "").partition(" ")
    peak = number(nits, "gamma: PQ's nits") if word == "PQ" else 0.0
    if not 1 <= peak <= PQ_NITS or not _is_near(array(node, np.float32, (HALF_CODES, 1)), peak):
        raise LatticeError("gamma: expected a curve of PQ as its Description says, such as 'PQ 203', got another")
    return peak


def _provenance(root: ElementTree.Element) -> dict[str, str]:
    facts = root.find("{*}Info/{*}SDev")
    try:
        found = json.loads(facts.text or "{}") if facts is not None else {}
    except (ValueError, RecursionError):
        raise LatticeError("Info: expected the SDev's facts as JSON, got other text") from None
    if not isinstance(found, dict) or not all(isinstance(fact, str) for fact in found.values()):
        raise LatticeError("Info: expected the SDev's facts as texts by name, got others")
    return found


def is_own(data: bytes) -> bool:
    """True if a CLF says that it is an SDev, which is read as one or not at all."""
    return b"<SDev>" in data


def read(path: Path) -> SDevData:
    """Read an SDev from a .clf file. Raises LatticeError, with the path and what was expected, if the file is absent,
    over MAX_BYTES, unreadable, no XML, or as `from_xml` does."""
    return parsed(read_bytes(path, MAX_BYTES + 1), path)


def parsed(data: bytes, path: Path) -> SDevData:
    """Return the SDev of a file's bytes, as `read` does."""
    if len(data) > MAX_BYTES:
        raise LatticeError(f"{path}: expected a CLF of at most {MAX_BYTES:,} bytes, got more")
    try:
        return from_xml(data)
    except ElementTree.ParseError as error:
        raise LatticeError(f"{path}: no readable XML: {error}") from None
    except LatticeError as error:
        raise LatticeError(f"{path}: {error}") from None
