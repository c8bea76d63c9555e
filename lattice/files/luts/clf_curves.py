"""Read the process nodes of a CLF or CTF that are formulas: Range, Log, Exponent or Gamma, and ASC_CDL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from lattice.files.luts.clf_tables import Step
from lattice.files.luts.xml_tree import Element
from lattice.process_list import Cdl, Exponent, ExponentStyle, Log, Node, Range

LIMITS = ("minInValue", "maxInValue", "minOutValue", "maxOutValue")
EXPONENTS: dict[str, ExponentStyle] = {style.lower(): style for style in get_args(ExponentStyle)}
PLAIN_LOGS = {"log2": 2.0, "antilog2": 2.0, "log10": 10.0, "antilog10": 10.0}
LOGS = {
    style.lower(): style
    for style in ("log2", "antiLog2", "log10", "antiLog10", "linToLog", "logToLin", "cameraLinToLog", "cameraLogToLin")
}
CINEON = ("gamma", "refWhite", "refBlack", "highlight", "shadow")
CODES = 1023  # of a Cineon file
DENSITY = 0.002  # of a code
LEAST_REACH = -1e-4  # a logarithm's, from white to black. Source: OpenColorIO, LogUtils
# Whether a CDL's style is clamped, and whether it is the inverse. The last four: a CTF's, before CLF.
GRADES = {
    "fwd": (True, False),
    "rev": (True, True),
    "fwdnoclamp": (False, False),
    "revnoclamp": (False, True),
    "v1.2_fwd": (True, False),
    "v1.2_rev": (True, True),
    "noclampfwd": (False, False),
    "noclamprev": (False, True),
}
CHANNELS = "RGB"


def range_of(step: Step) -> Iterator[Node]:
    """Yield the Range of a node: with limits, or in style noClamp without."""
    texts = {kind: child.text for kind, child in step.only(*map(str.lower, LIMITS)).items()}
    values = [step.element.exact(texts[name.lower()], name) if name.lower() in texts else None for name in LIMITS]
    depths = (step.taken, step.taken, step.given, step.given)
    codes = [None if value is None else value / depth for value, depth in zip(values, depths, strict=True)]
    style = step.element.attributes.get("style", "Clamp").lower()
    if style not in ("clamp", "noclamp"):
        raise step.element.fault(f"expected style Clamp or noClamp, got {style[:40]!r}")
    try:
        yield range_from(codes, is_clamped=style == "clamp" or step.version.ctf < (1, 7))
    except ValueError as error:
        raise step.element.fault(error) from None


def range_from(values: list[Fraction | None], is_clamped: bool) -> Range:
    """Return the Range of a node's four values, in the order of LIMITS; None for an absent one.

    Its scale and offset are rounded once. Raises ValueError unless the values are the limits of a Range.
    """
    start, end, low, high = values
    if (start is None) != (low is None) or (end is None) != (high is None) or (start is None and end is None):
        raise ValueError(f"expected both of {LIMITS[0]}, {LIMITS[2]}, or both of {LIMITS[1]}, {LIMITS[3]}, or all four")
    if start is None or end is None or low is None or high is None:
        if start != low or end != high or not is_clamped:
            raise ValueError("expected limits of the output that equal those of the input where one side has none")
        return Range(None if low is None else float(low), None if high is None else float(high))
    if end <= start or high < low:
        raise ValueError("expected a maximum above the minimum, got another")
    scale = (high - low) / (end - start)
    held = Range(float(low), float(high)) if is_clamped else Range()
    return replace(held, scale=float(scale), offset=float(low - scale * start))


def channels(step: Step, *kinds: str) -> list[Element | None]:
    """Return the element that holds the parameters of each channel, r, g, b; those of alpha are passed over."""
    found: list[Element | None] = [None] * len(CHANNELS)
    for child in step.children(*kinds):
        channel = child.attributes.get("channel")
        if channel is None:
            found = [child] * len(CHANNELS)
        elif len(channel) == 1 and channel.upper() in CHANNELS:
            found[CHANNELS.index(channel.upper())] = child
        elif channel.upper() != "A" or step.version.is_clf:
            raise child.fault(f"expected channel R, G or B, got {channel[:20]!r}")
    return found


def exponent(step: Step) -> Iterator[Node]:
    """Yield the Exponent of a node; a channel without parameters passes as it is."""
    style = EXPONENTS[step.element.choice("style", dict(EXPONENTS)).lower()]
    is_joined = style.startswith("monCurve")
    powers, offsets = [1.0] * 3, [0.0] * 3
    for k, found in enumerate(channels(step, "exponentparams", "gammaparams")):
        if found is None:
            continue
        powers[k] = found.number("gamma" if "gamma" in found.attributes else "exponent")
        if is_joined or "offset" in found.attributes:
            offsets[k] = found.number("offset")
    try:
        yield Exponent(style, np.array(powers), np.array(offsets))
    except ValueError as error:
        raise step.element.fault(error) from None


def log(step: Step) -> Iterator[Node]:
    """Yield the Log of a node, with the parameters of a CLF, or of a CTF's printing densities."""
    style = step.element.choice("style", LOGS)
    found = channels(step, "logparams")
    try:
        if style.lower() in PLAIN_LOGS:
            if any(found):
                raise step.element.fault(f"expected no LogParams in style {style}, got some")
            yield Log("logToLin" if style.startswith("anti") else "linToLog", PLAIN_LOGS[style.lower()])
        elif any(name.lower() in one.attributes for one in found if one is not None for name in CINEON):
            yield _densities(step, style, found)
        elif step.version.ctf < (2, 0) and not step.version.is_clf:
            raise step.element.fault(f"expected LogParams with {', '.join(CINEON)} in each channel, got none")
        else:
            yield _logarithm(step, style, found)
    except ValueError as error:
        raise error if str(error).startswith("line ") else step.element.fault(error) from None


