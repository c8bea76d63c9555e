"""Texts in pictures never meet: by the ink that is seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lattice.regrade.dailies import burnin, slate
from lattice.regrade.dailies.burnin import PLACES, Strip
from lattice.regrade.dailies.text import SMALLEST, has_boxes, height_of

SIZES = [(256, 120), (480, 270), (640, 1080), (1920, 1080)]
KNOWN = {
    "shot": "sh010_comp_v002_final",
    "look": "premier 34676e1e",
    "date": "2026-11-29",
    "frames": "1001-1100 (100)",
    "timecode": "01:00:00:00",
    "rate": "23.976 a second",
}
MANY = ",".join(["show=Nightfall", *KNOWN, *(f"item{k}=gjpqy {k}" for k in range(7))])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("aspect", [1.0, 2.0])
def test_a_slates_lines_are_apart_and_the_rest_is_named(aspect: float, size: tuple[int, int]) -> None:
    entries = slate.parse(MANY)
    page = slate._page(entries, KNOWN, size, aspect)
    out = slate.left_out(entries, KNOWN, size, aspect)
    assert page.step >= height_of(page.line) >= height_of(SMALLEST)
    assert page.top + page.fitting * page.step <= slate.GRAYS[0] * size[1]
    kept = tuple(each for each in entries if each.name not in out)
    assert kept == entries[: len(kept)]
    assert len(kept) > 3
    still = slate.drawn(entries, KNOWN, size, aspect)
    for k, entry in enumerate(kept[1:]):  # a line's ink depends on its own text alone
        other = slate.drawn((*entries[: k + 1], entry._replace(text="X"), *entries[k + 2 :]), KNOWN, size, aspect)
        rows = np.flatnonzero((still != other).any(axis=(0, 2)))
        first = page.top + k * page.step
        assert first <= rows[0] <= rows[-1] < first + page.step


def test_a_name_ends_before_its_text() -> None:
    entries = slate.parse("show=Nightfall," + "supervisor" * 6 + "=")
    one, other = (slate.drawn((entries[0], each), {}, (480, 270), 1.0) for each in (entries[1], slate.Entry("", "")))
    columns = np.flatnonzero((one != other).any(axis=(0, 1)))
    page = slate._page(entries, {}, (480, 270), 1.0)
    assert columns[-1] < int(slate.MARGIN * 480) + page.column


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["sh010_v02", "sh010_comp_v002_final_grade_acescg_beauty"])
def test_burnt_in_texts_never_meet(name: str, size: tuple[int, int]) -> None:
    labels = {"frame": "1001 held", "name": name, "timecode": "01:00:00:00", "look": "premier 34676e1e", "date": "2026"}
    strip = Strip.fitting([labels], *size, 1.0)

    def plate(**texts: str) -> Any:
        picture = np.full((3, size[1], size[0]), 0.5, np.float32)
        strip.burn(picture, texts)
        return picture[0] != 0.5

    plates = [plate(**{item: labels[item]}) for item in PLACES]
    assert all(each.any() for each in plates)
    assert np.sum(plates, axis=0).max() == 1
    assert size != (480, 270) or strip.lines["timecode"] == (len(name) > 20)
    assert burnin.parse(",".join(PLACES)) == tuple(PLACES)


def test_letters_that_the_font_lacks_are_found() -> None:
    assert [text for text in ("sh010 ~!", "é", "한국", "") if has_boxes(text)] == ["é", "한국"]
