"""A watched look: drawn at each save, then with the fitted lattice; faults said once, and the last picture kept."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exr_samples import SAID, save, smooth

from lattice.looks import load_profile
from lattice.sdev import SDev
from lattice.types import LatticeError
from lattice.view import author
from lattice.view import watch as watching
from lattice.view.fitting import Fitter
from lattice.view.looking import Picture
from lattice.view.watch import Asked, Watch, files_of, framed

LOOK = 'extends = "vision"\nprinter_lights = [25, {green}, 25]\n'
SHAPE = (30, 40)


class NoFitter:
    """In place of the process. asked: the profiles of the starts; futures: their results, which the test sets."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.futures: list[Future[Any]] = []

    def start(self, profile: Any, page: str) -> Future[Any]:
        self.asked.append(profile)
        self.futures.append(Future())
        return self.futures[-1]

    def close(self) -> None:
        pass


class Bench:
    """A look, a still, a watch of both with a clock of its own, and the lines that it says."""

    def __init__(self, folder: Path, asked: Asked) -> None:
        self.folder, self.asked, self.target = folder, asked, folder / "out.png"
        self.said: list[str] = []
        self.faults: list[str] = []
        self.now = 0.0
        self.watch = Watch(asked, watching._Png(self.target, False), self.say)

    def say(self, line: str, is_fault: bool) -> None:
        (self.faults if is_fault else self.said).append(line)

    def steps(self, seconds: float = 0.0) -> None:
        """Look at the files, again and again for some seconds of the clock."""
        until = self.now + seconds
        while self.now <= until:
            self.watch.step(self.now)
            self.now += watching.POLL

    def write(self, text: str) -> None:
        """Save the look as editors do: under another name, then renamed."""
        beside = self.folder / "look.toml~"
        beside.write_text(text)
        os.replace(beside, self.asked.look)

    def pixels(self) -> Any:
        import OpenImageIO

        return OpenImageIO.ImageBuf(str(self.target)).get_pixels(OpenImageIO.UINT8)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, oiio: Any) -> Iterator[Bench]:
    monkeypatch.setattr(watching, "Fitter", NoFitter)
    arrays = {name: smooth(SHAPE, seed=k).astype(np.float16) for k, name in enumerate("RGB")}
    save(tmp_path / "still.exr", arrays, SAID)
    (tmp_path / "look.toml").write_text(LOOK.format(green=25))
    made = Bench(tmp_path, Asked(tmp_path / "look.toml", tmp_path / "still.exr"))
    yield made
    made.watch.close()
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".tmp")]


def test_the_picture_is_the_looks(bench: Bench) -> None:
    bench.steps()
    from lattice.files.exr import file as exr

    channels = exr.read(bench.asked.still).channels
    image = np.stack([channels[name] for name in "RGB"], axis=-1).astype(np.float32)
    wanted = np.rint(255 * SDev.from_device(author.sketch(load_profile(bench.asked.look))).apply(image))
    assert np.array_equal(bench.pixels(), wanted)
    assert "25^3 sampled" in bench.said[0]


def test_a_save_is_drawn_and_a_save_without_a_change_is_not(bench: Bench) -> None:
    bench.steps()
    first = bench.pixels()
    bench.write(LOOK.format(green=30))
    bench.steps()
    second = bench.pixels()
    assert np.abs(second.astype(int) - first).max() > 5
    state = os.stat(bench.target)
    bench.write("# a comment\n" + LOOK.format(green=30))
    bench.steps(0.3)
    assert os.stat(bench.target) == state
    assert (len(bench.said), bench.faults) == (2, [])
    assert "ms after it was saved" in bench.said[1]


def test_the_fitted_lattice_comes_when_the_hand_rests(bench: Bench, built: Callable[[str], SDev]) -> None:
    fitter: Any = bench.watch._fitter
    bench.steps(watching.REST / 2)
    bench.write(LOOK.format(green=26))
    bench.steps(watching.REST / 2)
    assert fitter.asked == []
    bench.steps(watching.REST)
    assert [profile.printer_lights[1] for profile in fitter.asked] == [26]
    assert not any("^3 fitted" in line for line in bench.said)
    before = bench.pixels()
    fitter.futures[0].set_result(built("premier"))
    bench.steps(0.1)
    told = author.error(built("premier"), load_profile(bench.asked.look))
    assert bench.said[-1].endswith(
        f"13^3 fitted, CIEDE2000 to the exact chain: mean {told['mean']:.2f}, 99% below {told['p99']:.2f}, "
        f"largest {told['max']:.2f}"
    )
    assert not np.array_equal(bench.pixels(), before)
    assert len(bench.said) == 3
    assert len(fitter.asked) == 1


