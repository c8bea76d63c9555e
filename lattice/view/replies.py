"""What answers are made of: binary pieces, errors by field, and the JSON and the numbers of requests."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from lattice.errors import one_line, printable
from lattice.files.images.formats import suffixes
from lattice.types import LatticeError

BINARY = "application/octet-stream"
AT_ONCE = 2**20  # bytes of a body between two looks at other requests
NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
FIELD = re.compile(r"([a-z_]+(?:\.[a-z_]+)*): .+", re.DOTALL)
FILES = (".exr", ".toml", ".clf", *suffixes())


class Parts(Response):
    """A binary answer of several pieces of memory, which are not joined."""

    def __init__(self, parts: Sequence[bytes | memoryview], headers: Mapping[str, str] | None = None) -> None:
        self.parts = parts
        size = str(sum(len(part) for part in parts))
        super().__init__(None, 200, {"Content-Length": size, **(headers or {})}, BINARY)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the pieces, each in steps of AT_ONCE bytes."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for part in self.parts if scope["method"] != "HEAD" else ():
            for start in range(0, len(part), AT_ONCE):
                await send({"type": "http.response.body", "body": part[start : start + AT_ONCE], "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def errors(status: int, name: str, message: str) -> Response:
    """Return one fault of a field; name: "" for none."""
    return JSONResponse({"errors": [{"field": name, "message": message}]}, status)


def refused(request: Request, error: Exception) -> Response:
    """Answer with a LatticeError, by the field that begins it; a file's name is no field."""
    found = FIELD.fullmatch(str(error))
    name = "" if found is None or found[1].endswith(FILES) else found[1]
    return errors(422, name, printable(error))


def superseded(request: Request, error: Exception) -> Response:
    """Answer a request that a newer one of the same page made needless."""
    return errors(409, "", "a newer request of this page took its place")


def not_there(request: Request, error: Exception) -> Response:
    """Answer with an HTTPException."""
    assert isinstance(error, HTTPException)
    return errors(error.status_code, "", error.detail)


def broken(request: Request, error: Exception) -> Response:
    """Answer with a bug, one line here and on the terminal."""
    line = printable(f"{request.method} {request.url.path}: {type(error).__name__}: {one_line(error)}")
    print(f"lattice: {line}", file=sys.stderr)
    return errors(500, "", line)


async def told_in(request: Request) -> dict[str, Any]:
    """Return a request's JSON object. Raises HTTPException for anything else."""
    try:
        told = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"expected JSON, got {one_line(error):.80}") from None
    if not isinstance(told, dict):
        raise HTTPException(400, "expected a JSON object")
    return told


def whole(name: str, value: object, least: int = 0, most: int = 10**9 - 1) -> int:
    """Return a whole number of JSON or of an address. Raises LatticeError for anything else."""
    if isinstance(value, str) and NUMBER.fullmatch(value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise LatticeError(f"{name}: expected a whole number from {least} to {most}, got {value!r:.40}")
    return value


def text(name: str, value: object) -> str:
    """Return a text of JSON. Raises LatticeError for anything else."""
    if not isinstance(value, str):
        raise LatticeError(f"{name}: expected a text, got {value!r:.40}")
    return value


def download(name: str, data: bytes, kind: str) -> Response:
    """Return a file that the browser saves under this name."""
    return Response(data, 200, {"Content-Disposition": f'attachment; filename="{name}"'}, kind)
