"""Blender and tlRender show what `lattice ocio` writes: `make hosts`, into docs/hosts-measured.md.

Each program is installed by pip into an environment of its own below build/hosts; one that cannot be is left out, and
the page says why. Exits with 1 if a picture is further from the SDev than wanted, or a program fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

from hosts.cases import Case, Files, file_of, of_blender, of_tlrender
from hosts.pythons import Missing, environment
from report import table

import lattice
from lattice.hosts.config import Written

ROOT = Path(__file__).resolve().parents[2]
PLACE, PAGE = ROOT / "build" / "hosts", ROOT / "docs" / "hosts-measured.md"
TIMEOUT = 600
INTRO = """# Blender and tlRender, measured

`make hosts` writes this page, with programs that pip installs: Blender as its module `bpy`, and tlRender, the engine of
DJV, which draws by OpenGL. [hosts.md](hosts.md) has the settings of each program.

{date}: lattice {lattice}, configs written by OpenColorIO {ocio}. Fed: a scene-linear float EXR of 256x256, grays of 16
stops, ramps of saturated colors and random natural ones. Blender saved it as 16-bit PNG, dither 0; the pixels of
tlRender are read in float. Flags 0: `OCIO_OPTIMIZATION_FLAGS=0`, OpenColorIO without approximations. Compared with
`sdev.apply`, in steps of 1/255. Wanted at most: .2, with flags 0 .01, of tlRender .005.
"""
HEADER = ("program, fed, set", "largest, mean", "flags 0")


@dataclass(frozen=True)
class Program:
    """What pip installs. versions: Pythons that it is for, the best first. script: what runs in it."""

    name: str
    requirements: tuple[str, ...]
    versions: tuple[str, ...]
    script: str

    @property
    def folder(self) -> str:
        return self.name.replace(" ", "-")

    def python(self) -> Path:
        """The Python that has it. Raises Missing if it cannot be installed."""
        return environment(PLACE / self.folder, self.requirements, self.versions)


BLENDERS = (
    Program("Blender 4.5 LTS", ("bpy==4.5.*",), ("3.11",), "in_blender.py"),
    Program("Blender 5", ("bpy>=5,<6",), ("3.13", "3.11"), "in_blender.py"),
)
TLRENDER = Program("tlRender", ("tlrender", "numpy"), ("3.13", "3.12"), "in_tlrender.py")


@dataclass
class Report:
    """Differences by program, what it was fed and its setting; what was left out or went wrong. is_good: all ran and
    are near."""

    cells: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    is_good: bool = True

    def add(self, program: str, cases: Sequence[Case]) -> None:
        for case in cases:
            (largest, mean), row = case.apart(), f"{program}, {case.fed}, {case.setting}"
            self.is_good &= largest <= case.wanted
            self.cells.setdefault(row, []).append(f"{largest:.4f}, {mean:.5f}")
            print(f"  {row} {case.variables or ''}: {self.cells[row][-1]}, wanted {case.wanted}", flush=True)

    def table(self) -> str:
        width = len(HEADER) - 1
        return table(HEADER, [[row, *(cells + [""] * width)[:width]] for row, cells in self.cells.items()])

    def lacks(self, program: Program, why: object) -> None:
        self.notes.append(f"{program.name} was left out: {why}.")
        print(self.notes[-1], flush=True)

    def failed(self, program: Program, what: object) -> None:
        self.lacks(program, what)
        self.is_good = False


def told_by(program: Program, python: Path, cases: Sequence[Case], config: Path | None = None) -> Any:
    """Run a program's script over cases; return what it tells. config: $OCIO. Raises RuntimeError if it fails."""
    jobs = Path(cases[0].job["out"]).with_name("jobs.json")
    jobs.write_text(json.dumps([case.job for case in cases]))
    told = jobs.with_suffix(".told")
    told.unlink(missing_ok=True)
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "OCIO")}
    own = kept | cases[0].variables | ({} if config is None else {"OCIO": str(config)})
    command = [python, Path(__file__).with_name(program.script), jobs]
    done = subprocess.run(command, capture_output=True, text=True, env=own, timeout=TIMEOUT, check=False)
    if done.returncode or not told.exists():
        words = (done.stderr.strip() or done.stdout.strip() or "no word").splitlines()
        raise RuntimeError(f"it ended with {done.returncode}: {words[-1]}")
    return json.loads(told.read_text())


def blender(program: Program, files: Files, aces: dict[str, Written], report: Report) -> Written | None:
    """Its own config, extended, and those of ACES; return the first."""
    try:
        python = program.python()
    except Missing as why:
        return report.lacks(program, why)
    (home,) = (python.parents[1] / "lib").glob("python*/site-packages/bpy")
    own = files.config(program.folder, "blender", home)
    fed = {"its own config": own, **aces}
    try:
        for what, written in fed.items():
            for _, group in groupby(of_blender(files, written, what), lambda case: case.variables):
                cases = list(group)
                told = told_by(program, python, cases, file_of(written))
                if not all(space.startswith("sRGB") for space in told["bytes"]):
                    raise RuntimeError(f"8-bit images are taken for {told['bytes'][0]} with {what}")
                report.add(f"Blender {told['version']}", cases)
    except RuntimeError as what:
        report.failed(program, what)
    return own


def tlrender(files: Files, configs: dict[str, Written], report: Report) -> None:
    try:
        python = TLRENDER.python()
    except Missing as why:
        return report.lacks(TLRENDER, why)
    cases = list(of_tlrender(files, configs))
    try:
        report.add(f"tlRender {told_by(TLRENDER, python, cases)['version']}", cases)
    except RuntimeError as what:
        report.failed(TLRENDER, what)


def main() -> int:
    PLACE.mkdir(parents=True, exist_ok=True)
    report = Report()
    with tempfile.TemporaryDirectory(dir=PLACE) as folder:
        files = Files(Path(folder))
        aces = {"config of ACES": files.config("aces", "cg-config")}
        aces["the same as `.ocioz`"] = files.config("aces.ocioz", "cg-config")
        configs = dict(aces)
        for program in BLENDERS:
            if (own := blender(program, files, aces, report)) is not None:
                configs[f"config of {program.name}"] = own
        tlrender(files, configs, report)
    facts = {"date": date.today(), "lattice": lattice.__version__, "ocio": version("opencolorio")}
    page = "\n".join([INTRO.format(**facts), report.table(), *(f"\n{note}" for note in report.notes)])
    if not report.cells:
        print("nothing ran: the page stays as it is")
        return 1
    PAGE.write_text(page + "\n")
    print(f"{PAGE.relative_to(ROOT)} is written" + ("" if report.is_good else "; not all is as wanted"))
    return 0 if report.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
