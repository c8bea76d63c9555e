"""What must hold of every engine whatever its speed. Each truth takes an engine and an interpolation, and asserts."""

from __future__ import annotations

from typing import Any

import numpy as np
from basics import Engine, grid, halves, make_device, random_device, run
from scipy.interpolate import RegularGridInterpolator
from tolerance import EPS, HDR, code_bound, node_bound

from lattice.encodings import SRGB_TOE
from lattice.interp import reference
from lattice.types import HALF_CODES, Display

SRGB = Display(3.0, np.array([[2.9, -1.4, -0.4], [-0.9, 1.8, 0.1], [0.1, -0.2, 1.1]]), "sRGB")


def picture(count: int, seed: int = 5) -> Any:
    """A row of float32 pixels in [0, 1): (1, count, 3)."""
    return np.random.default_rng(seed).uniform(0, 1, (1, count, 3)).astype(np.float32)


def place(device: Any, image: Any) -> Any:
    """u (n, 3) of an image's pixels, float64, by the definition of the table."""
    return reference.look_up(device.table.values.T, image.reshape(-1, 3).T.astype(np.float64)).T


def brute_tetrahedral(nodes: Any, u: Any) -> Any:
    """One pixel at a time from the definition: walk from corner to corner along the axes in falling order."""
    size, values = len(nodes), []
    for pixel in u * (size - 1):
        corner = np.minimum(pixel.astype(int), size - 2)
        inside = pixel - corner
        value = nodes[tuple(corner)].astype(np.float64)
        for axis in sorted(range(3), key=lambda k: -inside[k]):
            before = nodes[tuple(corner)].astype(np.float64)
            corner[axis] += 1
            value = value + inside[axis] * (nodes[tuple(corner)] - before)
        values.append(value)
    return np.array(values)


def brute_trilinear(nodes: Any, u: Any) -> Any:
    """SciPy's, written by others."""
    steps = (np.arange(len(nodes)) / (len(nodes) - 1),) * 3
    return RegularGridInterpolator(steps, nodes.astype(np.float64))(u)


ORACLES = {"trilinear": brute_trilinear, "tetrahedral": brute_tetrahedral}


def identity_passes_pixels_through(engine: Engine, interpolation: Any) -> None:
    device, image = make_device(grid(13), interpolation), picture(5001)
    found = run(engine, device, image)
    assert np.abs(found - image).max() <= node_bound(device)


def affine_is_exact(engine: Engine, interpolation: Any) -> None:
    mix, offset = np.array([[0.5, 0.2, 0.1], [0.05, 0.6, 0.3], [0.25, 0.1, 0.4]]), np.array([0.05, 0.0, 0.1])
    device, image = make_device(grid(13) @ mix.T + offset, interpolation), picture(5003)
    wanted = place(device, image) @ mix.T + offset
    rounding = EPS * np.abs(wanted).max()  # of the nodes to float32
    assert np.abs(run(engine, device, image)[0] - wanted).max() <= node_bound(device) + rounding


def every_node_is_exact(engine: Engine, interpolation: Any) -> None:
    for size in (3, 5, 9, 17):  # k / (size - 1) is a half, so the pixels land on the nodes
        random = np.random.default_rng(size)
        device = make_device(random.uniform(0, 1, (size, size, size, 3)), interpolation)
        for dtype in (np.float16, np.float32):
            found = run(engine, device, grid(size).reshape(1, -1, 3).astype(dtype), np.float32)
            wanted = device.lattice.nodes.reshape(-1, 3)
            # exact but for a far node, which is near + (far - near): two roundings an axis
            assert np.abs(found[0] - wanted).max() <= 6 * EPS


def follows_the_oracle(engine: Engine, interpolation: Any) -> None:
    for size in (3, 13, 33):
        device, image = random_device(interpolation, size), picture(701, size)
        wanted = ORACLES[interpolation](device.lattice.nodes, place(device, image))
        assert np.abs(run(engine, device, image)[0] - wanted).max() <= node_bound(device)


