"""What a regrade is asked: its options, and the job of one frame."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

from lattice.choices import Engine
from lattice.errors import LatticeError, did_you_mean

Premult = Literal["auto", "off"]
Transparent = Literal["grade", "keep", "zero"]
Nonfinite = Literal["keep", "error", "zero"]
Deep = Literal["refuse", "pass"]
Lossy = Literal["refuse", "zips", "split"]
Mips = Literal["refuse", "drop", "rebuild"]
Missing = Literal["error", "skip", "hold", "black"]
Transfer = Literal["auto", "linear", "cineon", "srgb", "rec709"]
MOST_THREADS = 8  # by default; each holds a frame or two in memory, and disks gain nothing from more


def _option(default: object, text: str) -> Any:
    """A field with the words that the command line's help says of it."""
    return field(default=default, metadata={"help": text})


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

    input: str | None = _option(None, "Primaries of the pixels, such as ACEScg; auto takes each file's chromaticities, "
                                "or Rec.709 where it has none")
    layers: tuple[str, ...] = _option((), "An AOV layer to grade besides the beauty; may be repeated")
    views: tuple[str, ...] = _option((), "A view to grade, such as left; may be repeated; all views by default")
    premult: Premult = _option("auto", "auto divides by alpha before the grade and multiplies after; off does not")
    transparent: Transparent = _option("grade", "Color where alpha is 0: grade it as it is, keep it, or make it zero")
    nonfinite: Nonfinite = _option("keep", "NaN and infinite values: keep them, fail with an error, or make them zero")
    deep: Deep = _option("refuse", "Deep files: refuse them, or pass them on byte for byte")
    mips: Mips = _option("refuse", "Mip- and rip-maps: refuse them, drop the smaller levels, or rebuild them by "
                         "grading each level")
    lossy: Lossy = _option("refuse", "Where the codec would change a channel that passes: refuse the file, pack the "
                           "part by zips, or split such channels into a part of their own")
    force: bool = _option(False, "--force grades every frame again; --resume skips the frames that are done")
    in_place: bool = _option(False, "Allow an output to replace its own input; the old file is kept beside it as .orig")
    missing: Missing = _option("error", "A frame that is not on disk: fail with an error, skip it, hold the frame "
                               "before it, or write black")
    memory: int | None = _option(None, "The most memory of all frames in hand, such as 4G; by default three quarters "
                                 "of what is free")
    threads: int = _option(0, f"Frames at a time; 0 takes one for each core, at most {MOST_THREADS}")
    engine: Engine = _option("auto", "What computes the pixels; cuda is a GPU")
    transfer: Transfer = _option("auto", "The encoding of the code values of DPX, Cineon, TIFF and HDR; auto reads it "
                                 "from the file")

    def __post_init__(self) -> None:
        for name in ("layers", "views"):
            if isinstance(getattr(self, name), str):
                raise LatticeError(f"{name}: expected a row of names, got {getattr(self, name)!r}")
            object.__setattr__(self, name, tuple(getattr(self, name)))
        hints = get_type_hints(type(self))
        for each in fields(self):
            choices, got = get_args(hints[each.name]), getattr(self, each.name)
            if choices and isinstance(choices[0], str) and got not in choices:
                raise LatticeError(f"{each.name}: expected {' or '.join(choices)}, got {got!r}"
                                   + did_you_mean(got, choices))
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
