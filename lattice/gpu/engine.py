"""The CUDA engine, through CuPy: compile a kernel once, upload an SDev once, launch one kernel per image."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from weakref import WeakValueDictionary, finalize

from lattice.cache import Shelf
from lattice.errors import one_line
from lattice.gpu.kernel import NAME, Kernel, Limits, OnGPU, Picture, Plan, check_size, source
from lattice.interp import shader
from lattice.types import Interpolation, LatticeError, Pixels, SDevData

INSTALL = "pip install -e '.[cuda13]', or '.[cuda12]' for a driver of CUDA 12"
OLDEST = 75  # compute capability 7.5 (Turing), the oldest that CUDA 13 compilers support
KERNELS = Shelf("kernels", most=256)  # about 15 KB each
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
    """No GPU can be used. why: the reason."""

    def __init__(self, why: str) -> None:
        super().__init__(f"engine: expected a GPU, got none ({why})")
        self.why = why


class OutOfMemory(LatticeError):
    """GPU memory or pinned host memory is full. why: the message, with the size of the request."""

    def __init__(self, why: str) -> None:
        super().__init__(f"engine: out of GPU memory ({why})")
        self.why = why


def cupy() -> Any:
    """Import and return CuPy. Raises NoGPU if it cannot be imported."""
    try:
        import cupy as found

        _ = found.ndarray, found.cuda.runtime  # another package named cupy lacks them
    except Exception as error:  # CuPy's libraries raise many kinds of exception
        missing = isinstance(error, ModuleNotFoundError) and error.name == "cupy"
        why = "CuPy is not installed" if missing else f"CuPy does not start: {one_line(error)}"
        raise NoGPU(f"{why}; {INSTALL}") from None
    return found


@contextmanager
def told() -> Iterator[None]:
    """Within the block, turn an exception of CUDA or CuPy, or a MemoryError, into a one-line LatticeError."""
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
    """Return CUDA's status number of an exception; -1 without one, and for NVRTC, whose numbers differ."""
    return -1 if type(error).__name__ == "NVRTCError" else getattr(error, "status", -1)


def _is_full(error: Exception) -> bool:
    return isinstance(error, MemoryError) or _status(error) == OUT_OF_MEMORY


def unavailable_reason() -> str | None:
    """Return why no GPU can be used, or None if one can. Raises LatticeError if CUDA fails in another way."""
    try:
        limits()
    except NoGPU as error:
        return error.why
    return None


def limits() -> Limits:
    """Return the current GPU's limits. Raises NoGPU if there is none or it is too old, LatticeError if CUDA fails."""
    with told():
        return _limits(_current())


def _current() -> int:
    runtime = cupy().cuda.runtime
    runtime.getDeviceCount()  # called first: its error names the fault more clearly than others
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
    """Return the current GPU's name. Raises NoGPU if there is none, LatticeError if CUDA fails."""
    with told():
        return str(cupy().cuda.runtime.getDeviceProperties(_current())["name"].decode())


def compiled(kernel: Kernel, capability: int) -> bytes:
    """Compile the kernel for a compute capability (90 for 9.0); return a cubin, or PTX if NVRTC is older than the GPU.
    Not through CuPy's RawModule(code=...), which adds -ftz=true: values next to black would differ from the CPU's.
    Raises NoGPU if NVRTC no longer supports the GPU, LatticeError if the compiler fails."""
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


def _module(kernel: Kernel, capability: int) -> OnGPU:
    """Load the kernel from the user's cache, or compile it and keep it there."""
    module, key = cupy().cuda.Module(), repr((source(), kernel.options, capability, cupy().cuda.nvrtc.getVersion()))
    made = KERNELS.find(key)
    if made is None:
        made = compiled(kernel, capability)
        KERNELS.keep(key, made)
    module.load(made)
    return module


