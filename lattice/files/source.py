"""Read a frame to grade from a file of any format: the parts of an EXR, or an image as one part."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import nullcontext

from lattice.color.inputs import encoded
from lattice.files.exr import file as exr
from lattice.files.frame import Frame, FrameHeader
from lattice.files.images import file as images
from lattice.files.images.formats import format_of
from lattice.files.storage.buffers import Room
from lattice.files.storage.read import DiskSlot
from lattice.types import LatticeError


def read_headers(path: str | os.PathLike[str], transfer: str = "auto", deep: bool = False) -> Sequence[FrameHeader]:
    """Read the headers of an EXR's parts, or the one header of an image, without pixels.

    transfer: key of TRANSFERS, or the name of an input, that decodes an image's code values; "auto" goes by the image's
        header. An EXR takes no key: it is linear, or keeps the codes of an input. deep: accept deep EXRs.
    Raises LatticeError, one line, if the file is refused.
    """
    if format_of(path) is not None:
        return (images.read_header(path, transfer),)
    if transfer != "auto" and encoded(transfer) is None:
        raise LatticeError(f"{path}: transfer: expected auto for an EXR, which holds linear light, got {transfer}")
    return exr.read_headers(path, deep)


def read_parts(
    path: str | os.PathLike[str],
    transfer: str = "auto",
    disk_slot: DiskSlot = nullcontext,
    room: Room | None = None,
    threads: int = 0,
) -> Sequence[Frame[FrameHeader]]:
    """Read the parts of an EXR, or an image as one part: R, G, B in scene-linear light, A as code / largest code.

    Codes of an input stay codes in an EXR and in an image whose header `stays_coded`.
    transfer: as for `read_headers`, but ignored for an EXR. disk_slot: held while bytes are read. room: as for
    `exr.read_parts`. threads: at most so many decode an EXR.
    Raises LatticeError if the file is refused or its pixels cannot be decoded.
    """
    if format_of(path) is None:
        return exr.read_parts(path, threads, disk_slot, room)
    return (images.read(path, transfer, disk_slot),)
