"""A planned movie: its shots, its pictures one after the other, and the texts in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from lattice.files.movie.codecs import CODECS
from lattice.files.movie.file import Movie
from lattice.files.movie.time_code import TimeCode, said
from lattice.regrade.dailies import burnin, slate
from lattice.regrade.dailies.fit import Fit, Geometry
from lattice.regrade.dailies.shot import Shot
from lattice.regrade.dailies.slate import Entry
from lattice.regrade.dailies.text import has_boxes
from lattice.regrade.options import Job, Options
from lattice.regrade.process.memory_budget import Budget

STANDS_IN = {"": "", "hold": " held", "black": " missing"}  # after the frame's number


class Picture(NamedTuple):
    """A picture of a movie. shot: its shot's number. job: its frame; None for a slate. number: in the shot, from 0.
    times: how often it comes."""

    shot: int
    job: Job | None
    number: int = 0
    times: int = 1


@dataclass(frozen=True)
class Reel:
    """The plan of a movie, made before the first frame is graded.

    shots: in order. starts: time code of each shot's first frame, None without. geometry: of the movie. items: burnt
    in. entries: of the slates. date: of this day. budget: the memory that pictures share. notes: a line for each
    surprise.
    """

    shots: tuple[Shot, ...]
    starts: tuple[TimeCode | None, ...]
    target: Path
    movie: Movie
    geometry: Geometry
    options: Options
    items: tuple[str, ...]
    entries: tuple[Entry, ...]
    date: str
    budget: Budget
    notes: tuple[str, ...]

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The frames of all shots, in order."""
        return tuple(job for shot in self.shots for job in shot.jobs)

    @property
    def line(self) -> str:
        """What is made, for people: pictures, channels, looks, rate, time code and codec."""
        first, (width, height, _) = self.shots[0], self.geometry
        shots = f" of {len(self.shots)} shots" if len(self.shots) > 1 else ""
        looks = " and ".join(dict.fromkeys(shot.look.label for shot in self.shots))
        done = sum(shot.session is None for shot in self.shots)
        graded = "graded with" if done == len(self.shots) else "grading with"
        graded = (
            graded if done in (0, len(self.shots)) else f"{done} of {len(self.shots)} shots graded before, {graded}"
        )
        began = "" if self.movie.time_code is None else f" from {self.movie.time_code}"
        return (
            f"{len(self.jobs)} frames{shots}, {width} x {height}, {' '.join(first.channels)}, {graded} {looks}, "
            f"first {first.jobs[0].source} -> {self.target}, {CODECS[self.movie.codec].title}, "
            f"{said(self.movie.rate)} a second{began}"
        )

    @cached_property
    def pictures(self) -> tuple[Picture, ...]:
        """All pictures of the movie, in order: before each shot its slate, for a second."""
        found: list[Picture] = []
        for number, shot in enumerate(self.shots):
            found += [Picture(number, None, times=slate_pictures(self.movie.rate))] if self.entries else []
            found += [Picture(number, job, k) for k, job in enumerate(shot.jobs)]
        return tuple(found)

    @cached_property
    def strip(self) -> burnin.Strip | None:
        """The size of the burnt-in texts; None if there are none."""
        labels = [self.labels(each) for each in self.pictures if each.job is not None]
        return burnin.Strip.fitting(labels, *self.geometry) if self.items else None

    def labels(self, picture: Picture) -> dict[str, str]:
        """Return the texts burnt into a frame, by item."""
        shot, start = self.shots[picture.shot], self.starts[picture.shot]
        number = "" if picture.job is None or picture.job.frame is None else f"{picture.job.frame:04d}"
        texts = {
            "frame": number + (STANDS_IN[picture.job.stand_in] if picture.job else ""),
            "name": shot.name,
            "timecode": "" if start is None else str(start.later(picture.number)),
            "look": shot.look.label,
            "date": self.date,
        }
        return {item: texts[item] for item in self.items}

    def slate_texts(self, number: int) -> Mapping[str, str]:
        """Return what the slate of a shot can say, by item."""
        shot, start = self.shots[number], self.starts[number]
        return {
            "shot": shot.name,
            "look": shot.look.label,
            "date": self.date,
            "frames": f"{shot.frames} ({len(shot.jobs)})".strip(),
            "timecode": "none" if start is None else str(start),
            "rate": f"{said(self.movie.rate)} a second",
        }

    @property
    def unread(self) -> tuple[str, ...]:
        """A note for each text that the font cannot draw whole, and for items that a slate has no room for."""
        texts = [text for each in self.pictures if each.job is not None for text in self.labels(each).values()]
        notes: list[str] = []
        for number in range(len(self.shots) if self.entries else 0):
            known, size, aspect = self.slate_texts(number), self.movie.size, self.geometry[2]
            texts += [text for each in self.entries for text in (each.name, each.said(known))]
            out = slate.left_out(self.entries, known, size, aspect)
            notes += [f"{self.shots[number].source}: the slate has no room for {', '.join(out)}"] if out else []
        boxes = [text for text in dict.fromkeys(texts) if has_boxes(text)]
        return (*(f"{text}: the font has ASCII letters only: others become boxes" for text in boxes), *notes)

    def fit(self, shot: Shot) -> Fit:
        """Return where a shot's pictures are in the movie's."""
        size = self.movie.size
        return Fit.of(shot.geometry, size) if self.geometry != shot.geometry else Fit(size, size)


def slate_pictures(rate: Fraction) -> int:
    """Return the pictures of a slate: of one second."""
    return max(1, round(rate))
