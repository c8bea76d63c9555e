"""Read the TOML of stocks and profiles: names, paths, aliases, `extends`."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from lattice.errors import did_you_mean
from lattice.looks.faults import faults
from lattice.looks.stock import Stock
from lattice.looks.toml_text import Values, read_toml
from lattice.types import LatticeError

Kind = Literal["profile", "stock"]
ALIASES = {"premiere": "premier"}
STOCKS = ("negative", "print")  # the fields of a profile that contain a stock
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
    return sorted(path.stem for path in shipped().glob("*.toml") if path.stem != "densitometry")


def stock_names() -> list[str]:
    """Return the names of the shipped stocks, sorted."""
    return sorted(path.stem for path in (shipped() / "stocks").glob("*.toml"))


def find(name: str | Path, kind: Kind) -> Path:
    """Return the path of a shipped name's file, or of a path that ends in .toml, relative to the file being read.

    Raises LatticeError, with the names that exist, for any other name. The file is not checked.
    """
    text = str(name)
    if text.lower().endswith(".toml") and "\0" not in text:
        return _folder.get() / text
    names = profile_names() if kind == "profile" else stock_names()
    stem = ALIASES.get(text, text)
    if stem not in names:
        raise LatticeError(
            f"no {kind} named {text!r}; expected a path ending in .toml or one of {', '.join(names)}"
            + did_you_mean(text, names)
        )
    return shipped() / ("stocks" if kind == "stock" else "") / f"{stem}.toml"


def real(path: Path) -> Path:
    """Return the absolute path without links. A circle of links stays, so that reading the file names it."""
    return Path(os.path.realpath(path))


def _merge(base: Values, change: Values) -> Values:
    merged = dict(base)
    for key, value in change.items():
        merged[key] = value
        if isinstance(value, dict) and "extends" not in value:
            if isinstance(base.get(key), dict):
                merged[key] = _merge(base[key], value)
            elif key in STOCKS and isinstance(base.get(key), str):  # a change to the base's stock
                merged[key] = {"extends": base[key], **value}
    return merged


@contextmanager
def inside(path: Path) -> Iterator[None]:
    """Within the block, make relative paths start from the folder of `path`."""
    token = _folder.set(path.parent)
    try:
        yield
    finally:
        _folder.reset(token)


def _anchored(value: object, folder: Path) -> object:
    """Make paths to .toml absolute, so that a value inherited through `extends` still finds its file."""
    if isinstance(value, str) and value.lower().endswith(".toml") and "\0" not in value:
        return str(real(folder / value))
    return {key: _anchored(item, folder) for key, item in value.items()} if isinstance(value, dict) else value


def expand(data: Values, kind: Kind, chain: tuple[Path, ...] = ()) -> Values:
    """Return `data` merged over the file that it `extends`, recursively; `data` wins. chain: the files that led here.

    Raises LatticeError if files extend each other in a circle, or more than 20 in a row, or one cannot be read.
    """
    if "extends" not in data:
        return data
    change = dict(data)
    base = change.pop("extends")
    where = f"{chain[-1]}: " if chain else ""
    if not isinstance(base, str):
        raise LatticeError(f"{where}extends: expected a name or a path, got {base!r}")
    try:
        path = find(base, kind)
    except LatticeError as error:
        raise LatticeError(f"{where}extends: {error}") from None
    return _merge(read_extended(path, kind, chain), change)


def read_extended(path: Path, kind: Kind, chain: tuple[Path, ...] = ()) -> Values:
    """Read a file merged over the file that it extends; a profile without a name takes the file's.

    chain: the files that led here. Raises LatticeError as `expand` and `read_toml`.
    """
    path = real(path)
    if len(chain) > MOST_EXTENDS:
        raise LatticeError(f"{chain[0]}: extends: expected at most {MOST_EXTENDS} files in a row, got more")
    if path in chain:
        circle = " -> ".join(p.name for p in (*chain[chain.index(path) :], path))
        raise LatticeError(f"{chain[0]}: extends: circular: {circle}")
    with inside(path):
        data = read_toml(path)
        if kind == "profile" and not chain:
            data.setdefault("name", path.stem)
        data.update({key: _anchored(data[key], path.parent) for key in ("extends", *STOCKS) if key in data})
        try:
            return expand(data, kind, (*chain, path))
        except LatticeError as error:
            raise error if str(path) in str(error) or chain else LatticeError(f"{path}: {error}") from None


def resolve_stock(value: object) -> Any:
    """Return a profile's `negative` or `print` as a Stock or a stock's values. Raises LatticeError as `load_stock`."""
    if isinstance(value, dict):
        return expand(value, "stock")
    if isinstance(value, str | Path):
        return load_stock(value)
    return value


@cache
def _stock(path: Path) -> Stock:
    try:
        return Stock.model_validate(read_extended(path, "stock"))
    except ValidationError as error:
        raise LatticeError(f"{path}: {faults(error, Stock)}") from None


def load_stock(name: str | Path) -> Stock:
    """Load a stock by shipped name or .toml path; shipped ones are read once. Raises LatticeError with the path."""
    path = find(name, "stock")
    return _stock(path) if path.is_relative_to(shipped()) else _stock.__wrapped__(path)


def densitometry_digest() -> str:
    """Return the SHA-256 of the shipped densitometry, for the key of a cached SDev."""
    return hashlib.sha256((shipped() / "densitometry.toml").read_bytes()).hexdigest()
