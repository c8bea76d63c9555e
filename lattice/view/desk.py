"""The answers to the page's requests, as plain values: for the server, and for a notebook's kernel.

Each is a call that blocks, with the request's JSON object, `told`; it raises LatticeError for a request that is wrong.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from lattice.looks import profile_names
from lattice.regrade.options import Options
from lattice.types import LatticeError
from lattice.version import __version__
from lattice.view import drawn, looking, probe, session, wire
from lattice.view.frames import Loaded, frame_header
from lattice.view.kept import LARGEST_SCALE, Want
from lattice.view.pool import Pool
from lattice.view.references import MOST_SLOTS, Inputs, Reference
from lattice.view.session import Slots
from lattice.view.shots import Shot
from lattice.view.told import Faulty, text, whole

MOST_SIDE, MOST_PIXELS = 2**14, 2**25  # of a canvas
TINY, CLOSEST = 64, 256  # the scale of a picture that tells its windows; the largest zoom that fits one, as in the page
MOST_DRAWN = 2  # canvases at a time, all cores each; memory beside `--memory` stays within theirs
Told = Mapping[str, Any]


class Held(Protocol):
    """The frames of shots: of files, or of arrays."""

    shots: Sequence[Shot]
    options: Options
    memory: int

    def get(self, want: Want) -> Loaded:
        """Return a picture. Raises LatticeError if there is no such frame or it cannot be read."""

    def notes(self, shot: int) -> list[str]:
        """Return what is to be said of a shot's first frame."""

    def ranges(self) -> dict[str, list[list[int]]]:
        """Return the first and last index of each row of frames in memory, by shot."""

    def rest(self) -> None:
        """Free what can be made again."""

    def close(self, seconds: float) -> bool:
        """End its threads; return True if they ended within these seconds."""


class File(NamedTuple):
    """A file for the user to save. kind: its media type."""

    name: str
    data: bytes
    kind: str


