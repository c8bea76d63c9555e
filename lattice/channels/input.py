"""What a source's pixels are: what the user says, or the file, or linear Rec.709, which is then reported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import isfinite

from lattice.color.inputs import INPUTS
from lattice.color.interop import AGREE, INTEROP_ID, full_id, is_listed, scene_input
from lattice.color.primaries import PRIMARIES, REC709, agree
from lattice.color.transfer import TRANSFERS
from lattice.files.frame import FrameHeader, about
from lattice.types import LatticeError

Primaries = str | tuple[float, ...]  # the name of an input, or x, y of red, green, blue and white
PROFILE, CODES, DENSITY = "profile", "codes", "density"
ACES_FLAG, OIIO_NAME = "acesImageContainerFlag", "oiio:ColorSpace"
SAY = "--input NAME says what the pixels are, such as --input ACEScg or --input LogC3"


@dataclass(frozen=True)
class Input:
    """primaries: of the pixels, the name of an input, with its curve, or x, y of red, green, blue and white of linear
    light. assumed: what neither the user nor the file says, by the option that says it: {"input": "Rec.709",
    "transfer": "cineon"}; with PROFILE if the file says it by an ICC profile, which is not used; {CODES: "sRGB"} if the
    file says that its pixels are codes, which most EXRs are not; {DENSITY: "adx16"} if it does not say that they are
    printing density, which a print takes."""

    primaries: Primaries
    assumed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Claim:
    """words: the attribute and its value, for messages. curve: of the pixels, "" for linear light; None if the
    attribute does not say. codes: the name of an encoded input."""

    words: str
    primaries: Primaries
    curve: str | None = None
    codes: str = ""


def input_of(headers: Sequence[FrameHeader], graded: Sequence[FrameHeader], named: str | None, where: str) -> Input:
    """Return the input of a file.

    headers: of each part. graded: those with a color to grade. named: the user's input, which wins. where: the file's
    name, for messages. A part without a `colorInteropID` has the first part's. It, `chromaticities` and
    `acesImageContainerFlag` must agree, within AGREE, in all graded parts; `oiio:ColorSpace` counts where there is
    none of these. Numbers are preferred to names, but for a name with a `neutral`.
    Raises LatticeError, unless an input is named, if the file's color is none of INPUTS, or the claims disagree or are
    malformed.
    Source: ASWF Color Interop Forum, "Identifying the Color Space of OpenEXR Files"; SMPTE ST 2065-4 (the flag).
    """
    transfer = {"transfer": headers[0].transfer or ""} if headers[0].is_transfer_assumed else {}
    profile = {PROFILE: "unused"} if headers[0].has_profile else {}
    if named is not None:
        return Input(named, {**transfer, **profile} if transfer else {})
    claims = [claim for header in graded for claim in _claims(header, headers[0], where)]
    for one, other in combinations(claims, 2):
        curves = {one.curve, other.curve} - {None}
        if len(curves) > 1 or not agree(one.primaries, other.primaries, AGREE):
            raise LatticeError(f"{where}: {one.words} and {other.words} disagree; {SAY}")
    codes = next((claim.codes for claim in claims if claim.codes), "")
    if codes:
        return Input(codes, {CODES: codes})
    if not claims:
        return Input(REC709.name, {**transfer, "input": REC709.name, **profile})
    return Input(_chosen([claim.primaries for claim in claims]), {**transfer, **profile} if transfer else {})


def _chosen(claimed: Sequence[Primaries]) -> Primaries:
    """Return one of claims that agree: the numbers, unless a name says also which color is shown as white."""
    names = [each for each in claimed if isinstance(each, str)]
    numbers = [each for each in claimed if not isinstance(each, str)]
    return next((name for name in names if PRIMARIES[name].neutral is not None), (numbers or names)[0])


def _claims(header: FrameHeader, first: FrameHeader, where: str) -> Iterator[_Claim]:
    part = about(where, header)
    found = list(filter(None, (_by_id(header, first, part), _by_numbers(header, part), _by_flag(header))))
    yield from found or filter(None, (_by_oiio(header, part),))


def _by_id(header: FrameHeader, first: FrameHeader, where: str) -> _Claim | None:
    own = header if INTEROP_ID in header.attributes else first
    if INTEROP_ID not in own.attributes or own.graded_by is not None:  # graded again by --force: the ID is our own
        return None
    name = own.text(INTEROP_ID)
    if name is None:
        kind = own.attributes[INTEROP_ID].kind
        raise LatticeError(f"{where}: {INTEROP_ID}: expected a string, got {kind!a}; {SAY}")
    return _by_name(INTEROP_ID, name, where)


def _by_name(attribute: str, name: str, where: str) -> _Claim | None:
    try:
        meant = scene_input(name)
    except LatticeError as error:
        raise LatticeError(f"{where}: {attribute}: {error}; {SAY}") from None
    if meant is None:
        return None
    space = INPUTS[meant]
    return _Claim(f"{attribute} {name}", space.primaries, space.curve, space.name if space.is_encoded else "")


def _by_numbers(header: FrameHeader, where: str) -> _Claim | None:
    try:
        numbers = header.chromaticities
    except LatticeError as error:
        raise LatticeError(f"{where}: {error}") from None
    if numbers is None:
        return None
    if not all(map(isfinite, numbers)):
        raise LatticeError(f"{where}: chromaticities: expected finite numbers, got {numbers}")
    return _Claim("chromaticities " + " ".join(f"{number:.4g}" for number in numbers), numbers)


def _by_flag(header: FrameHeader) -> _Claim | None:
    flag = header.attributes.get(ACES_FLAG)
    if flag is None or flag.kind != "int" or not any(flag.data):
        return None
    return _Claim(f"{ACES_FLAG} {int.from_bytes(flag.data, 'little')}", "ACES2065-1", "")


def _by_oiio(header: FrameHeader, where: str) -> _Claim | None:
    """A name in OpenImageIO's attribute is of one site's config, unless the forum has it too."""
    name = header.text(OIIO_NAME) or ""
    return _by_name(OIIO_NAME, name, where) if is_listed(full_id(name)) else None


def assumption(assumed: Mapping[str, str], files: str) -> str | None:
    """Return a line for people on what is assumed of the color of `files` ("24 frames"); None if nothing is."""
    if not assumed:
        return None
    if DENSITY in assumed:
        return (
            f"no printing density named in {files}: taken as {assumed[DENSITY]} densities; scene light goes through "
            "the negative first (lattice build LOOK --stage negative)"
        )
    if CODES in assumed:
        return f"the header of {files} names codes: decoded as {assumed[CODES]} (--input says otherwise)"
    taken = [TRANSFERS[assumed["transfer"]].title] if "transfer" in assumed else []
    taken += [assumed["input"] + (" primaries" if taken else "")] if "input" in assumed else []
    options = [f"--{option}" for option in ("transfer", "input") if option in assumed]
    says = " and ".join(options) + (" say" if len(options) > 1 else " says")
    if PROFILE in assumed:
        why = f"the ICC profile of {files} is not used"
    else:
        why = f"no {'color space' if 'input' in assumed else 'encoding'} named in {files}"
    return f"{why}: taken as {', '.join(taken)} ({says} otherwise)"
