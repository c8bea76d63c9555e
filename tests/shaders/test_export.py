"""The files of an exported shader: names, what is in them, what is refused; the sub-command."""

from __future__ import annotations

import json
import re
from ctypes import Structure, c_float, c_int
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import ROOT, grid, make_device, one_line, random_device
from cli_samples import refused

from lattice.cli import shader as command
from lattice.interp.shader import padded_nodes, table_memory
from lattice.process_list import Matrix, ProcessList
from lattice.sdev import Lut, SDev, load
from lattice.shaders import LANGUAGES, export
from lattice.shaders.numbers import BRACES, GLSL, WGSL, value_text

DATA = ["made-up.json", "made-up.nodes.bin", "made-up.table.bin"]
ODD = 'a/b\\\n"c" ??/ \u00e9 */ \x1b[2J'


def sdev(size: int = 3, name: str = "made up", **facts: str) -> SDev:
    device = replace(
        random_device("trilinear", size), provenance={"input": "Rec.709", "output": "Rec.709 sRGB", **facts}
    )
    return SDev.from_device(replace(device, name=name))


def smooth(size: int = 3, name: str = "made up") -> SDev:
    return SDev.from_device(replace(make_device(grid(size)), name=name))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_writes_its_text_and_the_data_that_it_reads(language: str, folder: Path) -> None:
    written = export(smooth(), language, folder / "new")
    text = f"{'made_up' if language == 'osl' else 'made-up'}.{LANGUAGES[language].suffix}"
    assert names(folder / "new") == sorted([text, *DATA] if LANGUAGES[language].has_files else [text])
    assert sorted(path.name for path in written) == names(folder / "new")
    said = written[0].read_text(encoding="ascii")
    assert smooth().sha256 in said
    assert "$" not in said
    before = written[0].stat().st_mtime_ns
    assert export(smooth(), language, folder / "new") == written
    assert written[0].stat().st_mtime_ns == before


def test_the_data_are_what_the_engines_read(tmp_path: Path) -> None:
    device = sdev(5)
    export(device, "wgsl", tmp_path)
    facts = json.loads((tmp_path / "made-up.json").read_text())
    texels = {}
    for name, about in facts["textures"].items():
        values = np.fromfile(tmp_path / about["file"], "<f4")
        texels[about["holds"]] = values.reshape(about["height"] * about["width"], 4)
        assert about["format"] == "RGBA32F"
        assert name in (tmp_path / "made-up.wgsl").read_text()
    assert np.array_equal(texels["table"][:, :3].T, table_memory(device))
    wanted = padded_nodes(device.lattice.nodes)
    assert np.array_equal(texels["nodes"][: len(wanted)], wanted)
    assert not texels["nodes"][len(wanted) :].any()
    assert facts["sha256"] == device.sha256
    assert (facts["input"], facts["output"]) == ("Rec.709", "Rec.709 sRGB")


def test_languages_share_the_data_of_a_look(folder: Path) -> None:
    for language in LANGUAGES:
        export(smooth(), language, folder)
    assert len(names(folder)) == len(LANGUAGES) + len(DATA)


@pytest.mark.parametrize("taken", ["made-up.hlsl", "made-up.nodes.bin"])
def test_a_name_that_is_taken_is_refused_before_anything_is_written(taken: str, folder: Path) -> None:
    (folder / taken).write_text("of somebody")
    one_line(lambda: export(sdev(), "hlsl", folder), taken, "--overwrite")
    assert names(folder) == [taken]
    export(sdev(), "hlsl", folder, overwrite=True)
    assert names(folder) == sorted(["made-up.hlsl", *DATA])


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_name_of_a_look_is_safe(language: str, folder: Path) -> None:
    for path in export(smooth(name=ODD), language, folder):
        assert re.fullmatch(r"[\w.-]+", path.name, re.ASCII)
        assert path.parent == folder
    text = next(path for path in folder.iterdir() if path.suffix not in (".bin", ".json")).read_text(encoding="ascii")
    comment = next(line for line in text.splitlines() if "The look" in line)
    assert comment.startswith("// The look a/b")
    assert "\\" not in comment
    assert export(smooth(name="???"), language, folder)[0].name.startswith(("look.", "___."))


@pytest.mark.parametrize(
    ("facts", "takes", "gives"),
    [
        ({"input": "ACEScg"}, "scene-linear light, 0.18 = mid gray, primaries ACEScg", "code values, 0 to 1, P3 2.6"),
        ({"takes": "LogC3 codes, Rec.709 primaries"}, "LogC3 codes, Rec.709 primaries", "code values, 0 to 1, P3 2.6"),
        ({}, "codes or light: its file does not say which", "code values, 0 to 1, P3 2.6"),
        (
            {"output": ""},
            "codes or light: its file does not say which",
            "code values, 0 to 1, of a display that its file does not say",
        ),
    ],
)
def test_the_head_says_what_is_taken_and_given(facts: dict[str, str], takes: str, gives: str, tmp_path: Path) -> None:
    told = {key: fact for key, fact in {"output": "P3 2.6", **facts}.items() if fact}
    text = export(replace(smooth(), provenance=told), "wgsl", tmp_path)[0].read_text()
    assert f"//   takes   {takes}\n//   gives   {gives}\n" in text
    said = json.loads((tmp_path / "made-up.json").read_text())
    assert (said["takes"], said["gives"]) == (takes, gives)


