"""The files of a target: pictures as EXR light or as codes, and the list of what their pixels hold, to be filled in."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lattice.color.inputs import InputSpace, find
from lattice.color.interop import INTEROP_ID
from lattice.color.primaries import chromaticities
from lattice.errors import LatticeError
from lattice.files.exr import file as exr
from lattice.files.exr.codecs import CODECS
from lattice.files.exr.header import DEFAULTS, Attribute, Header, channel_list
from lattice.files.frame import Channel, Frame
from lattice.files.images import file as images
from lattice.files.images.formats import format_of
from lattice.files.images.spec import EncodedImage
from lattice.files.storage import atomic
from lattice.match import layout, targets
from lattice.match.layout import Box
from lattice.types import Array

SUFFIXES = (".exr", ".tif", ".tiff", ".dpx")
LIGHT, CODES = "Rec.709", "Cineon"  # what an EXR and a file of codes hold by default
HEADER = "name,r,g,b,X,Y,Z,x0,y0,x1,y1"
FRAME = ".####"  # where a sequence's name may have the number
ABOUT = "lattice calibrate"


@dataclass(frozen=True)
class Target:
    """What was written. pictures: the files. list: the table to fill in. held: what the pixels are, for people.
    primaries: of the list's linear light, a name of `lattice.color.inputs`."""

    pictures: tuple[Path, ...]
    list: Path
    held: str
    primaries: str


@dataclass(frozen=True)
class _Picture:
    """How pictures hold light. space: what its numbers are. bits: of a code; 0: half floats of light."""

    space: InputSpace
    bits: int

    def stored(self, light: Array) -> Array:
        """Return what a file holds of light: halves, or codes from 0 to the largest as uint16."""
        if not self.bits:
            return light.astype(np.float16)
        largest = 2**self.bits - 1
        return np.rint(np.clip(self.space.encode(light, self.bits), 0, 1) * largest).astype(np.uint16)

    def held(self, light: Array) -> Array:
        """Return the light, float64, of what a file holds."""
        stored = self.stored(light)
        return stored.astype(np.float64) if not self.bits else self.space.decode(stored / (2**self.bits - 1), self.bits)

    @property
    def title(self) -> str:
        """What the pixels are, for people."""
        return f"{self.space.title}, {self.bits} bits" if self.bits else f"linear light, {self.space.primaries}"


def write_target(
    kind: str,
    output: Path,
    *,
    listed: Path | None = None,
    encoding: str | None = None,
    size: str = "1920x1080",
    one_by_one: bool = False,
    overwrite: bool = False,
) -> Target:
    """Write a target's pictures and its list; if one cannot be written, none that is new stays.

    kind: of `targets.KINDS`. output: .exr holds linear light as halves, .tif codes of 16 bits, .dpx of 10. listed: the
    .csv; by default beside the output. encoding: a name of `lattice.color.inputs`: the primaries of an EXR's light, the
    codes of others, Cineon by default. one_by_one: a picture a patch, numbered from 0001.
    Raises LatticeError for names, an encoding and a size that are none, and for files that are there unless they may be
    overwritten.
    """
    picture = _picture(output, encoding)
    colors = targets.colors(kind, picture.space.primaries)
    table = listed or output.with_name(output.name.replace(FRAME, "")).with_suffix(".csv")
    if table.suffix.lower() != ".csv":
        raise LatticeError(f"--list {table}: expected a name ending in .csv")
    shape = layout.size_of(size)
    paths = _numbered(output, len(colors.names)) if one_by_one else [output]
    for path in (*paths, table):
        if os.path.lexists(path) and not overwrite:
            raise LatticeError(f"{path}: exists already; --overwrite replaces it")
    whole = None if one_by_one else layout.sheet(colors.light, colors.columns, shape)
    boxes = whole.boxes if whole else layout.window(colors.light[0], shape).boxes * len(colors.names)
    with _all_or_none([*paths, table]):
        for k, path in enumerate(paths):
            _save(path, picture, (whole or layout.window(colors.light[k], shape)).light)
        atomic.replace(table, [_list(kind, paths, picture, colors, boxes)], lambda _: None)
    return Target(tuple(paths), table, picture.title, picture.space.primaries)


