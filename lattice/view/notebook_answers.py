"""The answers to a notebook's page: JSON, and binary pieces beside it; the same as the server's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lattice.errors import one_line, printable
from lattice.types import LatticeError
from lattice.view import wire
from lattice.view.desk import Desk, File, Told
from lattice.view.notebook_page import page
from lattice.view.references import Superseded
from lattice.view.told import faults_of

Pieces = Sequence[bytes | memoryview]
Answer = tuple[dict[str, Any], Pieces]


def _json(value: object) -> Answer:
    return {"json": value}, ()


def _file(file: File) -> Answer:
    return {"file": file.name, "kind": file.kind}, (file.data,)


def _frame(desk: Desk, told: Told) -> Answer:
    pieces = desk.frame(told)
    return {"cached": desk.frames.ranges()}, pieces


def _draw(desk: Desk, told: Told) -> Answer:
    canvas, about = desk.draw(told)
    return {"json": about, "cached": desk.frames.ranges()}, (canvas.reshape(-1).data,)


def _save(desk: Desk, told: Told) -> Answer:
    saved = desk.save(told)
    return _file(saved) if isinstance(saved, File) else _json(saved)


def _rest(desk: Desk, told: Told) -> Answer:
    desk.rest()
    return _json(None)


ASKED: Mapping[str, Callable[[Desk, Told], Answer]] = {
    "page": lambda desk, told: _json(page()),
    "rest": _rest,
    "session": lambda desk, told: _json(desk.session()),
    "shader": lambda desk, told: _json(wire.shader_text()),
    "frame": _frame,
    "profile": lambda desk, told: _json(desk.profile(told)),
    "sdev": lambda desk, told: ({}, (desk.sdev(told),)),
    "draw": _draw,
    "probe": lambda desk, told: _json(desk.probe(told)),
    "save": _save,
    "export": lambda desk, told: _file(desk.export(told)),
}


def answer(desk: Desk, request: Told) -> Answer:
    """Return the answer to a request {ask, body}: its facts with a status as in HTTP, and its binary pieces."""
    asked, body = request.get("ask"), request.get("body")
    try:
        if not isinstance(asked, str) or asked not in ASKED or not isinstance(body, dict):
            raise LatticeError(f"ask: expected {', '.join(ASKED)} with a body, got {asked!r:.40}")
        facts, pieces = ASKED[asked](desk, body)
    except Superseded as error:
        return _fault(409, [{"field": "", "message": str(error)}])
    except LatticeError as error:
        return _fault(422, faults_of(error))
    except Exception as error:  # a bug is a line on the page, not a request that never ends
        return _fault(500, [{"field": "", "message": printable(f"{asked}: {type(error).__name__}: {one_line(error)}")}])
    return {"status": 200, **facts}, pieces


def _fault(status: int, faults: list[dict[str, str]]) -> Answer:
    return {"status": status, "errors": faults}, ()
