"""Programs of others open our configs: oiiotool, ocioconvert, ociocheck."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import require, write_toml
from exr_samples import save
from tolerance import OCIO

from lattice.hosts.chosen import of_shots, sdev_of
from lattice.hosts.config import extend_config
from lattice.hosts.v1 import write_v1

LINEAR, DISPLAY = "Linear Rec.709 (sRGB)", "sRGB - Display"
HALF_STEP = 2.0**-12  # half of a half's last bit below 1: ocioconvert writes halves
FAST = 2e-5  # as programs run, with approximations; see test_config.FAST
SHOTS = """
[[shot]]
name = "sh010"
in = "a.exr"
out = "b.exr"
sdev = "premier"
[[shot]]
name = "sh020"
in = "a.exr"
out = "c.exr"
sdev = "vision"
exposure = 1.0
"""


def program(name: str) -> str:
    path = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if path is None:
        require("ocio", f"no {name} here")
    return path


def ran(name: str, *arguments: object, **variables: str) -> str:
    done = subprocess.run(
        [program(name), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "OCIO_LOGGING_LEVEL": "none", **variables},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def image() -> Any:
    random = np.random.default_rng(5)
    light = 0.18 * 2.0 ** (random.normal(-1, 2, (64, 64, 1)) + random.normal(0, 0.8, (64, 64, 3)))
    light[:8] = (0.18 * 2.0 ** np.linspace(-8, 8, 64))[:, None]
    return light.astype(np.float16).astype(np.float32)


@pytest.fixture(scope="module")
def made(ocio: Any, image: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a scene, a config as folder and as archive, and one of version 1."""
    folder = tmp_path_factory.mktemp("programs")
    save(folder / "scene.exr", {name: image[..., k] for k, name in enumerate("RGB")})
    shots = write_toml(folder / "show.toml", SHOTS)
    for target in ("config", "config.ocioz"):
        extend_config(folder / target, ["premier", "vision"], shots=shots)
    write_v1(folder / "first", ["premier"], 17)
    return folder


def read(oiio: Any, path: Path) -> Any:
    return np.clip(oiio.ImageBuf(str(path)).get_pixels(oiio.FLOAT)[..., :3], 0, 1)


def by_oiiotool(oiio: Any, made: Path, config: str, *words: str, **variables: str) -> Any:
    """The scene as oiiotool shows it, without approximations unless the variables say else."""
    out = made / "out.exr"
    variables = {"OCIO_OPTIMIZATION_FLAGS": "0", **variables}
    ran(
        *("oiiotool", "--colorconfig", made / config, made / "scene.exr", *words, "-d", "float", "-o", out), **variables
    )
    return read(oiio, out)


FOLDER_AND_ARCHIVE = pytest.mark.parametrize("config", ["config/config.ocio", "config.ocioz"])
SHOT = (f"--ociodisplay:from={LINEAR}", DISPLAY, "SDev shot")
PLAIN = "Un-tone-mapped"
WAYS = {
    "view": ("--ociodisplay:from={space}", DISPLAY, "SDev premier"),
    "look": ("--ociolook:from={space}:to={space}", "premier print", "--ociodisplay:from={space}", DISPLAY, PLAIN),
}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@FOLDER_AND_ARCHIVE
@pytest.mark.parametrize("space", [LINEAR, "ACEScg"])
def test_oiiotool_shows_the_sdev(space: str, config: str, way: str, made: Path, image: Any, oiio: Any) -> None:
    sdev = sdev_of("premier")
    expected = (sdev if space == LINEAR else sdev.with_input(space, "Bradford")).apply(image)
    words = [word.format(space=space) for word in WAYS[way]]
    assert np.abs(by_oiiotool(oiio, made, config, *words) - expected).max() <= OCIO
    usual = by_oiiotool(oiio, made, config, *words, OCIO_OPTIMIZATION_FLAGS="")
    assert np.abs(usual - expected).max() <= FAST


@pytest.mark.slow
def test_oiiotool_takes_the_named_transform(made: Path, image: Any, oiio: Any) -> None:
    words = "--ocionamedtransform", "vision print (linear Rec.709 to sRGB)"
    shown = by_oiiotool(oiio, made, "config/config.ocio", *words)
    assert np.abs(shown - sdev_of("vision").apply(image)).max() <= OCIO


@pytest.mark.slow
@FOLDER_AND_ARCHIVE
def test_oiiotool_follows_the_shot_of_the_environment(config: str, made: Path, image: Any, oiio: Any) -> None:
    for shot, sdev in of_shots(made / "show.toml").items():
        assert np.abs(by_oiiotool(oiio, made, config, *SHOT, SHOT=shot) - sdev.apply(image)).max() <= OCIO


@pytest.mark.slow
def test_oiiotool_stops_at_a_shot_that_has_no_look(made: Path) -> None:
    words = ["--colorconfig", made / "config/config.ocio", made / "scene.exr", *SHOT, "-o", made / "never.exr"]
    done = subprocess.run(
        [program("oiiotool"), *words], capture_output=True, text=True, env={**os.environ, "SHOT": "sh999"}
    )
    assert done.returncode != 0
    assert "could not be located" in done.stdout + done.stderr
    assert not (made / "never.exr").exists()


@pytest.mark.slow
@FOLDER_AND_ARCHIVE
def test_ocioconvert_shows_the_sdev(config: str, made: Path, image: Any, oiio: Any) -> None:
    words = "--view", made / "scene.exr", LINEAR, made / "out.exr", DISPLAY, "SDev premier"
    ran("ocioconvert", "--iconfig", made / config, *words)
    assert np.abs(read(oiio, made / "out.exr") - sdev_of("premier").apply(image)).max() <= FAST + HALF_STEP


@pytest.mark.slow
@pytest.mark.parametrize("config", ["config/config.ocio", "first/config.ocio"])
def test_ociocheck_finds_nothing_wrong(config: str, made: Path) -> None:
    told = ran("ociocheck", "--iconfig", made / config)
    assert "Tests complete." in told
    assert "ERROR" not in told