def test_a_stage_takes_or_gives_printing_density(tmp_path: Path) -> None:
    density = "printing density, ADX16 codes, (8000 D + 1520) / 65535"
    for stage, says in (
        ("negative", f"  takes   scene-linear light, 0.18 = mid gray, primaries Rec.709\n//   gives   {density}\n"),
        ("print", f"  takes   {density}\n//   gives   code values, 0 to 1, Rec.709 sRGB\n"),
    ):
        made = load("premier", stage=stage)  # type: ignore[arg-type]
        assert says in export(made, "glsl330", tmp_path)[0].read_text()


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("glsl", "'glsl330' or 'glsl450' or 'glsles300'"),
        ("Metal", "'msl'"),
        ("WebGPU", "'wgsl'"),
        ("Resolve", "'dctl'"),
        ("hsll", "'hlsl'"),
    ],
)
def test_the_names_that_are_meant_are_told(word: str, names: str, tmp_path: Path) -> None:
    one_line(lambda: export(smooth(), word, tmp_path), f"; did you mean {names}?")


def test_what_a_shader_cannot_be_is_refused(tmp_path: Path) -> None:
    lut = Lut.from_list(ProcessList("a matrix", (Matrix(np.eye(3, 4)),)))
    huge = make_device(np.zeros((257, 257, 257, 3), np.float32))
    for asked, language, says in (
        (sdev(), "glsl", ("expected glsl330", "did you mean")),
        (sdev().with_input("LogC3"), "hlsl", ("LogC3", "decode before it")),
        (lut, "hlsl", ("a matrix", "a LUT file of others")),
        (SDev.from_device(huge), "hlsl", ("255^3", "257^3")),
        (smooth(33), "dctl", ("64 KiB", "13^3", "33^3")),
        (smooth(33), "osl", ("64 KiB",)),
    ):
        one_line(lambda asked=asked, language=language: export(asked, language, tmp_path / "new"), *says)
    assert names(tmp_path) == []


def test_the_command_writes_what_it_prints(run: Any, tmp_path: Path) -> None:
    result = run(
        "shader", "premier", "--lang", "glsl330", "-o", tmp_path / "new", "--input", "acescg", "--display", "p3-dci"
    )
    assert result.code == 0
    assert sorted(result.out.split()) == sorted(str(path) for path in (tmp_path / "new").iterdir())
    text = (tmp_path / "new" / "premier.330.frag").read_text()
    assert "primaries ACEScg" in text
    assert "P3-DCI" in text


def test_the_command_refuses_in_one_line(run: Any, tmp_path: Path) -> None:
    refused(run("shader", "premier", "--lang", "glsl", "-o", tmp_path), "language: expected glsl330")
    refused(run("shader", "premier", "-o", tmp_path), "--lang is missing")
    refused(run("shader", "premier", "--lang", "hlsl", "-o", tmp_path, "--input", "LogC3"), "LogC3")
    (tmp_path / "premier.json").write_text("of somebody")
    refused(run("shader", "premier", "--lang", "hlsl", "-o", tmp_path), "premier.json", "--overwrite")
    assert names(tmp_path) == ["premier.json"]


def test_the_command_and_the_page_name_every_language() -> None:
    assert tuple(LANGUAGES) == command.LANGUAGES
    page = (ROOT / "docs" / "shaders.md").read_text()
    rows = [line for line in page.splitlines() if re.match(r"\| `\w+` \|", line)]
    for row, language in zip(rows, LANGUAGES.values(), strict=True):
        assert row.startswith(f"| `{language.name}` | {language.title} | `.{language.suffix}` | {language.checked} | ")


def test_numbers_that_the_device_gains_are_taken_up() -> None:
    class Inner(Structure):
        _fields_ = [("one", c_float), ("two", c_int * 2)]

    class Numbers(Structure):
        _fields_ = [("size", c_int), ("inner", Inner * 2), ("more", c_float)]

    given = Numbers(3, (Inner * 2)(Inner(0.5, (c_int * 2)(1, 2)), Inner(2.0**-60, (c_int * 2)(3, 4))), 7)
    assert value_text(given, BRACES) == "{3, {{0.5f, {1, 2}}, {8.67361738e-19f, {3, 4}}}, 7.0f}"
    inner = "LatticeInner(0.5f, int[2](1, 2)), LatticeInner(8.67361738e-19f, int[2](3, 4))"
    assert value_text(given, GLSL) == f"LatticeDevice(3, LatticeInner[2]({inner}), 7.0f)"
    assert "array<LatticeInner, 2>(LatticeInner(0.5f, array<i32, 2>(1, 2))" in value_text(given, WGSL)
