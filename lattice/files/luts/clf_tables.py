"""Read the process nodes of a CLF or CTF that hold an Array: Matrix, LUT1D, LUT3D and the two inverses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lattice.files.luts.xml_tree import Element
from lattice.process_list import (
    LARGEST,
    MOST_ENTRIES,
    MOST_SIZE,
    InverseLut1D,
    InverseLut3D,
    Lut1D,
    Lut3D,
    Matrix,
    Node,
    Range,
)
from lattice.types import HALF_CODES, Interpolation

NOTES = ("description", "info", "comments", "inputdescriptor", "outputdescriptor", "id")  # for people
ALPHA = 3
FLAGS = {"true": "true", "": ""}  # a CLF says false by leaving it out
INTERPOLATIONS: dict[str, Interpolation] = {
    "trilinear": "trilinear",
    "default": "trilinear",
    "tetrahedral": "tetrahedral",
    "4pt tetrahedral": "tetrahedral",
}
_WHOLE = re.compile(r"\d{1,6}", re.ASCII)
_PAIR = re.compile(r"\s*([^\s@]+)\s*@\s*([^\s@]+)")


@dataclass(frozen=True)
class Version:
    """Which rules hold. ctf: of a CTF, (1, 7); a CLF has those of a CTF: up to CLF 2 those of 1.7, CLF 3 of 2.0."""

    ctf: tuple[int, int]
    is_clf: bool


@dataclass(frozen=True)
class Step:
    """A process node to be read. taken, given: the largest code of its input and output, 1 for floats."""

    element: Element
    taken: int
    given: int
    version: Version

    def children(self, *kinds: str) -> Iterator[Element]:
        """Yield the children of these kinds, and pass over unknown ones, as all hosts do. Raises LatticeError if a
        host's user can change the node."""
        for child in self.element.children:
            if child.kind == "dynamicparameter":
                raise child.fault(f"expected a {self.element.tag} of fixed numbers, got one that users change")
            if child.kind in kinds:
                yield child

    def only(self, *kinds: str) -> dict[str, Element]:
        """Return the children of these kinds by kind. Raises LatticeError if there are two of a kind."""
        found: dict[str, Element] = {}
        for child in self.children(*kinds):
            if child.kind in found:
                raise child.fault(f"expected one of {self.element.tag}, got two")
            found[child.kind] = child
        return found


def matrix(step: Step) -> Iterator[Node]:
    """Yield the Matrix of a node: 3x3, 3x4, or 4x4 and 4x5 whose alpha is not in the colors."""
    array, dim = _array(step)
    old = step.version.ctf <= (1, 2) and len(dim) == 3  # the third number counts colors; 4x4 has offsets as 3x4
    shape = tuple(dim[:2])
    if len(dim) not in (2, 3) or shape not in ((3, 3), (3, 4), (4, 4), (4, 5)) or dim[2:] not in ([], [3], [4]):
        raise array.fault(f"expected dim 3 3, 3 4, 4 4 or 4 5, got {_said(array)}")
    values = array.numbers(shape[0] * shape[1]).reshape(shape)
    if not old and shape[0] == ALPHA + 1:
        if values[:ALPHA, ALPHA].any():
            raise array.fault("expected colors without alpha, got a matrix that mixes alpha into them")
        values = np.delete(values, ALPHA, axis=1)
    whole = np.pad(values[:3], ((0, 0), (0, 4 - values.shape[1])))
    yield Matrix(whole * ([step.taken] * 3 + [1]) / step.given)


def lut1d(step: Step) -> Iterator[Node]:
    """Yield the Lut1D of a node, and before it the Range of an IndexMap, if it has one that counts."""
    lut = _curves(step, step.given)
    if (1, 4) < step.version.ctf < (2, 0):
        yield from _index_map(step, len(lut.entries))
    yield lut


def lut3d(step: Step) -> Iterator[Node]:
    """Yield the Lut3D of a node, and before it the Range of an IndexMap, if it has one that counts."""
    lut = _cube(step, step.given)
    if (1, 6) < step.version.ctf < (2, 0):
        yield from _index_map(step, lut.size)
    yield lut


def inverse_lut1d(step: Step) -> Iterator[Node]:
    """Yield the InverseLut1D of a node of a CTF, whose entries are codes of its input."""
    yield InverseLut1D(_curves(step, step.taken))


def inverse_lut3d(step: Step) -> Iterator[Node]:
    """Yield the InverseLut3D of a node of a CTF, whose entries are codes of its input."""
    yield InverseLut3D(_cube(step, step.taken))