def _logarithm(step: Step, style: str, found: list[Element | None]) -> Log:
    plain = Element("LogParams", "", {}, step.element.line)
    all_of = [one or plain for one in found]
    bases = {one.number("base") for one in all_of if "base" in one.attributes}
    if len(bases) > 1:
        raise step.element.fault("expected one base for all channels, got several")

    def column(name: str, default: float | None = None) -> NDArray[np.float64]:
        return np.array([one.number(name, default) for one in all_of])

    is_camera, has_slope = style.startswith("camera"), any("linearslope" in one.attributes for one in all_of)
    if not is_camera and (has_slope or any("linsidebreak" in one.attributes for one in all_of)):
        raise step.element.fault(f"expected no linSideBreak and linearSlope in style {style}, got some")
    return Log(
        "linToLog" if style.lower().endswith("lintolog") else "logToLin",
        bases.pop() if bases else 2.0,
        column("logSideSlope", 1),
        column("logSideOffset", 0),
        column("linSideSlope", 1),
        column("linSideOffset", 0),
        column("linSideBreak") if is_camera else None,
        column("linearSlope") if has_slope else None,
    )


def _densities(step: Step, style: str, found: list[Element | None]) -> Log:
    """Return the Log of codes of printing density. Source: OpenColorIO, LogUtils, from Cineon."""
    if style.startswith("camera") or step.version.is_clf:
        raise step.element.fault(f"expected LogParams of a CLF, got {', '.join(CINEON)}")
    columns = []
    for one in found:
        if one is None:
            raise step.element.fault(f"expected LogParams with {', '.join(CINEON)} in each channel, got fewer")
        gamma, white, black, highlight, shadow = (one.number(name) for name in CINEON)
        if not (gamma > 0.01 and white > black and highlight > shadow):
            raise one.fault("expected gamma above 0.01, refWhite above refBlack, highlight above shadow, got others")
        factor = DENSITY * CODES / gamma
        reach = min((black - white) / CODES * factor, LEAST_REACH)
        gain = (highlight - shadow) / (1 - 10**reach)
        columns.append((1 / factor, white / CODES, 1 / gain, (gain - highlight) / gain))
    log_slope, log_offset, lin_slope, lin_offset = np.array(columns).T
    return Log("linToLog" if style == "linToLog" else "logToLin", 10.0, log_slope, log_offset, lin_slope, lin_offset)


def cdl(step: Step) -> Iterator[Node]:
    """Yield the Cdl of a node, in one of four styles; without one it is clamped and forward, as a CLF says."""
    style = step.element.attributes.get("style", "Fwd")
    if style.lower() not in GRADES:
        raise step.element.fault(f"expected style Fwd, Rev, FwdNoClamp or RevNoClamp, got {style[:40]!r}")
    yield grade(step.only("sopnode", "satnode"), step.element, *GRADES[style.lower()])


def grade(nodes: dict[str, Element], element: Element, is_clamped: bool, is_inverse: bool) -> Cdl:
    """Return the Cdl of a SOPNode and a SatNode, by names in lower case; an absent one changes nothing."""
    sop, sat = nodes.get("sopnode"), nodes.get("satnode")
    slope, offset, power = np.ones(3), np.zeros(3), np.ones(3)
    if sop is not None:
        slope, offset, power = (_part(sop, name, 3) for name in ("Slope", "Offset", "Power"))
    saturation = 1.0 if sat is None else float(_part(sat, "Saturation", 1)[0])
    try:
        return Cdl(slope, offset, power, saturation, is_clamped, is_inverse)
    except ValueError as error:
        raise element.fault(error) from None


def _part(node: Element, name: str, count: int) -> NDArray[np.float64]:
    found = [child for child in node.children if child.kind == name.lower()]
    if len(found) != 1:
        raise node.fault(f"expected one {name}, got {len(found) or 'none'}")
    return found[0].numbers(count)
