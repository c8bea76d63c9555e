"""A movie shows the beauty, the layer that is named, or the only one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenEXR
from dailies_samples import look
from exr_samples import save, smooth

from lattice.regrade import Options
from lattice.regrade.dailies import plan as dailies
from lattice.regrade.dailies import render


def test_a_layer_is_shown_where_it_is_named_or_the_only_one(folder: Path) -> None:
    color = {name: smooth((16, 16), seed=k) for k, name in enumerate("RGB")}
    save(folder / "s.exr", {f"Beauty.{name}": plane for name, plane in color.items()})
    save(folder / "t.exr", {**{n: p * 0 for n, p in color.items()}, **{f"spec.{n}": p for n, p in color.items()}})
    save(folder / "u.exr", color)
    pictures = []
    for name, layers, before in (("s", (), "Beauty."), ("t", ("spec",), "spec."), ("u", (), "")):
        reel = dailies.plan(look(), folder / f"{name}.exr", folder / "a.mov", options=Options(layers=layers))
        assert reel.shots[0].channels == tuple(before + each for each in "RGB")
        pictures.append(render._seen(reel.jobs[0], reel.shots[0], reel.options)[0])
    assert np.array_equal(pictures[0], pictures[2])
    assert np.array_equal(pictures[1], pictures[2])


def test_a_lossy_codec_of_channels_that_no_movie_shows_is_no_reason(folder: Path) -> None:
    arrays = {name: smooth((40, 40), seed=k) for k, name in enumerate(["R", "G", "B", "diffuse.R"])}
    channels = {name: OpenEXR.Channel(plane) for name, plane in arrays.items()}
    header = {"compression": OpenEXR.DWAA_COMPRESSION, "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, channels).write(str(folder / "s.exr"))
    assert render.make(dailies.plan(look(), folder / "s.exr", folder / "a.mov"))
