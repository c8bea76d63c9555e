"""What `lattice.view` is given: arrays, paths, looks as values; and what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exr_samples import SAID, noise, save
from notebook_samples import AUTHOR, IMAGE, looks_built, still_of, view
from view_samples import folder

import lattice
from lattice.types import LatticeError
from lattice.view import drawn, session
from lattice.view.kept import Want
from lattice.view.looking import Looking
from lattice.view.references import Reference

__all__ = ["folder", "looks_built", "view"]  # fixtures


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("channels", [3, 4])
def test_an_array_is_shown_as_apply_grades_it(dtype: str, channels: int, view: Any, built: Any) -> None:
    image = np.random.default_rng(2).random((9, 16, channels)).astype(dtype)
    still = still_of(view(image, sdev="premier"))
    loaded = still.desk.frames.get(Want(0, 0))
    assert np.array_equal(loaded.picture.planes, np.moveaxis(image, -1, 0).astype(np.float16))
    assert (loaded.kind, loaded.names) == (dtype, tuple("RGBA"[:channels]))
    canvas = drawn.draw(
        (16, 9), Looking(center=(8, 4.5)), (loaded.picture, still.desk.slots.shown(Reference(1), loaded.primaries))
    )
    graded = built("premier").apply(image.astype(np.float16).astype(np.float32))
    assert np.array_equal(canvas[..., :3], np.rint(255 * graded[..., :3]).astype(np.uint8))
    image[...] = 0
    assert np.array_equal(still.desk.frames.get(Want(0, 0)).picture.planes, loaded.picture.planes), "a copy"


def test_what_an_array_holds_is_what_the_look_takes_or_what_the_user_says(view: Any, built: Any) -> None:
    def shown(image: Any, **told: Any) -> Any:
        desk = still_of(view(image, **told)).desk
        loaded = desk.frames.get(Want(0, 0))
        sdev = desk.slots.shown(Reference(1), loaded.primaries)
        return sdev.apply(np.moveaxis(loaded.picture.planes, 0, -1).astype(np.float32))

    wide, codes = built("premier").with_input("ACEScg"), built("premier").with_input("LogC3")
    halves = IMAGE.astype(np.float16).astype(np.float32)
    assert np.array_equal(shown(IMAGE, sdev=wide), wide.apply(halves))
    assert np.array_equal(shown(IMAGE, sdev="premier", input="acescg"), wide.apply(halves))
    light = lattice.to_linear(IMAGE, "LogC3").astype(np.float16).astype(np.float32)
    assert np.array_equal(shown(IMAGE, sdev=codes), built("premier").with_input("ARRI Wide Gamut 3").apply(light))
    assert np.array_equal(shown(IMAGE, sdev=codes), shown(IMAGE, sdev="premier", input="LogC3"))
    own = built("premier").with_input([0.7, 0.3, 0.2, 0.7, 0.15, 0.05, 0.3127, 0.329])
    assert np.abs(shown(IMAGE, sdev=own) - own.apply(halves)).max() < 1e-6


def test_arrays_are_frames_and_paths_are_shots(view: Any, folder: Path) -> None:
    told = still_of(view([IMAGE, IMAGE / 2, IMAGE[:9]], sdev="premier")).desk.session()
    assert [(shot["count"], shot["frames"], shot["numbers"]) for shot in told["shots"]] == [(3, "1-3", [1, 2, 3])]
    still = still_of(view([folder / "a.#.exr", str(folder / "b.exr")], sdev=["premier", "vision"], input="ACEScg"))
    told = still.desk.session()
    assert [shot["count"] for shot in told["shots"]] == [3, 1]
    assert told["input"] == "ACEScg"
    assert [slot and slot["name"] for slot in told["slots"][:3]] == ["premier", "vision", None]
    assert repr(still) == f"lattice.view({folder / 'a.#.exr'}, {folder / 'b.exr'}: premier, vision)"
    assert len(still_of(view(folder / "b.exr")).desk.session()["slots"]) == 9


def test_infinities_that_halves_make_are_said(view: Any) -> None:
    image = IMAGE.copy()
    image[0, 0] = 1e6, np.inf, np.nan
    [note] = still_of(view(image, sdev="premier")).desk.frames.notes(0)
    assert note.startswith("1 values beyond 65504")


def test_looks_are_values_too(view: Any, built: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "author", lambda: AUTHOR)
    mine = lattice.profile("premier").replace(name="mine")
    monkeypatch.setattr(session, "load", lambda look: built("vision") if look is mine else built(look.name))
    desk = still_of(view(IMAGE, sdev=[built("bleach-bypass"), mine, "premier"])).desk
    assert [slot["name"] for slot in desk.session()["slots"][:3]] == ["bleach-bypass", "mine", "premier"]
    assert "an SDev for" in desk.session()["slots"][0]["description"]
    assert desk.slots.sdev(Reference(1)) is built("bleach-bypass")
    assert desk.slots.sdev(Reference(2)) is built("vision")
    assert desk.profile({"slot": 2}) == {"name": "mine"}
    with pytest.raises(LatticeError, match="slot: bleach-bypass is an SDev, whose film curves are not known"):
        desk.profile({"slot": 1})


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ((IMAGE[..., 0],), r"image: expected shape \(H, W, 3\) or \(H, W, 4\)"),
        ((np.zeros((2, 2, 3), np.uint8),), "image: expected float16, float32, float64 or bfloat16, got uint8"),
        ((IMAGE[:0],), "image: expected at least one pixel"),
        (([],), "image: expected an array, a path .* got an empty list"),
        (([IMAGE, "a.exr"],), "image: expected an array, a path .* got ndarray, str"),
        ((5,), "image: expected an array, a path .* got int"),
        (("none.exr",), "none.exr"),
        ((IMAGE, "visoin"), "did you mean 'vision'"),
        ((IMAGE, []), "sdev: expected a look's name"),
        ((IMAGE, [5]), "sdev: expected a look's name, an SDev or a Profile, got 5"),
        ((IMAGE, ["vision"] * 10), "^sdev: expected at most 9"),
        ((IMAGE, "vision", "nope"), "input: no input is named 'nope'"),
        ((IMAGE, "vision", None, "diffuse"), "layer: expected none for an array"),
        ((IMAGE, None, 3), "input: expected the name of a color space"),
        ((IMAGE, ["slot 2", lattice.profile("premier")]), "slot 2"),
    ],
)
def test_a_wrong_argument_is_one_line(told: Any, says: str) -> None:
    with pytest.raises(LatticeError, match=says) as caught:
        lattice.view(*told)
    assert "\n" not in str(caught.value)


def test_a_layer_is_shown_first(view: Any, folder: Path) -> None:
    save(
        folder / "l.exr",
        {f"{of}{n}": noise((8, 9), "float16", k) for k, n in enumerate("RGB") for of in ("", "key.")},
        SAID,
    )
    still = still_of(view(folder / "l.exr", sdev="premier", layer="key"))
    assert still.desk.session()["layer"] == "key"
    with pytest.raises(LatticeError, match=r"^layer: expected"):
        lattice.view(folder / "l.exr", layer="kee")
