"""Programs of pictures that take LUT files, run as their users do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from basics import require

TIMEOUT = 120  # of a run, s: darktable's first one writes its tables
PLANES = [1, 2, 0]  # FFmpeg's gbrpf32le: green, blue, red
# darktable's module lut 3D, version 3: a path, color space 0 (sRGB), interpolation, and tables of compressed LUTs.
NAME_BYTES, TABLE_BYTES, TETRAHEDRAL, TRILINEAR = 512, 12288 + 128, 0, 1
SIDECAR = """<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:darktable="http://darktable.sf.net/" rdf:about="" darktable:xmp_version="5"
 darktable:raw_params="0" darktable:auto_presets_applied="1" darktable:history_end="1"><darktable:history><rdf:Seq>
<rdf:li darktable:num="0" darktable:operation="lut3d" darktable:enabled="1" darktable:modversion="3"
 darktable:params="{}" darktable:multi_name="" darktable:multi_priority="0"/>
</rdf:Seq></darktable:history></rdf:Description></rdf:RDF></x:xmpmeta>
"""
DARKTABLE = (
    *("--apply-custom-presets", "false", "--icc-type", "SRGB", "--core", "--library", ":memory:", "--disable-opencl"),
    *("--conf", "plugins/darkroom/workflow=none", "--conf", "plugins/imageio/format/tiff/bpp=16"),
)
PROFILE = """[Version]
AppVersion=5.9
Version=349
[Color Management]
InputProfile=(embedded)
WorkingProfile=sRGB
OutputProfile=RTv4_sRGB
OutputBPC=false
[Film Simulation]
Enabled=true
ClutFilename={}
Strength=100
"""


def program(*names: str) -> str:
    """The path of the first of these programs that is here."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    for name in names:
        if found := shutil.which(name, path=path):
            return found
    require("hosts", f"no {' or '.join(names)} here")


def ran(command: list[object], given: bytes | None = None, home: Path | None = None, **variables: str) -> bytes:
    """Standard output of a program that succeeds. home: where it may keep its settings."""
    own = {} if home is None else {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_CACHE_HOME": str(home)}
    words = list(map(str, command))
    done = subprocess.run(words, input=given, capture_output=True, timeout=TIMEOUT, env=os.environ | own | variables)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


def ffmpeg(filters: str, picture: Any, folder: Path) -> Any:
    """What FFmpeg's filters make of a float picture, in float: files are named as from `folder`."""
    height, width = picture.shape[:2]
    size = ["-f", "rawvideo", "-pix_fmt", "gbrpf32le", "-s", f"{width}x{height}"]
    command = ["env", "-C", folder, program("ffmpeg"), "-v", "error", *size, "-i", "-", "-vf", filters, *size[:4], "-"]
    planes = np.ascontiguousarray(picture.transpose(2, 0, 1)[PLANES], "<f4")
    made = np.frombuffer(ran(command, planes.tobytes()), "<f4").reshape(planes.shape)
    return made[np.argsort(PLANES)].transpose(1, 2, 0)


def ffmpeg_of_files(filters: str, out: Path, *files: Path) -> None:
    """A picture, and a Hald where a second file is named, through FFmpeg into a 16-bit file."""
    inputs = [word for path in files for word in ("-i", path)]
    ran([program("ffmpeg"), "-v", "error", *inputs, "-filter_complex", filters, "-pix_fmt", "rgb48be", out])


def imagemagick(picture: Path, hald: Path, out: Path) -> None:
    ran([program("magick", "convert-im6.q16", "convert"), picture, hald, "-hald-clut", "-depth", 16, out])


def darktable(picture: Path, lut: Path, out: Path, interpolation: int = TETRAHEDRAL) -> None:
    """One step lut 3D, application color space sRGB."""
    steps = np.array([0, interpolation, 0], "<i4").tobytes()
    sidecar = out.with_suffix(".xmp")
    sidecar.write_text(SIDECAR.format((lut.name.encode().ljust(NAME_BYTES, b"\0") + steps + bytes(TABLE_BYTES)).hex()))
    home = out.parent / "darktable"
    folders = ["--configdir", home, "--cachedir", home, "--conf", f"plugins/darkroom/lut3d/def_path={lut.parent}"]
    ran([program("darktable-cli"), picture, sidecar, out, *DARKTABLE, *folders], home=home)


def rawtherapee(picture: Path, hald: Path, out: Path) -> None:
    """Film Simulation, over sRGB as working and output profile."""
    profile, home = out.with_suffix(".pp3"), out.parent / "rawtherapee"
    profile.write_text(PROFILE.format(hald))
    home.mkdir(exist_ok=True)
    ran([program("rawtherapee-cli"), "-q", "-O", out, "-p", profile, "-b16", "-tz", "-Y", "-c", picture], home=home)


def oiiotool(picture: Path, out: Path, *files: Path) -> None:
    """A float file through LUT files, each an OpenColorIO transform, without approximations."""
    luts = [word for path in files for word in ("--ociofiletransform", path)]
    ran([program("oiiotool"), picture, *luts, "-d", "float", "-o", out], OCIO_OPTIMIZATION_FLAGS="0")
