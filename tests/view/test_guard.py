"""The door of the server: every way in that is not the page's own is refused, and every answer tells the browser so."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from lattice.view.guard import HEADERS, MOST_BODY, Door, Guard
from lattice.view.place import Place

PORT = 8123
HERE = f"http://127.0.0.1:{PORT}"


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{request.method} {len(await request.body())}")


async def socket(websocket: Any) -> None:
    await websocket.accept()


def app(door: Door) -> Guard:
    routes = [Route("/", echo), Route("/frame", echo, methods=["GET", "POST"]), WebSocketRoute("/ws", socket)]
    return Guard(Starlette(routes=routes), door)


@pytest.fixture
def door() -> Door:
    return Place().door(PORT)


def browser(door: Door, base: str = HERE, is_known: bool = True) -> TestClient:
    client = TestClient(app(door), base_url=base, follow_redirects=False)
    if is_known:
        client.headers["cookie"] = f"{door.cookie}={door.token}"
    return client


def test_the_page_itself_gets_in(door: Door) -> None:
    client = browser(door)
    assert client.get("/frame").text == "GET 0"
    own = {"origin": HERE, "sec-fetch-site": "same-origin"}
    assert client.post("/frame", content=b"123", headers=own).text == "POST 3"
    assert browser(door, f"http://localhost:{PORT}").get("/frame").status_code == 200
    assert (
        browser(door, f"http://LOCALHOST:{PORT}").get("/frame", headers={"sec-fetch-site": "none"}).status_code == 200
    )


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        f"evil.example:{PORT}",
        f"127.0.0.1.evil.example:{PORT}",
        f"evil.example@127.0.0.1:{PORT}",
        "127.0.0.1",
        "localhost",
        "127.0.0.1:9999",
        f"127.0.0.2:{PORT}",
        f"0.0.0.0:{PORT}",
        f"[::1]:{PORT}",
        f"[::ffff:127.0.0.1]:{PORT}",
        f"127.0.0.1:{PORT}.",
        f" 127.0.0.1:0{PORT}",
        f"127.0.0.1:{PORT}, evil.example",
        "",
    ],
)
def test_another_host_is_refused(host: str, door: Door) -> None:
    for path in ("/frame", f"/?token={door.token}"):
        answer = browser(door).get(path, headers={"host": host})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


def test_two_hosts_or_none_are_refused(door: Door) -> None:
    assert status(door, [("host", f"127.0.0.1:{PORT}"), ("host", "evil.example")]) == 403
    assert status(door, []) == 403
    assert status(door, [("host", f"127.0.0.1:{PORT}")]) == 200


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        f"http://evil.example:{PORT}",
        "null",
        "",
        "http://127.0.0.1",
        "http://127.0.0.1:9999",
        f"https://127.0.0.1:{PORT}",
        f"http://localhost:{PORT}",
        f"{HERE}.evil.example",
    ],
)
def test_another_origin_is_refused(origin: str, door: Door) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        assert browser(door).request(method, "/frame", headers={"origin": origin}).status_code == 403
    assert browser(door).get(f"/?token={door.token}", headers={"origin": origin}).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "none, cross-site"])
def test_what_another_site_causes_is_refused(site: str, door: Door) -> None:
    client = browser(door)
    assert client.get("/frame", headers={"sec-fetch-site": site}).status_code == 403
    navigation = {"sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert client.get("/", headers=navigation).status_code == 403
    assert client.get("/frame", headers=navigation).status_code == 403
    assert client.post(f"/?token={door.token}", headers=navigation).status_code == 403
    for mode, kind in (("no-cors", "image"), ("navigate", "iframe"), ("cors", "empty"), ("navigate", "")):
        others = {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": kind}
        assert client.get(f"/?token={door.token}", headers=others).status_code == 403


@pytest.mark.parametrize("headers", [{}, {"sec-fetch-site": "none"}, {"sec-fetch-site": "same-origin"}])
def test_the_link_gives_the_cookie_and_hides_the_token(headers: dict[str, str], door: Door) -> None:
    client = browser(door, is_known=False)
    answer = client.get(f"/?token={door.token}", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert f"lattice-{PORT}={door.token}".lower() in cookie
    assert all(word in cookie for word in ("httponly", "samesite=strict", "path=/"))
    assert "max-age" not in cookie
    assert "secure" not in cookie
    assert client.get("/").status_code == 200  # the client keeps cookies


def test_a_link_in_a_mail_opens_by_our_own_page(door: Door) -> None:
    """A redirect that another site began comes without a strict cookie."""
    mail = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    answer = browser(door, is_known=False).get(f"/?token={door.token}", headers=mail)
    assert (answer.status_code, answer.headers["refresh"]) == (200, "0; url=/")
    assert door.token in answer.headers["set-cookie"]
    assert browser(door, is_known=False).get("/?token=guess", headers=mail).status_code == 403


def test_the_link_of_the_browser_opens_once(door: Door) -> None:
    once = door.once[0]
    client = browser(door, is_known=False)
    assert client.head(f"/?token={once}").status_code == 403
    assert once in door.once
    answer = client.get(f"/?token={once}")
    assert answer.status_code == 303
    assert once not in answer.headers["set-cookie"]
    assert browser(door, is_known=False).get(f"/?token={once}").status_code == 403
    assert browser(door, is_known=False).get(f"/?token={door.token}").status_code == 303


@pytest.mark.parametrize("query", ["token=", "token=guess", "token=guess&token=guess", "token=%ff%00é", "Token=x", ""])
def test_without_the_token_nothing_opens(query: str, door: Door) -> None:
    answer = browser(door, is_known=False).get(f"/?{query}")
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert door.token not in answer.text


def test_the_token_in_another_place_opens_nothing(door: Door) -> None:
    client = browser(door, is_known=False)
    assert client.get(f"/frame?token={door.token}").status_code == 403
    assert client.get(f"/?token={door.token}&token={door.token}").status_code == 403
    assert client.get("/frame", headers={"authorization": f"token {door.token}"}).status_code == 403
    for cookie in (
        f"lattice-9999={door.token}",
        f"lattice-{PORT}={door.token}x",
        f"lattice-{PORT}=",
        f"x={door.token}",
    ):
        assert client.get("/frame", headers={"cookie": cookie}).status_code == 403
    several = f"other=1; lattice-{PORT}=old; lattice-{PORT}={door.token}"
    assert client.get("/frame", headers={"cookie": several}).status_code == 200


def test_tokens_are_long_and_every_servers_own() -> None:
    doors = [Place().door(PORT) for _ in range(20)]
    tokens = {token for door in doors for token in (door.token, *door.once)}
    assert len(tokens) == 40
    assert min(map(len, tokens)) >= 43
    assert not any(token in repr(door) for door in doors for token in (door.token, *door.once))


def test_websockets_are_refused(door: Door) -> None:
    with pytest.raises(WebSocketDisconnect), browser(door).websocket_connect("/ws", headers={"origin": HERE}):
        pass


@pytest.mark.parametrize("size", [MOST_BODY + 1, 10 * 2**20])
def test_a_long_body_is_refused(size: int, door: Door) -> None:
    assert browser(door).post("/frame", content=b"x" * MOST_BODY).text == f"POST {MOST_BODY}"
    answer = browser(door).post("/frame", content=b"x" * size)
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")


@pytest.mark.parametrize("told", [None, "5", str(10 * 2**20), "-1", "1e9", "99999999999999999999", "٣"])
def test_a_long_body_is_not_read_whatever_its_length_says(told: str | None, door: Door) -> None:
    headers = [("host", f"127.0.0.1:{PORT}"), ("cookie", f"{door.cookie}={door.token}")]
    headers += [] if told is None else [("content-length", told)]
    read: list[int] = []
    assert status(door, headers, "POST", body=[b"x" * 2**14] * 640, read=read) == 413
    assert len(read) <= MOST_BODY // 2**14 + 1


@pytest.mark.parametrize(
    ("path", "headers"), [("/frame", {}), ("/nothing", {}), ("/", {"host": "evil.example"}), ("/?token=guess", {})]
)
def test_every_answer_has_the_headers(path: str, headers: dict[str, str], door: Door) -> None:
    answer = browser(door).get(path, headers=headers)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_another_host_has_its_own_name_and_a_secure_cookie() -> None:
    door = Door("https", ("wall.studio",), 443)
    client = browser(door, "https://wall.studio", is_known=False)
    assert "secure" in client.get(f"/?token={door.token}").headers["set-cookie"].lower()
    assert client.get("/").status_code == 200
    assert client.get("/", headers={"host": "wall.studio:443"}).status_code == 200
    assert client.get("/", headers={"host": "127.0.0.1:443"}).status_code == 403
    assert client.get("/", headers={"origin": "http://wall.studio"}).status_code == 403


def test_loopback_of_version_6_is_one_name() -> None:
    door = Place(host="::1").door(PORT)
    assert door.link("x") == f"http://[::1]:{PORT}/?token=x"
    assert browser(door, f"http://[::1]:{PORT}").get("/frame", headers={"origin": f"http://[::1]:{PORT}"}).is_success
    assert browser(door, HERE).get("/frame").status_code == 403


def status(
    door: Door,
    headers: list[tuple[str, str]],
    method: str = "GET",
    body: list[bytes] | None = None,
    read: list[int] | None = None,
) -> int:
    """The status of a request with exactly these headers, the cookie too if none is given."""
    known = (
        headers
        if any(name == "cookie" for name, _ in headers)
        else [*headers, ("cookie", f"{door.cookie}={door.token}")]
    )
    scope = {
        "type": "http",
        "method": method,
        "path": "/frame",
        "raw_path": b"/frame",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "headers": [(name.encode(), value.encode()) for name, value in known],
    }
    waiting, sent = list(body or [b""]), []

    async def receive() -> Any:
        if read is not None:
            read.append(1)
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(door)(scope, receive, send))
    return int(sent[0]["status"])
