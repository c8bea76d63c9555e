"""The kernels on a GPU through CuPy: compiled once, a device's arrays uploaded once, a launch a picture."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

import numpy as np

from lattice.gpu.kernel import NAME, Kernel, Limits, Picture, Plan, source
from lattice.interp import shader
from lattice.types import Device, Interpolation, LatticeError

INSTALL = "pip install 'lattice[cuda13]', or 'lattice[cuda12]' for a driver of CUDA 12"
OLDEST = 75  # compute capability 7.5, Turing: the oldest that the compilers of CUDA 13 know
OUT_OF_MEMORY = 2  # cudaError_t. Source: CUDA runtime API, "Error types"
ABSENT = {  # cudaError_t
    35: f"no NVIDIA driver, or one older than the CUDA of this CuPy; {INSTALL}",
    100: "the driver sees no NVIDIA GPU; CUDA_VISIBLE_DEVICES may hide it",
}
MOST_SHARED = 8  # CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES. Source: CUDA driver API, CUfunction_attribute


class NoGPU(LatticeError):
    """There is no GPU to be used; `why` says the reason."""

    def __init__(self, why: str) -> None:
        super().__init__(f"engine: expected a GPU, got none ({why})")
        self.why = why


class OutOfMemory(LatticeError):
    """The GPU's memory, or the machine's that it can reach, is full."""

    def __init__(self, why: str) -> None:
        super().__init__(f"engine: out of GPU memory ({why})")


def cupy() -> Any:
    """CuPy. Raises NoGPU where it cannot be imported."""
    try:
        import cupy as found
    except Exception as error:  # its libraries fail in many ways
        missing = isinstance(error, ModuleNotFoundError) and error.name == "cupy"
        why = "CuPy is not installed" if missing else f"CuPy does not start: {_line(error)}"
        raise NoGPU(f"{why}; {INSTALL}") from None
    return found


@contextmanager
def told() -> Iterator[None]:
    """What CUDA says becomes a LatticeError of one line."""
    try:
        yield
    except MemoryError as error:
        raise OutOfMemory(_line(error)) from None
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in ("cupy", "cupy_backends"):
            raise
        status = getattr(error, "status", None) if type(error).__name__ != "NVRTCError" else None
        if status == OUT_OF_MEMORY:
            raise OutOfMemory(_line(error)) from None
        if status in ABSENT:
            raise NoGPU(ABSENT[status]) from None
        raise LatticeError(f"engine: CUDA failed ({_line(error)})") from None


def _line(error: Exception) -> str:
    return " ".join(str(error).split())


def why_not() -> str | None:
    """Why no GPU can be used; None where one can. Raises LatticeError where CUDA fails otherwise."""
    try:
        limits()
    except NoGPU as error:
        return error.why
    return None


def limits() -> Limits:
    """What the current GPU has. Raises NoGPU where there is none, or it is too old."""
    with told():
        return _limits(_current())


def _current() -> int:
    runtime = cupy().cuda.runtime
    runtime.getDeviceCount()  # says more clearly than others what is wrong
    return int(runtime.getDevice())


@cache
def _limits(number: int) -> Limits:
    gpu = cupy().cuda.Device(number)
    if int(gpu.compute_capability) < OLDEST:
        raise NoGPU(f"GPU {number} has compute capability {int(gpu.compute_capability) / 10}; {OLDEST / 10} is needed")
    try:
        cupy().cuda.nvrtc.getVersion()
    except Exception as error:
        raise NoGPU(f"CUDA's run-time compiler does not start: {_line(error)}; {INSTALL}") from None
    found = gpu.attributes
    return Limits(found["MultiProcessorCount"], found["MaxSharedMemoryPerBlockOptin"])


def name() -> str:
    """The current GPU's name."""
    with told():
        return str(cupy().cuda.runtime.getDeviceProperties(_current())["name"].decode())


