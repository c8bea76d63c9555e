"""Read the TOML of stocks and profiles: what a file `extends`, what it changes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lattice.errors import LatticeError
from lattice.files.storage.read import read_bytes
from lattice.looks.display import merged_display
from lattice.looks.faults import faults
from lattice.looks.stock import Stock
from lattice.looks.toml_text import MAX_BYTES, Lines, Values, read_toml, toml_of
from lattice.looks.where import MOST_EXTENDS, STOCKS, Kind, ancestors, find, inside, real, shipped


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


def _stock(path: Path, values: Values) -> Stock:
    try:
        return Stock.model_validate(values)
    except ValidationError as error:
        raise LatticeError(f"{path}: {faults(error, Stock, places(path, 'stock'))}") from None


@cache
def _shipped(path: Path, data: bytes) -> Stock:
    """Return a shipped stock. data: the file's bytes, so that one that changes is read again."""
    return _stock(path, toml_of(data, path))


def load_stock(name: str | Path) -> Stock:
    """Load a stock by shipped name or .toml path; shipped ones are read once. Raises LatticeError with the path."""
    path = find(name, "stock")
    if not path.is_relative_to(shipped()):
        return _stock(path, read_extended(path, "stock"))
    data = read_bytes(path, MAX_BYTES + 1)
    return _stock(path, read_extended(path, "stock")) if b"extends" in data else _shipped(path, data)
