"""The one error. It stands alone so that the command line can name it without loading NumPy."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class LatticeError(ValueError):
    """What a user can mend: the message says where, what was expected, and what came."""


def did_you_mean(word: object, names: Iterable[str]) -> str:
    """`; did you mean 'premier'?` where one of the names is close to the word, else nothing."""
    close = get_close_matches(str(word), list(names), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
