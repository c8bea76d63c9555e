"""The main job from end to end: `python examples/demo.py FOLDER`.

Renders a short scene-linear EXR sequence, re-grades it through three looks with the `lattice` command as a user
would, and draws a contact sheet.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from contact_sheet import draw
from render import write_sequence

LOOKS = ("vision", "premier", "bleach-bypass")
WIDTH, FRAMES = 640, 8


def regrade(folder: Path, look: str) -> None:
    """The command a user types, in a process of its own. Raises CalledProcessError where it fails."""
    target = folder / look
    target.mkdir(exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "lattice.cli",
        "regrade",
        str(folder / "scene" / "scene.####.exr"),
        str(target / "scene.####.exr"),
        "--sdev",
        look,
    ]
    print("$ lattice " + " ".join(command[3:]), flush=True)
    subprocess.run(command, check=True)


def main() -> None:
    """Render, re-grade, draw, and say where."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "demo")
    print(f"rendering {FRAMES} frames into {folder / 'scene'}", flush=True)
    for path in write_sequence(folder / "scene", WIDTH, FRAMES, os.cpu_count() or 1):
        print(path, flush=True)
    for look in LOOKS:
        regrade(folder, look)
    sheet = draw(folder, LOOKS, folder / "contact-sheet.png")
    print(f"\ncontact sheet: {sheet.resolve()}")


if __name__ == "__main__":
    main()
