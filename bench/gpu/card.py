"""The card: what it is, its memory, small kernels for it, and how long it takes over what it is given.

Everything runs on the null stream, in order. Memory is plain device memory, and nothing here needs CUDA's headers.
"""

from __future__ import annotations

import platform
import re
import statistics
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from timing import ROUNDS, cpu_model

from lattice.gpu import engine
from lattice.interp.threads import cores

GIGA = 1e9
POISON = 0xFF  # a byte: halves and floats of it are NaN
WARM_ROUNDS = 2  # that are not counted
HOLD, LONGEST_HOLD = 4_000_000, 256_000_000  # nanoseconds that the GPU waits while the host fills its queue
HOLDING = """
static __device__ unsigned long long now() {
    unsigned long long nanoseconds;
    asm volatile("mov.u64 %0, %globaltimer;" : "=l"(nanoseconds));
    return nanoseconds;
}

extern "C" __global__ void hold(unsigned long long nanoseconds) {
    unsigned long long start = now();
    while (now() - start < nanoseconds) {}
}
"""


def allocate(size: int) -> Any:
    """Device memory, freed with its last reference. Raises engine.OutOfMemory."""
    with engine.told():
        return engine.cupy().cuda.Memory(size)


def free_bytes() -> int:
    """What the card has left."""
    with engine.told():
        return int(engine.cupy().cuda.runtime.memGetInfo()[0])


def upload(address: int, array: Any) -> None:
    """A packed NumPy array to an address of the card."""
    runtime = engine.cupy().cuda.runtime
    runtime.memcpy(address, array.ctypes.data, array.nbytes, runtime.memcpyHostToDevice)


def download(address: int, shape: tuple[int, ...], dtype: Any) -> Any:
    """A packed NumPy array of what stands at an address of the card, after all that was launched."""
    runtime, array = engine.cupy().cuda.runtime, np.empty(shape, dtype)
    runtime.deviceSynchronize()
    runtime.memcpy(array.ctypes.data, address, array.nbytes, runtime.memcpyDeviceToHost)
    return array


def poison(address: int, size: int) -> None:
    """NaN everywhere: a kernel that writes nothing must not pass on what another wrote."""
    engine.cupy().cuda.runtime.memset(address, POISON, size)


def copy(target: int, source: int, size: int) -> None:
    """Within the card; returns before it is done."""
    runtime = engine.cupy().cuda.runtime
    runtime.memcpyAsync(target, source, size, runtime.memcpyDeviceToDevice, 0)


def tile(address: int, array: Any, times: int) -> None:
    """A packed NumPy array to an address of the card, again and again."""
    upload(address, array)
    for k in range(1, times):
        copy(address + k * array.nbytes, address, array.nbytes)


def built(text: str, name: str) -> Any:
    """A kernel from CUDA C++."""
    cuda = engine.cupy().cuda
    program = cuda.nvrtc.createProgram(text, f"{name}.cu", (), ())
    cuda.nvrtc.compileProgram(program, ("--std=c++17", f"--gpu-architecture=sm_{cuda.Device().compute_capability}"))
    code = cuda.nvrtc.getCUBIN(program)
    cuda.nvrtc.destroyProgram(program)
    module = cuda.Module()
    module.load(code)
    return module.get_function(name)


class Clock:
    """Times what is launched, by the card's own events. late: works that the host could not launch ahead of it."""

    def __init__(self) -> None:
        self._hold = built(HOLDING, "hold")
        self.late: set[str] = set()

    def seconds(self, works: Mapping[str, Callable[[], object]]) -> dict[str, float]:
        """Median seconds of each work, run in turn so that all see the same card."""
        found: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(WARM_ROUNDS + ROUNDS):
            for name, work in works.items():
                found[name].append(self._once(name, work))
        return {name: statistics.median(spent[WARM_ROUNDS:]) for name, spent in found.items()}

    def _once(self, name: str, work: Callable[[], object]) -> float:
        cuda, hold = engine.cupy().cuda, HOLD
        while True:
            start, end = cuda.Event(), cuda.Event()
            self._hold((1,), (1,), (np.uint64(hold),))
            start.record()
            work()
            is_ahead = not start.done
            end.record()
            end.synchronize()
            if is_ahead or hold >= LONGEST_HOLD or name in self.late:
                break
            hold *= 4
        if not is_ahead:
            self.late.add(name)
        return float(cuda.get_elapsed_time(start, end)) / 1000


def _version(number: int) -> str:
    return f"{number // 1000}.{number % 1000 // 10}"


def _driver() -> str:
    path = Path("/proc/driver/nvidia/version")
    found = re.search(r"Module\b.*?(\d+\.\d+(?:\.\d+)?)", path.read_text()) if path.exists() else None
    return f"driver {found[1]}, " if found else ""


def facts() -> str:
    """The machine, the card, versions: a line of the report."""
    cupy = engine.cupy()
    runtime, card = cupy.cuda.runtime, cupy.cuda.Device()
    found, compiler = card.attributes, ".".join(map(str, cupy.cuda.nvrtc.getVersion()))
    memory = runtime.memGetInfo()[1] / (1 << 30)
    cache, shared = found.get("L2CacheSize", 0) / (1 << 20), found["MaxSharedMemoryPerBlockOptin"] / 1024
    return (
        f"{engine.name()}: compute capability {int(card.compute_capability) / 10}, "
        f"{found['MultiProcessorCount']} multiprocessors, {memory:.0f} GiB, {cache:.0f} MiB of L2, {shared:.0f} "
        f"KiB of shared memory for a block. {_driver()}CUDA {_version(runtime.driverGetVersion())} of the driver, "
        f"{_version(runtime.runtimeGetVersion())} of CuPy, NVRTC {compiler}. "
        f"{cpu_model()}, {cores()} cores. Python {platform.python_version()}, NumPy {np.__version__}, "
        f"CuPy {cupy.__version__}."
    )
