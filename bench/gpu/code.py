"""What the GPU's kernels are compiled to, without a GPU: `make gpu-code` writes bench/GPU-CODE.md.

NVRTC compiles the kernels that three looks take; the compile log tells registers and spills, the disassembly how
many instructions a pixel costs. From these, and what a Hopper does in a clock, follows how fast it can be at best.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import files, version
from itertools import product
from pathlib import Path

import numpy as np
from cuda.bindings import nvrtc
from report import table

import lattice
from lattice.gpu.kernel import Kernel, Launch, Limits, Picture, Plan, source
from lattice.interp import shader
from lattice.types import FilmStage, Interpolation

RESULTS = Path(__file__).parents[1].joinpath("GPU-CODE.md")
LOOKS = {"premier-scan": "a table", "premier": "a film-out", "premier-5219": "a camera look"}
FRAMES, FRAME = 32, (2160, 4096)
ARCHITECTURES = {"sm_75": 65536, "sm_80": 166912, "sm_89": 101376, "sm_90": 232448, "sm_100": 232448}  # shared memory
HOPPER = "sm_90"
# An H200. Source: NVIDIA H100 whitepaper (lanes of a processor a clock), the device's own report (processors, clock),
# a device-to-device copy measured there (bytes read and written).
PROCESSORS, CLOCK, COPY = 132, 1.98e9, 4.3e12
LANES = {"issue": 128, "ALU": 64, "XU": 16}
XU = ("FRND", "F2I", "F2F", "I2F", "MUFU")
FMA_PIPE = ("FFMA", "FMUL", "FADD", "IMAD", "HFMA2", "HADD2")
MEMORY = ("LDG", "STG", "LDS", "LDC", "ULDC", "LDCU", "STS")
CONTROL = ("BRA", "BSSY", "BSYNC", "WARPSYNC", "NOP")
BANKS, WARP, LINE, ROUNDS = 32, 32, 128, 20000  # of shared memory; threads; bytes a cycle; draws


@dataclass(frozen=True)
class Code:
    """What the compiler made: registers a thread, bytes spilled, and the instructions of the loop over packets."""

    registers: int
    spilled: int
    loop: Counter[str]


def launches(look: str, shared: int, method: Interpolation) -> Iterator[tuple[str, Launch]]:
    """The kernels of a stack of frames, by a name for people."""
    sdev = lattice.load(look)
    plan, held = Plan.of(sdev, 0, 0), "curves" if isinstance(sdev.table, FilmStage) else "table"
    limits = Limits(PROCESSORS, shared)
    for channels, half, staged in product((4, 3), (True, False), (False, True)):
        row = FRAME[1] * channels * (2 if half else 4)
        picture = Picture(0, row, FRAMES * FRAME[0], FRAME[1], channels, half)
        launch = plan.launch(picture, picture, method, limits, staged)
        if launch.kernel.table_staged == staged:
            kind = f"{'half' if half else 'float'} {'RGBA' if channels == 4 else 'RGB'}"
            yield f"{kind}, {method}, {held} in {'shared memory' if staged else 'L1'}", launch


def compiled(kernel: Kernel, architecture: str) -> Code:
    """Compile a kernel; ends the program where the compiler has anything to say against it."""
    program = _checked(nvrtc.nvrtcCreateProgram(source().encode(), b"kernel.cu", 0, [], []))
    options = [*kernel.options, f"--gpu-architecture={architecture}", "-Xptxas", "-v"]
    failed = nvrtc.nvrtcCompileProgram(program, len(options), [option.encode() for option in options])[0]
    log = b" " * _checked(nvrtc.nvrtcGetProgramLogSize(program))
    nvrtc.nvrtcGetProgramLog(program, log)
    if failed != nvrtc.nvrtcResult.NVRTC_SUCCESS or b"warning" in log.lower():
        raise SystemExit(log.decode())
    code = b" " * _checked(nvrtc.nvrtcGetCUBINSize(program))
    nvrtc.nvrtcGetCUBIN(program, code)
    nvrtc.nvrtcDestroyProgram(program)
    spilled = int(re.findall(rb"(\d+) bytes spill stores", log)[0])
    return Code(int(re.findall(rb"Used (\d+) registers", log)[0]), spilled, _loop(_disassembled(code)))


def _checked(answer: tuple[object, ...]) -> int:
    result, value = answer
    if result != nvrtc.nvrtcResult.NVRTC_SUCCESS:
        raise SystemExit(f"NVRTC: {result}")
    return value  # type: ignore[return-value]


def _disassembled(code: bytes) -> list[str]:
    """Labels and instructions, in order."""
    [tool] = [path.locate() for path in files("nvidia-cuda-nvdisasm") or () if path.name == "nvdisasm"]
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(code)
        file.flush()
        text = subprocess.run([tool, "-c", file.name], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^(\.L_\w+):|/\*[0-9a-f]{4,}\*/\s+([^;]+?)\s*;", text, re.MULTILINE)
    return [label or instruction for label, instruction in found]


def _loop(lines: list[str]) -> Counter[str]:
    """The operations of the smallest loop that writes pixels."""
    at = {line: i for i, line in enumerate(lines) if line.startswith(".L_")}
    ends = [
        (i, at[label[1]])
        for i, line in enumerate(lines)
        if (label := re.search(r"BRA.*`\((\.L_\w+)\)", line)) and at[label[1]] < i
    ]
    bodies = [lines[start : end + 1] for end, start in ends if any("STG" in line for line in lines[start:end])]
    body = min(bodies, key=len)
    return Counter(
        re.sub(r"^@!?U?P\w+\s+", "", line).split()[0].split(".")[0] for line in body if not line.startswith(".L_")
    )


def by_pipe(loop: Counter[str]) -> dict[str, int]:
    """Instructions by what executes them."""
    found = {"FMA": 0, "ALU": 0, "XU": 0, "memory": 0, "control": 0}
    for name, count in loop.items():
        kind = (
            "XU"
            if name in XU
            else "FMA"
            if name in FMA_PIPE
            else "memory"
            if name in MEMORY
            else "control"
            if name in CONTROL
            else "ALU"
        )
        found[kind] += count
    return found


def bytes_of(kernel: Kernel) -> int:
    """Of a pixel, read and written."""
    return kernel.channels * ((2 if kernel.half_in else 4) + (2 if kernel.half_out else 4))


def noise_cycles(kernel: Kernel) -> dict[str, float]:
    """Shared memory's cycles for a warp's pixels, one each, that lie anywhere: the fullest bank decides.

    A warp's 16-byte reads go 8 threads at a time, its 4-byte reads all at once. Source: CUDA programming guide; the
    means are drawn here.
    """
    random = np.random.default_rng(0)

    def fullest(threads: int, places: int) -> float:
        drawn = random.integers(0, places, (ROUNDS, threads))
        return float(np.mean([np.bincount(row, minlength=places).max() for row in drawn]))

    nodes = 4 if kernel.by_tetrahedra else 8
    entries = 3 * (1 if kernel.half_in and not kernel.stages & shader.FILM else 2)
    return {
        "nodes": nodes * 4 * fullest(8, BANKS // 4),
        "table": entries * fullest(WARP, BANKS),
        "octaves": 3 * 2,  # exponents of neighbours differ little: an estimate
        "pixels": WARP * bytes_of(kernel) / LINE,
    }


def floors(kernel: Kernel, code: Code) -> dict[str, float]:
    """Pixels a second, in the Hopper's units that are the tightest."""
    pipes, clocks = by_pipe(code.loop), PROCESSORS * CLOCK * kernel.pixels
    return {
        "copy": COPY / bytes_of(kernel),
        "issue": clocks * LANES["issue"] / sum(code.loop.values()),
        "ALU": clocks * LANES["ALU"] / pipes["ALU"],
        "XU": clocks * LANES["XU"] / max(pipes["XU"], 1),
        "noise": PROCESSORS * CLOCK * WARP / sum(noise_cycles(kernel).values()),
    }


