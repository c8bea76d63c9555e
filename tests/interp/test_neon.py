"""The engine cross-compiled for AArch64 and run under an emulator: NEON's bits are those of every other set."""

from __future__ import annotations

import shutil
import subprocess
from collections import defaultdict
from pathlib import Path
from platform import machine

import pytest
from basics import ROOT, require
from compiling import SHADER, SOURCE, build

pytestmark = [pytest.mark.slow, pytest.mark.external]

DRIVER = ROOT / "tests" / "samples" / "neon" / "driver.cpp"
CROSS, EMULATOR = "aarch64-linux-gnu-g++", "qemu-aarch64-static"
DEVICES, CASES = 10, 2 * 17  # as the driver has them; cases are a device's interpolations times pictures

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


def sources(folder: Path, *vectors: str) -> list[Path]:
    return [DRIVER, *(folder / f"{name}.cpp" for name in ("native", "portable", *vectors))]


def built_for_arm(folder: Path, source: Path, *options: str) -> Path:
    """The driver with the engine's text of `source`."""
    for tool, package in ((CROSS, "g++-aarch64-linux-gnu"), (EMULATOR, "qemu-user-static")):
        if shutil.which(tool) is None:
            require("neon", f"no {tool}; on Debian and Ubuntu: apt-get install {package}")
    return build(CROSS, sources(source, "neon"), folder / "driver", *options, link=["-static"])


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


def test_a_change_of_neon_alone_is_caught(tmp_path: Path) -> None:
    shutil.copytree(SOURCE, tmp_path / "cpp")
    for part in SHADER:
        shutil.copy(part, tmp_path)
    lanes = tmp_path / "cpp" / "lanes_neon.h"
    old, new = "return vfmaq_f32(c, a, b);", "return vaddq_f32(c, vmulq_f32(a, b));"
    assert old in lanes.read_text()
    lanes.write_text(lanes.read_text().replace(old, new))
    changed = built_for_arm(tmp_path, tmp_path / "cpp", "-O1")
    assert any(len(set(sums.values())) > 1 for sums in checksums(EMULATOR, changed, devices=1).values())
