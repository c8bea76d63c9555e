"""Frame sequences on disk: `shot.####.exr`, `shot.%04d.exr`, `shot.@.exr`, `shot.$F4.exr`, or one plain file.

Patterns are read as in Nuke: `####` is four digits, more if the number needs more; `$F4` is Houdini's. A pattern may
name its frames: `shot.1001-1010####.exr`, `shot.[1001-1010].exr`. A file of exactly the name given wins; `\\#`, `\\@`,
`\\%`, `\\$` and `\\[` are the letters themselves.
"""

from __future__ import annotations

import math
import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lattice.files.storage import listing
from lattice.types import LatticeError, shortened

MOST_DIGITS = 18  # of a frame number; more are no frame but a date, or a slip
NUMBER = rf"-?[0-9]{{1,{MOST_DIGITS}}}"
RANGE = re.compile(rf"({NUMBER})(?:-({NUMBER})(?:x([0-9]{{1,{MOST_DIGITS}}}))?)?")
RANGES = rf"{NUMBER}-{NUMBER}(?:x[0-9]{{1,{MOST_DIGITS}}})?"
FRAME_FIELD = re.compile(rf"(?<!\\)(?:(?:(?<![0-9-]){RANGES}(?=[#@]))?(?:#+|@+)|%0?\d*d|\$F\d*|\[{RANGES}\])", re.ASCII)
LONGEST = 60  # characters of the text in a message
MOST_FRAMES = 100_000  # more than an hour of film; each frame takes a line in the ledger


@dataclass(frozen=True)
class FramePath:
    """The file of one frame. frame: frame number; None for a plain file."""

    frame: int | None
    path: Path


def parse_frames(text: str) -> tuple[int, ...]:
    """Return the frame numbers of `1-24`, `1-100x5` or `1-100:5`, `1,5,10-20`, `-3--1`, each once, in the order
    written.

    Raises LatticeError if the text has another form, is empty, or names more than MOST_FRAMES.
    """
    found = [RANGE.fullmatch(part) for part in re.sub(r"\s", "", text).replace(":", "x").split(",")]
    parts = [_frames_of(match) for match in found if match and int(match[3] or 1)]
    if len(parts) < len(found):
        raise LatticeError(
            f"frames: expected frames such as 1-24, 1-100x5 or 1,5,10-20, got {shortened(text, LONGEST)}"
        )
    count = sum(map(len, parts))
    if count > MOST_FRAMES:
        raise LatticeError(f"frames: expected {MOST_FRAMES} at most, got {count} in {shortened(text, LONGEST)}")
    return tuple(dict.fromkeys(frame for part in parts for frame in part))


def _frames_of(match: re.Match[str]) -> range:
    """Return the frames of a match of RANGE, whose first may be the highest."""
    first, last, step = int(match[1]), int(match[2] or match[1]), int(match[3] or 1)
    return range(first, last + 1, step) if first <= last else range(first, last - 1, -step)


def frame_range(frames: Iterable[int]) -> str:
    """Format frame numbers for the user: `4,7-9`."""
    from fileseq.frameset import FrameSet

    return str(FrameSet.framesToFrameRange(frames))


def find(pattern: str | os.PathLike[str], frames: str | None = None) -> tuple[FramePath, ...]:
    """Return the frames that a pattern names.

    pattern: an existing path is taken as it is; otherwise its last component may hold one frame field.
    frames: as for `parse_frames`; these frames are returned, on disk or not, so that an absent one can fail alone.
        None: all frames on disk, in rising order.
    A file of a negative frame may be padded as `-0002`, too.
    Raises LatticeError if nothing on disk matches, the pattern holds more than one field, or `frames` is malformed or
    given with a plain file.
    """
    text = os.fspath(pattern)
    if os.path.lexists(text) or not frame_fields(text):
        return (_plain(_named(text), frames),)
    naming = _Naming.of(text)
    on_disk = naming.on_disk()
    if not on_disk:
        raise LatticeError(f"{text}: expected files of this pattern, got none{naming.near()}")
    numbers = sorted(on_disk) if frames is None else parse_frames(frames)
    return tuple(FramePath(number, on_disk.get(number) or naming.path(number)) for number in numbers)


def range_in(pattern: str | os.PathLike[str], frames: str | None) -> str | None:
    """Return the frames that are asked for: `frames`, else those that the pattern names, else None.

    Raises LatticeError if both name them, or the pattern holds more than one field.
    """
    text = os.fspath(pattern)
    named = None if os.path.lexists(text) or not frame_fields(text) else _Naming.of(text).frames
    if named is not None and frames is not None:
        raise LatticeError(f"{text}: expected frames in the pattern or in --frames, got {named} and {frames}")
    return frames if named is None else named


