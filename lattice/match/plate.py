"""A picture of a pair, read as channels of its display window: the light of a plate, or the codes of a graded still."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lattice.channels.input import Primaries, assumption, input_of
from lattice.channels.layers import RGBLayer
from lattice.channels.plan import plan_parts
from lattice.color.inputs import InputSpace, find
from lattice.color.interop import INTEROP_ID, full_id
from lattice.color.primaries import convert
from lattice.color.primaries import named as record_of
from lattice.errors import LatticeError
from lattice.files import source
from lattice.files.exr import luma_chroma, picked
from lattice.files.frame import Frame, FrameHeader
from lattice.files.images import file as images
from lattice.files.images.formats import format_of
from lattice.files.images.header import STAMP
from lattice.files.window import crop_to
from lattice.types import Pixels

WORKING = "ACEScg"  # of light whose primaries have no name, or whose white is adapted by another convention
NO_COLOR = "expected a picture in color, got one channel of gray"
ABOVE, MOST_ABOVE = 1.05, 0.01  # codes, and the share of one channel: more are light
LINEAR, SWAPPED = "lin_", ": it holds light; are --source and --target swapped?"
WHERE_TO_SAY = "say what its codes are, such as --input sRGB or --input LogC3; lattice inputs lists all"


@dataclass(frozen=True)
class Plate:
    """Channels of a picture.

    planes: three (H, W) of the display window, 0 outside the data window. alpha: (H, W) or None. largest: their number
    for all of it.
    decode: the input whose codes they are still. primaries: of the light, a name; of a graded still "".
    to_working: (3, 3) from the file's light to `primaries`, None if it is that. notes: lines for people.
    """

    path: Path
    planes: tuple[Pixels, Pixels, Pixels]
    alpha: Pixels | None
    primaries: str = ""
    decode: InputSpace | None = None
    to_working: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    largest: int = 1

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        height, width = self.planes[0].shape
        return width, height

    def rows(self, part: slice) -> Pixels:
        """Return (3, h, W) float32 of some rows, light where they were codes."""
        values = np.stack([plane[part] for plane in self.planes], dtype=np.float32, casting="same_kind")
        if self.largest > 1:
            values /= self.largest
        if self.decode is not None:
            values = np.moveaxis(self.decode.light(np.moveaxis(values, 0, -1)), -1, 0)
        if self.to_working is not None:
            with np.errstate(invalid="ignore"):
                values = np.einsum("ij,jhw->ihw", self.to_working.astype(np.float32), values)
        return values


def read_plate(path: str | os.PathLike[str], named: str | None) -> Plate:
    """Read the light of an ungraded picture. named: an input, which wins over the file; None: as the file says.

    Raises LatticeError if the file cannot be read, is graded, has no color, or is an image of codes that neither the
    file nor `named` explains.
    """
    space = None if named is None else find(named)
    is_told = space is not None and space.is_encoded
    headers = source.read_headers(path, space.name if space is not None and is_told else "auto")
    if headers[0].graded_by is not None:
        raise LatticeError(
            f"{path}: source: expected a plate before the look, got one graded with {headers[0].graded_by}"
        )
    if headers[0].is_transfer_assumed and not headers[0].holds_floats and not is_told:
        raise LatticeError(
            f"{path}: source: expected scene light, got codes of {headers[0].format_name} whose encoding the file does "
            f"not say; {WHERE_TO_SAY}"
        )
    parts, number, layer = _read(path, headers, space.name if space is not None and is_told else "auto")
    taken = input_of(headers, [headers[number]], None if space is None else space.name, str(path))
    told = assumption(taken.assumed, Path(path).name)
    primaries, matrix, decode = _light(taken.primaries, headers[number])
    notes = (*headers[0].notes, *(() if told is None else (told,)))
    return Plate(*_cropped(path, parts, number, layer), primaries, decode, matrix, notes)


def read_codes(path: str | os.PathLike[str]) -> Plate:
    """Read the codes of a graded still, an EXR, TIFF, DPX, PNG, JPEG...: code / largest code; floats as they are.

    Raises LatticeError if the file cannot be read, has no color, or holds light, by its ID or by many codes above 1, or
    the printing density of a regrade.
    """
    kind = format_of(path)
    if kind is None and Path(path).suffix.lower() == ".exr":
        headers = source.read_headers(path)
        parts, number, layer = _read(path, headers, "auto")
        if headers[number].is_gray:
            raise LatticeError(f"{path}: target: {NO_COLOR}")
        _check_id(path, headers)
        return _of_codes(Plate(*_cropped(path, parts, number, layer), notes=headers[0].notes))
    spec, codes = images.read_codes(path)
    if kind is not None and kind.log and STAMP.match(spec.note):
        raise LatticeError(
            f"{path}: target: expected display codes, got a {kind.name} of printing density, which a regrade writes; "
            "regrade to an EXR or a TIFF"
        )
    if spec.coding or spec.is_xyz:
        raise LatticeError(f"{path}: target: expected display codes, got {spec.coding or 'CIE X, Y, Z'}")
    if spec.is_gray:
        raise LatticeError(f"{path}: target: {NO_COLOR}")
    largest = 1 if spec.is_float else 2**spec.bits - 1
    red, green, blue = (codes[..., k] for k in spec.color)
    alpha = None if spec.alpha is None else codes[..., spec.alpha]
    return _of_codes(Plate(Path(path), (red, green, blue), alpha, largest=largest))


def _check_id(path: str | os.PathLike[str], headers: Sequence[FrameHeader]) -> None:
    for header in headers:
        name = header.text(INTEROP_ID) if INTEROP_ID in header.attributes else None
        if name is not None and full_id(name).rpartition(":")[2].startswith(LINEAR):
            raise LatticeError(f"{path}: target: expected display codes, got light: {INTEROP_ID} is {name!a}{SWAPPED}")


def _of_codes(still: Plate) -> Plate:
    """Return a still; raise LatticeError if many of its codes are above 1."""
    is_above = (np.isfinite(plane) & (plane > ABOVE * still.largest) for plane in still.planes)
    above = max(float(each.mean()) for each in is_above)
    if above > MOST_ABOVE:
        raise LatticeError(f"{still.path}: target: expected codes of 0 to 1, got {above:.0%} above {ABOVE:g}{SWAPPED}")
    return still


def _light(primaries: Primaries, header: FrameHeader) -> tuple[str, np.ndarray | None, InputSpace | None]:
    """Return the primaries' name, the matrix to them, and the input that decodes the pixels."""
    if not isinstance(primaries, str):
        record = record_of(primaries)
        return (WORKING, convert(primaries, WORKING), None) if record is None else (record.name, None, None)
    space = find(primaries)
    decode = space if space.is_encoded and (header.exr is not None or header.stays_coded) else None
    if space.adaptation is not None:
        return WORKING, convert(space.primaries, WORKING, space.adaptation), decode
    return space.primaries, None, decode


