"""Stereo sequences in files of their own: `shot.%V.####.exr`, as in Nuke."""

from __future__ import annotations

import glob
import os
import re
import warnings
from collections.abc import Callable, Iterable, Sequence

from lattice.errors import LatticeWarning
from lattice.files.storage import listing
from lattice.files.storage.sequence import escaped, frame_fields, unescaped
from lattice.types import LatticeError

VIEWS = {"%V": "[A-Za-z0-9]+", "%v": "[A-Za-z0-9]"}  # a view's name; its first letter
LONGER = r"[\w-]+"  # what may be a view's name, too, or the name of another element
FIELD = re.compile(r"(?<!\\)%[Vv]")
VIEW, FRAME = "\0V", "\0F"  # the places in a name; no file's name has a NUL


def views_of(pattern: str | os.PathLike[str], named: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the views whose files are on disk, sorted; none if the pattern has no `%V` and no `%v`.

    named: views that the user named, of any letters; without them, names of letters and digits are found, and a warning
    tells which longer ones are not. Raises LatticeError if the pattern has both fields, or there is no such file.
    """
    text = os.fspath(pattern)
    kind = _kind(text)
    if kind is None:
        return ()
    short = "|".join([*map(re.escape, named if kind == "%V" else ()), VIEWS[kind]])
    views, every = _matched(text, short), found_views(text)
    longer = [view for view in every if view not in views]
    if longer and not named:
        taken = " ".join(f"--views {view}" for view in every)
        note = f"{text}: files of {' and '.join(longer)} are left out; {taken} takes them"
        if not views:
            raise LatticeError(note)
        warnings.warn(note, LatticeWarning, stacklevel=2)
    if not views:
        raise LatticeError(f"{text}: expected files of a view, such as {FIELD.sub('left', text)}, got none")
    return views


def found_views(pattern: str | os.PathLike[str]) -> tuple[str, ...]:
    """Return the views whose files are on disk, also those whose names have `_` or `-`; none without a field for it."""
    text = os.fspath(pattern)
    kind = _kind(text)
    return () if kind is None else _matched(text, LONGER if kind == "%V" else VIEWS[kind])


def of_view(pattern: str | os.PathLike[str], view: str) -> str:
    """Return the pattern of one view's files. Raises LatticeError if the pattern has no place for the view."""
    text = os.fspath(pattern)
    if not FIELD.search(text):
        raise LatticeError(f"{text}: expected %V or %v for the view, as IN has, got none")
    folder, name = os.path.split(text)

    def put(part: str, spelt: Callable[[str], str]) -> str:
        return FIELD.sub(lambda found: spelt(view if found[0] == "%V" else view[:1]), part)

    return os.path.join(put(folder, str), put(name, escaped))


def _marked(text: str) -> str:
    """Return a pattern's text with marks for its fields, and the letters themselves for those with a backslash."""
    folder, name = os.path.split(FIELD.sub(VIEW, text))
    parts, end = [], 0
    for field in frame_fields(name):
        parts.append(unescaped(name[end : field.start()]))
        end = field.end()
    return os.path.join(folder, FRAME.join([*parts, unescaped(name[end:])]))


def _kind(text: str) -> str | None:
    """Return the field of the view in a pattern, or None. Raises LatticeError if it has both."""
    kinds = set(FIELD.findall(text))
    if len(kinds) > 1:
        raise LatticeError(f"{text}: expected %V, a view's name, or %v, its first letter, got both")
    return None if not kinds or os.path.lexists(text) else kinds.pop()


def _matched(text: str, view: str) -> tuple[str, ...]:
    """Return the views of the files on disk, sorted. view: the regular expression of a view's name."""
    plain = _marked(text)
    first, *others = re.escape(plain).replace(FRAME, "-?[0-9]+").split(VIEW)
    ours = re.compile(f"{first}(?P<view>{view})" + "(?P=view)".join(others), re.DOTALL)
    return tuple(sorted({match["view"] for match in map(ours.fullmatch, _files(plain)) if match}))


def _files(plain: str) -> Iterable[str]:
    folder, name = os.path.split(plain)
    if VIEW not in folder:
        return (os.path.join(folder, found) for found in listing.names(folder, name.partition("\0")[0]))
    return glob.iglob(glob.escape(plain).replace(VIEW, "*").replace(FRAME, "*"))
