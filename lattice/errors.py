"""The one error. It stands alone so that the command line can name it without loading NumPy."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class LatticeError(ValueError):
    """A fault that the user can mend: the message names the place, what was expected and what was found."""


def one_line(message: object) -> str:
    """A message or an exception's message as one line; the exception's class where it has no message."""
    return " ".join(str(message).split()) or (type(message).__name__ if isinstance(message, BaseException) else "")


def did_you_mean(word: object, names: Iterable[str]) -> str:
    """`; did you mean 'premier'?` where one of the names is close to the word, else nothing."""
    close = get_close_matches(str(word), list(names), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
