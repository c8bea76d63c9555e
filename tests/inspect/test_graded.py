"""What a graded file tells of its grade, a month later and without its profile."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from basics import one_line
from exr_samples import SAID, save, smooth
from regrade_samples import FakeSDev

from lattice.cli.app import DONE
from lattice.files.exr import file as exr
from lattice.files.exr.header import Attribute
from lattice.files.storage.read import json_object
from lattice.inspect.graded import read_grade
from lattice.looks import Profile, load_profile
from lattice.looks.save import described
from lattice.regrade import Options, plan, regrade
from lattice.sdev import SDev, load
from lattice.version import __version__

RGB = {name: smooth((12, 12), seed=k) for k, name in enumerate("RGB")}
TARGETS = ("b.exr", "b.png", "b.tif", "b.jpg", "b.dpx")


def look() -> Profile:
    """A look that an artist made of a shipped one; quick to build."""
    return load_profile("vision").replace(name="dusk", printer_lights=(25, 26.5, 24), size=3)


@pytest.fixture(scope="module")
def dusk() -> SDev:
    return load(look())


def graded(folder: Path, sdev: Any, target: str, **options: Any) -> Path:
    save(folder / "plate.exr", RGB, SAID)
    settled = plan(sdev, folder / "plate.exr", folder / target, options=Options(replace=True, **options))
    [report] = regrade(settled)
    assert report.status == "ok", report.why
    return folder / target


@pytest.mark.parametrize("target", TARGETS)
def test_a_file_tells_its_look_input_options_version_and_source(
    target: str, dusk: SDev, folder: Path, oiio: Any
) -> None:
    found = read_grade(graded(folder, dusk, target, input="ACEScg"))
    assert found.look == {
        "extends": "vision",
        "name": "dusk",
        "description": load_profile("vision").description,
        "negative": "kodak_5219",
        "print": "kodak_2383",
        "printer_lights": [25, 26.5, 24],
        "size": 3,
    }
    facts = found.facts
    assert (facts["name"], facts["sha256"], facts["version"]) == ("dusk", dusk.sha256, __version__)
    assert (facts["input"], facts["output"]) == ("ACEScg", "Rec.709 sRGB")
    assert facts["source"] == "plate.exr"
    assert facts["source_sha256"] == hashlib.sha256((folder / "plate.exr").read_bytes()).hexdigest()
    assert json.loads(facts["request"]) == {"input": "ACEScg"}
    assert "premult=auto" in facts["options"]


def test_the_look_that_is_told_builds_the_same_device(dusk: SDev) -> None:
    told = described(look())
    base = load_profile(told.pop("extends"))
    changes = {name: value for name, value in told.items() if name not in ("negative", "print")}
    assert load(base.replace(**changes)).sha256 == dusk.sha256


def test_a_stock_of_its_own_is_told_in_full() -> None:
    profile = load_profile("vision")
    stock = profile.print.replace(name="lab's own")
    told = described(profile.replace(print=stock))
    assert (told["negative"], told["print"]["name"]) == ("kodak_5219", "lab's own")
    assert told["print"]["curves"] == json.loads(stock.model_dump_json())["curves"]
    assert "extends" not in described(Profile(negative=profile.negative, print=profile.print))


@pytest.mark.parametrize("target", TARGETS)
def test_a_device_without_a_profile_tells_what_it_can(target: str, folder: Path, oiio: Any) -> None:
    found = read_grade(graded(folder, FakeSDev(name="theirs"), target))
    assert found.look == {}
    assert (found.facts["name"], found.facts["input"]) == ("theirs", "Rec.709")


def test_a_cineon_tells_what_its_label_holds(dusk: SDev, folder: Path, oiio: Any) -> None:
    assert read_grade(graded(folder, dusk, "b.cin")).facts == {"name": "dusk", "version": __version__}


def test_words_about_a_grade_are_no_reason_to_grade_again(dusk: SDev, folder: Path) -> None:
    target = graded(folder, dusk, "b.exr")
    frame = exr.read(target)
    plain = {name: value for name, value in frame.header.attributes.items() if name not in ("sdev:look", "sdev:source")}
    exr.write(target, exr.Frame(target, frame.header.with_attributes(plain), frame.channels))
    [report] = regrade(plan(dusk, folder / "plate.exr", target))
    assert report.status == "skipped"
    assert "look" not in read_grade(target).facts


def test_what_was_not_graded_is_told_in_a_line(folder: Path, oiio: Any) -> None:
    save(folder / "a.exr", RGB)
    one_line(lambda: read_grade(folder / "a.exr"), "a.exr: expected a graded file, got one without a stamp")
    (folder / "a.png").write_bytes(b"no picture")
    one_line(lambda: read_grade(folder / "a.png"), "a.png: expected a PNG file")
    one_line(lambda: read_grade(folder / "b.exr"), "b.exr: ")


@pytest.mark.parametrize("text", ["", "{", "[]", "1", "[" * 100_000, '{"a": 1}'])
def test_a_damaged_text_is_an_empty_table(text: str, folder: Path) -> None:
    assert json_object(text) == ({"a": 1} if text == '{"a": 1}' else {})
    save(folder / "a.exr", RGB, {"sdev:name": Attribute.text("x"), "sdev:look": Attribute.text(text)})
    assert read_grade(folder / "a.exr").facts == {"name": "x"}


@pytest.mark.parametrize("target", ["b.exr", "b.PNG"])
def test_the_command_prints_it(target: str, dusk: SDev, run: Any, folder: Path, oiio: Any) -> None:
    result = run("info", graded(folder, dusk, target))
    assert result.code == DONE, result.err
    lines = dict(line.split(maxsplit=1) for line in result.out.splitlines() if not line.startswith("look:"))
    assert lines["name"] == "dusk"
    assert lines["sha256"] == dusk.sha256
    told = {"extends": "vision", "printer_lights": "[25.0, 26.5, 24.0]", "print": "kodak_2383"}
    for field, value in told.items():
        assert f"{'look: ' + field:18} {value}" in result.out.splitlines()


def test_the_command_tells_a_clf_the_same(dusk: SDev, run: Any, tmp_path: Path) -> None:
    dusk.save(tmp_path / "a.clf")
    assert "look: printer_lights [25.0, 26.5, 24.0]" in run("info", tmp_path / "a.clf").out.splitlines()
