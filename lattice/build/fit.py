"""Fitting: table and nodes solved together, so that the INTERPOLATED lattice is the exact chain.

Nodes are a least-squares solution for a fixed shaper; the shaper takes a Gauss-Newton step for fixed nodes. A few
rounds bend each cell to what its corners can interpolate, which sampling cannot do. The step minimizes what is seen:
three channels share a shaper, and errors that tint a gray are seen most.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import cg

from lattice.build.chain import DARKEST, Chain
from lattice.build.display import encode_nodes
from lattice.build.samples import Samples, draw_samples
from lattice.build.shaper import Shaper, make_shaper
from lattice.looks.profile import Profile
from lattice.types import MID_GRAY, Array, Interpolation, grid

RIDGE = 1e-3  # pull toward the sampled node, for cells that no sample reaches
ROUNDS, REWEIGHTINGS = 5, 2  # found by trial
# Weight follows the color difference still left, so that the worst colors gain; found by trial on other samples.
UNSEEN, REWEIGHT_LIMITS, REWEIGHT_POWER = 0.02, (0.3, 5.0), 0.7
BENDS, STIFFNESS = 129, 1e-2  # the shaper's unknowns per channel, and their stiffness
DAMPING = 1e-6
CG_STEPS, CG_TOLERANCE = 400, 1e-7
SEED = 1
# The corners of a cell in the order of their node numbers: 1 on the far side along r, g, b.
FAR = np.array([[c >> 2 & 1, c >> 1 & 1, c & 1] for c in range(8)])


def corners(u: Array, size: int, interpolation: Interpolation) -> tuple[NDArray[np.int64], Array]:
    """Return the node indices (n, k) and weights (n, k) that interpolate at u (n, 3), clipped to [0, 1].

    k = 8 trilinear, 4 tetrahedral.
    """
    cell, inside = _place(u, size)
    stride = np.array([size * size, size, 1])
    if interpolation == "trilinear":
        r, g, b = (np.stack([1 - inside[:, k], inside[:, k]], axis=1) for k in range(3))
        weights = (r[:, :, None, None] * g[:, None, :, None] * b[:, None, None, :]).reshape(-1, 8)
        return (cell @ stride)[:, None] + FAR @ stride, weights
    order = np.argsort(-inside, axis=1, kind="stable")
    falling = np.take_along_axis(inside, order, axis=1)
    steps = np.cumsum(stride[order], axis=1)
    numbers = (cell @ stride)[:, None] + np.concatenate([np.zeros((len(u), 1), np.int64), steps], axis=1)
    ends = np.concatenate([np.ones((len(u), 1)), falling, np.zeros((len(u), 1))], axis=1)
    return numbers, ends[:, :-1] - ends[:, 1:]


def corner_slopes(u: Array, size: int, interpolation: Interpolation) -> Array:
    """Return the derivatives of the weights of `corners` by u: (n, k, 3)."""
    inside = _place(u, size)[1]
    if interpolation == "trilinear":
        factor = np.where(FAR, inside[:, None, :], 1 - inside[:, None, :])
        others = np.stack(
            [factor[..., 1] * factor[..., 2], factor[..., 0] * factor[..., 2], factor[..., 0] * factor[..., 1]], axis=-1
        )
        return np.where(FAR, others, -others) * (size - 1)
    order = np.argsort(-inside, axis=1, kind="stable")
    slopes, rows = np.zeros((len(u), 4, 3)), np.arange(len(u))
    for k in range(3):
        slopes[rows, k, order[:, k]] -= 1
        slopes[rows, k + 1, order[:, k]] += 1
    return slopes * (size - 1)


def _place(u: Array, size: int) -> tuple[NDArray[np.int64], Array]:
    position = np.clip(u, 0, 1) * (size - 1)
    cell = np.minimum(position.astype(np.int64), size - 2)
    return cell, position - cell


def sample_nodes(chain: Chain, shaper: Shaper, size: int) -> Array:
    """Return nodes (size**3, 3) with the exact chain's values at the nodes' own exposures."""
    return encode_nodes(chain.project(grid(_axis(shaper, size)).reshape(-1, 3)), chain)


def sample_separable(chain: Chain, shaper: Shaper, size: int) -> Array:
    """Return the nodes of `sample_nodes`, but for the last bits, for an uncoupled chain, as quickly as it can be done.

    The negative of a film-out takes each channel for itself: it is run on the exposures along one side alone. Sums of
    few rows are in another order than those of many, so that the fit, whose bits are kept on disk, has its own.
    """
    if not chain.is_recorded:
        return sample_nodes(chain, shaper, size)
    return encode_nodes(chain.shown(grid(chain.print_exposure(_axis(shaper, size))).reshape(-1, 3)), chain)


def _axis(shaper: Shaper, size: int) -> Array:
    """Return the film exposures of the nodes along each side of the lattice: (size, 3)."""
    return shaper.exposure(np.repeat((np.arange(size) / (size - 1))[:, None], 3, axis=1))


def _solve_nodes(matrix: sparse.csr_matrix, samples: Samples, weight: Array, sampled: Array, start: Array) -> Array:
    weighted = sparse.diags_array(weight) @ matrix
    normal = weighted.T @ matrix
    pull = RIDGE * weight.sum() / len(sampled)
    normal = normal + pull * sparse.identity(len(sampled), format="csr")
    wanted = weighted.T @ samples.nodes + pull * sampled
    solved = [cg(normal, wanted[:, k], x0=start[:, k], rtol=CG_TOLERANCE, maxiter=CG_STEPS)[0] for k in range(3)]
    return np.stack(solved, axis=-1)


def _hats(stops: Array, ends: Array) -> sparse.csr_matrix:
    """Return weights (n, 129) of the bends around each of `stops` (n,): linear between two neighbours."""
    position = np.clip((stops - ends[0]) / (ends[-1] - ends[0]), 0, 1) * (BENDS - 1)
    left = np.minimum(position.astype(np.int64), BENDS - 2)
    share = position - left
    entries = np.stack([1 - share, share], axis=1).ravel()
    columns = np.stack([left, left + 1], axis=1).ravel()
    return sparse.csr_matrix((entries, columns, np.arange(0, 2 * len(stops) + 1, 2)), shape=(len(stops), BENDS))


def _bend(shaper: Shaper, samples: Samples, nodes: Array, size: int, interpolation: Interpolation) -> Shaper:
    """Take one Gauss-Newton step of the shaper for fixed nodes: smooth, linear between 129 bends a channel."""
    u = shaper.coordinate(samples.film)
    numbers, weights = corners(u, size, interpolation)
    held, slopes = nodes[numbers], corner_slopes(u, size, interpolation)
    error = np.einsum("ncd,nd->nc", samples.seen, np.einsum("nk,nkc->nc", weights, held) - samples.nodes)
    slope = np.einsum("ncd,nad->nac", samples.seen, np.einsum("nka,nkc->nac", slopes, held))
    stops = np.log2(np.maximum(samples.film, DARKEST) / MID_GRAY)
    hats = [_hats(stops[:, a], shaper.stops) for a in range(3)]
    normal, wanted = np.zeros((3 * BENDS, 3 * BENDS)), np.zeros(3 * BENDS)
    for c in range(3):
        jacobian = sparse.hstack([hats[a].multiply(slope[:, a, c, None]) for a in range(3)]).tocsr()
        weighted = jacobian.multiply(samples.share[:, None]).tocsr()
        normal += (weighted.T @ jacobian).toarray()
        wanted -= weighted.T @ error[:, c]
    curvature = np.diff(np.eye(BENDS), 2, axis=0)
    scale = np.trace(normal) / len(normal)
    normal += scale * (STIFFNESS * np.kron(np.eye(3), curvature.T @ curvature) + DAMPING * np.eye(len(normal)))
    change = np.linalg.solve(normal, wanted).reshape(3, BENDS)
    bends = np.linspace(shaper.stops[0], shaper.stops[-1], BENDS)
    return shaper.moved(np.stack([np.interp(shaper.stops, bends, row) for row in change], axis=-1))


def fit(profile: Profile, chain: Chain) -> tuple[Shaper, Array]:
    """Solve for the shaper and nodes (size**3, 3) that make the profile's interpolation follow its exact chain.

    Deterministic: the samples are drawn from a fixed seed. The profile's display changes nothing.
    """
    size, interpolation = profile.size, profile.interpolation
    random, shaper = np.random.default_rng(SEED), make_shaper(profile, chain)
    samples = draw_samples(profile, chain, shaper, random)
    some, chain = samples.some(random), chain.uncoupled()
    for _ in range(ROUNDS):
        sampled = sample_nodes(chain, shaper, size)
        nodes = _solve_nodes(_matrix(shaper, some, size, interpolation), some, some.weight, sampled, sampled)
        shaper = _bend(shaper, some, nodes, size, interpolation)
    matrix, sampled = _matrix(shaper, samples, size, interpolation), sample_nodes(chain, shaper, size)
    weight, nodes = samples.weight, sampled
    for _ in range(REWEIGHTINGS):
        nodes = _solve_nodes(matrix, samples, weight, sampled, nodes)
        seen = samples.difference(matrix @ nodes)
        weight = weight * np.clip((seen + UNSEEN) / seen.mean(), *REWEIGHT_LIMITS) ** REWEIGHT_POWER
    return shaper, np.maximum(_solve_nodes(matrix, samples, weight, sampled, nodes), 0)


def _matrix(shaper: Shaper, samples: Samples, size: int, interpolation: Interpolation) -> sparse.csr_matrix:
    """Return the interpolation as a matrix (n, size**3): a row times the nodes gives the sample's value."""
    numbers, weights = corners(shaper.coordinate(samples.film), size, interpolation)
    count, k = numbers.shape
    return sparse.csr_matrix((weights.ravel(), numbers.ravel(), np.arange(0, count * k + 1, k)), (count, size**3))
