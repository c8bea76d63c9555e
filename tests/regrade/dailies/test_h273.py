"""A movie's tags: the display's primaries and curve by ITU-T H.273, or unspecified with a note."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from dailies_samples import XY, look

from lattice.color.primaries import PRIMARIES
from lattice.looks.profile import DisplaySpec
from lattice.regrade.dailies.h273 import tags
from lattice.regrade.frame.header import display_chromaticities
from lattice.sdev import SDev


def tags_of(sdev: SDev) -> Any:
    return tags(sdev.name, display_chromaticities(sdev), sdev.display.gamma)


@pytest.mark.parametrize(
    ("gamma", "facts", "codes", "notes"),
    [
        ("sRGB", {}, (1, 13), 0),
        (2.4, {}, (1, 1), 0),
        (2.6, {XY: ".68 .32 .265 .69 .15 .06 .314 .351"}, (11, 17), 0),
        ("sRGB", {XY: "0.68 0.32 0.265 0.69 0.15 0.06 0.3127 0.329"}, (12, 13), 0),
        (2.4, {XY: "0.708 0.292 0.17 0.797 0.131 0.046 0.3127 0.329"}, (9, 1), 0),
        ("PQ", {XY: "0.708 0.292 0.17 0.797 0.131 0.046 0.3127 0.329"}, (9, 16), 0),
        ("HLG", {XY: "0.708 0.292 0.17 0.797 0.131 0.046 0.3127 0.329"}, (9, 18), 0),
        (2.35, {XY: ""}, (2, 2), 2),
        (2.2, {XY: "1 0 0 1 0 0 .3 .3"}, (2, 4), 1),
    ],
)
def test_the_display_is_said_in_tags_or_left_unspecified_with_a_note(
    gamma: Any, facts: dict[str, str], codes: Any, notes: int
) -> None:
    primaries, transfer, noted = tags_of(look(gamma, **facts))
    assert (primaries, transfer) == codes
    assert sum("left unspecified" in note for note in noted) == notes


def test_every_display_of_a_profile_has_tags() -> None:
    displays = [each for each in PRIMARIES.values() if each.is_display]
    assert get_args(DisplaySpec.model_fields["primaries"].annotation) == tuple(each.name for each in displays)
    for each in displays:
        device = look("sRGB", **{XY: " ".join(f"{v:g}" for v in each.xy)})
        primaries, transfer, notes = tags_of(device)
        assert (primaries, transfer) == (each.h273 or 2, 13)
        assert len(notes) == (each.h273 is None)