def _picture(output: Path, encoding: str | None) -> _Picture:
    """Return how a file holds light, by its name. Raises LatticeError if it cannot."""
    suffix = output.suffix.lower()
    if suffix not in SUFFIXES:
        raise LatticeError(f"{output}: expected a name ending in {', '.join(SUFFIXES)}")
    if suffix == ".exr":
        return _Picture(find(find(encoding or LIGHT).primaries), 0)
    space = find(encoding or CODES)
    if not space.is_encoded or space.adx_bits is not None:
        raise LatticeError(
            f"{output}: --input {space.name}: a {suffix} holds codes of a curve, such as Cineon or LogC3/Rec.709; an "
            ".exr holds linear light"
        )
    return _Picture(space, 10 if suffix == ".dpx" else 16)


def _numbered(output: Path, count: int) -> list[Path]:
    stem, suffix = output.name.removesuffix(output.suffix).removesuffix(FRAME), output.suffix
    return [output.with_name(f"{stem}.{number:04d}{suffix}") for number in range(1, count + 1)]


@contextmanager
def _all_or_none(paths: Sequence[Path]) -> Iterator[None]:
    """Within the block, files are written; if it fails, those that were not there before are removed."""
    new = [path for path in paths if not os.path.lexists(path)]
    try:
        yield
    except BaseException:
        for path in new:
            with suppress(OSError):
                path.unlink(missing_ok=True)
        raise


def _save(path: Path, picture: _Picture, light: Array) -> None:
    stored, kind = picture.stored(light), format_of(path)
    if kind is not None:
        images.write(path, kind, EncodedImage(np.ascontiguousarray(stored), note=f"{ABOUT}: {picture.title}"))
        return
    channels = {name: np.ascontiguousarray(stored[..., k]) for k, name in enumerate("RGB")}
    exr.write(path, Frame(path, _header(stored.shape, picture.space), channels))


def _header(shape: tuple[int, ...], space: InputSpace) -> Header:
    """Return the header of an EXR of halves, R, G, B, with ZIP."""
    window = Attribute("box2i", struct.pack("<4i", 0, 0, shape[1] - 1, shape[0] - 1))
    attributes = {
        "channels": channel_list([Channel(name, "float16") for name in "BGR"]),
        "compression": Attribute("compression", bytes([[codec.name for codec in CODECS].index("ZIP")])),
        "dataWindow": window,
        "displayWindow": window,
        **DEFAULTS,
        "chromaticities": Attribute.floats("chromaticities", *chromaticities(space.primaries)),
    }
    if space.interop_id is not None:
        attributes[INTEROP_ID] = Attribute.text(space.interop_id)
    return Header(attributes, False)


def _list(kind: str, paths: Sequence[Path], picture: _Picture, colors: targets.Colors, boxes: Sequence[Box]) -> bytes:
    """Return the table: what the pixels of each patch hold as light, and room for what is measured."""
    named = paths[0].name + (f" to {paths[-1].name}, a picture a patch" if len(paths) > 1 else "")
    lines = [
        f"# {ABOUT}: {kind} patches, {named}: {picture.title}",
        f"# r, g, b: scene-linear light, {picture.space.primaries} primaries, 0.18 = mid gray, as the pixels hold it",
        "# X, Y, Z: what you measure of each, the screen's white at Y 100 (or cd/m2, and --white X,Y,Z of that white)",
        "# x0, y0, x1, y1: its pixels, x1 and y1 outside",
        HEADER,
    ]
    for name, light, box in zip(colors.names, picture.held(colors.light), boxes, strict=True):
        lines.append(",".join([name, *(f"{each:.9g}" for each in light), "", "", "", *map(str, box)]))
    return ("\n".join(lines) + "\n").encode()
