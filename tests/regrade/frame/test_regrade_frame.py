"""One frame: what is not graded comes out bit for bit."""

from __future__ import annotations

import numpy as np
import OpenEXR
import pytest
from exr_samples import same_bits, save, smooth
from regrade_samples import production_frame, refused, run

from lattice.files.exr import file as exr
from lattice.regrade import Options


@pytest.mark.parametrize(
    "layout",
    [
        {"codec": "ZIP"},
        {"codec": "PIZ", "tile": (16, 16), "order": 2},
        {"codec": "none", "order": 1, "origin": (-9, 2000), "display": (0, 0, 9, 9)},
    ],
)
def test_everything_else_is_bit_identical(folder, layout):
    arrays = production_frame()
    source = save(folder / "a.exr", arrays, linear=("Z",), **layout)
    _, frame = run(folder / "a.exr", folder / "b.exr")
    assert frame.header.channels == source.header.channels
    assert frame.header.tiled == source.header.tiled
    for name, array in arrays.items():
        assert same_bits(frame.channels[name], array) == (name not in "RGB")
    theirs = OpenEXR.File(str(folder / "b.exr"), separate_channels=True).channels()
    assert all(same_bits(theirs[n].pixels, frame.channels[n]) for n in arrays)


def test_layers_are_graded_when_asked_for(folder):
    arrays = production_frame()
    save(folder / "a.exr", arrays)
    _, frame = run(folder / "a.exr", folder / "b.exr", Options(layers=("diffuse",)))
    changed = {name for name, array in arrays.items() if not same_bits(frame.channels[name], array)}
    assert changed == {"R", "G", "B", "diffuse.R", "diffuse.G", "diffuse.B"}
    assert frame.header.text("sdev:layers") == "R,G,B;diffuse.R,diffuse.G,diffuse.B"
    assert "layer N: expected a complete R, G, B" in refused(folder / "a.exr", folder / "c.exr", Options(layers=("N",)))


def test_a_pass_through_channel_that_the_library_corrupts_fails_the_frame(folder, monkeypatch):
    save(folder / "a.exr", production_frame(), codec="PIZ")
    real, first = OpenEXR.Channel, iter([True])

    def corrupting(array, *rest):
        broken = array.copy()
        if array.dtype == np.uint32 and next(first, False):  # one thread's share of the lines
            broken[5, 5] += 1  # what a trip through float does to an ID
        return real(broken, *rest)

    monkeypatch.setattr(OpenEXR, "Channel", corrupting)
    assert "channel id: expected it bit for bit, got 1 changed" in refused(folder / "a.exr", folder / "b.exr")


def test_a_lossy_codec_never_changes_what_passes(folder):
    arrays = {n: smooth((40, 40), seed=i) for i, n in enumerate("RGBA")}
    save(folder / "a.exr", arrays, codec="B44", passing=())
    source = exr.read(folder / "a.exr")
    _, frame = run(folder / "a.exr", folder / "b.exr")
    assert frame.header.codec.name == "B44"
    assert same_bits(frame.channels["A"], source.channels["A"])
    save(folder / "c.exr", {**arrays, "key.R": arrays["A"]}, codec="DWAA", passing=())
    why = refused(folder / "c.exr", folder / "d.exr")
    assert why.startswith(f"{folder / 'c.exr'}: channel key.R: expected a codec that keeps it bit for bit, got DWAA")
