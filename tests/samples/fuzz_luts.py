"""Damaged LUT files: `python tests/samples/fuzz_luts.py SECONDS [SEED] [FORMAT...]`, SECONDS for each reader.

A file that a writer made, or one of ../shared/luts, is damaged: its bytes, words or lines. It must be read, or refused
in one line, within LONGEST seconds of CPU and MOST bytes; what is read grades PIXELS, to the same bits on every
instruction set. Prints a line for each reader; exits 1 on a finding, whose file is kept in build/fuzz.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
import warnings
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from basics import ROOT, SHARED
from hald_samples import chunks, codes, joined, of_tags, png
from look_samples import text
from lut_samples import mutated, probes
from process_samples import NODES
from text_lut_samples import SHAPES, shape

from lattice.errors import LatticeError
from lattice.files.luts import hald, look, strip
from lattice.files.luts.format import LutFormat
from lattice.files.luts.register import REGISTER
from lattice.interp import native
from lattice.process_list import Lut1D, Lut3D, Node, ProcessList
from lattice.sdev import SDev
from lattice.sdev.fused import fused
from lattice.sdev.lut import Lut

LONGEST, MOST = 1.0, 200_000_000  # seconds of CPU and bytes that one file may cost
HANG = 30  # seconds after which the process ends with a traceback
LARGEST_SEED = 90_000  # bytes: such a file is read within milliseconds
PIXELS = probes(60)
ODD = (
    *(b"nan", b"-inf", b"1e39", b"1e-46", b"-0", b"1,5", b"13.5", b"13abc", b"0x10", b"0", b"1", b"-1", b"2", b"129"),
    *(b"130", b"65536", b"1000000000", b"9" * 5000, b"\xef\xbb\xbf", b"\xe2\x88\x921", b"\0", b'"', b"#", b"'", b"\r"),
    *(b"<!DOCTYPE a>", b"<![CDATA[", b"&lt;", b"&#0;", b"</a>", b"<a>" * 200, b"{", b"}", b"\x7f\xff\xff\xff"),
)
ONLY_READ = {
    look.FORMAT.name: [text()],
    hald.TIFF.name: [of_tags(), of_tags(">"), of_tags(pixels=codes(2, 8)), of_tags(t259=(3, [1]))],
    hald.FORMAT.name: [png()],
}
SIGNATURE = b"\x89PNG"
GAPS = b" \t\n,<>=\"'/"


@cache
def seeds(form: LutFormat) -> tuple[bytes, ...]:
    """Small files of a format: what its writer makes of process nodes of every kind, and others' files."""
    small: list[Node] = [Lut1D(NODES["curve"].entries[:9]), Lut3D(NODES["tetrahedra"].nodes[:4, :4, :4])]  # type: ignore[attr-defined]
    held = Lut3D(np.clip(small[1].nodes, 0, 1))  # type: ignore[attr-defined]
    few = [node for node in NODES.values() if not isinstance(node, Lut1D | Lut3D)]
    written = [shape(name) for name in SHAPES]
    texts = [of.write(held) for of, held in written if of is form and of.write is not None]
    found = [*ONLY_READ.get(form.name, []), *(text for text in texts if len(text) <= LARGEST_SEED)]
    for nodes in ([small[0]], [small[1]], [held], small, [*small, small[0]], few, *([node] for node in few)):
        try:
            listed = ProcessList("seed", tuple(nodes), {"title": "a: b", strip.LAYOUT: strip.STRIP})
            found += [form.write(listed)] if form.write else []
        except LatticeError:
            continue  # the format holds other nodes
    for path in sorted((SHARED / "luts").glob("*")):
        data = path.read_bytes() if path.suffix.lower() in form.suffixes else b""
        if 0 < len(data) <= LARGEST_SEED and form.is_it(data):
            found.append(data)
    return tuple(found)


def bounds(data: bytes, at: int) -> tuple[int, int]:
    """The word around a place."""
    first = at
    while first > 0 and at - first < 60 and data[first - 1] not in GAPS:
        first -= 1
    last = at
    while last < len(data) and last - at < 60 and data[last] not in GAPS:
        last += 1
    return first, last


