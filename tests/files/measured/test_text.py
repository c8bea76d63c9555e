"""The text and the table of a measured file."""

from __future__ import annotations

import codecs
from pathlib import Path

import numpy as np
import pytest

from lattice.errors import LatticeError
from lattice.files.measured import text
from lattice.files.measured.text import read_table, read_text, table_of

PLAIN = "name,r,g\na,0.5,1\nÄ,2,3e-1\n"
VALUES = [[0.5, 1], [2, 0.3]]


def numbers(path: Path) -> object:
    table = read_table(path)
    return table.numbers(*range(len(table.header)))


def refused(data: bytes, path: Path) -> str:
    path.write_bytes(data)
    with pytest.raises(LatticeError) as caught:
        numbers(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    return message.removeprefix(str(path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_text_of_any_unicode_and_line_end_is_the_same_table(tmp_path: Path, encoding: str, end: str) -> None:
    marks = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
    path = tmp_path / "a.csv"
    path.write_bytes(marks.get(encoding, b"") + PLAIN.replace("\n", end).encode(encoding))
    table = read_table(path)
    assert table.header == ("name", "r", "g")
    assert [(row.line, row.cells[0]) for row in table.rows] == [(2, "a"), (3, "Ä")]
    assert np.array_equal(table.numbers(1, 2), VALUES)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_delimiter_is_found_and_quotes_comments_and_blank_lines_are_read(delimiter: str) -> None:
    written = '# x;y,z\n\nname;"r;,\t";g;\n"a ""1"";,\t";0.5; 1;\n;;;\n  # c\nb;2;3e-1;\n'
    whole = written.replace("r;,\t", "R-,").replace(";,\t", "-,").replace(";", delimiter)
    table = table_of(whole, "a")
    assert table.header == ("name", "R-,", "g", "")
    assert [row.cells[0] for row in table.rows] == ['a "1"-,', "b"]
    assert [row.line for row in table.rows] == [4, 7]
    assert np.array_equal(table.numbers(table.find("red", "r-,"), 2), VALUES)  # type: ignore[arg-type]
    assert table.find("blue") is None


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_decimal_commas(delimiter: str) -> None:
    table = table_of(f"sep={delimiter}\nr;g\n0,5;1\n2;3,0e-1\n".replace(";", delimiter), "a")
    assert np.array_equal(table.numbers(0, 1), VALUES)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", ": expected a table with a header, got an empty file"),
        (b"# a\n\n", ": expected a table with a header, got an empty file"),
        (b"r,g\n,\n", ": expected rows below the header, got none"),
        (b"1,2\n3,4\n", ": line 1: expected a header, the names of the columns, got numbers alone"),
        (b"r,g\n1\n", ": line 2: expected 2 cells, got 1"),
        (b"r,g\n1,2\n0,5,1\n", ": line 3: expected 2 cells, got 3"),
        (b"r,R\n1,2\n", ": line 1: expected each column once, got 'r' twice"),
        (b'r,g\n"1,2\n', ": line 2: expected cells, quoted ones on one line"),
        (b'r,g\n"1"2,2\n', ": line 2: expected cells"),
        (b"r,g\n1,x\n", ": line 2: g: expected a number, got 'x'"),
        (b"r,g\n1,\n", ": line 2: g: expected a number, got nothing"),
        (b"r,g\n1,NaN\n", ": line 2: g: expected a finite number, got 'NaN'"),
        (b"r,g\n-inf,1\n", ": line 2: r: expected a finite number, got '-inf'"),
        (b"r,g\n1e999,1\n", ": line 2: r: expected a finite number, got '1e999'"),
        (b"r;g\n0,5;1.5\n", ": line 2: r: expected a number, got '0,5'"),
        (b"r\tg\n1\t1_0\n", ": line 2: g: expected a number"),
        (b"r,g\n1,2\0\n", ": line 2: expected text in UTF-8"),
        (b"r,g\n\xff,2\n", ": line 2: expected text in UTF-8"),
        ("r,g\n1,2\n".encode("utf-16-le"), ": line 1: expected text in UTF-8"),
        (codecs.BOM_UTF16_LE + b"r", ": line 1: expected text in UTF-8"),
        (b",".join(b"c%d" % k for k in range(1001)), ": line 1: expected at most 1,000 columns"),
        (b"r\n" + b"1\n" * 100_001, ": line 100002: expected at most 100,000 rows and 1,000,000 cells"),
        (b"r\n" + b"1" * 200_000, ": line 2: expected at most 100,000 characters, got 200,000"),
    ],
)
def test_bad_tables_are_refused_in_a_line(tmp_path: Path, data: bytes, message: str) -> None:
    assert refused(data, tmp_path / "a.csv").startswith(message)


def test_a_file_of_another_kind_or_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LatticeError, match="expected a file, got none"):
        read_text(tmp_path / "none.csv")
    with pytest.raises(LatticeError, match="expected a file, got a folder"):
        read_text(tmp_path)
    monkeypatch.setattr(text, "MOST_BYTES", 10)
    assert refused(b"r,g\n" * 3, tmp_path / "a.csv").startswith(": expected a measured file of at most 10 bytes")


def test_columns_that_are_not_there_are_listed() -> None:
    names = ["name", "r", *map(str, range(1000, 1020))]
    fault = table_of(",".join(names) + "\n" + ",".join("1" * 22), "a").missing("g")
    assert str(fault) == f"a: expected g, got {', '.join(map(repr, names[:12]))}, ..."
