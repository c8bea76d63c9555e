"""The status of frames under ledgers that hold anything."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from basics import one_line
from image_samples import ShownSDev
from status_samples import BEGAN, REQUEST, graded, told, write

from lattice.files.storage.host import this_host
from lattice.regrade.sequence import claim
from lattice.regrade.show.status import status_of


@pytest.fixture
def seoul(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ahead of UTC: the last hours of the calendar's last year are beyond it there."""
    with monkeypatch.context() as there:
        there.setenv("TZ", "Asia/Seoul")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(
    "more",
    [
        {"frames": "1-99999999999"},
        {"frames": [1, 2]},
        {"frames": {}},
        {"frames": "-3--1,x"},
        {"options": [1]},
        {"options": {"of a later version": 1, "layers": 5}},
        {"request": "-5"},
        {"request": "f" * 5000},
        {"request": [1]},
        {"pid": "x", "host": this_host()},
        {"pid": 10**30, "host": this_host()},
        {"pid": -1, "host": this_host()},
        {"pid": None, "host": this_host()},
        {"time": 5},
        {"time": "2026-11-29T10:00:00"},
        {"sdev": ["a"], "user": {"a": 1}, "sdev_sha256": None},
        {"run": [1]},
        {"frames": ",".join(str(number * number) for number in range(300))},
        {"frames": "[" * 50_000},
        {"target": 5},
        {"target": "g.####.####.exr"},
        {"target": "g.\\ud800.####.exr"},
        {"time": "9999-12-31T23:59:59+00:00", "request": REQUEST.digest},
        {"time": "0001-01-01T00:00:00+14:00", "request": REQUEST.digest},
        {"options": {"layers": {"a": [[[[1]]]]}, "input": 1e400}},
    ],
)
@pytest.mark.parametrize("verify", [False, True])
def test_a_ledger_may_hold_anything(
    more: dict[str, Any], verify: bool, shot: Path, monkeypatch: pytest.MonkeyPatch, seoul: None
) -> None:
    graded(shot)
    odd = {"run": "r", "target": ["a"], "status": "failed", "why": [1], "source": [1]}
    write(shot, {**BEGAN, **more}, odd, {**odd, "target": str(shot / "g.0001.exr"), "source": "a\0b"})
    monkeypatch.setattr(claim.locks, "is_locked", lambda *span: None)  # so that the lines alone decide
    found = status_of(shot / "g.####.exr", verify=verify)
    assert sum(map(len, found.frames.values())) >= 6
    json.dumps(found.as_dict())


@pytest.mark.parametrize("line", ["", "{", "[" * 100_000, '{"a": ' + "1" * 10_000 + "}", '{"a": NaN}', "\0" * 100])
def test_torn_lines_are_passed_over(line: str, shot: Path) -> None:
    graded(shot)
    book = shot / "g.sdev.jsonl"
    book.write_text(line + "\n" + book.read_text() + '{"event": "beg')
    assert told(shot) == {"done": "1-6"}


def test_what_is_no_ledger_is_refused_in_a_line(shot: Path) -> None:
    graded(shot)
    book = shot / "g.sdev.jsonl"
    for make, says in ((os.mkfifo, "got a pipe or a device"), (os.mkdir, "Is a directory")):
        book.unlink()
        make(book)
        one_line(lambda: told(shot), "g.sdev.jsonl", says)
        if book.is_dir():
            book.rmdir()
    book.symlink_to("/dev/zero")
    one_line(lambda: told(shot), "g.sdev.jsonl", "got a pipe or a device")


def test_a_ledger_of_more_frames_than_a_sequence_may_have_is_refused_at_once(shot: Path) -> None:
    every = [f"{number}00000-{number}99999" for number in range(1, 2000)]
    write(
        shot,
        *({**BEGAN, "run": frames, "request": REQUEST.digest, "options": {}, "frames": frames} for frames in every),
    )
    start = time.process_time()
    one_line(lambda: told(shot), "g.####.exr", "at most 100000 frames in the ledger")
    assert time.process_time() - start < 5
    assert told(shot, [1, 2]) == {"missing": "1-2"}


def test_outputs_of_another_suffix_that_share_the_ledger_do_not_count(shot: Path) -> None:
    graded(shot, "1-2", ShownSDev())
    graded(shot, "1-4", ShownSDev(name="vision", sha256="7e" * 32), "png", replace=True)
    found = status_of(shot / "g.####.exr")
    assert (found.ranges(), found.look) == ({"done": "1-2"}, "premier 5d5d5d5d")
    assert told(shot, kind="png") == {"done": "1-4"}
