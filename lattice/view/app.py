"""The requests that the page makes, and their answers. Blocking work runs in threads, never in the event loop."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from lattice.errors import one_line, printable
from lattice.files.images.formats import suffixes
from lattice.looks import profile_names
from lattice.types import LatticeError
from lattice.version import __version__
from lattice.view import drawn, looking, probe, session, wire
from lattice.view.frames import frame_header, plan_reading
from lattice.view.guard import Door, Guard
from lattice.view.kept import LARGEST_SCALE, Frames, Want
from lattice.view.pool import Pool
from lattice.view.session import Inputs, Reference, Slots, Superseded

TYPES = {".js": "text/javascript", ".css": "text/css", ".txt": "text/plain"}
PAGES = {path.relative_to(wire.PAGE).as_posix(): path for path in sorted(wire.PAGE.rglob("*")) if path.suffix in TYPES}
BINARY = "application/octet-stream"
AT_ONCE = 2**20  # bytes of a body between two looks at other requests
TICKS, TICK = 10, 0.1  # of a beat: so many, each of so many seconds
MOST_SIDE, MOST_PIXELS = 2**14, 2**25  # of a canvas
NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
FIELD = re.compile(r"([a-z_]+(?:\.[a-z_]+)*): .+", re.DOTALL)
FILES = (".exr", ".toml", ".clf", *suffixes())

T = TypeVar("T")
Call = Callable[[Request], Any]


@dataclass
class Room:
    """All that a server holds. layer: the one that is shown first, "" for the default. stopping: set to end streams."""

    frames: Frames
    slots: Slots
    pool: Pool
    layer: str = ""
    inputs: Inputs = field(default_factory=Inputs)
    stopping: bool = False

    async def run(self, call: Callable[[], T]) -> T:
        """Run a call in a thread."""
        return await asyncio.wrap_future(self.pool.run(call))


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


def make(room: Room, door: Door) -> ASGIApp:
    """Return the application behind its guard."""
    answers = _Answers(room)
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
            LatticeError: _refused,
            Superseded: lambda request, error: _errors(409, "", "a newer request of this page took its place"),
            HTTPException: _not_there,
            Exception: _broken,
        },
    )
    return Guard(app, door)


def _errors(status: int, name: str, message: str) -> Response:
    return JSONResponse({"errors": [{"field": name, "message": message}]}, status)


def _refused(request: Request, error: Exception) -> Response:
    found = FIELD.fullmatch(str(error))
    name = "" if found is None or found[1].endswith(FILES) else found[1]
    return _errors(422, name, printable(error))


def _not_there(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _errors(error.status_code, "", error.detail)


def _broken(request: Request, error: Exception) -> Response:
    line = printable(f"{request.method} {request.url.path}: {type(error).__name__}: {one_line(error)}")
    print(f"lattice: {line}", file=sys.stderr)
    return _errors(500, "", line)


async def _told(request: Request) -> dict[str, Any]:
    """Return a request's JSON object. Raises HTTPException for anything else."""
    try:
        told = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"expected JSON, got {one_line(error):.80}") from None
    if not isinstance(told, dict):
        raise HTTPException(400, "expected a JSON object")
    return told


