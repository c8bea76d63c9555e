"""A profile as the TOML that an artist would write: what it extends, and what differs."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w

from lattice.files.storage import atomic
from lattice.looks.toml import STOCKS, Values, find, read_extended, resolve_stock, shipped, stock_names
from lattice.types import LatticeError

if TYPE_CHECKING:
    from lattice.looks.profile import Profile


def save_profile(profile: Profile, path: Path, overwrite: bool) -> None:
    """Write `profile` to `path`; see `Profile.save`."""

    if path.suffix.lower() != ".toml":
        raise LatticeError(f"{path}: expected a name ending in .toml")
    if os.path.lexists(path) and not overwrite:
        raise LatticeError(f"{path}: exists already; overwrite=True replaces it")
    values = _written(profile, path)
    text = tomli_w.dumps(values).encode()

    def verify(temporary: Path) -> None:
        if tomllib.loads(temporary.read_text("utf-8")) != values:
            raise LatticeError(f"{path}: expected the profile as given, got another when read again")

    atomic.replace(path, [text], verify)


def _written(profile: Profile, path: Path) -> Values:
    """What the file says. Without a parent, or where a value of it was taken away, which TOML cannot say: all."""
    whole = profile.model_dump(mode="json")
    parent = _parent(profile, path)
    if parent is not None:
        name, base = parent
        change = _change(base, whole)
        if change is not None:
            return {"extends": name, "name": profile.name, **change}
    return {key: _stock(value) if key in STOCKS else value for key, value in _without_none(whole).items()}


def _parent(profile: Profile, path: Path) -> tuple[str, Values] | None:
    """How the file names its parent, and the parent's values; None where there is none that the file can extend."""
    source = profile._parent
    if source is None:
        return None
    try:
        file = find(source, "profile").resolve()
        values = read_extended(file, "profile")
        base = type(profile)(**{**values, **{stock: resolve_stock(values[stock]) for stock in STOCKS}})
    except LatticeError:  # gone or changed since it was read
        return None
    if file.is_relative_to(shipped().resolve()):
        return source, base.model_dump(mode="json")
    if os.path.realpath(path) == str(file):  # a file cannot extend itself
        return None
    return os.path.relpath(file, os.path.realpath(path.parent)), base.model_dump(mode="json")


def _change(base: Values, whole: Values) -> Values | None:
    """What of `whole` is not in `base`; None where a value was taken away."""
    change: Values = {}
    for key, value in whole.items():
        if key == "name" or value == base.get(key):
            continue
        if value is None:
            return None
        if key in STOCKS:
            value = _stock_change(base[key], value)
        elif isinstance(value, dict):
            value = _change(base[key], value)
        if value is None:
            return None
        change[key] = value
    return change


def _stock_change(base: Values, stock: Values) -> str | Values | None:
    found = _shipped_name(stock)
    return found or _change_of_stock(base, stock)


def _change_of_stock(base: Values, stock: Values) -> Values | None:
    """What differs, layer by layer; None where a value was taken away."""
    change: Values = {}
    for key, value in stock.items():
        if value == base.get(key):
            continue
        if value is None or (isinstance(base.get(key), dict) and set(base[key]) - set(value)):
            return None
        own = base.get(key)
        change[key] = ({name: each for name, each in value.items() if each != own.get(name)}
                       if isinstance(value, dict) and isinstance(own, dict) else value)
    return change


def _stock(stock: Values) -> str | Values:
    return _shipped_name(stock) or stock


def _shipped_name(stock: Values) -> str | None:
    """The name of the shipped stock that holds these values; None where none does."""
    for name in stock_names():
        shipped_stock = _without_none(resolve_stock(name).model_dump(mode="json"))
        if shipped_stock == _without_none(stock):
            return name
    return None


def _without_none(value: Any) -> Any:
    return {k: _without_none(v) for k, v in value.items() if v is not None} if isinstance(value, dict) else value
