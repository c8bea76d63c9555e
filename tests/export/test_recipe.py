"""Which LUT a suffix and a program get, and what is refused before any work."""

from __future__ import annotations

from pathlib import Path

import pytest
from basics import one_line

from lattice.export.hosts import hosts
from lattice.export.recipe import BRIGHTEST, FORMS, HALDS, LOG, Recipe, check_suffix, choose, is_exact, spaces
from lattice.files.luts.register import BY_SUFFIX


def chosen(suffix: str, asked: str | None = None, size: int | None = None, host: str | None = None) -> Recipe:
    return choose(suffix, host, asked, size, "Rec.709")


@pytest.mark.parametrize("suffix", FORMS)
def test_every_suffix_is_written_and_takes_light_or_says_what_else(suffix: str) -> None:
    assert any(each.write for each in BY_SUFFIX[suffix])
    check_suffix(Path(f"a{suffix}"), None)
    check_suffix(Path(f"A{suffix.upper()}"), None)
    codes = chosen(suffix, LOG)
    assert (codes.shaper, codes.primaries, codes.space.name) == ("none", "Rec.709", "ARRI LogC3 EI800")
    assert "ARRI LogC3 EI800 codes, Rec.709 primaries" in codes.takes
    if FORMS[suffix].shaper == "none":
        one_line(lambda: chosen(suffix), f"input: a {suffix} takes codes from 0 to 1", f"--input {LOG}")
    else:
        assert chosen(suffix).takes == f"linear light, Rec.709 primaries, 0 to {BRIGHTEST:g}"
        assert chosen(suffix, "ACEScg").primaries == "ACEScg"


@pytest.mark.parametrize("host", hosts())
def test_every_program_gets_what_it_reads(host: str) -> None:
    record = hosts()[host]
    for suffix in record.suffixes:
        check_suffix(Path(f"a{suffix}"), host)
        if is_exact(suffix):
            continue
        got = chosen(suffix, host=host)
        assert got.size == record.size
        assert got.host == host
        assert (got.shaper == "none") == (record.input is not None)
        assert chosen(suffix, size=16, host=host).size == 16
        assert chosen(suffix, "sRGB", host=host).space.name == "sRGB"
    one_line(lambda: check_suffix(Path("a.vf"), host), f"a.vf: for {host}: expected a name ending in")


def test_sizes_are_those_that_the_format_holds() -> None:
    assert chosen(".cube").size == 33
    assert chosen(".png", "sRGB").size == 64
    for size in (2, 16, 129):
        assert chosen(".cube", size=size).size == size
    for size in (0, 1, -5, 130, 10**9):
        one_line(lambda size=size: chosen(".cube", size=size), "size: expected 2 to 129 nodes along a side")
    for suffix in HALDS:
        assert chosen(suffix, "sRGB", 36).size == 36
        one_line(lambda suffix=suffix: chosen(suffix, "sRGB", 33), "size: a Hald image holds 4, 9, 16")


def test_inputs_are_curves_over_primaries() -> None:
    assert spaces("LogC3")[1] == "ARRI Wide Gamut 3"
    assert spaces("logc3/rec709")[1] == "Rec.709"
    assert spaces("ACEScg")[1] == "ACEScg"
    for wrong in ("LogC3/", "LogC3/LogC3", "ACEScg/Rec.709", "/", "LogC3/Rec.709/Rec.709", "", "nonsense"):
        one_line(lambda wrong=wrong: spaces(wrong), "input: ")


def test_wrong_words_are_answered_with_what_may_be_typed() -> None:
    one_line(lambda: check_suffix(Path("a.txt"), None), "a.txt: expected a name ending in .clf, .ctf, .cube")
    one_line(lambda: check_suffix(Path("a.cub3"), None), "did you mean '.cub")
    one_line(lambda: check_suffix(Path("a"), None), "expected a name ending in")
    one_line(lambda: check_suffix(Path("a.look"), None), "expected a name ending in")
    one_line(lambda: check_suffix(Path("a.spi1d"), None), "expected a name ending in")
    one_line(lambda: check_suffix(Path("a.cube"), "photshop"), "did you mean 'photoshop'?")


@pytest.mark.parametrize("host", [name for name, each in hosts().items() if each.is_fixed])
def test_steps_of_one_input_go_with_no_other(host: str) -> None:
    suffix = hosts()[host].suffixes[0]
    assert chosen(suffix, "srgb", host=host) == chosen(suffix, host=host)
    for wrong in ("ACEScct", "LogC3", "sRGB/ACEScg"):
        one_line(lambda wrong=wrong: chosen(suffix, wrong, host=host), f"input: {host} is given sRGB alone")


def test_interpolation_is_that_of_the_steps() -> None:
    assert chosen(".cube", "Rec.709", host="nuke").method(False) == "tetrahedral"
    assert chosen(".cube", host="nuke").method(False) == "trilinear"
    assert chosen(".csp", host="rv").method(False) == "trilinear"
    assert chosen(".cube").method(False) == "tetrahedral"
