"""Numbers of a matrix as text and back without loss: the domain of a 3D LUT, and numbers in other units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Context, Decimal
from fractions import Fraction

import numpy as np

from lattice.errors import LatticeError
from lattice.process_list import Matrix

EXACT = Context(prec=40)  # digits: a float64 is found again from 28
DIGITS = (7, 9, 12, 15, 17, 28, 40)  # the first that gives the same Matrix is written


def to_matrix(first: Iterable[str], last: Iterable[str]) -> Matrix:
    """Return the Matrix that maps a domain to 0..1. first, last: three numbers as text, rising."""
    scales, offsets = zip(*(_mapped(Decimal(a), Decimal(b)) for a, b in zip(first, last, strict=True)), strict=True)
    return Matrix(np.column_stack([np.diag(scales), offsets]))


def from_matrix(matrix: Matrix) -> tuple[list[str], list[str]]:
    """Return the ends of the domain that a Matrix maps to 0..1, three numbers as text each; `to_matrix` gives it back.

    Raises LatticeError unless each channel depends on itself alone and rises.
    """
    scales = np.diag(matrix.matrix)
    if not (np.diag(scales) == matrix.matrix[:, :3]).all() or (scales <= 0).any():
        raise LatticeError("expected a Matrix that scales each channel by itself, above 0, got another")
    ends = [_ends(float(scale), float(offset)) for scale, offset in zip(scales, matrix.matrix[:, 3], strict=True)]
    return [first for first, _ in ends], [last for _, last in ends]


def is_unit(domain: tuple[Sequence[str], Sequence[str]]) -> bool:
    """True if a domain is 0..1 in all channels."""
    return all(Decimal(a) == 0 and Decimal(b) == 1 for a, b in zip(*domain, strict=True))


def product(word: str, factor: Fraction) -> float:
    """Return a number that is given as text, times a factor, rounded once."""
    return float(EXACT.divide(EXACT.multiply(Decimal(word), factor.numerator), factor.denominator))


def quotient(value: float, factor: Fraction) -> str:
    """Return the shortest text that `product` takes to a number."""
    exact = EXACT.divide(EXACT.multiply(Decimal(float(value)), factor.denominator), factor.numerator)
    texts = (_text(exact, digits) for digits in DIGITS)
    return next((text for text in texts if product(text, factor) == value), _text(exact, EXACT.prec))


def _text(value: Decimal, digits: int) -> str:
    return f"{EXACT.normalize(Context(prec=digits).plus(value)):g}"


def _mapped(first: Decimal, last: Decimal) -> tuple[float, float]:
    span = EXACT.subtract(last, first)
    return float(EXACT.divide(1, span)), float(EXACT.divide(-first, span)) + 0.0


def _ends(scale: float, offset: float) -> tuple[str, str]:
    first = EXACT.divide(-Decimal(offset), Decimal(scale))
    last = EXACT.add(first, EXACT.divide(1, Decimal(scale)))
    pairs = ((_text(first, digits), _text(last, digits)) for digits in DIGITS)
    fitting = (pair for pair in pairs if _rises(*pair) and _mapped(*map(Decimal, pair)) == (scale, offset))
    return next(fitting, (_text(first, EXACT.prec), _text(last, EXACT.prec)))


def _rises(first: str, last: str) -> bool:
    return Decimal(first) < Decimal(last)