def hopper_tables(look: str) -> Iterator[str]:
    """Instructions a pixel, and what they allow."""
    rows, limits, noise = [], [], []
    for method in ("tetrahedral", "trilinear"):
        for name, launch in launches(look, ARCHITECTURES[HOPPER], method):
            kernel, code = launch.kernel, compiled(launch.kernel, HOPPER)
            pipes = by_pipe(code.loop)
            counts = (sum(code.loop.values()), *pipes.values())
            rows.append(
                [
                    name,
                    *(f"{count / kernel.pixels:.1f}" for count in counts),
                    str(code.registers),
                    f"{launch.shared / 1024:.0f}",
                    str(kernel.threads),
                ]
            )
            found = floors(kernel, code)
            limits.append(
                [
                    name,
                    *(f"{found[each] / 1e9:.0f}" for each in ("copy", "issue", "ALU", "XU")),
                    f"{min(1, found['issue'] / found['copy'], found['ALU'] / found['copy']):.0%}",
                ]
            )
            if kernel.table_staged:
                cycles = noise_cycles(kernel)
                noise.append(
                    [
                        name,
                        *(f"{each:.1f}" for each in (sum(cycles.values()), *cycles.values())),
                        f"{found['noise'] / 1e9:.0f}",
                        f"{min(1, found['noise'] / found['copy']):.0%}",
                    ]
                )
    yield table(
        [
            "kernel on sm_90",
            "instructions a pixel",
            "FMA",
            "ALU",
            "XU",
            "memory",
            "control",
            "registers",
            "shared KiB",
            "threads",
        ],
        rows,
    )
    yield table(["at best, Gpixel/s", "copy", "issue", "ALU", "XU", "of the copy"], limits)
    if noise:
        heads = ["noise: cycles of shared memory, 32 pixels", "all", *noise_cycles(kernel), "Gpixel/s", "of the copy"]
        yield table(heads, noise)


