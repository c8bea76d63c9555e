"""FFmpeg, ImageMagick, darktable, RawTherapee and oiiotool show what our LUT files say, and so the film."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import host_programs as hosts
import numpy as np
import pytest
from cli_samples import process
from exr_samples import save
from hald_samples import by_oiio
from host_pictures import STEPS, apart, read, scene, through
from tolerance import EPS, OCIO, node_bound

from lattice.color.inputs import find
from lattice.encodings import decode_srgb, encode_srgb
from lattice.export.bake import of_profile
from lattice.files.luts import register
from lattice.looks import load_profile
from lattice.process_list import Lut1D, Lut3D

pytestmark = [pytest.mark.slow, pytest.mark.external, pytest.mark.usefixtures("oiio")]

BUILDS = {
    "log.cube": ("--for", "ffmpeg"),
    "light.cube": ("--split", "--size", "65"),
    "joint.cube": (),
    "joint.csp": (),
    "joint.spi3d": (),
    "hald.png": ("--input", "sRGB"),
    "hald.tif": ("--input", "sRGB"),
    "picture.cube": ("--input", "sRGB", "--size", "65"),
    "own.clf": (),
}
CODE = STEPS / 65535  # a code of 16 bits, in steps of 1/255
ROUNDED = CODE / 2 + 1e-4  # and float32's own error
# Programs with color management of their own move a picture without a LUT, too: darktable 4.2 by .21 (largest) and .003
# (mean), RawTherapee 5.9 by .07 and .006. No curve of premier is steeper than 2.2 codes a code of sRGB.
MANAGED = {"darktable": (0.5, 0.007), "rawtherapee": (0.5, 0.014)}
# Of the film, largest and mean: what docs/hosts.md says. Near black of colors out of gamut a cell's chord is far off.
OF_FILM = {
    "log.cube": (18, 0.05),
    "light.cube": (13, 0.037),
    "joint": (22, 0.14),
    "picture.cube": (9, 0.02),
    "hald": (12, 0.03),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a scene and pictures of it; what `lattice build` writes comes by `lut`."""
    folder = tmp_path_factory.mktemp("hosts")
    save(folder / "scene.exr", {name: np.ascontiguousarray(scene()[..., k]) for k, name in enumerate("RGB")})
    for suffix in (".png", ".tif"):
        by_oiio(picture_codes(), folder / f"picture{suffix}")
    return folder


@pytest.fixture(scope="module")
def lut(made: Path) -> Any:
    """A file that `lattice build` wrote, by its name in BUILDS."""

    @cache
    def file(name: str) -> Path:
        done = process("build", "premier", "-o", made / name, *BUILDS[name])
        assert done.code == 0, done.err
        return made / name

    return file


@cache
def source() -> Any:
    return of_profile(load_profile("premier"))


@cache
def film() -> Any:
    """The exact chain's codes of the scene."""
    return source().codes(scene().reshape(-1, 3).astype(np.float64)).reshape(scene().shape)


def picture_codes() -> Any:
    """The scene as a picture of 16-bit sRGB codes, clipped at 1."""
    return np.rint(65535 * encode_srgb(np.clip(scene().astype(np.float64), 0, 1))).astype(np.uint16)


@cache
def picture() -> Any:
    return picture_codes() / 65535


@cache
def film_of_picture() -> Any:
    """The exact chain's codes of the light that the picture shows."""
    return source().codes(decode_srgb(picture()).reshape(-1, 3)).reshape(picture().shape)


def near(shown: Any, expected: Any, largest: float, mean: float = np.inf) -> None:
    found = apart(shown, expected)
    assert found[0] <= largest, found
    assert found[1] <= mean, found


def float_error(path: Path, before: float = 0.0) -> float:
    """What float32 may do to a lattice's codes, in steps of 1/255. before: error of its place."""
    lattice = register.read(path).nodes[-1]
    assert isinstance(lattice, Lut3D)
    return STEPS * float(node_bound(SimpleNamespace(lattice=lattice), before))


def shaper_error(path: Path) -> float:
    """What float32 may do to a shaper's values: three operations move its place by 3 EPS of it, and one rounds."""
    (curve,) = register.read(path).nodes
    assert isinstance(curve, Lut1D)
    steps = np.diff(curve.entries.astype(np.float64), axis=0)
    return EPS * (1 + 3 * float((np.arange(1, len(steps) + 1)[:, None] * steps).max()))


