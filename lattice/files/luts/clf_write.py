"""Write a process list as a CLF or CTF, whose numbers read back bit for bit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from numpy.typing import NDArray

from lattice.errors import LatticeError
from lattice.files.clf_nodes import NAMESPACE
from lattice.files.clf_stage import DEPTHS, numbers_text
from lattice.files.luts.clf_curves import CHANNELS, GRADES, LIMITS, range_from
from lattice.files.luts.clf_read import DESCRIPTORS
from lattice.process_list import (
    Cdl,
    Exponent,
    InverseLut1D,
    InverseLut3D,
    Knots,
    Log,
    Lut1D,
    Lut3D,
    Matrix,
    Node,
    ProcessList,
    Range,
)
from lattice.types import halves

DIGITS = 60  # of a limit that no float is: enough for scale and offset to be rounded to the same bits
LEAST_SPAN = 1e-5  # of a Range's input, else OpenColorIO refuses it
EVEN = 1e-12  # of the span: x within it are evenly spaced
ROWS = 2**16  # rows of an Array that are made to text at once
STYLES = {meaning: style for style, meaning in reversed(GRADES.items())}
STYLE_NAMES = {"fwd": "Fwd", "rev": "Rev", "fwdnoclamp": "FwdNoClamp", "revnoclamp": "RevNoClamp"}
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_xml(process_list: ProcessList, is_ctf: bool) -> bytes:
    """Return the text of a CTF, or of a CLF. The same list always gives the same text.

    Raises LatticeError if the format does not hold a node: a CLF has no inverses and no hue; neither has Knots other
    than those that are evenly spaced or at half floats. What CLF has no single node for is written as several: a LUT1D
    with a domain, a Range that scales by 0 or less or has a scale and one limit.
    """
    version = 'version="2.0"' if is_ctf else f'xmlns="{NAMESPACE}" compCLFversion="3.0"'
    name = f" name={quoteattr(plain(process_list.name))}" if process_list.name.strip() else ""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>', f'<ProcessList id="{process_list.sha256}"{name} {version}>']
    parts += _notes(process_list)
    for node in process_list.nodes or (Matrix(np.eye(3)),):
        if not is_ctf and (isinstance(node, InverseLut1D | InverseLut3D) or (isinstance(node, Lut1D) and node.hue)):
            what = "LUT1D with hueAdjust" if isinstance(node, Lut1D) else type(node).__name__
            raise LatticeError(f"a CLF holds no {what}; a .ctf does")
        parts += WRITERS[type(node)](node)
    return ("\n".join([*parts, "</ProcessList>"]) + "\n").encode()


def plain(text: str) -> str:
    """Return a text with what XML cannot hold replaced."""
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _notes(process_list: ProcessList) -> Iterator[str]:
    facts = {name: plain(text) for name, text in sorted(process_list.provenance.items()) if name != "title"}
    for name, tag in DESCRIPTORS.items():
        if name in facts:
            yield f"<{tag}>{escape(facts.pop(name))}</{tag}>"
    if facts:
        rows = (f"<Fact name={quoteattr(plain(name))}>{escape(text)}</Fact>" for name, text in facts.items())
        yield "\n".join(["<Info>", *rows, "</Info>"])


def _array(values: NDArray[Any], dim: str) -> str:
    rows = values.reshape(-1, values.shape[-1])
    texts = (numbers_text(rows[first : first + ROWS]) for first in range(0, len(rows), ROWS))
    return "\n".join([f'<Array dim="{dim}">', *texts, "</Array>"])


def _matrix(node: Matrix) -> Iterator[str]:
    columns = 4 if node.matrix[:, 3].tobytes() != bytes(24) else 3
    values = np.ascontiguousarray(node.matrix[:, :columns])
    yield f"<Matrix {DEPTHS}>\n{_array(values, f'3 {columns}')}\n</Matrix>"


def decimal(value: Fraction) -> str:
    """Return the text of a number: of a float the shortest that reads back to it, of another DIGITS digits."""
    if Fraction(repr(float(value))) == value:
        return repr(float(value))
    with localcontext() as context:
        context.prec = DIGITS
        return str(Decimal(value.numerator) / Decimal(value.denominator))


def _range(node: Range) -> Iterator[str]:
    values = _limits(node)
    if values is not None:
        yield _limited(values, "noClamp" if node.low is node.high is None else "Clamp")
        return
    if (node.scale, node.offset) != (1, 0):
        yield from _matrix(Matrix(np.column_stack([np.eye(3) * node.scale, np.full(3, node.offset)])))
    for low, high in ((node.low, None), (None, node.high)):
        if low is not high:
            yield from _range(Range(low, high))


def _limits(node: Range) -> list[Fraction | None] | None:
    """Return the four limits of a Range's node, None for an absent one; None if no four limits give the Range."""
    scale, offset = Fraction(node.scale), Fraction(node.offset)
    low, high = (None if limit is None else Fraction(repr(limit)) for limit in (node.low, node.high))
    is_clamped = low is not None or high is not None
    if not is_clamped:
        low, high = offset, offset + scale
    if low is None or high is None:
        return [low, high, low, high] if (node.scale, node.offset) == (1, 0) else None
    if scale > 0 and (high - low) / scale > LEAST_SPAN:
        start, end = (low - offset) / scale, (high - offset) / scale
    elif scale == 0 and float(low) == float(high) == node.offset:
        start, end = Fraction(0), Fraction(1)
    else:
        return None
    values: list[Fraction | None] = [start, end, low, high]
    read = range_from([None if value is None else Fraction(decimal(value)) for value in values], is_clamped)
    return values if read == node else None


