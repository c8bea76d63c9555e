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

from lattice.export.hosts import HOSTS, Host, in_filter, in_tcl
from lattice.export.recipe import FORMS, LOG, choose, is_exact
from lattice.export.write import names

PAGE = ROOT / "docs" / "hosts-luts.md"
FIRST = "\n## "


def told(name: str, host: Host, suffix: str, asked: str | None) -> list[str]:
    """The lines of a build."""
    target = Path(f"/show/premier{suffix}")
    if is_exact(suffix):
        return host.told("sdev", [target], {"curve": "", "primaries": "Rec.709", "gives": "Rec.709 sRGB"})
    recipe = choose(suffix, name, asked, None, "Rec.709")
    words = {"curve": recipe.space.name, "primaries": "Rec.709", "gives": "Rec.709 sRGB"}
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
    for name, host in HOSTS.items():
        shown = "\n\n".join("\n".join([f"$ {typed}", *lines]) for typed, lines in blocks(name, host))
        parts.append(f"\n## {host.title}\n\n```\n{shown}\n```\n")
    return "".join(parts)


def test_the_page_has_the_lines_that_a_build_prints() -> None:
    text = PAGE.read_text()
    found = text[text.index(FIRST) :]
    assert found == page(), f"{PAGE} from its first host on:\n{page()}"


def test_every_step_is_on_the_page() -> None:
    shown = page()
    for name, host in HOSTS.items():
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
    words = dict.fromkeys(("curve", "primaries", "gives"), "")
    typed = HOSTS["rv"].told("light", [Path("a b.csp")], words)[1]
    assert shlex.split(typed)[2] == "a b.csp"
