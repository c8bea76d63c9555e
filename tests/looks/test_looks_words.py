"""What a refused look is told: all faults at once, each with its line, the field's own words, and what to type."""

from __future__ import annotations

from pathlib import Path

import pytest
from basics import one_line

import lattice

ABOVE = "above the first [table] of the file"
LOOK = "is a look, not a stock; extends = "
V = "extends = 'vision'\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[profile]\nextends = 'vision'", "line 1: profile: a look has no table [profile]; its fields stand " + ABOVE),
        ("[look]\nprint_silver = 1", "line 1: look: a look has no table [look]; its fields stand " + ABOVE),
        (
            "[print]\nlad = [1, 1, 1]\nextends = 'vision'",
            f"print: extends: 'vision' {LOOK}\"vision\" above the first [table] of a file",
        ),
        (V + "print = 'premier'", f"line 2: print: 'premier' {LOOK}\"premier\" above the first [table] of a file"),
        (V + "# a\u2028b\x85c\r\nnope = 1", "line 3: nope: no such field"),
        ("extends = 'kodak_2383'", "line 1: extends: 'kodak_2383' is a stock, not a look; negative or print names it"),
        ("extends = 'look.clf'", "line 1: extends: look.clf: a .clf is built already"),
        (
            V + "[display]\nextends = 'vision'",
            f"line 3: display.extends: no such field in [display]; extends stands {ABOVE}",
        ),
        (
            V + "[display]\ngamma = 2.4\n\nprint_silver = 0.3",
            f"line 5: display.print_silver: no such field in [display]; print_silver stands {ABOVE}",
        ),
        ("print = 'kodak_2383'", f'negative: expected a stock\'s name, or extends = "vision" {ABOVE}, got neither'),
        (V + "display = 'P3-DCIX'", "line 2: display: no display is named 'P3-DCIX'; did you mean 'P3-DCI'?"),
        (V + "printer_lights = [25, 60, 25]", "line 2: printer_lights.green: expected 50 or less, got 60"),
        (V + "printer_lights = [25, 25, 'x']", "line 2: printer_lights.blue: expected a number, got 'x'"),
        (V + "printer_lights = [25, 25, '25']", "line 2: printer_lights: blue: expected a number, got '25'"),
        (V + "printer_lights = [25, 25]", "line 2: printer_lights.blue: expected a value, got none"),
        (V + "lad = [1, 1, 1, 1]", "line 2: lad: expected 3 numbers, got 4"),
        (V + "lad = [1, 9, 1]", "line 2: lad.green: expected 6 or less, got 9"),
        (
            V + "film_matrix = [\n[1, 0, 0],\n[0, 1, 11], [0, 0, 1]]",
            "line 2: film_matrix.green.blue: expected 10 or less, got 11",
        ),
        (
            V + "[density_only]\nprinting = [[1, 0, 0], [0, 1, 0], [0, 0, 11]]",
            "line 3: density_only.printing, row 3, number 3: expected 10 or less, got 11",
        ),
        (
            V + f"[print]\nlad = [1, 1, 1]\ndye_density.cyan = [{'0.1,' * 80}99]",
            "line 4: print.dye_density.cyan, number 81: expected 20 or less, got 99",
        ),
        (V + f"[print]\ndye_density.cyan = [{'0.1,' * 80}]", "expected 81 numbers, got 80"),
        (V + "projection = 'Xenon'", "line 2: projection: expected a number, or 'xenon', 'A', 'D50'"),
        (V + "projection = 'Xenon'", "or 'E', got 'Xenon'; did you mean 'xenon'?"),
        (V + "input = 'rec709'", "got 'rec709'; did you mean 'Rec.709'?"),
        (
            V + "input = 'logc3@legal'",
            "such as 'ARRI Wide Gamut 3', got 'logc3@legal', which is codes; --input 'logc3@legal'",
        ),
        (V + "print = 'kodak_2384'", "did you mean 'kodak_2383'?"),
        ("extends = 'visoin'", "line 1: extends: no look named 'visoin'"),
        ("extends = 'visoin'", "or a file ending in .toml; did you mean 'vision'?"),
        ("extends = vision", "line 1: no readable TOML: expected a number such as 0.5, text in quotes, or a list"),
        (V + "size = .5", "line 2: no readable TOML: expected a number such as 0.5"),
        (V + "size = 13\nsize = 15", "no readable TOML: a field is given twice"),
        (V + "negative = 'kodak_2383'", "line 2: negative: expected a negative stock, got the print"),
    ],
)
def test_a_fault_is_told_with_its_line_and_what_to_type(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(text + "\n")
    one_line(lambda: lattice.profile(tmp_path / "a.toml"), "a.toml: ", says)


def test_what_stands_in_a_wrapper_is_not_told_missing(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[profile]\nextends = 'vision'\n")
    with pytest.raises(lattice.LatticeError) as told:
        lattice.profile(tmp_path / "a.toml")
    assert "negative" not in str(told.value)


def test_a_fault_that_is_inherited_names_the_file_it_is_in(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(V + "\nsize = 12\n[print]\nlad = [1, 9, 1]\n")
    (tmp_path / "a.toml").write_text("extends = 'base.toml'\nflare = 0.5\n")
    one_line(
        lambda: lattice.profile(tmp_path / "a.toml"),
        f"{tmp_path / 'a.toml'}: ",
        "base.toml: line 3: size: expected an odd number",
        "base.toml: line 5: print.lad.green: expected 6 or less",
        "; line 2: flare: expected 0.1 or less",
    )


def test_a_fault_of_a_stocks_file_names_that_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "stock.toml").write_text("extends = 'kodak_2383'\nlad = [1, 1, -1]\nkind = 'prnt'\n")
    (tmp_path / "a.toml").write_text(V + "print = 'stock.toml'\n")
    one_line(
        lambda: lattice.profile(tmp_path / "a.toml"),
        "a.toml: line 2: print: ",
        "stock.toml: line 3: kind: expected 'negative' or 'print', got 'prnt'; did you mean 'print'?",
        "line 2: lad.blue: expected 0 or more, got -1",
    )


def test_python_is_told_no_lines_and_no_tables() -> None:
    one_line(lambda: lattice.Profile(name="x", print="kodak_2383"), "negative: expected a value, got none")
    one_line(lambda: lattice.profile("vision").replace(lad=(1, 9, 1)), "lad.green: expected 6")
    one_line(lambda: lattice.profile("vision").replace(display={"size": 3}), "display.size: no such field")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("shot", "no look named 'shot'; expected bleach-bypass, "),
        ("shot", ", vision-scan, or a file ending in .toml or .clf or .cube"),
        ("shot.exr", "shot.exr: expected a look's name, a .toml or a LUT file; lattice luts lists all"),
        ("look.cube", "look.cube: expected a file, got none"),
        ("premeir", "; did you mean 'premier'?"),
        ("PREMIER", "; did you mean 'premier'?"),
        ("mine", "; did you mean 'mine.toml'?"),
        ("other", "; did you mean 'other.clf'?"),
        ("kodak_2383", "'kodak_2383' is a stock, not a look"),
        ("premier.toml", "expected a file, got none; the shipped one is named 'premier'"),
        ("", "no look named ''"),
    ],
)
def test_a_name_that_is_no_look_is_told_what_is_one(
    name: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for path in ("mine.toml", "other.clf", "shot.exr"):
        Path(path).touch()
    one_line(lambda: lattice.load(name), says)


def test_what_is_to_be_built_is_no_clf() -> None:
    one_line(lambda: lattice.profile("look.clf"), "look.clf: a .clf is built already; expected a look's")
