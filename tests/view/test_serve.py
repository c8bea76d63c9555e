"""Connections that ask for nothing: they end by themselves, and leave room for those that ask."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from uvicorn.server import ServerState

from lattice.view import serve
from lattice.view.place import Place

SOON = 5.0  # seconds
ASKED = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def served(run: Callable[[Callable[[], Awaitable[Streams]], ServerState], Awaitable[None]]) -> None:
    """Run a client of a server that greets. run: gets a function that connects, and what the server knows."""

    async def serving() -> None:
        config, state = uvicorn.Config(PlainTextResponse("hello"), lifespan="off", log_config=None), ServerState()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: serve._Connection(config, state, {}), "127.0.0.1", 0)
        async with server:
            await run(lambda: asyncio.open_connection(*server.sockets[0].getsockname()), state)

    asyncio.run(serving())


async def answered(streams: Streams) -> bytes:
    streams[1].write(ASKED)
    return await asyncio.wait_for(streams[0].readuntil(b"hello"), SOON)


async def ended(streams: Streams) -> bool:
    try:
        return await asyncio.wait_for(streams[0].read(), SOON) == b""
    except ConnectionError:
        return True


def test_a_silent_connection_ends_and_one_that_asked_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "NEXT_REQUEST", 1.0)

    async def run(connect: Callable[[], Awaitable[Streams]], state: ServerState) -> None:
        asks, silent = await connect(), await connect()
        for _ in range(4):
            assert await answered(asks)
            await asyncio.sleep(0.3)
        assert await ended(silent)
        assert await answered(asks)

    served(run)


def test_half_a_second_request_is_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "NEXT_REQUEST", 0.2)

    async def run(connect: Callable[[], Awaitable[Streams]], state: ServerState) -> None:
        half = await connect()
        assert await answered(half)
        half[1].write(ASKED[:7])
        assert await ended(half)

    served(run)


def test_connections_with_half_a_request_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "MOST_CONNECTIONS", 8)

    async def run(connect: Callable[[], Awaitable[Streams]], state: ServerState) -> None:
        held = [await connect() for _ in range(8)]
        for each in held:
            assert await answered(each)
            each[1].write(ASKED[:7])
        assert await answered(await connect())

    served(run)


def test_too_many_silent_connections_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "MOST_CONNECTIONS", 8)

    async def run(connect: Callable[[], Awaitable[Streams]], state: ServerState) -> None:
        first = await connect()
        assert await answered(first)
        silent = [await connect() for _ in range(100)]
        assert await answered(first)
        assert await answered(await connect())
        assert len(state.connections) <= serve.MOST_CONNECTIONS + 1
        assert len(silent) == 100, "held until here, or the client would close them"

    served(run)


def test_no_piece_of_an_answer_waits_for_an_acknowledgment() -> None:
    with (
        Place().listen() as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as connection,
    ):
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
