"""Write the process nodes of a CLF as XML, and those of a film stage; read these back."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from lattice.files.clf_nodes import CHILDREN, array, expect, expect_node, number
from lattice.types import HALF_CODES, FilmStage, LatticeError, Pixels, Step, held_halves

DEPTHS = 'inBitDepth="32f" outBitDepth="32f"'
CLIP = [0.0, 1.0, 0.0, 1.0]  # a Range's values, in the order of CHILDREN
# The nodes of a film stage, by the first word of their names; a number follows that of a step.
KINDS = {"log": "LUT1D", "step": "Matrix", "curves": "LUT1D", "hold": "Range"}


def numbers_text(values: Pixels) -> str:
    """Format rows of numbers so that they read back to the same bits."""
    rows = np.atleast_2d(values).astype(values.dtype).tolist()
    if values.dtype == np.float32:
        return "\n".join(" ".join(f"{x:.9g}" for x in row) for row in rows)
    return "\n".join(" ".join(repr(x) for x in row) for row in rows)


def matrix_node(name: str, matrix: NDArray[np.float64]) -> str:
    rows, columns = matrix.shape
    return (
        f'<Matrix name="{name}" {DEPTHS}>\n<Array dim="{rows} {columns}">\n{numbers_text(matrix)}\n</Array>\n</Matrix>'
    )


def exponent_node(name: str, style: str, exponent: float, offset: float | None = None) -> str:
    more = "" if offset is None else f' offset="{offset!r}"'
    return (
        f'<Exponent name="{name}" {DEPTHS} style="{style}">\n'
        f'<ExponentParams exponent="{float(exponent)!r}"{more}/>\n</Exponent>'
    )


def range_node(name: str) -> str:
    """Return a Range that holds values to [0, 1]."""
    limits = "\n".join(f"<{child}>{value:g}</{child}>" for child, value in zip(CHILDREN["Range"], CLIP, strict=True))
    return f'<Range name="{name}" {DEPTHS}>\n{limits}\n</Range>'


def curve_node(name: str, columns: NDArray[np.float32], half_domain: bool = False, about: str = "") -> str:
    """Return a LUT1D of entries (n, 1 or 3): of every half float, or evenly spaced over [0, 1]. about: its
    Description."""
    told = f"<Description>{about}</Description>\n" if about else ""
    domain = ' halfDomain="true"' if half_domain else ""
    return (
        f'<LUT1D name="{name}" {DEPTHS}{domain} interpolation="linear">\n{told}'
        f'<Array dim="{len(columns)} {columns.shape[1]}">\n{numbers_text(columns)}\n</Array>\n</LUT1D>'
    )


def expect_clip(node: ElementTree.Element) -> None:
    """Raise LatticeError unless a Range holds values to [0, 1]."""
    limits = [number(node.findtext(f"{{*}}{name}"), f"{node.get('name')} {name}") for name in CHILDREN["Range"]]
    if limits != CLIP:
        raise LatticeError(f"{node.get('name')}: expected the Range {CLIP}, got {limits}")


def stage_nodes(stage: FilmStage) -> Iterator[str]:
    """Yield the nodes of a film stage: a LUT1D of logarithms, then a Matrix and a LUT1D, or a Range, for each step."""
    yield curve_node("log", _logs(stage.floor)[:, None], half_domain=True)
    for k, step in enumerate(stage.steps, 1):
        yield matrix_node(f"step {k}", step.matrix)
        if step.curves is None:
            yield range_node(f"hold {k}")
            continue
        entries = step.curves.shape[1]
        passing = [_straight(entries)] * (3 - len(step.curves))
        yield curve_node(f"curves {k}", np.stack([*passing, *step.curves], axis=-1))


def read_stage(nodes: list[ElementTree.Element]) -> FilmStage:
    """Return the film stage of these nodes. Raises LatticeError if they are none."""
    words = [str(node.get("name")).split()[0] for node in nodes]
    for node, word in zip(nodes, words, strict=True):
        expect_node(node, KINDS[word])
    logs = array(nodes[0], np.float32, (HALF_CODES, 1))[:, 0]
    expect(nodes[0], "halfDomain", "true")
    with np.errstate(all="ignore"):  # of a number that is no half
        floor = float(np.exp2(logs[0].astype(np.float64)).astype(np.float16))
        are_logs = np.array_equal(logs, _logs(floor))
    if not are_logs:
        raise LatticeError("log: expected the logarithm to base 2 of light held to a floor, got another curve")
    steps = [
        Step(array(one, np.float64, (3, 4)), _curves(other, is_last=other is nodes[-1]))
        for one, other in zip(nodes[1::2], nodes[2::2], strict=True)
    ]
    return FilmStage(floor, tuple(steps))


def _curves(node: ElementTree.Element, is_last: bool) -> Pixels | None:
    if str(node.tag).endswith("Range"):
        expect_clip(node)
        return None
    if node.get("halfDomain") is not None:
        raise LatticeError(f"{node.get('name')}: expected curves over [0, 1], got a half domain")
    columns = np.ascontiguousarray(array(node, np.float32, (None, 3)).T)
    if is_last:
        return columns
    if not np.array_equal(columns[0], _straight(columns.shape[1])):
        raise LatticeError(f"{node.get('name')}: expected a first curve that passes its values, got another")
    return columns[1:]


def _straight(entries: int) -> NDArray[np.float32]:
    return np.linspace(0, 1, entries, dtype=np.float32)


def _logs(floor: float) -> NDArray[np.float32]:
    """Return log2 of every half float, held from `floor` to 65504; of NaN and negatives that of `floor`."""
    return np.log2(np.maximum(held_halves(), floor)).astype(np.float32)
