"""An SDev's data as bytes for the user's cache: a line of JSON, then every array as it is.

It is read in a millisecond, where a CLF takes fifty. Nothing in it is run; the records check it as they check a file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lattice.types import HALF_CODES, Display, FilmStage, Lattice, LatticeError, SDevData, Step, Table

FORMAT = "lattice sdev 1"  # first words of the JSON; another number for another order or meaning of the bytes
HALF_TABLE = [HALF_CODES, 3]
Arrays = NDArray[Any]


def to_bytes(device: SDevData) -> bytes:
    """Return an SDev's data; `from_bytes` makes an equal one, bit for bit."""
    display, table = device.display, device.table
    steps = () if isinstance(table, Table) else table.steps
    told = {
        "format": FORMAT,
        "name": device.name,
        "facts": dict(device.provenance),
        "nodes": list(device.lattice.nodes.shape),
        "interpolation": device.lattice.interpolation,
        "display": [display.exponent, display.gamma, display.peak],
        "floor": None if isinstance(table, Table) else table.floor,
        "steps": [None if each.curves is None else list(each.curves.shape) for each in steps],
    }
    return json.dumps(told).encode() + b"\n" + b"".join(map(_little, _arrays(device)))


def _arrays(device: SDevData) -> Iterator[Arrays]:
    yield from (device.matrix, device.lattice.nodes, device.display.matrix)
    if isinstance(device.table, Table):
        yield device.table.values
        return
    for step in device.table.steps:
        yield step.matrix
        if step.curves is not None:
            yield step.curves


def _little(array: Arrays) -> bytes:
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()


def from_bytes(data: bytes) -> SDevData:
    """Return the data of `to_bytes`. Raises LatticeError for any other bytes."""
    head, _, body = data.partition(b"\n")
    try:
        told = json.loads(head)
        if told["format"] != FORMAT:
            raise LatticeError(f"expected {FORMAT}, got {told['format']!r:.60}")
        return _device(told, _Body(body))
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError, RecursionError, MemoryError) as error:
        raise LatticeError(f"no data of an SDev: {error}") from None


class _Body:
    """The arrays, taken one after the other."""

    def __init__(self, data: bytes) -> None:
        self._left = memoryview(data)

    def take(self, dtype: str, shape: list[int]) -> Arrays:
        """Return the next array. Raises ValueError if fewer bytes are left."""
        size = int(np.prod(shape, dtype=object)) * np.dtype(dtype).itemsize
        taken, self._left = self._left[:size], self._left[size:]
        return np.frombuffer(taken, dtype).reshape(shape)

    def end(self) -> None:
        """Raise ValueError if bytes are left."""
        if self._left:
            raise ValueError(f"{len(self._left)} bytes are left")


def _device(told: dict[str, Any], body: _Body) -> SDevData:
    matrix = body.take("<f8", [3, 3])
    lattice = Lattice(body.take("<f4", told["nodes"]), told["interpolation"])
    exponent, gamma, peak = told["display"]
    display = Display(exponent, body.take("<f8", [3, 3]), gamma, peak)
    table: Table | FilmStage
    if told["floor"] is None:
        table = Table(body.take("<f4", HALF_TABLE))
    else:
        steps = [
            Step(body.take("<f8", [3, 4]), None if shape is None else body.take("<f4", shape))
            for shape in told["steps"]
        ]
        table = FilmStage(told["floor"], tuple(steps))
    body.end()
    name, facts = told["name"], told["facts"]
    if not all(isinstance(text, str) for text in (name, *facts.values())):
        raise TypeError("a name or a fact is no text")
    return SDevData(name, matrix, table, lattice, display, facts)