def _limited(limits: list[Fraction | None], style: str) -> str:
    rows = (
        f"<{name}>{decimal(value)}</{name}>" for name, value in zip(LIMITS, limits, strict=True) if value is not None
    )
    return "\n".join([f'<Range {DEPTHS} style="{style}">', *rows, "</Range>"])


def _moved(start: float, end: float, low: float, high: float, style: str) -> str:
    return _limited([Fraction(repr(value)) for value in (start, end, low, high)], style)


def _lut1d(node: Lut1D) -> Iterator[str]:
    first, last = node.first.tolist(), node.last.tolist()
    if not node.half_domain and (first, last) != ([0.0] * 3, [1.0] * 3):
        if len({*first}) == len({*last}) == 1:
            # Of a hue the colors before count, so that they are not held.
            yield _moved(first[0], last[0], 0.0, 1.0, "noClamp" if node.hue else "Clamp")
        elif node.hue:
            raise LatticeError("a CTF holds no LUT1D with hueAdjust and a domain of each channel")
        else:
            yield _moved(min(first), max(last), min(first), max(last), "Clamp")
            scale = 1 / (node.last - node.first)
            yield from _matrix(Matrix(np.column_stack([np.diag(scale), -node.first * scale])))
    yield _curves("LUT1D", node)


def _curves(kind: str, lut: Lut1D) -> str:
    columns = (
        lut.entries[:, :1] if (lut.entries.view(np.uint32) == lut.entries.view(np.uint32)[:, :1]).all() else lut.entries
    )
    half = ' halfDomain="true"' if lut.half_domain else ""
    hue = ' hueAdjust="dw3"' if lut.hue else ""
    array = _array(columns, f"{len(columns)} {columns.shape[1]}")
    return f'<{kind} {DEPTHS}{half}{hue} interpolation="linear">\n{array}\n</{kind}>'


def _inverse_lut1d(node: InverseLut1D) -> Iterator[str]:
    lut = node.lut
    first, last = lut.first.tolist(), lut.last.tolist()
    yield _curves("InverseLUT1D", lut)
    if lut.half_domain or (first, last) == ([0.0] * 3, [1.0] * 3):
        return
    if len({*first}) == len({*last}) == 1:
        yield _moved(0.0, 1.0, first[0], last[0], "noClamp")
    else:
        yield from _matrix(Matrix(np.column_stack([np.diag(lut.last - lut.first), lut.first])))


def _knots(node: Knots) -> Iterator[str]:
    lut = even(node)
    if lut is None:
        raise LatticeError(
            "a CLF or CTF holds no curve through points of its own, but evenly spaced ones or ones at half floats; "
            "a .csp does"
        )
    yield from _lut1d(lut)


