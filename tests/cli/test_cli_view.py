"""`lattice view` as a shell sees it: it starts, answers, stops when asked, and leaves nothing."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import ROOT
from exr_samples import IMAGES, SAID, save, smooth
from view_processes import files_in, shots, start

from lattice.files.exr import file as exr

__all__ = ["shots", "start"]  # fixtures
pytestmark = pytest.mark.slow

# Seconds from the signal to the end, more where other work fills the machine.
MOST_STOP = 2.0 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_starts_answers_and_stops(number: int, start: Any, shots: Path, tmp_path: Path) -> None:
    before = files_in(tmp_path)
    server = start()
    status, body = server.ask("/frame/0/2")
    size = int.from_bytes(body[:4], "little")
    assert status == 200
    channels = exr.read(shots / "a.1003.exr").channels
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


def test_memory_stays_within_what_is_asked(start: Any, shots: Path) -> None:
    """40 frames of 2.4 MB and their proxies, four rounds, under 140 MiB, of which the program takes 100."""
    for k in range(40):
        save(shots / f"long.{k:02}.exr", {name: smooth((500, 800), seed=k) for name in "RGB"}, SAID)
    server = start("long.##.exr", "--memory", "140M")
    used = []
    for _ in range(4):
        for index in range(40):
            assert server.ask(f"/frame/0/{index}?scale={1 + index % 2}")[0] == 200
        used.append(resident(server.process.pid))
    held = json.loads(server.ask("/cached")[1])["0"]
    assert 3 < sum(last - first + 1 for first, last in held) < 40
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
