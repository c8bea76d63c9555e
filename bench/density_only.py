"""Fit the density-only path's 21 numbers to the spectral chain of 5219 on 2383, and print both errors.

    python bench/density_only.py

Prints CIEDE2000 mean and p99 on 6000 natural colors: with no coupling between the layers, and fitted. The defaults of
`DensityOnly` come from a fit to prints whose base was 0.006 denser. They stay, because they miss the ColorChecker by
less than a new fit does (2.5 against 2.8), though natural colors by more (0.87 against 0.74).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from lattice.build import adaptation, make_chain
from lattice.build.display import encode_nodes, make_display
from lattice.build.samples import natural_colors
from lattice.build.seen import color_difference
from lattice.color.primaries import rgb_to_xyz
from lattice.looks import DensityOnly, Profile, load_profile

Array = NDArray[np.float64]
COLORS, ROUNDS = 6000, 40
LEAST = 0.0  # density only absorbs and light only adds, and a gray scale then rises all the way


def unpack(numbers: Array) -> DensityOnly:
    """Q (9 numbers), B with a diagonal of 1 (6), and M3, whose rows sum to the display white (6)."""
    white = rgb_to_xyz("Rec.709").sum(axis=1)
    dyes, light = np.eye(3), np.zeros((3, 3))
    dyes[~np.eye(3, dtype=bool)] = numbers[9:15]
    light[:, :2] = numbers[15:].reshape(3, 2)
    light[:, 2] = white - light[:, :2].sum(axis=1)
    rows = [tuple(map(tuple, m.tolist())) for m in (numbers[:9].reshape(3, 3), dyes, light)]
    return DensityOnly(printing=rows[0], dyes=rows[1], light=rows[2])


def without_spectra(profile: Profile, matrices: DensityOnly) -> Profile:
    """The profile with its dyes hidden, so that it takes the density-only path."""
    bare = {name: getattr(profile, name).model_copy(update={"dye_density": None}) for name in ("negative", "print")}
    return profile.replace(**bare, density_only=matrices)


def main() -> None:
    spectral = load_profile("vision-scan")
    chain = make_chain(spectral)
    display, to_xyz = make_display(spectral, chain), rgb_to_xyz("Rec.709")
    film = natural_colors(COLORS, np.random.default_rng(7))
    wanted = encode_nodes(chain.project(film), chain)
    from_display_white = np.linalg.inv(adaptation(spectral, chain)).T

    def nodes(numbers: Array) -> Array:
        plain = make_chain(without_spectra(spectral, unpack(numbers)))
        return encode_nodes(plain.project(film) @ from_display_white, chain)

    def miss(numbers: Array) -> Array:
        return color_difference(display, to_xyz, nodes(numbers), wanted)

    none = np.concatenate([np.eye(3).ravel(), np.zeros(6), to_xyz[:, :2].ravel()])
    start = none + 1e-3 + np.repeat([0.0, 0.1, 0.0], [9, 6, 6])
    fitted = least_squares(miss, start, bounds=(LEAST, np.inf), x_scale=0.1, max_nfev=ROUNDS).x.round(4)
    print(f"{COLORS} natural colors against the spectral chain, CIEDE2000 mean / p99")
    for name, numbers in (("no coupling", none), ("fitted", fitted)):
        found = miss(numbers)
        print(f"{name}: {found.mean():.2f} / {np.percentile(found, 99):.2f}")
    for name, matrix in unpack(fitted):
        print(f"{name} = {np.array(matrix).round(4).tolist()}")


if __name__ == "__main__":
    main()
