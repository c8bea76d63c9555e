"""Malformed text LUTs are refused in one line that names theirs, within bounded time and memory."""

from __future__ import annotations

import re
import time
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from basics import one_line
from lut_samples import mutated
from text_lut_samples import FORMATS, SHAPES, shape

from lattice.errors import LatticeError
from lattice.process_list import ProcessList

SHORT = [name for name in SHAPES if not name.startswith(("discreet", "3dl", "m3d"))]
FLOATS = [name for name, (form, _) in SHAPES.items() if form not in ("three_dl", "m3d", "discreet")]
MOST_TIME, MOST_MEMORY = 1.5, 200e6  # seconds of this process, and bytes beside the file's own
CUBE = "LUT_3D_SIZE 2\n" + "0 0 0\n" * 8
# Of each format: a text with one fault, and what the message says.
FAULTS = {
    "cube": [
        ("", "line 1: expected LUT_1D_SIZE or LUT_3D_SIZE before the rows, got the end of the file"),
        ("0 0 0\n1 1 1\n", "line 1: expected LUT_1D_SIZE or LUT_3D_SIZE before the rows, got '0 0 0'"),
        ("LUT_3D_SIZE 13.5\n", "line 1: expected a whole number from 2 to 129, got 'LUT_3D_SIZE 13.5'"),
        ("LUT_3D_SIZE 0\n", "from 2 to 129"),
        ("LUT_3D_SIZE 1\n", "from 2 to 129"),
        ("LUT_3D_SIZE 1e9\n", "from 2 to 129"),
        ("LUT_3D_SIZE 1000000000\n", "from 2 to 129"),
        ("LUT_3D_SIZE 13abc\n", "from 2 to 129"),
        ("LUT_3D_SIZE 0x10\n", "from 2 to 129"),
        ("LUT_1D_SIZE 300001\n", "from 2 to 300,000"),
        ("LUT_3D_SIZE 2 2 2\n", "line 1: expected LUT_3D_SIZE and 1 word"),
        ("LUT_2D_SIZE 2\n", "line 1: expected a keyword, one of TITLE"),
        ("LUT_IN_VIDEO_RANGE\n", "line 1: expected a keyword"),
        ("LUT_3D_SIZE 2\nLUT_3D_SIZE 2\n", "line 2: expected LUT_3D_SIZE once"),
        (f"DOMAIN_MIN 1 0 0\n{CUBE}", "line 1: expected a domain that rises"),
        (f"DOMAIN_MIN 0 0 2\nDOMAIN_MAX 1 1 1\n{CUBE}", "line 2: expected a domain that rises"),
        (f"DOMAIN_MIN 0 0 nan\n{CUBE}", "line 1: expected 3 numbers"),
        (f"DOMAIN_MAX 1 1 1e39\n{CUBE}", "line 1: expected numbers up to "),
        (f"LUT_3D_INPUT_RANGE 1 1\n{CUBE}", "line 1: expected a domain that rises"),
        (f"LUT_3D_INPUT_RANGE 0 1\nDOMAIN_MIN 0 0 0\n{CUBE}", "beside a DOMAIN"),
        (f"LUT_1D_SIZE 2\nDOMAIN_MIN 0 0 0\n{CUBE}0 0 0\n1 1 1\n", "line 2: expected LUT_1D_INPUT_RANGE and"),
        (f"{CUBE}0 0 0\n", "line 10: expected 8 rows, got more"),
        (f"{CUBE}DOMAIN_MAX 2 2 2\n", "line 10: expected the end of the file, got 'DOMAIN_MAX 2 2 2'"),
        (f"{CUBE[:-6]}", "line 9: expected row 8 of 8, 3 numbers, got the end of the file"),
        (f"{CUBE[:-6]}\n# a\n0 0 0 # b\n", "line 11: expected 3 numbers, got '0 0 0 # b'"),
        ("LUT_3D_SIZE 2\n\n\xfc\x1b 0\n", "LUT_3D_INPUT_RANGE, got '\xfc\\x1b 0'"),
    ],
    "spi1d": [
        ("Version 2\nLength 2\nComponents 1\n{\n0\n1\n}\n", "line 1: expected a whole number from 1 to 1"),
        ("Version 1\nComponents 1\n{\n0\n1\n}\n", "line 4: expected Length before the rows"),
        ("Version 1\nLength 2\nComponents 4\n{\n0\n1\n}\n", "line 3: expected a whole number from 1 to 3"),
        ("Version 1\nFrom 1 0\nLength 2\nComponents 1\n{\n0\n1\n}\n", "line 2: expected a domain that rises"),
        ("Version 1\nLength 2\nComponents 1\n{\n0\n1\n", "line 7: expected }, got the end"),
        ("Version 1\nLength 2\nComponents 1\n{\n0\n1\n2\n}\n", "line 7: expected 2 rows, got more"),
        ("Version 1\nLength 2\nComponents 2\n{\n0\n1\n}\n", "line 5: expected 2 numbers, got '0'"),
    ],
    "spi3d": [
        ("3 3\n2 2 2\n", "line 1: expected SPILUT 1.0"),
        ("SPILUT 1.0\n3 3\n2 3 2\n", "line 3: expected three equal sizes"),
        ("SPILUT 1.0\n3 3\n2 2 2\n" + "0 0 0 0 0 0\n" * 8, "line 5: expected each index once, got '0 0 0 0 0 0'"),
        ("SPILUT 1.0\n3 3\n2 2 2\n\n# a\n" + "0 0 2 0 0 0\n" * 8, "line 6: expected an index of three whole numbers"),
        ("SPILUT 1.0\n3 3\n2 2 2\n" + "0 0.5 0 0 0 0\n" * 8, "line 4: expected an index of three whole numbers"),
        ("SPILUT 1.0\n3 3\n2 2 2\n" + "0 0 0 0 0 0\n" * 7, "line 11: expected row 8 of 8"),
    ],
    "spimtx": [
        ("1 0 0 0 0 1 0 0 0 0 1", "expected twelve numbers, got 11"),
        ("1 0 0 0\n0 1 0 0\n0 0 1 0\n1\n", "line 4: expected twelve numbers in all, got '1'"),
        ("1 0 0 0\n0 1 0 0\n0 0 1 0x1\n", "line 3: expected 4 numbers"),
    ],
    "csp": [
        ("CSPLUT\n", "line 1: expected CSPLUTV100"),
        ("CSPLUTV100\n2D\n", "line 2: expected 1D or 3D"),
        ("CSPLUTV100\n1D\nBEGIN METADATA\nEND\n", "expected END METADATA, got the end"),
        ("CSPLUTV100\n1D\n1\n0\n0\n", "line 3: expected 0 or at least 2 points"),
        ("CSPLUTV100\n1D\n2\n0 0\n0 1\n", "line 4: expected x that rises"),
        ("CSPLUTV100\n1D\n2\n0 1 2\n0 1\n", "line 4: expected 2 numbers"),
        ("CSPLUTV100\n1D\n70000\n", "line 3: expected a whole number from 0 to 65,536"),
        ("CSPLUTV100\n3D\n0\n0\n0\n2 3 2\n", "line 6: expected three equal sizes"),
        ("CSPLUTV100\n1D\n0\n0\n0\n2\n0 0 0\n1 1 1\n2 2 2\n", "line 9: expected 2 rows, got more"),
    ],
    "three_dl": [
        ("0 0 0\n" * 8, "expected a largest number of at least 128"),
        ("0 0 255\n" * 9, "line 1: expected the rows of a cube"),
        ("0 255\n", "line 1: expected 3 numbers"),
        ("0 1 2 255\n0 1 2 255\n", "line 2: expected one shaper"),
        ("0 0 255\n" * 7 + "0 0 0.5\n", "line 8: expected whole numbers, got '0 0 0.5'"),
        ("0 0 255\n" * 7 + "0 0 -5\n", "line 8: expected whole numbers from 0 to 131,071"),
        ("<xml>\n", "line 1: expected whole numbers, 3DMESH"),
        ("gamma 2.2\n", "line 1: expected gamma 1.0"),
    ],
    "vf": [
        ("grid_size 2 2 2\ndata\n", "line 1: expected #Inventor V2.1 ascii"),
        ("#Inventor V2.1 ascii\ngrid_size 2 3 2\ndata\n", "line 2: expected three equal sizes"),
        ("#Inventor V2.1 ascii\ndata\n0 0 0\n", "line 3: expected grid_size before the rows"),
        ("#Inventor V2.1 ascii\ngrid_size 2 2 2\nelement_size 1 1 1\n", "line 3: expected a keyword"),
        (
            f"#Inventor V2.1 ascii\ngrid_size 2 2 2\nglobal_transform {'1 ' * 16}\ndata\n" + "0 0 0\n" * 8,
            "line 3: expected a matrix whose last row is 0 0 0 1",
        ),
    ],
    "cub": [
        ("# Cube\n", "line 1: expected # Truelight Cube"),
        ("# Truelight Cube\n# width 2 2 3\n# Cube\n", "line 2: expected three equal sizes"),
        ("# Truelight Cube\n# Cube\n0 0 0\n", "line 2: expected # width before the rows"),
        ("# Truelight Cube\n# width 2 2 2\n0 0 0\n", "line 3: expected a tag such as # Cube before the rows"),
        ("# Truelight Cube\n# width 2 2 2\n# width 2 2 2\n", "line 3: expected a tag such as # Cube, once"),
        ("# Truelight Cube\n# width 2 2 2\n# iDims 4\n# Cube\n", "line 3: expected 3 dimensions"),
        ("# Truelight Cube\n# width 2 2 2\n# end\n", "expected # Cube and its rows"),
    ],
    "houdini": [
        ("Version 1\nLUT:\n", "expected Format before the values"),
        (HOUDINI := "Version 2\nFormat any\nType 3D\nFrom 0 1\nTo 0 255\nBlack 0\nWhite 1\nLength 2\nLUT:\n", "To 0 1"),
        (HOUDINI.replace("From 0 1", "From 0 2").replace("255", "1"), "line 4: expected From 0 1"),
        (HOUDINI.replace("3D", "A").replace("255", "1"), "line 3: expected Type C"),
        (HOUDINI.replace("255", "1") + " {\n0 0 0\n}\n", "line 12: expected row 2 of 8"),
        (HOUDINI.replace("255", "1") + "{" + "0 0 0\n" * 8, "line 10: expected 3D { ... } next"),
        (HOUDINI.replace("255", "1") + " {\n" + "0 0 0\n" * 8 + "} 1\n", "line 19: expected the end of the file"),
    ],
    "discreet": [
        ("LUT: 2 256\n", "line 1: expected LUT:, 1, 3 or 4 tables"),
        ("LUT: 1 65537\n", "line 1: expected LUT:"),
        ("LUT: 1 2\n0\n1\n", "line 1: expected the depth of values"),
        ("LUT: 1 2 1000\n0\n1\n", "expected a depth of 256"),
        ("LUT: 1 2 256\n0\n65536\n", "line 3: expected a code from 0 to 65,535"),
        ("LUT: 1 2 256\n0\n1\n2\n", "line 4: expected 2 rows, got more"),
        ("LUT: 1 2 256\n0\n1.0\n", "line 3: expected whole numbers"),
    ],
    "m3d": [
        ("channel 1d\nin 8\nout 256\nvalues red green blue\n", "line 1: expected channel 3d"),
        ("in 9\nout 256\nvalues red green blue\n", "line 1: expected the number of nodes of a cube"),
        ("in 8\nout 1\nvalues red green blue\n", "line 2: expected a whole number from 2"),
        ("in 8\nout 256\nvalues red green blue\n" + "0 0 0 0\n" * 8, "line 5: expected row 1, got '0 0 0 0'"),
    ],
    "itx": [
        ("0 0 0\n", "line 1: expected LUT_3D_SIZE before the rows"),
        (f"{CUBE}0 0 0\n", "line 10: expected 8 rows, got more"),
    ],
}


