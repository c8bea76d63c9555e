"""Parse the XML of a LUT file within bounds: into elements that know their line, and numbers of their texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from xml.parsers import expat

import numpy as np
from numpy.typing import NDArray

from lattice.errors import LatticeError, one_line
from lattice.files.clf_nodes import checked_text
from lattice.files.number import NUMBER

MOST_MARKS = 100_000  # elements and attributes: 1,000 process nodes with three sets of parameters each take half
MOST_DEPTH = 50  # elements inside each other
MOST_TEXT = 4000  # characters of a text for people that are kept
LONGEST_NUMBER = 100  # characters
CHUNK = 2**20  # characters whose numbers are parsed at once
_NOT_FINITE = re.compile(r"[-+]?(nan|inf(inity)?)", re.IGNORECASE | re.ASCII)
_SPACE = re.compile(r"\s", re.ASCII)
_OF_NUMBERS = b" \t\r\n0123456789.+-eE"


@dataclass(slots=True)
class Element:
    """An element of XML. kind: its name in lower case, for OpenColorIO reads names in any case; tag: as written.

    namespace: its URI, or "". attributes: those without a namespace, by names in lower case. line: where it starts.
    pieces: its text outside of its children, in the file's order.
    """

    tag: str
    namespace: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.tag.lower()

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def fault(self, message: object) -> LatticeError:
        """Return the error that names this element and its line."""
        return LatticeError(one_line(f"line {self.line}: {self.tag:.40}: {message}"))

    def all_text(self) -> str:
        """Return the text of this element and all inside, up to MOST_TEXT characters, each run of spaces as one."""
        words, left, waiting = [], MOST_TEXT, [self]
        while waiting and left > 0:
            element = waiting.pop()
            words.append(one_line(element.text)[:left])
            left -= len(words[-1]) + 1
            waiting += reversed(element.children)
        return " ".join(filter(None, words))

    def number(self, attribute: str, default: float | None = None) -> float:
        """Return the number of an attribute, `default` if it is absent; raises LatticeError without a default."""
        said = self.attributes.get(attribute.lower())
        if said is None and default is not None:
            return default
        if said is None:
            raise self.fault(f"expected {attribute}, got none")
        return float(self.exact(said, attribute))

    def exact(self, text: str, what: str) -> Fraction:
        """Return the number that a text says, without rounding. Raises LatticeError, with `what`, for another text."""
        plain = text.strip()
        if len(plain) > LONGEST_NUMBER or not NUMBER.fullmatch(plain) or abs(float(plain)) > np.finfo(np.float64).max:
            raise self.fault(f"{what}: expected a number, got {plain[:40]!r}")
        return Fraction(plain) if float(plain) else Fraction(0)

    def choice(self, attribute: str, choices: dict[str, str], default: str | None = None) -> str:
        """Return what `choices` has for an attribute's lower-case value, `default` if it is absent."""
        said = self.attributes.get(attribute.lower(), default)
        found = choices.get((said or "").lower())
        if found is None:
            got = "none" if said is None else repr(said[:40])
            raise self.fault(f"expected {attribute} {' or '.join(filter(None, choices.values()))}, got {got}")
        return found

    def numbers(self, count: int, finite: bool = True) -> NDArray[np.float64]:
        """Return the `count` numbers of this element's text, (count,). Raises LatticeError if there are others, or
        unless `finite` is False if one is NaN or infinite."""
        found, at = np.empty(count), 0
        for chunk in _chunks(self.text):
            words = chunk.split()
            if at + len(words) > count:
                raise self.fault(f"expected {count:,} numbers, got more")
            found[at : at + len(words)] = self._parsed(chunk, words, finite)
            at += len(words)
        if at < count:
            raise self.fault(f"expected {count:,} numbers, got {at:,}")
        return found

    def _parsed(self, chunk: str, words: list[str], finite: bool) -> NDArray[np.float64]:
        if not chunk.encode().translate(None, _OF_NUMBERS) and max(map(len, words), default=0) <= LONGEST_NUMBER:
            try:
                found = np.fromiter(map(float, words), np.float64, len(words))
            except ValueError:
                found = np.array(np.nan)
            if np.isfinite(found).all():
                return found
        for word in words:
            if len(word) > LONGEST_NUMBER or not (NUMBER.fullmatch(word) or _NOT_FINITE.fullmatch(word)):
                raise self.fault(f"expected numbers, got {word[:20]!r}")
            if finite and not np.isfinite(float(word)):
                raise self.fault(f"expected finite numbers, got {word[:20]!r}")
        return np.array([float(word) for word in words])


def _chunks(text: str) -> Iterator[str]:
    begin = 0
    while begin < len(text):
        space = _SPACE.search(text, begin + CHUNK)
        end = space.start() if space else len(text)
        yield text[begin:end]
        begin = end


class _Tree:
    """The tree that expat's calls build."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate("UTF-8", " ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.root: Element | None = None
        self.open: list[Element] = []

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, tag = name.rpartition(" ")
        plain = {key.lower(): value for key, value in attributes.items() if " " not in key}
        element = Element(tag, namespace, plain, self.parser.CurrentLineNumber)
        if len(self.open) >= MOST_DEPTH:
            raise element.fault(f"expected at most {MOST_DEPTH} elements inside each other, got more")
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def _end(self, name: str) -> None:
        self.open.pop()

    def _characters(self, text: str) -> None:
        self.open[-1].pieces.append(text)


def parse(data: bytes, what: str) -> Element:
    """Return the root of an XML document. what: "a CLF", in messages.

    Raises LatticeError unless it is XML in UTF-8, without a DOCTYPE, of at most MOST_MARKS elements and attributes and
    MOST_DEPTH elements inside each other.
    """
    checked_text(data, what, MOST_MARKS)
    tree = _Tree()
    try:
        tree.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise LatticeError(f"line {error.lineno}: expected XML, got {expat.ErrorString(error.code)}") from None
    if tree.root is None:
        raise LatticeError("expected XML, got no element")
    return tree.root
