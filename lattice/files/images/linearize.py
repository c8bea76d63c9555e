"""Convert an image's code values to scene-linear light."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from lattice.color.adx import ADX, decode_adx
from lattice.color.inputs import encoded
from lattice.color.transfer import TRANSFERS, Transfer
from lattice.files.images.spec import ImageSpec
from lattice.types import Pixels

ROWS = 32  # converted at a time, so that float64 takes little memory


def has_shown_alpha(facts: ImageSpec, is_log: bool) -> bool:
    """True if alpha was multiplied into encoded values (integer TIFF), not into linear light. False for printing
    density (`is_log`), whose alpha multiplies light."""
    return facts.alpha is not None and not (facts.straight or facts.is_float or is_log)


def to_linear(
    codes: Pixels, facts: ImageSpec, transfer: str, is_log: bool, dtypes: Mapping[str, str]
) -> dict[str, Pixels]:
    """Return the channels by name, (H, W) each, read-only; A is code / largest code.

    codes: (H, W, C), C the samples of `facts`. transfer: key of TRANSFERS for R, G, B, ADX, or the name of
    an input. dtypes: of each channel. R, G, B of a gray image are one array. Codes of an input stay codes if the
    image's header `stays_coded`.
    Color is multiplied by alpha in linear light, or straight if the image is. Codes that were multiplied by alpha are
    divided by it before the transfer and their light is multiplied again; where alpha is 0 they are decoded undivided.
    """
    of_codes = _of_floats if facts.is_float else _of_integers
    space = encoded(transfer)
    is_whole = space is not None and (facts.is_float or space.adx_bits is not None)
    if space is not None and is_whole and is_log:
        largest = np.float32(1 if facts.is_float else 2**facts.bits - 1)
        channels = _of_three(codes[..., facts.color], lambda rows: space.light(rows / largest), dtypes["R"])
    elif is_whole:
        channels = _by_channel(codes, facts, TRANSFERS["linear"], False, dtypes)  # the grade decodes them
    elif space is not None:
        curve = Transfer(space.name, partial(space.decode, bits=facts.bits), space.encode)
        channels = _by_channel(codes, facts, curve, has_shown_alpha(facts, is_log), dtypes)
    elif transfer == ADX:
        channels = _of_three(codes[..., facts.color], partial(decode_adx, bits=facts.bits), dtypes["R"])
    else:
        channels = _by_channel(codes, facts, TRANSFERS[transfer], has_shown_alpha(facts, is_log), dtypes)
    if facts.alpha is not None:
        channels["A"] = of_codes(codes[..., facts.alpha], facts.bits, TRANSFERS["linear"], dtypes["A"])
    for channel in channels.values():
        channel.flags.writeable = False
    return channels


def _by_channel(
    codes: Pixels, facts: ImageSpec, transfer: Transfer, divides: bool, dtypes: Mapping[str, str]
) -> dict[str, Pixels]:
    light: dict[int, Pixels] = {}  # by sample
    for name, k in zip("RGB", facts.color, strict=True):
        if k not in light:
            of_codes = _of_floats if facts.is_float else _of_integers
            light[k] = of_codes(codes[..., k], facts.bits, transfer, dtypes[name])
            if facts.alpha is not None and divides:
                _divide_first(light[k], codes[..., k], codes[..., facts.alpha], facts.bits, transfer)
    return dict(zip("RGB", (light[k] for k in facts.color), strict=True))


def _of_three(codes: Pixels, decode: Callable[[Pixels], Pixels], dtype: str) -> dict[str, Pixels]:
    """Decode R, G, B (H, W, 3) together; return each, (H, W)."""
    light = np.empty((3, *codes.shape[:2]), dtype)
    for top in range(0, len(codes), ROWS):
        light[:, top : top + ROWS] = np.moveaxis(decode(codes[top : top + ROWS]), -1, 0)
    return dict(zip("RGB", light, strict=True))


def _of_floats(codes: Pixels, bits: int, transfer: Transfer, dtype: str) -> Pixels:
    with np.errstate(over="ignore", invalid="ignore"):
        return np.array(codes if transfer is TRANSFERS["linear"] else transfer.decode(codes), dtype, order="C")


def _of_integers(codes: Pixels, bits: int, transfer: Transfer, dtype: str) -> Pixels:
    """Decode through a table of all codes."""
    shares = np.arange(2**bits) / (2**bits - 1)
    return np.asarray(np.take(transfer.decode(shares).astype(dtype), codes))


def _divide_first(channel: Pixels, codes: Pixels, alpha: Pixels, bits: int, transfer: Transfer) -> None:
    """Replace a channel's light where alpha is neither 0 nor its maximum."""
    for top in range(0, len(codes), ROWS):
        rows = slice(top, top + ROWS)
        covered = (alpha[rows] > 0) & (alpha[rows] < 2**bits - 1)
        share = alpha[rows][covered].astype(np.float64)
        with np.errstate(over="ignore"):
            shown = transfer.decode(codes[rows][covered] / share) * share / (2**bits - 1)
            channel[rows][covered] = shown.astype(channel.dtype)
