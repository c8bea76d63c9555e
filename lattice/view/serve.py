"""Run the server, and stop it at once when asked."""

from __future__ import annotations

import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from lattice.view.answers import Room
from lattice.view.app import make
from lattice.view.guard import Door
from lattice.view.place import Place

PATIENCE = 0.5  # seconds that requests in work may take to end


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
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=PATIENCE,  # type: ignore[arg-type]  # seconds; parts of one are taken as well
        ssl_certfile=place.certificate,
        ssl_keyfile=place.key,
    )
    _Server(config, room, stop).run(sockets=[listener])
