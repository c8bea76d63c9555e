"""`lattice view` as a shell sees it: it starts, answers, stops when asked, and leaves nothing."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from basics import ROOT
from exr_samples import IMAGES, SAID, noise, save, smooth

from lattice.files.exr import file as exr
from lattice.view.place import Place

pytestmark = pytest.mark.slow

MOST_STOP = 2.0  # seconds from the signal to the end


class Server(NamedTuple):
    """A running command. link: that it printed; cookie: that the link gave."""

    process: subprocess.Popen[str]
    link: str
    port: int
    cookie: str

    def ask(self, path: str, method: str = "GET", body: str | None = None, **headers: str) -> tuple[int, bytes]:
        """The status and the body of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, {"Cookie": self.cookie, **headers})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def stop(self, number: int = signal.SIGINT) -> float:
        """Send a signal; return the seconds until the process has ended."""
        start = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(30)
        return time.monotonic() - start


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shots = tmp_path / "shots"
    shots.mkdir()
    for k in range(4):
        save(shots / f"a.{1001 + k}.exr", {name: noise((30, 44), "float16", k) for name in "RGB"}, SAID)
    return shots


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(folder), "HOME": str(folder)}


@pytest.fixture
def start(folder: Path, tmp_path: Path) -> Iterator[Any]:
    """Start the command on the folder's shot; what it leaves running is killed."""
    running: list[subprocess.Popen[str]] = []

    def started(*arguments: str | Path) -> Server:
        command = [sys.executable, "-m", "lattice.cli", "view", *map(str, arguments or ["a.####.exr"]), "--no-browser"]
        found = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(tmp_path),
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        running.append(found)
        assert found.stdout is not None
        assert found.stderr is not None
        line = found.stdout.readline()
        match = re.fullmatch(r"(http://127\.0\.0\.1:(\d+)/\?token=\S+)  \(Ctrl-C stops it\)\n", line)
        assert match, line + found.stderr.read()
        return Server(found, match[1], int(match[2]), entered(match[1], int(match[2])))

    yield started
    for each in running:
        each.kill()
        each.communicate()


def entered(link: str, port: int) -> str:
    """The cookie that a link gives."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", link.partition(str(port))[2])
    answer = connection.getresponse()
    assert (answer.status, answer.headers["location"]) == (303, "/")
    return answer.headers["set-cookie"].partition(";")[0]


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_starts_answers_and_stops(number: int, start: Any, folder: Path, tmp_path: Path) -> None:
    before = files_in(tmp_path)
    server = start()
    status, body = server.ask("/frame/0/2")
    size = int.from_bytes(body[:4], "little")
    assert status == 200
    channels = exr.read(folder / "a.1003.exr").channels
    assert body[4 + size :] == b"".join(channels[name].tobytes() for name in "RGB")
    status, told = server.ask("/session")
    assert (status, json.loads(told)["shots"][0]["count"]) == (200, 4)
    assert server.stop(number) < MOST_STOP
    assert server.process.returncode == 128 + number
    assert server.process.stdout is not None
    assert server.process.stderr is not None
    assert server.process.stdout.read() + server.process.stderr.read() == ""
    assert [name for name in files_in(tmp_path) if name not in before and "cache" not in name] == []
    with pytest.raises(OSError, match=r"refused|111"):
        socket.create_connection(("127.0.0.1", server.port), timeout=5)


def test_open_pages_and_waiting_requests_do_not_hold_it(start: Any) -> None:
    server = start()
    streams = []
    for path in ("/events", "/events", "/frame/0/0"):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request("GET", path, headers={"Cookie": server.cookie})
        streams.append(connection.getresponse())
    assert streams[0].read(6) == b"data: "
    half = socket.create_connection(("127.0.0.1", server.port))
    half.sendall(b"POST /sdev HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le")
    ended = threading.Thread(target=streams[1].read)
    ended.start()
    assert server.stop() < MOST_STOP
    ended.join(5)
    assert not ended.is_alive()
    half.close()


def test_a_signal_before_it_serves_stops_it_too() -> None:
    for _ in range(3):
        found = subprocess.Popen([sys.executable, "-c", AT_ONCE], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        _, err = found.communicate(timeout=30)
        assert (found.returncode, err) == (130, "")


AT_ONCE = f"""
import os, signal, sys
from lattice.cli import main
from lattice.view import place
sys.argv = ["lattice", "view", {str(IMAGES / "none.exr")!r}, "--no-browser"]
import lattice.view.shots as shots
from lattice.view.shots import Shot
from pathlib import Path
shots.find_shot = lambda where, read: Shot(where, "a", (Path(where),), (), {{"": ()}}, (), None, "")
listen = place.Place.listen
def stopped(self):
    os.kill(os.getpid(), signal.SIGINT)
    sys.stdout = open(os.devnull, "w")
    return listen(self)
