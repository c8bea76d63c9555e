"""Where the server listens, and the browser that is opened there."""

from __future__ import annotations

import os
import socket
import ssl
import sys
import threading
import webbrowser
from dataclasses import dataclass

from lattice.errors import printable
from lattice.types import LatticeError
from lattice.view.guard import Door

LOOPBACK = "127.0.0.1"
LOCAL = (LOOPBACK, "localhost", "::1")  # hosts that no other machine reaches
EVERYWHERE = ("", "0.0.0.0", "::", "*")
MOST_PORT = 65535


@dataclass(frozen=True)
class Place:
    """Where the server listens. host: None for loopback. port: 0 for a free one. certificate, key: PEM files for TLS.
    is_insecure: another machine may be served without TLS."""

    host: str | None = None
    port: int = 0
    certificate: str | None = None
    key: str | None = None
    is_insecure: bool = False

    def check(self) -> None:
        """Raise LatticeError if the options contradict each other, or the certificate cannot be used."""
        if not 0 <= self.port <= MOST_PORT:
            raise LatticeError(f"--port: expected 0 to {MOST_PORT}, got {self.port}")
        if (self.certificate is None) != (self.key is None):
            raise LatticeError("--tls-cert and --tls-key go together")
        if self.host is not None and self.host in EVERYWHERE:
            raise LatticeError("--host: expected one name or address of this machine, which the browser will ask for")
        if self.host not in (None, *LOCAL) and self.certificate is None and not self.is_insecure:
            raise LatticeError(
                f"--host {self.host} lets other machines in: add --tls-cert and --tls-key, or --insecure-host to send "
                "pictures and the token in the clear; ssh -L needs no --host (docs/view.md)"
            )
        if self.certificate is not None and self.key is not None:
            _check_certificate(self.certificate, self.key)

    def door(self, port: int) -> Door:
        """Return the door for this place and port."""
        names = (
            (LOOPBACK, "localhost") if self.host in (None, LOOPBACK, "localhost") else (_in_address(self.host or ""),)
        )
        return Door("http" if self.certificate is None else "https", names, port)

    def listen(self) -> socket.socket:
        """Return the listening socket. Raises LatticeError if the host is not of this machine or the port is taken."""
        host = LOOPBACK if self.host in (None, "localhost") else str(self.host)
        try:
            family, _, _, _, address = socket.getaddrinfo(host, self.port, type=socket.SOCK_STREAM)[0]
            listener = socket.create_server(address[:2], family=family, backlog=64)
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or error
            port = f" port {self.port}" if self.port else ""
            raise LatticeError(f"cannot listen on {printable(host)}{port}: {why}") from None
        # Connections inherit it; asyncio sets it only where a socket names its protocol, which this one does not. An
        # answer's second piece would wait 40 ms for the browser's delayed acknowledgment.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener


def _in_address(host: str) -> str:
    return f"[{host.lower()}]" if ":" in host else host.lower()


def _check_certificate(certificate: str, key: str) -> None:
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except OSError as error:  # also of ssl
        raise LatticeError(
            f"--tls-cert {certificate}, --tls-key {key}: cannot be used: {error.strerror or error}"
        ) from None


def open_browser(link: str) -> None:
    """Open a link in the user's browser, in a thread; do nothing without a screen."""
    if _has_screen():
        threading.Thread(target=webbrowser.open, args=(link,), name="browser", daemon=True).start()


def _has_screen() -> bool:
    """True if a browser has a screen to open on: one in the terminal would take it over."""
    return not sys.platform.startswith("linux") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
