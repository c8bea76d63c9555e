"""The standard streams of a command: a failed write ends no work, and is remembered."""

from __future__ import annotations

import errno
import io
import sys
from typing import Any


class Patient(io.FileIO):
    """A file descriptor whose writes never fail. trouble: why the first one did, None if all were done."""

    trouble: OSError | None = None

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            self.trouble = self.trouble or error
            return len(data)


def patient(stream: Any) -> Any:
    """Return a stream to use in place of a standard one; as it is if it is no text file of this process.

    A name that is no valid text is written with backslashes.
    """
    if not isinstance(stream, io.TextIOWrapper) or not isinstance(stream.buffer, io.BufferedWriter | io.FileIO):
        return stream
    raw = Patient(stream.fileno(), "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw), stream.encoding, errors="backslashreplace", line_buffering=stream.line_buffering
    )


def lost() -> str | None:
    """Return why standard output could not be written; None if it could, or if its reader wanted no more."""
    buffer = getattr(sys.stdout, "buffer", None)
    raw = getattr(buffer, "raw", None)
    if not isinstance(raw, Patient):
        return None
    sys.stdout.flush()
    trouble = raw.trouble
    return None if trouble is None or trouble.errno == errno.EPIPE else trouble.strerror or str(trouble)
