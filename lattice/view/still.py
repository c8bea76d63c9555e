"""One picture of a command: read once, and made smaller for the zoom that it is drawn at."""

from __future__ import annotations

from pathlib import Path

from lattice.files.storage import sequence
from lattice.regrade.options import Options
from lattice.regrade.process.memory_budget import Budget
from lattice.sdev import SDev
from lattice.types import LatticeError
from lattice.view.frames import Loaded, load, plan_reading
from lattice.view.plain import taking

SHOWN_ON = "sRGB"  # the display whose codes a picture file for people holds


def find_still(where: str, frame: int | None) -> Path:
    """Return the file of a path, or of a pattern and a frame, its first one if `frame` is None.

    Raises LatticeError if there is none, or a frame of a plain file is asked for.
    """
    if frame is not None and not sequence.is_pattern(where):
        raise LatticeError(f"{where}: frame: expected a pattern, such as in.####.exr, to take frame {frame} of")
    return sequence.find(where, None if frame is None else str(frame))[0].path


def read_still(path: Path, layer: str, view: str, options: Options) -> Loaded:
    """Read a frame that is not graded yet. layer, view: "" for the default.

    Raises LatticeError, one line, if it cannot be read, needs more memory than is free, or is graded.
    """
    reading = plan_reading(path, layer, view, options)
    if reading.header.graded_by is not None:
        raise LatticeError(
            f"{path}: expected a frame that is not graded yet, got one graded with "
            f"{reading.header.graded_by or 'an SDev'}; name the frame that it was made from"
        )
    Budget(options.memory).check(reading.bytes_needed, str(path))
    return load(reading)


def for_still(sdev: SDev, loaded: Loaded) -> SDev:
    """Return an SDev for a picture's light that gives sRGB codes.

    Raises LatticeError if the SDev's input primaries or its display are not known.
    """
    return taking(sdev, loaded.primaries).with_display(SHOWN_ON)
