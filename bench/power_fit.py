"""The polynomials of the pixel shader's power, fitted again: `python bench/power_fit.py`.

power(x, p) is 2 ** (p * log2 x). log2(1 + t) is t times a polynomial on [sqrt(1/2) - 1, sqrt(2) - 1], and 2 ** f is 1
plus f times one on [-1/2, 1/2], so that 1 to any power is exactly 1. Both have the smallest largest error (Remez's
exchange), absolute for the logarithm, whose error becomes the power's relative one, and relative for 2 ** f.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

SHADER = Path(__file__).parents[1] / "lattice" / "interp" / "encodings.h"
GRID, EXCHANGES = 200_001, 40
NEAR_ZERO = 1e-3  # weights vanish at 0; this far from it they count as if they did not


def fit(target: Callable[[Any], Any], weight: Callable[[Any], Any], low: float, high: float, terms: int) -> Any:
    """Coefficients (terms,) of the polynomial whose largest |weight * (polynomial - target)| is smallest."""
    grid = np.linspace(low, high, GRID)
    order = np.arange(terms + 1)
    points = (low + high) / 2 - (high - low) / 2 * np.cos(np.pi * order / terms)
    for _ in range(EXCHANGES):
        system = np.column_stack([np.vander(points, terms, increasing=True), (-1.0) ** order / weight(points)])
        found = np.linalg.solve(system, target(points))[:-1]
        error = weight(grid) * (np.polynomial.polynomial.polyval(grid, found) - target(grid))
        turns = np.concatenate([[0], np.flatnonzero(np.diff(np.sign(error))) + 1, [GRID]])
        peaks = [a + int(np.abs(error[a:b]).argmax()) for a, b in pairwise(turns)]
        while len(peaks) > terms + 1:
            peaks.pop(0 if abs(error[peaks[0]]) < abs(error[peaks[-1]]) else -1)
        if len(peaks) <= terms:
            break
        points = grid[peaks]
    return found, float(np.abs(error).max())


def over(f: Callable[[Any], Any], limit: float) -> Callable[[Any], Any]:
    """f(t) / t, with its limit at 0."""
    return lambda t: np.where(np.abs(t) < 1e-9, limit, f(t) / np.where(t == 0, 1, t))


def main() -> None:
    """Print the coefficients and errors; exit 1 where the shader's differ."""
    ln2 = np.log(2)
    log2 = fit(
        over(lambda t: np.log1p(t) / ln2, 1 / ln2),
        lambda t: np.maximum(np.abs(t), NEAR_ZERO),
        np.sqrt(0.5) - 1,
        np.sqrt(2) - 1,
        8,
    )
    exp2 = fit(over(lambda t: np.expm1(t * ln2), ln2), lambda t: np.maximum(np.abs(t), NEAR_ZERO) / 2**t, -0.5, 0.5, 6)
    written = dict(re.findall(r"#define ((?:LOG2|EXP2)_\d) (\S+)f", SHADER.read_text()))
    for name, (coefficients, error) in (("LOG2", log2), ("EXP2", exp2)):
        print(f"{name}: largest error {error:.1e}")
        for k, value in enumerate(coefficients):
            print(f"  {name}_{k} {np.float32(value):.9g}")
            if not np.isclose(value, float(written[f"{name}_{k}"]), rtol=1e-6):
                sys.exit(f"{SHADER.name}: {name}_{k}: expected {value:.9g}, got {written[f'{name}_{k}']}")


if __name__ == "__main__":
    main()
