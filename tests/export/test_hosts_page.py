"""The settings of programs in docs/hosts-luts.md are the lines that `lattice build --for` prints."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from basics import ROOT

from lattice.choices import HOSTS
from lattice.export.hosts import Host, hosts, in_filter, in_tcl
from lattice.export.recipe import FORMS, LOG, choose, is_exact
from lattice.export.write import names

PAGE = ROOT / "docs" / "hosts-luts.md"
FIRST = "\n## "


def told(name: str, host: Host, suffix: str, asked: str | None) -> list[str]:
    """The lines of a build."""
    target = Path(f"/show/premier{suffix}")
    if is_exact(suffix):
        return host.told("sdev", [target], {"curve": "", "primaries": "Rec.709", "gives": "Rec.709 sRGB", "size": ""})
    recipe = choose(suffix, name, asked, None, "Rec.709")
    words = {"curve": recipe.space.name, "primaries": "Rec.709", "gives": "Rec.709 sRGB", "size": f"{recipe.size}"}
    return host.told(recipe.kind(recipe.is_split), names(target, 1 + recipe.is_split), words)


def blocks(name: str, host: Host) -> Any:
    """What to type for each kind of file of a program, and what it prints then."""
    seen = set()
    for suffix in host.suffixes:
        usual = None if is_exact(suffix) or host.input is None else host.input
        others = [] if is_exact(suffix) or host.shaper == "none" or FORMS[suffix].shaper == "none" else ["Rec.709", LOG]
        for asked in dict.fromkeys([usual, *others]):
            typed = f"lattice build premier -o /show/premier{suffix} --for {name}"
            typed += f" --input {asked}" if asked not in (usual, None) else ""
            lines = told(name, host, suffix, asked)
            key = re.sub(r"\.\w+", "", " ".join(lines))
            if key not in seen:
                seen.add(key)
                yield typed, lines


def page() -> str:
    parts = []
    for name, host in hosts().items():
        shown = "\n\n".join("\n".join([f"$ {typed}", *lines]) for typed, lines in blocks(name, host))
        parts.append(f"\n## {host.title}\n\n```\n{shown}\n```\n")
    return "".join(parts)


def test_the_page_has_the_lines_that_a_build_prints() -> None:
    text = PAGE.read_text()
    found = text[text.index(FIRST) :]
    assert found == page(), f"{PAGE} from its first host on:\n{page()}"


def test_every_step_is_on_the_page() -> None:
    shown = page()
    for name, host in hosts().items():
        assert f"--for {name}" in shown
        for kind, lines in host.steps.items():
            first = re.split(r"\$\w+", lines[0])[0].strip()
            assert first in shown, (name, kind)


@pytest.mark.parametrize("name", ["plain.cube", "a b's.cube", "x:y,[z];\\.cube", "\u00fc.cube"])
def test_a_path_is_quoted_for_a_filter(name: str, tmp_path: Path) -> None:
    if shutil.which("ffmpeg") is None:
        pytest.skip("no ffmpeg here")
    (tmp_path / name).write_text("LUT_3D_SIZE 2\n" + "0 0 0\n" * 8)
    command = f"ffmpeg -v error -f lavfi -i color=white:s=2x2 -frames:v 1 -vf 'lut3d={in_filter(Path(name))}' -f null -"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    wrong = command.replace("lut3d=", "lut3d=no")
    done = subprocess.run(["sh", "-c", wrong], cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert done.returncode != 0


def test_a_path_is_quoted_for_nuke() -> None:
    assert in_tcl(Path("/a/b-c_1.cube")) == "/a/b-c_1.cube"
    assert in_tcl(Path('/a b/[x]"$.cube')) == r'"/a b/\[x\]\"\$.cube"'
    words = dict.fromkeys(("curve", "primaries", "gives", "size"), "")
    typed = hosts()["rv"].told("light", [Path("a b.csp")], words)[1]
    assert shlex.split(typed)[2] == "a b.csp"


@pytest.mark.parametrize("name", ["plain-1.spi3d", "a b's.spi3d", "x: y, {z} #1.spi3d", "- a.spi3d", "\u00fc.spi3d"])
def test_a_path_is_quoted_for_yaml(name: str) -> None:
    yaml = pytest.importorskip("yaml")
    words = dict.fromkeys(("curve", "primaries", "gives", "size"), "")
    for kind in ("split", "light", "codes"):
        lines = hosts()["ocio1"].told(kind, [Path(f"one {name}"), Path(name)], words)  # type: ignore[arg-type]  # a Kind
        found = [yaml.safe_load(line[line.index("{") :])["src"] for line in lines if "{src" in line]
        assert found == ([f"one {name}", name] if kind == "split" else [name])


def test_the_names_of_options_are_those_of_programs() -> None:
    assert tuple(hosts()) == HOSTS


@pytest.mark.parametrize(
    ("host", "suffix", "asked", "says", "never"),
    [
        ("resolve", ".cube", "ACEScg", "to ACEScg and gamma Linear", "Rec.709 (D65"),
        ("rv", ".csp", "LogC3", "ARRI LogC3 EI800 codes of ARRI Wide Gamut 3 primaries", "Rec.709 primaries"),
        ("obs", ".cube", "LogC3", "ARRI LogC3 EI800 codes of ARRI Wide Gamut 3", "sRGB codes"),
        ("nuke", ".cube", "ACEScg", "ACEScg is Nuke's own light with an OCIO config of ACES", "Rec.709 is"),
        ("nuke", ".cube", "Rec.2020", "put an OCIOColorSpace to linear Rec.2020 before", "is Nuke's own light"),
    ],
)
def test_steps_are_of_the_input_that_is_asked_for(host: str, suffix: str, asked: str, says: str, never: str) -> None:
    recipe = choose(suffix, host, asked, None, "Rec.709")
    words = {"curve": recipe.space.name, "primaries": recipe.primaries, "gives": "PQ", "size": "33"}
    lines = "\n".join(hosts()[host].told(recipe.kind(False), [Path("a.cube")], words))
    assert says in lines
    assert never not in lines


def test_the_sdevs_step_in_nuke_says_which_light_is_its_own() -> None:
    words = {"curve": "", "primaries": "ACEScg", "gives": "PQ", "size": ""}
    told = hosts()["nuke"].told("sdev", [Path("a.clf")], words)[-1]
    assert told.strip() == (
        "ACEScg is Nuke's own light with an OCIO config of ACES; with OCIO config nuke-default put an OCIOColorSpace "
        "to linear ACEScg before"
    )


def test_unreals_step_has_the_size_that_is_written() -> None:
    words = {"curve": "sRGB", "primaries": "Rec.709", "gives": "PQ", "size": "32"}
    assert "1024x32 pixels, 32 nodes a side; 256x16 is" in hosts()["unreal"].told("codes", [Path("a.png")], words)[2]
