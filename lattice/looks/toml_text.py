"""Read a TOML file that a person wrote, within bounds, and find the line of a key in it."""

from __future__ import annotations

import re
import tomllib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path
from typing import Any

from lattice.errors import LatticeError
from lattice.files.storage.read import read_bytes

Values = dict[str, Any]  # of a TOML table
MAX_BYTES = 2**17  # a look with both stocks in full is 34 KB
MOST_LEVELS = 32  # of tables and lists in each other, and parts of a key; a look needs 4
WIDEST = 2**63  # integers of TOML have 64 bits
HINTS = {  # for what tomllib says
    "Exceeds the limit": "a number of too many digits",
    "Invalid value": "expected a number such as 0.5, text in quotes, or a list in brackets",
    "Cannot overwrite a value": "a field is given twice",
}
PART = r"""(?:[\w-]+|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
KEY = rf"{PART}(?:[ \t]*+\.[ \t]*+{PART})*"
# tomllib takes seconds for a key of thousands of parts, so that its length is looked at before.
LONG_KEY = re.compile(rf"(?:^|[{{,])[ \t]*+\[{{0,2}}[ \t]*+(?:{PART}[ \t]*+\.[ \t]*+){{{MOST_LEVELS}}}", re.M | re.A)
HEADER = re.compile(rf"[ \t]*+\[{{1,2}}[ \t]*+({KEY})[ \t]*+\]", re.A)
FIELD = re.compile(rf"[ \t]*+({KEY})[ \t]*+=", re.A)


def read_toml(path: Path, most: int = MAX_BYTES) -> Values:
    """Read a TOML file as a dict. A byte-order mark of UTF-8 and line ends of Windows are accepted.

    Raises LatticeError, with the path, if it is absent, over `most` bytes, no TOML, or deeper than MOST_LEVELS.
    """
    return toml_of(read_bytes(path, most + 1), path, most)


def toml_of(data: bytes, path: Path, most: int = MAX_BYTES) -> Values:
    """Return the bytes of a TOML file as a dict. path: for messages. Raises LatticeError as `read_toml`."""
    text = _decoded(data, path, most)
    if (match := LONG_KEY.search(text)) is not None:
        raise LatticeError(f"{path}: line {_line(text, match.end())}: a key of over {MOST_LEVELS} parts is no field")
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise LatticeError(f"{path}: {_reason(error)}") from None
    _check(values, f"{path}: ", MOST_LEVELS)
    return values


class Lines:
    """The lines of a TOML file that set its fields. Raises LatticeError as `read_toml`."""

    def __init__(self, path: Path) -> None:
        self._whole: dict[tuple[str, ...], int] = {}
        self._started: dict[tuple[str, ...], int] = {}
        table: tuple[str, ...] = ()
        for number, line in enumerate(text_of(path).split("\n"), 1):
            if (match := HEADER.match(line)) is not None:
                table = at = _parts(match[1])
            elif (match := FIELD.match(line)) is not None:
                at = table + _parts(match[1])
            else:
                continue
            self._whole.setdefault(at, number)
            for k in range(1, len(at) + 1):
                self._started.setdefault(at[:k], number)

    def of(self, keys: tuple[str, ...]) -> tuple[int, int]:
        """Return how many of `keys`, the path of a field, a line sets, and that line's number, from 1: of the field
        itself, or the nearest table around it. (0, 0) if there is none."""
        if keys in self._started:
            return len(keys), self._started[keys]
        shared = next((k for k in range(len(keys) - 1, 0, -1) if keys[:k] in self._whole), 0)
        return shared, self._whole[keys[:shared]] if shared else 0


def text_of(path: Path, most: int = MAX_BYTES) -> str:
    """Return the text of a file of at most `most` bytes. Raises LatticeError if it is longer, or not UTF-8."""
    return _decoded(read_bytes(path, most + 1), path, most)


def _decoded(data: bytes, path: Path, most: int) -> str:
    if len(data) > most:
        what = "a look or stock of" if most == MAX_BYTES else ""
        raise LatticeError(f"{path}: expected {what} at most {most:,} bytes, got more".replace("  ", " "))
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise LatticeError(f"{path}: the text is UTF-16; save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LatticeError(f"{path}: line {line}: a byte that is not UTF-8; save it as UTF-8") from None


def _reason(error: Exception) -> str:
    """Return why a text is no TOML, with the line first."""
    if isinstance(error, RecursionError):
        return f"tables or lists over {MOST_LEVELS} deep are no fields"
    message, _, place = str(error).rstrip(")").partition(" (at ")
    line, _, column = place.partition(", ")
    hint = next((hint for start, hint in HINTS.items() if message.startswith(start)), message)
    return (f"{line}: " if column else "") + f"no readable TOML: {hint}" + (f" ({column})" if column else "")


def _check(value: object, where: str, levels: int) -> None:
    """Raise LatticeError if tables and lists are over `levels` deep, or an integer has over 64 bits."""
    if isinstance(value, dict | list):
        if not levels:
            raise LatticeError(f"{where}tables or lists over {MOST_LEVELS} deep are no fields")
        for each in value.values() if isinstance(value, dict) else value:
            _check(each, where, levels - 1)
    elif isinstance(value, int) and abs(value) > WIDEST:
        raise LatticeError(f"{where}expected numbers of at most 64 bits, got one of {value.bit_length()}")


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _parts(key: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(PART, key, re.A))
