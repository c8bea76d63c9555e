"""An SDev whose data fit into a shader's text: its curves or its table at fewer places, straight lines between."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lattice.interp import shader
from lattice.shaders.numbers import float_text
from lattice.shaders.shared import Shared
from lattice.types import FilmStage, LatticeError, SDevData, Step, Table

# 64 KiB of constant memory. Source: CUDA C++ Programming Guide, "Technical Specifications per Compute Capability"; the
# least of OpenCL 1.2's CL_DEVICE_MAX_CONSTANT_BUFFER_SIZE.
MOST_FLOATS = 65536 // 4 - 256  # beside the numbers of the device, which are fewer than 256
LEAST_ENTRIES, MOST_SHIFT = 257, 6  # of a curve; the table's places are 2**6 half codes apart at most
A_LINE = 10  # numbers in a line of text


@dataclass(frozen=True)
class Constants:
    """What a text holds. numbers: of the device. table, nodes: float32, one after another.

    count, first: entries of a channel in the table, and the number of its first one; 0 of curves, each of which is
    followed by its last entry again. shift: the table's places are 2**shift half codes apart. left_out: for people.
    """

    numbers: shader.Numbers
    table: NDArray[np.float32]
    nodes: NDArray[np.float32]
    left_out: str = ""
    count: int = 0
    first: int = 0
    shift: int = 0

    def fields(self, suffix: str) -> dict[str, object]:
        """Return the fields of a frame that has data in its text. suffix: of a float."""
        return {
            "count": self.count,
            "first": self.first,
            "last_node": self.nodes.size // 3 - 1,
            "table": _lines(self.table, suffix),
            "nodes": _lines(self.nodes, suffix),
            "left_out": self.left_out,
        }


def constants(device: SDevData) -> Constants:
    """Return what a text holds of an SDev, as exact as fits into 64 KiB. Raises LatticeError if nothing does."""
    room = MOST_FLOATS - device.lattice.nodes.size
    table = device.table
    if shader.stages(device) & shader.SIGNED:
        raise LatticeError(
            f"{device.name}: expected a table with one entry for all negatives and NaN, which fits into a text's "
            "constants, got one with entries of their own, as --takes of codes makes it: leave --takes out and decode "
            "nothing before the shader, or choose a language with data files, such as glsl450 or hlsl"
        )
    found = _of_table(device, table, room) if isinstance(table, Table) else _of_stage(device, table, room)
    if found is None:
        raise LatticeError(
            f"{device.name}: expected a lattice and a table that fit into the 64 KiB of a text's constants, as 13^3 "
            f"does, got {device.lattice.size}^3; a language with data files beside its text takes it"
        )
    return found


def _of_table(device: SDevData, table: Table, room: int) -> Constants | None:
    first, last = shader.live_codes(table)
    for shift in range(MOST_SHIFT + 1):
        low, high = first >> shift, (last >> shift) + 2
        codes = np.minimum(np.arange(low, high) << shift, shader.LAST_CODE)
        if 3 * len(codes) <= room:
            says = (
                f"// Of the table each {1 << shift}th half's entry is here, with straight lines between."
                if shift
                else ""
            )
            values = table.values[codes].T.reshape(-1)
            nodes = device.lattice.nodes.reshape(-1)
            return Constants(shader.numbers(device), values, nodes, says, len(codes), low, shift)
    return None


def _of_stage(device: SDevData, table: FilmStage, room: int) -> Constants | None:
    steps, longest = table.steps, max(len(curve) for curve in _curves(table.steps))
    most = longest
    while sum(len(curve) + 1 for curve in _curves(steps)) > room:
        most = (most + 1) // 2
        if most < LEAST_ENTRIES:
            return None
        steps = tuple(_shorter(step, most) for step in steps)
    numbers = shader.numbers(replace(device, table=FilmStage(table.floor, steps)))
    before = 0
    for step in numbers.step:
        step.start += before
        before += step.curves
    values = np.concatenate([np.append(curve, curve[-1]) for curve in _curves(steps)])
    says = f"// Curves of {longest} entries have {most} here, with straight lines between." if most < longest else ""
    return Constants(numbers, values, device.lattice.nodes.reshape(-1), says)


def _curves(steps: Sequence[Step]) -> list[NDArray[np.float32]]:
    return [curve for step in steps if step.curves is not None for curve in step.curves]


def _shorter(step: Step, most: int) -> Step:
    """Return a step whose curves have `most` entries at most; where these are every second one, they stay the same."""
    if step.curves is None or step.curves.shape[1] <= most:
        return step
    before, after = (np.linspace(0, 1, count) for count in (step.curves.shape[1], most))
    curves = np.stack([np.interp(after, before, curve) for curve in step.curves])
    return Step(step.matrix, np.maximum.accumulate(curves.astype(np.float32), axis=1))


def _lines(values: NDArray[np.float32], suffix: str) -> str:
    """Return float32 numbers as the lines of an array's initial value."""
    texts = [float_text(float(value), suffix) for value in values]
    return ",\n".join(", ".join(texts[i : i + A_LINE]) for i in range(0, len(texts), A_LINE))


def with_constants(text: Shared, held: Constants) -> Shared:
    """Return the shared text for tables with places further apart, and curves with one entry more than it knows."""
    step = 1 << held.shift
    places = {
        "HALF_SHIFT": f"{13 + held.shift}",
        "HALF_MASK": f"{8192 * step - 1}",
        "HALF_SHARE": float_text(1 / (8192 * step)),
        "HALF_STEPS": float_text(2**24 / step),
    }
    facts = text.facts
    for name, value in places.items():
        facts = re.sub(rf"(#define {name}) \S+", rf"\1 {value}", facts)
    return Shared(facts, re.sub(r"(start \+=?) last \+ 1", r"\1 last + 2", text.functions))
