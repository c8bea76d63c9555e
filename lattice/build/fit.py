"""Fitting: table and nodes solved together, so that the INTERPOLATED lattice is the exact chain.

Nodes are a least-squares solution for a fixed shaper; the shaper takes a Gauss-Newton step for fixed nodes. A few
rounds bend each cell to what its corners can interpolate, which sampling cannot do. The step minimizes what is seen:
three channels share a shaper, and errors that tint a gray are seen most.
"""

from __future__ import annotations

import warnings
from types import ModuleType

import numpy as np

from lattice.build.chain import Chain
from lattice.build.display import encode_nodes
from lattice.build.kernels import chosen
from lattice.build.kernels.placed import NEIGHBORS, Placed
from lattice.build.samples import Samples, draw_samples
from lattice.build.shaper import Shaper, make_shaper
from lattice.errors import LatticeWarning
from lattice.looks.profile import Profile
from lattice.types import Array, Interpolation, LatticeError, grid

RIDGE = 1e-3  # pull toward the sampled node, for cells that no sample reaches
# Where there are more than 13 nodes a side, samples are few for each: found by trial at 25 and 33.
RIDGE_NODES, RIDGE_POWER = 13, 1.5
ROUNDS, REWEIGHTINGS = 5, 2  # found by trial
# Weight follows the color difference still left, so that the worst colors gain; found by trial on other samples.
UNSEEN, REWEIGHT_LIMITS, REWEIGHT_POWER = 0.02, (0.3, 5.0), 0.7
BENDS, STIFFNESS = 129, 1e-2  # the shaper's unknowns per channel, and their stiffness
DAMPING = 1e-6
CG_STEPS, CG_TOLERANCE = 400, 1e-7
SEED = 1


def sample_nodes(chain: Chain, shaper: Shaper, size: int) -> Array:
    """Return nodes (size**3, 3) with the exact chain's values at the nodes' own exposures."""
    return encode_nodes(chain.project(grid(_axis(shaper, size)).reshape(-1, 3)), chain)


def sample_separable(chain: Chain, shaper: Shaper, size: int) -> Array:
    """Return the nodes of `sample_nodes`, but for the last bits, for an uncoupled chain, as quickly as it can be done.

    The negative of a film-out takes each channel for itself: it is run on the exposures along one side alone.
    """
    if not chain.is_recorded:
        return sample_nodes(chain, shaper, size)
    return encode_nodes(chain.shown(grid(chain.print_exposure(_axis(shaper, size))).reshape(-1, 3)), chain)


def _axis(shaper: Shaper, size: int) -> Array:
    """Return the film exposures of the nodes along each side of the lattice: (size, 3)."""
    return shaper.exposure(np.repeat((np.arange(size) / (size - 1))[:, None], 3, axis=1))


def _placed(shaper: Shaper, samples: Samples, size: int, interpolation: Interpolation) -> Placed:
    return Placed(shaper.at(samples.stops), samples.nodes, samples.form, size, interpolation)


def _solve_nodes(
    kernels: ModuleType, placed: Placed, weight: Array, sampled: Array, start: Array
) -> tuple[Array, bool]:
    """Return nodes (size**3, 3) for a fixed shaper, and False if CG_STEPS were too few for them."""
    matrix, right = kernels.normal(placed, weight)
    pull = RIDGE * max(1.0, placed.size / RIDGE_NODES) ** RIDGE_POWER * weight.sum() / len(sampled)
    matrix[:, NEIGHBORS // 2] += pull
    nodes, is_solved = kernels.solve(matrix, right + pull * sampled, start, CG_TOLERANCE, CG_STEPS)
    return nodes, is_solved


def _bend(kernels: ModuleType, shaper: Shaper, samples: Samples, placed: Placed, nodes: Array) -> Shaper:
    """Take one Gauss-Newton step of the shaper for fixed nodes: smooth, linear between 129 bends a channel."""
    ends = shaper.stops[[0, -1]]
    normal, wanted = kernels.bend(placed, nodes, samples.stops, ends, samples.share, BENDS)
    curvature = np.diff(np.eye(BENDS), 2, axis=0)
    scale = np.trace(normal) / len(normal)
    normal += scale * (STIFFNESS * np.kron(np.eye(3), curvature.T @ curvature) + DAMPING * np.eye(len(normal)))
    change = np.linalg.solve(normal, wanted).reshape(3, BENDS)
    bends = np.linspace(ends[0], ends[1], BENDS)
    return shaper.moved(np.stack([np.interp(shaper.stops, bends, row) for row in change], axis=-1))


def _check(profile: Profile, shaper: Shaper, samples: Samples) -> None:
    """Raise LatticeError if a color of a fit has no number: its sums would have none."""
    finite = [~np.isnan(samples.stops), np.isfinite(samples.nodes), np.isfinite(samples.form)]  # stops have ends
    if not (np.isfinite(shaper.u).all() and all(each.all() for each in finite)):
        is_fit = np.asarray(np.hstack(finite).all(axis=1))
        raise LatticeError(
            f"profile {profile.name}: expected finite light of every color, got none of {np.sum(~is_fit):,} of "
            f"{len(is_fit):,} colors; bring curves, density_only and residual nearer to those of a shipped look"
        )


def fit(profile: Profile, chain: Chain, kernels: ModuleType | None = None) -> tuple[Shaper, Array]:
    """Solve for the shaper and nodes (size**3, 3) that make the profile's interpolation follow its exact chain.

    kernels: `native` or `by_numpy` of `lattice.build.kernels`; None takes what is compiled, if it is.
    Deterministic: the samples are drawn from a fixed seed. The profile's display changes nothing.
    A LatticeWarning says if the nodes are not wholly solved. Raises LatticeError if a color's light is not finite.
    """
    size, interpolation = profile.size, profile.interpolation
    kernels = kernels or chosen()
    random, shaper = np.random.default_rng(SEED), make_shaper(profile, chain)
    samples = draw_samples(profile, chain, shaper, random, kernels)
    _check(profile, shaper, samples)
    some, chain = samples.some(random), chain.uncoupled()
    for _ in range(ROUNDS):
        sampled, placed = sample_separable(chain, shaper, size), _placed(shaper, some, size, interpolation)
        nodes, _ = _solve_nodes(kernels, placed, some.weight, sampled, sampled)
        shaper = _bend(kernels, shaper, some, placed, nodes)
    placed, sampled = _placed(shaper, samples, size, interpolation), sample_separable(chain, shaper, size)
    weight, nodes = samples.weight, sampled
    for _ in range(REWEIGHTINGS):
        nodes, _ = _solve_nodes(kernels, placed, weight, sampled, nodes)
        seen = kernels.seen(placed, nodes)
        weight = weight * np.clip((seen + UNSEEN) / seen.mean(), *REWEIGHT_LIMITS) ** REWEIGHT_POWER
    nodes, is_solved = _solve_nodes(kernels, placed, weight, sampled, nodes)
    if not is_solved:
        left = f"nodes are not wholly solved after {CG_STEPS} steps; lattice check {profile.name} measures what is left"
        warnings.warn(f"profile {profile.name}: {left}", LatticeWarning, stacklevel=2)
    return shaper, np.maximum(nodes, 0)
