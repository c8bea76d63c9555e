"""What tests of inverses share: values on purpose hard to invert, and who has an inverse by brute force."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
from basics import grid

from lattice.interp import reference


def planes(nodes: Any) -> Any:
    """Nodes (n, n, n, 3) as the definition takes them: (3, n**3) float64."""
    return np.ascontiguousarray(np.reshape(nodes, (-1, 3)).T, np.float64)


def value_at(nodes: Any, interpolation: str, u: Any) -> Any:
    """The definition's values (3, m) at coordinates (3, m)."""
    return reference.METHODS[interpolation](planes(nodes), u, len(nodes))


def bent(size: int, seed: int = 0, share: float = 0.2) -> Any:
    """Nodes near the identity, moved by up to this share of a cell, so that none is folded."""
    moved = np.random.default_rng(seed).uniform(-share, share, (size, size, size, 3)) / (size - 1)
    return (grid(size) + moved).astype(np.float32)


def folded(size: int, seed: int = 0) -> Any:
    """Random nodes: nearly every value has several places."""
    return np.random.default_rng(seed).uniform(0, 1, (size, size, size, 3)).astype(np.float32)


def cube(count: int) -> Any:
    """The middles of count**3 parts of the unit cube: (3, count**3)."""
    steps = (np.arange(count) + 0.5) / count
    return np.stack(np.meshgrid(steps, steps, steps, indexing="ij")).reshape(3, -1)


def finer(nodes: Any, times: int) -> Any:
    """The trilinear interpolation of nodes sampled so many times as finely: its tetrahedra are near to it."""
    size = times * (len(nodes) - 1) + 1
    return value_at(nodes, "trilinear", grid(size).reshape(-1, 3).T).T.reshape(size, size, size, 3)


def flat_kinds(size: int) -> dict[str, Any]:
    """LUTs, by what they do, most of whose cells have no volume: clipped, constant, banded, gray."""
    u = grid(size)
    luma = u @ np.array([0.2126, 0.7152, 0.0722])
    made = {
        "clipped": np.clip(2 * u, 0, 1),
        "clipped within cells": np.clip(1.9 * u, 0, 1),
        "clipped at both ends": np.clip(3 * u - 1, 0, 1),
        "constant": np.full_like(u, 0.5),
        "constant blue": np.stack([u[..., 0], u[..., 1], np.full(luma.shape, 0.3)], axis=-1),
        "8 bands": np.round(8 * u) / 8,
        "32 bands": np.round(32 * u) / 32,
        "gray": np.repeat(luma[..., None], 3, axis=-1),
        "brightest": np.repeat(u.max(axis=-1, keepdims=True), 3, axis=-1),
    }
    return {name: nodes.astype(np.float32) for name, nodes in made.items()}


def thin_kinds(size: int) -> dict[str, Any]:
    """LUTs, by what they do, whose cells are thin, or reach the same values many times over."""
    u, random = grid(size), np.random.default_rng(0)
    luma = u @ np.array([0.2126, 0.7152, 0.0722])
    toned = np.stack([luma**0.8, luma, luma**1.2], axis=-1)
    pit = u.copy()
    pit[size // 4 : size // 2, size // 4 : size // 2, size // 4 : size // 2] = 0.5
    made = {
        "toned": toned,
        "toned and clipped": np.clip(1.5 * toned, 0, 1),
        "rounded gray": np.round(np.repeat(luma[..., None], 3, axis=-1) + 1e-6 * random.uniform(-1, 1, u.shape), 6),
        "trembling clip": np.clip(2 * u, 0, 1) - 1e-6 * random.integers(0, 2, u.shape),
        "a plateau inside": pit,
        "folded": folded(size),
    }
    return {name: nodes.astype(np.float32) for name, nodes in made.items()}


def has_place(nodes: Any, values: Any) -> Any:
    """Which values (3, m) are in a tetrahedron of nodes: each tetrahedron is asked for all values in its box."""
    size, nodes = len(nodes), np.asarray(nodes, np.float64)
    order = np.argsort(values[0], kind="stable")
    ordered, found = values[:, order], np.zeros(values.shape[1], bool)
    cells = np.stack(np.meshgrid(*[np.arange(size - 1)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    for axes in permutations(range(3)):
        path = [cells]
        for axis in axes:
            path.append(path[-1] + np.eye(3, dtype=int)[axis])
        corners = np.stack([nodes[tuple(step.T)] for step in path], axis=1)  # (cells, 4, 3)
        low, high = corners.min(axis=1), corners.max(axis=1)
        first, last = np.searchsorted(ordered[0], low[:, 0]), np.searchsorted(ordered[0], high[:, 0], "right")
        for k in np.flatnonzero(last > first):
            part = ordered[:, first[k] : last[k]]
            near = np.flatnonzero(((part >= low[k][:, None]) & (part <= high[k][:, None])).all(axis=0))
            if not near.size:
                continue
            edges = (corners[k, 1:] - corners[k, 0]).T
            if abs(np.linalg.det(edges)) < 1e-18:
                continue
            weights = np.linalg.solve(edges, part[:, near] - corners[k, 0][:, None])
            inside = (weights >= 0).all(axis=0) & (weights.sum(axis=0) <= 1)
            found[order[first[k] + near[inside]]] = True
    return found


def surface(nodes: Any, interpolation: str, count: int) -> Any:
    """Values (3, m) of a fine grid on the six faces."""
    steps = np.linspace(0, 1, count)
    one, other = (each.ravel() for each in np.meshgrid(steps, steps, indexing="ij"))
    faces = [np.insert(np.stack([one, other]), axis, side, axis=0) for axis in range(3) for side in (0.0, 1.0)]
    return value_at(nodes, interpolation, np.concatenate(faces, axis=1))
