"""What a look's text may ask for is bounded: depth of keys and tables, digits, bytes, encodings."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from basics import one_line

import lattice
from lattice.looks.toml_text import MAX_BYTES, MOST_LEVELS, Lines, read_toml

MOST_SECONDS = 10  # a key of 16,000 parts took half a minute
DEEP = {
    "a key": ".".join("a" * 16_000) + " = 1",
    "a key with blanks": " . ".join("a" * 16_000) + " = 1",
    "quoted parts": ".".join(["'a'", '"b\\"c"'] * 8_000) + " = 1",
    "a table": "[" + ".".join("a" * 16_000) + "]",
    "a list of tables": "[[" + ".".join("a" * 16_000) + "]]",
    "a key in a table in a line": "print = { x = 1, " + ".".join("a" * 16_000) + " = 1 }",
    "a field of a stock": "print." + ".".join("a" * 900) + " = 1",
    "tables in a line": "print = " + "{ a = " * 300 + "1" + " }" * 300,
    "lists": "film_matrix = " + "[" * 300 + "]" * 300,
    "a table a line": "\n".join(f"[{'.'.join('a' * k)}]" for k in range(1, 300)),
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_what_is_too_deep_is_refused_at_once(text: str, tmp_path: Path) -> None:
    path = tmp_path / "deep.toml"
    path.write_text('extends = "premier"\n' + text + "\n")
    started = time.monotonic()
    one_line(lambda: lattice.profile(path), "deep.toml: ", f"over {MOST_LEVELS}")
    assert time.monotonic() - started < MOST_SECONDS


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("".join(f"k{k} = 1\n" for k in range(1500)), "line 21: k19: no such field; and 1,480 more"),
        ("".join(f"[t{k}.a.b]\n" for k in range(8000)), "; and 7,980 more"),
        ("[print.dye_density]\ncyan = [" + '"x",' * 4000 + "]", "; and 3,981 more"),
        ("k" * 100_000 + " = 1", "line 2: " + "k" * 900),
    ],
)
def test_the_message_on_many_faults_comes_at_once_and_ends(text: str, last: str, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('extends = "premier"\n' + text)
    started = time.monotonic()
    with pytest.raises(lattice.LatticeError) as caught:
        lattice.profile(tmp_path / "a.toml")
    assert time.monotonic() - started < MOST_SECONDS
    assert last in str(caught.value)
    assert len(str(caught.value)) < 2500


@pytest.mark.parametrize(
    "text",
    [
        "size = 0x" + "f" * 100_000,
        "size = " + "9" * 5000,
        "size = 99999999999999999999",
        "a = [{b = 1e9, c = [0xfffffffffffffffff]}]",
    ],
)
def test_numbers_of_too_many_digits_are_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "long.toml"
    path.write_text('extends = "premier"\n' + text + "\n")
    one_line(lambda: lattice.profile(path), "long.toml: ", "number", "digits" if "9999" * 1000 in text else "64 bits")


def test_words_with_many_dots_are_no_deep_key(tmp_path: Path) -> None:
    words = ".".join("a" * 100)
    (tmp_path / "a.toml").write_text(f'extends = "premier"  # {words}\n# {words}\ndescription = "{words}"\n')
    assert lattice.profile(tmp_path / "a.toml").description == words


def test_a_look_with_both_stocks_in_full_and_in_every_digit_fits(tmp_path: Path) -> None:
    def longer(value):
        if isinstance(value, dict):
            return {key: longer(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [longer(each) for each in value]
        return value * (1 + 1e-9) if isinstance(value, float) else value

    premier = lattice.profile("premier")
    stocks = {name: longer(getattr(premier, name).model_dump()) for name in ("negative", "print")}
    look = lattice.Profile(name="all", **stocks)
    look.save(tmp_path / "all.toml")
    assert 30_000 < (tmp_path / "all.toml").stat().st_size < MAX_BYTES / 3
    assert lattice.profile(tmp_path / "all.toml") == look


def test_a_byte_order_mark_and_line_ends_of_windows_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b'\xef\xbb\xbfextends = "premier"\r\n\r\n[display]\r\ngamma = 2.4\r\n')
    assert lattice.profile(tmp_path / "a.toml").display.gamma == 2.4


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ('extends = "vision"\n'.encode("utf-16"), "UTF-16; save it as UTF-8"),
        (b"\xfe\xff" + 'extends = "vision"\n'.encode("utf-16-be"), "UTF-16; save it as UTF-8"),
        ('extends = "vision"\nname = "Größe"\n'.encode("latin-1"), "line 2: a byte that is not UTF-8"),
        ('extends = "vision"\nname = "映画"\n'.encode("shift-jis"), "line 2: a byte that is not UTF-8"),
    ],
)
def test_other_encodings_are_named(data: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(data)
    one_line(lambda: lattice.profile(tmp_path / "a.toml"), "a.toml: ", says)


TEXT = """extends = "vision"

print_silver = 0.2
display.gamma = 2.4
[print]  # over the stock
lad = [
  1, 1, 1]
[ print . curves."green" ]
density = [1]
"""


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("extends", 1),
        ("print_silver", 3),
        ("display", 4),
        ("display.gamma", 4),
        ("display.primaries", 0),
        ("print", 5),
        ("print.lad.0", 6),
        ("print.curves.green", 8),
        ("print.curves.green.density", 9),
        ("print.curves.red", 5),
        ("size", 0),
    ],
)
def test_the_line_of_a_field_is_found(keys: str, line: int, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(TEXT)
    read_toml(tmp_path / "a.toml")
    assert Lines(tmp_path / "a.toml").of(tuple(keys.split(".")))[1] == line


def test_what_is_no_readable_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "binary.toml").write_bytes(bytes(range(256)))
    one_line(lambda: lattice.profile(tmp_path / "binary.toml"), "binary.toml: ", "line 2: a byte that is not UTF-8")
    (tmp_path / "folder.toml").mkdir()
    one_line(lambda: lattice.profile(tmp_path / "folder.toml"), "folder.toml: ", "expected a file")
    one_line(lambda: lattice.profile(tmp_path / "absent.toml"), "absent.toml: ", "expected a file, got none")
    (tmp_path / "huge.toml").write_bytes(b"#" * (MAX_BYTES + 1))
    one_line(lambda: lattice.profile(tmp_path / "huge.toml"), "huge.toml: ", "at most 131,072 bytes")
    os.mkfifo(tmp_path / "pipe.toml")
    one_line(lambda: lattice.profile(tmp_path / "pipe.toml"), "pipe.toml: ", "expected a file, got a pipe")
    (tmp_path / "one.toml").symlink_to("two.toml")
    (tmp_path / "two.toml").symlink_to("one.toml")
    one_line(
        lambda: lattice.profile(tmp_path / "one.toml"),
        "one.toml: ",
        "cannot be read: Too many levels of symbolic links",
    )
    one_line(lambda: lattice.profile(tmp_path / ("long" * 100 + ".toml")), "cannot be read: File name too long")


@pytest.mark.parametrize("name", ["\ud800", "\ud800.toml", "a" * 300, "a" * 300 + ".toml", "a/" * 3000, "a\0b"])
def test_a_name_that_no_file_can_have_is_refused(name: str) -> None:
    with pytest.raises(lattice.LatticeError, match=r"expected|File name too long"):
        lattice.load(name)
    with pytest.raises(lattice.LatticeError):
        lattice.profile(name)
