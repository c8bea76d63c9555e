"""What `make bench-quick` measures: building, the native engine, the commands' start, a sequence."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import regrade
from figures import Figure
from own_engines import PLANES, native_name, ours
from peer_engines import open_color_io
from regrade import FLOOR, OURS, commands, write_frames
from timing import seconds_in_turn
from work import Case, Work, encoded_picture, in_planes, scene_picture, worst_error

import lattice
from lattice.build.device import build_device
from lattice.interp import native
from lattice.regrade.frame.color import grade_color, together
from lattice.types import INTERPOLATIONS
from lattice.view.author import DRAG_SIZE, error

LOOK, PICTURE = "premier", "noise"
FRAME, TWO_K = (2160, 4096), (1080, 2048)  # rows, columns
FRAMES = 12  # of a sequence
BUILDS, STARTS, SEQUENCES = 5, 7, 3  # repeats
MOST_MISSED = {False: 0.25, True: 1.0}  # CIEDE2000, 99 of 100 natural colors: fitted 13^3, sampled 25^3
MEGA, KILO = 1e6, 1e3
# Builds as where nothing is compiled; a process of its own, because the library is found once.
BY_NUMPY = """
import json, sys
from lattice.interp import native
native._library = lambda path: "left out"
import quick_works
print(json.dumps(quick_works.build_seconds(False)))
"""


def build_seconds(sampled: bool) -> list[float]:
    """Seconds of each build of the look, one thread; sampled: of the one that is dragged. Checked before."""
    profile = lattice.profile(LOOK)
    profile = profile.replace(size=DRAG_SIZE) if sampled else profile
    missed = error(build_device(profile, sampled), profile)["p99"]
    if not missed <= MOST_MISSED[sampled]:
        sys.exit(f"{LOOK}: built {missed:.2f} CIEDE2000 off, expected {MOST_MISSED[sampled]} at most")
    return seconds_in_turn({LOOK: lambda: build_device(profile, sampled)}, BUILDS)[LOOK]


def builds() -> Iterator[tuple[str, Figure]]:
    """Milliseconds of a build, of one without anything compiled, and of one that is dragged."""
    done = subprocess.run([sys.executable, "-c", BY_NUMPY], capture_output=True, text=True, check=True)
    taken = {
        f"build {LOOK}": build_seconds(False),
        f"build {LOOK}, NumPy": json.loads(done.stdout),
        f"sample {LOOK}, {DRAG_SIZE}^3": build_seconds(True),
    }
    for name, seconds in taken.items():
        yield name, Figure.of("ms", [KILO * each for each in seconds])


def engine() -> Iterator[tuple[str, Figure]]:
    """Mpixel/s of the native engine on packed pixels and on planes, and of a frame's color, one thread; and how often
    OpenColorIO's."""
    if native.unavailable_reason() is not None:
        return
    image, out = scene_picture(encoded_picture(PICTURE, *FRAME)), np.empty((*FRAME, 4), np.float16)
    for method in INTERPOLATIONS:
        in_form = {PICTURE: image}, out, {PICTURE: in_planes(image)}, in_planes(out)
        case = Case(f"{LOOK}, {method}", lattice.load(LOOK), method, *in_form)
        packed, of_planes = (work_named(native_name(native.in_use(), 1, form), case) for form in ("", PLANES))
        peer = open_color_io(case, PICTURE)[0]
        for work in (packed, of_planes, peer):
            worst_error(case, PICTURE, work)
        ways = {"native packed": packed.run, "native apply of planes": of_planes.run}
        if method == case.sdev.interpolation:
            ways["grade_color of planes"] = color(case, packed)
        seconds = seconds_in_turn({**ways, "peer": peer.run})
        for name in ways:
            rate = [image[..., 0].size / MEGA / each for each in seconds[name]]
            yield f"{name}, {method}", Figure.of("Mpixel/s", rate)
        yield (
            f"native packed, {method}, of OpenColorIO",
            Figure.of("times as fast", ratios(seconds["peer"], seconds["native packed"])),
        )


def work_named(name: str, case: Case) -> Work:
    """One of our engines."""
    return next(work for work in ours(case, PICTURE) if work.name == name)


def color(case: Case, packed: Work) -> Callable[[], object]:
    """The grade of a frame's color from and to planes of one memory, as a regrade's are; its bits are those of packed
    pixels."""
    source, into = ([planes[..., k] for k in range(3)] for planes in (case.planes[PICTURE], case.planes_out))
    if together(source) is None or together(into) is None:
        sys.exit(f"{case.title}: expected planes of one memory")

    def run() -> object:
        return grade_color(case.sdev, source, None, "grade", "keep", "native", 1, out=into)

    case.planes_out.fill(np.nan)
    run()
    if not np.array_equal(case.planes_out.view(np.uint16), packed.run()[..., :3].view(np.uint16)):
        sys.exit(f"{case.title}: planes differ from packed pixels, expected the same bits")
    return run


def starts(folder: Path) -> Iterator[tuple[str, Figure]]:
    """How long commands take, of a process that imports NumPy."""
    write_frames(folder, 1, TWO_K, "ZIP")
    source, target = folder / "s.0001.exr", folder / "out" / "s.0001.exr"
    command = [sys.executable, "-m", "lattice.cli"]
    works: Mapping[str, list[str]] = {
        "import numpy": [sys.executable, "-c", "import numpy"],
        "--help": [*command, "--help"],
        "info": [*command, "info", LOOK],
        "apply 2K": [*command, "apply", str(source), str(target), "-s", LOOK, "--force"],
    }
    target.parent.mkdir()
    for name, said in {"--help": "regrade", "info": LOOK, "apply 2K": "ok"}.items():
        if said not in subprocess.run(works[name], capture_output=True, text=True, check=True).stdout:
            sys.exit(f"{name}: expected {said!r} in what it prints")
    regrade.check("ZIP", OURS, folder)

    def runner(words: list[str]) -> Callable[[], object]:
        return lambda: subprocess.run(words, capture_output=True, check=True)

    seconds = seconds_in_turn({name: runner(words) for name, words in works.items()}, STARTS)
    for name in tuple(works)[1:]:
        yield name, Figure.of("times as long", ratios(seconds[name], seconds["import numpy"]))


def sequence(folder: Path, codec: str) -> Iterator[tuple[str, Figure]]:
    """How often a regrade writes frames while the OpenEXR package reads and writes one, both with their start."""
    folder = folder / codec
    folder.mkdir()
    write_frames(folder, FRAMES, FRAME, codec)
    steps = commands(folder, folder, FRAMES, codec)
    taken: dict[str, list[float]] = {OURS: [], FLOOR: []}
    for turn in range(SEQUENCES):
        for name, seconds in taken.items():
            seconds.append(regrade.run(steps[name], folder / "out").seconds)
            if not turn:
                regrade.check(codec, name, folder)
    name = "none" if codec == "NO" else codec
    yield f"regrade 4K {name}, of a plain copy", Figure.of("times as fast", ratios(taken[FLOOR], taken[OURS]))


def ratios(some: list[float], others: list[float]) -> list[float]:
    """The ratio in each round."""
    return [one / other for one, other in zip(some, others, strict=True)]
