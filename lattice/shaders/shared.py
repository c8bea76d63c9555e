"""The pixel shader's text as exported shaders take it: names of its own, no overloads, and where asked no device that
is passed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from lattice.interp import shader

DEFINITION = re.compile(r"SHADER (\w+) (\w+)\((?:(\w+)[^)]*)\)")
# A whole function: type, name, parameters, body, which is in one line or ends with a line of its own.
FUNCTION = re.compile(r"^SHADER (\w+) (\w+)\(([^)]*)\) \{(?:([^\n]*)\}|(.*?)^\})$", re.MULTILINE | re.DOTALL)
TYPES = ("Color", "Octave", "Step", "Device")
WORDS = ("TABLE", "CURVE", "NODE", "OCTAVE")  # macros that take the device
# What a frame calls: NaN and infinity are known by their bits, for many compilers take them for impossible. NaN counts
# as 0 before a 3x3, stays what it is for a table that has entries of both signs, and else is what is below everything.
LOOK = """
// A scene value that is finite, and NaN only for a table that has an entry for it.
SHADER float known(DEVICE device, float x) {
    int bits = BITS(x);
    int size = bits & SIZE_BITS;
    bool is_nan = size > INFINITE_BITS;
    if (is_nan && (device.stages & STAGE_FILM) != 0) return 0.0f;
    if (is_nan) return (device.stages & STAGE_SIGNED) != 0 ? x : -HALF_MAX;
    if (size == INFINITE_BITS) return bits < 0 ? -HALF_MAX : HALF_MAX;
    return x;
}

// The look: what it takes to what it gives.
SHADER Color look(DEVICE device, Color scene) {
    return shade(device, BY_TETRAHEDRA,
                 make_color(known(device, scene.r), known(device, scene.g), known(device, scene.b)));
}
"""


@dataclass(frozen=True)
class Shared:
    """The text in two parts. facts: structs and constants. functions: all that computes; `lattice_look` is the last."""

    facts: str
    functions: str


@cache
def shared(passes_device: bool) -> Shared:
    """Return the text; functions are named `lattice_...`, structs `Lattice...`, and the device `sdev`.

    passes_device: functions and the macros TABLE, CURVE, NODE and OCTAVE take the device as their first argument;
    otherwise they read it by its name.
    """
    whole = (shader.text() + LOOK).partition("struct Color")[2]
    whole = _parted(re.sub(r"#ifdef WORDS\n.*?#endif\n", "", f"struct Color{whole}", flags=re.DOTALL))
    renamed = _renamed(whole if passes_device else _without_device(whole))
    facts, functions = re.split(r"(?=SHADER LatticeColor lattice_make_color)", renamed)
    return Shared(facts, functions)


def with_copies(functions: str) -> str:
    """Return functions that assign to no parameter of theirs, for languages in which those are constants."""

    def copied(match: re.Match[str]) -> str:
        kind, name, parameters, line, lines = match.groups()
        body, copies = line or lines, ""
        for declared in re.findall(r"\w+ \w+(?=,|$)", parameters):
            its_kind, bare = declared.split(" ")
            if re.search(rf"(?<![.\w]){bare}(\.\w+)? \+?= ", body):
                parameters = re.sub(rf"\b{declared}\b", f"{declared}_given", parameters)
                copies += f"\n    {its_kind} {bare} = {bare}_given;"
        return f"SHADER {kind} {name}({parameters}) {{{copies}{body}}}"

    return FUNCTION.sub(copied, functions)


def _without_device(text: str) -> str:
    names = "|".join({*WORDS, *(match[2] for match in DEFINITION.finditer(text))})
    text = re.sub(r"\bDEVICE device(, )?", "", text)
    return re.sub(rf"\b({names})\(device(, |(?=\)))", r"\1(", text)


def _renamed(text: str) -> str:
    """Return the text with prefixes, but for its comments. Metal has another use for the word device."""
    names = "|".join(match[2] for match in DEFINITION.finditer(text))

    def renamed(code: str) -> str:
        code = re.sub(rf"\b({names})(?=\()", r"lattice_\1", re.sub(r"\bdevice\b", "sdev", code))
        code = code.replace("HALF_MAX", "LARGEST_HALF")  # a word of OpenCL and Metal
        return re.sub(rf"\b({'|'.join(TYPES)})\b", r"Lattice\1", code)

    return "".join(part if part.startswith("//") else renamed(part) for part in re.split(r"(//[^\n]*)", text))


def _parted(text: str) -> str:
    """Return the text with a name for each function: C, OpenCL and WGSL have no overloads."""
    returned = {name: kind for kind, name, _ in DEFINITION.findall(text)} | {"NODE": "Color"}
    defined = [name for _, name, _ in DEFINITION.findall(text)]
    overloaded = {name for name in defined if defined.count(name) > 1}

    def kind_at(text: str, start: int) -> str:
        """Return the type of the parameter or argument that begins at `start`."""
        found = re.compile(r"(\w+)( \w|\(|\.)?").match(text, start)
        assert found is not None
        name, after = found[1], found[2] or ""
        if after == "(":
            return kind_at(text, found.end()) if name in overloaded else returned[name]
        if after == ".":
            return "float"
        return name if after else str(re.findall(rf"\b(float|Color) {name}\b", text[:start])[-1])

    def named(match: re.Match[str]) -> str:
        kind = kind_at(match.string, match.end())
        return match[0] if kind == "float" else f"{match[1]}_{kind.lower()}("

    return re.sub(rf"\b({'|'.join(overloaded)})\(", named, text) if overloaded else text