def _whole(name: str, value: object, least: int = 0, most: int = 10**9 - 1) -> int:
    """Return a whole number of JSON or of an address. Raises LatticeError for anything else."""
    if isinstance(value, str) and NUMBER.fullmatch(value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise LatticeError(f"{name}: expected a whole number from {least} to {most}, got {value!r:.40}")
    return value


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise LatticeError(f"{name}: expected a text, got {value!r:.40}")
    return value


class _Answers:
    """An answer for each request."""

    def __init__(self, room: Room) -> None:
        self.room = room

    async def index(self, request: Request) -> Response:
        data = await self.room.run((wire.PAGE / "index.html").read_bytes)
        return Response(data, media_type="text/html")

    async def page(self, request: Request) -> Response:
        path = PAGES.get(request.path_params["name"])
        if path is None:
            raise HTTPException(404, "no such file of the page")
        return Response(await self.room.run(path.read_bytes), media_type=TYPES[path.suffix])

    async def session(self, request: Request) -> Response:
        return JSONResponse(await self.room.run(self._session))

    def _session(self) -> dict[str, Any]:
        room, frames = self.room, self.room.frames
        return {
            "version": __version__,
            "shots": [{**shot.as_json(), "notes": self._notes(k)} for k, shot in enumerate(frames.shots)],
            "slots": room.slots.as_json(),
            "looks": profile_names(),
            "author": room.slots.author_json(),
            "memory": {"cache": frames.memory},
            "constants": looking.constants(),
            "input": frames.options.input,
            "suffixes": list(session.SUFFIXES),
            "layer": room.layer,
        }

    def _notes(self, shot: int) -> list[str]:
        """Return what is to be said of a shot's first frame; its own request says why it cannot be read."""
        frames = self.room.frames
        try:
            return list(plan_reading(frames.shots[shot].paths[0], "", "", frames.options).notes)
        except LatticeError:
            return []

    async def shader(self, request: Request) -> Response:
        return PlainTextResponse(await self.room.run(wire.shader_text))

    async def frame(self, request: Request) -> Response:
        asked, told = request.path_params, request.query_params
        scale = _whole("scale", told.get("scale", "1"), 1, LARGEST_SCALE)
        shot, index = (_whole(name, asked[name]) for name in ("shot", "index"))
        want = Want(shot, index, told.get("layer", self.room.layer), told.get("view", ""), scale)
        return Parts(await self.room.run(lambda: self._frame(want)))

    def _frame(self, want: Want) -> list[bytes | memoryview]:
        loaded = self.room.frames.get(want)
        shot = self.room.frames.shots[want.shot]
        number = self.room.inputs.number(loaded.primaries)
        header = frame_header(loaded, shot.paths[want.index], shot.number(want.index), number)
        return wire.framed(header, loaded.picture.planes)

    async def profile(self, request: Request) -> Response:
        slot = _whole("slot", request.path_params["slot"], 1, session.MOST_SLOTS)
        slots = self.room.slots
        asked = Reference.of({"slot": slot, "look": request.query_params.get("look", "")})
        profile = await self.room.run(lambda: slots.profile(asked))
        told = await self.room.run(lambda: session.author().describe(profile))
        self.room.pool.run(lambda: slots.warm(profile))
        return JSONResponse(told)

    async def events(self, request: Request) -> Response:
        return StreamingResponse(self._beats(), media_type="text/event-stream")

    async def _beats(self) -> AsyncIterator[str]:
        """Yield a beat every second, with what is in memory where that changed."""
        before: object = None
        while not self.room.stopping:
            now = self.room.frames.ranges()
            yield f"data: {json.dumps({} if now == before else {'frames': now})}\n\n"
            before = now
            for _ in range(TICKS):
                if not self.room.stopping:
                    await asyncio.sleep(TICK)

    async def cached(self, request: Request) -> Response:
        return JSONResponse(self.room.frames.ranges())

    async def sdev(self, request: Request) -> Response:
        told = await _told(request)
        asked, primaries = Reference.of(told), self.room.inputs.of(told.get("input", 0))
        try:
            return Parts([await self.room.run(lambda: self.room.slots.packed(asked, primaries))])
        except LatticeError as error:
            if not asked.changes:
                raise
            return JSONResponse({"errors": session.author().faults(error)}, 422)

    async def draw(self, request: Request) -> Response:
        told = await _told(request)
        size = _whole("width", told.get("width"), 1, MOST_SIDE), _whole("height", told.get("height"), 1, MOST_SIDE)
        if size[0] * size[1] > MOST_PIXELS:
            raise LatticeError(f"width: expected at most {MOST_PIXELS} pixels, got {size[0]} x {size[1]}")
        seen = looking.Looking.of(told.get("looking", {}))
        canvas, about = await self.room.run(lambda: self._draw(told, size, seen))
        return Parts([canvas.reshape(-1).data], {"X-Lattice": json.dumps(about)})

    def _draw(
        self, told: Mapping[str, Any], size: tuple[int, int], seen: looking.Looking
    ) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        scale = min(looking.scale_for(seen.zoom), LARGEST_SCALE)
        a, notes = self._shown(told, told.get("a"), scale, told.get("page"))
        b = None
        if told.get("b") is not None and seen.mode != "single":
            b, more = self._shown(told, told["b"], scale, told.get("page"))
            notes = [*notes, *(note for note in more if note not in notes)]
        return drawn.draw(size, seen, a, b), {"scale": scale, "notes": notes}

    def _shown(self, told: Mapping[str, Any], asked: object, scale: int, page: object) -> tuple[drawn.Shown, list[str]]:
        """Return a picture and its SDev for a reference, which may name a shot of its own."""
        if not isinstance(asked, dict):
            raise LatticeError(f"a: expected an object with a slot, got {asked!r:.40}")
        reference = Reference.of({"page": page, **asked})
        loaded = self.room.frames.get(self._want(told, asked.get("shot"), scale))
        if loaded.picture.raw:
            return (loaded.picture, None), list(loaded.notes)
        return (loaded.picture, self.room.slots.shown(reference, loaded.primaries)), list(loaded.notes)

    def _want(self, told: Mapping[str, Any], shot: object = None, scale: int = 1) -> Want:
        """Return the picture that a request names; of another shot the same index, or its last."""
        shots = self.room.frames.shots
        own = _whole("shot", told.get("shot"), 0, len(shots) - 1)
        number = own if shot is None else _whole("b.shot", shot, 0, len(shots) - 1)
        index = _whole("frame", told.get("frame"))
        layer, view = (_text(name, told.get(name) or "") for name in ("layer", "view"))
        if number != own:
            index, layer, view = min(index, len(shots[number].paths) - 1), "", ""
        return Want(number, index, layer, view, scale)

    async def probe(self, request: Request) -> Response:
        told = await _told(request)
        area = tuple(_whole(name, told.get(name, 1), -probe.FARTHEST, probe.FARTHEST) for name in ("x", "y", "w", "h"))
        seen, asked = looking.Looking.of({"exposure": told.get("exposure", 0.0)}), told.get("a")
        reference = Reference.of(asked) if isinstance(asked, dict) else None

        def probed() -> dict[str, Any]:
            loaded = self.room.frames.get(self._want(told))
            raw = loaded.picture.raw or reference is None
            sdev = None if raw or reference is None else self.room.slots.shown(reference, loaded.primaries)
            return probe.probe(loaded.picture, area, sdev, seen.exposure)

        return JSONResponse(await self.room.run(probed))

    async def save(self, request: Request) -> Response:
        told = await _told(request)
        asked = Reference.of({**told, "changes": told.get("changes") or {}})
        name = _text("name", told.get("name") or "")
        slots = self.room.slots
        if slots.author is not None:
            path = Path(slots.author)
            await self.room.run(
                lambda: session.author().save(slots.profile(asked).replace(name=name or path.stem), path)
            )
            return JSONResponse({"path": printable(path)})
        base = Reference(asked.slot, asked.look)
        text = await self.room.run(lambda: session.author().toml(slots.profile(base), asked.changes, name))
        return _download(f"{session.plain_name(name)}.toml", text.encode(), "application/toml")

    async def export(self, request: Request) -> Response:
        told = await _told(request)
        asked = Reference.of({**told, "quality": "rest"})
        name, data = await self.room.run(
            lambda: session.exported(self.room.slots.sdev(asked), told.get("suffix", ".clf"))
        )
        return _download(name, data, BINARY)


def _download(name: str, data: bytes, kind: str) -> Response:
    return Response(data, 200, {"Content-Disposition": f'attachment; filename="{name}"'}, kind)
