"""HTCondor's submit descriptions, read by the rules of its manual."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from basics import one_line
from farm_words import HOSTILE, NO_UTF8, TASK, WORDS

from lattice.regrade.farm.array_jobs import Task, script


def condor(text: str, macros: dict[str, str]) -> dict[str, str]:
    """Read a submit description as its manual says: commands by name, macros replaced; an unknown macro is an error."""
    lines, read = iter(text.splitlines()), {}
    for line in lines:
        if line.startswith("queue"):
            read["queue"] = line
            items = list(lines)
            assert items.pop() == ")"
            read["items"] = "\n".join(items)
            break
        assert not line.endswith("\\"), "continues in the next line"
        name, equals, value = line.partition(" = ")
        assert equals, line
        assert re.fullmatch(r"\w+", name), line
        assert name not in read, line
        assert not re.search(r"\$\$\(", value), "replaced when a machine is found"
        assert not re.search(r"\$\w+\(", value), "a function, such as $ENV(PATH)"
        read[name] = re.sub(r"\$\(([^)]*)\)", lambda found: macros[found[1]], value)
    return read


def condor_words(arguments: str) -> list[str]:
    """Split the value of `arguments` as the manual's new syntax says: quotes doubled, words between single quotes."""
    assert arguments[0] == arguments[-1] == '"'
    inside = arguments[1:-1]
    assert '"' not in inside.replace('""', "")
    letters, words, k = inside.replace('""', '"'), [], 0
    word: str | None = None
    quoted = False
    while k < len(letters):
        if letters[k] == "'" and quoted and letters[k + 1 : k + 2] == "'":
            word, k = f"{word or ''}'", k + 1
        elif letters[k] == "'":
            quoted, word = not quoted, word or ""
        elif letters[k] in " \t" and not quoted:
            words += [] if word is None else [word]
            word = None
        else:
            word = (word or "") + letters[k]
        k += 1
    assert not quoted
    return words + ([] if word is None else [word])


def test_htcondors_reader_reads_the_manuals_examples() -> None:
    assert condor_words('"one two 3"') == ["one", "two", "3"]
    assert condor_words("\"one 'two with spaces' 3\"") == ["one", "two with spaces", "3"]
    assert condor_words("\"one \"\"two\"\" 'spacey ''quoted'' argument' ''\"") == [
        "one",
        '"two"',
        "spacey 'quoted' argument",
        "",
    ]


@pytest.mark.parametrize("words", [WORDS, HOSTILE, (NO_UTF8,)])
def test_htcondor_gets_a_submit_description(words: tuple[str, ...]) -> None:
    command = ("/a b/$python", "-m", "lattice.cli")
    text = script("htcondor", replace(TASK, words=words, walltime=None, queue=None, command=command))
    for chunk in TASK.chunks:
        read = condor(text, {"DOLLAR": "$", "frames": chunk, "Cluster": "7", "Process": "0"})
        assert condor_words(read["arguments"]) == [*command, "regrade", *words, "--frames", chunk]
    assert read["items"].splitlines() == list(TASK.chunks)
    assert read["queue"] == "queue frames from ("
    assert read["getenv"] == "HOME, LATTICE_NATIVE, PATH"
    assert (read["request_cpus"], read["request_memory"]) == ("4", "8704MB")
    one_line(lambda: script("htcondor", Task(("a$$(x)",), ("1",))), "a$$(x): HTCondor replaces what follows $$(")
    assert "getenv = false" in script("htcondor", Task(("a",), ("1",)))
