"""Two looks that want one output: one gets it, and the other is refused before it writes anything."""

from __future__ import annotations

import errno
import json
import os
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from exr_samples import SAID, save, smooth
from image_samples import ShownSDev
from killing_looks import play
from ledger_samples import every_line, parts
from level_samples import mapped
from regrade_samples import FakeSDev

from lattice.files.exr import file as exr
from lattice.regrade import Options, Plan, plan, regrade
from lattice.regrade.frame import still
from lattice.regrade.sequence import claim, history
from lattice.regrade.sequence.claim import claimed
from lattice.regrade.sequence.run import regrade_shots
from lattice.types import LatticeError

OTHER = FakeSDev(name="vision", sha256="7e" * 32)


def test_a_run_that_was_planned_before_another_look_came_is_refused_when_it_begins(shot: Path) -> None:
    ends = shot / "s.####.exr", shot / "g.####.exr"
    late = plan(OTHER, *ends)
    regrade(plan(FakeSDev(), *ends, "2"))
    with pytest.raises(LatticeError, match="frame 2 was graded with premier 5d5d5d5d, not vision 7e7e7e7e; --replace"):
        regrade(late)
    assert sorted(path.name for path in shot.glob("g.*.exr")) == ["g.0002.exr"]
    assert {part["sdev"] for part in parts(shot / "g.sdev.jsonl")} == {"premier"}


def test_a_file_that_came_since_the_plan_and_is_not_ours_is_kept(shot: Path) -> None:
    late = plan(FakeSDev(), shot / "s.####.exr", shot / "g.####.exr")
    (shot / "g.0003.exr").write_bytes((shot / "s.0003.exr").read_bytes())
    with pytest.raises(LatticeError, match="frame 3 was not made by lattice; --overwrite"):
        regrade(late)
    assert os.listdir(shot).count("g.0001.exr") == 0


def test_replacing_is_still_allowed(shot: Path) -> None:
    ends = shot / "s.####.exr", shot / "g.####.exr"
    late = plan(OTHER, *ends)
    late = replace(late, session=type(late.session)(OTHER, replace(late.options, replace=True)))
    regrade(plan(FakeSDev(), *ends, "2"))
    assert [report.status for report in regrade(late)] == ["ok"] * 3


def planned(shot: Path, sdev: Any = None, frames: str | None = None, out: str = "g.####.exr", **options: Any) -> Plan:
    return plan(sdev or ShownSDev(), shot / "s.####.exr", shot / out, frames, Options(**options))


def statuses(settled: Plan) -> list[str]:
    return [report.status for report in regrade(settled)]


@pytest.mark.parametrize("has_ledger", [True, False])
@pytest.mark.parametrize("out", ["g.####.exr", "g.####.dpx", "g.####.png"])
def test_frames_beside_those_of_another_look_are_refused(out: str, has_ledger: bool, shot: Path) -> None:
    assert statuses(planned(shot, frames="1-2", out=out)) == ["ok"] * 2
    if not has_ledger:
        (shot / "g.sdev.jsonl").unlink()
    was = "premier 5d5d5d5d" if out.endswith("exr") else "premier"
    with pytest.raises(LatticeError) as refusal:
        planned(shot, OTHER, "3", out)
    assert str(refusal.value) == (
        f"{shot / out}: beside the frames asked for, 2 frames (1-2) were graded with {was}, not vision 7e7e7e7e; "
        "--replace grades these all the same"
    )
    assert statuses(planned(shot, frames="3", out=out)) == ["ok"]
    assert statuses(planned(shot, OTHER, "3", out, replace=True)) == ["ok"]


def test_frames_beside_those_of_other_options_are_refused(shot: Path) -> None:
    regrade(planned(shot, frames="1-2", premult="off"))
    with pytest.raises(LatticeError, match=r"2 frames \(1-2\) were graded with premult off, not auto; --replace"):
        planned(shot, frames="3")
    late = planned(shot, frames="3", premult="off")
    regrade(planned(shot, replace=True, frames="1-2"))
    with pytest.raises(LatticeError, match=r"beside the frames asked for, .* premult auto, not off"):
        regrade(late)
    assert not (shot / "g.0003.exr").exists()


@pytest.mark.parametrize("change", [{"lossy": "zips"}, {"mips": "drop"}, {"threads": 1}, {"compression": "zip"}])
def test_options_that_change_nothing_are_no_trouble_beside_others(change: Mapping[str, Any], shot: Path) -> None:
    regrade(planned(shot, frames="1-2"))
    assert statuses(planned(shot, frames="3", **change)) == ["ok"]


def test_files_of_others_beside_the_frames_are_no_trouble(shot: Path) -> None:
    (shot / "g.0001.exr").write_bytes((shot / "s.0001.exr").read_bytes())
    (shot / "g.0002.exr").write_text("notes")
    assert statuses(planned(shot, frames="3")) == ["ok"]


