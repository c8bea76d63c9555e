"""Sample a look into the nodes of a LUT."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from lattice.build import film_exposure, make_chain, make_display
from lattice.build.display import encode_nodes
from lattice.color.curves import CURVES
from lattice.color.displays import output_facts
from lattice.color.primaries import convert
from lattice.encodings import encode_srgb
from lattice.export.recipe import BRIGHTEST, ENTRIES, POINTS, Recipe
from lattice.files.luts.strip import LAYOUT, STRIP
from lattice.interp import reference
from lattice.looks import Profile
from lattice.process_list import Knots, Lut1D, Lut3D, ProcessList
from lattice.sdev.density import OF_STAGE
from lattice.types import Array, Display, SDevData, grid
from lattice.version import __version__

CURVE = CURVES["LogC3 EI800"]  # of shapers: a line in the dark, a logarithm above it
BLOCK = 1 << 16  # colors at a time
SPI1D_ENTRIES = 1 << 16
# Codes of nodes go this far past 0 and 1: so the edge of the display's gamut is where it is between two nodes.
# Farther, a cell that crosses the edge would bend the colors inside it more than the edge is worth.
PAST = 0.03


@dataclass(frozen=True)
class Source:
    """A look to be sampled. values: scene light (n, 3) of `primaries` to node values (n, 3), before its display.

    nodes: what its values are, for people. facts: what a file says of it.
    """

    name: str
    primaries: str
    values: Callable[[Array], Array]
    display: Display
    nodes: str
    facts: dict[str, str]

    def codes(self, scene: Array) -> Array:
        """Return display codes (n, 3) in [0, 1]."""
        return reference.show(self.display, self.values(scene).T).T

    def open_codes(self, scene: Array) -> Array:
        """Return display codes (n, 3) that go on a little way past 0 and 1, but in HDR."""
        if self.display.is_hdr:
            return self.codes(scene)
        linear = np.maximum(self.values(scene), 0) ** self.display.exponent @ self.display.matrix.T
        if self.display.gamma == "sRGB":
            codes = encode_srgb(linear)
        else:
            codes = np.copysign(np.abs(linear) ** (1 / float(self.display.gamma)), linear)
        return np.clip(codes, -PAST, 1 + PAST)


def of_profile(profile: Profile, exposure: float = 0.0) -> Source:
    """Return a profile's exact chain as a source. exposure: stops. Raises LatticeError if it cannot be built."""
    chain = make_chain(profile)

    def values(scene: Array) -> Array:
        return encode_nodes(chain.project(film_exposure(profile, 2.0**exposure * scene)), chain)

    facts = {"profile": profile.name, **output_facts(profile.display.shown)}
    return Source(profile.name, profile.input, values, make_display(profile, chain), "the exact chain", facts)


def is_known(sdev: SDevData) -> bool:
    """True if an SDev says that it takes linear light, of primaries that have a name."""
    told = sdev.provenance
    return told.get("input", "")[:1].isalpha() and not {"codes", "stage"} & told.keys()


def of_sdev(sdev: SDevData) -> Source:
    """Return an SDev of which `is_known` is true as a source."""
    columns = reference.columns_of(sdev)
    nodes = np.ascontiguousarray(sdev.lattice.nodes.reshape(-1, 3).T, np.float64)
    method = reference.METHODS[sdev.lattice.interpolation]

    def values(scene: Array) -> Array:
        u = reference.coordinates(sdev, columns, scene, np.float64)
        return method(nodes, u, sdev.lattice.size).T

    facts = {
        key: sdev.provenance[key] for key in ("profile", "output", "output_chromaticities") & sdev.provenance.keys()
    }
    return Source(
        sdev.name, sdev.provenance["input"], values, sdev.display, f"an SDev, sha256 {sdev.sha256[:12]}", facts
    )


def shape(light: Array) -> Array:
    """Return shaper values in [0, 1] of light, any shape, held to 0 and BRIGHTEST."""
    low, high = CURVE.encode(0.0), CURVE.encode(BRIGHTEST)
    return np.asarray((CURVE.encode(np.clip(light, 0, BRIGHTEST)) - low) / (high - low))


def unshape(values: Array) -> Array:
    """Return the light of shaper values in [0, 1]: the inverse of `shape`."""
    low, high = CURVE.encode(0.0), CURVE.encode(BRIGHTEST)
    return np.asarray(CURVE.decode(low + values * (high - low)))


def bake(source: Source, recipe: Recipe) -> list[ProcessList]:
    """Return the LUT of a look: one process list, or two where the shaper is in a file of its own (.spi1d, .spi3d)."""
    light = recipe.space.decode if recipe.shaper == "none" else unshape
    places = grid(np.linspace(0, 1, recipe.size)).reshape(-1, 3)
    to_own = convert(recipe.primaries, source.primaries, recipe.space.adaptation).T
    blocks = (places[at : at + BLOCK] for at in range(0, len(places), BLOCK))
    codes = np.concatenate([source.open_codes(light(block) @ to_own) for block in blocks])
    codes = codes if recipe.is_open else np.clip(codes, 0, 1)
    nodes = Lut3D(codes.reshape((recipe.size,) * 3 + (3,)).astype(np.float32))
    listed = ProcessList(source.name, (nodes,), _facts(source, recipe))
    if recipe.shaper == "none":
        return [listed]
    shaper = _shaper(recipe)
    whole = replace(listed, nodes=(shaper, nodes))
    return split(whole) if recipe.suffix == ".spi3d" else [whole]


def split(whole: ProcessList) -> list[ProcessList]:
    """Return the shaper and the lattice of a LUT as lists of their own, each with the facts that are true of it alone:
    the shaper shows nothing and is no film, and the lattice takes no light."""
    behind = (*OF_STAGE, *(key for key in whole.provenance if key.startswith("output")))
    shaper = {key: fact for key, fact in whole.provenance.items() if key not in behind}
    lattice = {key: fact for key, fact in whole.provenance.items() if key != "input"}
    return [
        replace(whole, nodes=whole.nodes[:1], provenance=shaper | {"gives": "what the lattice behind it takes"}),
        replace(whole, nodes=whole.nodes[1:], provenance=lattice | {"takes": "what the shaper before it gives"}),
    ]


def _shaper(recipe: Recipe) -> Lut1D | Knots:
    if recipe.shaper == "points":
        y = np.linspace(0, 1, POINTS)
        x = unshape(y)
        return Knots((x, x, x), (y, y, y))
    count = SPI1D_ENTRIES if recipe.suffix == ".spi3d" else ENTRIES
    curve = shape(np.linspace(0, BRIGHTEST, count)).astype(np.float32)
    return Lut1D(np.repeat(curve[:, None], 3, axis=1), last=np.full(3, BRIGHTEST))


def _facts(source: Source, recipe: Recipe) -> dict[str, str]:
    """Return what a file says of itself. "input" is told of linear light alone, which other primaries convert to."""
    linear = {} if recipe.shaper == "none" else {"input": recipe.primaries}
    nodes = f"{recipe.size}^3 of {source.nodes}, for tetrahedral interpolation"
    is_strip = recipe.program is not None and recipe.program.layout == STRIP
    form = {LAYOUT: STRIP} if is_strip else {}
    made = {"takes": recipe.takes, "nodes": nodes, "made by": f"lattice {__version__}"}
    return {**source.facts, **linear, **form, **made}
