"""The commands that `lattice build --for` prints, run as they are printed, show what the file says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import host_programs as hosts
import numpy as np
import pytest
from cli_samples import process
from exr_samples import save
from hald_samples import by_oiio
from host_pictures import STEPS, apart, read, scene, through

from lattice.color.inputs import find
from lattice.encodings import encode_srgb

pytestmark = [pytest.mark.slow, pytest.mark.external, pytest.mark.usefixtures("oiio")]

TIMEOUT = 120
CODE = STEPS / 65535  # a code of 16 bits, in steps of 1/255
ROUNDED = 1.1 * CODE + 0.001  # FFmpeg cuts fractions off, others round; and float32
LIGHT = 0.1  # FFmpeg writes 16 bits of float frames so
POINTS = 0.0026  # of a .csp, which OpenColorIO samples again
BUILDS = {
    "log.cube": ("ffmpeg", "IN.png", ROUNDED),
    "it's, light.cube": ("ffmpeg --input Rec.709", "IN.exr", LIGHT),
    "own.clf": ("oiiotool", "IN.exr", ROUNDED),
    "a b.cube": ("oiiotool", "IN.exr", ROUNDED),
    "points.csp": ("oiiotool", "IN.exr", POINTS + ROUNDED),
    "two.spi3d": ("oiiotool", "IN.exr", ROUNDED),
    "coded.cube": ("oiiotool --input LogC3/Rec.709", "IN.png", ROUNDED),
    "hald.png": ("imagemagick", "IN.png", ROUNDED),
    "hald.tif": ("imagemagick", "IN.png", ROUNDED),
}
PROGRAMS = {"ffmpeg": ("ffmpeg",), "oiiotool": ("oiiotool",), "imagemagick": ("convert",)}


def picture(path: Path, curve: str) -> Any:
    """Write the scene as 16-bit codes of a curve; return them."""
    light = np.clip(scene().astype(np.float64), 0, 1 if curve == "sRGB" else 50)
    codes = encode_srgb(light) if curve == "sRGB" else find("LogC3").encode(light)
    whole = np.rint(65535 * np.clip(codes, 0, 1)).astype(np.uint16)
    by_oiio(whole, path)
    return whole / 65535


@pytest.mark.parametrize("name", BUILDS)
def test_a_printed_command_shows_what_the_file_says(name: str, tmp_path: Path, monkeypatch: Any) -> None:
    words, given, most = BUILDS[name]
    host = words.split()[0]
    hosts.program(*PROGRAMS[host])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("OCIO_OPTIMIZATION_FLAGS", "0")
    save(Path("IN.exr"), {each: np.ascontiguousarray(scene()[..., k]) for k, each in enumerate("RGB")})
    codes = picture(Path("IN.png"), "sRGB" if host == "imagemagick" else "LogC3")
    before = set(tmp_path.iterdir())
    done = process("build", "premier", "-o", tmp_path / name, "--for", *words.split())
    assert done.code == 0, done.err
    files = sorted(set(tmp_path.iterdir()) - before, key=lambda path: path.name == name)
    lines = done.out.splitlines()
    head = next(at for at, line in enumerate(lines) if line.startswith("in "))
    command = next(line for line in lines[head:] if " OUT." in line)
    assert given in command
    ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert ran.returncode == 0, (command, ran.stderr)
    method: Any = "trilinear" if host == "imagemagick" or name == "own.clf" else "tetrahedral"
    wanted = through(files, codes if given == "IN.png" else scene(), method)
    found = apart(read(Path("OUT.png")), wanted)
    assert found[0] <= most, (command, found)


def test_the_printed_filter_for_video_adds_nothing_to_ffmpegs_own_decoding(tmp_path: Path, monkeypatch: Any) -> None:
    hosts.program("ffmpeg")
    monkeypatch.chdir(tmp_path)
    picture(Path("IN.png"), "LogC3")
    out = process("build", "premier", "-o", tmp_path / "log.cube", "--for", "ffmpeg").out
    filters = re.findall(r"of video .*-vf ('.*?')", out)[0]
    tags = "-colorspace bt709 -color_range tv -c:v ffv1"
    for command in (
        f"ffmpeg -v error -i IN.png -vf scale=out_color_matrix=bt709:out_range=tv,format=yuv422p10le {tags} IN.mkv",
        f"ffmpeg -v error -i IN.mkv -vf {filters} -pix_fmt rgb48be OUT.png",
        "ffmpeg -v error -i IN.mkv -vf format=gbrp16le -pix_fmt rgb48be PLAIN.png",
    ):
        ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=TIMEOUT, check=False)
        assert ran.returncode == 0, (command, ran.stderr)
    found = apart(read(Path("OUT.png")), through([Path("log.cube")], read(Path("PLAIN.png"))))
    assert found[0] <= ROUNDED, found
