"""An SDev on disk: the same device again, the same pixels in another host, and a clear error for anything else."""

from __future__ import annotations

import os
import re
import time
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import make_device, one_line, random_device, scene
from ocio_host import host
from stage_samples import smooth_stage, staged_by_film
from tolerance import OCIO

from lattice.files import clf
from lattice.files.clf_nodes import MAX_BYTES
from lattice.sdev import SDev, load
from lattice.types import INTERPOLATIONS, Display, Lattice, SDevData


@pytest.mark.parametrize("name", ["premier", "vision-camera", "eterna"])
def test_a_clf_is_the_same_sdev(name: str, built: Any, tmp_path: Path) -> None:
    sdev, path, image = built(name), tmp_path / "look.clf", scene(5000)
    sdev.save(path)
    again = load(path)
    assert again.sha256 == sdev.sha256
    assert again.provenance == sdev.provenance
    assert again.name == sdev.name
    assert np.array_equal(again.apply(image), sdev.apply(image))
    again.save(tmp_path / "again.clf")
    assert (tmp_path / "again.clf").read_bytes() == path.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["again.clf", "look.clf"]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_film_stage_survives_a_clf(count: int, tmp_path: Path) -> None:
    for matrix in (True, False):
        device = SDev.from_device(staged_by_film(5, count, matrix))
        device.save(tmp_path / f"{matrix}.clf")
        assert load(tmp_path / f"{matrix}.clf").sha256 == device.sha256


