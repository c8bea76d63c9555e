"""Frames in memory: those shown last and those that come next, within one limit."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

from lattice.errors import one_line
from lattice.files.storage.read import State, state_of
from lattice.interp.threads import cores
from lattice.regrade.options import Options
from lattice.regrade.process.memory_budget import Budget
from lattice.types import LatticeError
from lattice.view.frames import Loaded, load, plan_reading
from lattice.view.pool import joined
from lattice.view.shots import Shot

MOST_READERS = 4  # threads that read ahead: a disk gains nothing from more
MOST_AHEAD = 48  # frames, two seconds of film
SHARE_AHEAD = 0.5  # of the memory, for frames that come next
NEAR = 16  # frames: a longer step is a jump, which tells no direction
LARGEST_SCALE = 1024


@dataclass(frozen=True)
class Want:
    """A picture to have. shot, index: of the frame. layer, view: "" for the default. scale: 1, 2, 4...: of a proxy."""

    shot: int
    index: int
    layer: str = ""
    view: str = ""
    scale: int = 1


@dataclass(frozen=True)
class _Kept:
    loaded: Loaded
    state: State | None

    @property
    def size(self) -> int:
        return self.loaded.picture.planes.nbytes


class Frames:
    """The frames of all shots. Threads may share it.

    memory: bytes of pictures that are kept and of frames in reading, together. options: `input` says what the pixels
    are. Frames after the one that was asked for are read ahead, in the direction of the last steps, around the end.
    """

    def __init__(self, shots: Sequence[Shot], memory: int, options: Options) -> None:
        self.shots, self.options, self.memory = shots, options, memory
        self._kept: OrderedDict[Want, _Kept] = OrderedDict()  # the least useful first
        self._coming: dict[Want, Future[Loaded]] = {}
        self._ahead: dict[int, list[Want]] = {}  # by shot: two that are compared play together
        self._refused: set[Want] = set()  # ahead: tried again only when they are asked for
        self._last: dict[int, Want] = {}
        self._step: dict[int, int] = {}
        self._reading = 0  # bytes
        self._closed = False
        self._change = threading.Condition()
        self._readers = [
            threading.Thread(target=self._read_ahead, name="ahead", daemon=True)
            for _ in range(min(MOST_READERS, cores()))
        ]
        for thread in self._readers:
            thread.start()

    def get(self, want: Want) -> Loaded:
        """Return a picture, from memory or from the file; a file that changed is read again.

        Raises LatticeError, one line, if there is no such frame or it cannot be read; the next call tries again.
        """
        check(want, self.shots)
        with self._change:
            self._aim(want)
        return self._got(want, is_ahead=False)

    def notes(self, shot: int) -> list[str]:
        """Return what is to be said of a shot's first frame; its own request says why it cannot be read."""
        try:
            return list(plan_reading(self.shots[shot].paths[0], "", "", self.options).notes)
        except LatticeError:
            return []

    def ranges(self) -> dict[str, list[list[int]]]:
        """Return, of each shot by its number, the first and last index of each row of frames that are in memory, of the
        layer, view and scale that were asked for last; a larger picture counts."""
        with self._change:
            found: dict[int, set[int]] = {}
            for want in self._kept:
                last = self._last.get(want.shot, want)
                if (want.layer, want.view) == (last.layer, last.view) and want.scale <= last.scale:
                    found.setdefault(want.shot, set()).add(want.index)
        return {str(shot): _rows(sorted(indices)) for shot, indices in sorted(found.items())}

    def held(self) -> int:
        """Return the bytes that count against the memory now."""
        with self._change:
            return self._held()

    def rest(self) -> None:
        """Free the pictures that are kept; they are read again when they are asked for."""
        with self._change:
            self._kept.clear()
            self._ahead.clear()

    def close(self, seconds: float) -> bool:
        """Stop reading ahead; return True if the threads ended within these seconds."""
        with self._change:
            self._closed = True
            self._change.notify_all()
        return joined(self._readers, seconds)

    def _held(self) -> int:
        return self._reading + sum(kept.size for kept in self._kept.values())

    def _aim(self, want: Want) -> None:
        """Choose what to read ahead, and make it the most useful of what is kept."""
        last, self._last[want.shot] = self._last.get(want.shot), want
        count = len(self.shots[want.shot].paths)
        step = want.index - last.index if last is not None else 0
        step = step - count if step > count // 2 else step + count if step < -(count // 2) else step
        if 0 < abs(step) <= NEAR:
            self._step[want.shot] = 1 if step > 0 else -1
        size = next((kept.size for each, kept in reversed(self._kept.items()) if _is_like(each, want)), None)
        others = sum(bool(wants) for shot, wants in self._ahead.items() if shot != want.shot)
        most = 1 if size is None else min(MOST_AHEAD, int(SHARE_AHEAD * self.memory / size / (1 + others)))
        indices = [(want.index + k * self._step.get(want.shot, 1)) % count for k in range(1, min(most, count - 1) + 1)]
        coming = [replace(want, index=index) for index in indices]
        for each in (*reversed(coming), want):
            if each in self._kept:
                self._kept.move_to_end(each)
        self._ahead[want.shot] = [each for each in coming if each not in self._kept and each not in self._refused]
        self._change.notify_all()

    def _read_ahead(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._closed or self._next() is not None)
                want = self._next()
                if self._closed or want is None:
                    return
                self._ahead[want.shot].remove(want)
            try:
                self._got(want, is_ahead=True)
            except LatticeError:  # it is told when the frame is asked for
                with self._change:
                    self._refused.add(want)

    def _next(self) -> Want | None:
        """Return what to read next: the nearest frame of each shot, then the one after it."""
        rows = zip_longest(*self._ahead.values())
        return next((want for row in rows for want in row if want is not None and want not in self._coming), None)

    def _got(self, want: Want, is_ahead: bool) -> Loaded:
        path = self.shots[want.shot].paths[want.index]
        with self._change:
            kept = self._kept.get(want)
            if kept is not None and kept.state == state_of(path):
                return kept.loaded
            coming = self._coming.get(want)
            if coming is None:
                mine = self._coming[want] = Future[Loaded]()
        if coming is not None:
            return coming.result()
        try:
            loaded = self._made(want, path, is_ahead)
        except BaseException as error:  # a bug here or in a library must not stop other frames, nor what reads ahead
            fault = _fault(error, path)
            mine.set_exception(fault)
            if fault is error:
                raise
            raise fault from error
        else:
            mine.set_result(loaded)
            return loaded
        finally:
            with self._change:
                del self._coming[want]
                self._change.notify_all()

    def _made(self, want: Want, path: Path, is_ahead: bool) -> Loaded:
        """Return a picture, from a larger one in memory or from the file, and keep it."""
        state = state_of(path)
        with self._change:
            larger = [each for each in self._kept if _is_like(replace(each, scale=want.scale), want)]
            larger = [each for each in larger if each.index == want.index and self._kept[each].state == state]
            nearest = max(
                (each for each in larger if each.scale < want.scale), key=lambda each: each.scale, default=None
            )
            source = None if nearest is None else self._kept[nearest].loaded
        if source is None:
            source = self._read(path, want)
            if want.scale > 1 and not is_ahead:
                self._keep(replace(want, scale=1), _Kept(source, state), is_spare=True)
        loaded = replace(source, picture=source.picture.proxy(want.scale))
        self._keep(want, _Kept(loaded, state))
        return loaded

    def _read(self, path: Path, want: Want) -> Loaded:
        reading = plan_reading(path, want.layer, want.view, self.options)
        Budget(self.memory).check(reading.bytes_needed, str(path))
        with self._change:
            self._change.wait_for(lambda: self._has_room(reading.bytes_needed))
            self._reading += reading.bytes_needed
        try:
            return load(reading)
        finally:
            with self._change:
                self._reading -= reading.bytes_needed
                self._change.notify_all()

    def _has_room(self, size: int) -> bool:
        """Drop what is least useful until `size` more bytes fit; False while other frames in reading hold them."""
        self._drop(self.memory - size)
        return self._held() + size <= self.memory or not self._reading

    def _drop(self, most: int) -> None:
        held = self._held()
        while held > most and self._kept:
            _, kept = self._kept.popitem(last=False)
            held -= kept.size

    def _keep(self, want: Want, kept: _Kept, is_spare: bool = False) -> None:
        """Keep a picture. is_spare: only where there is room, and as the first to be dropped."""
        with self._change:
            if is_spare and self._held() + kept.size > self.memory:
                return
            self._kept[want] = kept
            self._refused.discard(want)
            self._kept.move_to_end(want, last=not is_spare)
            self._drop(self.memory)


