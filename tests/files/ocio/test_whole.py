"""A config is written whole or not at all, and over nothing that was not ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from basics import one_line

from lattice.files.ocio import prints, whole
from lattice.hosts.chosen import sdev_of
from lattice.hosts.config import extend_config

TARGETS = ("made", "made.ocioz")


GOOD = prints.light_clf
SPOILERS: dict[str, tuple[Any, str]] = {
    "no CLF": (lambda sdev: b"", "SDev premier: "),
    "a cut CLF": (lambda sdev: GOOD(sdev)[:5000], "SDev premier: "),
    "another look": (lambda sdev: GOOD(sdev_of("vision")), "shows codes that are"),
    "a little other": (lambda sdev: GOOD(sdev.with_exposure(0.001)), "shows codes that are"),
}

pytestmark = pytest.mark.usefixtures("ocio")


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("spoiler", SPOILERS)
def test_a_config_that_does_not_show_its_sdev_is_not_written(
    spoiler: str, target: str, ocio: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change, says = SPOILERS[spoiler]
    monkeypatch.setattr(prints, "light_clf", change)
    one_line(lambda: extend_config(tmp_path / target, ["premier"], "cg-config"), says)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", TARGETS)
def test_a_missing_clf_is_no_config(target: str, ocio: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lattice.hosts.config._files", lambda *arguments: iter(()))
    one_line(lambda: extend_config(tmp_path / target, ["premier"], "cg-config"), "could not be located")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", TARGETS)
def test_an_interrupt_leaves_nothing(target: str, ocio: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*arguments: Any, **more: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lattice.hosts.config.check_print", interrupt)
    with pytest.raises(KeyboardInterrupt):
        extend_config(tmp_path / target, ["premier"], "cg-config")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", TARGETS)
def test_a_config_is_replaced_only_when_asked(target: str, ocio: Any, tmp_path: Path) -> None:
    extend_config(tmp_path / target, ["premier"], "cg-config")
    one_line(lambda: extend_config(tmp_path / target, ["vision"], "cg-config"), "exists already; --overwrite")
    done = extend_config(tmp_path / target, ["vision"], "cg-config", overwrite=True)
    assert done.views == ("SDev vision",)
    assert [each.name for each in tmp_path.iterdir()] == [target]
    if target == "made":
        assert not list(tmp_path.glob("made/sdev/premier*"))


def test_a_folder_that_is_not_ours_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "config.ocio").write_text("ocio_profile_version: 2\n")
    (tmp_path / "mine").symlink_to(tmp_path / "made")
    for name in ("made", "mine"):
        one_line(lambda name=name: whole.check_target(tmp_path / name, True), "is no folder of a lattice config alone")
    (tmp_path / "a.ocioz").mkdir()
    one_line(lambda: whole.check_target(tmp_path / "a.ocioz", True), "expected a file or a free name, got a folder")


def test_a_folder_that_holds_more_than_a_config_is_never_replaced(ocio: Any, tmp_path: Path) -> None:
    extend_config(tmp_path / "made", ["premier"], "cg-config")
    (tmp_path / "made" / "notes.txt").write_text("mine")
    call = lambda: extend_config(tmp_path / "made", ["premier"], "cg-config", overwrite=True)  # noqa: E731
    one_line(call, "is no folder of a lattice config alone")
    assert (tmp_path / "made" / "notes.txt").read_text() == "mine"


def test_a_name_that_cannot_be_written_is_refused_before_the_work(tmp_path: Path) -> None:
    one_line(lambda: whole.check_target(tmp_path / "a.ocio", False), "expected a folder's name or one ending in .ocioz")
    one_line(lambda: whole.check_target(tmp_path / "no" / "a", False), "expected an existing folder", "got none")