def each_tetrahedron_face_and_tie_follows_the_oracle(engine: Engine, interpolation: Any) -> None:
    quarters = np.array(np.meshgrid(*[[0, 0.25, 0.5, 0.75, 1]] * 3, indexing="ij")).reshape(3, -1).T
    nodes = np.random.default_rng(3).uniform(0, 1, (5, 5, 5, 3))
    device = make_device(nodes, interpolation)
    cells = np.array(np.meshgrid(*[[0, 1, 3]] * 3, indexing="ij")).reshape(3, -1).T
    u = ((cells[:, None] + quarters) / 4).reshape(1, -1, 3)
    inside = np.argsort(-quarters[(np.diff(np.sort(quarters)) > 0).all(axis=1)], axis=1)
    assert len(np.unique(inside, axis=0)) == 6  # the quarters reach each of the six tetrahedra
    found = run(engine, device, u.astype(np.float32))
    assert np.abs(found[0] - ORACLES[interpolation](device.lattice.nodes, u[0])).max() <= node_bound(device)


def odd_values_take_the_ends(engine: Engine, interpolation: Any) -> None:
    device = make_device(grid(3) * 0.5 + 0.25, interpolation)
    odd = np.array([-np.inf, -5, -1e-30, -0.0, 0.0, np.nan, 1.0, 1.5, 60000, np.inf], np.float32)
    wanted = np.array([0.25] * 6 + [0.75] * 4)
    for dtype in (np.float16, np.float32):
        found = run(engine, device, np.repeat(odd.astype(dtype)[None, :, None], 3, axis=2), np.float32)
        assert np.array_equal(found[0], np.repeat(wanted[:, None], 3, axis=1))


def every_half_reads_its_entry_by_its_bits(engine: Engine, interpolation: Any) -> None:
    device = random_device(interpolation, 3)
    device = make_device(grid(3), interpolation, device.table)  # a cell of 0.5: every operation on it is exact
    gray = np.repeat(halves().reshape(256, 256, 1), 3, axis=2)
    found = run(engine, device, gray, np.float32)
    assert np.array_equal(found.reshape(HALF_CODES, 3), device.table.values)


def float32_is_linear_between_the_halves(engine: Engine, interpolation: Any) -> None:
    device = make_device(grid(3), interpolation, random_device(interpolation, 3).table)
    known = halves()[:0x7C00].astype(np.float64)  # the finite ones from +0 up
    random = np.random.default_rng(9)
    values = np.concatenate(
        [
            2.0 ** random.uniform(-30, 15.9, 4000),
            random.uniform(0, 2.0**-13, 1000),
            known[:3000],
            [2.0**-149, 2.0**-126, 2.0**-25, 2.0**-14 * (1 - EPS), 65503.9, 65504],
        ]
    )
    x = values.astype(np.float32)
    found = run(engine, device, np.repeat(x[None, :, None], 3, axis=2))[0]
    for k in range(3):
        wanted = np.interp(x.astype(np.float64), known, device.table.values[:0x7C00, k])
        assert np.abs(found[:, k] - wanted).max() <= node_bound(device)


def float32_at_the_halves_is_the_half_path(engine: Engine, interpolation: Any) -> None:
    device = random_device(interpolation, display=SRGB)
    gray = np.repeat(halves()[:0x7C00].reshape(124, 256, 1), 3, axis=2)
    exact = run(engine, device, gray, np.float32)
    assert np.array_equal(run(engine, device, gray.astype(np.float32)), exact)


