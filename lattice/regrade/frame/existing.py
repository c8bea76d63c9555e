"""A file that is already at an output: graded by this request, by another, or not made by this program at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from lattice.files.exr import file as exr
from lattice.files.frame import STAMP, stamps_in
from lattice.files.images import file as images
from lattice.files.images.formats import format_of
from lattice.files.images.header import STAMP as NOTE
from lattice.files.storage.read import json_object
from lattice.regrade.frame.request import REQUEST, SHORT, Request
from lattice.regrade.frame.still import note_name
from lattice.regrade.options import Options


class Obstacle(NamedTuple):
    """Why a file must not be replaced unasked. flag: the option that allows it. what: was done, for people; begins with
    a verb."""

    flag: str
    what: str


FOREIGN = Obstacle("--overwrite", "not made by lattice")


def obstacle(target: Path, request: Request, options: Options, made_here: Callable[[str], bool]) -> Obstacle | None:
    """Return what forbids to grade into `target`; None if it is free, or made by this request.

    Reads a header, no pixel. made_here: is asked whether this program wrote a file of this name, where its header
    cannot be read.
    """
    try:
        if not os.path.lexists(target) or os.stat(target).st_size == 0:
            return None
    except OSError:  # a link to nothing
        return None
    try:
        found = difference(target, request, options.deep == "pass")
    except Exception:  # no header that can be read, whatever is odd about it
        found = None if made_here(target.name) else FOREIGN
    if found is None or (found == FOREIGN and options.overwrite):
        return None
    return None if found != FOREIGN and (options.replace or options.force) else found


def difference(target: Path, request: Request, may_be_deep: bool = True) -> Obstacle | None:
    """Return how a file differs from a frame of this request; None if it is one, whole or not.

    may_be_deep: a deep file, which has no stamp, may be the copy that was asked for. Raises LatticeError if the header
    cannot be read.
    """
    if format_of(target) is not None:
        return _by_note(images.read_note(target), request)
    headers = exr.read_headers(target, deep=True)
    header = headers[0]
    if header.graded_by is None:
        return None if may_be_deep and any(each.deep for each in headers) else FOREIGN
    sha256, told = header.text(STAMP + "sha256") or "", header.text(STAMP + REQUEST)
    differences = request.differences(json_object(told)) if told else ""
    if sha256 != request.sha256:
        return _other(header.text(STAMP + "name") or "an SDev", sha256[:SHORT], request, differences)
    return Obstacle("--replace", f"graded with {differences}") if differences else None


def facts_in(target: Path) -> Mapping[str, object]:
    """Return what a file says of its grade, by name; nothing of a Cineon. Raises LatticeError if it cannot be read."""
    if format_of(target) is not None:
        return json_object(images.read_about(target))
    return stamps_in(exr.read_headers(target)[0])


def _by_note(note: str, request: Request) -> Obstacle | None:
    stamp = NOTE.fullmatch(note)
    if stamp is None:
        return FOREIGN
    if stamp["as"] == f" as:{request.digest}":
        return None
    if stamp["name"] == note_name(request.name):
        if stamp["as"] is None:  # of an older version, which wrote the name alone
            return None
        return Obstacle("--replace", f"graded with another {stamp['name']}, or other options")
    return _other(stamp["name"], "", request)


def _other(name: str, digest: str, request: Request, differences: str = "") -> Obstacle:
    why = f" ({differences})" if differences else ""
    return Obstacle("--replace", f"graded with {f'{name} {digest}'.strip()}, not {request.look}{why}")
