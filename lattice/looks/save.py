"""Write a profile as an artist would: TOML with `extends` and the fields that differ."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w
from pydantic import ValidationError

from lattice.files.storage import atomic
from lattice.looks import residual
from lattice.looks.faults import faults
from lattice.looks.stock import Stock
from lattice.looks.toml import read_extended, resolve_stock
from lattice.looks.toml_text import Values
from lattice.looks.where import MOST_EXTENDS, STOCKS, ancestors, find, real, shipped, stock_names
from lattice.types import LatticeError

if TYPE_CHECKING:
    from lattice.looks.profile import Profile


def save_profile(profile: Profile, path: Path, overwrite: bool) -> None:
    """Write `profile` to `path`; arguments and errors as in `Profile.save`."""
    atomic.check_new(path, ".toml", overwrite, b"")
    parent = _parent(profile, path)
    text = _text(_written(profile, parent, path)).encode()

    def verify(temporary: Path) -> None:
        if _values(profile, temporary) != profile.model_dump(mode="json"):
            raise LatticeError(f"{path}: expected the profile as given, got another when read again")

    atomic.write_new(path, text, overwrite, verify)


def save_stock(start: str, changes: Values, path: Path, overwrite: bool) -> Stock:
    """Write a stock that extends another and holds these values over it; return it.

    start: a shipped name or a .toml, from the working folder. Raises LatticeError if the name is taken or does not end
    in .toml, the start is the file itself, and for values that are no stock.
    """
    atomic.check_new(path, ".toml", overwrite, b"")
    parent = find(start, "stock")
    if real(path) in list(ancestors(parent, "stock")):
        raise LatticeError(f"{path}: expected another file than what it extends, {start}")
    text = tomli_w.dumps({"extends": _name(parent, path), **changes}).encode()

    def stock(file: Path) -> Stock:
        try:
            return Stock.model_validate(read_extended(file, "stock"))
        except ValidationError as error:
            raise LatticeError(f"{path}: {faults(error, Stock, lambda keys: '')}") from None

    atomic.write_new(path, text, overwrite, stock)
    return stock(path)


def portable_text(profile: Profile) -> str:
    """Return the TOML of a profile for any folder: it extends the nearest shipped look that the profile was made from,
    and holds only what differs; without one, the profile in full."""
    return _text(_written(profile, _nearest_shipped(profile), Path()))


def _text(values: Values) -> str:
    """Return values as TOML. The offsets of a residual are rows, where the library writes a number a line."""
    offsets = values.get("residual", {}).get("offsets")
    if offsets is None:
        return tomli_w.dumps(values)
    others = {key: value for key, value in values["residual"].items() if key != "offsets"}
    text = tomli_w.dumps({**{key: value for key, value in values.items() if key != "residual"}, "residual": others})
    return f"{text}offsets = {residual.written(offsets)}\n"


def files_of(profile: Profile) -> list[Path]:
    """Return the file that a profile was loaded or made from, the one that it extends, and so on; none if it has no
    file, or one of them is gone or damaged."""
    with suppress(ValueError):
        return list(ancestors(find(profile._parent, "profile"), "profile")) if profile._parent else []
    return []


def _nearest_shipped(profile: Profile) -> Path | None:
    return next((path for path in files_of(profile) if path.is_relative_to(shipped().resolve())), None)


def described(profile: Profile) -> Values:
    """Return what a profile is, as JSON types: the fields that are not at their defaults, and its lights.

    A shipped stock is its name, another its values; `extends` is the nearest shipped look that it was made from.
    """
    values = _without_none(profile.model_dump(mode="json", exclude_defaults=True, exclude=set(STOCKS)))
    whole = _without_none(profile.model_dump(mode="json", include=set(STOCKS)))
    values |= {"printer_lights": list(profile.printer_lights), **{key: _stock(whole[key]) for key in STOCKS}}
    parent = _nearest_shipped(profile)
    return values if parent is None else {"extends": parent.stem, **values}


def _written(profile: Profile, parent: Path | None, path: Path) -> Values:
    """Return the values to write to `path`: those that differ from the parent's; all, if there is none or one of its
    values was removed, as TOML has no null."""
    whole = profile.model_dump(mode="json")
    with suppress(ValueError):  # the parent is damaged, or TOML cannot hold its path
        change = None if parent is None else _change(_values(profile, parent), whole)
        if parent is not None and change is not None:
            return {"extends": _name(parent, path), "name": profile.name, **change}
    return {key: _stock(value) if key in STOCKS else value for key, value in _without_none(whole).items()}


def _parent(profile: Profile, path: Path) -> Path | None:
    """Return the nearest file that the new one at `path` can extend without a circle or too many files in a row."""
    files = files_of(profile)
    after = files.index(real(path)) + 1 if real(path) in files else 0
    return next(iter(files[after:][-MOST_EXTENDS:]), None)


def _name(parent: Path, path: Path) -> str:
    """Return the parent's name for `extends`: a shipped name, or its path relative to the folder of the real `path`."""
    if parent.is_relative_to(shipped().resolve()):
        return parent.stem
    name = Path(os.path.relpath(parent, real(path).parent)).as_posix()
    name.encode()  # raises UnicodeEncodeError for a path that TOML cannot hold
    return name


def _values(profile: Profile, file: Path) -> Values:
    """Return all values of a profile's file, as JSON types. Raises LatticeError if it is no profile."""
    values = read_extended(file, "profile")
    stocks = {stock: resolve_stock(values[stock]) for stock in STOCKS if stock in values}
    return type(profile)(**{**values, **stocks}).model_dump(mode="json")


def _change(base: Values, whole: Values) -> Values | None:
    """Return the values of `whole` that differ from `base`; None if a value was removed."""
    change: Values = {}
    for key, value in whole.items():
        if key == "name" or value == base.get(key):
            continue
        if value is None:
            return None
        if key in STOCKS:
            value = _stock_change(base[key], value)
        elif isinstance(value, dict) and base.get(key) is not None:
            changed = _change(base[key], value)
            if key == "display" and changed is not None and {"primaries", "gamma"} & changed.keys():
                own = {name: value[name] for name in ("gamma", "peak") if value.get(name) is not None}
                changed |= own  # which other primaries, or another gamma, do not inherit
            value = changed
        if value is None:
            return None
        change[key] = value
    return change


def _stock_change(base: Values, stock: Values) -> str | Values | None:
    found = _shipped_name(stock)
    return found or _change_of_stock(base, stock)


def _change_of_stock(base: Values, stock: Values) -> Values | None:
    """Return the values of a stock that differ, layer by layer; None if a value was removed."""
    change: Values = {}
    for key, value in stock.items():
        if value == base.get(key):
            continue
        if value is None or (isinstance(base.get(key), dict) and set(base[key]) - set(value)):
            return None
        own = base.get(key)
        change[key] = (
            {name: each for name, each in value.items() if each != own.get(name)}
            if isinstance(value, dict) and isinstance(own, dict)
            else value
        )
    return change


def _stock(stock: Values) -> str | Values:
    return _shipped_name(stock) or stock


def _shipped_name(stock: Values) -> str | None:
    """Return the name of the shipped stock with these values, or None."""
    values = _without_none(stock)
    return next((name for name, shipped_stock in _shipped_stocks().items() if shipped_stock == values), None)


@cache
def _shipped_stocks() -> dict[str, Values]:
    return {name: _without_none(resolve_stock(name).model_dump(mode="json")) for name in stock_names()}


def _without_none(value: Any) -> Any:
    return {k: _without_none(v) for k, v in value.items() if v is not None} if isinstance(value, dict) else value
