"""The application: a route for each request, behind the guard."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ASGIApp

from lattice.types import LatticeError
from lattice.view import replies
from lattice.view.answers import Answers, Room
from lattice.view.guard import Door, Guard
from lattice.view.references import Superseded


def make(room: Room, door: Door) -> ASGIApp:
    """Return the application behind its guard."""
    answers = Answers(room)
    routes = [
        Route(path, answer, methods=[method])
        for method, path, answer in (
            ("GET", "/", answers.index),
            ("GET", "/page/{name:path}", answers.page),
            ("GET", "/session", answers.session),
            ("GET", "/shader", answers.shader),
            ("GET", "/frame/{shot}/{index}", answers.frame),
            ("GET", "/profile/{slot}", answers.profile),
            ("GET", "/events", answers.events),
            ("GET", "/cached", answers.cached),
            ("POST", "/sdev", answers.sdev),
            ("POST", "/draw", answers.draw),
            ("POST", "/probe", answers.probe),
            ("POST", "/save", answers.save),
            ("POST", "/export", answers.export),
        )
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={
            LatticeError: replies.refused,
            Superseded: replies.superseded,
            HTTPException: replies.not_there,
            Exception: replies.broken,
        },
    )
    return Guard(app, door)
