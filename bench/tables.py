"""The benchmark's report in Markdown, padded so that it reads in a terminal too."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version

import numpy as np
import PyOpenColorIO as ocio
from own_engines import NUMPY_SHARE, native_name
from peer_engines import COLOUR_BLOCK, COLOUR_SHARE, FFMPEG_FORMAT, HAS_FFMPEG, OPEN_COLOR_IO, ffmpeg_version
from report import table
from timing import ROUNDS, cpu_model
from work import CHECKED_ROWS, LOOK, PICTURES, STOPS, Case, Work

from lattice.interp import native
from lattice.interp.threads import cores

COPY = "copy of the same frame, 1 thread"
MEGA = 1e6


def _rates(case: Case, works: Sequence[Work], seconds: Mapping[str, float]) -> dict[str, float]:
    """Mpixel/s of each work and of the copy."""
    height, width = case.out.shape[:2]
    rows = {work.name: work.rows for work in works} | {COPY: height}
    return {name: rows[name] * width / spent / MEGA for name, spent in seconds.items()}


def case_table(
    case: Case, works: Sequence[Work], errors: Mapping[str, float], seconds: Mapping[str, Mapping[str, float]]
) -> str:
    """A case's table. errors: the worst of each work. seconds: by picture, of each work and COPY."""
    rates = {picture: _rates(case, works, seconds[picture]) for picture in PICTURES}
    judged = {work.name: (f"{errors[work.name]:.1e}", f"{work.tolerance:.0e}") for work in works}
    header, lines = ["work"], {name: [name] for name in (*judged, COPY)}
    for picture, rate in rates.items():
        header += [f"{picture}, Mpixel/s", "x OpenColorIO", "of the copy"]
        for name, line in lines.items():
            line += [f"{rate[name]:.1f}", f"{rate[name] / rate[OPEN_COLOR_IO]:.2f}", f"{rate[name] / rate[COPY]:.1%}"]
    rows = [[*line, *judged.get(name, ("", ""))] for name, line in lines.items()]
    grid = table([*header, "worst error", "allowed"], rows)
    return "\n\n".join([f"## {case.title}", grid, *_threads_line(rates)])


def _threads_line(rates: Mapping[str, Mapping[str, float]]) -> list[str]:
    """What more threads bring: a line, or none where there is one core or no native engine."""
    if native.unavailable_reason() is not None or cores() == 1:
        return []
    used = native.in_use()
    ratios = [
        f"{threads} threads "
        + ", ".join(
            f"{rate[native_name(used, threads)] / rate[native_name(used, 1)]:.2f} ({picture})"
            for picture, rate in rates.items()
        )
        for threads in sorted({2, cores()})
    ]
    return [f"Native, over one thread: {'; '.join(ratios)}."]


def memory_table(kib: Mapping[str, Mapping[int, int]], frame: tuple[int, int]) -> str:
    """Peak memory. kib: by SDev and threads."""
    threads = list(next(iter(kib.values())))
    rows = [[name, *(f"{counted[number] / 1024:.1f}" for number in threads)] for name, counted in kib.items()]
    return "\n\n".join(
        [
            "## Peak memory of one native apply, beyond the picture in and out",
            table(["SDev", *(f"{number} thread{'s' if number > 1 else ''}, MiB" for number in threads)], rows),
            f"In a fresh process that holds the SDev and both pictures ({frame[1]}x{frame[0]} RGBA): the resident "
            "set's peak during its first apply, less what was resident before it. What the engine keeps for the next "
            "apply, and the code that it loads, count. The kernel counts to about 0.2 MiB.",
        ]
    )


def _how(frame: tuple[int, int]) -> str:
    """How everything is run."""
    return (
        f"One {frame[1]}x{frame[0]} RGBA frame, all in one run of `python bench/peers.py`. Noise puts every pixel "
        "anywhere in the lattice; the smooth picture is slow waves. As a scene, in half floats, either spreads over "
        f"{STOPS} stops around mid gray. The lattices are 13^3; the one alone has the nodes of `{LOOK}`. Before any "
        f"timing, {CHECKED_ROWS} rows of every result are held against the definition in float64: the worst error and "
        "the error allowed stand in each table, of full scale, for half results past half a step of their own "
        f"rounding. Then all works of a table take turns, {ROUNDS} rounds, and medians are shown. Our engines, "
        "OpenColorIO and the copy read one array and write another that is already there. Rows of planes have the "
        "picture's red, green and blue apart and no alpha, as EXR files do. Our NumPy engine does the "
        f"first 1/{NUMPY_SHARE} of the rows, scaled to the frame. OpenColorIO runs one thread of its CPU processor for "
        "the picture's bit depth, with its default optimization, on a Lut3DTransform of the same nodes, or on the CLF "
        "that the SDev saves with the interpolation asked for. colour-science interpolates in float64, without "
        f"alpha, {COLOUR_BLOCK} colors at a time, on the first 1/{COLOUR_SHARE} of the rows, scaled to the frame. "
        "ffmpeg's lut3d runs through PyAV with one thread, from a .cube of the same nodes, on frames that lie ready as "
        f"{FFMPEG_FORMAT}: planes of float32 without alpha, so 24 bytes a pixel move where others move 32. The copy "
        "is `np.copyto` of the same frame with one thread; every share is of it, with more threads too. It stores "
        "through the caches where they are large: a copy that streams past them can be faster."
    )


def preface(frame: tuple[int, int], notes: Sequence[str]) -> str:
    """The machine, the versions, how everything is run, and notes on what is left out."""
    versions = [
        f"Python {platform.python_version()}",
        f"NumPy {np.__version__}",
        f"OpenColorIO {ocio.GetVersion()}",
        f"colour-science {version('colour-science')}",
    ]
    if HAS_FFMPEG:
        versions.append(ffmpeg_version())
    machine = f"{cpu_model()}, {cores()} core{'s' if cores() > 1 else ''}. {', '.join(versions)}."
    return "\n\n".join(["# The CPU engines beside their peers", machine, _how(frame), *notes])