@dataclass(frozen=True)
class Desk:
    """All that answers are made of. layer: the one that is shown first, "" for the default."""

    frames: Held
    slots: Slots
    pool: Pool
    layer: str = ""
    inputs: Inputs = field(default_factory=Inputs)
    _drawing: threading.Semaphore = field(default_factory=lambda: threading.BoundedSemaphore(MOST_DRAWN))

    def session(self) -> dict[str, Any]:
        """Return what the page starts with. A page that starts takes the looks' files as they are now."""
        frames = self.frames
        for name in self.slots.names:
            with suppress(LatticeError):
                self.slots.read_again(name)
        return {
            "version": __version__,
            "shots": [{**shot.as_json(), "notes": frames.notes(k)} for k, shot in enumerate(frames.shots)],
            "slots": self.slots.as_json(),
            "looks": profile_names(),
            "author": self.slots.author_json(),
            "memory": {"cache": frames.memory},
            "constants": looking.constants(),
            "input": frames.options.input,
            "suffixes": list(session.SUFFIXES),
            "layer": self.layer,
        }

    def rest(self) -> None:
        """Free what the next request makes again: nobody looks."""
        self.frames.rest()
        self.slots.rest()

    def frame(self, told: Told) -> list[bytes | memoryview]:
        """Return the pieces of a frame: its header, its planes. told: shot, index, layer, view, scale."""
        scale = whole("scale", told.get("scale", "1"), 1, LARGEST_SCALE)
        shot, index = (whole(name, told.get(name)) for name in ("shot", "index"))
        want = Want(shot, index, told.get("layer", "" if shot else self.layer), told.get("view", ""), scale)
        loaded = self.frames.get(want)
        return wire.framed(self._header(want, loaded), loaded.picture.planes)

    def _header(self, want: Want, loaded: Loaded) -> Mapping[str, object]:
        shot, index = self.frames.shots[want.shot], want.index
        return frame_header(loaded, shot.paths[index], shot.number(index), self.inputs.number(loaded.primaries))

    def profile(self, told: Told) -> dict[str, Any]:
        """Return the fields of a slot's profile; what its first edit would wait for is done meanwhile.

        told: slot, look.
        """
        slot = whole("slot", told.get("slot"), 1, MOST_SLOTS)
        asked = Reference.of({"slot": slot, "look": told.get("look", "")})
        self.slots.read_again(self.slots.name(asked))
        profile = self.slots.profile(asked)
        described: dict[str, Any] = session.author().describe(profile)
        self.pool.run(lambda: self.slots.warm(profile))
        return described

    def sdev(self, told: Told) -> bytes:
        """Return an SDev as the page's shader takes it. told: a reference, and the input that came with a frame."""
        asked, primaries = Reference.of(told), self.inputs.of(told.get("input", 0))
        try:
            return self.slots.packed(asked, primaries)
        except LatticeError as error:
            if not asked.changes:
                raise
            raise Faulty(session.author().faults(error)) from None

    def draw(self, told: Told) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        """Return a canvas, (h, w, 4) uint8, and facts of it, with the header of side A's frame.

        told: with fit, the whole display window of side A is shown, whatever zoom and center say.
        """
        size = whole("width", told.get("width"), 1, MOST_SIDE), whole("height", told.get("height"), 1, MOST_SIDE)
        if size[0] * size[1] > MOST_PIXELS:
            raise LatticeError(f"width: expected at most {MOST_PIXELS} pixels, got {size[0]} x {size[1]}")
        seen = looking.Looking.of(told.get("looking", {}))
        if told.get("fit") is True:
            zoom, center = looking.fitted(self.frames.get(self._want(told, "a", TINY)).picture, size, CLOSEST)
            seen = replace(seen, zoom=zoom, center=center)
        scale = min(looking.scale_for(seen.zoom), LARGEST_SCALE)
        a, loaded = self._shown(told, "a", scale)
        b, notes = None, list(loaded.notes)
        if told.get("b") is not None and seen.mode != "single":
            b, other = self._shown(told, "b", scale)
            notes += [note for note in other.notes if note not in notes]
        about = {"scale": scale, "notes": notes, "header": self._header(self._want(told, "a", scale), loaded)}
        with self._drawing:
            return drawn.draw(size, seen, a, b), about

    def _shown(self, told: Told, side: str, scale: int) -> tuple[drawn.Shown, Loaded]:
        """Return a side's picture and its SDev, and what was loaded for it."""
        asked = told.get(side)
        if not isinstance(asked, dict):
            raise LatticeError(f"{side}: expected an object with a slot, got {asked!r:.40}")
        reference = Reference.of({"page": told.get("page"), **asked})
        loaded = self.frames.get(self._want(told, side, scale))
        sdev = None if loaded.picture.raw else self.slots.shown(reference, loaded.primaries)
        return (loaded.picture, sdev), loaded

    def _want(self, told: Told, side: str = "", scale: int = 1) -> Want:
        """Return the picture that a request names; of a side with another shot the same index, or its last."""
        shots, asked = self.frames.shots, told.get(side)
        own = whole("shot", told.get("shot"), 0, len(shots) - 1)
        shot = asked.get("shot") if isinstance(asked, dict) else None
        number = own if shot is None else whole(f"{side}.shot", shot, 0, len(shots) - 1)
        index = whole("frame", told.get("frame"))
        layer, view = (text(name, told.get(name) or "") for name in ("layer", "view"))
        if number != own:
            index, layer, view = min(index, len(shots[number].paths) - 1), "", ""
        return Want(number, index, layer, view, scale)

    def probe(self, told: Told) -> dict[str, Any]:
        """Return the numbers of an area."""
        area = tuple(whole(name, told.get(name, 1), -probe.FARTHEST, probe.FARTHEST) for name in ("x", "y", "w", "h"))
        seen, asked = looking.Looking.of({"exposure": told.get("exposure", 0.0)}), told.get("a")
        reference = Reference.of(asked) if isinstance(asked, dict) else None
        loaded = self.frames.get(self._want(told))
        raw = loaded.picture.raw or reference is None
        sdev = None if raw or reference is None else self.slots.shown(reference, loaded.primaries)
        return probe.probe(loaded.picture, area, sdev, seen.exposure)

    def save(self, told: Told) -> dict[str, Any] | File:
        """Save a slot's profile, with changes, to the author's file, and return what `Slots.save` does; without one
        return the file.

        told: a reference, a name, the file's revision that the page knows, and again, as in `AuthorFile.check`.
        """
        asked = Reference.of({**told, "changes": told.get("changes") or {}})
        name, slots = text("name", told.get("name") or ""), self.slots
        if slots.author is not None:
            revision = told.get("revision")
            known = None if revision is None else whole("revision", revision)
            return slots.save(asked, name, known, told.get("again") is True)
        profile = slots.profile(Reference(asked.slot, asked.look))
        toml = session.author().toml(profile, asked.changes, name := name or f"{profile.name}-edit")
        return File(f"{session.plain_name(name)}.toml", toml.encode(), "application/toml")

    def export(self, told: Told) -> File:
        """Return a slot's SDev as a file. told: a reference, and a suffix."""
        asked = Reference.of({**told, "quality": "rest"})
        name, data = session.exported(self.slots.sdev(asked), told.get("suffix", ".clf"))
        return File(name, data, "application/octet-stream")
