"""The kernels on a GPU through CuPy: compiled once, a device's arrays uploaded once, a launch a picture."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary, finalize

import numpy as np

from lattice.cache import cache_folder, keep
from lattice.errors import one_line
from lattice.gpu.kernel import NAME, Kernel, Limits, OnGPU, Picture, Plan, check_size, source
from lattice.interp import shader
from lattice.types import Interpolation, LatticeError, Pixels, SDevData

INSTALL = "pip install -e '.[cuda13]', or '.[cuda12]' for a driver of CUDA 12"
OLDEST = 75  # compute capability 7.5, Turing: the oldest that the compilers of CUDA 13 know
DIGEST = 32  # bytes before a kept kernel: its sha256
OUT_OF_MEMORY = 2  # cudaError_t. Source: CUDA runtime API, "Error types"
ABSENT = {  # cudaError_t
    3: "CUDA does not start; a forked process cannot use its parent's",
    34: "the CUDA library is a stub for linking, not the driver's",
    35: f"no NVIDIA driver, or one older than the CUDA of this CuPy; {INSTALL}",
    46: "the GPU is held by another process alone",
    100: "the driver sees no NVIDIA GPU; CUDA_VISIBLE_DEVICES may hide it",
    802: "the GPUs' fabric manager is not ready",
    803: "the NVIDIA driver's library and kernel module are of two versions",
    804: f"the NVIDIA driver is too old for this GPU and CuPy; update it, or {INSTALL}",
}
MOST_SHARED = 8  # CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES. Source: CUDA driver API, CUfunction_attribute


class NoGPU(LatticeError):
    """There is no GPU to be used; `why` says the reason."""

    def __init__(self, why: str) -> None:
        super().__init__(f"engine: expected a GPU, got none ({why})")
        self.why = why


class OutOfMemory(LatticeError):
    """The GPU's memory, or the machine's that it can reach, is full; `why` says what was asked for."""

    def __init__(self, why: str) -> None:
        super().__init__(f"engine: out of GPU memory ({why})")
        self.why = why


def cupy() -> Any:
    """CuPy. Raises NoGPU where it cannot be imported."""
    try:
        import cupy as found

        _ = found.ndarray, found.cuda.runtime  # whatever else is called cupy has none
    except Exception as error:  # its libraries fail in many ways
        missing = isinstance(error, ModuleNotFoundError) and error.name == "cupy"
        why = "CuPy is not installed" if missing else f"CuPy does not start: {one_line(error)}"
        raise NoGPU(f"{why}; {INSTALL}") from None
    return found


@contextmanager
def told() -> Iterator[None]:
    """What CUDA says becomes a LatticeError of one line."""
    try:
        yield
    except Exception as error:
        if _is_full(error):
            raise OutOfMemory(one_line(error)) from None
        if type(error).__module__.partition(".")[0] not in ("cupy", "cupy_backends"):
            raise
        if (status := _status(error)) in ABSENT:
            raise NoGPU(ABSENT[status]) from None
        raise LatticeError(f"engine: CUDA failed ({one_line(error)})") from None


def _status(error: Exception) -> int:
    """What CUDA calls an error; NVRTC's numbers are others."""
    return -1 if type(error).__name__ == "NVRTCError" else getattr(error, "status", -1)


def _is_full(error: Exception) -> bool:
    return isinstance(error, MemoryError) or _status(error) == OUT_OF_MEMORY


def unavailable_reason() -> str | None:
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
        raise NoGPU(f"CUDA's run-time compiler does not start: {one_line(error)}; {INSTALL}") from None
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
    known = max((each for each in nvrtc.getSupportedArchs() if each <= capability), default=None)
    if known is None:
        raise NoGPU(f"CUDA's run-time compiler no longer knows GPUs of compute capability {capability / 10}")
    native = known == capability
    program = nvrtc.createProgram(source(), f"{NAME}.cu", (), ())
    try:
        nvrtc.compileProgram(program, (*kernel.options, f"--gpu-architecture={'sm' if native else 'compute'}_{known}"))
        made = nvrtc.getCUBIN(program) if native else nvrtc.getPTX(program)
    except Exception as error:
        said = nvrtc.getProgramLog(program).strip().partition("\n")[0]
        raise LatticeError(f"engine: CUDA's run-time compiler failed ({one_line(error)}: {said})") from None
    finally:
        nvrtc.destroyProgram(program)
    return made if isinstance(made, bytes) else made.encode()


def _cache_path(kernel: Kernel, capability: int) -> Path:
    """A file of the user's cache. Raises RuntimeError where the user has no home."""
    key = repr((source(), kernel.options, capability, cupy().cuda.nvrtc.getVersion()))
    return cache_folder() / "kernels" / hashlib.sha256(key.encode()).hexdigest()


def _module(kernel: Kernel, capability: int) -> OnGPU:
    """The kernel's code, loaded: from the cache on disk where it is there and whole, else compiled and kept there."""
    module, made = cupy().cuda.Module(), None
    with suppress(OSError, RuntimeError):
        kept = _cache_path(kernel, capability).read_bytes()
        if hashlib.sha256(kept[DIGEST:]).digest() == kept[:DIGEST]:  # the driver would read past damaged code
            made = kept[DIGEST:]
    if made is None:
        made = compiled(kernel, capability)
        with suppress(RuntimeError):
            keep(_cache_path(kernel, capability), hashlib.sha256(made).digest() + made)
    module.load(made)
    return module


