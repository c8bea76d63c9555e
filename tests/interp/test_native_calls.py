"""Calling the native engine: instruction sets and libraries asked for, bad input, threads, forks, memory."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import Engine, one_line, random_device, require, scene
from native_samples import CHECKED, EVERY_SET, METHOD, SHOWS, devices_shown, run_script, sets_here, small_devices
from truths import SRGB

from lattice.build.kernels import chosen
from lattice.interp import native, threads
from lattice.sdev import SDev

ENGINE_NAMES = pytest.mark.parametrize("name", ["native", "auto"])


@pytest.fixture
def sdev() -> SDev:
    sets_here()
    return SDev.from_device(small_devices()[-1])


@ENGINE_NAMES
def test_an_unknown_instruction_set_is_refused(name: Any, sdev: SDev, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(native.FORCE, "sse9")
    one_line(lambda: sdev.apply(scene(9), engine=name), "LATTICE_NATIVE", "'sse9'", *sets_here())
    monkeypatch.setenv(native.FORCE, "")  # as good as not set
    sdev.apply(scene(9), engine=name)


@ENGINE_NAMES
def test_a_set_that_this_processor_lacks_is_refused(name: Any, sdev: SDev, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = sets_here()[0]
    known = {each: each == "portable" for each in native.instruction_sets()}
    monkeypatch.setattr(native, "instruction_sets", lambda: known)
    monkeypatch.setenv(native.FORCE, asked)
    one_line(lambda: sdev.apply(scene(9), engine=name), "LATTICE_NATIVE", "portable", f"got {asked!r}")


def _compiled(path: Path, text: str) -> Path:
    compiler = shutil.which("cc")
    if compiler is None:
        require("native", "no C compiler")
    path.with_suffix(".c").write_text(text)
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", path.with_suffix(".c"), "-o", path], check=True)
    return path


NAMED = 'const char *lattice_name(int n) { return n ? 0 : "portable"; }\n'


def _without(name: str, path: Path) -> None:
    """A library of the right layout that lacks one function."""
    functions = {*native.SILENT, *native.CODED, *native.COUNTED} - {name, "layout"}
    empty = "".join(f"int lattice_{each}(void) {{ return 0; }}\n" for each in sorted(functions))
    layout = ctypes.sizeof(native._Work) * native.LAYOUT + ctypes.sizeof(native.Device)
    empty += f"int lattice_layout(void) {{ return {layout}; }}\n" if name != "layout" else ""
    _compiled(path, empty + "int lattice_is_here(int n) { return 1; }\n" + NAMED)


OTHER_LIBRARIES: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: None,
    "text": lambda path: path.write_text("no library\n"),
    "empty": lambda path: path.touch(),
    "a folder": lambda path: path.mkdir(),
    "strange": lambda path: _compiled(path, "int nothing(void) { return 0; }"),
    "of another version": lambda path: _compiled(path, NAMED + "int lattice_layout(void) { return 1; }"),
    **{f"without {name}": partial(_without, name) for name in (*native.SILENT, *native.CODED, *native.COUNTED)},
}


@ENGINE_NAMES
@pytest.mark.parametrize("make", OTHER_LIBRARIES.values(), ids=OTHER_LIBRARIES)
def test_a_library_that_is_asked_for_and_is_none_is_refused_in_a_line(
    make: Any, name: Any, sdev: SDev, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "other.so")
    monkeypatch.setenv(native.LIBRARY, str(tmp_path / "other.so"))
    one_line(lambda: sdev.apply(scene(9), engine=name), "native", "other.so")
    one_line(sdev.prepare, "native", "other.so")
    assert native.instruction_sets() == {}
    one_line(chosen, "native", "other.so")


def test_where_it_was_not_compiled_numpy_does_the_work(sdev: SDev, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (native.LIBRARY, native.FORCE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(native, "_library", lambda path: "not compiled")
    image = scene(99)
    one_line(lambda: sdev.apply(image, engine="native"), "native", "not compiled")
    assert np.array_equal(sdev.apply(image), sdev.apply(image, engine="numpy"))


def _read_only() -> Any:
    out = np.empty((4, 5, 3), np.float32)
    out.flags.writeable = False
    return out


SOUND = np.zeros((4, 5, 3), np.float32)
SHARED_ROWS = np.zeros((5, 5, 3), np.float32)
BAD: dict[str, tuple[str, dict[str, Any]]] = {
    "a number": ("image", {"image": SOUND[0, 0, 0]}),
    "two channels": ("image", {"image": SOUND[..., :2]}),
    "five channels": ("image", {"image": np.zeros((4, 5, 5), np.float16)}),
    "whole numbers": ("image", {"image": SOUND.astype(np.int32)}),
    "big-endian": ("image", {"image": SOUND.astype(">f2")}),
    "a list of words": ("image", {"image": [["a", "b", "c"]]}),
    "out of another shape": ("out", {"out": np.zeros((5, 4, 3), np.float32)}),
    "out of another dtype": ("out", {"out": np.zeros((4, 5, 3), np.int16)}),
    "read-only out": ("out", {"out": _read_only()}),
    "out over the image": ("out", {"image": SHARED_ROWS[1:], "out": SHARED_ROWS[:-1]}),
    "out flipped": ("out", {"out": SOUND[:, ::-1]}),
    "out without places": ("out", {"out": np.lib.stride_tricks.as_strided(SHARED_ROWS, (4, 5, 3), (0, 12, 4))}),
    "engine": ("engine", {"engine": ["native"]}),
    "interpolation": ("interpolation", {"interpolation": ""}),
    **{f"threads={count!r}": ("threads", {"threads": count}) for count in (0, -1, 1.5, "2", np.float32(2), np.nan)},
}


@pytest.mark.parametrize(("word", "arguments"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_in_a_line(word: str, arguments: dict[str, Any], sdev: SDev) -> None:
    one_line(lambda: sdev.apply(**{"image": SOUND, "engine": "native", **arguments}), f"{word}: expected")
    assert not SOUND.any()


@pytest.mark.parametrize("shape", [(0, 0, 3), (0, 7, 4), (7, 0, 3)])
@EVERY_SET
def test_no_pixels_give_no_pixels(shape: Any, engine: Engine, sdev: SDev) -> None:
    for image in (np.empty(shape, np.float16), np.empty((*shape[:2], 8), np.float32)[..., : shape[2]]):
        assert sdev.apply(image, engine=engine.name, threads=3).shape == shape
        engine.run(sdev, image, image, METHOD)


def test_more_threads_than_cores_or_rows_do_no_harm(sdev: SDev, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "BAND", 1)
    image = scene(5000).reshape(50, 100, 3)
    wanted = sdev.apply(image, engine="native", threads=1)
    for count in (49, 50, 1000, np.int64(10**9)):
        assert np.array_equal(sdev.apply(image, engine="native", threads=count), wanted)


@EVERY_SET
def test_a_call_leaves_the_wide_registers_clean(engine: Engine, tmp_path: Path) -> None:
    if "xgetbv1" not in Path("/proc/cpuinfo").read_text():
        pytest.skip("this processor does not tell")
    library = ctypes.CDLL(
        str(
            _compiled(
                tmp_path / "in_use.so",
                """
        unsigned in_use(void) { unsigned a, d; __asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(1)); return a; }
        void clean(void) { __asm__ volatile("vzeroupper" ::: "memory"); }""",
            )
        )
    )
    upper_halves = 1 << 2 | 1 << 6  # of the 256-bit and 512-bit registers; while in use they slow all older code
    for device in small_devices():
        image = np.zeros((3, 131, 4), np.float16)
        library.clean()
        assert not library.in_use() & upper_halves
        engine.run(device, image, image, METHOD)
        assert not library.in_use() & upper_halves


def test_many_devices_at_once_each_give_their_own_pixels() -> None:
    sets_here()
    sdevs = [SDev.from_device(device) for device in devices_shown(*SHOWS[0])]
    pictures = [scene(200_000)[:, i * 20_000 :][:, :150_000].reshape(300, 500, 3) for i in range(3)]
    jobs = [(sdev, picture) for sdev in sdevs for picture in pictures] * 2
    with ThreadPoolExecutor(8) as pool:  # first, so that plans are made at once too
        found = list(pool.map(lambda job: job[0].apply(job[1], engine="native", threads=3), jobs))
    for (sdev, picture), image in zip(jobs, found, strict=True):
        assert np.array_equal(image, sdev.apply(picture, engine="native", threads=1))


FORK = """
import threading, time
from lattice.interp.threads import BAND, in_bands
image = np.random.default_rng(0).uniform(0, 1, (500, 700, 4)).astype(np.float16)
wanted = sdev.apply(image, engine="native", threads=4)
workers = set()
def work(rows):
    time.sleep(0.05)
    workers.add(threading.current_thread())
