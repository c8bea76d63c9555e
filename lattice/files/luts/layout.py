"""The text that writers of LUTs lay out: rows, numbers, and the sentence that refuses what a format does not hold."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lattice.errors import LatticeError
from lattice.process_list import Lut1D, ProcessList

BLOCK = 2**16  # rows that are formatted at once
TINY = float(np.finfo(np.float32).tiny)  # OpenColorIO refuses a file with smaller numbers


def rows(values: NDArray[np.float32] | NDArray[np.float64]) -> str:
    """Return the lines of numbers (n, columns): nine digits, which give float32 back bit for bit.

    Numbers below the smallest normal float32 become 0.
    """
    held = np.where(np.abs(values) < TINY, np.copysign(0, values), values)
    return _lines(held, " ".join(["%.9g"] * values.shape[1]))


def whole_rows(values: NDArray[np.integer]) -> str:
    """Return the lines of whole numbers (n, columns)."""
    return _lines(values, " ".join(["%d"] * values.shape[1]))


def _lines(values: NDArray[np.generic], row: str) -> str:
    blocks = (values[at : at + BLOCK] for at in range(0, len(values), BLOCK))
    return "".join(f"{row}\n" * len(block) % tuple(block.ravel().tolist()) for block in blocks)


def red_fastest(nodes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return nodes (n, n, n, 3), indexed [r, g, b], as rows (n^3, 3), red fastest."""
    return nodes.transpose(2, 1, 0, 3).reshape(-1, 3)


def from_red_fastest(found: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Return rows (n^3, 3), red fastest, as nodes (n, n, n, 3), indexed [r, g, b]."""
    return found.reshape(size, size, size, 3).transpose(2, 1, 0, 3)


def numbers(values: ArrayLike) -> str:
    """Return numbers in one line, each the shortest text that gives the same float64."""
    return " ".join(repr(float(value)).removesuffix(".0") for value in np.ravel(values))


def text(*parts: str | Iterable[str]) -> bytes:
    """Return a file: parts that end with a line's end as they are, lines of a list with one each."""
    return "".join(part if isinstance(part, str) else "".join(f"{line}\n" for line in part) for part in parts).encode()


def comments(lines: Iterable[str]) -> list[str]:
    """Return comment lines with the mark #."""
    return [f"# {line}" for line in lines]


def not_held(process_list: ProcessList, holds: str) -> LatticeError:
    """Return the fault that a format does not hold a process list. holds: what it does hold."""
    names = ", ".join(type(node).__name__ for node in process_list.nodes)
    return LatticeError(f"expected {holds}, got {names or 'no process node'}")


def is_uniform(lut: Lut1D) -> bool:
    """True if a Lut1D has entries evenly spaced over one domain for all channels, and keeps no hue."""
    same_domain = (lut.first == lut.first[0]).all() and (lut.last == lut.last[0]).all()
    return bool(same_domain and not lut.half_domain and not lut.hue)


def is_over_unit(lut: Lut1D) -> bool:
    """True if a Lut1D has entries evenly spaced over [0, 1], and keeps no hue."""
    return bool(is_uniform(lut) and lut.first[0] == 0 and lut.last[0] == 1)


def is_one_curve(lut: Lut1D) -> bool:
    """True if all channels of a Lut1D have the same entries."""
    return bool((lut.entries == lut.entries[:, :1]).all())


def codes(values: NDArray[np.float32], largest: int, what: str) -> NDArray[np.int64]:
    """Return values as whole codes from 0 to `largest`, each within half a code. what: the format, for the message.

    Raises LatticeError for values beyond [0, 1].
    """
    found = np.rint(values.astype(np.float64) * largest)
    if found.min() < 0 or found.max() > largest:
        raise LatticeError(f"{what} holds values from 0 to 1, got {values.min():.6g} to {values.max():.6g}")
    return found.astype(np.int64)
