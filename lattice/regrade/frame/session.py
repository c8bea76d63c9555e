"""The device of a run, ready for every frame's pixels, and what the frames in hand share."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from lattice.files.exr.file import IO
from lattice.regrade.frame.header import display_chromaticities
from lattice.regrade.process.memory_budget import Budget

if TYPE_CHECKING:
    from lattice.sdev import SDev
    from lattice.sdev.engines import Engine


class Grader:
    """The device of a run, made ready once for each set of input primaries that the run meets.

    memory: bytes that the frames in hand may take together; None as for `Budget`. Shared by threads. Raises
    LatticeError where the device's output chromaticities are not 8 numbers, or no engine can run it.
    """

    def __init__(self, sdev: SDev, engine: Engine = "auto", memory: int | None = None) -> None:
        self.sdev, self.engine, self.budget = sdev, engine, Budget(memory)
        self.io: IO = nullcontext
        self._ready: dict[str | tuple[float, ...], SDev] = {}
        self._lock = threading.Lock()
        display_chromaticities(sdev)
        sdev.prepare(engine)

    def sharing(self, io: IO) -> Grader:
        """The same, which reads and writes only while it holds what `io` gives."""
        shared = Grader(self.sdev, self.engine, self.budget.limit)
        shared.io = io
        return shared

    def __reduce__(self) -> tuple[Any, ...]:
        return Grader, (self.sdev, self.engine, self.budget.limit)

    def taking(self, pixels: str | tuple[float, ...]) -> SDev:
        """The device for pixels of these primaries, a name or 8 chromaticities. Raises what `with_input` raises."""
        with self._lock:
            if pixels not in self._ready:
                self._ready[pixels] = self.sdev.with_input(pixels)
                self._ready[pixels].prepare(self.engine)
            return self._ready[pixels]
