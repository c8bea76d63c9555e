"""No GPU, no CuPy, a broken one, an old one: a line each, and the other engines are not disturbed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from gpu_samples import by_native, raised_by, random_picture, sdev_of
from host_cupy import ndarray
from host_memory import GPU, CUDARuntimeError
from native_samples import run_script, sets_here, small_devices

from lattice.gpu import engine
from lattice.gpu.engine import NoGPU, OutOfMemory
from lattice.sdev.engines import engine_facts, no_gpu_reason
from lattice.types import LatticeError

pytestmark = pytest.mark.slow

IMAGE = random_picture((5, 70, 3))
KINDS = {
    2: OutOfMemory,
    **dict.fromkeys(engine.ABSENT, NoGPU),
    1: LatticeError,
    209: LatticeError,
    700: LatticeError,
    719: LatticeError,
    999: LatticeError,
}  # by cudaError_t
SAYS = {2: "out of GPU memory", **engine.ABSENT}
PLACES = {"on the GPU": lambda: ndarray(IMAGE), "in the CPU's memory": lambda: IMAGE}


@pytest.mark.parametrize("make", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("status", KINDS)
def test_what_cuda_says_is_told_in_a_line_whenever_it_says_it(status: int, make: Any, host_gpu: None) -> None:
    error = CUDARuntimeError(status, "cudaErrorOf\nTwo Lines: (made up)")
    for first in range(200):
        GPU.calls, GPU.fails = 0, lambda number, first=first: error if number >= first else None
        told = raised_by(lambda: sdev_of().apply(make(), engine="cuda"))
        if told is None:
            break
        assert type(told) is KINDS[status], (first, told)
        assert "\n" not in str(told)
        assert SAYS.get(status, "CUDA failed (cudaErrorOf Two Lines: (made up))") in str(told)
    assert first > 5
    assert told is None


def test_an_error_that_is_not_cudas_stays_what_it_is(host_gpu: None) -> None:
    GPU.failure = ZeroDivisionError("made up")
    with pytest.raises(ZeroDivisionError):
        sdev_of().apply(IMAGE, engine="cuda")


def test_a_full_gpu_has_no_room_for_what_comes_back(host_gpu: None) -> None:
    image, sdev = ndarray(IMAGE), sdev_of()
    sdev.prepare("cuda")
    GPU.memory.left = IMAGE.nbytes - 1
    one_line(lambda: sdev.apply(image), "out of GPU memory")
    with pytest.raises(OutOfMemory):
        sdev.apply(image)
    GPU.memory.left += 1
    sdev.apply(image)


def test_an_old_gpu_is_refused(host_gpu: None) -> None:
    GPU.capability = "70"
    for image in (ndarray(IMAGE), IMAGE):
        one_line(lambda image=image: sdev_of().apply(image, engine="cuda"), "compute capability 7.0", "7.5 is needed")
    assert "7.5" in str(no_gpu_reason())
    GPU.capability = "75"
    assert no_gpu_reason() is None


class NVRTCError(RuntimeError):
    """Its own numbers: 2 is no want of memory."""

    status = 2


NVRTCError.__module__ = "cupy_backends.made.up"


def test_a_compiler_that_is_not_there_is_told_in_a_line(host_gpu: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.cupy().cuda.nvrtc, "getVersion", lambda: _raise(RuntimeError("no\nlibnvrtc.so.13")))
    one_line(lambda: sdev_of().apply(IMAGE, engine="cuda"), "does not start: no libnvrtc.so.13", ".[cuda")
    assert raised_by(sdev_of().prepare) is None


def test_what_the_compiler_says_is_told_in_a_line(
    host_gpu: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(engine.cupy().cuda.nvrtc, "compileProgram", lambda *words: _raise(NVRTCError("made\nup")))
    for make in PLACES.values():
        told = raised_by(lambda make=make: sdev_of().apply(make(), engine="cuda"))
        assert type(told) is LatticeError
        assert str(told) == "engine: CUDA's run-time compiler failed (made up: kernel.cu(1): error: made up)"


def _raise(error: Exception) -> None:
    raise error


def test_a_gpu_newer_than_the_compiler_takes_ptx(host_gpu: None) -> None:
    for capability, target in (("75", "sm_75"), ("86", "compute_80"), ("90", "sm_90"), ("103", "compute_90")):
        GPU.capability = capability
        engine.compiled(sdev_kernel(), int(capability))
        assert GPU.compiled[-1][-1] == f"--gpu-architecture={target}"


def sdev_kernel() -> Any:
    from lattice.gpu.kernel import Kernel

    return Kernel(13, 0, 3, True, True, True, True, True, True, False)


def gone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in ("cupy", "cupy_backends")]:
        monkeypatch.delitem(sys.modules, name)


def test_without_cupy_the_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    gone(monkeypatch)
    monkeypatch.setitem(sys.modules, "cupy", None)
    one_line(lambda: sdev_of().apply(IMAGE, engine="cuda"), "none (CuPy is not installed", ".[cuda13]")
    one_line(lambda: sdev_of().prepare("cuda"), "CuPy is not installed")
    assert "CuPy is not installed" in str(no_gpu_reason())
    assert any("not here: CuPy is not installed" in line for line in engine_facts())
    assert sdev_of().apply(IMAGE) is not None


BROKEN = {
    "two lines": "raise ImportError('libcuda.so.1 is not there\\n\\nor of\\n another kind')",
    "a part is missing": "import cupy_backends_that_are_not_there",
    "something else": "raise RuntimeError('broken\\nby design')",
    "no text": "raise OSError",
    "of another machine": "import ctypes; ctypes.CDLL('not/there.so')",
}


def broken_cupy(folder: Path, text: str) -> str:
    (folder / "cupy").mkdir()
    (folder / "cupy" / "__init__.py").write_text(text + "\n")
    return str(folder)


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_cupy_that_does_not_start_is_told_in_a_line(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone(monkeypatch)
    monkeypatch.syspath_prepend(broken_cupy(tmp_path, text))
    one_line(lambda: sdev_of().apply(IMAGE, engine="cuda"), "expected a GPU", "CuPy does not start", ".[cuda13]")
    assert "CuPy does not start" in str(no_gpu_reason())
    assert "\n" not in "".join(engine_facts())
    assert sdev_of().apply(IMAGE) is not None


UNTOUCHED = """
sys.path.insert(0, {folder!r})
import lattice, lattice.cli, lattice.sdev.engines
import lattice.gpu, lattice.gpu.engine, lattice.gpu.kernel, lattice.gpu.transfer
image = np.ones((3, 4, 3), np.float16)
sdev.apply(image)
sdev.prepare()
assert not {{"cupy", "cupy_backends"}} & {{name.partition(".")[0] for name in sys.modules}}
try:
    sdev.apply(image, engine="cuda")
except lattice.LatticeError as error:
    print(error)
"""


@pytest.mark.parametrize("text", [BROKEN["two lines"], "raise SystemError"])
def test_nothing_imports_cupy_before_it_is_needed(text: str, tmp_path: Path) -> None:
    said = run_script(UNTOUCHED.format(folder=broken_cupy(tmp_path, text)))
    assert said.startswith("engine: expected a GPU, got none (CuPy does not start")
    assert said.count("\n") == 1


def test_auto_calls_nothing_of_cuda_for_pictures_of_the_cpu(host_gpu: None) -> None:
    sets_here()
    GPU.failure = AssertionError("CUDA was called")
    found = sdev_of().apply(IMAGE)
    sdev_of().prepare()
    assert GPU.calls == 0
    assert np.array_equal(found, by_native(small_devices()[-1], IMAGE))