@pytest.mark.parametrize(("form", "text", "says"), [(form, *case) for form, cases in FAULTS.items() for case in cases])
def test_a_fault_is_named(form: str, text: str, says: str) -> None:
    one_line(lambda: FORMATS[form].parse(text.encode("latin-1")), says)


def data_of(name: str) -> bytes:
    form, held = shape(name)
    assert form.write is not None
    return form.write(ProcessList("", held.nodes))


def last_row(data: bytes) -> tuple[int, int, int]:
    """Where the last line of numbers begins and ends, and its number."""
    match = [*re.finditer(rb"^[ \t]*[-+.0-9][-+.0-9eE \t]*$", data, re.MULTILINE)][-1]
    return match.start(), match.end(), data.count(b"\n", 0, match.start()) + 1


@pytest.mark.parametrize(
    "word", ["nan", "inf", "-Infinity", "0,5", "13abc", "1_000", "0x10", "0.5e", "-", "1e999", ".", "1e"]
)
@pytest.mark.parametrize("name", FLOATS)
def test_what_is_no_number_is_refused_in_its_line(name: str, word: str) -> None:
    data = data_of(name)
    start, end, number = last_row(data)
    words = data[start:end].split()
    for bad in ([word.encode(), *words[1:]], [*words[:-1], word.encode()]):
        one_line(lambda bad=bad: shape(name)[0].parse(data[:start] + b" ".join(bad) + data[end:]), f"line {number}: ")


