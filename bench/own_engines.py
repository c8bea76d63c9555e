"""Our engines, each as a `Work` on one picture of a case."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from work import FLOAT_TOLERANCE, STAGED_TOLERANCE, Case, Work

from lattice.interp import native
from lattice.interp.threads import cores
from lattice.types import FilmStage

PLANES = " planes"  # in the name of a row whose picture is three planes, as in an EXR file
NUMPY_SHARE = 8  # NumPy does the first of so many parts of the rows; the time is scaled
LATTICE_TOLERANCE = 2e-6  # of full scale, for a lattice alone. Source: tests/tolerance.py, node_bound


def native_name(instruction_set: str, threads: int, form: str = "") -> str:
    """What a row of the native engine is called. form: " planes" or nothing."""
    return f"lattice, native {instruction_set}{form}, {threads} thread{'s' if threads > 1 else ''}"


def _with_set(name: str, call: Callable[[], Any]) -> Any:
    """Call with the environment asking for an instruction set."""
    before = os.environ.get(native.FORCE)
    os.environ[native.FORCE] = name
    try:
        return call()
    finally:
        os.environ.pop(native.FORCE) if before is None else os.environ.update({native.FORCE: before})


def ours(case: Case, picture: str) -> list[Work]:
    """NumPy, the native engine with one thread and more, and its AVX2 where that is not what runs anyway; either of
    planes, too."""
    whole = STAGED_TOLERANCE if isinstance(case.sdev.table, FilmStage) else FLOAT_TOLERANCE
    tolerance = LATTICE_TOLERANCE if case.is_alone else whole
    image = case.images[picture]
    height, some = len(image), max(1, len(image) // NUMPY_SHARE)

    def apply(engine: Any, threads: int = 1, rows: int = height) -> Any:
        return case.sdev.apply(image[:rows], case.out[:rows], case.method, engine, threads)

    def apply_to_planes() -> Any:
        return case.sdev.apply(case.planes[picture], case.planes_out, case.method, "native", 1)

    works = [Work("lattice, NumPy, 1 thread", lambda: apply("numpy", rows=some), some, tolerance)]
    if native.unavailable_reason() is not None:
        return works
    for threads in sorted({1, min(2, cores()), cores()}):
        works.append(Work(native_name(native.in_use(), threads), partial(apply, "native", threads), height, tolerance))
    works.append(Work(native_name(native.in_use(), 1, PLANES), apply_to_planes, height, tolerance))
    if native.in_use() != "avx2" and native.instruction_sets().get("avx2"):
        for form, run in (("", partial(apply, "native")), (PLANES, apply_to_planes)):
            works.append(Work(native_name("avx2", 1, form), partial(_with_set, "avx2", run), height, tolerance))
    return works
