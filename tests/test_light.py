"""What is imported for what is asked: --help needs no array, a look that is kept no film science."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from basics import ROOT, random_device
from heavy import HEAVY

from lattice.sdev import SDev


def loaded_after(code: str) -> set[str]:
    """Names of the modules that a fresh process holds after running `code`: of ours whole, of others the first word."""
    tell = "import sys; print('MODULES', *{n if n[:8] == 'lattice.' else n.partition('.')[0] for n in sys.modules})"
    program = f"import atexit\natexit.register(lambda: exec({tell!r}))\n{code}"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert "Traceback" not in done.stderr, done.stderr
    return set(done.stdout.rpartition("MODULES")[2].split())


@pytest.mark.parametrize(
    "code",
    [
        "import lattice",
        "import lattice.cli",
        "import sys, lattice.cli; sys.argv = ['lattice', '--help']; lattice.cli.main()",
        "import sys, lattice.cli; sys.argv = ['lattice', '--version']; lattice.cli.main()",
    ],
)
def test_help_is_light(code: str) -> None:
    loaded = loaded_after(code)
    assert "lattice" in loaded
    assert not loaded & HEAVY


def test_help_of_a_command_loads_no_more_than_typer_does() -> None:
    loaded = loaded_after("import sys, lattice.cli; sys.argv = ['lattice', 'regrade', '--help']; lattice.cli.main()")
    assert not loaded & HEAVY
    assert {"lattice.cli.frames"} <= loaded
    assert not loaded & {"lattice.cli.looks", "lattice.cli.view", "lattice.cli.match"}


def test_applying_a_saved_look_needs_no_film_science(tmp_path: Path) -> None:
    SDev.from_device(random_device("trilinear", 3)).save(tmp_path / "look.clf")
    loaded = loaded_after(f"import lattice; lattice.load({str(tmp_path / 'look.clf')!r})")
    assert not loaded & (HEAVY - {"numpy"})


KEPT = {  # what is run with a look that was built, and what heavy it needs
    "import lattice; lattice.load('vision')": {"numpy"},
    "{main}['info', 'vision']; main()": set(),
    "{main}['apply', {frame!r}, {out!r}, '-s', 'vision']; main()": {"numpy", "OpenEXR"},
    "{main}['regrade', {frame!r}, {out!r}, '-s', 'vision', '--display', 'P3-DCI', '--exposure', '1']; main()": {
        "numpy",
        "OpenEXR",
    },
}
OF_BUILDING = ("lattice.build", "lattice.looks.profile", "lattice.looks.load", "lattice.match", "lattice.files.luts")


@pytest.mark.parametrize("code", KEPT)
def test_a_look_that_is_kept_needs_no_film_science(code: str, tmp_path: Path, scene: Path, built: Any) -> None:
    built("vision")
    main = "import sys; from lattice.cli import main; sys.argv = ['lattice'] + "
    for out in ("a.exr", "b.exr"):  # the first may make what the second finds
        loaded = loaded_after(code.format(main=main, frame=str(scene), out=str(tmp_path / out)))
    assert "lattice.looks.digest" in loaded
    assert loaded & HEAVY == KEPT[code]
    assert [name for name in loaded if name.startswith(OF_BUILDING)] == []
