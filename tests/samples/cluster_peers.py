"""Peers that try the ports of a running cluster, as another user of the machine may."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from distributed import Security, rpc

PATIENCE = 2.0  # seconds for an answer, which takes milliseconds
LONG = 20.0  # seconds in which a friend tries again: the machine may be busy, a worker may only listen yet
PAUSE = 0.2  # seconds between a friend's tries
PAGES = ("", "health", "metrics", "info/main/workers.html", "json/counts.json", "json/identity.json", "status")


def ports(pid: int) -> dict[int, set[str]]:
    """The ports on which a process and its children listen: the addresses by number."""
    found: dict[int, set[str]] = {}
    for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
        with suppress(psutil.Error):
            for each in process.net_connections("tcp"):
                if each.status == psutil.CONN_LISTEN:
                    found.setdefault(each.laddr.port, set()).add(each.laddr.ip)
    return found


async def answers(address: str, arguments: dict[str, Any], patience: float = PATIENCE) -> bool:
    """Whether what listens there says who it is, as all of Dask's schedulers, nannies and workers do when asked."""
    peer = rpc(address, connection_args=arguments, timeout=patience)
    with suppress(OSError, ssl.SSLError, TimeoutError, ValueError, TypeError):
        return bool(await asyncio.wait_for(peer.identity(), patience))
    return False


async def befriends(address: str, arguments: dict[str, Any]) -> bool:
    """Whether what listens there says who it is before long."""
    until = time.monotonic() + LONG
    while not await answers(address, arguments, LONG / 4):
        if time.monotonic() > until:
            return False
        await asyncio.sleep(PAUSE)
    return True


async def shows(port: int, page: str) -> bool:
    """Whether a web page is served there."""
    with suppress(OSError, TimeoutError):
        reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), PATIENCE)
        writer.write(f"GET /{page} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        return b" 200 " in await asyncio.wait_for(reader.readline(), PATIENCE)
    return False


def strangers() -> dict[str, tuple[str, dict[str, Any]]]:
    """Who is nobody's friend, by name: the scheme of his address, and how he connects."""
    bare = ssl.create_default_context()
    bare.check_hostname, bare.verify_mode = False, ssl.CERT_NONE
    return {
        "plain": ("tcp", {}),
        "with certificates of another run": ("tls", Security.temporary().get_connection_args("client")),
        "without certificates": ("tls", {"ssl_context": bare, "require_encryption": True}),
    }


def served(
    child: subprocess.Popen[str], friend: dict[str, Any] | None = None, pid: int | None = None
) -> tuple[list[str], int]:
    """Try every port of a cluster that runs: who or what was answered, and how many ports answer a friend.

    friend: how he connects; None: by TLS, with no certificate that they know. pid: of a process of the cluster that is
    no child of the command.
    """
    peers = strangers()
    scheme, arguments = peers["plain"] if friend == {} else ("tls", friend or peers["without certificates"][1])

    async def strangers_answered() -> list[str]:
        tries = {
            f"{name} at {port}": answers(f"{kind}://127.0.0.1:{port}", how)
            for port in found
            for name, (kind, how) in peers.items()
        }
        tries |= {f"/{page} at {port}": shows(port, page) for port in found for page in PAGES}
        return [name for name, got in zip(tries, await asyncio.gather(*tries.values()), strict=True) if got]

    async def friends() -> int:
        """How many ports answer a friend: asked before the strangers, for Dask's plain ports may answer nobody once a
        web page was asked of them."""
        return sum(await asyncio.gather(*(befriends(f"{scheme}://127.0.0.1:{port}", arguments) for port in found)))

    found = ports(pid or child.pid)
    befriended = asyncio.run(friends())
    strange = asyncio.run(strangers_answered())
    assert child.poll() is None, "it ran all the time"
    return strange, befriended


def saved(security: Security, folder: Path) -> dict[str, str]:
    """Write certificates to files; return their paths by Dask's settings of the environment."""
    folder.mkdir()
    (folder / "cert.pem").write_text(security.tls_client_cert)
    (folder / "key.pem").write_text(security.tls_client_key)
    prefix = "DASK_DISTRIBUTED__COMM__TLS__"
    return {
        f"{prefix}CA_FILE": str(folder / "cert.pem"),
        f"{prefix}CLIENT__CERT": str(folder / "cert.pem"),
        f"{prefix}CLIENT__KEY": str(folder / "key.pem"),
    }
