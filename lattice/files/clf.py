"""Read and write an SDev as a CLF file (Common LUT Format, SMPTE ST 2136-1), which any OpenColorIO 2 host opens.

Process list: Matrix (omitted if identity), half-domain LUT1D, LUT3D, Exponent, Matrix, Range, Exponent.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from numpy.typing import NDArray

from lattice.files.clf_nodes import (
    CHILDREN,
    MAX_BYTES,
    NAMESPACE,
    VERSIONS,
    array,
    expect,
    expect_node,
    number,
    parse,
    power,
)
from lattice.files.storage import atomic
from lattice.files.storage.read import read_bytes
from lattice.types import (
    HALF_CODES,
    SRGB_EXPONENT,
    SRGB_OFFSET,
    Display,
    Lattice,
    LatticeError,
    Pixels,
    SDevData,
    Table,
)

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
CLIP = [0.0, 1.0, 0.0, 1.0]  # the Range's values, in the order of CHILDREN
_DEPTHS = 'inBitDepth="32f" outBitDepth="32f"'
_START = b'<?xml version="1.0" encoding="UTF-8"?>'
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NOTES = ("Info", "Description", "InputDescriptor", "OutputDescriptor")  # for people


def _numbers(values: Pixels) -> str:
    """Format rows of numbers so that they read back to the same bits."""
    rows = np.atleast_2d(values).astype(values.dtype).tolist()
    if values.dtype == np.float32:
        return "\n".join(" ".join(f"{x:.9g}" for x in row) for row in rows)
    return "\n".join(" ".join(repr(x) for x in row) for row in rows)


def _matrix(name: str, matrix: NDArray[np.float64]) -> str:
    return f'<Matrix name="{name}" {_DEPTHS}>\n<Array dim="3 3">\n{_numbers(matrix)}\n</Array>\n</Matrix>'


def _exponent(name: str, style: str, exponent: float, offset: float | None = None) -> str:
    more = "" if offset is None else f' offset="{offset!r}"'
    return (
        f'<Exponent name="{name}" {_DEPTHS} style="{style}">\n'
        f'<ExponentParams exponent="{float(exponent)!r}"{more}/>\n</Exponent>'
    )


def to_xml(device: SDevData) -> str:
    """Return the CLF text of an SDev. The same SDev always gives the same text."""
    table, size = device.table.values, device.lattice.size
    columns = table[:, :1] if (table == table[:, :1]).all() else table
    display = device.display
    facts = escape(json.dumps(dict(device.provenance), sort_keys=True))
    parts = [
        f'{_START.decode()}\n<ProcessList xmlns="{NAMESPACE}" '
        f'id="{device.sha256}" name={quoteattr(device.name)} compCLFversion="3.0">',
        f"<Info>\n<SDev>{facts}</SDev>\n</Info>",
    ]
    if not np.array_equal(device.matrix, np.eye(3)):
        parts.append(_matrix("input", device.matrix))
    parts += [
        f'<LUT1D name="table" {_DEPTHS} halfDomain="true" interpolation="linear">\n'
        f'<Array dim="{HALF_CODES} {columns.shape[1]}">\n{_numbers(columns)}\n</Array>\n</LUT1D>',
        f'<LUT3D name="lattice" {_DEPTHS} interpolation="{device.lattice.interpolation}">\n'
        f'<Array dim="{size} {size} {size} 3">\n{_numbers(device.lattice.nodes.reshape(-1, 3))}\n'
        f"</Array>\n</LUT3D>",
        _exponent("exponent", "basicFwd", display.exponent),
        _matrix("display", display.matrix),
        f'<Range name="clip" {_DEPTHS}>\n<minInValue>0</minInValue>\n<maxInValue>1</maxInValue>\n'
        "<minOutValue>0</minOutValue>\n<maxOutValue>1</maxOutValue>\n</Range>",
        _exponent("gamma", "monCurveRev", SRGB_EXPONENT, SRGB_OFFSET)
        if display.gamma == "sRGB"
        else _exponent("gamma", "basicRev", float(display.gamma)),
        "</ProcessList>",
    ]
    return "\n".join(parts) + "\n"


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
    wanted = list(STEPS)
    if [node.get("name") for node in nodes] not in (wanted, wanted[1:]):
        raise LatticeError(
            f"expected the process list of an SDev ({', '.join(wanted)}), got "
            + (", ".join(steps)[:200] if nodes else "none")
        )
    for name, node in steps.items():
        expect_node(node, STEPS[name])
    device = SDevData(
        root.get("name", "untitled"),
        array(steps["input"], np.float64, (3, 3)) if "input" in steps else np.eye(3),
        _table(steps["table"]),
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
            f"{root.get('id', '')[:12]}...: damaged or edited; an edited one needs another id"
        )
    return device


def _expect_root(root: ElementTree.Element) -> None:
    if root.tag != f"{{{NAMESPACE}}}ProcessList":
        raise LatticeError(f"expected a ProcessList of {NAMESPACE}, got {root.tag[:200]}")
    if not root.get("id"):
        raise LatticeError("id: expected one, as the CLF standard asks, got none")
    if root.get("compCLFversion") not in VERSIONS:
        raise LatticeError(f"compCLFversion: expected {' or '.join(VERSIONS)}, got {root.get('compCLFversion')!r}")


def _table(node: ElementTree.Element) -> Table:
    expect(node, "halfDomain", "true")
    return Table(np.broadcast_to(array(node, np.float32, (HALF_CODES, None)), (HALF_CODES, 3)))


def _display(steps: dict[str, ElementTree.Element]) -> Display:
    limits = [number(steps["clip"].findtext(f"{{*}}{name}"), f"clip {name}") for name in CHILDREN["Range"]]
    if limits != CLIP:
        raise LatticeError(f"clip: expected the Range {CLIP}, got {limits}")
    srgb = steps["gamma"].get("style") == "monCurveRev"
    if srgb and power(steps["gamma"], "monCurveRev", SRGB_OFFSET) != SRGB_EXPONENT:
        raise LatticeError(f"gamma: expected sRGB's exponent {SRGB_EXPONENT}, got another")
    return Display(
        power(steps["exponent"], "basicFwd"),
        array(steps["display"], np.float64, (3, 3)),
        "sRGB" if srgb else power(steps["gamma"], "basicRev"),
    )


def _provenance(root: ElementTree.Element) -> dict[str, str]:
    facts = root.find("{*}Info/{*}SDev")
    try:
        found = json.loads(facts.text or "{}") if facts is not None else {}
    except (ValueError, RecursionError):
        raise LatticeError("Info: expected the SDev's facts as JSON, got other text") from None
    if not isinstance(found, dict) or not all(isinstance(fact, str) for fact in found.values()):
        raise LatticeError("Info: expected the SDev's facts as texts by name, got others")
    return found


def read(path: Path) -> SDevData:
    """Read an SDev from a .clf file. Raises LatticeError, with the path and what was expected, if the file is absent,
    over MAX_BYTES, unreadable, no XML, or as `from_xml` does."""
    data = read_bytes(path, MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise LatticeError(f"{path}: expected a CLF of at most {MAX_BYTES:,} bytes, got more")
    try:
        return from_xml(data)
    except ElementTree.ParseError as error:
        raise LatticeError(f"{path}: no readable XML: {error}") from None
    except LatticeError as error:
        raise LatticeError(f"{path}: {error}") from None
