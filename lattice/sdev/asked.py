"""What an SDev and a Lut can be asked for: another input, another exposure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Protocol

import numpy as np

from lattice.color.gamuts import Adaptation
from lattice.color.inputs import find
from lattice.color.primaries import chromaticities, convert
from lattice.sdev.density import taken_density
from lattice.types import MOST_NITS, USUAL_PEAK, Array, Display, Gamma, LatticeError

CODES = "codes"  # the fact of what takes codes: the input's name
MOST_STOPS = 20  # of an exposure


class Named(Protocol):
    """What has a name and tells its facts."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def provenance(self) -> Mapping[str, str]:
        """Its facts; "input" is what it takes."""


def told_display(facts: Mapping[str, str]) -> Display | None:
    """Return the curve of the display that facts tell, such as "Rec.709 sRGB" or "Rec.2020 PQ@203"; None without one.

    Its exponent and its 3x3 do nothing.
    """
    word, _, nits = facts.get("output", "").rpartition(" ")[2].partition("@")
    try:
        gamma: Gamma = word if word in ("sRGB", *MOST_NITS) else float(word)
        return Display(1.0, np.eye(3), gamma, float(nits or USUAL_PEAK))
    except (ValueError, LatticeError):
        return None


def checked_stops(stops: object) -> float:
    """Return an exposure as a float. Raises LatticeError unless it is a number from -20 to 20."""
    if not isinstance(stops, Real) or isinstance(stops, bool) or not abs(float(stops)) <= MOST_STOPS:
        raise LatticeError(f"exposure: expected stops from {-MOST_STOPS} to {MOST_STOPS}, got {stops!r:.60}")
    return float(stops)


def told_input(of: Named) -> str:
    """Return the primaries of the light that it takes. Raises LatticeError, with what to type, if it does not say."""
    now = of.provenance.get("input")
    if now is None:
        told = of.provenance.get("takes")
        says = "" if told is None else f" (it says that it takes {told:.60})"
        raise LatticeError(
            f"{of.name}: its input primaries are not known{says}: --takes NAME says what it takes, such as --takes "
            "LogC3/Rec.709 or --takes ACEScg, in Python load(..., takes=NAME); lattice inputs lists all"
        )
    return now


def exposed_input(of: Named) -> None:
    """Raise LatticeError, with what to type, for what takes no light that can be exposed, or is not known to."""
    if taken_density(of.provenance) is not None:
        raise LatticeError(f"{of.name}: exposure: it takes printing density, not light: expose the negative")
    if "input" not in of.provenance:
        raise LatticeError(f"{of.name}: exposure: it is not known to take light; load it with takes=..., --takes NAME")


def to_light(of: Named) -> str:
    """Return what to type so that a LUT of a display's codes becomes an SDev that holds light."""
    display = told_display(of.provenance)
    if display is not None and display.is_hdr:
        return "codes of HDR stay codes"
    return "lattice convert FILE NEW.clf --gives NAME --fit makes one that holds light"


def input_change(
    of: Named, primaries: str | Sequence[float], adaptation: Adaptation | None
) -> tuple[Array, dict[str, str]]:
    """Return the matrix (3, 3) from other primaries to the ones it takes, and the facts of an SDev that takes them.

    Arguments and errors as in `SDev.with_input`.
    """
    if taken_density(of.provenance) is not None:
        raise LatticeError(f"{of.name}: input: it takes printing density, not light; the negative takes light")
    now = told_input(of)
    space = find(primaries) if isinstance(primaries, str) else None
    if space is None:
        name = " ".join(f"{v:g}" for v in chromaticities(primaries))
    else:
        name = primaries = space.primaries
        adaptation = adaptation or space.adaptation
    change = convert(primaries, now if now[:1].isalpha() else now.split(), adaptation)
    codes = {CODES: space.name} if space is not None and space.is_encoded else {}
    return change, {"input": now if np.array_equal(change, np.eye(3)) else name} | codes
