"""Where looks and stocks are: names of shipped files, paths, what a file extends. No record checks them here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Literal

from lattice.errors import LatticeError, did_you_mean
from lattice.looks.toml_text import read_toml

Kind = Literal["profile", "stock"]
ALIASES = {"premiere": "premier"}
STOCKS = ("negative", "print")  # the fields of a profile that contain a stock
DENSITOMETRY = "densitometry.toml"  # beside the shipped looks: the instruments that all are built with
MOST_EXTENDS = 20
# The folder of the file being read; relative paths in the file start from it.
_folder: ContextVar[Path] = ContextVar("folder", default=Path())


@cache
def shipped() -> Path:
    """Return the folder of the shipped TOML: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    return next(p for p in (package / "profiles", package.parent / "profiles") if p.is_dir())


def profile_names() -> list[str]:
    """Return the names of the shipped profiles, sorted."""
    return sorted(path.stem for path in shipped().glob("*.toml") if path.name != DENSITOMETRY)


def stock_names() -> list[str]:
    """Return the names of the shipped stocks, sorted."""
    return sorted(path.stem for path in (shipped() / "stocks").glob("*.toml"))


def find(name: str | Path, kind: Kind, suffixes: str = ".toml") -> Path:
    """Return the path of a shipped name's file, or of a path that ends in .toml, relative to the file being read.

    suffixes: which files the caller takes, for the message. Raises LatticeError, with the names that exist, for any
    other name. The file is not checked.
    """
    text = str(name)
    names = profile_names() if kind == "profile" else stock_names()
    if text.lower().endswith(".toml") and "\0" not in text:
        path = _folder.get() / text
        if text[:-5] in names and not os.path.lexists(path):
            raise LatticeError(f"{path}: expected a file, got none; the shipped one is named {text[:-5]!r}")
        return path
    stem = ALIASES.get(text, text)
    if stem not in names:
        raise LatticeError(_no_name(text, kind, names, suffixes))
    return shipped() / ("stocks" if kind == "stock" else "") / f"{stem}.toml"


def _no_name(text: str, kind: Kind, names: list[str], suffixes: str) -> str:
    """Return what is wrong with a name, and what to write instead."""
    if kind == "profile" and text in stock_names():
        return f"{text!r} is a stock, not a look; negative or print names it"
    if kind == "stock" and text in (*profile_names(), *ALIASES):
        return f'{text!r} is a look, not a stock; extends = "{text}" above the first [table] of a file starts from it'
    if kind == "profile" and text.lower().endswith(".clf"):
        return f"{text}: a .clf is built already; expected a look's name or its .toml"
    what = "look" if kind == "profile" else "stock"
    beside = None
    with suppress(OSError, ValueError):  # a text that no file can have as its name
        if text and (_folder.get() / text).is_dir():
            return f"{text}: is a folder; expected a {what}'s name or a file ending in {suffixes}"
        beside = next((text + end for end in suffixes.split(" or ") if (_folder.get() / (text + end)).is_file()), None)
    meant = f"; did you mean {beside!r}?" if beside else did_you_mean(text, names)
    return f"no {what} named {text!r}; expected {', '.join(names)}, or a file ending in {suffixes}{meant}"


def real(path: Path) -> Path:
    """Return the absolute path without links. A circle of links stays, so that reading the file names it, and so does
    a name that no file can have."""
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError):
        return path


@contextmanager
def inside(path: Path) -> Iterator[None]:
    """Within the block, make relative paths start from the folder of `path`."""
    token = _folder.set(path.parent)
    try:
        yield
    finally:
        _folder.reset(token)


def ancestors(path: Path, kind: Kind) -> Iterator[Path]:
    """Yield a file, the file that it extends, and so on, at most MOST_EXTENDS more. Raises LatticeError as `find`."""
    for _ in range(MOST_EXTENDS + 1):
        path = real(path)
        yield path
        base = read_toml(path).get("extends")
        if not isinstance(base, str):
            return
        with inside(path):
            path = find(base, kind)