def plain_pattern(pattern: str | os.PathLike[str]) -> str:
    """Return the pattern without the frames that it names. Raises LatticeError if it holds more than one field."""
    text = os.fspath(pattern)
    if range_in(text, None) is None:
        return text
    folder, name = os.path.split(text)
    [field] = frame_fields(text)
    return os.path.join(folder, name[: field.start()] + "#" * _digits(field[0])[0] + name[field.end() :])


def is_pattern(pattern: str | os.PathLike[str]) -> bool:
    """True if the name holds a frame field and is not itself a file."""
    text = os.fspath(pattern)
    return bool(frame_fields(text)) and not os.path.lexists(text)


def paths(pattern: str | os.PathLike[str], frames: Iterable[int]) -> tuple[tuple[int, Path], ...]:
    """Return each frame with the path that a pattern gives it. Raises LatticeError if it holds more than one field."""
    naming = _Naming.of(os.fspath(pattern))
    return tuple((frame, naming.path(frame)) for frame in frames)


def spanned(numbers: Sequence[int], step: int | None = None) -> range:
    """Return the numbers from the first to the last, in steps; None: the largest step that meets each of them.

    numbers: rising, at least one. Raises LatticeError for more than MOST_FRAMES.
    """
    step = step or math.gcd(*(number - numbers[0] for number in numbers)) or 1
    found = range(numbers[0], numbers[-1] + 1, step)
    if len(found) > MOST_FRAMES:
        raise LatticeError(
            f"{len(numbers)} frames from {numbers[0]} to {numbers[-1]} leave gaps of {len(found)}, more than "
            f"{MOST_FRAMES}; --frames says which are meant"
        )
    return found


def files_of(pattern: str | os.PathLike[str]) -> tuple[Path, ...]:
    """Return every file on disk that a pattern names, or the plain file. Raises LatticeError as `find` does."""
    return tuple(found.path for found in find(pattern))


def targets(pattern: str | os.PathLike[str], sources: tuple[FramePath, ...]) -> tuple[Path, ...]:
    """Return the output path of each source, in the same order.

    Raises LatticeError if the pattern is a folder, has no frame field for several frames, has one although the source
    has no frame number, or gives two sources the same file.
    """
    text = os.fspath(pattern)
    if os.path.isdir(text) or text.endswith(os.sep):
        raise LatticeError(f"{text}: expected an output file or pattern, got a folder")
    if frame_fields(text) and not os.path.lexists(text):
        if _Naming.of(text).frames is not None:
            raise LatticeError(f"{text}: expected a frame field such as ####, got a range, which belongs to IN")
        if sources[0].frame is None:
            raise LatticeError(
                f"{text}: expected a plain output path for the plain file {sources[0].path}, got a frame field"
            )
        naming = _Naming.of(text)
        paths = tuple(naming.path(source.frame) for source in sources if source.frame is not None)
    elif len(sources) > 1:
        raise LatticeError(f"{text}: expected a frame field such as #### for {len(sources)} frames, got none")
    else:
        paths = (Path(_named(text)),)
    _check_apart(paths, sources)
    return paths


def beside(pattern: str | os.PathLike[str], suffix: str) -> Path | None:
    """Return the path of one file for all frames of a pattern: the name before the frame number, plus `suffix`.

    None for a plain file. Raises LatticeError if the pattern holds more than one field.
    """
    text = os.fspath(pattern)
    if os.path.lexists(text) or not frame_fields(text):
        return None
    naming = _Naming.of(text)
    return Path(naming.folder, (naming.before.rstrip("._-") or "frames") + suffix)


def frame_fields(text: str) -> list[re.Match[str]]:
    """Return the frame fields of a name; @ counts only if there is no other field."""
    found = list(FRAME_FIELD.finditer(os.path.basename(text)))
    return [field for field in found if field[0][-1] != "@"] or found


def _named(text: str) -> str:
    """Return the path that a text without a frame field names: as it is if it exists, else without backslashes."""
    return text if os.path.lexists(text) else os.path.join(os.path.dirname(text), unescaped(os.path.basename(text)))


def with_home(text: str) -> str:
    """Return a text with the home folder for a `~/` at its start, which no shell has replaced, unless `~` is there."""
    return os.path.expanduser(text) if text.startswith("~/") and not os.path.lexists(text) else text


