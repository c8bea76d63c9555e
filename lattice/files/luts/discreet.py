"""The .lut files of Discreet's Flame and Smoke: a 1D LUT in whole numbers, one table below the other.

65,536 entries are one for every half float. Values are codes of 8, 10, 12 or 16 bits, or the bits of half floats.
Source: OpenColorIO 2.6, which reads it so.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from lattice.errors import LatticeError
from lattice.files.luts import layout, notes
from lattice.files.luts.format import LutFormat
from lattice.files.luts.line import Line
from lattice.files.luts.text import Lines
from lattice.process_list import Lut1D, ProcessList

MOST_LENGTH = 65536
LENGTHS = (256, 1024, 4096)  # of 8, 10 and 12 bits
LARGEST_HALF = 0x7BFF  # bits of 65504
HALF, HALF_MAX = "65536f", 65504.0
HOLDS = "a Discreet .lut, which holds one LUT1D, over 0..1 or over the half floats"
_HEADER = re.compile(r"lut:\s+([134])\s+(\d{1,5})(?:\s+(\d{1,5}f?))?", re.IGNORECASE)


def is_it(data: bytes) -> bool:
    """True if the bytes begin, behind comments, as a Discreet LUT does: with LUT: or a number."""
    first = next((line for line in data[:10_000].split(b"\n") if line.strip() and not line.startswith(b"#")), b"")
    return bool(re.match(rb"\s*(lut:\s+\d|\d+\s*$)", first, re.IGNORECASE))


def parse(data: bytes) -> ProcessList:
    """Return the process list of a Discreet LUT: one Lut1D. A fourth table, of alpha, is left out.

    A file that does not say the depth of its values has that of its entries, unless a number is beyond: then half
    floats if all could be positive ones, else 16 bits. OpenColorIO takes it from the file's name.
    Infinities and NaN that half floats take to are held to the entry of the largest half, and to 0.
    """
    lines = Lines(data)
    line = lines.peek()
    count, length, depth = 1, 256, "256"  # without a header
    if line is None or not line.text.isdigit():
        line = lines.take("LUT: and the number of tables")
        if not (match := _HEADER.fullmatch(line.text)) or not 2 <= int(match[2]) <= MOST_LENGTH:
            raise line.fault(
                f"LUT:, 1, 3 or 4 tables, a length from 2 to {MOST_LENGTH:,} and the depth of values or none"
            )
        count, length, depth = int(match[1]), int(match[2]), (match[3] or "").casefold()
    codes = lines.exactly(1, count * length, whole=True)[:, 0]
    if codes.min() < 0 or codes.max() >= MOST_LENGTH:
        raise lines.row_fault(int(((codes < 0) | (codes >= MOST_LENGTH)).argmax()), "a code from 0 to 65,535")
    lines.finish()
    tables = codes.reshape(count, length)[:3]
    entries = _entries(np.broadcast_to(tables, (3, length)).T, depth or _depth(line, codes, length))
    return notes.process_list([Lut1D(entries, half_domain=length == MOST_LENGTH)], lines.comments)


def _depth(line: Line, codes: NDArray[np.float32], length: int) -> str:
    if length not in (*LENGTHS, MOST_LENGTH):
        raise line.fault("the depth of values behind the length, such as 65536")
    if codes.max() < length:
        return str(length)
    return HALF if codes.max() <= LARGEST_HALF else str(MOST_LENGTH)


def _entries(codes: NDArray[np.float32], depth: str) -> NDArray[np.float32]:
    """Return codes (n, 3) as values."""
    if depth != HALF:
        if depth not in map(str, (*LENGTHS, MOST_LENGTH)):
            raise LatticeError(f"expected a depth of 256, 1024, 4096, 65536 or 65536f, got {depth!r}")
        return codes / np.float32(int(depth) - 1)
    values = codes.astype(np.uint16).view(np.float16).astype(np.float32)
    if len(codes) == MOST_LENGTH:
        beyond = ~np.isfinite(np.arange(MOST_LENGTH, dtype=np.uint16).view(np.float16))
        values[beyond] = np.nan_to_num(values[beyond], nan=0.0, posinf=HALF_MAX, neginf=-HALF_MAX)
    if not np.isfinite(values).all():
        raise LatticeError("expected bits of finite half floats, got those of NaN or infinity")
    return values


def write(process_list: ProcessList) -> bytes:
    """Return a Discreet LUT: codes of 16 bits, each within half a code, or half floats where the entries are over the
    half floats or beyond 0..1, each rounded to the nearest.

    Raises LatticeError for a process list that is not one Lut1D over 0..1 or the half floats.
    """
    match process_list.nodes:
        case (Lut1D() as lut,) if lut.half_domain and not lut.hue:
            codes, depth = _half_bits(lut), HALF
        case (Lut1D() as lut,) if layout.is_over_unit(lut) and len(lut.entries) < MOST_LENGTH:
            is_unit = lut.entries.min() >= 0 and lut.entries.max() <= 1
            codes = layout.codes(lut.entries, MOST_LENGTH - 1, "a Discreet .lut") if is_unit else _half_bits(lut)
            depth = str(MOST_LENGTH) if is_unit else HALF
        case _:
            raise layout.not_held(process_list, f"{HOLDS}, fewer than {MOST_LENGTH:,} over 0..1")
    tables = codes[:, :1] if layout.is_one_curve(lut) else codes
    header = [f"LUT: {tables.shape[1]} {len(codes)} {depth}"]
    return layout.text(layout.comments(notes.of_list(process_list)), header, layout.whole_rows(tables.T.reshape(-1, 1)))


def _half_bits(lut: Lut1D) -> NDArray[np.int64]:
    if np.abs(lut.entries).max() > HALF_MAX:
        raise LatticeError(f"a Discreet .lut holds values up to {HALF_MAX:,.0f}, got {np.abs(lut.entries).max():g}")
    return lut.entries.astype(np.float16).view(np.uint16).astype(np.int64)


FORMAT = LutFormat("Discreet LUT", (".lut",), parse, 2**23, write, is_it, is_exact=False)
