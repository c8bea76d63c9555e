"""The shared text in OSL, which has no bits of a float: logarithms and powers are the language's own."""

from __future__ import annotations

import re
from ctypes import Array, Structure

from lattice.shaders.constants import constants, with_constants
from lattice.shaders.language import Frame
from lattice.shaders.numbers import PLAIN, value_text
from lattice.shaders.shared import FUNCTION, Shared, with_copies
from lattice.types import SDevData

HALF_OCTAVE = 1024  # halves from a power of two to the next
# In place of the shared functions that read or make a float's bits.
OWN = {
    "log_two": "float lattice_log_two(float x) { return log2(x); }",
    "two_to": "float lattice_two_to(float a, float b) { return exp2(a * b); }",
    "root": "float lattice_root(float x) { return sdev.root[0] * pow(x, sdev.gamma) + sdev.offset; }",
    "look_up": """float lattice_look_up(int channel, float scene)
{
    float x = lattice_hold(scene, sdev.darkest, sdev.brightest);
    float octave = 0, steps = x * HALF_STEPS;
    if (x >= HALF_SMALLEST_NORMAL) {
        octave = floor(log2(x));
        steps = (x / exp2(octave) - 1) * HALF_OCTAVE;
        octave += 15;
    }
    int code = int(floor(steps));
    float share = steps - code;
    code += int(octave) * HALF_OCTAVE;
    float low = TABLE(channel, code);
    return FMA(share, TABLE(channel, code + 1) - low, low);
}""",
    "known": """float lattice_known(float x)
{
    if (isnan(x)) return (sdev.stages & STAGE_FILM) != 0 ? 0.0 : -LARGEST_HALF;
    return isinf(x) ? (x < 0 ? -LARGEST_HALF : LARGEST_HALF) : x;
}""",
}


def osl(device: SDevData, says: str) -> str:
    """Return the OSL of an SDev, its data in the text. Raises LatticeError if they do not fit into what DCTL holds."""
    held = constants(device)
    steps, octave = held.numbers.steps, HALF_OCTAVE >> held.shift
    frame = Frame("osl.osl", PLAIN, change=lambda text: _osl(with_constants(text, held), steps, octave))
    own = {
        "declared": _declared("sdev", held.numbers),
        "method": int(device.lattice.interpolation == "tetrahedral"),
        "name": identifier(device.name),
    }
    return frame.filled(device, says, held.fields("") | own, held.numbers)


def identifier(name: str) -> str:
    """Return a look's name as OSL takes it: letters, digits and underscores."""
    return re.sub(r"^(?=\d|$)", "look_", re.sub(r"\W", "_", name, flags=re.ASCII))


def _declared(name: str, value: object) -> str:
    """Return variables for a struct's fields, and for those of its structs, whose numbers are part of their names."""
    if isinstance(value, Structure):
        return "\n".join(_declared(f"{name}_{field}", getattr(value, field)) for field, *_ in value._fields_)
    if isinstance(value, Array) and isinstance(value[0], Structure):
        return "\n".join(_declared(f"{name}{i}", each) for i, each in enumerate(value))
    count = f"[{len(value)}]" if isinstance(value, Array) else ""
    kind = "int" if isinstance(value, int) or (count and isinstance(value[0], int)) else "float"  # type: ignore[index]
    return f"{kind} {name}{count} = {value_text(value, PLAIN)};"


def _osl(text: Shared, steps: int, octave: int) -> Shared:
    """Return the text with OSL's own functions, its loop over steps written out, and a variable for each number.

    steps: of the film stage. octave: places of the table in an octave.
    """
    structs = [each for each in re.findall(r"struct .*?\n?\};\n", text.facts, re.DOTALL) if "LatticeColor" in each]
    words = re.findall(r"^#define.*\n", text.facts, re.MULTILINE)
    functions = _unrolled(FUNCTION.sub(_own, with_copies(text.functions)), steps)
    functions = re.sub(r"\bsdev\.(?:step\[(\d)\]\.)?", lambda at: f"sdev_step{at[1]}_" if at[1] else "sdev_", functions)
    return Shared(
        *(_plain("".join(part)) for part in ([*words, f"#define HALF_OCTAVE {octave}\n", *structs], functions))
    )


def _own(match: re.Match[str]) -> str:
    name = match[2].removeprefix("lattice_")
    return "" if name == "octave" else OWN.get(name, match[0])


def _unrolled(functions: str, steps: int) -> str:
    """Return the functions with the loop over the film stage's steps written out, for `steps` of them."""
    before, body, after = re.split(
        r"    for \(int i = 0; i < STEPS[^\n]*\n.*?sdev\.steps\) break;\n(.*?\n    \}\n)", functions, flags=re.DOTALL
    )
    return "".join((before, *("    {\n" + body.replace("step[i]", f"step[{k}]") for k in range(steps)), after))


def _plain(text: str) -> str:
    """Return text without what OSL has no word for, or uses for a type of its own."""
    text = re.sub(r"\b(\d[\d.]*(?:e[-+]?\d+)?)f\b", r"\1", text)
    return re.sub(r"\bbool\b", "int", re.sub(r"\bcolor\b", "made", re.sub(r"\bconst (?=float)", "", text)))
