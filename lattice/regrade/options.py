"""The options of a regrade, and the job of one frame."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from math import inf
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

from lattice.choices import MOST_POINTS, CompressionName, Engine, Verify
from lattice.errors import LatticeError, did_you_mean

Premult = Literal["auto", "off"]
Transparent = Literal["grade", "keep", "zero"]
Nonfinite = Literal["keep", "error", "zero"]
Deep = Literal["refuse", "pass"]
Lossy = Literal["refuse", "zips", "split"]
Mips = Literal["refuse", "drop", "rebuild"]
Missing = Literal["error", "skip", "hold", "black"]
Transfer = Literal["auto", "linear", "cineon", "srgb", "rec709", "adx"]
Gray = Literal["rgb", "refuse"]
Tiles = Literal["keep", "scanline"]
KEEP = "keep"
LEVELLED = ("dwaa", "dwab")  # codecs that a level goes with
OF_THE_LOOK = ("input", "display", "printer_lights", "grade")  # "auto": as the file or the look says
MOST_THREADS = 8  # default limit; each thread keeps a frame or two in memory, and disks gain nothing from more


def _option(default: object, text: str) -> Any:
    """Return a dataclass field; `text` is its help on the command line."""
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True)
class Options:
    """How to regrade.

    input: what the pixels are, by a name of `color.inputs`, of which the canonical one is kept: linear light of some
        primaries ("ACEScg"), or codes of a curve and primaries ("logc3@ei400", "slog3-sgamut3cine@legal"); None: what
        each file names, linear Rec.709 if it names none.
    exposure: gain of the scene before the film, in stops, -20 to 20.
    display: what the look is shown on, by a name of `color.displays`, of which the canonical one is kept: "P3-DCI",
        "PQ@203"; None: the look's own.
    printer_lights: r, g, b points, 0 to 50, kept as text, "25,24.5,26"; None: the look's own.
    grade: an ASC CDL between negative and print, on printing density in Cineon codes: a path of a .cdl, .cc or .ccc,
        with `@id` where it holds several; kept as text, as `sdev.grade.grade_text` returns it; None: none.
    transfer: transfer function of the code values, for images other than EXR; "auto" follows the file. `input` with a
        curve takes no other one.
    layers: AOV layers to grade besides the beauty. A non-linear grade of a sum is not the sum of the grades. An image
        or a movie shows one: the layer that is named, else the beauty.
    views: views to grade in a file with several; empty grades all.
    premult: "auto" divides by alpha before the grade and multiplies after; "off" grades the values as they are.
    transparent: pixels whose alpha is not above 0 and whose RGB is not 0 (glows): "grade" them as they are, "keep"
        them, or set them to "zero".
    nonfinite: "keep": NaN stays NaN, +inf grades as the brightest value, -inf as 0; "error" fails the frame;
        "zero" grades NaN and infinities as 0.
    deep: "refuse" a file with deep pixels, or "pass": copy it byte for byte.
    mips: mip- and rip-maps: "refuse" the file; "drop" its smaller levels; "rebuild" grades each level from the source's
        own level, so that levels stay filtered in scene-linear light and other channels bit for bit.
    lossy: the codec would change a channel that must pass: "refuse" the file; "zips" packs the part with ZIPS; "split"
        moves such channels to a part of their own, packed with ZIPS. "split" is not allowed with `in_place`.
    compression: codec of an EXR's parts, "keep" for the source's, or a name with a level after a colon: "dwaa:45". A
        codec that would change a channel that must pass is treated as `lossy` says.
    tiles: "keep" tiles, or write them as "scanline"; a mip- or rip-map only if `mips` drops its smaller levels.
    verify: what of a written EXR is checked before it takes its name. "decode": what is read back decodes to the pixels
        and attributes that were meant, by the OpenEXR package where another hand encoded; uncompressed lines are
        compared as bytes. "crc": the bytes read back are the bytes that were made, which does not prove that they
        decode. "none": only the file's length. What is read back may come from the system's memory, while the flush to
        the disk goes on. No pixel depends on it.
    force: grade a file that is stamped as graded, and grade a finished frame again.
    replace: grade again the frames at the output that were graded with another look or other options; without it they
        are refused before the first frame. `force` includes it.
    overwrite: replace files at the output that this program did not make; without it they are refused.
    mkdir: make the output's folder if it is not there.
    in_place: allow an output to be its own input; the old file is kept beside it as `<name>.orig`.
    missing: a frame that is asked for and not on disk: "error" fails this frame alone; "skip" leaves it out; "hold"
        takes the nearest earlier frame (before the first: the first); "black" takes that frame with every channel 0.
        "hold" and "black" also fill the gaps between the first and last frame on disk if no frames are named; they are
        not allowed with `in_place`.
    memory: bytes that the frames in hand may use together, besides the program's own; a frame that needs more fails.
        None: three quarters of the memory that is free at the start; a frame that needs more than those runs alone, one
        that needs more than is free fails.
    threads: frames at a time; 0: one for each core, at most 8.
    cores: the most cores that frames use, by threads of one frame too where frames are few; 0: all that the process may
        use. A farm's task has as many as it asked for, also where the scheduler does not hold it to them.
    engine: computes the pixels, as in `SDev.apply`. "cuda" copies frames to and from the GPU while others are read and
        written; without a GPU the CPU is used, and the plan notes it.
    gray: a file whose color is one channel: "rgb" grades it as R = G = B; "refuse" it.
    Raises LatticeError if a value is not allowed, or two values contradict each other.
    """

    input: str | None = _option(
        None,
        "What the pixels are, such as ACEScg, LogC3, LogC3/Rec.709 or slog3-sgamut3cine@legal; lattice inputs lists "
        "all; auto takes what each file names, or linear Rec.709 where it names none",
    )
    exposure: float = _option(0.0, "How many stops brighter the scene is before the film; -1 is a stop darker")
    display: str | None = _option(
        None,
        "What the look is shown on, such as P3-DCI, rec1886 or pq@203; lattice displays lists all; the look's own by "
        "default",
    )
    printer_lights: str | None = _option(
        None, "Red, green, blue printer lights, such as 25,24,26: more prints darker; the look's own by default"
    )
    grade: str | None = _option(
        None,
        "An ASC CDL between negative and print, on printing density in Cineon codes: a .cdl, .cc or .ccc, as x.ccc@id",
    )
    layers: tuple[str, ...] = _option((), "An AOV layer to grade besides the beauty, or to show as image; repeatable")
    views: tuple[str, ...] = _option((), "A view to grade, such as left; may be repeated; all views by default")
    premult: Premult = _option("auto", "auto divides by alpha before the grade and multiplies after; off does not")
    transparent: Transparent = _option("grade", "Color where alpha is 0: grade it as it is, keep it, or make it zero")
    nonfinite: Nonfinite = _option("keep", "NaN and infinite values: keep them, fail with an error, or make them zero")
    deep: Deep = _option("refuse", "Deep files: refuse them, or pass them on byte for byte")
    mips: Mips = _option(
        "refuse", "Mip- and rip-maps: refuse them, drop the smaller levels, or rebuild them by grading each level"
    )
    lossy: Lossy = _option(
        "refuse",
        "Where the codec would change a channel that passes: refuse the file, pack the "
        "part by zips, or split such channels into a part of their own",
    )
    compression: str = _option(
        KEEP, f"How EXRs are packed: {', '.join(get_args(CompressionName))}; dwaa and dwab take a level: dwaa:45"
    )
    tiles: Tiles = _option(KEEP, "Tiles of EXRs: keep them, or write scan lines")
    verify: Verify = _option(
        "decode",
        "How a written EXR is verified: decode, what is read back decodes to the pixels that were meant; crc, the "
        "file, as the system reads it back, has the bytes that were made, whether or not they decode; none, its length "
        "is right",
    )
    force: bool = _option(
        False,
        "--force grades every frame again, of another look, too, and takes graded frames as input; "
        "--resume skips frames that are done",
    )
    replace: bool = _option(False, "Grade frames again that were graded with another look or other options")
    overwrite: bool = _option(False, "Replace files at OUT that lattice did not make")
    mkdir: bool = _option(False, "Make OUT's folder if it is not there")
    in_place: bool = _option(False, "Allow an output to replace its own input; the old file is kept beside it as .orig")
    missing: Missing = _option(
        "error", "A frame that is not on disk: fail with an error, skip it, hold the frame before it, or write black"
    )
    memory: int | None = _option(
        None,
        "The most memory, such as 4G, 100 MiB of it for the program itself; by default three quarters of what is free",
    )
    threads: int = _option(0, f"Frames at a time; 0 takes one for each core, at most {MOST_THREADS}")
    cores: int = _option(0, "The most cores that frames share; 0 takes all that the process may use")
    engine: Engine = _option("auto", "What computes the pixels; cuda is a GPU")
    transfer: Transfer = _option(
        "auto", "The encoding of the code values of DPX, Cineon, TIFF and HDR; auto reads it from the file"
    )
    gray: Gray = _option("rgb", "Gray files: grade them as R = G = B, or refuse them")

    def __post_init__(self) -> None:
        for name in ("layers", "views"):
            if isinstance(getattr(self, name), str):
                raise LatticeError(f"{name}: expected a row of names, got {getattr(self, name)!r}")
            object.__setattr__(self, name, tuple(getattr(self, name)))
        hints = get_type_hints(type(self))
        for each in fields(self):
            choices, got = get_args(hints[each.name]), getattr(self, each.name)
            if choices and isinstance(choices[0], str) and got not in choices:
                raise LatticeError(
                    f"{each.name}: expected {' or '.join(choices)}, got {got!r:.60}" + did_you_mean(got, choices)
                )
        compression_of(self.compression)
        if self.exposure != 0:
            from lattice.sdev.asked import checked_stops

            object.__setattr__(self, "exposure", checked_stops(self.exposure))
        if self.display is not None:
            object.__setattr__(self, "display", _display_of(self.display))
        if self.printer_lights is not None:
            object.__setattr__(self, "printer_lights", _lights_text(self.printer_lights))
        if self.grade is not None:
            from lattice.sdev.grade import grade_text

            object.__setattr__(self, "grade", grade_text(self.grade))
        if isinstance(self.input, str):
            object.__setattr__(self, "input", _input_of(self.input, self.transfer))
        if self.in_place and self.missing in ("hold", "black"):
            raise LatticeError(
                f"missing: expected error or skip where frames are graded in place, got {self.missing!r}"
            )
        if self.in_place and self.lossy == "split":
            raise LatticeError("lossy: expected refuse or zips where frames are graded in place, got 'split'")
        if self.memory is not None and self.memory <= 0:
            raise LatticeError(f"memory: expected bytes above 0, got {self.memory}")
        for name in ("threads", "cores"):
            if getattr(self, name) < 0:
                raise LatticeError(f"{name}: expected 0 or more, got {getattr(self, name)}")

    @property
    def decoding(self) -> str:
        """What decodes the code values of images: `transfer`, or `input` if that has a curve."""
        if not isinstance(self.input, str):
            return self.transfer
        from lattice.color.inputs import find

        return self.input if find(self.input).is_encoded else self.transfer

    @property
    def points(self) -> tuple[float, ...] | None:
        """The printer lights as numbers; None for the look's own."""
        return None if self.printer_lights is None else tuple(map(float, self.printer_lights.split(",")))

    @property
    def workers(self) -> int:
        """The number of frames at a time: `threads`, or its default if that is 0."""
        return self.threads or min(MOST_THREADS, self.usable_cores)

    @property
    def usable_cores(self) -> int:
        """The number of cores that frames share: `cores`, but no more than the process may use."""
        from lattice.sdev import cores

        return min(cores(), self.cores or cores())


