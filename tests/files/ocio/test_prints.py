"""The names and the LUT files of an SDev in a config."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line, scene
from ocio_host import host
from stage_samples import staged_by_film
from tolerance import OCIO

from lattice.files.ocio.prints import Print, codes_clf, file_name, light_clf
from lattice.hosts.chosen import ready
from lattice.types import SDevData, encode_srgb


def test_the_light_of_a_look_goes_beyond_its_display(premier: Any, ocio: Any, tmp_path: Path) -> None:
    image = scene(20_000)
    (tmp_path / "light.clf").write_bytes(light_clf(premier))
    light = host(ocio, tmp_path / "light.clf", image)
    assert light.min() < -0.01  # neither clipped nor encoded
    ours = premier.apply(image, np.empty(image.shape, np.float32))
    assert np.abs(encode_srgb(np.clip(light, 0, 1)) - ours).max() <= OCIO


def test_a_film_stage_is_kept_whole() -> None:
    text = light_clf(staged_by_film(5, 4, True)).decode()
    for node in ('"log"', '"step 4"', '"curves 4"', '"lattice"', '"power"', '"display"'):
        assert f"name={node}" in text
    assert '"clip"' not in text
    assert text.endswith("</Matrix>\n</ProcessList>\n")


def test_the_codes_are_those_of_srgb(ocio: Any, tmp_path: Path) -> None:
    (tmp_path / "codes.clf").write_bytes(codes_clf())
    light = np.linspace(-0.5, 1.5, 3000, dtype=np.float32).reshape(1, -1, 3)
    codes = host(ocio, tmp_path / "codes.clf", light)
    assert np.abs(codes - encode_srgb(np.clip(light, 0, 1))).max() <= 1e-6


def test_another_sdev_has_another_file(premier: Any) -> None:
    other = premier.with_exposure(1)
    assert file_name(premier) != file_name(other)
    assert premier.sha256[:12] in file_name(premier)
    named = SDevData("a/b: ü $X", premier.matrix, premier.table, premier.lattice, premier.display)
    assert file_name(named) == f"a-b-X-{premier.sha256[:12]}-light.clf"


@pytest.mark.parametrize("name", ["", "a,b", "a:b", "a|b", "$A", "%A", 'a"b', "a\nb", "+a", "-a", " a", "a ", "a" * 81])
def test_a_name_that_a_config_reads_otherwise_is_refused(name: str) -> None:
    one_line(lambda: Print(name, "a.clf", "a"), "a config takes a name of 1 to 80 letters")


@pytest.mark.parametrize("name", ["premier", "bleach-bypass-half", "Größe 映画", "a (b) + c'"[:-1], "a.b_c"])
def test_other_names_pass(name: str) -> None:
    each = Print(name, "a.clf", "a")
    assert (each.view, each.look) == (f"SDev {name}", f"{name} print")


def test_an_sdev_of_another_display_and_input_is_made_ready(premier: Any) -> None:
    image = scene(2000).astype(np.float32)
    asked = ready(premier.with_display("PQ@203").with_input("LogC3"))
    assert np.abs(asked.apply(image) - premier.apply(image)).max() <= OCIO
