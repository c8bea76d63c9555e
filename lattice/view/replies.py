"""What answers are made of: binary pieces, errors by field; and the JSON of requests."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from lattice.errors import one_line, printable
from lattice.view.told import faults_of

BINARY = "application/octet-stream"
AT_ONCE = 2**20  # bytes of a body between two looks at other requests


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
    """Answer with a LatticeError, by field."""
    return JSONResponse({"errors": faults_of(error)}, 422)


def superseded(request: Request, error: Exception) -> Response:
    """Answer a request that a newer one of the same page made needless."""
    return errors(409, "", str(error))


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


def download(name: str, data: bytes, kind: str) -> Response:
    """Return a file that the browser saves under this name."""
    return Response(data, 200, {"Content-Disposition": f'attachment; filename="{name}"'}, kind)