child = os.fork()
in_bands(work, 8, BAND, 2)
right = len(workers) == 2 and np.array_equal(sdev.apply(image, engine="native", threads=4), wanted)
if child == 0:
    os._exit(not right)
assert right
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_after_threads_were_used_works() -> None:
    sets_here()
    run_script(FORK)


MEMORY = """
def kilobytes(word):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(word))
image = np.full((2160, 4096, 4), 0.18, np.float16)
out = np.zeros_like(image)
out[:] = 1
before = kilobytes("VmRSS")
sdev.apply(image, out, engine="native")
print((kilobytes("VmHWM") - before) / 1000)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")
@pytest.mark.skipif(CHECKED, reason="the sanitizers' own memory")
def test_a_4k_picture_needs_less_than_16_mb_beyond_itself() -> None:
    sets_here()
    assert -1 < float(run_script(MEMORY)) < 16


class Bands:
    """Work for `in_bands` that counts who is at it: quick in this thread, 0.3 s a band in another."""

    def __init__(self, in_this_thread: Callable[[], object], in_another: Callable[[], object]) -> None:
        self.doing, self.lock, self.here = 0, threading.Lock(), threading.current_thread()
        self.acts = {True: in_this_thread, False: in_another}
        self.another_is_at_it = threading.Event()

    def __call__(self, rows: slice) -> None:
        here = threading.current_thread() is self.here
        with self.lock:
            self.doing += 1
            acts = here or not self.another_is_at_it.is_set()  # of the others, one
        try:
            if here:
                self.another_is_at_it.wait(10)
            else:
                self.another_is_at_it.set()
            if acts:
                self.acts[here]()
            if not here:
                time.sleep(0.3)
        finally:
            with self.lock:
                self.doing -= 1


def _fail() -> None:
    raise OSError("a band failed")


def _interrupt_soon() -> None:
    time.sleep(0.2)  # by then the thread that called has no band left, and waits
    os.kill(os.getpid(), signal.SIGINT)


NOTHING: Callable[[], object] = int
ENDS: dict[str, tuple[type[BaseException], Callable[[], object], Callable[[], object]]] = {
    "an error here": (OSError, _fail, NOTHING),
    "an error in another thread": (OSError, NOTHING, _fail),
    "an interrupt at work": (KeyboardInterrupt, partial(signal.raise_signal, signal.SIGINT), NOTHING),
    "an interrupt while waiting": (KeyboardInterrupt, NOTHING, _interrupt_soon),
}


@pytest.mark.parametrize(("error", "here", "there"), ENDS.values(), ids=ENDS)
def test_what_ends_the_work_is_raised_when_nobody_works_any_more(
    error: Any, here: Any, there: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "BAND", 1)
    work = Bands(here, there)
    with pytest.raises(error):
        threads.in_bands(work, 8, 8, 3)
    assert work.doing == 0


def test_a_device_that_is_gone_leaves_nothing_behind() -> None:
    sets_here()
    sdev = SDev.from_device(random_device(METHOD, 3, SRGB))
    sdev.apply(scene(9), engine="native")
    plan = weakref.ref(native._plan(sdev))
    assert plan() is not None
    del sdev
    assert plan() is None
