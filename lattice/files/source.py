"""A frame to be graded, from a file of any format: an EXR's parts, or an image as one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import nullcontext

from lattice.files.exr import file as exr
from lattice.files.frame import Frame, FrameHeader
from lattice.files.images import file as images
from lattice.files.images.formats import format_of
from lattice.files.storage.read import DiskSlot
from lattice.types import LatticeError


def read_headers(path: str | os.PathLike[str], transfer: str = "auto", deep: bool = False) -> Sequence[FrameHeader]:
    """The headers of an EXR's parts, or the one of an image; no pixels are read.

    transfer: a key of TRANSFERS, what an image's code values are taken as; "auto" goes by what the file says. An EXR is
    always linear. deep: deep pixels are not refused. Raises LatticeError in one line where the file is refused.
    """
    if format_of(path) is not None:
        return (images.read_header(path, transfer),)
    if transfer != "auto":
        raise LatticeError(f"{path}: transfer: expected auto for an EXR, which holds linear light, got {transfer}")
    return exr.read_headers(path, deep)


def read_parts(path: str | os.PathLike[str], transfer: str = "auto",
               disk_slot: DiskSlot = nullcontext) -> Sequence[Frame[FrameHeader]]:
    """The parts of an EXR, or an image as one: R, G, B in scene-linear light, A as its codes over the largest.

    disk_slot: held while bytes are read. Raises as `read_headers` does, and where pixels cannot be decoded.
    """
    if format_of(path) is None:
        return exr.read_parts(path, disk_slot=disk_slot)
    return (images.read(path, transfer, disk_slot),)