def test_a_still_that_is_too_large_leaves_the_last_picture(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.steps()
    before, whole = bench.pixels(), bench.asked.still.read_bytes()
    monkeypatch.setattr(watching, "MOST_PIXELS", SHAPE[0] * SHAPE[1] - 1)
    bench.asked.still.write_bytes(whole)
    bench.steps(0.3)
    assert [line.partition(", got")[0] for line in bench.faults] == ["size: expected at most 0 megapixels"]
    assert np.array_equal(bench.pixels(), before)
    monkeypatch.undo()
    bench.write(LOOK.format(green=30))
    bench.steps()
    assert not np.array_equal(bench.pixels(), before)


def test_a_fit_of_an_older_look_is_dropped(bench: Bench, built: Callable[[str], SDev]) -> None:
    fitter: Any = bench.watch._fitter
    bench.steps(1.2 * watching.REST)
    bench.write(LOOK.format(green=28))
    bench.steps()
    fitter.futures[0].set_result(built("premier"))
    bench.steps(0.1)
    assert not any("^3 fitted" in line for line in bench.said)
    bench.steps(watching.REST)
    fitter.futures[1].set_result(None)  # as after `close`
    bench.steps(0.1)
    assert (len(bench.said), bench.faults) == (2, [])


def test_a_look_that_cannot_be_fitted_is_said_once(bench: Bench) -> None:
    fitter: Any = bench.watch._fitter
    bench.steps(1.2 * watching.REST)
    fitter.futures[0].set_result(LatticeError("fit: none"))
    bench.steps(1.0)
    assert bench.faults == ["fit: none"]


def test_a_fault_is_said_once_and_the_picture_stays(bench: Bench) -> None:
    bench.steps()
    kept = bench.target.read_bytes()
    bench.write('extends = "vision"\nprinter_lights = [25, 250, 25]\n')
    bench.steps(0.5)
    assert bench.target.read_bytes() == kept
    [fault] = bench.faults
    assert "look.toml: line 2" in fault
    assert "\n" not in fault
    bench.write(LOOK.format(green=31))
    bench.steps(0.3)
    assert bench.target.read_bytes() != kept
    assert len(bench.faults) == 1


def test_a_half_written_file_is_no_fault(bench: Bench) -> None:
    bench.steps()
    bench.asked.look.write_text('extends = "vis')
    bench.steps()
    bench.asked.look.unlink()
    bench.steps()
    bench.asked.look.write_text(LOOK.format(green=29))
    bench.steps(0.5)
    assert bench.faults == []
    assert len(bench.said) == 2


def test_a_look_with_a_fault_at_the_start_is_waited_for(bench: Bench) -> None:
    bench.write("not toml")
    bench.steps(0.3)
    assert len(bench.faults) == 1
    assert not bench.target.exists()
    bench.write(LOOK.format(green=25))
    bench.steps()
    assert bench.target.exists()


def test_what_a_look_extends_is_watched(bench: Bench) -> None:
    (bench.folder / "base.toml").write_text(LOOK.format(green=25))
    bench.write('extends = "base.toml"\n')
    bench.steps()
    first = bench.pixels()
    assert files_of(bench.asked.look)[:2] == [bench.asked.look, bench.folder / "base.toml"]
    (bench.folder / "base.toml").write_text(LOOK.format(green=20))
    bench.steps()
    assert not np.array_equal(bench.pixels(), first)
    (bench.folder / "base.toml").write_text("broken =")
    bench.steps(0.3)
    (bench.folder / "base.toml").write_text(LOOK.format(green=25))
    bench.steps(0.3)
    assert np.array_equal(bench.pixels(), first)


def test_a_stock_of_ones_own_is_watched(bench: Bench) -> None:
    (bench.folder / "print.toml").write_text('extends = "kodak_2383"\n')
    bench.write('extends = "vision"\n[print]\nextends = "print.toml"\n')
    assert bench.folder / "print.toml" in files_of(bench.asked.look)


def test_a_still_that_changes_is_read_again(bench: Bench) -> None:
    bench.steps()
    first = bench.pixels()
    arrays = {name: np.full(SHAPE, 0.5, np.float16) for name in "RGB"}
    save(bench.asked.still, arrays, SAID)
    bench.steps()
    assert not np.array_equal(bench.pixels(), first)
    bench.asked.still.write_bytes(b"no picture")
    bench.steps(0.3)
    assert len(bench.faults) == 1
    assert str(bench.asked.still) in bench.faults[0]
    save(bench.asked.still, arrays, SAID)
    bench.steps(0.3)
    assert len(bench.faults) == 1


def test_a_picture_of_another_program_is_not_overwritten(bench: Bench) -> None:
    bench.steps()
    bench.target.write_bytes(b"somebody else's")
    bench.write(LOOK.format(green=33))
    with pytest.raises(LatticeError, match="written by another"):
        bench.steps()
    assert bench.target.read_bytes() == b"somebody else's"


def test_a_picture_that_was_removed_is_drawn_again(bench: Bench) -> None:
    bench.steps()
    bench.target.unlink()
    bench.write(LOOK.format(green=33))
    bench.steps()
    assert bench.target.exists()


def test_the_canvas_is_the_picture() -> None:
    wide = Picture(np.zeros((3, 20, 30), np.float16), (0, 0, 29, 19), (0, 0, 29, 19), aspect=2.0)
    canvas, looking = framed(wide, 1.0, None)
    assert (canvas, looking.zoom, looking.center, looking.exposure) == ((60, 20), 1.0, (15.0, 10.0), 1.0)
    canvas, looking = framed(wide, 0.0, (30, 100))
    assert (canvas, looking.zoom) == ((30, 10), 0.5)
    assert framed(wide, 0.0, (900, 900))[0] == (60, 20)  # never larger


@pytest.mark.slow
def test_a_look_is_fitted_in_another_process(bench: Bench) -> None:
    fitter, bench.watch._fitter = bench.watch._fitter, Fitter()
    try:
        until = time.monotonic() + 60
        while len(bench.said) < 2 and time.monotonic() < until:
            bench.steps(watching.REST)
            time.sleep(watching.POLL)
        assert "13^3 fitted" in bench.said[-1]
        assert bench.faults == []
    finally:
        bench.watch.close()
        bench.watch._fitter = fitter