place.Place.listen = stopped
main()
"""


def test_strangers_are_refused(start: Any) -> None:
    server = start()
    assert server.ask("/session", Cookie="")[0] == 403
    assert server.ask("/session", Host="evil.example")[0] == 403
    assert server.ask("/session", Host=f"[::1]:{server.port}")[0] == 403
    assert server.ask("/session", Origin="http://evil.example")[0] == 403
    assert server.ask("/?token=guess")[0] == 403
    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "eA==",
    }
    assert server.ask("/events?x", Cookie="", **upgrade)[0] == 403


def test_a_body_of_10_mb_is_refused_and_not_read(start: Any) -> None:
    server = start()
    head = f"POST /draw HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: {server.cookie}\r\n"
    for told in (f"Content-Length: {10 * 2**20}\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as link:
            link.sendall((head + told).encode())
            sent = 0
            chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
            try:
                while sent < 10 * 2**20 and not told.startswith("Content"):
                    sent += link.send(chunk)
            except OSError:
                pass
            assert sent < 8 * 2**20  # what the system's buffers take
            answer = b""
            try:
                answer = link.recv(4096)
            except ConnectionResetError:  # while it is sent
                assert sent
            assert not answer or answer.startswith(b"HTTP/1.1 413")
    assert server.ask("/cached")[0] == 200


def test_memory_stays_within_what_is_asked(start: Any, folder: Path) -> None:
    """40 frames of 2.4 MB and their proxies, four rounds, under 140 MiB, of which the program takes 100."""
    for k in range(40):
        save(folder / f"long.{k:02}.exr", {name: smooth((500, 800), seed=k) for name in "RGB"}, SAID)
    server = start("long.##.exr", "--memory", "140M")
    used = []
    for _ in range(4):
        for index in range(40):
            assert server.ask(f"/frame/0/{index}?scale={1 + index % 2}")[0] == 200
        used.append(resident(server.process.pid))
    held = json.loads(server.ask("/cached")[1])["0"]
    assert 8 < sum(last - first + 1 for first, last in held) < 40
    assert max(used) < 190 * 2**20  # with the libraries of the server, which are a little more than 100
    assert used[-1] < used[0] * 1.1


def resident(number: int) -> int:
    status = Path(f"/proc/{number}/status")
    if not status.exists():
        pytest.skip("only Linux tells")
    return int(status.read_text().partition("VmRSS:")[2].split()[0]) * 1024


@pytest.mark.usefixtures("images")
def test_a_real_sequence(start: Any) -> None:
    server = start(IMAGES / "Beachball" / "multipart.####.exr", "--sdev", "premier", "--layer", "")
    status, told = server.ask("/session")
    shot = json.loads(told)["shots"][0]
    assert (status, shot["name"], shot["views"]) == (200, "multipart", ["right", "left"])
    assert shot["count"] == len(list((IMAGES / "Beachball").glob("multipart.*.exr")))
    status, body = server.ask("/frame/0/3?scale=4&view=left")
    header = json.loads(body[4 : 4 + int.from_bytes(body[:4], "little")])
    assert (status, header["label"], header["scale"]) == (200, "multipart.0004.exr", 4)
    assert server.ask("/sdev", "POST", json.dumps({"slot": 1, "input": header["input"]}))[0] == 200
    status, pixels = server.ask("/draw", "POST", json.dumps(DRAWING))
    assert status == 200
    assert np.frombuffer(pixels, np.uint8).reshape(90, 160, 4)[..., :3].std() > 10


DRAWING = {
    "shot": 0,
    "frame": 0,
    "width": 160,
    "height": 90,
    "looking": {"zoom": 0.08, "center": [1000, 500]},
    "a": {"slot": 1},
}


def test_another_host_is_served_by_tls(start: Any, folder: Path, tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl makes a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    command = ["openssl", *words.split(), "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    place = Place("127.0.0.2", 0, str(certificate), str(key))
    place.check()
    assert place.door(8443).link("x") == "https://127.0.0.2:8443/?token=x"
    command = [sys.executable, "-m", "lattice.cli", "view", "a.1001.exr", "--no-browser", "--host", "localhost"]
    command += ["--tls-cert", str(certificate), "--tls-key", str(key)]
    found = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    try:
        assert found.stdout is not None
        match = re.match(r"https://127\.0\.0\.1:(\d+)(/\?token=\S+)", found.stdout.readline())
        assert match
        trusted = ssl.create_default_context(cafile=str(certificate))
        connection = http.client.HTTPSConnection("localhost", int(match[1]), context=trusted, timeout=30)
        connection.request("GET", match[2])
        answer = connection.getresponse()
        assert answer.status == 303
        assert "secure" in answer.headers["set-cookie"].lower()
    finally:
        found.send_signal(signal.SIGINT)
        found.communicate(timeout=30)


def test_the_browser_opens_only_on_a_screen_with_a_link_that_opens_once(tmp_path: Path, folder: Path) -> None:
    """A browser of our own, which writes down the link and follows it twice."""
    told = tmp_path / "told"
    browser = tmp_path / "browser.py"
    browser.write_text(
        f"import sys, urllib.request, urllib.error\n"
        f"codes = []\n"
        f"for _ in range(2):\n"
        f"    try: codes.append(urllib.request.urlopen(sys.argv[1]).status)\n"
        f"    except urllib.error.HTTPError as error: codes.append(error.code)\n"
        f"open({str(told)!r}, 'w').write(f'{{sys.argv[1]}} {{codes}}')\n"
    )
    command = [sys.executable, "-m", "lattice.cli", "view", "a.1001.exr"]
    screen = {**os.environ, "BROWSER": f"{sys.executable} {browser} %s", "DISPLAY": ":9"}
    found = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True, env=screen)
    try:
        assert found.stdout is not None
        printed = found.stdout.readline().split()[0]
        end = time.monotonic() + 30
        while not told.exists() or not told.read_text():
            assert time.monotonic() < end, "no browser was opened"
            time.sleep(0.05)
        link, codes = told.read_text().split(" ", 1)
        assert link != printed
        assert link.partition("?")[0] == printed.partition("?")[0]
        assert codes == "[403, 403]"  # the first is let in, and the page asks for its cookie, which this one drops
    finally:
        found.send_signal(signal.SIGINT)
        found.communicate(timeout=30)
