"""Read the TOML of stocks and profiles: names, paths, aliases, `extends`."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from lattice.errors import did_you_mean
from lattice.looks.display import merged_display
from lattice.looks.faults import faults
from lattice.looks.stock import Stock
from lattice.looks.toml_text import Lines, Values, read_toml
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
    if text and (_folder.get() / text).is_dir():
        return f"{text}: is a folder; expected a {what}'s name or a file ending in {suffixes}"
    beside = next((text + end for end in suffixes.split(" or ") if (_folder.get() / (text + end)).is_file()), None)
    meant = f"; did you mean {beside!r}?" if beside else did_you_mean(text, names)
    return f"no {what} named {text!r}; expected {', '.join(names)}, or a file ending in {suffixes}{meant}"


def real(path: Path) -> Path:
    """Return the absolute path without links. A circle of links stays, so that reading the file names it."""
    return Path(os.path.realpath(path))


def _merge(base: Values, change: Values) -> Values:
    merged = dict(base)
    for key, value in change.items():
        merged[key] = value
        if key == "display" and isinstance(value, dict):
            merged[key] = merged_display(base.get(key), value)
        elif isinstance(value, dict) and "extends" not in value:
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


def places(path: Path, kind: Kind) -> Callable[[tuple[str, ...]], str]:
    """Return a function of a field's path: `line 3: ` for the line that sets it in a file, `base.toml: line 3: ` if the
    file inherits it. The files are read once, when it is first called."""

    @cache
    def files() -> list[tuple[str, Lines]]:
        found: list[tuple[str, Lines]] = []
        with suppress(LatticeError):
            for file in ancestors(path, kind):
                found.append(("" if file == real(path) else f"{file.name}: ", Lines(file)))
        return found

    def where(keys: tuple[str, ...]) -> str:
        best, said = 0, ""
        for name, lines in files():
            shared, line = lines.of(keys)
            if shared > best:
                best, said = shared, f"{name}line {line}: "
        return said

    return where


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
    try:
        if not isinstance(base, str):
            raise LatticeError(f"expected a name or a path, got {base!r:.60}")
        path = find(base, kind)
    except LatticeError as error:
        where = f"{chain[-1]}: {places(chain[-1], kind)(('extends',))}" if chain else ""
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
        raise LatticeError(f"{path}: {faults(error, Stock, places(path, 'stock'))}") from None


def load_stock(name: str | Path) -> Stock:
    """Load a stock by shipped name or .toml path; shipped ones are read once. Raises LatticeError with the path."""
    path = find(name, "stock")
    return _stock(path) if path.is_relative_to(shipped()) else _stock.__wrapped__(path)


def densitometry_digest() -> str:
    """Return the SHA-256 of the shipped densitometry, for the key of a cached SDev."""
    return hashlib.sha256((shipped() / "densitometry.toml").read_bytes()).hexdigest()
