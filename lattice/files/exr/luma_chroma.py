"""Convert luminance-chroma images (Y, RY, BY) to the R, G, B that they were made from, and gray ones (Y) to R = G = B.

Source: OpenEXR, "Technical Introduction", luminance/chroma images; the filter's weights and the rule for saturation:
ImfRgbaYca.h and ImfRgbaYca.cpp.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lattice.color.primaries import REC709, rgb_to_xyz
from lattice.files.exr.header import Header, channel_list
from lattice.files.frame import Frame, FrameHeader
from lattice.types import LatticeError, Pixels

LUMA = ("Y", "RY", "BY")
# Weights for a chroma sample between two existing ones: seven on each side, nearest last.
TAPS = (0.002128, -0.007540, 0.019597, -0.043159, 0.087929, -0.186077, 0.627123)
ALLOWED = 0.25  # a pixel's (1 - saturation) may be as low as this fraction of its neighbors'


def is_luma(header: FrameHeader) -> bool:
    """True if the image has luminance at every pixel and chroma at every second pixel in x and y."""
    sampling = {channel.name: channel.sampling for channel in header.channels}
    return all(sampling.get(name) == ((1, 1) if name == "Y" else (2, 2)) for name in LUMA)


def rgb_header(header: FrameHeader) -> FrameHeader:
    """Return the header of the image as R, G, B in Y's dtype; the same header if the image is neither
    luminance-chroma nor gray."""
    if header.exr is None or not (is_luma(header) or header.is_gray):
        return header
    luma = next(channel for channel in header.channels if channel.name == "Y")
    kept = [channel for channel in header.channels if channel.name not in LUMA]
    channels = channel_list([*kept, *(luma._replace(name=name) for name in "RGB")])
    own: Header = header.exr
    return own.with_attributes({**own.attributes, "channels": channels})


def to_rgb(frame: Frame[FrameHeader]) -> Frame[FrameHeader]:
    """Return the frame with R, G, B in Y's dtype in place of Y, RY, BY, or of a gray image's Y; else the same frame.

    Other channels stay. Chroma is interpolated between its samples. At edges the filter makes colors purer than all
    their neighbors; these are desaturated at the same luminance. Computed in float32; finite values beyond the half
    range are clipped if Y is half. NaN and infinity stay; from chroma they may spread to the 13 pixels around.
    Raises LatticeError if the chromaticities give no luminance weights.
    """
    if not is_luma(frame.header):
        return _gray_to_rgb(frame) if frame.header.exr is not None and frame.header.is_gray else frame
    luma, red, blue = (frame.channels[name].astype(np.float32) for name in LUMA)
    weights = _weights(frame.header.chromaticities or REC709.xy, str(frame.path))
    with np.errstate(invalid="ignore", over="ignore"):
        red, blue = ((1 + _filled(_filled(chroma, 1), 0)) * luma for chroma in (red, blue))
        green = (luma - red * weights[0] - blue * weights[2]) / weights[1]
        image = _held_back(np.stack([red, green, blue], axis=-1), weights)
    dtype = frame.channels["Y"].dtype
    rgb = {name: np.ascontiguousarray(_rounded(image[..., k], dtype)) for k, name in enumerate("RGB")}
    kept = {name: array for name, array in frame.channels.items() if name not in LUMA}
    return replace(frame, header=rgb_header(frame.header), channels={**kept, **rgb})


def _gray_to_rgb(frame: Frame[FrameHeader]) -> Frame[FrameHeader]:
    first, *smaller = (
        {**{name: array for name, array in level.items() if name != "Y"}, **dict.fromkeys("RGB", level["Y"])}
        for level in frame.levels
    )
    return replace(frame, header=rgb_header(frame.header), channels=first, smaller=tuple(smaller))


def _weights(chromaticities: tuple[float, ...], where: str) -> NDArray[np.float32]:
    """Return the weights of red, green and blue in the luminance of white. Raises LatticeError if the chromaticities
    give none."""
    try:
        luminance = rgb_to_xyz(chromaticities)[1]
    except LatticeError as error:
        raise LatticeError(f"{where}: {error}") from None
    return luminance.astype(np.float32)


def _filled(chroma: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """Double the samples along an axis: insert an interpolated sample after each one.

    Beyond the edges the outermost sample is repeated.
    """
    chroma = np.moveaxis(chroma, axis, 0)
    count, side = len(chroma), len(TAPS)
    padded = np.concatenate([np.repeat(chroma[:1], side - 1, 0), chroma, np.repeat(chroma[-1:], side, 0)])
    filled = np.empty((2 * count, *chroma.shape[1:]), np.float32)
    filled[::2] = chroma
    filled[1::2] = sum(np.float32(tap) * padded[k : k + count] for k, tap in enumerate(TAPS + TAPS[::-1]))
    return np.moveaxis(filled, 0, axis)


def _held_back(image: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Limit each color of (H, W, 3), in place, to the purity that its four diagonal neighbors allow; its luminance
    stays."""
    most = image.max(axis=-1)
    purity = np.where(most > 0, 1 - image.min(axis=-1) / np.where(most > 0, most, 1), 0)
    padded = np.pad(purity, 1, mode="edge")
    around = np.minimum(1, (padded[:-2, :-2] + padded[:-2, 2:] + padded[2:, :-2] + padded[2:, 2:]) / 4)
    limit = 1 - (1 - around) * ALLOWED
    purer = purity > limit
    pixels, peak = image[purer], most[purer][:, None]
    held = np.maximum(peak - (peak - pixels) * (limit[purer] / purity[purer])[:, None], 0)
    before, after = pixels @ weights, held @ weights
    image[purer] = held * np.where(after > 0, before / np.where(after > 0, after, 1), 1)[:, None]
    return image


def _rounded(channel: NDArray[np.float32], dtype: np.dtype[np.generic]) -> Pixels:
    """Cast to the channel's dtype; finite values beyond the half range are clipped."""
    if dtype == np.float16:
        bound = np.float32(np.finfo(np.float16).max)
        channel = np.where(np.isfinite(channel), np.clip(channel, -bound, bound), channel)
    return channel.astype(dtype)
