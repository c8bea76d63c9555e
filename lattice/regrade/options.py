"""What a regrade is asked: its options, and the job of one frame."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, get_args, get_type_hints

from lattice.sdev.engines import Engine
from lattice.types import LatticeError

Premult = Literal["auto", "off"]
Transparent = Literal["grade", "keep", "zero"]
Nonfinite = Literal["keep", "error", "zero"]
Deep = Literal["refuse", "pass"]
Lossy = Literal["refuse", "zips", "split"]
Mips = Literal["refuse", "drop", "rebuild"]
Missing = Literal["error", "skip", "hold", "black"]
Transfer = Literal["auto", "linear", "cineon", "srgb", "rec709"]
MOST_THREADS = 8  # by default; each holds a frame or two in memory, and disks gain nothing from more


@dataclass(frozen=True)
class Options:
    """How to regrade.

    input: the primaries of the pixels ("ACEScg", "Rec.709"...); None takes each file's `chromaticities`,
        Rec.709 where it has none.
    transfer: what the code values of an image that is no EXR are taken as; "auto" goes by what the file says.
    layers: AOV layers to grade besides the beauty. A non-linear grade of a sum is not the sum of the grades.
    views: the views to grade, of files that have several; empty grades all.
    premult: "auto" divides by alpha before the grade and multiplies after; "off" grades the values as they are.
    transparent: color where alpha is not above 0 and RGB is not 0 (glows): grade it as it is, keep it, zero it.
    nonfinite: "keep": NaN stays NaN, +inf grades as the brightest, -inf as 0; "error" fails the frame;
        "zero" grades NaN and infinities as 0.
    deep: a file with deep pixels is refused, or copied byte for byte.
    mips: a mip- or rip-mapped file is refused, written without its smaller levels, or with each level graded from the
        source's own, so that they stay filtered in scene-linear light and other channels bit for bit.
    lossy: a file whose codec would change a channel that must pass is refused, packed by ZIPS, or split: such channels
        go to a part of their own, packed by ZIPS. "split" does not go with `in_place`.
    force: grade a file that is stamped as graded, and a frame again that is done.
    in_place: let an output be its own input; the old file stays beside it as `<name>.orig`.
    missing: a frame that is asked for and not on disk fails alone, is left out, or gets the nearest earlier frame
        (before the first: the first), as it is or with every channel 0. The last two also fill the gaps between the
        first frame on disk and the last where no frames are named, and do not go with `in_place`.
    memory: bytes that the frames in hand may take together; a frame that takes more fails. None: three quarters of what
        is free at the start, and a frame that takes more goes alone.
    threads: frames at a time; 0 takes one for each core, at most 8.
    engine: what pixels run on. "cuda": a GPU, frames on their way to it and back while others are read and written;
        the CPU where there is no GPU, which the plan notes.
    Raises LatticeError where a value is none of these.
    """

    input: str | None = None
    layers: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    premult: Premult = "auto"
    transparent: Transparent = "grade"
    nonfinite: Nonfinite = "keep"
    deep: Deep = "refuse"
    mips: Mips = "refuse"
    lossy: Lossy = "refuse"
    force: bool = False
    in_place: bool = False
    missing: Missing = "error"
    memory: int | None = None
    threads: int = 0
    engine: Engine = "auto"
    transfer: Transfer = "auto"

    def __post_init__(self) -> None:
        for name in ("layers", "views"):
            if isinstance(getattr(self, name), str):
                raise LatticeError(f"{name}: expected a row of names, got {getattr(self, name)!r}")
            object.__setattr__(self, name, tuple(getattr(self, name)))
        hints = get_type_hints(type(self))
        for field in fields(self):
            choices, got = get_args(hints[field.name]), getattr(self, field.name)
            if choices and isinstance(choices[0], str) and got not in choices:
                raise LatticeError(f"{field.name}: expected {' or '.join(choices)}, got {got!r}")
        if self.in_place and self.missing in ("hold", "black"):
            raise LatticeError("missing: expected error or skip where frames are graded in place, "
                               f"got {self.missing!r}")
        if self.in_place and self.lossy == "split":
            raise LatticeError("lossy: expected refuse or zips where frames are graded in place, got 'split'")
        if self.memory is not None and self.memory <= 0:
            raise LatticeError(f"memory: expected bytes above 0, got {self.memory}")
        if self.threads < 0:
            raise LatticeError(f"threads: expected 0 or more, got {self.threads}")

    @property
    def workers(self) -> int:
        """Frames at a time, resolved."""
        from lattice.sdev import cores

        return self.threads or min(MOST_THREADS, cores())


@dataclass(frozen=True)
class Job:
    """One frame to regrade. frame: its number; None for a plain file. stand_in: why `source` is another frame's."""

    frame: int | None
    source: Path
    target: Path
    stand_in: Literal["", "hold", "black"] = ""