@cache
def _function(kernel: Kernel, number: int) -> OnGPU:
    """The kernel on GPU `number`, ready to be launched with as much shared memory as there is."""
    function = _module(kernel, int(cupy().cuda.Device(number).compute_capability)).get_function(NAME)
    cupy().cuda.driver.funcSetAttribute(function.ptr, MOST_SHARED, _limits(number).shared)
    return function


class _Uploaded:
    """A device's arrays on a GPU. From outside CuPy's pools, which would give them away while a stream still reads."""

    def __init__(self, device: SDevData) -> None:
        self.memory = [_upload(np.ascontiguousarray(device.table.values.T)), _upload(shader.padded_nodes(device))]
        self.plan = Plan.of(device, *(memory.ptr for memory in self.memory))


def allocate(size: int) -> OnGPU:
    """Memory of the current GPU, in no pool. Raises what CuPy does."""
    return _with_room(lambda: cupy().cuda.Memory(size))


def allocate_pinned(size: int) -> OnGPU:
    """Memory of the machine that GPUs reach by themselves, in no pool: what is freed is free. Raises what CuPy does."""
    return _with_room(lambda: cupy().cuda.PinnedMemoryPointer(cupy().cuda.PinnedMemory(size), 0))


def _with_room(take: Callable[[], OnGPU]) -> OnGPU:
    """What `take` allocates; what CuPy's pools hold and do not use makes room for it."""
    try:
        return take()
    except Exception as error:
        if not _is_full(error):
            raise
    cupy().get_default_memory_pool().free_all_blocks()
    cupy().get_default_pinned_memory_pool().free_all_blocks()
    return take()


def _upload(array: Pixels) -> OnGPU:
    runtime, memory = cupy().cuda.runtime, allocate(array.nbytes)
    runtime.memcpy(memory.ptr, array.ctypes.data, array.nbytes, runtime.memcpyHostToDevice)
    runtime.deviceSynchronize()  # the copy may still be on its way, and other streams do not wait for this one
    return memory


_by_digest: WeakValueDictionary[tuple[str, int], _Uploaded] = WeakValueDictionary()
# By the object, not by what it holds: each device keeps its own upload, so that none goes while another still runs.
_by_device: dict[int, dict[int, _Uploaded]] = {}
_lock = threading.Lock()


def plan(device: SDevData) -> Plan:
    """The device on the current GPU, uploaded once; equal devices share it, and the last one takes it along.

    Raises LatticeError where there is no GPU, or the device has more than 255 nodes along an edge.
    """
    check_size(device)
    limits()
    with told(), _lock:
        number = _current()
        if id(device) not in _by_device:
            finalize(device, _by_device.pop, id(device), None)
        mine = _by_device.setdefault(id(device), {})
        if number not in mine:
            found = _by_digest.get((device.sha256, number))
            mine[number] = _by_digest[device.sha256, number] = found or _Uploaded(device)
        return mine[number].plan


def prepare(device: SDevData) -> None:
    """Upload a device to the current GPU, and compile the kernels of common pictures: RGB, half and float32.

    Raises as `plan`, or LatticeError where CUDA fails.
    """
    found, limit = plan(device), limits()
    with told():
        for half in (True, False):
            picture = Picture(0, 0, 1, 1 << 12, 3, half)
            _function(found.launch(picture, picture, device.lattice.interpolation, limit).kernel, _current())


def launch(device: SDevData, image: Picture, out: Picture, interpolation: Interpolation,
           table_staged: bool | None = None) -> None:
    """Run a device over a picture on the current GPU and stream; `Plan.launch` explains the arguments.

    Returns before it is done. Raises LatticeError where CUDA fails.
    """
    found = plan(device).launch(image, out, interpolation, limits(), table_staged)
    with told():
        _function(found.kernel, _current())(
            found.grid, (found.kernel.threads,), (found.work,), shared_mem=found.shared)


def empty_like(image: OnGPU) -> OnGPU:
    """A packed CuPy array like a CuPy array, on its GPU. Raises LatticeError where that is full."""
    with told(), image.device:
        return cupy().empty(image.shape, image.dtype)


def run(device: SDevData, image: OnGPU, out: OnGPU, interpolation: Interpolation) -> None:
    """Run a device over a CuPy array into another, or itself, on the current stream of its GPU.

    image, out: (H, W, 3 or 4) float16 or float32 on one GPU; pixels lie packed in a row, rows anywhere.
    Returns before it is done. Raises LatticeError where they are not so, or as `launch` does.
    """
    if out.device.id != image.device.id:
        raise LatticeError(f"out: expected an array on the image's GPU {image.device.id}, got GPU {out.device.id}")
    pictures = Picture.of(image, image.data.ptr, "image"), Picture.of(out, out.data.ptr, "out")
    with told(), image.device:
        launch(device, *pictures, interpolation)