@cache
def _function(kernel: Kernel, number: int) -> OnGPU:
    """Return the kernel on GPU `number`, allowed to use all shared memory that a block may have."""
    function = _module(kernel, int(cupy().cuda.Device(number).compute_capability)).get_function(NAME)
    cupy().cuda.driver.funcSetAttribute(function.ptr, MOST_SHARED, _limits(number).shared)
    return function


class _Uploaded:
    """An SDev's arrays on a GPU; not in CuPy's pools, where a block could be reused while a stream still reads it."""

    def __init__(self, device: SDevData) -> None:
        self.memory = [_upload(shader.table_memory(device)), _upload(shader.padded_nodes(device.lattice.nodes))]
        self.plan = Plan.of(device, *(memory.ptr for memory in self.memory))


def allocate(size: int) -> OnGPU:
    """Allocate `size` bytes on the current GPU, outside CuPy's pools. Raises CuPy's exceptions."""
    return _with_room(lambda: cupy().cuda.Memory(size))


def allocate_pinned(size: int) -> OnGPU:
    """Allocate pinned host memory outside CuPy's pools, which would keep it when freed. Raises CuPy's exceptions."""
    return _with_room(lambda: cupy().cuda.PinnedMemoryPointer(cupy().cuda.PinnedMemory(size), 0))


def _with_room(take: Callable[[], OnGPU]) -> OnGPU:
    """Call `take`; on out-of-memory free the unused blocks of CuPy's pools and retry once."""
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
    runtime.deviceSynchronize()  # the copy may be asynchronous, and other streams do not wait for this one
    return memory


_by_digest: WeakValueDictionary[tuple[str, int], _Uploaded] = WeakValueDictionary()
# Keyed by object, not by content: each SDev holds a reference, so an upload lives while any equal SDev does.
_by_device: dict[int, dict[int, _Uploaded]] = {}
_lock = threading.Lock()


def plan(device: SDevData) -> Plan:
    """Return the launch plan of an SDev on the current GPU; the first call uploads its arrays.
    SDevs of equal sha256 share one upload; it is freed with the last of them. Raises LatticeError if the lattice has
    more than 255 nodes along an edge, NoGPU if there is no GPU, OutOfMemory if it is full."""
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
    """Upload an SDev to the current GPU and compile the kernels of RGB images in float16 and in float32.
    Raises as `plan`, or LatticeError if CUDA fails."""
    found, limit = plan(device), limits()
    with told():
        for half in (True, False):
            picture = Picture(0, 0, 1, 1 << 12, 3, half)
            _function(found.launch(picture, picture, device.lattice.interpolation, limit).kernel, _current())


def launch(
    device: SDevData, image: Picture, out: Picture, interpolation: Interpolation, table_staged: bool | None = None
) -> None:
    """Launch an SDev's kernel on the current GPU and stream; return before it is done. Arguments: see `Plan.launch`.
    Raises as `plan` and `Plan.launch`, or LatticeError if CUDA fails."""
    found = plan(device).launch(image, out, interpolation, limits(), table_staged)
    with told():
        _function(found.kernel, _current())(found.grid, (found.kernel.threads,), (found.work,), shared_mem=found.shared)


def empty_like(image: OnGPU) -> OnGPU:
    """Return a new packed CuPy array of the same shape, dtype and GPU. Raises LatticeError if the GPU is full."""
    with told(), image.device:
        return cupy().empty(image.shape, image.dtype)


def run(device: SDevData, image: OnGPU, out: OnGPU, interpolation: Interpolation) -> None:
    """Apply an SDev to a CuPy array on the current stream of its GPU; return before it is done.

    image, out: (H, W, 3 or 4) float16 or float32 on one GPU, pixels contiguous in a row, any row stride; may be the
    same. Raises LatticeError if they are on two GPUs or have other strides, else as `launch`.
    """
    if out.device.id != image.device.id:
        raise LatticeError(f"out: expected an array on the image's GPU {image.device.id}, got GPU {out.device.id}")
    pictures = Picture.of(image, image.data.ptr, "image"), Picture.of(out, out.data.ptr, "out")
    with told(), image.device:
        launch(device, *pictures, interpolation)
