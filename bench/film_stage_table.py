"""The exact chain as a table: film exposures to a compressed CIELAB, with slopes, for fits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lattice.build.chain import LOG10_STOP
from lattice.inspect.truth import Picture
from lattice.looks import Profile
from lattice.types import MID_GRAY

Array = NDArray[np.float64]
SIDE, BLOCK = 57, 20_000
CHROMA = 0.045  # a step of chroma counts as 1 / (1 + CHROMA C*). Source: CIE94


def compressed(lab: Array) -> Array:
    """Shorten the chroma of CIELAB (..., 3), so that distances are about as large as they look."""
    chroma = np.hypot(lab[..., 1], lab[..., 2])[..., None]
    shrink = np.log1p(CHROMA * chroma) / CHROMA / np.maximum(chroma, 1e-9)
    return np.concatenate([lab[..., :1], lab[..., 1:] * shrink], axis=-1)


class Table:
    """A profile's picture, not clipped, over log2 film exposures: 57^3 nodes, straight between them, flat beyond."""

    def __init__(self, profile: Profile) -> None:
        picture = Picture(profile)
        scale, gray = picture.chain.negative.log_exposure[[0, -1]], picture.chain.mid_gray
        self.start, end = (scale - gray) / LOG10_STOP + np.log2(MID_GRAY)
        self.per_stop = (SIDE - 1) / (end - self.start)
        steps = np.exp2(np.linspace(self.start, end, SIDE))
        film = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
        parts = [compressed(picture.lab(film[i : i + BLOCK], clipped=False)) for i in range(0, len(film), BLOCK)]
        self.nodes = np.concatenate(parts).reshape(SIDE, SIDE, SIDE, 3)

    def __call__(self, log_exposure: Array) -> tuple[Array, Array]:
        """Return values (n, 3) at log2 film exposures (n, 3), and their slopes (n, 3 values, 3 exposures)."""
        place = (log_exposure - self.start) * self.per_stop
        u = np.clip(place, 0, SIDE - 1)
        cell = np.minimum(u.astype(int), SIDE - 2)
        inside = u - cell
        values, slopes = np.zeros_like(u), np.zeros((*u.shape, 3))
        for far in np.ndindex(2, 2, 2):
            share = np.where(far, inside, 1 - inside)
            node = self.nodes[tuple((cell + far).T)]
            values += share.prod(axis=1, keepdims=True) * node
            for k in range(3):
                slope = np.delete(share, k, axis=1).prod(axis=1) * (1 if far[k] else -1)
                slopes[:, :, k] += slope[:, None] * node
        return values, slopes * (self.per_stop * (place == u))[:, None, :]
