"""A check fails bad lattices: of made-up profiles, and of a good profile with nodes that are not its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lattice.build import make_chain, make_display
from lattice.build.device import build_device
from lattice.build.fit import sample_nodes
from lattice.build.shaper import make_shaper
from lattice.inspect.quality import check, remedy
from lattice.inspect.report import Report
from lattice.looks import Profile, load_profile
from lattice.types import Display, Lattice, SDevData

EVERYTHING = {"natural", "saturated", "gray", "gradients", "paths"}
BAD: dict[str, tuple[str, dict[str, Any], set[str]]] = {
    "three nodes a side": ("vision", {"size": 3}, EVERYTHING | {"emitters"}),
    "five nodes a side": ("vision", {"size": 5}, {"natural", "saturated", "emitters", "gray", "gradients"}),
    "five nodes of a camera look": ("vision-5219", {"size": 5}, EVERYTHING),
    "a hard print of a pushed negative": ("vision-5219", {"push_stops": 3, "contrast": (2, 2, 2)}, {"gradients"}),
    "seven nodes of a scan": ("vision-scan", {"size": 7}, {"natural", "saturated", "gray"}),
}
STRAINED = {"push_stops": 3, "negative_stops": -4}  # most of the picture in the toe of a hard negative


def failed(report: Report) -> set[str]:
    """What failed: the first word of each line."""
    return {line.partition(":")[0] for line in report.failures}


@pytest.mark.parametrize(("name", "fields", "what"), BAD.values(), ids=BAD)
def test_a_bad_profile_fails(name: str, fields: dict[str, Any], what: set[str]) -> None:
    report = check(load_profile(name).replace(**fields))
    assert not report.good
    assert failed(report) >= what


@pytest.mark.parametrize("name", ["vision", "vision-camera", "vision-5219"])
def test_a_profile_that_strains_the_lattice_is_fitted(name: str) -> None:
    assert check(load_profile(name).replace(**STRAINED)).failures == ()


@pytest.mark.parametrize("name", ["vision-camera", "vision-5219"])
def test_strong_coupling_is_outside_of_the_lattice(name: str) -> None:
    assert check(load_profile(name).replace(interimage=0.5)).failures == ()


def test_a_lattice_that_holds_the_coupling_itself_fails() -> None:
    profile = load_profile("vision-camera").replace(interimage=0.5)
    chain = make_chain(profile)
    shaper = make_shaper(profile, chain)
    nodes = sample_nodes(chain, shaper, 13).reshape(13, 13, 13, 3).astype(np.float32)
    lattice, display = Lattice(nodes, "trilinear"), make_display(profile, chain)
    report = check(profile, SDevData("inside", np.array(profile.film_matrix), shaper.table(), lattice, display))
    assert failed(report) >= EVERYTHING
    assert "interimage" in report.remedy


def test_nodes_that_are_not_fitted_fail() -> None:
    profile = load_profile("vision")
    assert failed(check(profile, build_device(profile, sampled=True))) >= {"natural", "gray"}


def swapped_axes(nodes: Any) -> Any:
    return nodes.transpose(1, 0, 2, 3)


def swapped_pair(nodes: Any) -> Any:
    nodes[6, 6, 7], nodes[6, 7, 6] = nodes[6, 7, 6].copy(), nodes[6, 6, 7].copy()
    return nodes


def one_moved(nodes: Any) -> Any:
    nodes[6, 5, 7] *= 1.03
    return nodes


def noisy(nodes: Any) -> Any:
    return np.maximum(nodes + np.random.default_rng(0).normal(0, 1e-3, nodes.shape), 0)


def blacks_lifted(nodes: Any) -> Any:
    nodes[0, 0, 0] += 0.04
    return nodes


BROKEN = {
    swapped_axes: EVERYTHING | {"emitters"},
    swapped_pair: {"natural"},
    one_moved: {"natural"},
    noisy: {"natural", "saturated", "emitters", "gray"},
    blacks_lifted: {"gray", "gradients"},
}


@pytest.mark.parametrize(("broken", "what"), BROKEN.items(), ids=[each.__name__ for each in BROKEN])
def test_broken_nodes_fail(broken: Callable[[Any], Any], what: set[str], built: Any) -> None:
    vision = built("vision")
    nodes = broken(vision.lattice.nodes.copy()).astype(np.float32)
    report = check(load_profile("vision"), replace(vision, lattice=Lattice(nodes, "trilinear")))
    assert failed(report) >= what


def test_codes_that_are_none_fail(built: Any) -> None:
    vision = built("vision")
    huge = Lattice(np.full((3, 3, 3, 3), 1e9, np.float32), "trilinear")
    display = Display(16.0, vision.display.matrix, "sRGB")  # 1e9 ** 16 is infinite in float32
    with np.errstate(over="ignore", invalid="ignore"):
        report = check(load_profile("vision"), replace(vision, lattice=huge, display=display))
    assert not report.finite
    assert "halves" in failed(report)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "try size = 17"),
        ({"size": 3}, "try size = 13"),
        ({"size": 31}, "try size = 33"),
        ({"size": 33}, "try a look nearer to a shipped one"),
        ({"interimage": 0.5, "chain": "camera"}, "try size = 17, or interimage nearer to a shipped look's"),
        (
            {"size": 33, "contrast": [1, 1, 2], "negative_stops": -1},
            "try negative_stops and contrast nearer to a shipped look's",
        ),
    ],
)
def test_a_remedy_names_what_strains_a_lattice(fields: dict[str, Any], says: str) -> None:
    assert remedy(Profile(**(load_profile("vision").model_dump() | fields))) == says