def _read(
    path: str | os.PathLike[str], headers: Sequence[FrameHeader], transfer: str
) -> tuple[Sequence[Frame[FrameHeader]], int, RGBLayer]:
    """Read the part's number, the layer and the parts' channels that the picture is made of."""
    shown = [luma_chroma.rgb_header(header) for header in headers]
    plans = plan_parts(shown, (), (), str(path), may_change_codec=True)
    found = [(number, layer) for number, plan in enumerate(plans) for layer in plan.rgb_layers]
    number, layer = min(found, key=lambda each: (_is_other_view(shown[each[0]], each[1]), bool(each[1].layer)))
    if headers[0].exr is None:
        return [images.read(path, transfer)], number, layer
    wanted = {part: set(names) for part, names in _wanted(headers, number, layer)}
    held = picked.read_channels(path, [header.exr for header in headers], wanted)
    parts = [Frame(Path(path), header, held.get(k, {})) for k, header in enumerate(headers)]
    return [luma_chroma.to_rgb(part) if part.channels else part for part in parts], number, layer


def _is_other_view(header: FrameHeader, layer: RGBLayer) -> bool:
    return bool(header.views) and layer.view != header.views[0]


def _wanted(headers: Sequence[FrameHeader], number: int, layer: RGBLayer) -> Iterator[tuple[int, set[str]]]:
    """Yield the channels to decode, by part, as they are in the file."""
    header, names = headers[number], set(layer.names)
    if luma_chroma.is_luma(header):
        names = set(luma_chroma.LUMA)
    elif header.is_gray:
        names = {luma_chroma.LUMA[0]}
    part = number if layer.alpha_part is None else layer.alpha_part
    alpha = {layer.alpha} if layer.alpha else set()
    yield number, names | (alpha if part == number else set())
    if part != number:
        yield part, alpha


def _cropped(
    path: str | os.PathLike[str], parts: Sequence[Frame[FrameHeader]], number: int, layer: RGBLayer
) -> tuple[Path, tuple[Pixels, Pixels, Pixels], Pixels | None]:
    part, holder = parts[number], parts[number if layer.alpha_part is None else layer.alpha_part]
    red, green, blue = (_within(part.channels[name], part.header, part.header) for name in layer.names)
    alpha = None if layer.alpha is None else _within(holder.channels[layer.alpha], holder.header, part.header)
    return Path(path), (red, green, blue), alpha


def _within(plane: Pixels, of: FrameHeader, shown: FrameHeader) -> Pixels:
    return plane if of.window == shown.display else crop_to([plane], of.window, shown.display)[0]