def the_display_is_exponent_matrix_clip_gamma(engine: Engine, interpolation: Any) -> None:
    for display in (SRGB, Display(3.0, SRGB.matrix, 2.4), Display(1.0, SRGB.matrix, 2.2), Display(2.2, np.eye(3), 1.0)):
        device, image = random_device(interpolation, display=display), picture(4001)
        values = ORACLES[interpolation](device.lattice.nodes, place(device, image))
        light = np.clip(values**display.exponent @ display.matrix.T, 0, 1)
        power = light ** (1 / (2.4 if display.gamma == "sRGB" else display.gamma))
        srgb = np.where(light <= SRGB_TOE, 12.92 * light, 1.055 * power - 0.055)
        wanted = srgb if display.gamma == "sRGB" else power
        bound = code_bound(display, values.T, node_bound(device)).T
        assert (np.abs(run(engine, device, image)[0] - wanted) <= bound + 1e-6).all()  # 12.92 is a rounded slope


def standard_pq(nits: Any) -> Any:
    """SMPTE ST 2084 as it is printed."""
    y = (nits / 10_000) ** (2610 / 4096 / 4)
    return ((3424 / 4096 + 2413 / 4096 * 32 * y) / (1 + 2392 / 4096 * 32 * y)) ** (2523 / 4096 * 128)


def standard_hlg(nits: Any) -> Any:
    """ITU-R BT.2100-2, tables 4 and 5, of light (..., 3) on a display of 1,000 nits."""
    luminance = nits @ np.array([0.2627, 0.6780, 0.0593])
    scene = (np.maximum(luminance, 1e-30) / 1000) ** (-0.2 / 1.2)
    e = np.minimum(scene[..., None] * nits / 1000, 1)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(e <= 1 / 12, np.sqrt(3 * e), a * np.log(np.maximum(12 * e - b, 1e-9)) + c)


def hdr_follows_its_standards(engine: Engine, interpolation: Any) -> None:
    light = np.concatenate([picture(5000)[0] ** 4, 2.0 ** -np.arange(60).repeat(3).reshape(-1, 3), np.eye(3)])
    image = light.astype(np.float32)[None]
    for gamma, peak, standard in (("PQ", 203, standard_pq), ("HLG", 203, standard_hlg), ("HLG", 1000, standard_hlg)):
        device = make_device(grid(3), interpolation, display=Display(1.0, np.eye(3), gamma, peak))
        found = run(engine, device, image)[0]
        wanted = standard(image[0].astype(np.float64) * peak)
        assert np.abs(found - wanted).max() <= HDR + 1e-8 * (gamma == "HLG")  # whose printed a, b, c are rounded
        assert found.min() >= 0
        assert found.max() <= 1


def alpha_is_carried(engine: Engine, interpolation: Any) -> None:
    device = random_device(interpolation, display=SRGB)
    random = np.random.default_rng(2)
    for dtype in (np.float16, np.float32):
        image = random.uniform(-1, 2, (7, 13, 4)).astype(dtype)
        image[0, :3, 3] = np.nan, -np.inf, 1e-7
        found = run(engine, device, image)
        assert np.array_equal(found[..., 3], image[..., 3], equal_nan=True)
        assert np.array_equal(found[..., :3], run(engine, device, np.ascontiguousarray(image[..., :3])))


def the_input_matrix_comes_first(engine: Engine, interpolation: Any) -> None:
    matrix = np.array([[0, 0.5, 0], [0, 0, 0.25], [0.125, 0, 0]])  # halves stay halves, so u is exact
    device = make_device(grid(9), interpolation, matrix=matrix)
    image = (np.random.default_rng(4).integers(0, 65, (5, 7, 3)) / 64).astype(np.float16)
    assert np.abs(run(engine, device, image, np.float32) - image @ matrix.T).max() <= node_bound(device)


TRUTHS = (
    identity_passes_pixels_through,
    affine_is_exact,
    every_node_is_exact,
    follows_the_oracle,
    each_tetrahedron_face_and_tie_follows_the_oracle,
    odd_values_take_the_ends,
    every_half_reads_its_entry_by_its_bits,
    float32_is_linear_between_the_halves,
    float32_at_the_halves_is_the_half_path,
    the_display_is_exponent_matrix_clip_gamma,
    hdr_follows_its_standards,
    alpha_is_carried,
    the_input_matrix_comes_first,
)
