"""The numbers of an SDev as the initial value of `LatticeDevice`, in the words of each language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ctypes import Array, Structure
from dataclasses import dataclass

# What makes a value of a struct or of an array: its type's name, its parts, and for an array their number.
Struct = Callable[[str, Sequence[str]], str]
Many = Callable[[str, Sequence[str]], str]


@dataclass(frozen=True)
class Words:
    """How a language writes values. struct, array: from the name of a type and the parts. suffix: of a float."""

    struct: Struct
    array: Many
    suffix: str = "f"


def _braces(_: str, parts: Sequence[str]) -> str:
    return f"{{{', '.join(parts)}}}"


def _called(name: str, parts: Sequence[str]) -> str:
    return f"{name}({', '.join(parts)})"


def _glsl_array(kind: str, parts: Sequence[str]) -> str:
    return _called(f"{kind}[{len(parts)}]", parts)


def _wgsl_array(kind: str, parts: Sequence[str]) -> str:
    return _called(f"array<{WGSL_KINDS.get(kind, kind)}, {len(parts)}>", parts)


WGSL_KINDS = {"float": "f32", "int": "i32", "bool": "bool"}
BRACES, PLAIN = Words(_braces, _braces), Words(_braces, _braces, "")
GLSL, WGSL = Words(_called, _glsl_array), Words(_called, _wgsl_array)


def value_text(value: object, words: Words, before: Sequence[str] = ()) -> str:
    """Return a number, an array or a struct of ctypes as a language's text.

    before: text of the struct's fields before those of `value`. Floats have nine digits, which name a float32.
    """
    if isinstance(value, Structure):
        parts = [value_text(getattr(value, name), words) for name, *_ in value._fields_]
        return words.struct(type_of(value), [*before, *parts])
    if isinstance(value, Array):
        return words.array(type_of(value[0]), [value_text(each, words) for each in value])
    return str(value) if isinstance(value, int) else float_text(float(str(value)), words.suffix)


def type_of(value: object) -> str:
    """Return the type's name in the exported text: `Numbers` are the fields of `LatticeDevice`."""
    if isinstance(value, Structure):
        name = type(value).__name__.strip("_")
        return f"Lattice{'Device' if name == 'Numbers' else name}"
    return "int" if isinstance(value, int) else "float"


def float_text(value: float, suffix: str = "f") -> str:
    """Return a float32 by nine digits, which name it, with a point or an exponent. value: finite."""
    text = f"{value:.9g}"
    return (text if set(text) & set(".e") else f"{text}.0") + suffix
