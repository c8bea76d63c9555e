"""Convert display code values to a movie's luma and chroma planes: by the standards' formulas, rounded once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lattice.types import Pixels

Matrix = Literal["BT.601", "BT.709", "BT.2020"]
# Luma weights of red and blue; green has the rest. Sources: ITU-R BT.601-7, BT.709-6, BT.2020-2 (non-constant
# luminance).
WEIGHTS: dict[Matrix, tuple[float, float]] = {
    "BT.601": (0.299, 0.114),
    "BT.709": (0.2126, 0.0722),
    "BT.2020": (0.2627, 0.0593),
}
# 8-bit codes: black of luma and the steps to white; middle of chroma and the steps from end to end.
# Sources: ITU-R BT.709-6 table 3, times 4 for 10 bits; ITU-T T.871 (JFIF) for full range, clipped to the last code.
LIMITED, FULL = (16, 219, 128, 224), (0, 255, 128, 255)
BYTE = 8  # bits


@dataclass(frozen=True)
class Layout:
    """The plane layout of a codec.

    name: FFmpeg's. bits: per code value, 8 to 16. across, down: pixels per chroma sample in x and y, 1 or 2; the sample
        is at the left pixel of a horizontal pair, and between the two of a vertical pair (H.264's default, and
        ProRes's).
    full: full range, as in JPEG.
    """

    name: str
    bits: int
    across: int
    down: int
    full: bool

    def padded(self, width: int, height: int) -> tuple[int, int]:
        """Return the size padded to whole chroma samples: (width, height)."""
        return width + width % self.across, height + height % self.down


def planes(picture: NDArray[np.float32], layout: Layout, matrix: Matrix) -> tuple[Pixels, ...]:
    """Return luma and two chroma planes (blue, red): uint8 for 8 bits, otherwise uint16.

    picture: (3, H, W) red, green, blue, display code values in [0, 1]. An odd side is padded at its end by repeating
        the last column or row.
    """
    wide, high = layout.padded(picture.shape[2], picture.shape[1])
    spare = (0, high - picture.shape[1]), (0, wide - picture.shape[2])
    red, green, blue = (np.pad(plane, spare, mode="edge") if wide * high != plane.size else plane for plane in picture)
    of_red, of_blue = WEIGHTS[matrix]
    luma = of_red * red + (1 - of_red - of_blue) * green + of_blue * blue
    black, white, middle, span = FULL if layout.full else LIMITED
    return (
        _codes(luma, white, black, layout),
        *(
            _codes(_shared((side - luma) / (2 * (1 - weight)), layout), span, middle, layout)
            for side, weight in ((blue, of_blue), (red, of_red))
        ),
    )


def _shared(chroma: Pixels, layout: Layout) -> Pixels:
    """Filter chroma to the positions of its samples."""
    if layout.across == 2:
        before = np.concatenate([chroma[:, :1], chroma[:, 1:-1:2]], axis=1)
        chroma = (before + 2 * chroma[:, ::2] + chroma[:, 1::2]) / 4
    if layout.down == 2:
        chroma = (chroma[::2] + chroma[1::2]) / 2
    return chroma


def _codes(values: Pixels, steps: int, start: int, layout: Layout) -> Pixels:
    scale = 2 ** (layout.bits - BYTE)
    codes = np.rint(values * np.float32(steps * scale) + np.float32(start * scale))
    return np.minimum(codes, 2**layout.bits - 1).astype(np.uint8 if layout.bits == BYTE else np.uint16)
