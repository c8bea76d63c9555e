"""What a LUT format is to the register: its suffixes, and its two functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lattice.process_list import ProcessList


@dataclass(frozen=True)
class LutFormat:
    """A format of LUT files.

    name: as people call it. suffixes: lower case, with the dot; the first is that of what is written.
    parse: bytes of a file to a process list, whose name is the file's title or "". It raises LatticeError that begins
        with the line, "line 12: expected 3 numbers, got 2", where there is one; never with the path.
    most_bytes: of a file; a larger one is not read.
    write: a process list to bytes, or None if the format is only read. It raises LatticeError that says what the format
        holds if the list is anything else. What the format holds comes back bit for bit.
    is_exact: False if the format's numbers are whole or half floats, to which others are rounded.
    is_it: True if the bytes are of this format; asked where several formats share a suffix, in the register's order.
    """

    name: str
    suffixes: tuple[str, ...]
    parse: Callable[[bytes], ProcessList]
    most_bytes: int
    write: Callable[[ProcessList], bytes] | None = None
    is_it: Callable[[bytes], bool] = lambda data: True
    is_exact: bool = True
