"""The settings of a viewer: what a page may send, and the constants that both sides draw by."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from lattice.types import LatticeError
from lattice.view import looking
from lattice.view.looking import BAND_LABELS, BANDS, SURROUND, Looking, Picture, constants, fitted, scale_for

FULL = {
    "exposure": -1.5,
    "gamma": 2,
    "channel": "y",
    "false_color": True,
    "clipping": True,
    "markers": True,
    "mode": "wipe",
    "wipe": [0.25, 0.5, -90],
    "zoom": 0.5,
    "center": [960, 540.5],
}


def test_json_and_back() -> None:
    asked = Looking.of(FULL)
    assert json.loads(json.dumps(asdict(asked))) == FULL
    assert Looking.of(json.loads(json.dumps(asdict(asked)))) == asked
    assert asked.wipe == (0.25, 0.5, -90)


def test_what_is_left_out_has_its_default() -> None:
    assert Looking.of({}) == Looking()
    assert Looking.of({"exposure": 2}) == Looking(exposure=2.0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("exposure", 20.5),
        ("exposure", "1"),
        ("exposure", True),
        ("exposure", None),
        ("exposure", float("nan")),
        ("exposure", 10**400),
        ("gamma", 0),
        ("gamma", 10.1),
        ("gamma", float("inf")),
        ("channel", "R"),
        ("channel", ["rgb"]),
        ("false_color", 1),
        ("clipping", "yes"),
        ("markers", None),
        ("mode", "wiped"),
        ("wipe", [0.5, 0.5]),
        ("wipe", [0.5, 0.5, 400]),
        ("wipe", [0.5, "0.5", 0]),
        ("wipe", 0.5),
        ("zoom", 0),
        ("zoom", -1),
        ("zoom", 5000),
        ("center", [1e7, 0]),
        ("center", [0]),
        ("center", {"x": 0}),
        ("exposre", 1),
    ],
)
def test_a_fault_names_its_field(field: str, value: Any) -> None:
    with pytest.raises(LatticeError) as caught:
        Looking.of({**FULL, field: value})
    text = str(caught.value)
    assert field in text.partition(": ")[0]
    assert "\n" not in text
    assert len(text) < 160


@pytest.mark.parametrize("told", [None, [], "x", 3])
def test_no_object_is_refused(told: Any) -> None:
    with pytest.raises(LatticeError, match="looking: expected an object"):
        Looking.of(told)


def test_a_misspelled_field_is_met_halfway() -> None:
    with pytest.raises(LatticeError, match="did you mean 'false_color'"):
        Looking.of({"falsecolor": True})


def test_the_bands_cover_every_light_once_around_gray() -> None:
    ends = [upper for upper, _ in BANDS]
    assert ends == sorted(set(ends))
    assert ends[-1] > 40  # stops: more than any half, exposed by 20, has
    assert len(BAND_LABELS) == len(BANDS) == len({color for _, color in BANDS})
    gray = BAND_LABELS.index("0")
    assert ends[gray - 1] < 0 < ends[gray]
    assert len(set(BANDS[gray][1])) == 1
    for label, low, high in zip(BAND_LABELS[1:-1], ends, ends[1:], strict=False):
        stops = sum(float(part) for part in [label.replace("1/2", "0.5")])
        assert low < stops < high, label


def test_bands_are_told_apart_on_a_dark_page() -> None:
    colors = np.array([SURROUND, *(color for _, color in BANDS)], float)
    apart = np.linalg.norm(colors[:, None] - colors, axis=-1) + 1e3 * np.eye(len(colors))
    assert apart.min() > 30  # the lowest band is nearly black, as shadows are


def test_constants_are_json() -> None:
    told = json.loads(json.dumps(constants(), allow_nan=False))
    assert told["bands"][7] == [0.25, [128, 128, 128]]
    assert set(told["colors"]) == {"high", "low", "nan", "inf", "negative"}
    assert (told["surround"], told["difference"]) == ([38, 38, 38], 8.0)


def test_the_whole_picture_is_fitted() -> None:
    picture = Picture(np.zeros((3, 4, 8), np.float16), (2, 1, 9, 4), (0, 0, 9, 4), aspect=2.0)
    assert fitted(picture, (100, 100)) == (5.0, (5.0, 2.5))  # 10 pixels, twice as wide as high
    assert fitted(picture, (100, 100), most=1.0)[0] == 1.0
    assert (picture.size, picture.corner, picture.has_alpha) == ((10, 5), (2, 1), False)


@pytest.mark.parametrize(("zoom", "scale"), [(4, 1), (1, 1), (0.51, 1), (0.5, 2), (0.3, 2), (0.25, 4), (0.2, 4)])
def test_a_proxy_has_a_sample_or_more_for_each_pixel(zoom: float, scale: int) -> None:
    assert scale_for(zoom) == scale
    assert zoom >= 1 or 0.5 < zoom * scale <= 1


def test_limits_are_those_of_the_fields() -> None:
    for exposure in (-looking.MOST_STOPS, looking.MOST_STOPS):
        assert Looking.of({"exposure": exposure}).exposure == exposure
    for gamma in looking.GAMMAS:
        assert Looking.of({"gamma": gamma}).gamma == gamma
