"""Run the server, and stop it at once when asked."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from lattice.view.answers import Room
from lattice.view.app import make
from lattice.view.guard import Door
from lattice.view.place import Place

PATIENCE = 0.5  # seconds that requests in work may take to end
NEXT_REQUEST = 10.0  # seconds until a connection has said what it wants, at first and after each answer
MOST_CONNECTIONS = 256  # at a time: about 7 a tab; frames are files too, of the 1024 that systems allow
BACKLOG = 64  # connections that wait to be taken


class _Connection(H11Protocol):
    """A connection that ends if it asks for nothing, at first or again, at once where there are too many: whoever
    reaches the port may open one without a token, and each takes a file that a frame would need."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._patience = self.loop.call_later(NEXT_REQUEST, self._end_if_silent)
        if len(self.connections) > MOST_CONNECTIONS:
            others = (each for each in self.connections if isinstance(each, _Connection) and each is not self)
            silent = [each for each in others if each._is_silent()]
            min(silent, key=lambda each: each.cycle is not None, default=self).transport.abort()

    def on_response_complete(self) -> None:
        super().on_response_complete()  # its own patience ends with the first byte of a request
        self._patience.cancel()
        self._patience = self.loop.call_later(NEXT_REQUEST, self._end_if_silent)

    def _is_silent(self) -> bool:
        return (self.cycle is None or self.cycle.response_complete) and not self.transport.is_closing()

    def _end_if_silent(self) -> None:
        if self._is_silent():
            self.transport.abort()


class _Server(uvicorn.Server):
    """Ends event streams when it is asked to stop, so that no open page holds it.

    stop: True once a signal came, also before the server took signals.
    """

    def __init__(self, config: uvicorn.Config, room: Room, stop: Callable[[], bool]) -> None:
        super().__init__(config)
        self.room, self.stop = room, stop

    async def on_tick(self, counter: int) -> bool:
        return await super().on_tick(counter) or self.stop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.room.stopping = True
        super().handle_exit(sig, frame)


def serve(room: Room, listener: socket.socket, door: Door, place: Place, stop: Callable[[], bool]) -> None:
    """Serve on a listening socket until a signal stops it. stop: True once one came before."""
    config = uvicorn.Config(
        make(room, door),
        loop="asyncio",
        http=_Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        backlog=BACKLOG,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=PATIENCE,  # type: ignore[arg-type]  # seconds; parts of one are taken as well
        ssl_certfile=place.certificate,
        ssl_keyfile=place.key,
    )
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # else a traceback for each connection without a file left
    _Server(config, room, stop).run(sockets=[listener])
