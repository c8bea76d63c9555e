"""How the page names SDevs, and the light that they take."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from lattice.channels.input import Primaries
from lattice.color.primaries import REC709
from lattice.errors import did_you_mean
from lattice.looks import profile_names
from lattice.types import LatticeError

MOST_SLOTS = 9
LONGEST = 64  # characters of a page's id
Canvas = Literal["srgb", "display-p3", "raw"]
Quality = Literal["rest", "drag"]


class Superseded(Exception):
    """A newer request of the same page made this one needless."""

    def __init__(self) -> None:
        super().__init__("a newer request of this page took its place")


@dataclass(frozen=True)
class Reference:
    """What the page calls an SDev. slot: 1 to 9; 0 is the scene without a look. look: a shipped one, in place of the
    slot's. changes: of the profile, None where it is not being edited. page: a random id of the tab."""

    slot: int
    look: str = ""
    changes: Mapping[str, Any] | None = None
    quality: Quality = "rest"
    canvas: Canvas = "srgb"
    page: str = ""

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Reference:
        """Return the reference in a JSON object. Raises LatticeError, "field: expected ...", if it is none."""
        slot, look, changes = told.get("slot"), told.get("look") or "", told.get("changes")
        quality, canvas, page = told.get("quality", "rest"), told.get("canvas", "srgb"), told.get("page") or ""
        if not isinstance(slot, int) or isinstance(slot, bool) or not 0 <= slot <= MOST_SLOTS:
            raise LatticeError(f"slot: expected 0 to {MOST_SLOTS}, got {slot!r:.40}")
        if look not in ("", *profile_names()):
            raise LatticeError(f"look: expected a shipped look, got {look!r:.40}" + did_you_mean(look, profile_names()))
        if changes is not None and not isinstance(changes, dict):
            raise LatticeError(f"changes: expected an object, got {changes!r:.40}")
        for name, value, words in (("quality", quality, get_args(Quality)), ("canvas", canvas, get_args(Canvas))):
            if value not in words:
                raise LatticeError(f"{name}: expected {' or '.join(words)}, got {value!r:.40}")
        if not isinstance(page, str) or len(page) > LONGEST:
            raise LatticeError(f"page: expected an id of up to {LONGEST} characters, got {page!r:.40}")
        return cls(slot, look, changes, quality, canvas, page)


class Inputs:
    """The inputs of all frames that were read, by number. Threads may share it."""

    def __init__(self) -> None:
        self._all: list[Primaries] = [REC709.name]
        self._lock = threading.Lock()

    def number(self, primaries: Primaries) -> int:
        """Return the number of an input; 0, Rec.709, for "", the input of graded frames."""
        with self._lock:
            if primaries and primaries not in self._all:
                self._all.append(primaries)
            return self._all.index(primaries) if primaries else 0

    def of(self, number: object) -> Primaries:
        """Return the input of a number. Raises LatticeError for any other value."""
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < len(self._all):
            raise LatticeError(f"input: expected a number that came with a frame, got {number!r:.40}")
        return self._all[number]
