"""Choices that several packages share. Imports no NumPy, so that the command line can show them."""

from typing import Literal

Interpolation = Literal["trilinear", "tetrahedral"]
Engine = Literal["auto", "native", "numpy", "cuda"]
ClusterKind = Literal["local", "slurm", "htcondor", "lsf", "pbs"]
CodecName = Literal["prores422", "prores422hq", "prores4444", "dnxhr", "h264", "h265", "mjpeg"]
CompressionName = Literal[
    "keep", "none", "rle", "zips", "zip", "piz", "pxr24", "b44", "b44a", "dwaa", "dwab", "htj2k256", "htj2k32", "zstd"
]
Verify = Literal["decode", "crc", "none"]
ProgressStyle = Literal["lines", "json", "openjd"]
MOST_POINTS = 50  # that a printer has for each light
StageName = Literal["full", "negative", "print"]
DensityName = Literal["adx16", "cineon", "float"]
HOSTS = (  # of lattice/export/hosts.toml
    "nuke",
    "rv",
    "resolve",
    "premiere",
    "photoshop",
    "ffmpeg",
    "oiiotool",
    "imagemagick",
    "darktable",
    "rawtherapee",
    "obs",
    "unreal",
    "blender",
    "ocio1",
)
