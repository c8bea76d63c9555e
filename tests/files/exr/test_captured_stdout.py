"""A thread's prints are told apart from the others'."""

from __future__ import annotations

import sys
import threading

import pytest

from lattice.files.exr.captured_stdout import capture_stdout


def printed_beside(text: str) -> list[str]:
    """What a listener hears while another thread prints; whatever the other raises is raised here."""
    raised: list[BaseException] = []

    def speak() -> None:
        try:
            print(text, flush=True)
        except BaseException as error:
            raised.append(error)

    with capture_stdout() as heard:
        other = threading.Thread(target=speak)
        other.start()
        other.join()
        print("mine")
    if raised:
        raise raised[0]
    return heard


def test_others_print_as_ever(capsys: pytest.CaptureFixture[str]) -> None:
    assert "".join(printed_beside("theirs")) == "mine\n"
    assert capsys.readouterr().out == "theirs\n"


def test_a_process_without_a_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert "".join(printed_beside("theirs")) == "mine\n"
    assert sys.stdout is None
