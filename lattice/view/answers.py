"""The requests that the page makes, and their answers. Blocking work runs in threads, never in the event loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from lattice.errors import printable
from lattice.looks import profile_names
from lattice.types import LatticeError
from lattice.version import __version__
from lattice.view import drawn, looking, probe, session, wire
from lattice.view.frames import frame_header, plan_reading
from lattice.view.kept import LARGEST_SCALE, Frames, Want
from lattice.view.pool import Pool
from lattice.view.references import MOST_SLOTS, Inputs, Reference
from lattice.view.replies import BINARY, Parts, download, text, told_in, whole
from lattice.view.session import Slots

TYPES = {".js": "text/javascript", ".css": "text/css", ".txt": "text/plain"}
PAGES = {path.relative_to(wire.PAGE).as_posix(): path for path in sorted(wire.PAGE.rglob("*")) if path.suffix in TYPES}
TICKS, TICK = 10, 0.1  # of a beat: so many, each of so many seconds
MOST_SIDE, MOST_PIXELS = 2**14, 2**25  # of a canvas

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
        scale = whole("scale", told.get("scale", "1"), 1, LARGEST_SCALE)
        shot, index = (whole(name, asked[name]) for name in ("shot", "index"))
        want = Want(shot, index, told.get("layer", self.room.layer), told.get("view", ""), scale)
        return Parts(await self.room.run(lambda: self._frame(want)))

    def _frame(self, want: Want) -> list[bytes | memoryview]:
        loaded = self.room.frames.get(want)
        shot = self.room.frames.shots[want.shot]
        number = self.room.inputs.number(loaded.primaries)
        header = frame_header(loaded, shot.paths[want.index], shot.number(want.index), number)
        return wire.framed(header, loaded.picture.planes)

    async def profile(self, request: Request) -> Response:
        slot = whole("slot", request.path_params["slot"], 1, MOST_SLOTS)
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
        told = await told_in(request)
        asked, primaries = Reference.of(told), self.room.inputs.of(told.get("input", 0))
        try:
            return Parts([await self.room.run(lambda: self.room.slots.packed(asked, primaries))])
        except LatticeError as error:
            if not asked.changes:
                raise
            return JSONResponse({"errors": session.author().faults(error)}, 422)

    async def draw(self, request: Request) -> Response:
        told = await told_in(request)
        size = whole("width", told.get("width"), 1, MOST_SIDE), whole("height", told.get("height"), 1, MOST_SIDE)
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
        own = whole("shot", told.get("shot"), 0, len(shots) - 1)
        number = own if shot is None else whole("b.shot", shot, 0, len(shots) - 1)
        index = whole("frame", told.get("frame"))
        layer, view = (text(name, told.get(name) or "") for name in ("layer", "view"))
        if number != own:
            index, layer, view = min(index, len(shots[number].paths) - 1), "", ""
        return Want(number, index, layer, view, scale)

    async def probe(self, request: Request) -> Response:
        told = await told_in(request)
        area = tuple(whole(name, told.get(name, 1), -probe.FARTHEST, probe.FARTHEST) for name in ("x", "y", "w", "h"))
        seen, asked = looking.Looking.of({"exposure": told.get("exposure", 0.0)}), told.get("a")
        reference = Reference.of(asked) if isinstance(asked, dict) else None

        def probed() -> dict[str, Any]:
            loaded = self.room.frames.get(self._want(told))
            raw = loaded.picture.raw or reference is None
            sdev = None if raw or reference is None else self.room.slots.shown(reference, loaded.primaries)
            return probe.probe(loaded.picture, area, sdev, seen.exposure)

        return JSONResponse(await self.room.run(probed))

    async def save(self, request: Request) -> Response:
        told = await told_in(request)
        asked = Reference.of({**told, "changes": told.get("changes") or {}})
        name = text("name", told.get("name") or "")
        slots = self.room.slots
        if slots.author is not None:
            path = Path(slots.author)
            await self.room.run(
                lambda: session.author().save(slots.profile(asked).replace(name=name or path.stem), path)
            )
            return JSONResponse({"path": printable(path)})
        base = Reference(asked.slot, asked.look)
        toml = await self.room.run(lambda: session.author().toml(slots.profile(base), asked.changes, name))
        return download(f"{session.plain_name(name)}.toml", toml.encode(), "application/toml")

    async def export(self, request: Request) -> Response:
        told = await told_in(request)
        asked = Reference.of({**told, "quality": "rest"})
        name, data = await self.room.run(
            lambda: session.exported(self.room.slots.sdev(asked), told.get("suffix", ".clf"))
        )
        return download(name, data, BINARY)
