"""A contact sheet: the pictures that apply gives, in their places, with labels beside them and never over them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import require
from exr_samples import SAID, save, smooth

from lattice.files.images.png import PNG_MAGIC
from lattice.regrade.options import Options
from lattice.sdev import SDev
from lattice.types import LatticeError
from lattice.view.looking import SURROUND, scale_for
from lattice.view.plain import plain, taking
from lattice.view.sheet import DIM, INK, make_sheet, png_of
from lattice.view.still import find_still, for_still, read_still

SHAPE = (90, 160)


@pytest.fixture(autouse=True)
def _has_pillow() -> None:
    try:
        import PIL  # noqa: F401
    except ImportError:
        require("dailies", "pillow is not installed")


@pytest.fixture
def still(tmp_path: Path) -> Path:
    arrays = {name: smooth(SHAPE, seed=k).astype(np.float16) for k, name in enumerate("RGB")}
    save(tmp_path / "still.exr", arrays, SAID)
    return tmp_path / "still.exr"


def cells(sheet: Any, columns: int, rows: int, size: tuple[int, int]) -> list[list[Any]]:
    """The pictures of a sheet, found as whole columns and rows that are no surround."""
    inked = (sheet != SURROUND).any(axis=-1)
    solid_rows = np.flatnonzero(inked.mean(axis=1) > 0.5)
    solid_columns = np.flatnonzero(inked[solid_rows].mean(axis=0) > 0.5)
    assert (len(solid_rows), len(solid_columns)) == (rows * size[1], columns * size[0])
    return [
        [sheet[np.ix_(down, across)] for across in np.split(solid_columns, columns)]
        for down in np.split(solid_rows, rows)
    ]


def test_every_cell_is_what_apply_gives(still: Path, built: Callable[[str], SDev]) -> None:
    loaded = read_still(still, "", "", Options())
    looks = [plain(), built("vision"), built("bleach-bypass")]
    text, gap = 12, 6
    sheet = make_sheet(loaded, looks, [0.0], "still.exr", 3 * SHAPE[1] + 2 * gap + 2 * text)
    image = loaded.picture.planes.transpose(1, 2, 0).astype(np.float32)
    [found] = cells(sheet, 3, 1, (SHAPE[1], SHAPE[0]))
    for look, cell in zip(looks, found, strict=True):
        assert np.array_equal(cell, np.rint(255 * look.apply(image)))


def test_rows_are_exposures_and_columns_looks(still: Path, built: Callable[[str], SDev]) -> None:
    loaded = read_still(still, "", "", Options())
    sheet = make_sheet(loaded, [plain(), built("premier")], [-1.0, 0.0, 2.0], "still", 700)
    inked = (sheet != SURROUND).any(axis=-1)
    down, across = np.flatnonzero(inked.mean(axis=1) > 0.5), np.flatnonzero(inked[-40] & inked[-60])
    found = cells(sheet, 2, 3, (len(across) // 2, len(down) // 3))
    means = np.array([[cell.mean() for cell in row] for row in found])
    assert (np.diff(means, axis=0) > 5).all()
    assert (means[:, 1] < means[:, 0]).all()  # a print is darker than the plain picture


def test_labels_are_legible_neutral_and_beside_the_pictures(still: Path) -> None:
    loaded = read_still(still, "", "", Options())
    for exposures in ([0.0], [-1.0, 1.5]):
        with_labels = make_sheet(loaded, [plain()], exposures, "still", 600)
        inked = (with_labels != SURROUND).any(axis=-1)
        first = np.flatnonzero(inked.mean(axis=1) > 0.5)[0]
        above = with_labels[:first]
        assert np.ptp(above, axis=-1).max() == 0
        assert {INK[0], DIM[0]} <= set(np.unique(above))
        left = with_labels[first:, : np.flatnonzero(inked[first + 2 : first + 60].all(axis=0))[0]]
        assert (left.max() > INK[0] - 40) == (len(exposures) > 1)


def test_other_light_and_other_displays_are_taken(still: Path, premier: SDev) -> None:
    loaded = read_still(still, "", "", Options(input="ACEScg"))
    assert loaded.primaries == "ACEScg"
    ready = for_still(premier.with_display("P3-DCI"), loaded)
    assert np.allclose(ready.display.matrix, premier.display.matrix, atol=1e-12)
    assert ready.display.gamma == premier.display.gamma == "sRGB"
    assert np.array_equal(ready.matrix, taking(premier, "ACEScg").matrix)


@pytest.mark.parametrize("look", ["vision", "premier"])
def test_a_look_for_srgb_stays_itself(look: str, still: Path, built: Callable[[str], SDev]) -> None:
    assert for_still(built(look), read_still(still, "", "", Options())).sha256 == built(look).sha256


def test_a_png_says_that_its_codes_are_srgb(oiio: Any, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (6, 9, 3), np.uint8)
    (tmp_path / "a.png").write_bytes(png_of(pixels, "sheet of x"))
    data = (tmp_path / "a.png").read_bytes()
    assert data.startswith(PNG_MAGIC)
    assert data[data.index(b"cICP") + 4 :][:4] == bytes((1, 13, 0, 1))  # Source: ITU-T H.273: Rec.709, sRGB, RGB, full
    assert b"Description\0lattice " in data
    assert np.array_equal(oiio.ImageBuf(str(tmp_path / "a.png")).get_pixels(oiio.UINT8), pixels)
    assert struct.unpack(">2I", data[16:24]) == (9, 6)


def test_pictures_are_drawn_from_means_where_they_are_small(still: Path) -> None:
    picture = read_still(still, "", "", Options()).picture.proxy(scale_for(0.2))
    assert (picture.scale, picture.planes.shape) == (4, (3, 23, 40))


@pytest.mark.parametrize(("width", "looks", "says"), [(159, 1, "160"), (20000, 1, "16384"), (200, 8, "at least")])
def test_a_sheet_that_cannot_be_laid_out_is_refused(width: int, looks: int, says: str, still: Path) -> None:
    loaded = read_still(still, "", "", Options())
    with pytest.raises(LatticeError, match=f"width: expected.*{says}"):
        make_sheet(loaded, [plain()] * looks, [0.0], "", width)


def test_a_sheet_that_would_take_all_memory_is_refused(still: Path) -> None:
    loaded = read_still(still, "", "", Options())
    with pytest.raises(LatticeError, match=r"sheet: expected at most 268 megapixels, got .*--width"):
        make_sheet(loaded, [plain()], [0.0] * 20, "", 16384)


def test_frames_of_a_sequence(tmp_path: Path) -> None:
    for number in (7, 3):
        save(tmp_path / f"a.{number:04}.exr", {name: smooth((4, 4)) for name in "RGB"})
    pattern = str(tmp_path / "a.####.exr")
    assert find_still(pattern, None).name == "a.0003.exr"
    assert find_still(pattern, 7).name == "a.0007.exr"
    with pytest.raises(LatticeError, match="missing frame"):
        read_still(find_still(pattern, 5), "", "", Options())
    with pytest.raises(LatticeError, match="frame: expected a pattern"):
        find_still(str(tmp_path / "a.0003.exr"), 3)
