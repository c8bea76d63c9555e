"""What a run assumed of its frames' color."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from lattice.channels.input import assumption
from lattice.regrade.report import FrameReport


def assumptions(reports: Iterable[FrameReport]) -> list[str]:
    """Return a line for people on each kind of color that a run assumed, with the number of its frames."""
    counts = Counter(tuple(report.assumed.items()) for report in reports if report.assumed)
    lines = (assumption(dict(each), f"{count} frame{'s' * (count > 1)}") for each, count in counts.items())
    return [line for line in lines if line is not None]