def _array(step: Step) -> tuple[Element, list[int]]:
    """Return the first Array of a node, as OpenColorIO takes it, and the numbers of its dim."""
    array = next(step.children("array"), None)
    if array is None:
        raise step.element.fault("expected an Array, got none")
    words = array.attributes.get("dim", "").split(None, 5)
    if not all(_WHOLE.fullmatch(word) for word in words):
        raise array.fault(f"expected whole numbers in dim, got {_said(array)}")
    return array, [int(word) for word in words]


def _said(array: Element) -> str:
    return repr(array.attributes.get("dim", "")[:60])


def _scaled(values: NDArray[np.float64], largest: int) -> NDArray[np.float32]:
    # In float32, as OpenColorIO scales, so that the bits agree.
    with np.errstate(over="ignore"):
        scaled: NDArray[np.float32] = values.astype(np.float32) * np.float32(1 / np.float32(largest))
    return scaled


def _curves(step: Step, largest: int) -> Lut1D:
    element = step.element
    element.choice("interpolation", {"linear": "linear", "default": "linear"}, "linear")
    is_half, is_raw = (bool(element.choice(name, FLAGS, "")) for name in ("halfDomain", "rawHalfs"))
    hue = element.choice("hueAdjust", {"dw3": "dw3", "none": "none"}, "none") == "dw3"
    array, dim = _array(step)
    if len(dim) != 2 or not 2 <= dim[0] <= MOST_ENTRIES or dim[1] not in (1, 3):
        raise array.fault(f"expected dim 'N 1' or 'N 3' with N from 2 to {MOST_ENTRIES:,}, got {_said(array)}")
    if is_half and dim[0] != HALF_CODES:
        raise array.fault(f"expected {HALF_CODES:,} entries of a half domain, got {dim[0]:,}")
    values = array.numbers(dim[0] * dim[1], finite=not is_half)
    if is_raw:
        values = _halves(array, values)
    entries = np.broadcast_to(_scaled(values, largest).reshape(dim), (dim[0], 3))
    if is_half:
        entries = np.nan_to_num(entries, nan=0, posinf=LARGEST, neginf=-LARGEST)  # as OpenColorIO takes them
    return _made(array, Lut1D, entries, half_domain=is_half, hue=hue)


def _halves(array: Element, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the half floats whose bits the values are."""
    if not ((values >= 0) & (values < HALF_CODES) & (values == np.floor(values))).all():
        raise array.fault("expected bits of half floats, 0 to 65535, got other numbers")
    return values.astype(np.uint16).view(np.float16).astype(np.float64)


def _cube(step: Step, largest: int) -> Lut3D:
    method = step.element.choice("interpolation", dict(INTERPOLATIONS), "default")
    array, dim = _array(step)
    if len(dim) != 4 or dim[3] != 3 or len({*dim[:3]}) != 1 or not 2 <= dim[0] <= MOST_SIZE:
        raise array.fault(f"expected dim 'N N N 3' with N from 2 to {MOST_SIZE}, got {_said(array)}")
    values = array.numbers(dim[0] ** 3 * 3)
    return _made(array, Lut3D, _scaled(values, largest).reshape(dim), interpolation=method)


def _made(array: Element, kind: Any, *values: Any, **options: Any) -> Any:
    """Return a record; its LatticeError names the array's line."""
    try:
        return kind(*values, **options)
    except ValueError as error:
        raise array.fault(error) from None


def _index_map(step: Step, entries: int) -> Iterator[Range]:
    """Yield the Range that an IndexMap of two entries is; a CLF has had it up to version 2."""
    element = step.only("indexmap").get("indexmap")
    if element is None:
        return
    pairs = _PAIR.findall(element.text[:1000])
    if (
        len(pairs) != 2
        or element.attributes.get("dim", "").strip() != "2"
        or _PAIR.sub("", element.text[:1000]).strip()
    ):
        raise element.fault(f"expected an IndexMap of two entries, such as '64@0 940@1023', got {element.text[:40]!r}")
    (start, low), (end, high) = ([element.exact(word, "IndexMap") for word in pair] for pair in pairs)
    if not (start < end and low < high):
        raise element.fault("expected an IndexMap that rises, got one that does not")
    scale = (high - low) / (entries - 1) / ((end - start) / step.taken)
    offset = low / (entries - 1) - scale * start / step.taken
    yield Range(float(low / (entries - 1)), float(high / (entries - 1)), float(scale), float(offset))
