"""Configs for hosts of OpenColorIO 1, which read no CLF: a .spi1d shaper and a .spi3d of the exact chain's colors."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lattice.build import render
from lattice.color.curves import CURVES
from lattice.color.primaries import convert
from lattice.errors import LatticeError
from lattice.files.luts import spi1d, spi3d
from lattice.files.ocio.library import asking, library
from lattice.files.ocio.prints import SHA, Print, file_name
from lattice.files.ocio.whole import ARCHIVE, MARK, check_target, write_config
from lattice.hosts.chosen import ADAPTATION, TAKEN, check_names, profile_of, sdev_of
from lattice.hosts.config import Written, about
from lattice.hosts.proof import hold, probe, through
from lattice.interp import process
from lattice.process_list import MOST_SIZE, Lut1D, Lut3D, ProcessList
from lattice.sdev import SDev
from lattice.types import Array
from lattice.version import __version__

FOLDER = "luts"
LINEAR, CODES, RAW = "Linear Rec.709", "sRGB", "Raw"
BRIGHTEST = 46.1  # where the tables of looks end, 8 stops above mid gray
ENTRIES = 65536  # of a shaper, evenly spaced: the first stops above black need them
SHAPER = "LogC3 EI800"  # a line near black, then a logarithm
LEAST_SIZE = 5
ALLOCATION = [-15.0, 6.0]  # stops of light that a GPU of OpenColorIO 1 keeps


def shaper() -> Lut1D:
    """Return the shaper of linear light, 0 to BRIGHTEST, to [0, 1]: a camera's curve, shifted and scaled."""
    light = np.linspace(0, BRIGHTEST, ENTRIES)
    low, high = CURVES[SHAPER].encode(np.array([0.0, BRIGHTEST]))
    codes = (CURVES[SHAPER].encode(light) - low) / (high - low)
    entries = np.repeat(codes[:, None], 3, axis=1).astype(np.float32)
    return Lut1D(entries, np.zeros(3), np.full(3, BRIGHTEST))


def node_light(size: int) -> Array:
    """Return the linear light (size, size, size, 3) of every node behind the shaper."""
    low, high = CURVES[SHAPER].encode(np.array([0.0, BRIGHTEST]))
    steps = CURVES[SHAPER].decode(low + np.linspace(0, 1, size) * (high - low))
    return np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)


def sampled(name: str, size: int) -> tuple[SDev, Lut3D]:
    """Return an SDev, and its codes of sRGB at every node: of the look's exact chain, or of a .clf itself."""
    sdev, profile, light = sdev_of(name), profile_of(name), np.asarray(node_light(size))
    if profile is None:
        codes = sdev.apply(light.astype(np.float32))
    else:
        white = {} if profile.display.white is None else {"white": profile.display.white}
        codes = render(profile.replace(display=white), light @ np.asarray(convert(TAKEN, profile.input, ADAPTATION)).T)
    return sdev, Lut3D(np.asarray(codes, np.float32))


def write_v1(target: str | os.PathLike[str], sdevs: Sequence[str], size: int = 33, overwrite: bool = False) -> Written:
    """Write a config of profile version 1 with a color space and a view of sRGB codes for every SDev.

    target: a new folder. sdevs: as in `extend_config`. size: nodes along each side, 5 to 129.
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
    check_names(sdevs)
    files = [(f"{FOLDER}/{_shaper_name()}", spi1d.write(ProcessList("shaper", (shaper(),))))]
    luts: dict[str, Lut3D] = {}
    with asking(target) as ocio:
        config = _plain(ocio)
        for name in dict.fromkeys(sdevs):
            sdev, lut = sampled(name, size)
            each = Print(sdev.name, file_name(sdev, f"-{size}.spi3d"), about(sdev))
            if each.view in luts:
                raise LatticeError(f"--sdev {name}: expected a name other than {sdev.name!r}, which is taken")
            luts[each.view] = lut
            files.append((f"{FOLDER}/{each.light}", spi3d.write(ProcessList(sdev.name, (lut,)))))
            _add(ocio, config, each)
        views = list(luts)
        config.setDescription(f"{MARK} {__version__}: {', '.join(views)}. Of OpenColorIO 1, {size}^3 nodes.")
    write_config(target, config, files, {}, lambda again: _check(again, luts), overwrite)
    return Written(target, "a config of OpenColorIO 1", LINEAR, tuple(views), (), (), None, ())


def _shaper_name() -> str:
    return f"shaper-{ProcessList('shaper', (shaper(),)).sha256[:SHA]}.spi1d"


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


def _add(ocio: Any, config: Any, each: Print) -> None:
    space = ocio.ColorSpace(
        name=each.view, family="SDev", bitDepth=ocio.BIT_DEPTH_F32, description=f"{each.about}. Codes of sRGB."
    )
    steps = [
        ocio.FileTransform(_shaper_name(), interpolation=ocio.INTERP_LINEAR),
        ocio.FileTransform(each.light, interpolation=ocio.INTERP_TETRAHEDRAL),
    ]
    space.setTransform(ocio.GroupTransform(steps), ocio.COLORSPACE_DIR_FROM_REFERENCE)
    config.addColorSpace(space)
    config.addDisplayView(CODES, each.view, each.view, "")


def _check(config: Any, luts: Mapping[str, Lut3D]) -> None:
    for view, lut in luts.items():
        with asking(view) as ocio:
            processor = config.getProcessor(ocio.DisplayViewTransform(LINEAR, CODES, view))
            expected = process.run((shaper(), lut), np.ascontiguousarray(probe().T, np.float64)).T
            hold(f"view {view!r}", through(processor, probe()), expected)
