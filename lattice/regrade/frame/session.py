"""What the frames of a run share: the SDev, ready for every frame's pixels, the options, memory and the disk."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING

from lattice.files.storage.read import DiskSlot
from lattice.regrade.frame.header import display_chromaticities
from lattice.regrade.options import Options
from lattice.regrade.process.memory_budget import Budget

if TYPE_CHECKING:
    from lattice.sdev import SDev

Primaries = str | tuple[float, ...]  # a name, or x, y of red, green, blue and white


class Session:
    """A run's SDev and options, prepared once for each set of input primaries that the run meets.

    options: `engine` is one that runs here; `memory` bounds the frames in hand together, as `Budget` explains.
    disk_slot: held around each reading and writing; by default nothing is bounded. Shared by threads. A pickled
    session is prepared again where it is unpickled, and bounds nothing there.
    Raises LatticeError where the SDev's output chromaticities are not 8 numbers, or no engine can run it.
    """

    def __init__(self, sdev: SDev, options: Options | None = None) -> None:
        self.sdev, self.options = sdev, options or Options()
        self.budget = Budget(self.options.memory)
        self.disk_slot: DiskSlot = nullcontext
        self._ready: dict[Primaries, SDev] = {}
        self._lock = threading.Lock()
        display_chromaticities(sdev)
        sdev.prepare(self.options.engine)

    def with_disk_slots(self, disk_slot: DiskSlot) -> Session:
        """The same session, which reads and writes only while it holds a slot."""
        bounded = Session(self.sdev, self.options)
        bounded.disk_slot = disk_slot
        return bounded

    def __reduce__(self) -> tuple[object, ...]:
        return Session, (self.sdev, self.options)

    def sdev_for(self, primaries: Primaries) -> SDev:
        """The SDev for pixels of these primaries. Raises what `SDev.with_input` raises."""
        with self._lock:
            if primaries not in self._ready:
                self._ready[primaries] = self.sdev.with_input(primaries)
                self._ready[primaries].prepare(self.options.engine)
            return self._ready[primaries]