def compiled(kernel: Kernel, capability: int) -> bytes:
    """The kernel as code for a GPU of this capability (90 for 9.0), or as PTX where the compiler is older than the GPU.

    Not by CuPy's RawModule(code=...), which adds -ftz=true: values next to black would not be the CPU's.
    """
    nvrtc = cupy().cuda.nvrtc
    known = max(each for each in nvrtc.getSupportedArchs() if each <= capability)
    native = known // 10 == capability // 10
    program = nvrtc.createProgram(source(), f"{NAME}.cu", (), ())
    try:
        nvrtc.compileProgram(program, (*kernel.options, f"--gpu-architecture={'sm' if native else 'compute'}_{known}"))
        made = nvrtc.getCUBIN(program) if native else nvrtc.getPTX(program)
    finally:
        nvrtc.destroyProgram(program)
    return made if isinstance(made, bytes) else made.encode()


def _kept(kernel: Kernel, capability: int) -> bytes:
    """What `compiled` makes, from the cache on disk where it is there."""
    key = repr((source(), kernel.options, capability, cupy().cuda.nvrtc.getVersion()))
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lattice" / "kernels"
    path = folder / hashlib.sha256(key.encode()).hexdigest()
    with suppress(OSError):
        return path.read_bytes()
    made = compiled(kernel, capability)
    with suppress(OSError):  # a cache that cannot be written is no reason to fail
        folder.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(made)
        os.replace(part, path)
    return made


@cache
def _function(kernel: Kernel, number: int, shared: int) -> Any:
    """The kernel on GPU `number`, ready to be launched with so much shared memory."""
    module = cupy().cuda.Module()
    module.load(_kept(kernel, int(cupy().cuda.Device(number).compute_capability)))
    function = module.get_function(NAME)
    cupy().cuda.driver.funcSetAttribute(function.ptr, MOST_SHARED, shared)
    return function


class _Uploaded:
    """A device's arrays on a GPU. From outside CuPy's pools, which would give them away while a stream still reads."""

    def __init__(self, device: Device) -> None:
        self.memory = [_upload(np.ascontiguousarray(device.table.values.T)), _upload(shader.padded_nodes(device))]
        self.plan = Plan.of(device, *(memory.ptr for memory in self.memory))


def _upload(array: Any) -> Any:
    memory = cupy().cuda.Memory(array.nbytes)
    cupy().cuda.runtime.memcpy(memory.ptr, array.ctypes.data, array.nbytes, cupy().cuda.runtime.memcpyHostToDevice)
    return memory


_by_digest: WeakValueDictionary[tuple[str, int], _Uploaded] = WeakValueDictionary()
_by_device: WeakKeyDictionary[Device, dict[int, _Uploaded]] = WeakKeyDictionary()
_lock = threading.Lock()


def plan(device: Device) -> Plan:
    """The device on the current GPU, uploaded once; equal devices share it, and the last one takes it along.

    Raises LatticeError where there is no GPU, or the device has more than 255 nodes along an edge.
    """
    limits()
    with told(), _lock:
        number = _current()
        mine = _by_device.setdefault(device, {})
        if number not in mine:
            found = _by_digest.get((device.sha256, number))
            mine[number] = _by_digest[device.sha256, number] = found or _Uploaded(device)
        return mine[number].plan


def launch(device: Device, image: Picture, out: Picture, interpolation: Interpolation,
           table_staged: bool | None = None) -> None:
    """Run a device over a picture on the current GPU and stream; `Plan.launch` explains the arguments.

    Returns before it is done. Raises LatticeError where CUDA fails.
    """
    found = plan(device).launch(image, out, interpolation, limits(), table_staged)
    with told():
        _function(found.kernel, _current(), found.shared)(
            found.grid, (found.kernel.threads,), (found.work,), shared_mem=found.shared)


def empty_like(image: Any) -> Any:
    """A packed CuPy array like a CuPy array, on its GPU. Raises LatticeError where that is full."""
    with told(), image.device:
        return cupy().empty(image.shape, image.dtype)


def run(device: Device, image: Any, out: Any, interpolation: Interpolation) -> None:
    """Run a device over a CuPy array into another, or itself, on the current stream of its GPU.

    image, out: (H, W, 3 or 4) float16 or float32 on one GPU; pixels lie packed in a row, rows anywhere.
    Returns before it is done. Raises LatticeError where they are not so, or as `launch` does.
    """
    if out.device.id != image.device.id:
        raise LatticeError(f"out: expected an array on the image's GPU {image.device.id}, got GPU {out.device.id}")
    pictures = Picture.of(image, image.data.ptr, "image"), Picture.of(out, out.data.ptr, "out")
    with told(), image.device:
        launch(device, *pictures, interpolation)
