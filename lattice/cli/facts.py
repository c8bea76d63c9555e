"""What `lattice info` says of SDevs and looks, a name and a text each. That of a look is kept, as its SDev is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lattice
from lattice.cache import Shelf
from lattice.cli.app import load_sdev
from lattice.files.storage.read import json_object
from lattice.looks.digest import digest_of, look_digest, version_file

if TYPE_CHECKING:
    from lattice.sdev import AnySDev

Facts = list[tuple[str, str]]
TOLD = Shelf("told", most=64)
SAYING = ("cli", "match")  # rooms, beside those that build, whose code decides what is said of a look
MEASURING = "colour"  # the library that says how far a residual moves a look


def kept(name: str) -> Facts:
    """Return the facts of a look that are kept, without importing what builds it; none if there are none."""
    digest = look_digest(name)
    data = None if digest is None else TOLD.find(_key(digest))
    told = json_object((data or b"").decode(errors="replace")).get("facts", [])
    with suppress(TypeError, ValueError):
        return [(str(fact), str(text)) for fact, text in told]
    return []


def of_look(name: str) -> Facts:
    """Return the facts of a look, its fields and those of its SDev, which is built first if needed, and keep them.

    Raises LatticeError as `lattice.load` does.
    """
    digest = look_digest(name)
    sdev = load_sdev(name)
    facts = [*_of_profile(name), *of_sdev(sdev)]
    if digest is not None and digest == look_digest(name):  # no file changed meanwhile
        TOLD.keep(_key(digest), json.dumps({"facts": facts}).encode())
    return facts


def _key(digest: str) -> str:
    return f"{digest} {_saying()}"


@cache
def _saying() -> str:
    package = Path(lattice.__file__).parent
    return digest_of([version_file(MEASURING), *(p for room in SAYING for p in sorted((package / room).glob("*.py")))])


def _of_profile(name: str) -> Facts:
    from lattice.looks import load_profile
    from lattice.looks.profile import CHAINS

    profile = load_profile(name)
    facts = []
    for field, value in profile.model_dump(mode="json").items():
        more = f": {CHAINS[value]}" if field == "chain" else ""
        text = value["name"] if field in ("negative", "print") else _shortened(field, value)
        facts.append((field, f"{text}{more}"))
    for field, stock in (("negative", profile.negative), ("print", profile.print)):
        facts += [(f"{field} {layer}", f"{what}") for layer, what in stock.curves.reduced.items()]
    if profile.residual is not None:
        from lattice.match.residual import moved

        facts.append(("residual", f"{moved(profile)}"))
    if profile.print_silver or profile.print_infrared is not None:
        from lattice.build.chain import infrared_density

        estimate = " (estimate)" if profile.print_infrared is None else ""
        facts.append(("infrared density", f"{infrared_density(profile):.2f} at the print's D-max{estimate}"))
    return facts


def of_sdev(sdev: AnySDev) -> Facts:
    """Return the facts of an SDev: its stages, its digest, where it comes from and its look."""
    told = sorted((f"from {fact}", text) for fact, text in sdev.provenance.items() if fact != "look")
    return [*sdev.stages, ("sha256", sdev.sha256), *told, *of_fields(json_object(sdev.provenance.get("look", "")))]


def of_fields(look: Mapping[str, Any]) -> Facts:
    """Return a profile's fields, stocks of its own by their names, a residual without its offsets."""
    facts = []
    for field, value in look.items():
        text = value.get("name", value) if field in ("negative", "print") and isinstance(value, dict) else value
        facts.append((f"look: {field}", f"{_shortened(field, text)}"))
    return facts


def _shortened(field: str, value: Any) -> Any:
    """Return the value of a look's field as it is printed: a residual without its offsets."""
    is_table = field == "residual" and isinstance(value, dict)
    return f"amount {value.get('amount', 1):g}" if is_table else value
