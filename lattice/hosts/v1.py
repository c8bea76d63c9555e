"""Configs for hosts of OpenColorIO 1, which read no CLF: a .spi1d shaper and a .spi3d of the exact chain's colors."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lattice.color.inputs import find
from lattice.errors import LatticeError
from lattice.export.bake import bake, of_profile, of_sdev
from lattice.export.recipe import Recipe
from lattice.files.luts import spi1d, spi3d
from lattice.files.ocio.library import asking, library
from lattice.files.ocio.prints import SHA, Print, file_name
from lattice.files.ocio.whole import ARCHIVE, MARK, check_target, write_config
from lattice.hosts.chosen import ADAPTATION, NONE_TOLD, TAKEN, LutsTold, check_names, named, profile_of, sdev_of
from lattice.hosts.config import Written, about
from lattice.hosts.proof import hold, probe, through
from lattice.interp import process
from lattice.process_list import MOST_SIZE, Lut1D, Lut3D, Node, ProcessList
from lattice.sdev import SDev
from lattice.version import __version__

FOLDER = "luts"
LINEAR, CODES, RAW = "Linear Rec.709", "sRGB", "Raw"
LEAST_SIZE = 5
ALLOCATION = [-15.0, 6.0]  # stops of light that a GPU of OpenColorIO 1 keeps


def recipe(size: int) -> Recipe:
    """Return what the two files of an SDev hold: a shaper of linear Rec.709, and so many nodes along a side."""
    return Recipe(".spi3d", size, replace(find(TAKEN), adaptation=ADAPTATION), TAKEN, "uniform", is_open=True)


def sampled(name: str, size: int, luts: LutsTold = NONE_TOLD, names: Sequence[str] = ()) -> tuple[SDev, Lut1D, Lut3D]:
    """Return an SDev, its shaper, and its codes of sRGB at every node: of the exact chain, or of a LUT file itself.

    luts, names: as in `sdev_of`."""
    sdev, profile = sdev_of(name, luts, names), profile_of(name)
    if profile is None:
        source = of_sdev(sdev)
    else:
        white = {} if profile.display.white is None else {"white": profile.display.white}
        source = of_profile(profile.replace(display=white))
    (shaper,), (lattice,) = (each.nodes for each in bake(source, recipe(size)))
    assert isinstance(shaper, Lut1D)  # by the recipe
    assert isinstance(lattice, Lut3D)
    return sdev, shaper, lattice


def write_v1(
    target: str | os.PathLike[str],
    sdevs: Sequence[str],
    size: int = 33,
    overwrite: bool = False,
    luts: LutsTold = NONE_TOLD,
) -> Written:
    """Write a config of profile version 1 with a color space and a view of sRGB codes for every SDev.

    target: a new folder. sdevs, luts: as in `extend_config`. size: nodes along each side, 5 to 129.
    The config is read back and held to its LUTs before it takes its name. Raises LatticeError as `extend_config`.
    """
    target = Path(target)
    library()
    if target.suffix.lower() == ARCHIVE:
        raise LatticeError(f"{target}: OpenColorIO 1 reads no archive; name a folder")
    check_target(target, overwrite)
    if not LEAST_SIZE <= size <= MOST_SIZE:
        raise LatticeError(f"--size: expected {LEAST_SIZE} to {MOST_SIZE}, got {size}")
    if not sdevs:
        raise LatticeError("expected an SDev: --sdev NAME")
    check_names(sdevs, luts)
    files: dict[str, bytes] = {}
    nodes: dict[str, tuple[Node, Node]] = {}
    taken: list[str] = []
    with asking(target) as ocio:
        config = _plain(ocio)
        for name in dict.fromkeys(sdevs):
            sdev, shaper, lut = sampled(name, size, luts, sdevs)
            sdev = named(name, sdev, taken, sdevs)
            taken.append(sdev.name)
            first = ProcessList("shaper", (shaper,))
            shaper_name = f"shaper-{first.sha256[:SHA]}.spi1d"
            files[f"{FOLDER}/{shaper_name}"] = spi1d.write(first)
            each = Print(sdev.name, file_name(sdev, f"-{size}.spi3d"), about(sdev))
            nodes[each.view] = (shaper, lut)
            files[f"{FOLDER}/{each.light}"] = spi3d.write(ProcessList(sdev.name, (lut,)))
            _add(ocio, config, each, shaper_name)
        views = list(nodes)
        config.setDescription(f"{MARK} {__version__}: {', '.join(views)}. Of OpenColorIO 1, {size}^3 nodes.")
    write_config(target, config, list(files.items()), {}, lambda again: _check(again, nodes), overwrite)
    return Written(target, "a config of OpenColorIO 1", LINEAR, tuple(views), (), (), None, ())


def _plain(ocio: Any) -> Any:
    """Return a config of version 1 with linear Rec.709 and data alone."""
    config = ocio.Config()
    config.setMajorVersion(1)
    config.setSearchPath(FOLDER)
    linear = ocio.ColorSpace(
        name=LINEAR,
        bitDepth=ocio.BIT_DEPTH_F32,
        allocation=ocio.ALLOCATION_LG2,
        allocationVars=ALLOCATION,
        description="Scene-linear light, 0.18 = mid gray",
    )
    config.addColorSpace(linear)
    config.addColorSpace(ocio.ColorSpace(name=RAW, isData=True, description="Data, no color"))
    for role, name in (("default", LINEAR), ("reference", LINEAR), ("scene_linear", LINEAR), ("data", RAW)):
        config.setRole(role, name)
    return config


def _add(ocio: Any, config: Any, each: Print, shaper: str) -> None:
    space = ocio.ColorSpace(
        name=each.view, family="SDev", bitDepth=ocio.BIT_DEPTH_F32, description=f"{each.about}. Codes of sRGB."
    )
    steps = [
        ocio.FileTransform(shaper, interpolation=ocio.INTERP_LINEAR),
        ocio.FileTransform(each.light, interpolation=ocio.INTERP_TETRAHEDRAL),
    ]
    space.setTransform(ocio.GroupTransform(steps), ocio.COLORSPACE_DIR_FROM_REFERENCE)
    config.addColorSpace(space)
    config.addDisplayView(CODES, each.view, each.view, "")


def _check(config: Any, luts: Mapping[str, tuple[Node, Node]]) -> None:
    for view, nodes in luts.items():
        with asking(view) as ocio:
            processor = config.getProcessor(ocio.DisplayViewTransform(LINEAR, CODES, view))
            expected = process.run(nodes, np.ascontiguousarray(probe().T, np.float64)).T
            hold(f"view {view!r}", through(processor, probe()), np.clip(expected, 0, 1))