FILM_STAGE_FAULTS = {
    "another floor": ('<LUT1D name="log"', "0.5", "expected the logarithm to base 2 of light held to a floor"),
    "a floor above every half": ('<LUT1D name="log"', "1000", "expected the logarithm to base 2 of light held"),
    "a floor of 0": ('<LUT1D name="log"', "-3000", "expected the logarithm to base 2 of light held to a floor"),
    "a first curve": ('<LUT1D name="curves 1"', "0.5", "curves 1: expected a first curve that passes its values"),
    "a Range": ('<Range name="hold 3"', "0.5", "hold 3: expected the Range [0.0, 1.0, 0.0, 1.0]"),
    "a step": ('<Matrix name="step 2"', "7.5", "another version: lattice build LOOK -o FILE.clf --overwrite makes"),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("fault", FILM_STAGE_FAULTS)
def test_a_film_stage_that_hosts_show_otherwise_is_refused(fault: str) -> None:
    node, number, says = FILM_STAGE_FAULTS[fault]
    before, found, after = clf.to_xml(staged_by_film()).partition(node)
    odd = re.sub(r"(>\n?)-?[\d.e-]+", rf"\g<1>{number}", after.partition(">")[2], count=1)
    one_line(lambda: clf.from_xml((before + found + after.partition(">")[0] + ">" + odd).encode()), says)


def test_steps_in_another_order_are_refused() -> None:
    text = clf.to_xml(staged_by_film())
    one_line(lambda: clf.from_xml(text.replace("curves 2", "curves 1", 1).encode()), "expected the process list")
    one_line(lambda: clf.from_xml(text.replace('"log"', '"logs"').encode()), "expected the process list")


@pytest.mark.parametrize("name", ["<&\"'>", "Größe 映画", "two\nlines"])
def test_any_name_survives_a_clf(name: str) -> None:
    device = replace(
        random_device("tetrahedral", 3, Display(2.2, np.eye(3) / 3, 1.8)),
        name=name,
        provenance={"profile": name, "input": "ACEScg"},
    )
    again = clf.from_xml(clf.to_xml(device).encode())
    assert (again.name, again.sha256, again.provenance) == (name, device.sha256, device.provenance)


def test_signed_zeros_and_tiny_numbers_survive_a_clf() -> None:
    nodes = np.full((3, 3, 3, 3), 1e-42)
    nodes[0, 0, 0], nodes[1, 1, 1] = -0.0, np.float32(1 / 3)
    device = make_device(nodes, display=Display(3.0, np.array([[-0.0, 1 / 3, 1e-300]] * 3), 2.4))
    assert clf.from_xml(clf.to_xml(device).encode()).sha256 == device.sha256


@cache
def good_text() -> str:
    nodes = np.random.default_rng(0).uniform(0.1, 1, (3, 3, 3, 3))
    device = make_device(nodes, "tetrahedral", display=Display(3.0, np.eye(3), "sRGB"))
    return clf.to_xml(replace(device, provenance={"input": "x"}))


def spoiled(text: str, old: str, new: str) -> bytes:
    assert old in text
    return text.replace(old, new, 1).encode()


SPOILED: dict[str, Callable[[str], bytes]] = {
    "empty": lambda text: b"",
    "binary": lambda text: bytes(range(256)) * 20,
    "truncated": lambda text: text[: len(text) // 2].encode(),
    "cut in its last tag": lambda text: text.rstrip()[:-3].encode(),
    "another document": lambda text: b"<html><body>404</body></html>",
    "no processes": lambda text: b'<ProcessList id="x" name="x" compCLFversion="3.0"></ProcessList>',
    "a process less": lambda text: spoiled(text, 'name="gamma"', 'name="other"'),
    "wrong dims": lambda text: spoiled(text, 'dim="3 3 3 3"', 'dim="3 3 3 4"'),
    "a smaller lattice": lambda text: spoiled(text, 'dim="3 3 3 3"', 'dim="2 2 2 3"'),
    "dims that are no numbers": lambda text: spoiled(text, 'dim="3 3 3 3"', 'dim="three"'),
    "negative dims": lambda text: spoiled(text, 'dim="3 3 3 3"', 'dim="-3 -3 3 3"'),
    "a short table": lambda text: spoiled(text, 'dim="65536 1"', 'dim="1024 1"'),
    "a table of two columns": lambda text: spoiled(text, 'dim="65536 1"', 'dim="32768 2"'),
    "a number less": lambda text: re.sub(r" \S+(\n</Array>\n</LUT3D>)", r"\1", text).encode(),
    "a number more": lambda text: spoiled(text, "\n</Array>\n</LUT3D>", " 0.5\n</Array>\n</LUT3D>"),
    "NaN": lambda text: re.sub(r" \S+(\n</Array>\n</LUT3D>)", r" nan\1", text).encode(),
    "words": lambda text: spoiled(text, 'dim="3 3 3 3">\n', 'dim="3 3 3 3">\nmore '),
    "no interpolation": lambda text: spoiled(text, 'interpolation="tetrahedral"', ""),
    "no array": lambda text: spoiled(text, "Array", "Arrays").replace(b"</Array>", b"</Arrays>", 1),
    "no exponent": lambda text: spoiled(text, "<ExponentParams", "<Params"),
    "another exponent style": lambda text: spoiled(text, "basicFwd", "basicMirrorFwd"),
    "another table": lambda text: spoiled(text, 'halfDomain="true"', ""),
    "another gamma curve": lambda text: spoiled(text, 'offset="0.055"', 'offset="0.099"'),
    "another range": lambda text: spoiled(text, "<maxOutValue>1<", "<maxOutValue>0.5<"),
    "a DOCTYPE": lambda text: spoiled(text, "<ProcessList", "<!DOCTYPE x [<!ENTITY a 'b'>]><ProcessList"),
    "a DOCTYPE behind a comment": lambda text: spoiled(
        text, "<ProcessList", f"<!--{' ' * 5000}--><!DOCTYPE x [<!ENTITY a 'b'>]><ProcessList"
    ),
    "facts that are no JSON": lambda text: spoiled(text, "<SDev>", "<SDev>{"),
    "facts that are no text": lambda text: spoiled(text, '"input": "x"', '"input": 5'),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_a_bad_clf_is_one_clear_error(spoil: Any, tmp_path: Path) -> None:
    path = tmp_path / "bad.clf"
    path.write_bytes(spoil(good_text()))
    one_line(lambda: load(path), str(path))


def test_what_is_no_clf_file_is_refused_without_waiting(tmp_path: Path) -> None:
    (tmp_path / "folder.clf").mkdir()
    os.mkfifo(tmp_path / "pipe.clf")
    started = time.monotonic()
    for name, says in (("folder", "expected a file"), ("pipe", "expected a file"), ("absent", "got none")):
        one_line(lambda name=name: load(tmp_path / f"{name}.clf"), f"{name}.clf", says)
    assert time.monotonic() - started < 5


def test_saving_needs_a_clf_name_and_a_folder(premier: SDev, tmp_path: Path) -> None:
    one_line(lambda: premier.save(tmp_path / "look.cube"), "look.cube", ".clf")
    one_line(lambda: premier.save(tmp_path / "absent" / "look.clf"), "expected an existing folder", "absent")
    assert list(tmp_path.iterdir()) == []


SILENT = {  # what changes another host's pixels, or is no number for it
    "the attribute hueAdjust": ('halfDomain="true"', 'halfDomain="true" hueAdjust="dw3"', "no hueAdjust 'dw3'"),
    "an attribute of somebody's": ('name="clip"', 'name="clip" bypass="true"', "no bypass 'true'"),
    "a cubic table": ('interpolation="linear"', 'interpolation="cubic"', "no interpolation 'cubic'"),
    "another version": ('CLFversion="3.0"', 'CLFversion="9.9"', "compCLFversion: expected 3.0 or 3, got '9.9'"),
    "no version": (' compCLFversion="3.0"', "", "compCLFversion: expected 3.0 or 3, got None"),
    "a number of Python's": ("\n0\n", "\n0_0\n", "expected numbers, got '_0'"),
    "a number of another script": ("\n0\n", "\n\u0663\n", "expected numbers, got"),
    "two signs": ("\n0\n", "\n--13\n", "expected numbers, got '--13'"),
    "a sign alone": ("\n0\n", "\n-\n", "expected numbers, got '-'"),
    "two points": ("\n0\n", "\n1.2.3\n", "expected numbers, got '1.2.3'"),
    "an exponent without digits": ("\n0\n", "\n1e\n", "expected numbers, got '1e'"),
    "an exponent of Python's": ('exponent="3.0"', 'exponent="3_0"', "exponent: expected a number, got '3_0'"),
    "an exponent of one channel": ('exponent="3.0"', 'exponent="3.0" channel="R"', "for all channels"),
    "a second array": ("</LUT3D>", '<Array dim="1">0</Array></LUT3D>', "expected Array, got Array, Array"),
    "a map of indices": ("</LUT1D>", "<IndexMap/></LUT1D>", "expected Array, got Array, IndexMap"),
    "a range that clamps nothing": ('name="clip"', 'name="clip" style="noClamp"', "no style 'noClamp'"),
    "digits without end": ('dim="3 3 3 3"', f'dim="{"9" * 5000} 3 3 3"', "numbers, got dim '9999"),
    "a lattice without end": ('dim="3 3 3 3"', 'dim="9999 9999 9999 3"', "at most 6,440,067 numbers"),
}


@pytest.mark.parametrize(("old", "new", "says"), SILENT.values(), ids=SILENT)
def test_nothing_that_changes_a_pixel_elsewhere_is_passed_over(old: str, new: str, says: str, tmp_path: Path) -> None:
    text = spoiled(good_text(), old, new).decode()
    (tmp_path / "a.clf").write_text(text)
    one_line(lambda: load(tmp_path / "a.clf"), "a.clf: ", says)


def test_a_clf_needs_an_id_and_may_describe_its_ends(tmp_path: Path) -> None:
    (tmp_path / "a.clf").write_text(re.sub(r' id="[0-9a-f]{64}"', "", good_text()))
    one_line(lambda: load(tmp_path / "a.clf"), "id: expected one")
    ends = "<InputDescriptor>Rec.709</InputDescriptor><OutputDescriptor>sRGB</OutputDescriptor><Info>"
    (tmp_path / "b.clf").write_bytes(spoiled(good_text(), "<Info>", f"<Description>x</Description>{ends}"))
    assert load(tmp_path / "b.clf").sha256 == clf.from_xml(good_text().encode()).sha256


@pytest.mark.parametrize("encoding", ["utf-16", "utf-7", "cp037", "hz", "no-such", "latin-1", "utf-32-be"])
def test_another_encoding_is_one_line(encoding: str, tmp_path: Path) -> None:
    said = good_text().replace('encoding="UTF-8"', f'encoding="{encoding}"')
    (tmp_path / "said.clf").write_text(said)
    one_line(lambda: load(tmp_path / "said.clf"), "expected text in UTF-8, got one that says", encoding)
    with suppress(LookupError):
        (tmp_path / "done.clf").write_bytes(said.encode(encoding))
        one_line(lambda: load(tmp_path / "done.clf"), "done.clf: ")
    (tmp_path / "bom.clf").write_bytes(b"\xef\xbb\xbf" + good_text().encode())
    assert load(tmp_path / "bom.clf").name == "made up"


BOMBS = {
    "many elements": lambda: "<a>" + "<b/>" * 4_000_000 + "</a>",
    "deep elements": lambda: "<a>" * 4_000_000,
    "many attributes": lambda: "<a " + " ".join(f'a{k}=""' for k in range(1_000_000)) + "/>",
    "many numbers": lambda: good_text().replace('dim="3 3 3 3">', 'dim="3 3 3 3">' + "1 " * 16_000_000),
    "deep facts": lambda: good_text().replace("<SDev>", "<SDev>" + "[" * 1_000_000),
    "a large file": lambda: good_text() + " " * MAX_BYTES,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_stranger_takes_neither_memory_nor_time(bomb: Any, tmp_path: Path) -> None:
    text = bomb()
    (tmp_path / "a.clf").write_text(text)
    tracemalloc.start()
    one_line(lambda: load(tmp_path / "a.clf"), "a.clf: ")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * len(text) + 50_000_000


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("name", ["premier", "vision-camera"])
def test_another_host_reads_our_clf_and_shows_our_pixels(
    name: str, interpolation: Any, built: Any, ocio: Any, tmp_path: Path
) -> None:
    sdev, image = built(name), scene()
    sdev = replace(sdev, lattice=Lattice(sdev.lattice.nodes, interpolation))
    sdev.save(tmp_path / "look.clf")
    ours = sdev.apply(image, np.empty(image.shape, np.float32))
    assert np.abs(host(ocio, tmp_path / "look.clf", image) - ours).max() <= OCIO


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_another_host_shows_our_pixels_through_a_film_stage(
    interpolation: Any, built: Any, ocio: Any, tmp_path: Path
) -> None:
    look, image = built("premier"), scene(200_000).astype(np.float32)
    nodes = Lattice(look.lattice.nodes, interpolation)
    device = SDev.from_device(SDevData("staged", look.matrix, smooth_stage(), nodes, look.display))
    device.save(tmp_path / "look.clf")
    ours = device.apply(image, np.empty(image.shape, np.float32))
    assert np.abs(host(ocio, tmp_path / "look.clf", image) - ours).max() <= OCIO


def test_another_host_shows_the_light_of_a_pure_gamma(built: Any, ocio: Any, tmp_path: Path) -> None:
    premier = built("premier")
    sdev = replace(premier, display=Display(premier.display.exponent, premier.display.matrix, 2.4))
    sdev.save(tmp_path / "look.clf")
    image = scene(200_000)
    codes = host(ocio, tmp_path / "look.clf", image), sdev.apply(image, np.empty(image.shape, np.float32))
    light = [np.asarray(code, np.float64) ** 2.4 for code in codes]
    assert np.abs(light[0] - light[1]).max() <= OCIO
