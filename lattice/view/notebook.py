"""What `lattice.view(image, sdev=...)` returns: the viewer for a notebook, or a picture where it cannot run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lattice.channels.input import Primaries
from lattice.color.primaries import REC709
from lattice.looks import Profile
from lattice.regrade.options import Options
from lattice.sdev import SDev
from lattice.sdev.arrays import is_on_gpu
from lattice.types import LatticeError
from lattice.view.desk import Desk, Held
from lattice.view.frames import read_headers
from lattice.view.kept import Frames
from lattice.view.notebook_arrays import ArrayFrames
from lattice.view.notebook_slots import GivenSlots, Look
from lattice.view.notebook_still import Still
from lattice.view.pool import Pool
from lattice.view.references import Reference
from lattice.view.session import USUAL
from lattice.view.shots import check_layer, find_shot

if TYPE_CHECKING:
    from lattice.view.notebook_widget import Viewer

MEMORY = 256 * 2**20  # bytes of pictures of files that are kept, and of frames in reading
HINT = "pip install anywidget makes this picture a viewer: slots, wipe, probe, curves"
THREADS = 4  # requests of the page that are worked on at a time


def show(
    image: Any, sdev: Look | Sequence[Look] | None = None, input: str | None = None, layer: str | None = None
) -> Viewer | Still:
    """Do `lattice.view`."""
    if not isinstance(input, str | None):
        raise LatticeError(f"input: expected the name of a color space, such as 'LogC3', got {input!r:.60}")
    try:
        still = _still(image, sdev, Options(input=input), layer)
    except LatticeError as error:
        raise LatticeError(str(error).removeprefix("--")) from None  # a message for the command line
    try:
        from lattice.view.notebook_widget import Viewer
    except ImportError:
        still.hint = HINT
        return still
    return Viewer(still)


def _still(image: Any, sdev: Look | Sequence[Look] | None, options: Options, layer: str | None) -> Still:
    looks = _row(sdev)
    slots = GivenSlots(looks)
    frames = _frames(image, slots, options, layer)
    desk = Desk(frames, slots, Pool(THREADS, "notebook"), layer or "")
    return Still(desk, 1 if sdev is None else len(looks))


def _row(looks: Look | Sequence[Look] | None) -> Sequence[Look]:
    """Return one or more looks as a row."""
    if looks is None:
        return USUAL
    if isinstance(looks, str | os.PathLike | SDev | Profile):
        return [looks]
    if not isinstance(looks, list | tuple) or not looks:
        raise LatticeError(f"sdev: expected a look's name, an SDev, a Profile, or a list of them, got {looks!r:.60}")
    return looks


def _frames(image: Any, slots: GivenSlots, options: Options, layer: str | None) -> Held:
    """Return the frames of a path, paths, an array or arrays."""
    each = list(image) if isinstance(image, list | tuple) else [image]
    if each and all(isinstance(one, str | os.PathLike) for one in each):
        shots = [find_shot(os.fsdecode(one), lambda path: read_headers(path, options)) for one in each]
        check_layer(layer, shots[0])
        return Frames(shots, MEMORY, options)
    if not each or not all(isinstance(one, np.ndarray) or is_on_gpu(one) for one in each):
        raise LatticeError(
            f"image: expected an array, a path such as in.####.exr, or a list of either, got {_kinds(each)}"
        )
    if layer is not None:
        raise LatticeError(f"layer: expected none for an array, got {layer!r:.60}")
    return ArrayFrames(each, options, options.input or taken(slots.sdev(Reference(1))))


def _kinds(each: list[Any]) -> str:
    return ", ".join(dict.fromkeys(type(one).__name__ for one in each)) or "an empty list"


def taken(sdev: SDev) -> Primaries:
    """Return what an SDev's `apply` takes: an input, or x, y of its primaries; Rec.709 where it is not known."""
    if sdev.codes is not None:
        return sdev.codes.name
    name = sdev.provenance.get("input", REC709.name)
    return name if name[:1].isalpha() else tuple(map(float, name.split()))
