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
from numpy.typing import DTypeLike, NDArray

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

MAX_BYTES = 50_000_000  # a 65-node lattice would be 12 MB; a larger file is not an SDev
NAMESPACE = "urn:AMPAS:CLF:v3.0"
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
CLIP = [("minInValue", 0.0), ("maxInValue", 1.0), ("minOutValue", 0.0), ("maxOutValue", 1.0)]
_DEPTHS = 'inBitDepth="32f" outBitDepth="32f"'
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DTD = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


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
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ProcessList xmlns="{NAMESPACE}" '
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


def _array(node: ElementTree.Element, dtype: DTypeLike, dims: tuple[int | None, ...]) -> Pixels:
    """Return the numbers of a process node's Array; None in `dims` accepts any length."""
    array = node.find("{*}Array")
    name = node.get("name")
    if array is None:
        raise LatticeError(f"{name}: expected an Array")
    dim = [int(d) for d in array.get("dim", "").split()]
    if len(dim) != len(dims) or any(want not in (None, got) for want, got in zip(dims, dim, strict=True)):
        raise LatticeError(f"{name}: expected an Array of dim {dims}, got {array.get('dim')!r}")
    numbers = np.array((array.text or "").split(), dtype=dtype)
    if numbers.size != np.prod(dim, dtype=np.int64):
        raise LatticeError(f"{name}: expected {int(np.prod(dim, dtype=np.int64))} numbers, got {numbers.size}")
    return numbers.reshape(dim)


def _expect(node: ElementTree.Element, attribute: str, value: str) -> None:
    if node.get(attribute) != value:
        raise LatticeError(f"{node.get('name')}: expected {attribute} {value!r}, got {node.get(attribute)!r}")


def _expect_step(node: ElementTree.Element, root_tag: str) -> None:
    """Raise LatticeError unless the node is the process node that its name requires, in floats, for all channels."""
    kind = STEPS[str(node.get("name"))]
    if (root_tag, node.tag) != (f"{{{NAMESPACE}}}ProcessList", f"{{{NAMESPACE}}}{kind}"):
        raise LatticeError(f"{node.get('name')}: expected a {kind} of {NAMESPACE}, got {node.tag} in {root_tag}")
    for depth in ("inBitDepth", "outBitDepth"):
        _expect(node, depth, "32f")
    if node.get("rawHalfs") == "true" or node.get("style") == "noClamp":
        raise LatticeError(f"{node.get('name')}: expected no rawHalfs and no noClamp, got one")
    exponents = node.findall("{*}ExponentParams")
    if len(exponents) != (kind == "Exponent") or any(child.get("channel") for child in exponents):
        raise LatticeError(f"{node.get('name')}: expected one exponent for all channels, got {len(exponents)}")


def _power(node: ElementTree.Element, style: str, offset: float = 0) -> float:
    _expect(node, "style", style)
    parameters = node.find("{*}ExponentParams")
    if parameters is None or float(parameters.get("offset", 0)) != offset:
        raise LatticeError(f"{node.get('name')}: expected ExponentParams with offset {offset:g}, got others")
    return float(parameters.get("exponent", "nan"))


def from_xml(text: bytes) -> SDevData:
    """Return the SDev of a CLF text. Raises LatticeError if the text has a DOCTYPE, is not the process list of an SDev,
    or its id does not match its content; ParseError, ValueError or TypeError if XML or numbers are malformed."""
    if _DTD.search(text):
        raise LatticeError("expected a CLF without a DOCTYPE")
    root = ElementTree.fromstring(text)
    steps = {node.get("name"): node for node in root}
    order = [node.get("name") for node in root if not str(node.tag).endswith(("Info", "Description"))]
    wanted = list(STEPS)
    if order not in (wanted, wanted[1:]):
        raise LatticeError(f"expected the process list of an SDev ({', '.join(wanted)}), got {order}")
    for name in order:
        _expect_step(steps[name], root.tag)
    matrix = _array(steps["input"], np.float64, (3, 3)) if "input" in steps else np.eye(3)
    _expect(steps["table"], "halfDomain", "true")
    columns = _array(steps["table"], np.float32, (HALF_CODES, None))
    table = Table(np.broadcast_to(columns, (HALF_CODES, 3)))
    nodes = _array(steps["lattice"], np.float32, (None, None, None, 3))
    lattice = Lattice(nodes, steps["lattice"].get("interpolation"))  # type: ignore[arg-type]
    limits = [(str(limit.tag).rpartition("}")[2], float(limit.text or "nan")) for limit in steps["clip"]]
    if limits != CLIP:
        raise LatticeError(f"clip: expected a Range of {CLIP}, got {limits}")
    srgb = steps["gamma"].get("style") == "monCurveRev"
    if srgb and _power(steps["gamma"], "monCurveRev", SRGB_OFFSET) != SRGB_EXPONENT:
        raise LatticeError(f"gamma: expected sRGB's exponent {SRGB_EXPONENT}, got another")
    display = Display(
        _power(steps["exponent"], "basicFwd"),
        _array(steps["display"], np.float64, (3, 3)),
        "sRGB" if srgb else _power(steps["gamma"], "basicRev"),
    )
    facts = root.find("{*}Info/{*}SDev")
    provenance = json.loads(facts.text or "{}") if facts is not None else {}
    if not isinstance(provenance, dict) or not all(isinstance(fact, str) for fact in provenance.values()):
        raise LatticeError("Info: expected the SDev's facts as texts by name")
    device = SDevData(root.get("name", "untitled"), matrix, table, lattice, display, provenance)
    if _SHA256.fullmatch(root.get("id", "")) and root.get("id") != device.sha256:
        raise LatticeError(
            f"id: expected the digest of what the file holds, {device.sha256[:12]}..., got "
            f"{root.get('id', '')[:12]}...: damaged or edited; an edited one needs another id"
        )
    return device


def read(path: Path) -> SDevData:
    """Read an SDev from a .clf file. Raises LatticeError, with the path and what was expected, if the file is absent,
    over MAX_BYTES, unreadable, or as `from_xml` does."""
    try:
        if not path.is_file():
            raise LatticeError("expected a file, " + ("got something else" if path.exists() else "found none"))
        if path.stat().st_size > MAX_BYTES:
            raise LatticeError(f"expected a CLF under {MAX_BYTES:,} bytes, got {path.stat().st_size:,}")
        return from_xml(path.read_bytes())
    except OSError as error:
        raise LatticeError(f"{path}: cannot be read: {error.strerror}") from None
    except (ElementTree.ParseError, ValueError, TypeError, RecursionError) as error:
        raise LatticeError(f"{path}: {error}") from None
