"""Provenance as the comment lines of a text LUT, and back."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping

from lattice.process_list import Node, ProcessList

MARK = "lattice "
LONGEST = 180  # characters of a line: a host's longest line is 200
MORE, ON = "+", "++"  # keys of lines that carry the value above on: behind a space, or as it is
MOST_FACT = 4000  # characters of a value
MOST_COMMENTS = 2000  # characters of others' comments that are kept
PLAIN = {"\\": "\\", "n": "\n", "r": "\r", "t": "\t"}
FIRST_SURROGATE, LAST_SURROGATE = 0xD800, 0xDFFF  # which are no letters. Source: Unicode, 3.8
_ESCAPE = re.compile(r"\\(?:([\\nrt])|x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))")
LEFT_OUT = "look"  # a whole look file as text


def to_lines(provenance: Mapping[str, str]) -> list[str]:
    """Return the facts as lines "lattice KEY: VALUE" of ASCII, at most 180 characters long.

    A longer value goes on in lines "lattice +: VALUE", which are joined by a space, or, in a longer word, "lattice ++".
    Of a value 4,000 characters are kept. Control characters, letters beyond ASCII and backslashes are escaped as Python
    does. The fact "look" is left out.
    """
    lines = []
    for key, value in provenance.items():
        if key != LEFT_OUT:
            head = _escaped(key, LONGEST // 3).replace(":", r"\x3a").replace("+", r"\x2b")
            rest = value[:MOST_FACT]
            while True:
                piece, rest, joint = _cut(rest, LONGEST - len(f"{MARK}{head}: "))
                lines.append(f"{MARK}{head}: {piece}")
                if not rest:
                    break
                head = joint
    return lines


def _cut(text: str, most: int) -> tuple[str, str, str]:
    """Return as much of a text as fits a line when escaped, up to a space where there is one; the rest; its key."""
    if len(whole := _escaped(text, 2**20)) <= most:
        return whole, "", MORE
    count = next(count for count in range(most, 0, -1) if len(_escaped(text[:count], 2**20)) <= most)
    space = text.rfind(" ", 1, count)
    if space < 0 or not text[space - 1].strip() or not text[space + 1].strip():  # white space at ends is escaped
        return _escaped(text[:count], most), text[count:], ON
    return _escaped(text[:space], most), text[space + 1 :], MORE


def from_lines(lines: Iterable[str]) -> dict[str, str]:
    """Return the facts that `to_lines` wrote, and all other comments, joined, as the fact "comments"."""
    facts: dict[str, str] = {}
    others: list[str] = []
    last = ""
    for line in lines:
        key, colon, value = line.removeprefix(MARK).partition(":")
        text = _plain(value.removeprefix(" "))
        if not line.startswith(MARK) or not colon:
            others += [line] if line else []
        elif key in (MORE, ON) and last:
            facts[last] += f"{' ' if key == MORE else ''}{text}"
        else:
            last = _plain(key)
            facts[last] = text
    if others:
        before = [facts["comments"]] if "comments" in facts else []
        facts["comments"] = "\n".join([*before, *others])[:MOST_COMMENTS]
    return facts


def of_list(process_list: ProcessList) -> list[str]:
    """Return the lines of a process list's provenance, and of its name as "title" if the provenance has none."""
    title = {"title": process_list.name} if process_list.name else {}
    return to_lines(title | dict(process_list.provenance))


def process_list(nodes: Iterable[Node], comments: Iterable[str], title: str = "") -> ProcessList:
    """Return the process list that a reader found. title: of the file; a title among our own comments comes first."""
    facts = from_lines(comments)
    return ProcessList(facts.get("title", title), tuple(nodes), facts)


def _escaped(text: str, most: int) -> str:
    """Return as much of a text as fits into `most` characters when escaped."""
    found, length = [], 0
    for at, letter in enumerate(text):
        is_end = letter == " " and at in (0, len(text) - 1)  # readers strip white space
        found.append(r"\x20" if is_end else letter.encode("unicode_escape").decode("ascii"))
        length += len(found[-1])
        if length > most:
            return "".join(found[:-1]).rstrip()
    return "".join(found)


def _plain(text: str) -> str:
    """Undo `_escaped`. What it does not write, such as a backslash of another hand, stays as it is."""
    return _ESCAPE.sub(_letter, text) if text.isascii() else text


def _letter(escape: re.Match[str]) -> str:
    if escape[1]:
        return PLAIN[escape[1]]
    number = int(escape[2] or escape[3] or escape[4], 16)
    is_letter = number <= sys.maxunicode and not FIRST_SURROGATE <= number <= LAST_SURROGATE
    return chr(number) if is_letter else escape[0]