def unescaped(text: str) -> str:
    """Return a part of a name with the letters themselves for those with a backslash."""
    return re.sub(r"\\([#@%$[])", r"\1", text)


def escaped(text: str) -> str:
    """Return a text with a backslash before each letter that may begin a field of a name."""
    return re.sub(r"([#@%$[])", r"\\\1", text)


def _plain(text: str, frames: str | None) -> FramePath:
    if frames is not None:
        raise LatticeError(f"{text}: expected a frame field such as #### for frames {frames}, got a plain file")
    if not os.path.lexists(text):
        raise LatticeError(f"{text}: expected a file, got none")
    return FramePath(None, Path(text))


def _digits(field: str) -> tuple[int, str | None]:
    """Return the digits of a frame field, and the frames that it names, or None."""
    if field[0] == "[":
        first = field[1:].lstrip("-").partition("-")[0]
        return len(first) if first[0] == "0" else 1, field[1:-1]
    if field[-1] in "#@":
        named = field.rstrip("#@")
        return len(field) - len(named), named or None
    return int(field.strip("%d$F").lstrip("0")[:3] or 1), None


@dataclass(frozen=True)
class _Naming:
    """A parsed pattern: folder, text before the frame number, its digits, text after it; the frames it names."""

    folder: str
    before: str
    digits: int
    after: str
    frames: str | None = None

    @classmethod
    def of(cls, text: str) -> _Naming:
        fields = frame_fields(text)
        if len(fields) != 1:
            raise LatticeError(f"{text}: expected one frame field, got {' and '.join(each[0] for each in fields)}")
        folder, name = os.path.split(text)
        [field] = fields
        before, after = unescaped(name[: field.start()]), unescaped(name[field.end() :])
        digits, frames = _digits(field[0])
        if digits > MOST_DIGITS:
            raise LatticeError(f"{text}: expected a frame field of at most {MOST_DIGITS} digits, got {digits} or more")
        return cls(folder, before, digits, after, frames)

    def path(self, frame: int) -> Path:
        return Path(self.folder, f"{self.before}{frame:0{self.digits}d}{self.after}")

    def _padded(self, frame: int) -> Path:
        """Return the file's path where the sign of a negative frame is not one of the digits."""
        return Path(self.folder, f"{self.before}-{-frame:0{self.digits}d}{self.after}")

    def on_disk(self) -> dict[int, Path]:
        """Return the file of each number that exists under exactly the name that `path` or `_padded` gives."""
        there = listing.names(self.folder, self.before)
        ours = re.compile(re.escape(self.before) + rf"({NUMBER})" + re.escape(self.after), re.DOTALL)
        numbers = {int(match[1]) for match in map(ours.fullmatch, there) if match}
        found = {number: self._padded(number) for number in numbers if number < 0}
        found |= {number: self.path(number) for number in numbers if self.path(number).name in there}
        return {number: path for number, path in found.items() if path.name in there}

    def near(self) -> str:
        """Return what a message says of files whose names differ by digits, case or accents, or of the folder."""
        if not os.path.isdir(self.folder or "."):
            return f": there is no folder {self.folder}"
        number = rf"-?([0-9]{{1,{MOST_DIGITS}}})"
        ours = re.compile(re.escape(_folded(self.before)) + number + re.escape(_folded(self.after)), re.DOTALL)
        for name in sorted(listing.names(self.folder, "")):
            match = ours.fullmatch(_folded(name))
            if match is not None:
                digits, earlier = match[1], len(re.findall("[0-9]", match.string[: match.start(1)]))
                start = [digit.start() for digit in re.finditer("[0-9]", name)][earlier]
                before, after = name[:start], name[start + len(digits) :]
                typed = escaped(before) + "#" * (len(digits) if digits[0] == "0" else 1) + escaped(after)
                return f"; {name} is there: type {os.path.join(self.folder, typed)}"
        return ""


def _folded(text: str) -> str:
    """Return a text without case and without what an accent is written with."""
    return unicodedata.normalize("NFC", text).casefold()


def _check_apart(paths: tuple[Path, ...], sources: tuple[FramePath, ...]) -> None:
    seen: dict[str, FramePath] = {}
    for path, source in zip(paths, sources, strict=True):
        first = seen.setdefault(os.path.realpath(path), source)
        if first is not source:
            raise LatticeError(f"{path}: expected one source, got {first.path} and {source.path}")