def check(want: Want, shots: Sequence[Shot]) -> None:
    """Raise LatticeError unless there is such a frame, and such a scale."""
    if not 0 <= want.shot < len(shots):
        raise LatticeError(f"shot: expected 0 to {len(shots) - 1}, got {want.shot}")
    count = len(shots[want.shot].paths)
    if not 0 <= want.index < count:
        raise LatticeError(f"frame: expected 0 to {count - 1}, got {want.index}")
    if want.scale < 1 or want.scale & (want.scale - 1) or want.scale > LARGEST_SCALE:
        raise LatticeError(f"scale: expected 1, 2, 4 ... {LARGEST_SCALE}, got {want.scale}")


def _is_like(one: Want, other: Want) -> bool:
    """True if two wants are of the same shot, layer, view and scale."""
    return replace(one, index=0) == replace(other, index=0)


def _fault(error: BaseException, path: Path) -> BaseException:
    """Return an error as the line of why a picture could not be made; what stops the program as it is."""
    if isinstance(error, LatticeError) or not isinstance(error, Exception):
        return error
    if isinstance(error, MemoryError):
        return LatticeError(f"{path}: out of memory; --memory with less leaves more for reading")
    return LatticeError(f"{path}: {type(error).__name__}: {one_line(error)}")


def _rows(indices: list[int]) -> list[list[int]]:
    rows: list[list[int]] = []
    for index in indices:
        if rows and rows[-1][1] == index - 1:
            rows[-1][1] = index
        else:
            rows.append([index, index])
    return rows
