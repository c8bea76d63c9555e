"""The other ways to a running `lattice view`: TLS for another host, and the browser that it opens."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest
from view_processes import shots

from lattice.view.place import Place

__all__ = ["shots"]  # a fixture
pytestmark = pytest.mark.slow


def test_another_host_is_served_by_tls(shots: Path, tmp_path: Path) -> None:
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
    found = subprocess.Popen(command, cwd=shots, stdout=subprocess.PIPE, text=True)
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


def test_the_browser_opens_only_on_a_screen_with_a_link_that_opens_once(tmp_path: Path, shots: Path) -> None:
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
    found = subprocess.Popen(command, cwd=shots, stdout=subprocess.PIPE, text=True, env=screen)
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
