"""The shared text in WGSL, translated: it has no preprocessor, no ?:, and another syntax for what C declares."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lattice.shaders.numbers import WGSL_KINDS
from lattice.shaders.shared import Shared, with_copies
from lattice.types import MOST_STEPS

Tokens = Sequence[str]
TOKEN = re.compile(r"//[^\n]*|\d[\d.]*(?:e[-+]?\d+)?f?|\w+|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|\+=|[^\s\w]")
CLOSING = {"(": ")", "[": "]", "{": "}"}
DEFINE = re.compile(r"^#define (\w+) +([^\n/]*[^\s/])", re.MULTILINE)
ASSIGNING = ("=", "+=")


def translated(text: Shared) -> Shared:
    """Return the shared text in WGSL. Its macros that take arguments are functions there, defined by the frame."""
    structs = re.findall(r"struct (\w+) \{(.*?)\};", re.sub(r"//[^\n]*", "", text.facts), re.DOTALL)
    constants = [
        [f"const {name} = {value};" for name, value in DEFINE.findall(part)] for part in (text.facts, text.functions)
    ]
    tokens = TOKEN.findall(re.sub(r"^#.*", "", with_copies(text.functions), flags=re.MULTILINE))
    facts = [*constants[0], *(_struct(name, body.replace("DEVICE_MEMORY", "")) for name, body in structs)]
    return Shared("\n".join(facts) + "\n", "\n".join([*constants[1], "", *_functions(tokens)]))


def _struct(name: str, body: str) -> str:
    fields = [
        _declared(kind, each.strip())
        for kind, names in re.findall(r"(\w+) ([^;]*);", body)
        for each in names.split(",")
    ]
    return f"struct {name} {{ {', '.join(fields)} }};"


def _declared(kind: str, name: str) -> str:
    """Return `name: type` of a field, a parameter or a variable, which may be an array."""
    kind = WGSL_KINDS.get(kind, kind)
    bare, _, count = name.partition("[")
    return f"{bare}: array<{kind}, {count[:-1]}>" if count else f"{name}: {kind}"


def _functions(tokens: Tokens) -> Iterator[str]:
    """Yield comments and functions: SHADER, type, name, parameters, body."""
    at = 0
    while at < len(tokens):
        if tokens[at].startswith("//"):
            yield tokens[at]
            at += 1
            continue
        opened, kind, name = at + 3, *tokens[at + 1 : at + 3]
        begins = _after(tokens, opened)
        at = _after(tokens, begins)
        yield _function(kind, name, tokens[opened + 1 : begins - 1], tokens[begins + 1 : at - 1])


def _function(kind: str, name: str, parameters: Tokens, body: Tokens) -> str:
    given = []
    for parameter in _split(parameters, ","):
        its_kind, bare, *array = parameter[1:] if parameter[0] == "const" else parameter
        given.append(_declared(its_kind, bare + "".join(array)))
    lines = "".join(f"    {line}\n" for line in _statements([each for each in body if not each.startswith("//")]))
    return f"fn {name}({', '.join(given)}) -> {WGSL_KINDS.get(kind, kind)} {{\n{lines}}}\n"


def _statements(tokens: Tokens) -> Iterator[str]:
    at = 0
    while at < len(tokens):
        end = _statement_end(tokens, at)
        yield from _statement(tokens[at:end])
        at = end


def _statement_end(tokens: Tokens, at: int) -> int:
    """Return the place after the statement that begins at `at`."""
    if tokens[at] == "{":
        return _after(tokens, at)
    if tokens[at] in ("if", "for"):
        end = _statement_end(tokens, _after(tokens, at + 1))
        return _statement_end(tokens, end + 1) if tokens[end : end + 1] == ["else"] else end
    while tokens[at] != ";":
        at = _after(tokens, at)
    return at + 1


def _statement(tokens: Tokens) -> Iterator[str]:
    if tokens[0] == "{":
        yield from _statements(tokens[1:-1])
    elif tokens[0] == "for":
        yield from _unrolled(tokens[2 : _after(tokens, 1) - 1], tokens[_after(tokens, 1) :])
    elif tokens[0] == "if":
        begins = _after(tokens, 1)
        end = _statement_end(tokens, begins)
        yield f"if ({_expression(tokens[2 : begins - 1])}) {{"
        yield from (f"    {line}" for line in _statement(tokens[begins:end]))
        if end < len(tokens):
            yield "} else {"
            yield from (f"    {line}" for line in _statement(tokens[end + 1 :]))
        yield "}"
    else:
        yield from _simple(tokens[:-1])


def _unrolled(heading: Tokens, body: Tokens) -> Iterator[str]:
    """Yield a loop over the film stage's steps written out, and left by `break`: a step that is looked up by a variable
    makes compilers copy all steps for each of their numbers."""
    if " ".join(heading) != "int i = 0 ; i < STEPS ; ++ i":
        raise ValueError(f"expected a loop over the film stage's steps, got {' '.join(heading)}")
    yield "loop {"
    for step in range(MOST_STEPS):
        yield "    {"
        yield from (f"        {line}" for line in _statement([str(step) if each == "i" else each for each in body]))
        yield "    }"
    yield "    break;"
    yield "}"


def _simple(tokens: Tokens) -> Iterator[str]:
    """Yield a declaration, an assignment, `return` or `break`; one for each part between commas."""
    if tokens[0] in ("return", "break"):
        yield f"{tokens[0]} {_expression(tokens[1:])};".replace(" ;", ";")
        return
    kind = tokens[0] if re.match(r"\w", tokens[1]) else ""
    for part in _split(tokens[1:] if kind else tokens, ","):
        place = next((i for i, token in enumerate(part) if token in ASSIGNING), len(part))
        target = _declared(kind, "".join(part[:place])) if kind else "".join(part[:place])
        value = f" {part[place]} {_expression(part[place + 1 :])}" if place < len(part) else ""
        yield f"{'var ' if kind else ''}{target}{value};"


def _expression(tokens: Tokens) -> str:
    """Return an expression; select() computes both values of ?:, which is harmless here."""
    parts: list[str] = []
    at = 0
    while at < len(tokens):
        end = _after(tokens, at)
        if tokens[at] == "?":
            then = _then_ends(tokens, end)
            return f"select({_expression(tokens[then + 1 :])}, {_expression(tokens[end:then])}, {_joined(parts)})"
        inside = ", ".join(_expression(part) for part in _split(tokens[at + 1 : end - 1], ","))
        word = tokens[at] + inside + tokens[end - 1] if tokens[at] in CLOSING else tokens[at]
        parts.append(WGSL_KINDS.get(word, word))
        at = end
    return _joined(parts)


def _then_ends(tokens: Tokens, at: int) -> int:
    """Return the place of the colon that ends what follows a question mark."""
    open_marks = 1
    while open_marks:
        open_marks += {"?": 1, ":": -1}.get(tokens[at], 0)
        at = _after(tokens, at)
    return at - 1


def _joined(parts: Sequence[str]) -> str:
    """Return an expression's parts as text: calls, members and signs without spaces."""
    text = re.sub(r"(\w) (?=[(\[])", r"\1", " ".join(parts))
    text = re.sub(r" ?\. ?(?=[a-z])", ".", text)
    return re.sub(r"(^|[-+*/<>=&|,(] )- ", r"\1-", text)


def _after(tokens: Tokens, at: int) -> int:
    """Return the place after a token, or after the bracket that closes it."""
    if tokens[at] not in CLOSING:
        return at + 1
    depth = 0
    while True:
        depth += (tokens[at] in CLOSING) - (tokens[at] in CLOSING.values())
        at += 1
        if depth == 0:
            return at


def _split(tokens: Tokens, mark: str) -> list[Tokens]:
    """Return the parts between marks that are in no brackets."""
    parts: list[list[str]] = [[]]
    at = 0
    while at < len(tokens):
        end = _after(tokens, at)
        if tokens[at] == mark:
            parts.append([])
        else:
            parts[-1].extend(tokens[at:end])
        at = end
    return [part for part in parts if part]
