"""The status of a shot of a table: its frames are those of its input, its look and options those of its row."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from lattice.files.storage import sequence
from lattice.regrade.frame.request import Request
from lattice.regrade.sequence.missing import frames_asked
from lattice.regrade.show.plan import each_view
from lattice.regrade.show.status import Status, status_of
from lattice.regrade.show.table import Shot
from lattice.sdev import SDev, load
from lattice.types import LatticeError


def statuses_of(shots: Iterable[Shot], verify: bool = False) -> Iterator[Status]:
    """Yield the status of each shot, or of each of its views. verify: as for `status_of`."""
    looks: dict[str, SDev] = {}
    for shot, refusal in each_view(shots):
        yield status_of_shot(shot, looks, verify, refusal)


def status_of_shot(
    shot: Shot, looks: dict[str, SDev], verify: bool = False, refusal: LatticeError | None = None
) -> Status:
    """Return the status of a shot; if its look or its input cannot be read, a status with that fault.

    looks: SDevs by name, for the shots to come. verify: as for `status_of`. refusal: why its views cannot be found.
    """
    try:
        if refusal is not None:
            raise refusal
        if shot.sdev not in looks:
            looks[shot.sdev] = load(shot.sdev)
        request = Request.of(looks[shot.sdev], shot.options)
        return status_of(shot.target, _frames(shot), request, verify, shot.name)
    except LatticeError as error:
        return Status(shot.name, shot.target, shot.sdev, {}, {}, (), str(error))


def _frames(shot: Shot) -> list[int] | None:
    """Return the frames that the shot's input has, or None for a plain file."""
    found = sequence.find(shot.source, frames_asked(shot.source, shot.frames, shot.options.missing))
    skips = shot.options.missing == "skip"
    there = [each.frame for each in found if not skips or os.path.lexists(each.path)]
    return None if found[0].frame is None else [frame for frame in there if frame is not None]
