"""Some channels of an EXR: the bits of the whole reading, whatever the codec; other parts are not touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from exr_samples import CODECS, noise, real_files, same_bits, save, smooth
from level_samples import mapped
from part_samples import save_parts
from refusal_samples import is_refused

from lattice.files.exr import file as exr
from lattice.files.exr import picked
from lattice.types import LatticeError

LAYERS = {f"{layer}.{name}": smooth((301, 67), seed=k) for k, layer in enumerate("abcde") for name in "RGB"}
SOME = ["c.R", "c.G", "c.B"]


def read(path: Path, names: dict[int, list[str]]) -> Any:
    return picked.read_channels(path, exr.read_headers(path), names)


@pytest.mark.parametrize("codec", [codec.name for codec in CODECS])
@pytest.mark.parametrize("together", [1, 100_000, picked.TOGETHER])
@pytest.mark.parametrize("order", [0, 1])
def test_bands_have_the_bits_of_the_whole(
    codec: str, together: int, order: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picked, "TOGETHER", together)
    path = tmp_path / "a.exr"
    try:
        save(path, LAYERS, passing=(), codec=codec, order=order, origin=(-5, -7))
    except LatticeError as error:  # a codec that the package can only read
        pytest.skip(str(error))
    whole = exr.read(path).channels
    found = read(path, {0: SOME})
    assert list(found) == [0]
    assert sorted(found[0]) == sorted(SOME)
    assert all(same_bits(plane, whole[name]) for name, plane in found[0].items())


@pytest.mark.usefixtures("images")
@pytest.mark.parametrize(
    "path", real_files(lambda path: not is_refused(path)), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_real_files(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picked, "TOGETHER", 1)
    parts = exr.read_parts(path)
    wanted = {k: list(part.channels)[:1] for k, part in enumerate(parts)}
    found = read(path, wanted)
    for k, names in wanted.items():
        assert same_bits(found[k][names[0]], parts[k].channels[names[0]])


def test_a_band_takes_little_memory(tmp_path: Path) -> None:
    layers = {f"l{k:02}.{name}": smooth((20, 30), seed=k) for k in range(40) for name in "RGB"}
    save(tmp_path / "a.exr", layers)
    headers = exr.read_headers(tmp_path / "a.exr")
    size = (tmp_path / "a.exr").stat().st_size
    assert picked.peak_bytes(headers, {0: ["l07.R"]}, size) == size + 20 * 30 * 2 + picked.TOGETHER
    assert picked.peak_bytes(headers, {0: list(layers)}, size) == size + 20 * 30 * 2 * 120


def test_levels_give_the_largest(tmp_path: Path) -> None:
    frame = mapped(tmp_path / "a.exr", (33, 41), 1)
    found = read(tmp_path / "a.exr", {0: ["G"]})[0]
    assert same_bits(found["G"], frame.channels["G"])


def test_a_damaged_part_that_is_not_wanted_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    arrays = {name: noise((20, 20), "float16", k) for k, name in enumerate("RGB")}
    save_parts(path, ("rgba", arrays, {}), ("other", arrays, {}))
    path.write_bytes(path.read_bytes()[:-100])
    assert same_bits(read(path, {0: ["R"]})[0]["R"], arrays["R"])
    with pytest.raises(LatticeError, match="cut short"):
        read(path, {1: ["R"]})


def test_a_file_that_changed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    save(path, {"R": smooth((8, 8))})
    headers = exr.read_headers(path)
    save(path, {"R": smooth((8, 9))})
    with pytest.raises(LatticeError, match="changed while it was read"):
        picked.read_channels(path, headers, {0: ["R"]})