def test_ffmpeg_takes_codes_of_a_log_curve(lut: Any) -> None:
    path, codes = lut("log.cube"), find("LogC3").encode(scene().astype(np.float64)).astype(np.float32)
    shown = hosts.ffmpeg(f"lut3d={path.name}:interp=tetrahedral", codes, path.parent)
    near(shown, through([path], codes), float_error(path))
    near(shown, film(), *OF_FILM["log.cube"])


def test_ffmpeg_takes_linear_light_by_a_shaper_of_its_own(lut: Any) -> None:
    path = lut("light.cube")
    shaper = path.with_suffix(".shaper.cube")
    shown = hosts.ffmpeg(f"lut1d={shaper.name},lut3d={path.name}:interp=tetrahedral", scene(), path.parent)
    near(shown, through([shaper, path], scene()), float_error(path, shaper_error(shaper)))
    near(shown, film(), *OF_FILM["light.cube"])


def test_ffmpeg_takes_rows_of_a_shaper_for_nodes_without_a_word(lut: Any) -> None:
    path = lut("joint.cube")
    shown = hosts.ffmpeg(f"lut3d={path.name}:interp=tetrahedral", scene(), path.parent)
    assert apart(shown, through([path], scene()))[1] > 50


@pytest.mark.parametrize("name", ["picture.cube", "hald.png"])
def test_ffmpeg_takes_pictures(name: str, lut: Any, made: Path) -> None:
    path, out = lut(name), made / "ffmpeg.png"
    out.unlink(missing_ok=True)
    if name == "hald.png":
        hosts.ffmpeg_of_files("[0][1]haldclut=interp=tetrahedral", out, made / "picture.png", path)
    else:
        hosts.ffmpeg_of_files(f"lut3d={path}:interp=tetrahedral", out, made / "picture.png")
    near(read(out), through([path], picture()), CODE + float_error(path))  # it cuts fractions off
    near(read(out), film_of_picture(), *OF_FILM["hald" if name == "hald.png" else name])


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_imagemagick_takes_a_hald_by_trilinear(suffix: str, lut: Any, made: Path) -> None:
    path, out = lut(f"hald{suffix}"), made / f"magick{suffix}"
    hosts.imagemagick(made / f"picture{suffix}", path, out)
    near(read(out), through([path], picture(), "trilinear"), ROUNDED)
    near(read(out), film_of_picture(), *OF_FILM["hald"])


@pytest.mark.parametrize("name", ["picture.cube", "hald.png"])
def test_darktable_takes_pictures(name: str, lut: Any, made: Path) -> None:
    path, out = lut(name), made / "darktable.tif"
    out.unlink(missing_ok=True)
    hosts.darktable(made / "picture.tif", path, out)
    near(read(out), through([path], picture()), *MANAGED["darktable"])
    assert apart(read(out), through([path], picture(), "trilinear"))[0] > 1  # so it is tetrahedral, as asked
    near(read(out), film_of_picture(), *OF_FILM["hald" if name == "hald.png" else name])


@pytest.mark.parametrize("name", ["hald.png", "hald.tif"])
def test_rawtherapee_takes_a_hald_by_trilinear(name: str, lut: Any, made: Path) -> None:
    path, out = lut(name), made / "rawtherapee.tif"
    out.unlink(missing_ok=True)
    hosts.rawtherapee(made / "picture.tif", path, out)
    near(read(out), through([path], picture(), "trilinear"), *MANAGED["rawtherapee"])
    near(read(out), film_of_picture(), *OF_FILM["hald"])


@pytest.mark.parametrize("name", ["joint.cube", "joint.csp", "joint.spi3d"])
def test_oiiotool_takes_linear_light_by_a_shaper(name: str, lut: Any, made: Path) -> None:
    path, out = lut(name), made / "oiiotool.exr"
    files = [path.with_suffix(".spi1d"), path] if path.suffix == ".spi3d" else [path]
    hosts.oiiotool(made / "scene.exr", out, *files)
    # OpenColorIO samples the points of a .csp again, evenly
    near(read(out), through(files, scene()), STEPS * (1e-5 if name == "joint.csp" else OCIO / 10))
    near(read(out), film(), *OF_FILM["joint"])


def test_oiiotool_takes_the_sdev_itself(lut: Any, made: Path, premier: Any) -> None:
    out = made / "oiiotool.exr"
    hosts.oiiotool(made / "scene.exr", out, lut("own.clf"))
    near(read(out), premier.apply(scene()), STEPS * OCIO)
