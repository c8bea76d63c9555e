"""A lattice beside its exact chain: what both show of the same scene colors."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from lattice.build import film_exposure, make_chain, make_display
from lattice.build.display import encode_nodes
from lattice.build.seen import cie_lab, color_difference
from lattice.color.primaries import rgb_to_xyz
from lattice.interp import reference
from lattice.looks import Profile
from lattice.types import MID_GRAY, Array, SDevData, grid

USUAL_SIZE, USUAL_STOPS = 33, (-9.0, 7.0)  # the usual table: log shaper, display code values, tetrahedral


class Beside:
    """A profile's lattice, its exact chain and the usual table, each from scene colors (n, 3) to node values (n, 3).

    Scene colors are in the profile's input primaries, node values as a lattice holds them, before the display.
    Raises LatticeError if the profile cannot be built.
    """

    def __init__(self, profile: Profile, device: SDevData) -> None:
        profile = profile.replace(display={})  # a lattice is the same for every display
        self.profile, self.device = profile, device
        self.chain = make_chain(profile)
        self.display = make_display(profile, self.chain)
        self.to_xyz = rgb_to_xyz(profile.display.primaries)

    def held(self, scene: Array) -> Array:
        """Return what the interpolated lattice holds, in float64."""
        nodes = self.device.lattice.nodes.reshape(-1, 3).T.astype(np.float64)
        u = reference.coordinates(self.device, reference.columns_of(self.device), scene, np.float64)
        return reference.METHODS[self.device.lattice.interpolation](nodes, u, self.device.lattice.size).T

    def exact(self, scene: Array) -> Array:
        """Return the values of the exact chain."""
        return encode_nodes(self.chain.project(film_exposure(self.profile, scene)), self.chain)

    @cached_property
    def _usual_codes(self) -> Array:
        steps = MID_GRAY * 2.0 ** np.linspace(*USUAL_STOPS, USUAL_SIZE)
        colors = grid(steps).reshape(-1, 3)
        return reference.show(self.display, encode_nodes(self.chain.project(colors), self.chain).T)

    def usual(self, scene: Array) -> Array:
        """Return the values of a sampled 33^3 of code values behind a log shaper."""
        low, high = USUAL_STOPS
        film = np.maximum(film_exposure(self.profile, scene), MID_GRAY * 2.0**low)
        u = np.clip((np.log2(film / MID_GRAY) - low) / (high - low), 0, 1).T
        linear = self.display.decode(reference.tetrahedral(self._usual_codes, u, USUAL_SIZE))
        return np.cbrt(np.maximum(linear.T @ np.linalg.inv(self.display.matrix).T, 0))

    def difference(self, values: Array, exact: Array) -> Array:
        """Return CIEDE2000 (n,) between two sets of node values, as the display shows them."""
        return color_difference(self.display, self.to_xyz, values, exact)

    def linear(self, values: Array) -> Array:
        """Return the display's linear RGB (n, 3), as it shows node values."""
        return np.clip(np.maximum(values, 0) ** self.display.exponent @ self.display.matrix.T, 0, 1)

    def lab(self, linear: Array) -> Array:
        """Return CIELAB (n, 3) of the display's linear RGB (n, 3), relative to the display's white."""
        return cie_lab(linear @ self.to_xyz.T / self.to_xyz.sum(axis=1))