def _input_of(name: str, transfer: str) -> str:
    """Return the canonical name of an input. Raises LatticeError for an unknown one, or one whose curve is not that of
    `transfer`."""
    from lattice.color.inputs import find

    space = find(name)
    if space.is_encoded and transfer not in ("auto", space.transfer):
        raise LatticeError(
            f"transfer: expected auto beside {space.name}, which has a curve of its own, got {transfer}; leave "
            f"--transfer out, or name primaries alone: --input {space.primaries!r}"
        )
    return space.name


def _display_of(name: object) -> str:
    """Return the canonical name of a display. Raises LatticeError for anything else."""
    from lattice.color.displays import find

    if not isinstance(name, str):
        raise LatticeError(f"display: expected a name, such as 'P3-DCI', got {name!r:.60}; a profile takes a table")
    return find(name).name


def _lights_text(lights: object) -> str:
    """Return three printer lights as text, the same for the same lights. Raises LatticeError for anything else."""
    words = re.split(r"[,;\s]+", lights.strip()) if isinstance(lights, str) else lights
    try:
        is_row = isinstance(words, list | tuple) and not any(isinstance(word, bool) for word in words)
        points = [float(word) for word in words] if is_row else []  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        points = []
    if len(points) != 3 or not all(0 <= point <= MOST_POINTS for point in points):
        raise LatticeError(
            f"printer_lights: expected three numbers from 0 to {MOST_POINTS}, such as 25,24.5,26, got {lights!r:.60}"
        )
    return ",".join(f"{point:.6g}" for point in points)