def test_few_files_of_a_long_sequence_are_opened(shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    regrade(planned(shot, frames="1"))
    for frame in range(1, 101):
        save(shot / f"s.{frame:04d}.exr", {name: smooth((4, 4)) for name in "RGB"}, SAID)
    regrade(planned(shot, frames="1-60", replace=True))
    read, opened = exr.read_headers, list[str]()
    monkeypatch.setattr(
        exr, "read_headers", lambda path, *rest, **more: opened.append(Path(path).name) or read(path, *rest, **more)
    )
    planned(shot, frames="61")
    assert not [name for name in opened if name.startswith("g.")]
    with pytest.raises(LatticeError, match=r"60 frames \(1-60\) were graded"):
        planned(shot, OTHER, "61")
    assert len([name for name in opened if name.startswith("g.")]) < 4
    (shot / "g.sdev.jsonl").unlink()
    planned(shot, frames="61")
    assert len([name for name in opened if name.startswith("g.")]) < 12


@pytest.mark.parametrize("suffix", ["dpx", "cin", "tif", "png", "jpg"])
def test_an_image_of_an_older_version_keeps_its_look(suffix: str, shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = f"g.####.{suffix}"
    with monkeypatch.context() as older:
        own = still.note
        older.setattr(still, "note", lambda *told: own(*told).replace(f" as:{told[-1]}", ""))
        regrade(planned(shot, out=out))
    (shot / "g.sdev.jsonl").unlink()
    with pytest.raises(
        LatticeError, match=r"3 frames \(1-3\) were graded with premier, not vision 7e7e7e7e; --replace"
    ):
        planned(shot, OTHER, out=out)
    assert statuses(planned(shot, out=out)) == ["skipped"] * 3
    save(shot / "s.0002.exr", {name: smooth((16, 16), seed=9) for name in "RGB"}, SAID)
    assert statuses(planned(shot, out=out)) == ["skipped", "ok", "skipped"]


@pytest.mark.parametrize("values", [("drop", "rebuild"), ("zips", "split"), ("hold", "black")])
def test_runs_whose_options_make_other_files_do_not_live_together(values: tuple[str, str], shot: Path) -> None:
    name = {"drop": "mips", "zips": "lossy", "hold": "missing"}[values[0]]
    one, two = (planned(shot, **{name: value}) for value in values)
    with claimed(one, print):
        with claimed(planned(shot, **{name: values[0]}), print), claimed(planned(shot, out="h.####.exr"), print):
            pass
        with pytest.raises(LatticeError, match="another run grades there with another look or other options"):
            regrade(two)
    assert not list(shot.glob("g.*.exr"))


def test_levels_are_of_one_kind_in_a_sequence(tmp_path: Path) -> None:
    for frame in (1, 2):
        mapped(tmp_path / f"s.{frame:04d}.exr", (20, 30), 1, make=lambda shape, dtype, seed: smooth(shape, dtype, seed))
    assert statuses(planned(tmp_path, frames="1", mips="drop")) == ["ok"]
    with pytest.raises(LatticeError, match="frame 1 was graded with mips drop, not rebuild; --replace"):
        planned(tmp_path, frames="2", mips="rebuild")


@pytest.mark.parametrize("out", ["g.####.exr", "g.####.dpx"])
@pytest.mark.parametrize("values", [("hold", "black"), ("black", "hold")])
def test_a_frame_that_stands_in_is_replaced_by_another_kind_when_asked(
    values: tuple[str, str], out: str, shot: Path
) -> None:
    (shot / "s.0002.exr").unlink()
    was, now = values
    assert statuses(planned(shot, out=out, missing=was)) == ["ok"] * 3
    with pytest.raises(LatticeError, match=f"frame 2 was graded with missing {was}, not {now}; --replace replaces it"):
        planned(shot, out=out, missing=now)
    assert statuses(planned(shot, out=out, missing=now, replace=True)) == ["skipped", "ok", "skipped"]
    assert statuses(planned(shot, out=out, missing=now)) == ["skipped"] * 3


def test_outputs_that_differ_by_their_suffix_have_a_claim_each(shot: Path) -> None:
    plans = [planned(shot), planned(shot, OTHER, out="g.####.png"), planned(shot, OTHER, out="g_####.exr")]
    with claimed(plans[0], print), claimed(plans[1], print), claimed(plans[2], print):
        with pytest.raises(LatticeError, match="another run grades there"), claimed(planned(shot, OTHER), print):
            pass
        with claimed(planned(shot, out="g.%d.exr"), print):  # the same files
            pass
    shots = regrade_shots(plans)
    assert not shots.refused
    assert len({line["claim"] for line in every_line(shot / "g.sdev.jsonl") if line.get("event") == "began"}) == 3


def test_a_file_is_not_ours_because_a_frame_of_its_name_failed(shot: Path) -> None:
    source = (shot / "s.0002.exr").read_bytes()
    (shot / "s.0002.exr").unlink()
    assert statuses(planned(shot, frames="1-3")) == ["ok", "failed", "ok"]
    (shot / "s.0002.exr").write_bytes(source)
    (shot / "g.0002.exr").write_text("notes")
    with pytest.raises(LatticeError, match=r"frame 2 was not made by lattice; --overwrite replaces it$"):
        planned(shot)


@pytest.mark.parametrize("out", ["g.####.exr", "g.0002.exr", "g.0002.tif"])
def test_a_file_of_others_that_comes_after_the_plan_is_kept(out: str, shot: Path) -> None:
    source = "s.####.exr" if "#" in out else "s.0002.exr"
    late, came = plan(ShownSDev(), shot / source, shot / out, options=Options(threads=1)), []

    def come(_: object = None) -> None:
        if came:  # written again it would be empty for a moment, as what a killed run leaves
            return
        came.append(shot / out.replace("####", "0003"))  # the second frame is in hand
        came[-1].write_text("notes")

    if "#" not in out:
        come()
    reports = {report.target: report for report in regrade(late, None if came else come)}
    assert reports[came[0]].why.endswith("not made by lattice; --overwrite replaces it")
    assert came[0].read_text() == "notes"


def only_read(path: Any, flags: int, *rest: Any, opened: Any = os.open) -> int:
    """Open a file, but no ledger to write, as where another user wrote it with umask 022."""
    if str(path).endswith(".jsonl") and flags & os.O_RDWR:
        raise PermissionError(errno.EACCES, "Permission denied")
    return int(opened(path, flags, *rest))


def test_a_ledger_that_may_only_be_read_keeps_looks_apart(shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = planned(shot, frames="1-2"), planned(shot, OTHER, "3")
    with claimed(one, print), monkeypatch.context() as reader:
        reader.setattr(os, "open", only_read)
        with pytest.raises(LatticeError, match="another run grades there"):
            regrade(two)
        with pytest.raises(LatticeError, match=r"g\.sdev\.jsonl: cannot be written: Permission denied"):
            regrade(one)  # only its lines are lost
    assert sorted(path.name for path in shot.glob("g.*.exr")) == ["g.0001.exr", "g.0002.exr"]
    for path in shot.glob("g.*.exr"):
        path.unlink()
    with monkeypatch.context() as reader:
        reader.setattr(os, "open", only_read)
        held = claimed(one, print)
        held.__enter__()
    with pytest.raises(LatticeError, match="another run grades there"):  # a reader's claim is seen
        regrade(two)
    held.__exit__(None, None, None)
    assert statuses(two) == ["ok"]


def test_a_run_that_is_refused_is_not_in_the_way_of_those_that_live(
    shot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled, refuse, came = planned(shot), claim._refuse, []

    def slowly(*told: Any) -> None:
        with claim.held(settled):  # a worker of the run that lives
            came.append(told)
        refuse(*told)

    with claimed(settled, print):
        monkeypatch.setattr(claim, "_refuse", slowly)
        with pytest.raises(LatticeError, match="another run grades there"):
            regrade(planned(shot, OTHER))
    assert came


def test_a_run_of_another_host_counts_where_locks_are_local(shot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settled, book = planned(shot), shot / "g.sdev.jsonl"
    with claimed(planned(shot, OTHER), print):
        [began] = every_line(book)
    book.write_text(json.dumps({**began, "host": "elsewhere"}))
    with monkeypatch.context() as mount:
        mount.setattr(claim, "_are_locks_local", lambda descriptor: True)
        with pytest.raises(LatticeError, match=r"another run grades there .*vision.*15 minutes after its last line"):
            regrade(settled)
        assert claim.is_living(book, history.read(book).runs[began["run"]])
    assert not claim.is_living(book, history.read(book).runs[began["run"]])
    assert statuses(settled) == ["ok"] * 3  # its lock would be seen


@pytest.mark.slow
def test_two_commands_at_one_output(tmp_path: Path) -> None:
    told = play(5, tmp_path, random.randrange(1 << 32))
    assert told.rounds == 5
    assert told.statuses


def test_frames_of_another_look_that_stay_are_told(shot: Path) -> None:
    regrade(planned(shot))
    for options in ({"replace": True}, {"force": True}):
        settled = planned(shot, OTHER, "2", **options)
        assert settled.notes == (
            "beside the frames asked for, 2 frames (1,3) were graded with premier 5d5d5d5d, not vision 7e7e7e7e; "
            "left as before",
        )
    assert statuses(planned(shot, OTHER, replace=True)) == ["ok"] * 3
    assert planned(shot, OTHER, "2").notes == ()


def test_frames_that_cannot_be_graded_are_told_before_those_in_the_way(shot: Path) -> None:
    regrade(planned(shot))
    with pytest.raises(LatticeError, match="views: expected none, got left"):
        planned(shot, views=("left",))
