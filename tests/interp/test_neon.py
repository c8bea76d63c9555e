"""The engine cross-compiled for AArch64 and run under an emulator: NEON's bits are those of every other set."""

from __future__ import annotations

import shutil
import subprocess
from collections import defaultdict
from itertools import product
from pathlib import Path
from platform import machine
from typing import Any

import neon_processes
import numpy as np
import pytest
from basics import ROOT, require
from compiling import SHADER, SOURCE, build
from native_samples import bits
from process_samples import NODES

from lattice.interp import native, native_process
from lattice.process_list import ProcessList

pytestmark = [pytest.mark.slow, pytest.mark.external]

DRIVERS = ROOT / "tests" / "samples" / "neon"
CROSS, EMULATOR = "aarch64-linux-gnu-g++", "qemu-aarch64-static"
DEVICES, CASES = 10, 2 * 17  # as the driver has them; cases are a device's interpolations times pictures

FUSED = {"matrix", "curve", "linToLog 2", "monCurveFwd", "CDL", "trilinear", "tetrahedra"}  # whose sums round once

Sums = dict[str, dict[str, str]]  # case to instruction set to checksum


def checksums(*command: str | Path, devices: int = DEVICES) -> Sums:
    """What the driver prints for that many devices."""
    done = subprocess.run([*command, str(devices)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found: Sums = defaultdict(dict)
    for line in done.stdout.splitlines():
        case, instruction_set, checksum = line.split()
        found[case][instruction_set] = checksum
    assert len(found) == devices * CASES
    return found


def sources(folder: Path, *vectors: str, driver: str = "driver") -> list[Path]:
    fits = [f"fit_{name}" for name in ("portable", *vectors) if name != "neon"]
    return [DRIVERS / f"{driver}.cpp", *(folder / f"{name}.cpp" for name in ("native", "portable", *vectors, *fits))]


def built_for_arm(folder: Path, source: Path, *options: str, driver: str = "driver") -> Path:
    """A driver with the engine's text of `source`."""
    for tool, package in ((CROSS, "g++-aarch64-linux-gnu"), (EMULATOR, "qemu-user-static")):
        if shutil.which(tool) is None:
            require("neon", f"no {tool}; on Debian and Ubuntu: apt-get install {package}")
    return build(CROSS, sources(source, "neon", driver=driver), folder / driver, *options, link=["-static"])


def processed(folder: Path, source: Path, *options: str) -> dict[tuple[str, str], list[Any]]:
    """What the engine for ARM gives of every process node, by its name and the instruction set."""
    driver = built_for_arm(folder, source, *options, driver="processes")
    neon_processes.write(NODES.values(), folder / "nodes")
    done = subprocess.run(
        [EMULATOR, driver, folder / "nodes", folder / "found"], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    sets = done.stdout.split()
    assert sets == ["neon", "portable"]
    return neon_processes.read(folder / "found", NODES, sets)


def differ(one: list[Any], other: list[Any]) -> bool:
    """True if a number differs, or is NaN in one alone; which NaN is the processor's own matter."""
    return any(
        not np.array_equal(np.where(np.isnan(a), 0, bits(a)), np.where(np.isnan(b), 0, bits(b)))
        or not np.array_equal(np.isnan(a), np.isnan(b))
        for a, b in zip(one, other, strict=True)
    )


@pytest.fixture(scope="module")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> Sums:
    return checksums(EMULATOR, built_for_arm(tmp_path_factory.mktemp("neon"), SOURCE))


def test_neon_gives_the_bits_of_portable(emulated: Sums) -> None:
    assert {frozenset(sums) for sums in emulated.values()} == {frozenset({"neon", "portable"})}
    assert not [case for case, sums in emulated.items() if len(set(sums.values())) > 1]
    assert len({sums["portable"] for sums in emulated.values()}) == len(emulated)  # no two cases are the same picture


def test_this_processor_gives_the_bits_of_the_emulated_one(emulated: Sums, tmp_path: Path) -> None:
    if shutil.which("c++") is None:
        require("neon", "no C++ compiler")
    vectors = ["avx2", "avx512"] if machine() in ("x86_64", "AMD64") else ["neon"]
    here = checksums(build("c++", sources(SOURCE, *vectors), tmp_path / "driver", "-O1"))
    for case, sums in here.items():
        assert set(sums.values()) == set(emulated[case].values()), f"{case}: {sums} here, {emulated[case]} there"


@pytest.fixture(scope="module")
def nodes_emulated(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], list[Any]]:
    return processed(tmp_path_factory.mktemp("neon-nodes"), SOURCE)


def test_neon_gives_the_bits_of_portable_for_process_nodes(nodes_emulated: dict[tuple[str, str], list[Any]]) -> None:
    assert not [name for name in NODES if differ(nodes_emulated[name, "neon"], nodes_emulated[name, "portable"])]
    floats = {name: nodes_emulated[name, "neon"][3].tobytes() for name in NODES}
    assert len(set(floats.values())) == len(floats)  # no two nodes give the same


def test_process_nodes_of_the_emulated_processor_are_those_of_this_one(
    nodes_emulated: dict[tuple[str, str], list[Any]],
) -> None:
    if (reason := native.unavailable_reason()) is not None:
        require("native", reason)
    for name, node in NODES.items():
        run, here = native_process.runner(ProcessList(name, (node,))), []
        for picture, dtype in product(neon_processes.pictures(), (np.float16, np.float32)):
            here.append(np.empty(picture.shape, dtype))
            run(picture, here[-1])
        assert not differ([each[0] for each in here], nodes_emulated[name, "neon"]), name


def changed_text(folder: Path, file: str, old: str, new: str) -> Path:
    shutil.copytree(SOURCE, folder / "cpp")
    for part in SHADER:
        shutil.copy(part, folder)
    path = folder / "cpp" / file
    assert path.read_text().count(old) == 1
    path.write_text(path.read_text().replace(old, new))
    return folder / "cpp"


PLANES = {str(form) for form in range(8, 12)}  # of three channels, as the driver counts its forms


@pytest.mark.parametrize(
    ("file", "old", "new", "devices", "forms"),
    [
        ("forms.h", "store(planes[k] + W * block,", "store(planes[k],", 1, PLANES),
        ("forms.h", ">> pixel * HALF_BITS", ">> 0 * HALF_BITS", 2, {"9", "11"}),  # halves in
    ],
)
def test_a_change_of_planes_is_caught(
    file: str, old: str, new: str, devices: int, forms: set[str], tmp_path: Path
) -> None:
    changed = built_for_arm(tmp_path, changed_text(tmp_path, file, old, new), "-O1")
    found = checksums(EMULATOR, changed, devices=devices)
    assert {case.split("-")[2] for case, sums in found.items() if len(set(sums.values())) > 1} == forms


def test_a_change_of_neons_octaves_is_caught(tmp_path: Path) -> None:
    source = changed_text(tmp_path, "lanes_neon.h", "splat(0x03020100)", "splat(0x02030100)")
    found = checksums(EMULATOR, built_for_arm(tmp_path, source, "-O1"), devices=3)
    assert {case.split("-")[0] for case, sums in found.items() if len(set(sums.values())) > 1} == {"look"}


def test_a_change_of_neon_alone_is_caught(tmp_path: Path) -> None:
    changed_text(tmp_path, "lanes_neon.h", "return vfmaq_f32(c, a, b);", "return vaddq_f32(c, vmulq_f32(a, b));")
    changed = built_for_arm(tmp_path, tmp_path / "cpp", "-O1")
    assert any(len(set(sums.values())) > 1 for sums in checksums(EMULATOR, changed, devices=1).values())
    found = processed(tmp_path, tmp_path / "cpp", "-O1")
    assert {name for name in NODES if differ(found[name, "neon"], found[name, "portable"])} >= FUSED