def compression_of(text: str) -> tuple[str, float | None]:
    """Return the name and the level, None without one, of "zips" or "dwaa:45".

    Raises LatticeError for another name, a level below 0, or one where none goes.
    """
    name, colon, level = text.partition(":")
    names = get_args(CompressionName)
    if name not in names:
        raise LatticeError(f"compression: expected {' or '.join(names)}, got {text!r:.60}" + did_you_mean(name, names))
    if not colon:
        return name, None
    if name not in LEVELLED:
        raise LatticeError(f"compression: expected a level after {' or '.join(LEVELLED)} alone, got {text!r:.60}")
    try:
        number = float(level)
    except ValueError:
        number = -1.0
    if not 0 <= number < inf:
        raise LatticeError(f"compression: expected a level of 0 or more, such as {name}:45, got {text!r:.60}")
    return name, number


@dataclass(frozen=True)
class Job:
    """One frame to regrade.

    frame: its number; None for a plain file. stand_in: "" if `source` is this frame's own file; "hold" or "black" if it
    is another frame's file, because this one is missing. is_torn: the target is an older output of ours whose header
    cannot be read; it may be replaced.
    """

    frame: int | None
    source: Path
    target: Path
    stand_in: Literal["", "hold", "black"] = ""
    is_torn: bool = False
