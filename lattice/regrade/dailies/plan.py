"""Plan a movie: its shots, its geometry, its time, before the first frame is graded."""

from __future__ import annotations

import datetime
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from lattice.errors import printable
from lattice.files.frame import FINEST_ASPECT, LOOK
from lattice.files.movie import codecs, time_code
from lattice.files.movie import file as movie
from lattice.files.movie.time_code import TimeCode
from lattice.files.storage import sequence
from lattice.files.storage.read import json_object
from lattice.regrade.dailies import burnin, clock, slate
from lattice.regrade.dailies.fit import Geometry, parse_size
from lattice.regrade.dailies.memory import budget
from lattice.regrade.dailies.reel import Reel, slate_pictures
from lattice.regrade.dailies.shot import Shot, plan_shot
from lattice.regrade.frame.plan import same_file
from lattice.regrade.options import Options
from lattice.regrade.sequence.plan import engine_here
from lattice.types import LatticeError

if TYPE_CHECKING:
    from lattice.sdev import AnySDev

# A frame's file: before, number, suffix.
NUMBERED = re.compile(rf"(.*[._])(\d{{1,{sequence.MOST_DIGITS}}})(\.[^.]+)", re.DOTALL | re.ASCII)


@dataclass(frozen=True)
class Asked:
    """What a movie is asked to be.

    codec: as `codecs.named` takes it. fps: as `movie.parse_rate` takes it; None: as the frames say, else 24.
    timecode: HH:MM:SS:FF of the first picture; None: as its header says. size: as `fit.parse_size` takes it; None: the
    frames' own. burn_in, slate: as `burnin.parse` and `slate.parse` take them.
    """

    codec: str = codecs.DEFAULT
    fps: str | None = None
    timecode: str | None = None
    size: str | None = None
    burn_in: str = ""
    slate: str = ""


def plan(
    sdev: AnySDev | None,
    sources: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    target: str | os.PathLike[str],
    asked: Asked | None = None,
    options: Options | None = None,
    frames: Sequence[str] = (),
) -> Reel:
    """Plan a movie of one shot or more from the header of every frame; nothing is written.

    sdev: grades the frames; None: they are graded EXRs, shown as they are. sources: patterns as for a regrade.
    target: ends in .mov, or .mp4 for H.264 and H.265. options: of a regrade; `views` and `layers` name at most one
    each, by default the file's first view and its beauty; `overwrite` allows to replace the target, `mkdir` to make its
    folder; `memory` is for all pictures in hand and the codec. frames: one range for each source, or none: from its
    first on disk to its last.
    Raises LatticeError if a package is not installed, the target is there or may not be written, a shot cannot be shown
    (see `plan_shot`), shots differ in display, or in size unless `asked.size` gives one, or it takes too much memory.
    """
    asked, options, target = asked or Asked(), options or Options(), Path(target)
    patterns = [sources] if isinstance(sources, str | os.PathLike) else list(sources)
    codec, items = codecs.named(asked.codec), burnin.parse(asked.burn_in)
    entries, untitled = slate.titled(slate.parse(asked.slate))
    movie.check(target, codec)
    for name, words in (("views", options.views), ("layers", options.layers)):
        if len(words) > 1:
            raise LatticeError(f"{name}: expected one for a movie, got {' and '.join(words)}")
    if frames and len(frames) != len(patterns):
        raise LatticeError(f"frames: expected a range for each of {len(patterns)} IN, got {len(frames)}")
    _check_target(target, options)
    _check_quoted(patterns)
    engine, no_gpu = engine_here(options)
    settled = replace(options, engine=engine, deep="refuse", mips="drop")  # a movie shows the largest level, no copy
    ranges: Sequence[str | None] = frames or [None] * len(patterns)
    shots = tuple(
        plan_shot(sdev, *each, settled) for each in zip(patterns, [target] * len(patterns), ranges, strict=True)
    )
    rate, starts, timed = _times(shots, asked)
    geometry = _geometry(shots, asked.size)
    made, padded = _movie(shots, codec, rate, starts[0], geometry, bool(entries))
    if "timecode" in items and None in starts:
        raise LatticeError(
            f"burn-in: {shots[starts.index(None)].source} has no time code: --timecode HH:MM:SS:FF gives one"
        )
    if any(same_file(job.source, target) for shot in shots for job in shot.jobs):
        raise LatticeError(f"{target}: expected an output apart from the inputs, got an input")
    notes = (*no_gpu, *(note for shot in shots for note in (*shot.notes, *shot.look.notes)), *timed, *padded, *untitled)
    today = datetime.date.today().isoformat()
    shared = budget(shots, made, settled)
    reel = Reel(shots, starts, target, made, geometry, settled, items, entries, today, shared, ())
    return replace(reel, notes=tuple(dict.fromkeys((*notes, *reel.unread))))


