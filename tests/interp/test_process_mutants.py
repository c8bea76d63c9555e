"""The tests of process nodes can fail: each of these changes to their text is caught."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from basics import require
from compiling import changed_library
from process_samples import NODES, colors, defined, wrong

from lattice.interp import native, native_process
from lattice.process_list import ProcessList

pytestmark = pytest.mark.slow

MUTANTS = {
    "no change": ("\nconstexpr float SMALLEST", "\n\nconstexpr float SMALLEST", ()),
    "luma of another order": ("0.2126f, 0.7152f", "0.7152f, 0.2126f", ("CDL", "CDL back")),
    "an offset of another channel": (
        "splat(m[3 * k]), r, splat(m[9 + k])",
        "splat(m[3 * k]), r, splat(m[9])",
        "matrix",
    ),
    "a scale's column": ("splat(m[4 * k])", "splat(m[3 * k])", "matrix of a scale"),
    "limits swapped": ("x = most(x, splat(n[2]));", "x = least(x, splat(n[2]));", "range from below"),
    "a curve cut short": ("(float)(node.count - 1)", "(float)(node.count - 2)", "curve of two"),
    "no negative halves": ("NEGATIVE_HALVES = 32768", "NEGATIVE_HALVES = 0", "curve over halves"),
    "a share of small halves": ("subtract(steps, to_float(whole))", "splat(0.0f)", "curve over halves"),
    "points not held": ("::hold(*at, x[0], x[count - 1])", "*at", "points"),
    "the other method": ("node.flags & LATTICE_TETRAHEDRA ?", "!(node.flags & LATTICE_TETRAHEDRA) ?", "tetrahedra"),
    "a log without its line": ("choose(is_line, fma", "choose(less(x, x), fma", "linToLog with a line"),
    "a break at 0": ("choose(less(n(4, k), x), light", "choose(less(splat(0), x), light", "logToLin with a line"),
    "no mirror": ("subtract(splat(0.0f), y), y);", "y, y);", ("basicMirrorRev", "monCurveMirrorFwd")),
    "negatives do not pass": ("y = choose(less(splat(0.0f), x), y, x)", "y = y", ("basicPassThruFwd",)),
    "a toe of another slope": ("multiply(x, n(4, k))", "multiply(x, n(4, 0))", ("monCurveFwd", "monCurveRev")),
    "saturation first": ("if (node.flags & CDL_INVERSE) {", "if (!(node.flags & CDL_INVERSE)) {", ("CDL", "CDL back")),
}


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each mutant's library, of the portable set alone: its text is that of every set."""
    if (reason := native.unavailable_reason()) is not None:
        require("native", reason)
    if shutil.which("c++") is None:
        require("native", "no C++ compiler")

    def compiled(name: str) -> Path:
        old, new, _ = MUTANTS[name]
        return changed_library(tmp_path_factory.mktemp("mutant"), "process.h", old, new, None)

    with ThreadPoolExecutor() as pool:
        return dict(zip(MUTANTS, pool.map(compiled, MUTANTS), strict=True))


def is_near(name: str) -> bool:
    """True if the library in use is as near to a node's definition as `test_process` asks."""
    pixels = colors()
    wanted, bound = defined(NODES[name], pixels)
    found = np.empty_like(pixels[None])
    native_process.runner(ProcessList("changed", (NODES[name],)))(pixels[None], found)
    return not wrong(found[0], wanted, bound).any()


@pytest.mark.parametrize("name", MUTANTS)
def test_a_change_is_caught(name: str, libraries: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(native.LIBRARY, str(libraries[name]))
    monkeypatch.setenv(native.FORCE, "portable")
    found = {each for each in NODES if not is_near(each)}
    wanted = MUTANTS[name][2]
    assert set([wanted] if isinstance(wanted, str) else wanted) <= found
    assert bool(found) == bool(wanted)