@pytest.mark.parametrize("name", SHAPES)
def test_another_number_of_rows_or_columns_is_refused(name: str) -> None:
    parse, data = shape(name)[0].parse, data_of(name)
    start, end, number = last_row(data)
    row = data[start:end]
    fewer, more = row.rpartition(b" ")[0] or b"", row + b" 0"
    for changed in (row + b"\n" + row, fewer, more):
        one_line(lambda changed=changed: parse(data[:start] + changed + data[end:]), "line ")
    one_line(lambda: parse(data[: start - 1]), "line ")
    for word in (b"e", b"-"):  # the end of a file that was cut
        one_line(lambda word=word: parse(data[:end] + word), "line " if b"{" in data[:start] else f"line {number}: ")


@pytest.mark.parametrize("name", SHAPES)
def test_other_encodings_and_line_ends(name: str) -> None:
    parse, data = shape(name)[0].parse, data_of(name)
    expected = parse(data).sha256
    for same in (data.replace(b"\n", b"\r\n"), data + b"\n \t\n", data.replace(b"\n", b" \n\t")):
        assert parse(same).sha256 == expected
    assert parse(b"\xef\xbb\xbf" + data).sha256 == expected
    text = data.decode()
    for odd in (data.replace(b"\n", b"\r"), text.encode("utf-16"), text.encode("utf-16-le"), data + b"\0"):
        one_line(lambda odd=odd: parse(odd), "line ")


