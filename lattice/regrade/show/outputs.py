"""Outputs named by a pattern of views: `out.%V.####.exr`, one for each view."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lattice.files.storage.sequence import beside, escaped
from lattice.files.storage.views import found_views, of_view, views_of
from lattice.regrade.sequence.ledger import SUFFIX


def each_output(targets: Iterable[str]) -> Iterator[str]:
    """Yield each pattern, or one for each view that has frames or a ledger at it.

    Raises LatticeError if a pattern of views has none.
    """
    for target in targets:
        views = {view for pattern in (_ledgers(target), target) for view in found_views(pattern)}
        if not views:
            views_of(target)  # raises if the pattern has a place for a view
        yield from [of_view(target, view) for view in sorted(views)] or [target]


def _ledgers(target: str) -> str:
    """Return the pattern of the ledgers of all views; "" for a plain file."""
    found = beside(target, SUFFIX)
    return "" if found is None else str(found.with_name(re.sub(r"\\(%[Vv])", r"\1", escaped(found.name))))
