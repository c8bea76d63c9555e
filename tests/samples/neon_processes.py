"""Process nodes as `neon/processes.cpp` reads them, and what it writes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from native_samples import every_half, odd_floats

from lattice.interp import native, native_process, shader
from lattice.process_list import Lut3D, Node

SOME = 7  # every seventh pixel
ROOM = np.zeros(4, np.float32)  # to align a lattice's nodes in


def pictures() -> list[Any]:
    """The pictures that are given, (1, n, 4): halves, then floats; no n is a multiple of a block."""
    return [np.ascontiguousarray(each.reshape(1, -1, 4)[:, ::SOME]) for each in (every_half(), odd_floats())]


def write(nodes: Iterable[Node], target: Path) -> None:
    """Write pictures and nodes, as numbers of this machine: 64 bits and little-endian, as AArch64."""
    given = pictures()
    parts = [np.array([each.shape[1] for each in given], np.int64), *given]
    for node in nodes:
        kind, flags, count, numbers, data = native_process._PARTS[type(node)](node)
        room = (native_process.c_float * native_process.NUMBERS)(*numbers)
        cube = shader.padded_nodes(node.nodes) if isinstance(node, Lut3D) else np.empty(0, np.float32)
        device = native.Device(None, None, shader.Numbers(node.size) if isinstance(node, Lut3D) else shader.Numbers())
        values = np.empty(0, np.float32) if data is None else data
        sizes = np.array([values.size, cube.size], np.int64)
        parts += [sizes, bytes(native_process._Node(kind, flags, count, room)), bytes(device), values, cube, ROOM]
    target.write_bytes(b"".join(part if isinstance(part, bytes) else part.tobytes() for part in parts))


def read(source: Path, names: Iterable[str], sets: Iterable[str]) -> dict[tuple[str, str], list[Any]]:
    """Return the pictures (n, 4) of each node and set: of halves and of floats, each in halves and in floats."""
    data, at = source.read_bytes(), 0
    found: dict[tuple[str, str], list[Any]] = {}
    for key in product(names, sets):
        found[key] = []
        for picture, dtype in product(pictures(), (np.float16, np.float32)):
            found[key].append(np.frombuffer(data, dtype, picture.size, at).reshape(-1, 4))
            at += found[key][-1].nbytes
    assert at == len(data)
    return found
