"""The GPU benchmark's report in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gpu.card import GIGA, WARM_ROUNDS
from gpu.checks import PLAIN_FROM, Judged
from gpu.stack import COPY, LAUNCHES, Stack
from report import table
from timing import ROUNDS
from work import CHECKED_ROWS, FLOAT_TOLERANCE, STOPS

Rates = Mapping[str, Mapping[str, float]]  # by picture and name, pixels a second


def how(stack: Stack) -> str:
    """How everything is run."""
    return (
        "All in one run of `make bench-gpu`. The film-like look is made up from numbers, so that it is the same "
        "everywhere: its 13^3 nodes, table, exponent of 3, 3x3 and encoding have the sizes, ranges and stages of a "
        f"built one. Pictures are {stack.width}x{stack.height} RGBA. Noise puts every pixel anywhere in the lattice; "
        f"the smooth picture is slow waves; as a scene either spreads over {STOPS} stops. {stack.frames} half frames, "
        f"or {stack.frames // 2} of float32, lie one after another, and as many bytes are written: far more than the "
        "L2 holds. Before any timing every kernel is checked against the definition in float64, on random pixels and "
        "on what is special among them, into memory filled with NaN; what stands around a picture must stay. Results "
        f"may be off by {FLOAT_TOLERANCE:.0e} of full scale, halves past half a unit of their own rounding, and from "
        f"code {PLAIN_FROM} up by one unit of a half; below that, where the encoding is a plain gamma, light is "
        f"compared in place of codes. Then {CHECKED_ROWS} rows of each timed stack are checked again, and other frames "
        "must be the same bits. Times are the card's own, between two events, while the host is ahead of it; "
        f"{WARM_ROUNDS} rounds warm up, {ROUNDS} count, all works of a table take turns, and medians are shown. A "
        f"whole stack is launched {LAUNCHES} times between two events. GB/s count bytes read and bytes written. The "
        "floor is `cudaMemcpyAsync` of the same bytes within the card."
    )


def checks(found: Mapping[str, Judged], runs: int, seed: int, native: bool) -> str:
    """What was checked on small pictures."""
    rows = [
        [name, f"{one.worst:.1e}", f"{one.equal / one.halves:.3%}" if one.halves else "", str(one.units)]
        for name, one in found.items()
    ]
    bits = "equal to the native engine's bits, " if native else ""
    return "\n\n".join(
        [
            "## Checked",
            table(["device", "worst error", "halves exact", f"units off, from {PLAIN_FROM}"], rows),
            f"{runs} launches, {bits}seed {seed}: half and float32 in and out, RGB and RGBA, tetrahedral and "
            "trilinear, the table in shared memory and not, odd widths, padded rows, addresses that are no multiple of "
            "16, in place.",
        ]
    )


def rates_table(title: str, rates: Rates, judged: Mapping[str, Judged], pixel_bytes: int) -> str:
    """One table. pixel_bytes: of a pixel, read and written."""
    names = [name for name in next(iter(rates.values())) if name != COPY]
    header, lines = ["work"], {name: [name] for name in (*names, COPY)}
    for picture, rate in rates.items():
        header += [f"{picture}, Gpixel/s", "GB/s", "of the copy"]
        for name, line in lines.items():
            line += [
                f"{rate[name] / GIGA:.1f}",
                f"{rate[name] * pixel_bytes / GIGA:.0f}",
                f"{rate[name] / rate[COPY]:.1%}",
            ]
    halves = any(one.halves for one in judged.values())
    for name, line in lines.items():
        one = judged.get(name)
        line += [f"{one.worst:.1e}" if one else ""]
        line += [f"{one.equal / one.halves:.2%}" if one else ""] if halves else []
    header += ["worst error", *(["halves exact"] if halves else [])]
    return "\n\n".join([f"## {title}", table(header, list(lines.values()))])


def kernels_table(rows: Sequence[Sequence[str]]) -> str:
    """What the driver says of the kernels."""
    return "\n\n".join(
        [
            "## The kernels, as the driver counts them",
            table(["kernel", "registers", "spilled bytes", "threads", "bytes shared", "blocks a multiprocessor"], rows),
        ]
    )


def peers_table(rates: Rates, judged: Mapping[str, tuple[float, float]], lines: Sequence[str]) -> str:
    """The lattice alone, beside its peers. judged: by name, the worst error and the one allowed. lines: what is left
    out. The first row is the one that others are compared to."""
    header, rows = ["work"], {name: [name] for name in judged if all(name in rate for rate in rates.values())}
    ours = next(iter(rows))
    for picture, rate in rates.items():
        header += [f"{picture}, Gpixel/s", "x ours"]
        for name, row in rows.items():
            row += [f"{rate[name] / GIGA:.2f}", f"{rate[name] / rate[ours]:.3f}"]
    for name, row in rows.items():
        row += [f"{found:.1e}" for found in judged[name]]
    return "\n\n".join(
        [
            "## The lattice alone, float32, beside peers",
            table([*header, "worst error", "allowed"], list(rows.values())),
            "Each is compared to the first row. Ours reads and writes RGBA, 32 bytes a pixel, and so does the "
            "hardware's texture, whose weights have 8 bits: it is no substitute, and stands here for its speed. CuPy "
            "and PyTorch do less: they start from coordinates that lie ready in their own range, and carry no alpha. "
            "CuPy takes three calls, a channel each.",
            *lines,
        ]
    )


def carried_table(frames: Mapping[str, float], bus: Mapping[str, float], frame_bytes: int) -> str:
    """End to end. frames: a second. bus: seconds a frame's bytes take."""
    most = 1 / bus["up and down at once"]
    rows = [[name, f"{rate:.1f}", f"{1000 / rate:.2f}", f"{rate / most:.1%}"] for name, rate in frames.items()]
    rows += [
        [f"the bus alone, pinned, {name}", f"{1 / spent:.1f}", f"{1000 * spent:.2f}", f"{1 / spent / most:.1%}"]
        for name, spent in bus.items()
    ]
    speeds = ", ".join(f"{name} {frame_bytes / spent / GIGA:.1f}" for name, spent in bus.items())
    return "\n\n".join(
        [
            "## Half frames of the CPU's memory, there and back",
            table(["work", "frames/s", "ms a frame", "of the bus"], rows),
            f"From NumPy arrays, not pinned, into others. The bus, GB/s each way: {speeds}.",
        ]
    )


def latency_table(seconds: Mapping[str, float], stack: Stack) -> str:
    """One small frame."""
    rows = [[name, f"{1e6 * spent:.1f}"] for name, spent in seconds.items()]
    return "\n\n".join(
        [
            f"## One {stack.width}x{stack.height} half RGBA frame that lies on the card",
            table(["from the call", "us"], rows),
        ]
    )