def even(node: Knots) -> Lut1D | None:
    """Return the Lut1D that is the same curve, entries rounded to float32; None if there is none: the x are neither
    evenly spaced, as many in each channel, nor half floats."""
    x = node.x
    if len({len(one) for one in x}) == 1 and all(
        np.abs(one - np.linspace(one[0], one[-1], len(one))).max() <= EVEN * (one[-1] - one[0]) for one in x
    ):
        ends = np.array([(one[0], one[-1]) for one in x])
        return Lut1D(np.stack(node.y, axis=-1), ends[:, 0], ends[:, 1])
    with np.errstate(over="ignore"):
        if not all((one.astype(np.float16) == one).all() for one in x):
            return None
    light = halves().astype(np.float64)
    entries = [np.interp(np.where(np.isnan(light), at[0], light), at, to) for at, to in zip(x, node.y, strict=True)]
    return Lut1D(np.stack(entries, axis=-1), half_domain=True)


def _cube(kind: str, lut: Lut3D) -> str:
    array = _array(lut.nodes, " ".join([str(lut.size)] * 3 + ["3"]))
    return f'<{kind} {DEPTHS} interpolation="{lut.interpolation}">\n{array}\n</{kind}>'


def _parameters(tag: str, columns: dict[str, NDArray[np.float64]], shared: str = "") -> str:
    """Return one element of parameters, or one of each channel where these differ."""
    rows = [" ".join(f'{name}="{float(values[k])!r}"' for name, values in columns.items()) + shared for k in range(3)]
    if len({*rows}) == 1:
        return f"<{tag} {rows[0]}/>"
    return "\n".join(f'<{tag} channel="{channel}" {row}/>' for channel, row in zip(CHANNELS, rows, strict=True))


def _log(node: Log) -> Iterator[str]:
    columns = {
        "logSideSlope": node.log_slope,
        "logSideOffset": node.log_offset,
        "linSideSlope": node.lin_slope,
        "linSideOffset": node.lin_offset,
    }
    style = node.style
    if node.lin_break is not None:
        columns["linSideBreak"] = node.lin_break
        style = "cameraLinToLog" if node.style == "linToLog" else "cameraLogToLin"  # type: ignore[assignment]
    if node.linear_slope is not None:
        columns["linearSlope"] = node.linear_slope
    parameters = _parameters("LogParams", columns, f' base="{node.base!r}"')
    yield f'<Log {DEPTHS} style="{style}">\n{parameters}\n</Log>'


def _exponent(node: Exponent) -> Iterator[str]:
    columns = {"exponent": node.exponent} | ({"offset": node.offset} if node.is_joined else {})
    yield f'<Exponent {DEPTHS} style="{node.style}">\n{_parameters("ExponentParams", columns)}\n</Exponent>'


def sop_and_sat(node: Cdl) -> str:
    """Return the SOPNode and SatNode of a CDL."""
    parts = {"Slope": node.slope, "Offset": node.offset, "Power": node.power}
    rows = (f"<{name}>{numbers_text(values)}</{name}>" for name, values in parts.items())
    saturation = f"<SatNode>\n<Saturation>{node.saturation!r}</Saturation>\n</SatNode>"
    return "\n".join(["<SOPNode>", *rows, "</SOPNode>", saturation])


def _cdl(node: Cdl) -> Iterator[str]:
    style = STYLE_NAMES[STYLES[node.is_clamped, node.is_inverse]]
    yield f'<ASC_CDL {DEPTHS} style="{style}">\n{sop_and_sat(node)}\n</ASC_CDL>'


WRITERS: dict[type[Node], Callable[[Any], Iterator[str]]] = {
    Matrix: _matrix,
    Range: _range,
    Lut1D: _lut1d,
    Knots: _knots,
    Lut3D: lambda node: iter([_cube("LUT3D", node)]),
    Log: _log,
    Exponent: _exponent,
    Cdl: _cdl,
    InverseLut1D: _inverse_lut1d,
    InverseLut3D: lambda node: iter([_cube("InverseLUT3D", node.lut)]),
}
