"""The bytes and the text of an SDev that the page's shader takes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from ctypes import Array, Structure
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lattice.interp import shader
from lattice.types import HALF_CODES, MOST_STEPS, SDevData, Table

PAGE = Path(__file__).with_name("page")
ALIGNMENT = 16  # bytes: arrays start at multiples of it
TABLE, CURVES = "table", "curves"
DEVICES = "uniform Device device_a, device_b;"
AGAIN = "#undef WORDS\n#undef OCTAVE"  # before the shared functions are there again


def shader_text(shared: str = "") -> str:
    """Return the page's fragment shader, in GLSL ES 3.0: words, the text that all engines share, and the viewer's.

    shared: `shader.text()` unless given. Its functions are there once for each side, A and B, and read their side's
    device as a uniform: software copies a struct of two hundred numbers for every call that it is passed to.
    """
    facts, functions = re.split(r"(?=SHADER Color make_color)", shared or shader.text(), maxsplit=1)
    words, looking = ((PAGE / f"{name}.glsl").read_text() for name in ("words", "looking"))
    return "\n".join(
        ("#version 300 es", words, facts, DEVICES, _of_side(functions, "a"), AGAIN, _of_side(functions, "b"), looking)
    )


def _of_side(functions: str, side: str) -> str:
    """Return the shared functions for one side; those of B have names that end in _b."""
    names = "|".join(set(re.findall(r"SHADER \w+ (\w+)\(", functions)))
    text = functions.replace("device.stages", f"STAGES_{side.upper()}")  # a constant, where one is defined
    text = _unrolled(text).replace("device.steps", f"STEPS_{side.upper()}")
    text = re.sub(r"device\.step\[(\d)\]\.curves", rf"CURVES_{side.upper()}(\1)", text)
    text = re.sub(r"\bdevice\b", f"device_{side}", text)
    text = re.sub(rf"\bDEVICE device_{side}(, )?", "", text)
    text = re.sub(rf"\b({names})\(device_{side}(, |(?=\)))", r"\1(", text)
    return text if side == "a" else re.sub(rf"\b({names})\(", r"\1_b(", text)


def _unrolled(text: str) -> str:
    """Return the text with the loop over the film stage's steps written out: software looks each number of a step up by
    its variable otherwise, and works through curves that a step has not."""
    head, body, tail = re.split(
        r"    for \(int i = 0; i < STEPS[^\n]*\n.*?device\.steps\) break;\n(.*?\n)    \}\n", text, flags=re.DOTALL
    )
    steps = (
        f"    if ({k} < device.steps) {{\n{body.replace('step[i]', f'step[{k}]')}    }}\n" for k in range(MOST_STEPS)
    )
    return "".join((head, *steps, tail))


def framed(header: Mapping[str, object], *arrays: NDArray[np.generic]) -> list[bytes | memoryview]:
    """Return the parts of a message: the header's length (4 bytes, little-endian), the header as JSON, padded so that
    what follows starts at a multiple of 16, and the arrays, whose memory is not copied. arrays: contiguous."""
    text = json.dumps(header).encode()
    text += b" " * (-(4 + len(text)) % ALIGNMENT)
    return [len(text).to_bytes(4, "little") + text, *(array.reshape(-1).view(np.uint8).data for array in arrays)]


def pack(device: SDevData, facts: Mapping[str, object]) -> bytes:
    """Return an SDev as the page takes it: a header, then float32 entries and nodes.

    facts: put into the header, beside `device` (the numbers of `Device` in pixel_shader.h), `table` (its kind, the half
    code of its first entry, the number of entries and of values in each), `size` and `tetrahedral`. Nodes are
    (size**3, 3).
    """
    numbers = shader.numbers(device)
    kind, first, entries = _entries(device, bool(numbers.stages & shader.SIGNED))
    nodes = np.ascontiguousarray(device.lattice.nodes.reshape(-1, 3), np.float32)
    header = {
        **facts,
        "device": _as_json(numbers),
        "table": {"kind": kind, "first": first, "count": len(entries), "columns": entries.shape[1]},
        "size": device.lattice.size,
        "tetrahedral": device.lattice.interpolation == "tetrahedral",
    }
    return b"".join(framed(header, entries, nodes))


def _entries(device: SDevData, is_signed: bool) -> tuple[str, int, NDArray[np.float32]]:
    """Return what the shader reads as TABLE or as CURVE: its kind, the first half code, (count, 1 to 3).

    is_signed: the table's negative halves are read, too; all of it is sent then.
    """
    memory = shader.table_memory(device)
    if not isinstance(device.table, Table):
        return CURVES, 0, np.ascontiguousarray(memory, np.float32)
    first, last = (0, HALF_CODES) if is_signed else shader.live_codes(device.table)
    live = memory[:, first : last + 2].T  # the shader reads one past the last
    same = bool((live == live[:, :1]).all())
    return TABLE, first, np.ascontiguousarray(live[:, :1] if same else live, np.float32)


def _as_json(number: object) -> object:
    if isinstance(number, Structure):
        return {name: _as_json(getattr(number, name)) for name, *_ in number._fields_}
    return [_as_json(each) for each in number] if isinstance(number, Array) else number
