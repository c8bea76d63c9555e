"""The door of the server: who may ask, how much, and what every answer says to the browser.

A web page elsewhere reaches 127.0.0.1, by a name of its own too (DNS rebinding), and so do other users of the machine.
So: the Host is ours to the letter, the Origin is the Host's, the browser says that the request is our page's own, and
the cookie holds the secret that only the printed link gives.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BODY = 2**16  # bytes
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' blob:; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
OWN = ("none", "same-origin")  # Sec-Fetch-Site of requests that no other site caused
USUAL_PORTS = {"http": 80, "https": 443}  # which browsers leave out of Host


@dataclass(frozen=True)
class Door:
    """What the guard knows. scheme: "http" or "https". names: hosts that the server is reached by, such as 127.0.0.1
    and localhost. token: of the printed link and of the cookie. once: of the link that the browser is started with,
    which the system shows to other users; it opens once."""

    scheme: str
    names: tuple[str, ...]
    port: int
    token: str = field(default_factory=secrets.token_urlsafe, repr=False)
    once: list[str] = field(default_factory=lambda: [secrets.token_urlsafe()], repr=False)

    @property
    def cookie(self) -> str:
        """The cookie's name. Cookies do not tell ports apart."""
        return f"lattice-{self.port}"

    @property
    def hosts(self) -> frozenset[str]:
        """The Host headers that are ours."""
        usual = self.port == USUAL_PORTS[self.scheme]
        return frozenset({f"{name}:{self.port}" for name in self.names} | set(self.names if usual else ()))

    def link(self, token: str) -> str:
        """Return the address of the page."""
        return f"{self.scheme}://{self.names[0]}:{self.port}/?token={token}"

    def opens(self, token: str) -> bool:
        """True if a link's token is right."""
        if _same(token, self.token):
            return True
        return any(_same(token, each) for each in self.once) and bool(self.once.pop())

    def knows(self, cookies: Iterable[str]) -> bool:
        """True if one of the Cookie headers holds the token."""
        pairs = (pair.strip().partition("=") for header in cookies for pair in header.split(";"))
        return any(name == self.cookie and _same(value, self.token) for name, _, value in pairs)


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode("utf-8", "replace"), other.encode())


class Guard:
    """The only middleware. Refuses what is not the page's own, sets the cookie, limits bodies, adds HEADERS."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app, self.door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on with its whole body."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._answer(scope, receive, _with_headers(send))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._refusal(scope) or self._entry(scope)
        if answer is None and not self.door.knows(Headers(scope=scope).getlist("cookie")):
            answer = PlainTextResponse("open the link that lattice view printed: it holds the token", 403)
        if answer is None:
            body = await _whole_body(scope, receive)
            if body is not None:
                await self.app(scope, _again(body, receive), send)
                return
            answer = PlainTextResponse(f"a body has {MOST_BODY} bytes at most", 413, {"Connection": "close"})
        await answer(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        """Return the answer to a request that another site, or another name for this machine, may have caused."""
        headers = Headers(scope=scope)
        hosts, origins, sites = (headers.getlist(name) for name in ("host", "origin", "sec-fetch-site"))
        if len(hosts) != 1 or hosts[0].lower() not in self.door.hosts:
            return PlainTextResponse(f"Host: expected {' or '.join(sorted(self.door.hosts))}", 403)
        if any(origin.lower() != f"{self.door.scheme}://{hosts[0].lower()}" for origin in origins):
            return PlainTextResponse("Origin: expected the page's own", 403)
        if any(site not in OWN for site in sites) and not _is_opened_link(scope, headers):
            return PlainTextResponse("Sec-Fetch-Site: expected none or same-origin", 403)
        return None

    def _entry(self, scope: Scope) -> Response | None:
        """Return the answer to a link with a token: the cookie, and the way to the page without the token.

        From a link in a mail a redirect would come without the cookie, because another site began it (SameSite=Strict);
        there our own page goes on instead.
        """
        tokens = QueryParams(scope["query_string"]).getlist("token")
        if scope["path"] != "/" or scope["method"] != "GET" or not tokens:
            return None
        if len(tokens) != 1 or not self.door.opens(tokens[0]):
            return PlainTextResponse("the token is not that of this lattice view: open the link that it printed", 403)
        is_own = all(site in OWN for site in Headers(scope=scope).getlist("sec-fetch-site"))
        answer = RedirectResponse("/", 303) if is_own else Response(status_code=200, headers={"Refresh": "0; url=/"})
        answer.set_cookie(
            self.door.cookie,
            self.door.token,
            path="/",
            secure=self.door.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return answer


def _is_opened_link(scope: Scope, headers: Headers) -> bool:
    """True if a user follows a link with a token from another site: the answer only sets a cookie, and the token is
    proof. Pictures, frames and scripts of that site are none of these."""
    is_page = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    has_token = "token" in QueryParams(scope["query_string"])
    return is_page and has_token and scope["method"] == "GET" and scope["path"] == "/"


async def _whole_body(scope: Scope, receive: Receive) -> bytes | None:
    """Return a request's body; None if it is, or says that it is, longer than MOST_BODY. No more than that is read."""
    told = Headers(scope=scope).get("content-length", "0")
    if not told.isdecimal() or len(told) > len(str(MOST_BODY)) or int(told) > MOST_BODY:
        return None
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MOST_BODY:
            return None
        if not message.get("more_body", False):
            return body


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a function that gives the body once, then what comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def received() -> Message:
        return waiting.pop() if waiting else await receive()

    return received


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sent
