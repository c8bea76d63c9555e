"""The answers to the page's requests, over HTTP. Blocking work runs in threads, never in the event loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from lattice.view import wire
from lattice.view.desk import Desk, File
from lattice.view.kept import Frames
from lattice.view.pool import Pool
from lattice.view.references import Inputs
from lattice.view.replies import Parts, download, told_in
from lattice.view.session import Slots

TYPES = {".js": "text/javascript", ".css": "text/css", ".txt": "text/plain", ".svg": "image/svg+xml"}
PAGES = {path.relative_to(wire.PAGE).as_posix(): path for path in sorted(wire.PAGE.rglob("*")) if path.suffix in TYPES}
TICKS, TICK = 10, 0.1  # of a beat: so many, each of so many seconds

T = TypeVar("T")


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


class Answers:
    """An answer for each request."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.desk = Desk(room.frames, room.slots, room.pool, room.layer, room.inputs)

    async def index(self, request: Request) -> Response:
        data = await self.room.run((wire.PAGE / "index.html").read_bytes)
        return Response(data, media_type="text/html")

    async def page(self, request: Request) -> Response:
        path = PAGES.get(request.path_params["name"])
        if path is None:
            raise HTTPException(404, "no such file of the page")
        return Response(await self.room.run(path.read_bytes), media_type=TYPES[path.suffix])

    async def session(self, request: Request) -> Response:
        return JSONResponse(await self.room.run(self.desk.session))

    async def shader(self, request: Request) -> Response:
        return PlainTextResponse(await self.room.run(wire.shader_text))

    async def frame(self, request: Request) -> Response:
        told = {**request.query_params, **request.path_params}
        return Parts(await self.room.run(lambda: self.desk.frame(told)))

    async def profile(self, request: Request) -> Response:
        told = {**request.query_params, **request.path_params}
        return JSONResponse(await self.room.run(lambda: self.desk.profile(told)))

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
        told = await told_in(request)
        return Parts([await self.room.run(lambda: self.desk.sdev(told))])

    async def draw(self, request: Request) -> Response:
        told = await told_in(request)
        canvas, about = await self.room.run(lambda: self.desk.draw(told))
        return Parts([canvas.reshape(-1).data], {"X-Lattice": json.dumps(about)})

    async def probe(self, request: Request) -> Response:
        told = await told_in(request)
        return JSONResponse(await self.room.run(lambda: self.desk.probe(told)))

    async def save(self, request: Request) -> Response:
        told = await told_in(request)
        saved = await self.room.run(lambda: self.desk.save(told))
        return download(*saved) if isinstance(saved, File) else JSONResponse(saved)

    async def export(self, request: Request) -> Response:
        told = await told_in(request)
        return download(*await self.room.run(lambda: self.desk.export(told)))
