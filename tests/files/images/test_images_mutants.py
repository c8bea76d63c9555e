"""Thousands of damaged images: each is read and graded, or refused in a line, and takes little memory."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from basics import ROOT
from dpx_samples import dpx, words
from tiff_samples import LOGL, PACKED_24, logluv, logluv_codes, luminance_codes, tiff

from lattice.files.images.cineon import pack_cineon
from lattice.files.images.dpx import pack_dpx
from lattice.files.images.spec import EncodedImage

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("oiio")]
MUTANTS, SEED = 500, 1
MOST_MEMORY = 500  # MB more than with the whole file
XYZ = np.random.default_rng(0).uniform(0.1, 2, (12, 20, 3))
CODES = np.random.default_rng(1).integers(0, 1024, (12, 20, 4)).astype(np.uint16)


def tiff_of(samples, bits, photometric, form=1, extra=(), more=()):
    stored = np.random.default_rng(2).integers(0, 256, (12, 20 * samples * bits // 8)).astype(np.uint8)
    tags = {
        256: (4, [20]),
        257: (4, [12]),
        258: (3, [bits] * samples),
        259: (3, [1]),
        262: (3, [photometric]),
        277: (3, [samples]),
        278: (4, [4]),
        284: (3, [1]),
        339: (3, [form] * samples),
        **({338: (3, list(extra))} if extra else {}),
        **dict(more),
    }
    return tiff([stored[top : top + 4].tobytes() for top in range(0, 12, 4)], tags)


CROP = {286: (5, [3, 1]), 287: (5, [2, 1]), 33300: (4, [64]), 33301: (4, [60])}
WHOLE = {
    "logluv.tif": lambda: logluv(logluv_codes(XYZ), rows=5, more={318: (5, [1, 3, 1, 3]), 37439: (12, [179.0])}),
    "logluv24.tif": lambda: logluv((700 << 14 | np.arange(240).reshape(12, 20)), compression=PACKED_24, order=">"),
    "logl.tif": lambda: logluv(luminance_codes(XYZ[..., 1]), tile=(16, 16), photometric=LOGL, is_big=True),
    "gray.tif": lambda: tiff_of(1, 16, 1),
    "grayalpha.tif": lambda: tiff_of(2, 32, 1, 3, (2,)),
    "five.tif": lambda: tiff_of(5, 8, 2, 1, (0, 1)),
    "crop.tif": lambda: tiff_of(3, 16, 2, more=CROP),
    "gray.dpx": lambda: dpx(words(CODES[..., 0], "<", reverse=True), (20, 12), "<", descriptor=6),
    "floats.dpx": lambda: dpx(XYZ.astype(">f4").tobytes(), (20, 12), bits=32, transfer=255),
    "adx.dpx": lambda: dpx(words(CODES[..., :3].reshape(12, 60)), (20, 12), transfer=13, user=bytes(40), start=2100),
    "rgba.dpx": lambda: b"".join(pack_dpx(EncodedImage(CODES, timecode=7))),
    "rgb.cin": lambda: b"".join(pack_cineon(EncodedImage(CODES[..., :3]))),
}
GRADE_ALL = """
import resource, sys
from pathlib import Path
import numpy as np
from image_samples import ShownSDev
from lattice.regrade import plan, regrade
from lattice.types import LatticeError
whole, count = Path(sys.argv[1]), int(sys.argv[2])
data, random = whole.read_bytes(), np.random.default_rng(int(sys.argv[3]))
source, target = whole.with_name("in" + whole.suffix), whole.with_name("out.exr")
header = 2100 if whole.suffix in (".dpx", ".cin") else len(data)
def mutant():
    made = bytearray(data)
    if random.random() < 0.15:
        return made[: int(random.integers(len(made)))]
    for _ in range(int(random.integers(1, 6))):
        at = int(random.integers(min(header, len(made) - 4)))
        kind = int(random.integers(5))
        if kind == 0:
            made[at] ^= 1 << int(random.integers(8))
        elif kind == 1:
            made[at] = int(random.integers(256))
        elif kind == 2:
            made[at : at + 4] = bytes([int(random.choice([0, 255, 127, 128]))]) * 4
        elif kind == 3:
            made[at : at + 4] = int(random.integers(2**32)).to_bytes(4, "little")
        else:
            made[at : at + 2] = made[at + 2 : at + 4]
    return made
def outcome():
    [report] = regrade(plan(ShownSDev(), source, target))
    if report.status == "ok":
        target.unlink()
        return "ok"
    right = "\\n" not in report.why and str(source) in report.why and "Error" not in report.why
    return "refused" if right and not target.exists() else f"wrong: {report.why}"
def most():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
source.write_bytes(data)
print(outcome())
before = most()
for _ in range(count):
    source.write_bytes(mutant())
    print(outcome())
print(most() - before)
"""


@pytest.mark.parametrize("name", WHOLE)
def test_mutants_are_graded_or_refused_in_a_line(tmp_path, name):
    (tmp_path / name).write_bytes(WHOLE[name]())
    run = subprocess.run(
        [sys.executable, "-c", GRADE_ALL, str(tmp_path / name), str(MUTANTS), str(SEED)],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "tests" / "samples"), "PATH": "/usr/bin:/bin"},
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    first, *outcomes, megabytes = run.stdout.splitlines()
    assert first == "ok"
    assert len(outcomes) == MUTANTS
    assert not [each for each in outcomes if each not in ("ok", "refused")]
    assert "ok" in outcomes
    assert "refused" in outcomes
    assert int(megabytes) < MOST_MEMORY
