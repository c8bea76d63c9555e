"""How a run ends when it is told to stop: by a signal, an interrupt, or the program that called it."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from basics import ROOT
from cli_samples import DONE, process
from exr_samples import SAID, noise, save
from ledger_samples import lines
from regrade_samples import FakeSDev, totals_of

from lattice.files.exr import file as exr
from lattice.regrade import Options, plan, regrade
from lattice.regrade.report import FrameReport
from lattice.regrade.sequence.signals import stop_on_signals

pytestmark = pytest.mark.slow


INT, TERM = signal.SIGINT, signal.SIGTERM


@pytest.mark.parametrize("sent", [(INT,), (TERM,), (INT, INT), (INT, TERM, TERM), (TERM, INT, INT, INT)])
def test_signals_end_the_run_and_the_same_command_does_the_rest(sent: tuple[int, ...], folder: Path) -> None:
    for frame in range(30):
        save(folder / f"s.{frame:04d}.exr", {name: noise((400, 600), "float16", frame) for name in "RGB"}, SAID)
    command = [
        sys.executable,
        "-m",
        "lattice.cli",
        "regrade",
        str(folder / "s.####.exr"),
        str(folder / "g.####.exr"),
        "-s",
        "vision",
    ]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == f"30 frames, first {folder / 's.0000.exr'} -> {folder / 'g.0000.exr'}\n"
    assert child.stdout.readline().startswith("ok ")
    for number in sent:
        child.send_signal(number)
        time.sleep(0.1)
    out, err = child.communicate(timeout=60)
    assert child.returncode in {128 + number for number in sent}, err
    done = sorted(folder.glob("g.*.exr"))
    assert 1 <= len(done) < 30
    assert err == f"lattice: stopped with {30 - len(done)} of 30 frames to do; the same command does them\n"
    assert totals_of(out)["frames"] == totals_of(out)["graded"] == len(done)
    assert len(lines(folder / "g.sdev.jsonl")) == len(done)
    for path in done:
        exr.read(path)
    if len(sent) == 1:
        again = process(*command[3:])
        assert again.code == DONE
        assert totals_of(again.out)["graded"] == 30 - len(done)
        assert totals_of(again.out)["done before"] == len(done)


def test_signals_are_as_before_afterwards_and_in_other_threads() -> None:
    before = {number: signal.getsignal(number) for number in (INT, TERM)}
    with stop_on_signals() as stop:
        assert not stop()
        assert signal.getsignal(TERM) is not before[TERM]
    assert {number: signal.getsignal(number) for number in (INT, TERM)} == before
    seen = []

    def elsewhere() -> None:
        with stop_on_signals():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [before[TERM]]


def test_once_asked_signals_do_nothing_more() -> None:
    before = {number: signal.getsignal(number) for number in (INT, TERM)}
    try:
        with stop_on_signals() as stop:
            signal.raise_signal(TERM)
            signal.raise_signal(INT)
        signal.raise_signal(TERM)
        assert stop.signal == TERM
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_frames_in_hand_stand_in_the_ledger_after_an_interrupt(error: Any, shot: Path) -> None:
    def stop_at_the_first(report: FrameReport) -> None:
        raise error

    with pytest.raises(error):
        regrade(
            plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr", options=Options(threads=3)), stop_at_the_first
        )
    assert {line["target"] for line in lines(shot / "g.sdev.jsonl")} == {str(path) for path in shot.glob("g.*.exr")}


def test_a_run_that_is_told_to_stop_gives_what_it_has(shot: Path) -> None:
    told: list[FrameReport] = []
    reports = regrade(
        plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr", options=Options(threads=1)),
        told.append,
        stop=lambda: len(told) == 2,
    )  # once is enough; the third frame began when the second had ended
    assert [report.frame for report in reports] == [1, 2, 3]