def test_latin_1_passes_in_titles_and_comments() -> None:
    held = FORMATS["cube"].parse(b"# \xfc\nTITLE \xe9t\xe9\n" + CUBE.encode())
    assert (held.name, held.provenance["comments"]) == ("\xe9t\xe9", "\xfc")


def bounded(call: Callable[[], Any], *says: str) -> None:
    """The call is refused within time and memory."""
    tracemalloc.start()
    start = time.process_time()
    try:
        one_line(call, *says)
        taken, peak = time.process_time() - start, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert taken < MOST_TIME
    assert peak < MOST_MEMORY


LARGE = {
    "rows": (b"0.123456 0.123456 0.123456\n", 4_000_000),
    "short rows": (b"0 0 0\n", 10_000_000),
    "blank lines": (b"\n", 2**26),
    "comments": (b"#\n", 2**25),
    "one line": (b"0 ", 2**25),
    "one word": (b"0", 2**26),
    "letters": (b"a", 2**26),
    "line ends": (b"\r\n", 2**25),
}


@pytest.mark.parametrize("kind", LARGE)
@pytest.mark.parametrize("form", ["cube", "csp", "cub", "houdini"])
def test_large_files_take_bounded_time_and_memory(form: str, kind: str) -> None:
    name = next(name for name in SHAPES if name.startswith(form) and "3D" in name) if form != "cub" else "cub"
    data = data_of(name)
    at = data.index(b"}") if form == "houdini" else last_row(data)[1] + 1
    unit, count = LARGE[kind]
    large = b"".join((data[:at], unit * count, data[at:], b"\nx"))
    bounded(lambda: FORMATS[form].parse(large), "line ")
    bounded(lambda: FORMATS[form].parse(large[at:]), "line ")


@pytest.mark.parametrize("name", SHORT)
def test_damaged_files_are_read_or_refused_in_one_line(name: str) -> None:
    form, data, random = shape(name)[0], data_of(name), np.random.default_rng(11)
    refused = 0
    for _ in range(60):
        damaged = mutated(data, random)
        with suppress(LatticeError):
            form.parse(damaged)
            continue
        refused += 1
        one_line(lambda damaged=damaged: form.parse(damaged))
    assert refused > 20


@pytest.mark.parametrize("blank", [b" ", b"\n", b"\t\r\n"])
def test_blanks_without_an_end_of_a_houdini_lut_are_read_once(blank: bytes) -> None:
    head = b"Version\t1\nFormat\tany\nType\tC\nFrom\t0 1\nTo\t0 1\nBlack\t0\nWhite\t1\nLength\t4\nLUT:\n"
    bounded(lambda: FORMATS["houdini"].parse(head + blank * 1_000_000), "line ")


@pytest.mark.parametrize("word", ["9" * 200_000 + "x", "9" * 200_000 + "e", "1." + "0" * 200_000 + "x"])
def test_a_long_word_of_digits_takes_no_time(word: str) -> None:
    text, start = f"Version 1\nFrom 0 {word}\nLength 2\nComponents 1\n{{\n0\n1\n}}\n", time.process_time()
    one_line(lambda: FORMATS["spi1d"].parse(text.encode()), "line 2")
    assert time.process_time() - start < MOST_TIME
