"""The door as a browser meets it: the printed link, a link in another site's page, and what that site may not do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from browser import chromium
from view_processes import shots, start

__all__ = ["shots", "start"]  # fixtures
pytestmark = pytest.mark.slow

LOADED = 60_000  # ms


@pytest.fixture
def mail() -> Iterator[Any]:
    """Another site's page, whose text the test sets."""
    pages: dict[str, str] = {"/": ""}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(pages["/"].encode())

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield pages, f"http://localhost:{server.server_port}/"
    server.shutdown()


def test_links_open_and_another_site_gets_nothing(start: Any, mail: Any) -> None:
    server = start()
    pages, address = mail
    home = f"http://127.0.0.1:{server.port}/"
    with chromium() as browser:
        typed = browser.new_page()
        typed.goto(server.link, timeout=LOADED)
        assert typed.url == home
        assert "lattice" in typed.title()
        assert typed.evaluate("document.cookie") == ""

        pages["/"] = f'<a href="{server.link}">a shot for you</a>'
        other = browser.new_context().new_page()
        other.goto(address)
        other.click("a")
        other.wait_for_url(home, timeout=LOADED)
        assert "lattice" in other.title()
        other.reload(timeout=LOADED)
        assert "lattice" in other.title()

        other.goto(address)
        tried = other.evaluate(
            "async (home) => [await fetch(home + 'session').catch(String), "
            "await fetch(home + 'session', {credentials: 'include'}).catch(String), "
            "(await fetch(home + 'session', {mode: 'no-cors', credentials: 'include'}).catch(String)).toString()]",
            home,
        )
        assert [each for each in tried if "TypeError" in each] == tried
        pages["/"] = f'<iframe src="{home}"></iframe><a href="{home}">no token</a>'
        other.goto(address)
        other.click("a")
        other.wait_for_load_state()
        assert "Sec-Fetch-Site" in other.content()
