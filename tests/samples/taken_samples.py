"""A LUT file of codes that says nothing of itself, beside two frames."""

from __future__ import annotations

from pathlib import Path

from exr_samples import SAID, save, smooth

CUBE = "TITLE theirs\nLUT_3D_SIZE 2\n" + "\n".join(f"{r} {g} {b}" for b in (0, 1) for g in (0, 1) for r in (0, 1))


def make_folder(folder: Path) -> None:
    """Write in.1.exr, in.2.exr and a.cube."""
    for frame in (1, 2):
        save(folder / f"in.{frame}.exr", {name: smooth((8, 8), seed=k) for k, name in enumerate("RGB")}, SAID)
    (folder / "a.cube").write_text(CUBE)