def architectures_table(look: str) -> str:
    """Registers of every kernel on every architecture, and what is spilled."""
    found: dict[str, dict[str, str]] = {}
    for architecture, shared in ARCHITECTURES.items():
        for method in ("tetrahedral", "trilinear"):
            for name, launch in launches(look, shared, method):
                code = compiled(launch.kernel, architecture)
                spilled = f" ({code.spilled} bytes spilled)" if code.spilled else ""
                found.setdefault(name, {})[architecture] = f"{code.registers}{spilled}"
    return table(
        ["registers a thread", *ARCHITECTURES],
        [[name, *(by.get(each, "") for each in ARCHITECTURES)] for name, by in found.items()],
    )


def main() -> None:
    """Compile, count, print, and keep what was printed."""
    head = (
        f"# What the GPU's kernels are compiled to\n\n{FRAMES} frames of {FRAME[1]}x{FRAME[0]} in one "
        f"launch, by NVRTC {version('nvidia-cuda-nvrtc')}: the loop over packets of pixels, which is all that a "
        "pixel costs. Written by `make gpu-code`, on a machine without a GPU: nothing here is a measured time. "
        f"At best is what {PROCESSORS} processors do at {CLOCK / 1e9:g} GHz if nothing ever waits, the copy "
        f"what {COPY / 1e12:g} TB/s move. Table in L1: what noise costs there depends on a cache that is not "
        "described well enough to count."
    )
    report = [head]
    for look, what in LOOKS.items():
        report += [f"## `{look}`, {what}", *hopper_tables(look), architectures_table(look)]
    print("\n\n".join(report))
    RESULTS.write_text("\n\n".join(report) + "\n")


if __name__ == "__main__":
    main()
