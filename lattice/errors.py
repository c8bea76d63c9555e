"""LatticeError, the one exception, LatticeWarning, and helpers for messages; without NumPy, for the command line."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

SHORTEST = 2  # letters: a shorter word is not searched for inside names


class LatticeError(ValueError):
    """A fault that the user can fix: the message names the place, what was expected and what was found."""


class LatticeWarning(UserWarning):
    """A line that the user should read, though the work is done."""


def one_line(message: object) -> str:
    """Return a message, or an exception's message, as one line; the exception's class name if it has no message."""
    return " ".join(str(message).split()) or (type(message).__name__ if isinstance(message, BaseException) else "")


def printable(text: object) -> str:
    """Return a text with control characters escaped, line ends too: what a file's name may hold stays in its line."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in str(text)
    )


def holding(text: str, names: Iterable[str]) -> list[str]:
    """Return the names that contain a text: those that begin with it first, and the shorter ones first."""
    found = (name for name in names if len(text) >= SHORTEST and text in name)
    return sorted(found, key=lambda name: (not name.startswith(text), len(name)))


def did_you_mean(word: object, names: Iterable[str]) -> str:
    """Return `; did you mean 'premier'?` for the name that is closest to the word or contains it, else ""."""
    close = nearest(word, names)
    return f"; did you mean {close!r}?" if close else ""


def nearest(word: object, names: Iterable[str]) -> str | None:
    """Return the name that is closest to the word in any case of letters, one that begins with it before all others,
    or that contains it, else None."""
    text, folded = str(word).casefold(), {name.casefold(): name for name in names}
    begun = [name for name in folded if len(text) >= SHORTEST and name.startswith(text)]
    close = get_close_matches(text, begun, n=1) or sorted(begun, key=len) or get_close_matches(text, folded, n=1)
    close = close or [name for name in folded if len(text) >= SHORTEST and text in name]
    return folded[close[0]] if close else None
