"""`lattice build` of LUTs, `convert`, `luts`, `info` of LUT files as typed: what is written, a line for mistakes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import require
from cli_samples import DONE, refused
from text_lut_samples import corpus

from lattice.export.hosts import TRIED, hosts
from lattice.export.recipe import is_exact
from lattice.files.luts import register
from lattice.files.luts.register import REGISTER
from lattice.sdev import Lut, load
from lattice.types import LatticeError


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_look_is_built_into_a_lut_and_says_what_it_lost(run: Any, here: Path) -> None:
    result = run("build", "premier", "-o", "a.cube", "--size", "9")
    assert (result.code, result.err) == (DONE, "")
    first, second, third = result.out.splitlines()
    assert first == "a.cube: takes linear light, Rec.709 primaries, 0 to 46.08, gives Rec.709 sRGB"
    assert second.startswith("9^3 of the exact chain; against it, CIEDE2000 mean/p99/max: natural ")
    assert third.startswith("the loss: light below 0 and above 46.08 is held to these ends; between 9 nodes a side it")
    assert run("build", "premier", "-o", "a.cube", "--size", "9").code == DONE
    refused(run("build", "premier", "-o", "a.cube", "--size", "10"), "a.cube: exists already; --overwrite replaces it")
    assert run("build", "premier", "-o", "a.cube", "--size", "10", "--overwrite").code == DONE
    assert isinstance(load("a.cube"), Lut)


def test_options_of_a_look_are_inside_its_lut(run: Any, here: Path) -> None:
    built = {}
    for name, options in {
        "plain": (),
        "bright": ("--exposure", "1"),
        "lit": ("--printer-lights", "20,25,25"),
        "shown": ("--display", "p3-dci"),
        "wide": ("--input", "ACEScg"),
    }.items():
        assert run("build", "premier", "-o", f"{name}.cube", "--size", "9", *options).code == DONE
        built[name] = load(f"{name}.cube")
    gray = np.full((1, 1, 3), 0.18, np.float32)
    codes = {name: lut.apply(gray)[0, 0] for name, lut in built.items()}
    assert codes["bright"].min() > codes["plain"].max() + 0.1
    assert codes["lit"][0] > codes["plain"][0] + 0.02  # less red light prints lighter
    assert built["shown"].provenance["output"] == "P3-DCI 2.6"
    assert np.abs(codes["shown"] - codes["plain"]).max() > 0.01
    assert built["wide"].provenance["input"] == "ACEScg"
    assert codes["wide"] == pytest.approx(codes["plain"], abs=0.02)  # gray stays, but for a lattice of 9


@pytest.mark.parametrize("host", hosts())
def test_every_program_gets_a_lut_and_is_told_how(host: str, run: Any, here: Path) -> None:
    for suffix in hosts()[host].suffixes:
        size = () if is_exact(suffix) else ("--size", "4")
        result = run("build", "premier", "-o", f"a{suffix}", "--for", host, *size)
        assert (result.code, result.err) == (DONE, "")
        head, *told = result.out[result.out.index(f"in {hosts()[host].title}, ") :].splitlines()
        assert head.endswith(f"{TRIED[hosts()[host].tried]}:")
        assert told
        assert all(line.startswith("  ") and "$" not in line for line in told)
        assert f"a{suffix}" in " ".join(told)
        assert register.read(Path(f"a{suffix}")).nodes


def test_nuke_gets_nodes_to_paste(run: Any, here: Path) -> None:
    out = run("build", "premier", "-o", "a.cube", "--for", "nuke", "--size", "4").out
    node = f"    Vectorfield {{ vfield_file {here}/a.cube colorspaceIn AlexaV3LogC colorspaceOut sRGB }}"
    assert node in out.splitlines()
    out = run("build", "premier", "-o", "a b$.clf", "--for", "nuke").out
    assert f'    OCIOFileTransform {{ file "{here}/a b\\$.clf" }}' in out.splitlines()


def test_unreal_gets_a_strip_of_slices(run: Any, here: Path) -> None:
    out = run("build", "premier", "-o", "a.png", "--for", "unreal").out
    assert "it is straight, trilinear; it is rounded to 8 bits\n" in out
    held = register.read(Path("a.png"))
    assert run("build", "premier", "-o", "b.cube", "--input", "sRGB", "--size", "16").code == DONE
    nodes, wanted = (each.nodes[0].nodes for each in (held, register.read(Path("b.cube"))))  # type: ignore[attr-defined]
    assert np.abs(nodes - np.clip(wanted, 0, 1)).max() <= 0.5 / 255 + 1e-6
    assert run("convert", "a.png", "c.cube").out == "c.cube: the same pixels\n"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("a.cube --for resolve --split", "a.cube: resolve does not take a LUT of --split: leave it out"),
        ("a.cube --for premiere --input ACEScg", "premiere takes codes from 0 to 1"),
        ("a.cube --for unreal", "expected a name ending in .png"),
    ],
)
def test_what_a_program_does_not_take_is_refused(typed: str, says: str, run: Any, here: Path) -> None:
    refused(run("build", "premier", "-o", *typed.split()), says)
    assert not os.listdir()


def test_a_ctf_is_the_sdev_itself(run: Any, here: Path, premier: Any) -> None:
    assert run("build", "premier", "-o", "a.ctf").out == "a.ctf: takes linear Rec.709, gives Rec.709 sRGB\n"
    assert run("build", "premier", "-o", "a.ctf").code == DONE
    light = 0.18 * 2.0 ** np.random.default_rng(1).uniform(-6, 5, (1, 500, 3))
    assert np.abs(load("a.ctf").apply(light) - premier.apply(light)).max() < 1e-4
    Path("b.ctf").write_text("theirs")
    refused(run("build", "premier", "-o", "b.ctf"), "b.ctf: exists already")


def test_a_shaper_in_a_file_of_its_own(run: Any, here: Path) -> None:
    out = run("build", "premier", "-o", "a.cube", "--size", "5", "--split").out
    assert out.startswith("a.shaper.cube then a.cube: takes linear light")
    out = run("build", "premier", "-o", "b.spi3d", "--size", "5").out
    assert out.startswith("b.spi1d then b.spi3d: takes linear light")
    assert set(os.listdir()) == {"a.shaper.cube", "a.cube", "b.spi1d", "b.spi3d"}


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("a.txt", "a.txt: expected a name ending in .clf"),
        ("a.3dl", "input: a .3dl takes codes from 0 to 1"),
        ("a.cube --for photshop", "did you mean 'photoshop'?"),
        ("a.vf --for resolve", "a.vf: for resolve: expected a name ending in .cube"),
        ("a.cube --size 0", "size: expected 2 to 129"),
        ("a.cube --size 999999999", "size: expected 2 to 129"),
        ("a.cube --size 2.5", "whole number"),
        ("a.png --input sRGB --size 33", "a Hald image holds"),
        ("a.cube --input LogC33", "did you mean"),
        ("a.cube --input LogC3/Log", "input: "),
        ("a.clf --input LogC3", "a.clf: an SDev takes linear light, not codes of ARRI LogC3 EI800"),
        ("a.cube --sampled", "leave out --sampled"),
        ("a.cube --interpolation trilinear", "leave out --interpolation"),
        ("a.csp --split", "--split is for a .cube"),
        ("a.cube --display nowhere", "display"),
        ("a.cube --exposure 99", "exposure"),
        ("none/a.cube --size 5", "expected an existing folder, got none at none"),
    ],
)
def test_mistakes_of_a_build_are_one_line(typed: str, says: str, run: Any, here: Path) -> None:
    refused(run("build", "premier", "-o", *typed.split()), says)
    assert not os.listdir()


def test_convert_says_what_became_of_the_pixels(run: Any, here: Path) -> None:
    source = corpus() / "resolve_cube_LogC_Video.cube"
    result = run("convert", source, "a.csp")
    assert (result.code, result.err, result.out) == (DONE, "", "a.csp: the same pixels over 0 to 1\n")
    result = run("convert", source, "b.clf", "--takes", "logc3", "--gives", "rec1886")
    assert result.out.splitlines()[0] == "b.clf: the same pixels"
    result = run("convert", source, "c.clf", "--fit", "--size", "9")
    assert result.out.startswith("c.clf: an SDev of 9^3 tetrahedral, fitted; over 0 to 1 codes differ by ")
    result = run("convert", source, "d.cube", "--domain", "-0.1,1.5", "--size", "9")
    assert result.out.startswith("d.cube: resampled; over -0.1 to 1.5 codes differ by ")
    for typed in ("2,1", "1", "a,b", "0,inf", "nan,1", "1,2,3", "-1e7,1"):
        refused(run("convert", source, "e.cube", f"--domain={typed}"), "--domain: expected two numbers that rise")
    refused(run("convert", source, "a.csp", "--size", "5"), "a.csp: exists already; --overwrite")
    refused(run("convert", "none.cube", "e.csp"), "none.cube")
    refused(run("convert", source, "e.look"), "only read")
    assert set(os.listdir()) == {"a.csp", "b.clf", "c.clf", "d.cube"}


def test_info_says_what_a_lut_file_is_made_of(run: Any, here: Path) -> None:
    for path in sorted(corpus().iterdir()):
        if path.suffix.lower() not in register.SUFFIXES:
            continue
        result = run("info", path)
        try:
            register.read(path)
        except LatticeError:
            refused(result, path.name)
            continue
        assert (result.code, result.err) == (DONE, "")
        assert load(path).sha256 in result.out
    out = run("info", corpus() / "resolve_cube_LogC_Video.cube").out
    assert "stage              1D LUT, 16 entries, over 0 to 1\n" in out
    assert "stage              3D LUT 4^3, tetrahedral\n" in out
    refused(run("info", "none.cube"), "none.cube")


def test_luts_lists_every_format_and_program(run: Any) -> None:
    result = run("luts")
    assert (result.code, result.err) == (DONE, "")
    formats, programs = (part.splitlines() for part in result.out.split("\n\n"))
    assert len(formats) == len(REGISTER)
    for line, each in zip(formats, REGISTER, strict=True):
        assert line.startswith(" ".join(each.suffixes))
        assert each.name in line
        assert line.endswith("read, written" if each.write else "read")
    assert [line.split()[1] for line in programs] == list(hosts())
    assert all(hosts()[line.split()[1]].title in line for line in programs)


def test_a_hald_image_is_converted_by_name(run: Any, here: Path) -> None:
    if not (corpus() / "hald.6.hefe.png").is_file():
        require("luts", "no Hald image there")
    result = run("convert", corpus() / "hald.6.hefe.png", "a.cube")
    assert result.code == DONE, result.err
    assert load("a.cube").stages


def test_the_loss_is_measured_as_the_pasted_steps_interpolate(run: Any, here: Path) -> None:
    said = {}
    for name, words in {
        "tetrahedral": (),
        "nuke": ("--for", "nuke", "--input", "Rec.709"),
        "rv": ("--for", "rv"),
    }.items():
        target = "a.csp" if name == "rv" else "a.cube"
        said[name] = run("build", "premier", "-o", target, "--size", "9", "--overwrite", *words).out.splitlines()
    assert "interpolation tetrahedral" in said["nuke"][5]
    assert said["nuke"][1:3] == said["tetrahedral"][1:3]
    assert said["nuke"][2].endswith("straight, tetrahedral")
    assert said["rv"][2].endswith("straight, trilinear")
    assert said["rv"][1] != said["nuke"][1]


def test_the_advice_on_primaries_is_no_loop(run: Any, here: Path) -> None:
    assert run("build", "premier", "-o", "wide.clf", "--input", "AWG3").code == DONE
    words = ("convert", "wide.clf", "x.cube", "--overwrite", "--input")
    said = run(*words, "LogC3/Rec.709", "--size", "9").out
    assert "Rec.709 primaries inside a LUT cost most of this: convert them in the program, and take a LUT of " in said
    assert "--input 'LogC3/ARRI Wide Gamut 3', or --size 65" in said
    assert "cost most" not in run(*words, "LogC3/ARRI Wide Gamut 3", "--size", "9").out
    assert "--size" not in run(*words, "LogC3/Rec.709", "--size", "65").out
    build = ("build", "premier", "--input", "LogC3", "--overwrite", "-o", "b.cube")
    assert "--input LogC3/Rec.709, or --size 33\n" in run(*build, "--for", "premiere", "--size", "9").out
    assert "--input LogC3/Rec.709\n" in run(*build, "--for", "premiere").out


def test_programs_that_read_the_sdev_itself_say_so(run: Any, here: Path) -> None:
    rows = {line.split()[1]: line for line in run("luts").out.splitlines() if line.startswith("--for ")}
    assert rows["oiiotool"].endswith("oiiotool 3.2: the SDev itself, or a LUT of 33^3 that takes linear light")
    assert rows["blender"].endswith("Blender: the SDev itself")
    assert rows["resolve"].endswith("DaVinci Resolve: a LUT of 65^3 that takes linear light")


def test_the_command_line_reads_no_program(here: Path) -> None:
    code = (
        "import sys, lattice.cli, lattice.export.hosts as h; print(h.hosts.cache_info().misses, 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["0", "False"]
