"""The programs of `lattice build --for`, of hosts.toml: which LUT each takes, and what to type or click there."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Template
from typing import Any, Literal

from lattice.choices import Interpolation

Kind = Literal["sdev", "light", "split", "codes"]
TRIED = {"test": "a test compares its pixels", "by hand": "tried by hand", "read": "from its documentation, not tried"}
# Nuke's names of curves, with color management Nuke, by the name of the input; not tried. Source for AlexaV3LogC:
# Foundry, Nuke Reference Guide, Vectorfield; for the others general knowledge.
NUKE_CURVES = {
    "ARRI LogC3 EI800": "AlexaV3LogC",
    "sRGB": "sRGB",
    "Cineon": "Cineon",
    "S-Log3 S-Gamut3": "SLog3",
    "S-Log3 S-Gamut3.Cine": "SLog3",
}
NUKE_DISPLAYS = {"Rec.709 sRGB": "sRGB", "Rec.709 2.2": "Gamma2.2", "Rec.709 2.4": "Gamma2.4"}
NUKE_LIGHTS = {"Rec.709": "OCIO config nuke-default", "ACEScg": "an OCIO config of ACES"}
NUKE_NONE = "linear"  # which changes nothing


@dataclass(frozen=True)
class Host:
    """A program. Its fields are those of hosts.toml, which says what each is."""

    title: str
    suffixes: tuple[str, ...]
    size: int
    tried: Literal["test", "by hand", "read"]
    steps: Mapping[str, tuple[str, ...]] = field(repr=False)
    input: str | None = None
    shaper: Literal["one file", "apart", "none"] = "one file"
    interpolation: Interpolation = "tetrahedral"
    tetrahedral: tuple[Kind, ...] = ()
    is_fixed: bool = False
    layout: Literal["Hald", "strip"] = "Hald"
    bits: Literal[8, 16] = 16

    def method(self, kind: Kind) -> Interpolation:
        """How it finds colors between the nodes of a LUT that is used as the steps of this kind say."""
        return "tetrahedral" if kind in self.tetrahedral else self.interpolation

    def told(self, kind: Kind, targets: Sequence[Path], words: Mapping[str, str]) -> list[str]:
        """Return what to type or click for a LUT, and whether that was tried, in lines.

        kind: what its files hold. targets: them, in the order in which they act. words: "curve" and "primaries" of
        what it takes, "gives", and "size", nodes a side.
        """
        target, shaper = targets[-1], targets[0]
        lines = self.steps.get(target.suffix.lower()) or self.steps[kind]
        found = _words(target, shaper, words)
        return [f"in {self.title}, {TRIED[self.tried]}:", *(f"  {Template(each).substitute(found)}" for each in lines)]


def _words(target: Path, shaper: Path, words: Mapping[str, str]) -> dict[str, str]:
    return {
        **words,
        "file": str(target),
        "shaper": str(shaper),
        "here": shlex.quote(str(target)),
        "here_shaper": shlex.quote(str(shaper)),
        "graph": in_filter(target),
        "graph_shaper": in_filter(shaper),
        "tcl": in_tcl(target.absolute()),
        "yaml": in_yaml(target),
        "yaml_shaper": in_yaml(shaper),
        "area": str(int(words["size"] or 0) ** 2),
        "nuke_in": NUKE_CURVES.get(words["curve"], NUKE_NONE),
        "nuke_out": NUKE_DISPLAYS.get(words["gives"], NUKE_NONE),
        "nuke_light": _nuke_light(words["primaries"]),
        "nuke_note": f"{_before_nuke(words['curve'])}; {_behind_nuke(words['gives'])}",
    }


def _nuke_light(primaries: str) -> str:
    lights = [f"{light} with {config}" for light, config in NUKE_LIGHTS.items()]
    others = [config for light, config in NUKE_LIGHTS.items() if light != primaries]
    before = f"put an OCIOColorSpace to linear {primaries} before"
    if primaries in NUKE_LIGHTS:
        return f"{primaries} is Nuke's own light with {NUKE_LIGHTS[primaries]}; with {' or '.join(others)} {before}"
    return f"{before}: Nuke's own light is {', '.join(lights)}"


def _before_nuke(curve: str) -> str:
    if curve in NUKE_CURVES:
        return f"colorspace in makes {curve} codes of linear light"
    return f"its input is {curve} codes already, for Nuke has no name for this curve"


def _behind_nuke(gives: str) -> str:
    if gives in NUKE_DISPLAYS:
        return f"colorspace out makes light of {gives} codes, for the viewer of that display"
    return f"view it through Raw, for it gives codes of {gives}"


def in_filter(path: Path) -> str:
    """Return a path as FFmpeg's filters read it: escaped as a value, then as a filter, then for a shell's '...'."""
    text = str(path)
    for special in ("\\':", "\\'[],;"):
        text = "".join(f"\\{letter}" if letter in special else letter for letter in text)
    return text.replace("'", "'\\''")


def in_tcl(path: Path) -> str:
    """Return a path as Nuke's files have it: with forward slashes, in quotes where it has other than plain letters."""
    text = path.as_posix()
    is_plain = all(letter.isalnum() or letter in "/._-:~+" for letter in text)
    return text if is_plain else '"' + "".join(f"\\{each}" if each in '\\"[]$' else each for each in text) + '"'


def in_yaml(path: Path) -> str:
    """Return a path as YAML has it in {...}: in single quotes where it has other than plain letters."""
    text = str(path)
    is_plain = all(letter.isalnum() or letter in "/._-+" for letter in text)
    return text if is_plain else "'" + text.replace("'", "''") + "'"


def _host(record: dict[str, Any]) -> Host:
    steps = {kind: tuple(lines) for kind, lines in record.pop("steps").items()}
    lists = {name: tuple(each) for name, each in record.items() if isinstance(each, list)}
    return Host(**{**record, **lists}, steps=steps)


@cache
def hosts() -> Mapping[str, Host]:
    """Return the programs by the names of `choices.HOSTS`."""
    text = Path(__file__).with_name("hosts.toml").read_text(encoding="utf-8")
    return {name: _host(record) for name, record in tomllib.loads(text).items()}
