"""Real files: graded with all else kept, or refused in a line."""

from __future__ import annotations

import numpy as np
import OpenEXR
import pytest
from exr_samples import LUMA, real_files, same_bits
from refusal_samples import is_refused
from regrade_samples import FakeSDev, refused, run, stack

from lattice.files.exr import file as exr
from lattice.regrade import Options, plan, regrade

pytestmark = pytest.mark.slow


@pytest.mark.usefixtures("images")
@pytest.mark.parametrize("path", real_files(lambda path: not is_refused(path)), ids=lambda path: path.name)
def test_real_files(folder, path):
    (report,) = regrade(plan(FakeSDev(), path, folder / "b.exr"))
    assert report.status == "ok", report.why
    sources, frames = exr.read_parts(path), exr.read_parts(folder / "b.exr")
    color = (
        dict(text.rpartition(":")[::2] for text in frames[0].header.text("sdev:layers").split(";"))
        if len(frames) > 1
        else {"": frames[0].header.text("sdev:layers").replace(";", ",")}
    )
    for source, frame in zip(sources, frames, strict=True):
        graded = color.get(frame.header.text("name") if len(frames) > 1 else "", "").split(",")
        for name in source.channels:
            assert (name not in graded) == same_bits(source.channels[name], frame.channels[name])
        false = {"chromaticities", "preview"}
        kept = {n: a for n, a in source.header.attributes.items() if n not in false}
        got = {n: a for n, a in frame.header.attributes.items() if n not in false and not n.startswith("sdev:")}
        assert got == kept
        assert frame.header.codec == source.header.codec
        if path.parent.name == "Tiles":
            assert frame.header.tiled
            assert frame.header.tile == (128, 128)
    theirs = OpenEXR.File(str(folder / "b.exr"), separate_channels=True).parts
    for part, frame in zip(theirs, frames, strict=True):
        assert all(same_bits(part.channels[name].pixels, array) for name, array in frame.channels.items())


@pytest.mark.usefixtures("images")
@pytest.mark.parametrize(
    "path", real_files(lambda path: is_refused(path) and not path.name.startswith(LUMA)), ids=lambda path: path.name
)
def test_real_files_that_are_refused(folder, path):
    assert refused(path, folder / "b.exr").startswith(f"{path}: ")


def test_real_glows_survive_and_the_background_has_no_fog(folder, images):
    path = images / "ScanLines" / "CandleGlass.exr"
    source = exr.read(path).channels
    clear = np.asarray(source["A"] == 0)
    empty = clear & (stack(source) == 0).all(axis=-1)
    glows = clear & ~empty
    assert glows.any()
    for choice in ("grade", "keep", "zero"):
        _, frame = run(path, folder / f"{choice}.exr", Options(transparent=choice))
        graded = stack(frame.channels)
        assert not graded[empty].any()
        assert graded[glows].any() == (choice != "zero")
        assert (choice == "keep") == np.array_equal(graded[glows], stack(source)[glows])


def test_real_nan_stay_where_they_are(folder, images):
    path = images / "TestImages" / "BrightRingsNanInf.exr"
    source = exr.read(path).channels
    report, frame = run(path, folder / "b.exr")
    for name in "RGB":
        assert np.array_equal(np.isnan(source[name]), np.isnan(frame.channels[name]))
        assert not np.isinf(frame.channels[name]).any()
    assert report.nan == sum(int(np.isnan(source[n]).sum()) for n in "RGB") > 0
    assert report.inf == sum(int(np.isinf(source[n]).sum()) for n in "RGB") > 0


def test_every_view_of_a_real_stereo_frame_is_graded(folder, images):
    _, frame = run(images / "Beachball" / "singlepart.0001.exr", folder / "b.exr")
    assert frame.header.text("sdev:layers") == "R,G,B;left.R,left.G,left.B"
    _, frame = run(images / "MultiView" / "Adjuster.exr", folder / "c.exr")
    assert frame.header.text("sdev:layers") == "R,G,B;left.R,left.G,left.B;right.R,right.G,right.B"


def test_a_real_sequence(folder, images):
    reports = regrade(plan(FakeSDev(), images / "Beachball" / "singlepart.####.exr", folder / "g.####.exr", "1-9x4"))
    assert [(r.frame, r.status) for r in reports] == [(1, "ok"), (5, "ok"), (9, "failed")]
