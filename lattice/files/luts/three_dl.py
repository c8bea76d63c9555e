"""The .3dl files of Discreet's Flame and Lustre: an optional 1D shaper and a 3D LUT, in whole numbers, blue fastest.

The bit depth is guessed from the largest number, as OpenColorIO 2.6 does; a line Mesh does not count.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lattice.errors import LatticeError
from lattice.files.luts import layout, notes
from lattice.files.luts.format import LutFormat
from lattice.files.luts.line import Line
from lattice.files.luts.text import Lines
from lattice.process_list import MOST_SIZE, Lut1D, Lut3D, Node, ProcessList

DEPTHS = {8: 2**9, 10: 2**11, 12: 2**13}  # bits: what all numbers are below; 16 bits above. Source: OpenColorIO 2.6
LEAST = 128  # of a largest number: a smaller one is of another format
MOST = 2**17  # what all numbers are below
NEAR = 2  # codes by which a shaper may differ from a straight line that passes colors as they are
SHAPER_BITS = 10
LONGEST_LINE = 4000  # characters that OpenColorIO reads
BITS = (10, 12, 16)
HOLDS = "a .3dl, which holds one LUT3D, behind a LUT1D over 0..1 with one curve for all channels or not"


def parse(data: bytes) -> ProcessList:
    """Return the process list of a .3dl file: a Lut3D, behind a Lut1D if there is a shaper that changes colors."""
    lines = Lines(data)
    shaper: list[int] | None = None
    while (line := lines.peek()) and not (line.words[0].isdigit() and len(line.words) <= 3):
        if line.words[0].isdigit():
            if shaper is not None:
                raise line.fault("one shaper")
            shaper = line.whole(0, MOST - 1, count=len(line.words))
        else:
            _keyword(line)
        lines.take("rows")
    start = lines.number
    rows = lines.rows(3, MOST_SIZE**3, whole=True)
    size = round(len(rows) ** (1 / 3))
    if len(rows) != size**3 or size < 2:
        raise LatticeError(f"line {start}: expected the rows of a cube, such as {17**3:,}, got {len(rows):,}")
    if rows.min() < 0 or rows.max() >= MOST:
        worst = (rows < 0) | (rows >= MOST)
        raise lines.row_fault(int(worst.any(axis=1).argmax()), f"whole numbers from 0 to {MOST - 1:,}")
    while line := lines.peek():
        _keyword(lines.take(line.text))
    nodes: list[Node] = [] if shaper is None else _shaper(np.array(shaper, np.float32))
    cube = Lut3D((rows / _largest(rows)).astype(np.float32).reshape(size, size, size, 3))
    return notes.process_list([*nodes, cube], lines.comments)


def _keyword(line: Line) -> None:
    """Raise LatticeError unless a line is one that files of Lustre have."""
    word = line.words[0].casefold()
    if word == "mesh":
        line.whole(1, 16, count=2, after=1)
    elif word == "gamma":
        if line.numbers(1, after=1) != [1.0]:
            raise line.fault("gamma 1.0")
    elif word not in ("3dmesh", "lut8", "lut10", "lut12", "lut16") or len(line.words) > 1:
        raise line.fault("whole numbers, 3DMESH, Mesh, LUT8 or gamma 1.0")


def _largest(numbers: NDArray[np.float32]) -> int:
    """Return the largest code of the bit depth that the largest number tells."""
    largest = numbers.max()
    if largest < LEAST:
        raise LatticeError(f"expected a largest number of at least {LEAST}, got {largest:g}: this is no .3dl")
    return 2 ** next((bits for bits, end in DEPTHS.items() if largest < end), 16) - 1


def _shaper(numbers: NDArray[np.float32]) -> list[Node]:
    largest = _largest(numbers)
    if (np.abs(numbers - np.linspace(0, largest, len(numbers))) < NEAR).all():
        return []
    return [Lut1D(np.repeat(numbers[:, None] / np.float32(largest), 3, axis=1))]


def write(process_list: ProcessList, bits: int = 16) -> bytes:
    """Return a .3dl file as Flame's: a line of shaper, then rows of 10, 12 or 16 `bits`, each within half a code.

    Raises LatticeError for a process list of another shape, for values beyond 0..1, and for a LUT without a value in
    the upper half, whose bit depth readers would guess wrongly.
    """
    match process_list.nodes:
        case (Lut3D() as cube,):
            shaper = np.rint(np.linspace(0, 2**SHAPER_BITS - 1, cube.size)).astype(np.int64)
        case (Lut1D() as lut, Lut3D() as cube) if layout.is_over_unit(lut) and layout.is_one_curve(lut):
            shaper = _codes(lut.entries[:, 0], bits)
        case _:
            raise layout.not_held(process_list, HOLDS)
    line = layout.numbers(shaper)
    if len(line) > LONGEST_LINE or (len(process_list.nodes) == 2 and len(shaper) < 4):
        raise LatticeError(
            f"a .3dl holds a shaper of 4 entries to {LONGEST_LINE:,} characters, got {len(shaper):,} entries"
        )
    rows = layout.whole_rows(_codes(cube.nodes.reshape(-1, 3), bits))
    header = [line] if len(shaper) > 3 else []
    return layout.text(layout.comments(notes.of_list(process_list)), header, rows)


def _codes(values: NDArray[np.float32], bits: int) -> NDArray[np.int64]:
    if bits not in BITS:
        raise LatticeError(f"a .3dl has 10, 12 or 16 bits, got {bits}")
    found = layout.codes(values, 2**bits - 1, "a .3dl")
    if found.max() < 2 ** (bits - 1):
        raise LatticeError(
            f"a .3dl needs a value above 0.5, for readers guess its bit depth from the largest: got {values.max():.6g}"
        )
    return found


FORMAT = LutFormat("3dl", (".3dl",), parse, 2**26, write, is_exact=False)
