"""The request that a frame is graded by: the SDev and the options that decide pixels. It travels in every output."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from lattice.regrade.options import Options
from lattice.sdev.told import GIVES, NUMBERS

if TYPE_CHECKING:
    from lattice.sdev import AnySDev

REQUEST = "request"  # the stamp with the options of a request
# Options that say how, where and when, not what becomes of a pixel.
OTHER = frozenset(
    {"deep", "verify", "force", "replace", "overwrite", "mkdir", "in_place", "missing"}
    | {"memory", "threads", "cores", "engine"}
)
# Values that refuse a frame rather than change it: a frame graded under one is the same under any other value.
TOLD = {"takes": NUMBERS, "gives": GIVES}  # what a LUT file was told, and the fact that says it
STRICT = ("refuse", "error")
SHORT = 8  # hex digits of a digest for people


@dataclass(frozen=True)
class Request:
    """What a run asks of each frame. name, sha256: of the SDev. options: those that decide pixels and differ from their
    defaults, and `takes` and `gives` of a LUT file that was told them."""

    name: str
    sha256: str
    options: dict[str, Any]

    @classmethod
    def of(cls, sdev: AnySDev, options: Options) -> Request:
        """Return the request of a run."""
        values = {each.name: (getattr(options, each.name), each.default) for each in fields(Options)}
        told = {name: value for name, (value, default) in values.items() if name not in OTHER and value != default}
        told |= {name: sdev.provenance[fact] for name, fact in TOLD.items() if fact in sdev.provenance}
        return cls(sdev.name, sdev.sha256, json.loads(json.dumps(told)))  # as it is read back

    @property
    def text(self) -> str:
        """The options as JSON, the same text for the same options."""
        return json.dumps(self.options, sort_keys=True)

    @property
    def digest(self) -> str:
        """Eight hex digits for a short stamp. Options that may be strict are left out: see `differences`."""
        plain = {
            name: value
            for name, value in self.options.items()
            if DEFAULTS.get(name) not in STRICT and value not in STRICT
        }
        return hashlib.sha256((self.sha256 + json.dumps(plain, sort_keys=True)).encode()).hexdigest()[:SHORT]

    @property
    def look(self) -> str:
        """The SDev for people: its name and the start of its digest."""
        return f"{self.name} {self.sha256[:SHORT]}"

    def differences(self, found: dict[str, Any]) -> str:
        """Return how the options that a frame was graded with differ, as `premult off, not auto`; empty if they do not.

        found: as in `options`. An option that only refuses frames does not count: the frames it let pass are the same.
        """
        told = []
        for name in sorted(self.options.keys() | found.keys()):
            was, now = (each.get(name, DEFAULTS.get(name)) for each in (found, self.options))
            if was != now and was not in STRICT:
                told.append(f"{name} {_said(was)}, not {_said(now)}")
        return "; ".join(told)


DEFAULTS = {each.name: each.default for each in fields(Options)} | dict.fromkeys(TOLD, "unknown")


def _said(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return " ".join(map(str, value)) or "none" if isinstance(value, list | tuple) else str(value or "auto")
