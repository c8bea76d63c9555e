"""PyOpenColorIO, asked so that a fault is one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lattice.errors import LatticeError, one_line


def library() -> Any:
    """Return the module PyOpenColorIO. Raises LatticeError that says how to install it."""
    try:
        import PyOpenColorIO
    except ImportError:
        raise LatticeError("configs need OpenColorIO: pip install 'lattice-film[ocio]'") from None
    return PyOpenColorIO


def lut_suffixes() -> frozenset[str]:
    """Return the suffixes of all LUT files that OpenColorIO reads, with the dot."""
    return frozenset(f".{suffix}" for _, suffix in library().FileTransform.getFormats())


@contextmanager
def asking(where: object) -> Iterator[Any]:
    """Yield PyOpenColorIO, which logs nothing meanwhile; an exception of it becomes a LatticeError that begins with
    `where`."""
    ocio = library()
    level = ocio.GetLoggingLevel()
    ocio.SetLoggingLevel(ocio.LOGGING_LEVEL_NONE)
    try:
        yield ocio
    except (ocio.Exception, ocio.ExceptionMissingFile) as error:
        raise LatticeError(f"{where}: {one_line(error)}") from None
    finally:
        ocio.SetLoggingLevel(level)
