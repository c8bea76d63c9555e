"""Stereo sequences in files of their own: `shot.%V.####.exr`, as in Nuke."""

from __future__ import annotations

import glob
import os
import re

from lattice.files.storage.sequence import FRAME_FIELD
from lattice.types import LatticeError

VIEWS = {"%V": "[A-Za-z0-9]+", "%v": "[A-Za-z0-9]"}  # a view's name; its first letter
FIELD = re.compile("%[Vv]")


def views_of(pattern: str | os.PathLike[str]) -> tuple[str, ...]:
    """Return the views whose files are on disk, sorted; none if the pattern has no `%V` and no `%v`.

    Raises LatticeError if it has both, or there is no such file.
    """
    text = os.fspath(pattern)
    kinds = set(FIELD.findall(text))
    if not kinds or os.path.lexists(text):
        return ()
    if len(kinds) > 1:
        raise LatticeError(f"{text}: expected %V, a view's name, or %v, its first letter, got both")
    (kind,) = kinds
    folder, name = os.path.split(text)
    plain = os.path.join(folder, FRAME_FIELD.sub("\0", name))
    first, *others = re.escape(plain).replace("\0", "-?[0-9]+").split(kind)
    ours = re.compile(f"{first}(?P<view>{VIEWS[kind]})" + "(?P=view)".join(others), re.DOTALL)
    found = glob.iglob(glob.escape(plain).replace(kind, "*").replace("\0", "*"))
    views = sorted({match["view"] for match in map(ours.fullmatch, found) if match})
    if not views:
        raise LatticeError(f"{text}: expected files of a view, such as {text.replace(kind, 'left')}, got none")
    return tuple(views)


def of_view(pattern: str | os.PathLike[str], view: str) -> str:
    """Return the pattern of one view's files. Raises LatticeError if the pattern has no place for the view."""
    text = os.fspath(pattern)
    if not FIELD.search(text):
        raise LatticeError(f"{text}: expected %V or %v for the view, as IN has, got none")
    return FIELD.sub(lambda found: view if found[0] == "%V" else view[:1], text)
