"""`lattice ocio`: what it prints, and what it refuses before any work."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from basics import write_toml
from cli_samples import DONE, refused
from ocio_configs import xyz_reference

SHOTS = 'sdev = "premier"\n[[shot]]\nname = "sh010"\nin = "a.exr"\nout = "b.exr"\n'


def test_it_says_what_to_type(run: Any, ocio: Any, tmp_path: Path) -> None:
    made = tmp_path / "made"
    done = run("ocio", made, "--sdev", "premier", "--sdev", "vision", "--base", "cg-config")
    assert done.code == DONE, done.err
    lines = done.out.splitlines()
    assert lines[0] == f"{made}: cg-config-v1.0.0_aces-v1.3_ocio-v2.1 with 'SDev premier', 'SDev vision'"
    assert f"  export OCIO={made}/config.ocio" in lines
    assert "  view  'SDev premier' or 'SDev vision', with Look at None" in lines
    assert "  or    view 'Un-tone-mapped' with look 'premier print' or 'vision print'" in lines
    assert (made / "config.ocio").is_file()


def test_it_takes_shots_and_an_archive(run: Any, ocio: Any, tmp_path: Path) -> None:
    table = write_toml(tmp_path / "show.toml", SHOTS)
    made = tmp_path / "Größe & so" / "it's.ocioz"
    made.parent.mkdir()
    done = run("ocio", made, "--shots", table, "--base", "cg-config")
    assert done.code == DONE, done.err
    assert shlex.split(done.out.split("export OCIO=")[1].splitlines()[0]) == [str(made)]
    assert "--ociodisplay:from='Linear Rec.709 (sRGB)'\n" in done.out
    assert "  export SHOT=sh010\n" in done.out.replace("  shot", "")
    assert "without $SHOT hosts show sh010" in done.out


def test_it_extends_a_blender_that_is_named(run: Any, ocio: Any, tmp_path: Path) -> None:
    base = xyz_reference(tmp_path / "cm").parent
    done = run("ocio", tmp_path / "made", "--sdev", "premier", "--base", "blender", "--blender", base)
    assert done.code == DONE, done.err
    assert "  or    view 'Standard' with look 'Standard - premier print'\n" in done.out


def test_it_writes_a_config_of_version_1(run: Any, ocio: Any, tmp_path: Path) -> None:
    done = run("ocio", tmp_path / "made", "--sdev", "premier", "--v1", "--size", "9")
    assert done.code == DONE, done.err
    assert "ocio_profile_version: 1\n" in (tmp_path / "made" / "config.ocio").read_text()
    assert sorted(each.suffix for each in (tmp_path / "made" / "luts").iterdir()) == [".spi1d", ".spi3d"]


REFUSED: dict[str, tuple[list[str], str]] = {
    "no look": ([], "expected an SDev: --sdev NAME, or --shots FILE"),
    "an unknown look": (["--sdev", "premire"], "did you mean 'premier'?"),
    "one unknown look of two": (["--sdev", "premier", "--sdev", "visio"], "no look named 'visio'"),
    "no table": (["--shots", "none.toml"], "none.toml: "),
    "an unknown base": (["--sdev", "premier", "--base", "studio-confg"], "did you mean 'studio-config'?"),
    "a base beside --v1": (["--sdev", "premier", "--v1", "--base", "cg-config"], "leave --base, --blender and --shots"),
    "a size without --v1": (["--sdev", "premier", "--size", "9"], "--size is of the LUTs of --v1"),
    "another Blender's base": (["--sdev", "premier", "--blender", "/b"], "--blender goes with --base blender"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_mistake_is_refused_before_the_work(
    fault: str, run: Any, ocio: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*arguments: Any) -> None:
        raise AssertionError("work was done")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("lattice.hosts.chosen.load_built", never)
    words, says = REFUSED[fault]
    refused(run("ocio", "made", *words), says)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("target", "expected"),
    [("a.ocio", "expected a folder's name"), ("no/folder", "expected an existing folder, got none at")],
)
def test_a_target_is_refused_before_the_work(
    target: str, expected: str, run: Any, ocio: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lattice.hosts.chosen.load_built", None)
    refused(run("ocio", tmp_path / target, "--sdev", "premier"), f"{tmp_path / target}: {expected}")


def test_it_says_how_to_install_what_it_needs(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PyOpenColorIO", None)
    refused(run("ocio", tmp_path / "made", "--sdev", "premier"), "pip install 'lattice-film[ocio]'")