def _check_target(target: Path, options: Options) -> None:
    if os.path.lexists(target) and not options.overwrite:
        raise LatticeError(f"{target} is there already: --overwrite replaces it")
    folder = Path(os.path.realpath(target)).parent
    if not folder.is_dir() and not options.mkdir:
        raise LatticeError(f"{target}: expected an existing folder, got none at {folder}; --mkdir makes it")


def _check_quoted(patterns: Sequence[str | os.PathLike[str]]) -> None:
    """Raise LatticeError if a shell made a sequence's frames of a pattern: each would be a shot."""
    files = [NUMBERED.fullmatch(os.fspath(each)) for each in patterns if not sequence.is_pattern(each)]
    for one, other in pairwise(files):
        if one and other and one.group(1, 3) == other.group(1, 3) and int(other[2]) == int(one[2]) + 1:
            pattern = f"{one[1]}{'#' * len(one[2])}{one[3]}"
            raise LatticeError(
                f"{one[0]} and {other[0]} are frames of one sequence: a pattern needs quotes, as in {pattern!r}"
            )


def _times(shots: tuple[Shot, ...], asked: Asked) -> tuple[Fraction, tuple[TimeCode | None, ...], tuple[str, ...]]:
    """Return the movie's rate, the time code of each shot's first frame, and notes."""
    rate, notes = clock.rate([(shot.source, shot.told) for shot in shots], asked.fps)
    if asked.timecode is None:
        found = [clock.start(shot.source, shot.told, rate) for shot in shots]
        return rate, tuple(start for start, _ in found), (*notes, *(note for _, those in found for note in those))
    first, passed, starts = time_code.parse(asked.timecode, rate), 0, []
    for shot in shots:
        starts.append(first.later(passed))
        passed += len(shot.jobs) + (slate_pictures(rate) if asked.slate else 0)
    return rate, tuple(starts), notes


def _geometry(shots: tuple[Shot, ...], size: str | None) -> Geometry:
    if size is not None:
        return (*parse_size(size), 1.0)
    first = shots[0]
    for shot in shots:
        if shot.geometry != first.geometry:
            sizes = " and ".join(f"{each.geometry[0]} x {each.geometry[1]} ({each.source})" for each in (first, shot))
            raise LatticeError(f"the shots have several sizes, {sizes}: --size such as 1920x1080 fits them into one")
    return first.geometry


def _movie(
    shots: tuple[Shot, ...], codec: str, rate: Fraction, start: TimeCode | None, geometry: Geometry, has_slates: bool
) -> tuple[movie.Movie, tuple[str, ...]]:
    """Return the movie, and a note if a row or column pads it."""
    looks = [shot.look for shot in shots]
    for shot in shots:
        if shot.look.display != looks[0].display:
            raise LatticeError(
                f"a movie is for one display, but {looks[0].name} ({shots[0].source}) is for {looks[0].output} and "
                f"{shot.look.name} ({shot.source}) for {shot.look.output}: --display makes them one"
            )
    slates = slate_pictures(rate) if has_slates else 0
    width, height, aspect = geometry
    try:
        made = movie.Movie(
            codec,
            (width, height),
            sum(len(shot.jobs) + slates for shot in shots),
            rate,
            Fraction(aspect).limit_denominator(FINEST_ASPECT),
            looks[0].primaries,
            looks[0].transfer,
            _comment(shots),
            None if start is None else str(start.later(-slates)),
        )
    except LatticeError as error:
        raise LatticeError(f"{shots[0].jobs[0].source}: displayWindow: {error}") from None
    padded = (
        f"{width} x {height} becomes {made.coded_size[0]} x {made.coded_size[1]}: {codecs.CODECS[codec].title} "
        "takes even sizes, so the last column or row comes twice"
    )
    return made, () if made.coded_size == made.size else (padded,)


def _comment(shots: tuple[Shot, ...]) -> str:
    """Return what the movie says of itself: two lines for each shot, one for people, and the same and more as JSON."""
    return "\n".join(
        line for shot in shots for line in (f"{shot.name} {shot.frames}: {shot.look.description}", _json(shot))
    )


def _json(shot: Shot) -> str:
    ends = [printable(shot.jobs[at].source.name) for at in (0, -1)]
    facts = {"shot": shot.name, "frames": shot.frames, "first": ends[0], "last": ends[1], **shot.look.facts}
    told = {**{name: text for name, text in facts.items() if text}, LOOK: json_object(shot.look.facts.get(LOOK))}
    return json.dumps(told, ensure_ascii=False).encode(errors="backslashreplace").decode()  # lone surrogates, too
