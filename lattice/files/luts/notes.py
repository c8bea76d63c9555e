"""Provenance as the comment lines of a text LUT, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lattice.process_list import Node, ProcessList

MARK = "lattice "
LONGEST = 180  # characters of a line: a host's longest line is 200
MOST_COMMENTS = 2000  # characters of others' comments that are kept
LEFT_OUT = "look"  # a whole look file as text


def to_lines(provenance: Mapping[str, str]) -> list[str]:
    """Return the facts as lines "lattice KEY: VALUE" of ASCII, at most 180 characters long; longer values are cut.

    Control characters, letters beyond ASCII and backslashes are escaped as Python does. The fact "look" is left out.
    """
    lines = []
    for key, value in provenance.items():
        if key != LEFT_OUT:
            head = MARK + _escaped(key, LONGEST // 3).replace(":", r"\x3a") + ": "
            lines.append(head + _escaped(value, LONGEST - len(head)))
    return lines


def from_lines(lines: Iterable[str]) -> dict[str, str]:
    """Return the facts that `to_lines` wrote, and all other comments, joined, as the fact "comments"."""
    facts: dict[str, str] = {}
    others: list[str] = []
    for line in lines:
        key, colon, value = line.removeprefix(MARK).partition(":")
        if line.startswith(MARK) and colon:
            facts[_plain(key)] = _plain(value.removeprefix(" "))
        elif line:
            others.append(line)
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
    try:
        return text.encode("ascii").decode("unicode_escape").encode("utf-8", "replace").decode("utf-8")
    except UnicodeError:  # of another hand
        return text
