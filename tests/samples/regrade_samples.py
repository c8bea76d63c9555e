"""What the tests of regrade share: a made-up device, production frames, and one file graded or refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from exr_samples import noise, smooth

from lattice.files.exr import file as exr
from lattice.regrade import plan, regrade
from lattice.types import Display, LatticeError

GAMMA = 2.2  # of the made-up display
P3_DCI = (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.314, 0.351)


@dataclass(frozen=True)
class FakeSDev:
    """A device by the contract: a curve that lifts black, each channel leaning on the others."""

    name: str = "premier"
    sha256: str = "5d" * 32
    provenance: dict = field(
        default_factory=lambda: {
            "input": "ACEScg",
            "output": "P3-DCI",
            "output_chromaticities": " ".join(map(str, P3_DCI)),
        }
    )
    interpolation: str = "tetrahedral"
    display: Display = field(default_factory=lambda: Display(1.0, np.eye(3), GAMMA))
    pixels: object = None
    asked: list = field(default_factory=list)
    seen: list = field(default_factory=list)

    @property
    def shown(self):
        return self.display

    def with_input(self, chromaticities, adaptation=None):
        self.asked.append(chromaticities)
        if chromaticities == "nonsense":
            raise LatticeError("input: expected a name, got 'nonsense'")
        return replace(self, pixels=chromaticities)

    def with_exposure(self, stops):
        return replace(self, sha256=self.sha256[:-1] + "e") if stops else self

    def with_display(self, name):
        return replace(self, sha256=self.sha256[:-1] + "c")

    def prepare(self, engine="auto"):
        pass

    def arithmetic(self, engine="auto"):
        return "numpy" if engine == "numpy" else "fused"

    def apply(self, image, out=None, engine="auto", threads=None):
        assert image.ndim == 3
        assert image.shape[2] == 3
        assert image.dtype in (np.float16, np.float32)
        assert np.isfinite(image).all(), "an infinity times 0 in the device's matrix is NaN"
        assert self.pixels is not None, "pixels must be graded from the primaries they have"
        self.seen.append(image.dtype.name)
        if out is None:
            return curve(image)
        out[...] = curve(image)
        return out


def curve(image):
    """The fake's formula: monotone, 0 to 0.1, 65504 and above to nearly 1."""
    x = np.maximum(image.astype(np.float32), 0)
    mixed = 0.8 * x + 0.1 * x[..., [1, 2, 0]] + 0.1 * x[..., [2, 0, 1]]
    return ((mixed + np.float32(0.1)) / (mixed + 1)).astype(image.dtype)


def stack(channels, names="RGB", dtype=np.float32):
    return np.stack([channels[n] for n in names], axis=-1, dtype=dtype)


def run(source, target, options=None, sdev=None):
    """Regrade one file and expect it to go well; returns the report and the graded frame."""
    (report,) = regrade(plan(sdev or FakeSDev(), source, target, options=options))
    assert report.status == "ok", report.why
    return report, exr.read(target or source)


def refused(source, target, options=None, sdev=None):
    """Regrade one file and expect it to fail alone, with no output; returns why."""
    (report,) = regrade(plan(sdev or FakeSDev(), source, target, options=options))
    assert report.status == "failed"
    assert not Path(target).exists()
    assert "\n" not in report.why
    return report.why


def production_frame(shape=(40, 50)):
    arrays = {n: smooth(shape, seed=i) for i, n in enumerate("RGBA")}
    arrays.update({f"diffuse.{n}": smooth(shape, seed=i) for i, n in enumerate("RGB")})
    arrays.update({f"CryptoAsset00.{n}": noise(shape, "float32", i) for i, n in enumerate("RGBA")})
    arrays.update({f"N.{n}": noise(shape, "float32", i) for i, n in enumerate("XYZ")})
    arrays["mask.R"] = noise(shape, "float16")
    return {**arrays, "Z": noise(shape, "float32", 7), "id": noise(shape, "uint32", 8)}


def totals_of(out: str) -> dict[str, float]:
    """The table at the end of what a command printed, by column."""
    names, numbers = out.splitlines()[-2:]
    return {
        name.strip(): float(number)
        for name, number in zip(re.split(r" {2,}", names.strip()), numbers.split(), strict=True)
    }
