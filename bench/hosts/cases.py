"""What each program is fed, how it is set, and what it is to show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from exr_samples import save
from host_pictures import apart, read, scene

import lattice
from lattice.hosts.chosen import sdev_of
from lattice.hosts.config import Written, extend_config

LOOK, OTHER = "premier", "vision"
SRGB = ("sRGB", "sRGB - Display")  # displays of Blender's configs, and of those of ACES
# In steps of 1/255. A 16-bit picture rounds by .002, Blender's own matrices add as much again, and OpenColorIO's fast
# powers, in the display's curve alone, more. The pixels of tlRender are read in float.
FAST, EXACT, DRAWN = 0.1, 0.01, 0.005
NO_FLAGS = {"OCIO_OPTIMIZATION_FLAGS": "0"}


@dataclass(frozen=True)
class Case:
    """One picture. fed, setting: for people. job: for the program's script. expected: the codes. wanted: the largest
    difference in steps of 1/255. variables: of the environment."""

    fed: str
    setting: str
    job: dict[str, str]
    expected: Any
    wanted: float
    variables: dict[str, str]

    def shown(self) -> Any:
        """The codes that the program saved."""
        out = Path(self.job["out"])
        return np.load(out) if out.suffix == ".npy" else read(out)

    def apart(self) -> tuple[float, float]:
        return apart(self.shown(), self.expected)


@cache
def codes(name: str) -> Any:
    """What the SDev of a config gives for the scene."""
    return sdev_of(name).apply(scene())


@dataclass(frozen=True)
class Files:
    """What lattice writes into a folder, once for all programs."""

    folder: Path

    def picture(self) -> str:
        """A scene-linear EXR."""
        path = self.folder / "scene.exr"
        if not path.exists():
            save(path, {name: np.ascontiguousarray(scene()[..., k]) for k, name in enumerate("RGB")})
        return str(path)

    def sdev(self) -> Path:
        path = self.folder / f"{LOOK}.clf"
        lattice.load(LOOK).save(path)
        return path

    def config(self, name: str, base: str, blender: Path | None = None) -> Written:
        return extend_config(self.folder / name, [LOOK, OTHER], base, blender)


def file_of(written: Written) -> Path:
    """The file that a host opens."""
    return written.path if written.path.is_file() else written.path / "config.ocio"


def _display(written: Written) -> str:
    import PyOpenColorIO as ocio

    displays = set(ocio.Config.CreateFromFile(str(file_of(written))).getDisplays())
    return next(name for name in SRGB if name in displays)


def of_blender(files: Files, written: Written, fed: str) -> Iterator[Case]:
    """Views, and a look under the view that changes nothing; without approximations too."""
    assert written.plain is not None
    shared = {"picture": files.picture(), "space": written.linear, "display": _display(written)}
    kinds = [(LOOK, written.views[0], ""), (OTHER, written.views[1], ""), (LOOK, written.plain, written.looks[0])]
    for variables, wanted in (({}, FAST), (NO_FLAGS, EXACT)):
        for number, (name, view, look) in enumerate(kinds):
            out = files.folder / f"saved-{number}-{len(variables)}.png"
            setting = f"view `{view}`" + (f", look `{look}`" if look else "")
            job = {**shared, "view": view, "look": look, "out": str(out)}
            yield Case(fed, setting, job, codes(name), wanted, variables)


def of_tlrender(files: Files, configs: dict[str, Written]) -> Iterator[Case]:
    """Views of configs, by what they are; and an SDev's file as a LUT."""
    shared = {"picture": files.picture(), "config": "", "lut": ""}

    def out(number: int) -> dict[str, str]:
        return {"out": str(files.folder / f"drawn-{number}.npy")}

    number = 0
    for fed, written in configs.items():
        for name, view in zip((LOOK, OTHER), written.views, strict=True):
            chosen = {"space": written.linear, "display": _display(written), "view": view}
            job = {**shared, "config": str(file_of(written)), **chosen, **out(number)}
            yield Case(fed, f"view `{view}`", job, codes(name), DRAWN, {})
            number += 1
    lut = {"lut": str(files.sdev())}
    yield Case(
        f"`{LOOK}.clf`", "as LUT", {**shared, **lut, **out(number)}, lattice.load(LOOK).apply(scene()), DRAWN, {}
    )