def rechunked(data: bytes, random: Any) -> bytes:
    """A PNG whose chunks have faults inside and are whole outside, so that no checksum hides what is behind it."""
    parts = chunks(data)
    at = int(random.integers(len(parts)))
    name, body = parts[at]
    parts[at] = (
        name,
        zlib.compress(mutated(zlib.decompress(body), random)) if name == b"IDAT" else mutated(body, random),
    )
    return joined(parts)


def damaged(sources: tuple[bytes, ...], random: Any) -> bytes:
    """A source with some faults in its bytes, words and lines, or two sources cut and joined."""
    data = sources[random.integers(len(sources))]
    if data.startswith(SIGNATURE) and data.count(b"IDAT") == 1 and random.integers(2):
        return rechunked(data, random)
    for _ in range(int(random.integers(1, 4))):
        kind, at = random.integers(6), int(random.integers(len(data) + 1))
        if kind == 0:
            data = mutated(data, random)
        elif kind in (1, 2):
            first, last = bounds(data, at)
            data = data[:first] + ODD[random.integers(len(ODD))] + data[last:]
        elif kind == 3:
            other = sources[random.integers(len(sources))]
            data = data[:at] + other[int(random.integers(len(other) + 1)) :]
        else:
            lines = data.split(b"\n")
            i, j = (int(random.integers(len(lines))) for _ in range(2))
            lines[i : i + 1] = [[], [lines[j]], [lines[i]] * int(random.integers(2, 50)), [lines[i], lines[j]]][
                random.integers(4)
            ]
            data = b"\n".join(lines)
    return data


def grade(nodes: ProcessList) -> None:
    """Grade PIXELS by every instruction set, as `lattice apply` does; raises AssertionError if their bits differ."""
    device = fused(nodes)
    look = Lut.from_list(nodes) if device is None else SDev.from_device(device)
    graded = {}
    for name, is_here in native.instruction_sets().items():
        if is_here:
            os.environ[native.FORCE] = name
            graded[name] = look.apply(PIXELS[None]).tobytes()
    os.environ.pop(native.FORCE)
    assert len(set(graded.values())) == 1, f"{' and '.join(graded)} differ"


def fault(parse: Callable[[bytes], ProcessList], data: bytes) -> str | None:
    """What is wrong with how a file is read, "" if nothing is; None if it is refused rightly."""
    start, found = time.process_time(), ""
    try:
        grade(parse(data))
    except LatticeError as error:
        found = f"more than a line: {error!r:.200}" if "\n" in str(error) else None  # type: ignore[assignment]
    except Exception as error:  # every other one is a finding
        found = f"{type(error).__name__}: {error!s:.200}"
    took = time.process_time() - start
    return f"{took:.1f} s of CPU" if took > LONGEST else found


def findings(form: LutFormat, random: Any, is_on: Callable[[], bool]) -> Iterator[tuple[str | None, bytes]]:
    """Damaged files of a format as long as `is_on` says so, each with its fault."""
    while is_on():
        data = damaged(seeds(form), random)
        signal.alarm(HANG)
        found = fault(form.parse, data)
        signal.alarm(0)
        yield found, data


def limit_memory() -> None:
    """Let this process take MOST bytes beside those it has; numbers and threads are warm."""
    grade(ProcessList("warm", tuple(NODES.values())))
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * os.sysconf("SC_PAGE_SIZE") + MOST
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def run(form: LutFormat, seconds: float, seed: int) -> int:
    """Damage files of a format for some time; print what came of it and return how many findings there are."""
    end, kept, of = time.monotonic() + seconds, ROOT / "build" / "fuzz", {"read": 0, "refused": 0, "findings": 0}
    for found, data in findings(form, np.random.default_rng(seed), lambda: time.monotonic() < end):
        of["refused" if found is None else "findings" if found else "read"] += 1
        if found:
            kept.mkdir(parents=True, exist_ok=True)
            file = kept / f"{form.name.replace(' ', '-')}-{seed}-{of['findings']}{form.suffixes[0]}"
            file.write_bytes(data)
            print(f"{file}: {found}", flush=True)
    print(f"{form.name}: {seconds:g} s, {', '.join(f'{count:,} {what}' for what, count in of.items())}", flush=True)
    return of["findings"]


def main(seconds: float, seed: int, names: list[str]) -> int:
    warnings.simplefilter("error")
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    limit_memory()
    return int(sum(run(form, seconds, seed) for form in REGISTER if not names or form.name in names) > 0)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int((sys.argv[2:] or ["0"])[0]), sys.argv[3:]))
