"""Graded frames in a movie as they are, and several shots in one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from basics import one_line
from cli_samples import process
from dailies_samples import XY, look, planes_of
from exr_samples import save, smooth
from movie_samples import av, decoded, patches

from lattice.files.exr.header import Attribute
from lattice.regrade import Options, regrade
from lattice.regrade import plan as regrade_plan
from lattice.regrade.dailies.plan import Asked, plan
from lattice.regrade.dailies.reel import Reel
from lattice.regrade.dailies.render import make
from lattice.sdev import SDev

P3 = "0.68 0.32 0.265 0.69 0.15 0.06 0.3127 0.329"


def graded(folder: Path, sdev: SDev, name: str = "s", frames: range = range(1, 4), **options: Any) -> None:
    """Frames `name.####.exr` of patches, and the same graded as `g_name.####.exr`."""
    for frame in frames:
        picture = np.roll(patches(side=16), 16 * frame, axis=2).astype(np.float32)
        save(folder / f"{name}.{frame:04d}.exr", planes_of(picture))
    made = regrade_plan(
        sdev,
        folder / f"{name}.####.exr",
        folder / f"g_{name}.####.exr",
        f"{frames[0]}-{frames[-1]}",
        Options(**options),
    )
    assert all(report.status == "ok" for report in regrade(made))


def reel(folder: Path, *sources: str, sdev: SDev | None = None, options: Any = None, **asked: Any) -> Reel:
    settled = Options(overwrite=True, **(options or {}))
    return plan(sdev, [folder / source for source in sources], folder / "a.mov", Asked(**asked), settled)


def test_graded_frames_are_shown_as_they_are_and_tell_their_look(folder: Path) -> None:
    sdev = look(2.6, output="Display P3 2.6", **{XY: P3})
    graded(folder, sdev)
    ours, meant = (reel(folder, "g_s.####.exr", codec="mjpeg"), reel(folder, "s.####.exr", sdev=sdev, codec="mjpeg"))
    assert ours.shots[0].session is None
    assert (ours.movie.primaries, ours.movie.transfer) == (meant.movie.primaries, meant.movie.transfer) == (12, 17)
    assert ours.shots[0].look.label == meant.shots[0].look.label == f"{sdev.name} {sdev.sha256[:8]}"
    seen = []
    for each in (ours, meant):
        assert make(each)
        seen.append(decoded(folder / "a.mov"))
    for (_, one), (_, other) in zip(*seen, strict=True):
        assert all(np.array_equal(*pair) for pair in zip(one, other, strict=True))


def test_the_comment_tells_how_it_was_graded(folder: Path) -> None:
    sdev = look()
    graded(folder, sdev, premult="off")
    for source, more in (("g_s.####.exr", {}), ("s.####.exr", {"sdev": sdev, "options": {"premult": "off"}})):
        assert make(reel(folder, source, codec="mjpeg", **more))
        with av.open(str(folder / "a.mov")) as file:
            said = file.metadata["comment"]
        for part in ("1-3: lattice ", sdev.name, sdev.sha256, "Rec.709 -> Rec.709 sRGB", "premult=off", "trilinear"):
            assert part in said


def test_frames_that_are_not_alike_are_refused_by_name(folder: Path) -> None:
    one, other = look(), look(2.4, output="Rec.709 2.4")
    graded(folder, one)
    save(folder / "g_s.0004.exr", planes_of(patches(side=16)))
    one_line(
        lambda: reel(folder, "g_s.####.exr"),
        "g_s.####.exr: frames 1-3 are graded, frame 4 is not; --frames 1-3 takes the graded ones, --force with --sdev",
    )
    one_line(lambda: reel(folder, "s.####.exr"), "s.0001.exr is not graded: --sdev LOOK says with what")
    one_line(lambda: reel(folder, "s.####.exr", options={"force": True}), "--force grades frames again: --sdev LOOK")
    graded(folder, other, frames=range(4, 6), overwrite=True, replace=True)
    one_line(
        lambda: reel(folder, "g_s.####.exr"),
        f"a shot has one look, but its frames were graded with {one.name} {one.sha256[:8]} (1-3), ",
        f"{other.name} {other.sha256[:8]} (4-5)",
    )
    (folder / "g_s.0004.exr").unlink()
    (folder / "g_s.0005.exr").unlink()
    one_line(
        lambda: reel(folder, "g_s.####.exr", sdev=other), "the frames were graded with", "without --sdev they are shown"
    )
    assert reel(folder, "g_s.####.exr", sdev=one).shots[0].session is None
    again = reel(folder, "g_s.####.exr", sdev=other, options={"force": True})
    assert again.shots[0].session is not None


def test_only_what_was_graded_is_shown(folder: Path) -> None:
    names = b"".join(len(name).to_bytes(4, "little") + name for name in (b"right", b"left"))
    arrays = {f"{view}{name}": smooth((16, 16)) for view in ("", "left.") for name in "RGB"}
    save(folder / "s.0001.exr", arrays, {"multiView": Attribute("stringvector", names)})
    made = regrade_plan(look(), folder / "s.####.exr", folder / "g.####.exr", None, Options(views=("right",)))
    assert regrade(made)[0].status == "ok"
    assert reel(folder, "g.####.exr").shots[0].channels == ("R", "G", "B")
    one_line(
        lambda: reel(folder, "g.####.exr", options={"views": ("left",)}), "left.R left.G left.B were not graded in it"
    )


@pytest.mark.usefixtures("oiio")
def test_graded_images_are_not_shown(folder: Path) -> None:
    graded(folder, look(), frames=range(1, 2))
    made = regrade_plan(look(), folder / "s.####.exr", folder / "g.####.tif")
    assert regrade(made)[0].status == "ok"
    one_line(lambda: reel(folder, "g.####.tif"), "g.0001.tif: expected an EXR to show as it is, got TIFF graded with")


def test_shots_follow_each_other_each_with_its_own_frames_and_look(folder: Path) -> None:
    one, other = look(), look(**{"note": "another"})
    graded(folder, one, "a", range(1, 3))
    graded(folder, other, "b", range(7, 10))
    made = reel(folder, "g_a.####.exr", "g_b.####.exr", codec="mjpeg", slate="shot,look")
    assert [shot.frames for shot in made.shots] == ["1-2", "7-9"]
    assert made.movie.frames == 24 + 2 + 24 + 3
    told: list[Any] = []
    assert make(made, told.append)
    assert [report.source.name for report in told] == [
        *(f"g_a.000{frame}.exr" for frame in (1, 2)),
        *(f"g_b.000{frame}.exr" for frame in (7, 8, 9)),
    ]
    luma = [planes[0] for _, planes in decoded(folder / "a.mov")]
    assert len(luma) == 53
    assert all(np.array_equal(luma[0], still) for still in luma[:24])
    assert all(np.array_equal(luma[26], still) for still in luma[26:50])
    assert not np.array_equal(luma[0], luma[26])
    assert np.abs(luma[24].astype(int) - luma[0]).mean() > 20


def test_shots_of_several_displays_or_sizes_are_refused(folder: Path) -> None:
    graded(folder, look(), "a")
    graded(folder, look(2.4, output="Rec.709 2.4"), "b")
    one_line(lambda: reel(folder, "g_a.####.exr", "g_b.####.exr"), "a movie is for one display, but")
    save(folder / "c.0001.exr", {name: smooth((8, 6)) for name in "RGB"})
    both = ("a.####.exr", "c.####.exr")
    one_line(
        lambda: reel(folder, *both, sdev=look()), "several sizes, 128 x 96", "and 6 x 8", "--size such as 1920x1080"
    )
    made = reel(folder, *both, sdev=look(), size="64x64", codec="mjpeg")
    assert make(made)
    assert len(decoded(folder / "a.mov")) == 4


def test_the_command_takes_shots_and_a_range_for_each(folder: Path) -> None:
    graded(folder, look(), "a")
    graded(folder, look(), "b")
    words = ["dailies", folder / "g_a.####.exr", folder / "g_b.####.exr", folder / "new" / "a.mov", "--codec", "mjpeg"]
    ranges = ["--frames", "1-2", "--frames", "3"]
    done = process(*words, *ranges)
    assert (done.code, done.out) == (2, "")
    assert "--mkdir makes it" in done.err
    done = process(*words, *ranges, "--mkdir", "--fps", "24")
    assert (done.code, done.err) == (0, ""), done
    assert done.out.startswith("3 frames of 2 shots, 128 x 96, R G B, graded with ")
    assert len(done.out.splitlines()) == 6
    assert len(decoded(folder / "new" / "a.mov")) == 3
    done = process(*words, *ranges)
    assert done.err == f"lattice: {folder / 'new' / 'a.mov'} is there already: --overwrite replaces it\n"
    assert process(*words, *ranges, "--overwrite").code == 0
    done = process(*words[:3], folder / "g_a.0001.exr" / "new" / "a.mov", "--frames", "1-2", "--frames", "3", "--mkdir")
    assert done.code == 1
    assert done.err.splitlines()[-1].endswith("new: cannot be made: Not a directory; no movie was written")
    done = process("dailies", folder / "g_a.####.exr")
    assert "OUT is missing: lattice dailies" in done.err


def test_memory_counts_the_display_window_and_the_codec(folder: Path) -> None:
    """A small file may have a display window of any size."""
    save(folder / "s.0001.exr", planes_of(patches(side=8)), display=(0, 0, 11999, 7999))
    with pytest.raises(ValueError, match=r"12000 x 8000 in ProRes 422 HQ takes about \d+ MiB of memory, of 100 MiB"):
        reel(folder, "s.####.exr", sdev=look(), options={"memory": 100 * 2**20})
    one_line(
        lambda: reel(folder, "s.####.exr", sdev=look(), codec="h264", size="4096x2160", options={"memory": 2**30}),
        "4096 x 2160 in H.264 takes about",
        "a smaller --size takes less",
    )
    made = reel(folder, "s.####.exr", sdev=look(), codec="mjpeg", size="640x360", options={"memory": 2**32})
    assert make(made)
