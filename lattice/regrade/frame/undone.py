"""What is said of an inverse: what its pixels hold, and whether the look that is undone is the one the frame shows."""

from __future__ import annotations

from collections.abc import Sequence

from lattice.files.frame import FrameHeader, stamps_in
from lattice.sdev import SDev
from lattice.sdev.density import taken_density


def held(sdev: SDev) -> str:
    """Return what the pixels are that an SDev takes, for people: scene light, codes, or printing density."""
    density, primaries = taken_density(sdev.provenance), sdev.provenance.get("input")
    if sdev.codes is not None:
        return sdev.codes.title
    if density is not None:
        return f"printing density, {density.title}"
    if primaries is not None:
        return f"scene light, {primaries} primaries"
    return sdev.provenance.get("takes") or f"codes of the input of {sdev.name}, which does not say whose"


def doubts(headers: Sequence[FrameHeader], sdev: SDev, sha256: str) -> tuple[str, ...]:
    """Return a line for each reason why a frame's codes may not be the ones that an SDev shows.

    headers: of the frame's parts. sdev: whose inverse is asked for. sha256: of it as it was loaded, on its display.
    """
    graded = next((header for header in headers if header.graded_by is not None), None)
    if graded is None:
        return (f"no lattice look is noted in it: its pixels are taken as codes that {sdev.name} shows",)
    stamped = stamps_in(graded)
    output, asked = stamped.get("output"), sdev.provenance.get("output")
    made = f"it was graded with {graded.graded_by or 'an SDev without a name'}"
    lines = []
    if graded.graded_by != sdev.name:
        lines.append(f"{made}, and is inverted as {sdev.name}: --sdev names the look that it shows")
    elif None not in (output, asked) and output != asked:
        lines.append(f"{made} for {output}, and is inverted as for {asked}: --display names the display")
    elif not {sha256, sdev.sha256} & {stamped.get(name, sha256) for name in ("sha256", "device_sha256")}:
        lines.append(f"{made} of other numbers than it has now: it was changed since, relit or had a CDL beside it")
    exposures = [word for word in stamped.get("options", "").split() if word.startswith("exposure=")]
    return (*lines, *(f"it was graded with {word}, which stays in its light" for word in exposures))
