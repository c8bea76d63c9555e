"""Read a frame as a picture in halves: one layer and its alpha, its windows, the light that a regrade would see."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lattice.channels import plan as channels
from lattice.channels.input import Primaries, assumption, input_of
from lattice.channels.layers import RGBLayer
from lattice.color.inputs import InputSpace, encoded
from lattice.files import source
from lattice.files.exr import luma_chroma, picked
from lattice.files.frame import FINEST_ASPECT, Frame, FrameHeader
from lattice.files.images import file as images
from lattice.files.images.formats import format_of
from lattice.regrade.frame import memory
from lattice.regrade.frame.alpha import alphas, divided
from lattice.regrade.frame.plan import FramePlan, size_of
from lattice.regrade.options import Job, Options
from lattice.types import HALF_MAX, LatticeError, Pixels
from lattice.view.looking import Picture
from lattice.view.shots import Headers, graded_label, offered

ROWS = 64  # converted together, so that float32 takes little memory
CODES = "linear"  # the transfer that keeps an image's codes as they are
HALF_BYTES = 2


@dataclass(frozen=True)
class Loaded:
    """A frame in memory. names: the file's channels, of each plane. kind: their types as in the file. primaries: of the
    light, as `regrade` takes it. graded: with what, else "". notes: a line for each thing that a viewer may not expect.
    """

    picture: Picture
    names: tuple[str, ...]
    kind: str
    primaries: Primaries
    graded: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """How a frame will be read; no pixel is decoded yet.

    stored: the headers of its parts, as in the file; headers: luminance-chroma and gray as R, G, B. part: number of the
    layer's part. transfer: of an image. bytes_needed: the most that reading takes, with the picture.
    """

    path: Path
    stored: Headers
    headers: Headers
    part: int
    layer: RGBLayer
    transfer: str
    primaries: Primaries
    notes: tuple[str, ...]
    bytes_needed: int

    @property
    def header(self) -> FrameHeader:
        """The header of the layer's part."""
        return self.headers[self.part]

    @property
    def names(self) -> tuple[str, ...]:
        """The channels of the layer, with its alpha."""
        return (*self.layer.names, *((self.layer.alpha,) if self.layer.alpha else ()))

    @property
    def wanted(self) -> dict[int, set[str]]:
        """The channels to decode, by part, as they are in the file."""
        stored, names = self.stored[self.part], set(self.layer.names)
        if stored.exr is not None and stored is not self.header:  # made of others
            names = set(luma_chroma.LUMA) if luma_chroma.is_luma(stored) else {luma_chroma.LUMA[0]}
        found = {self.part: names}
        if self.layer.alpha:
            part = self.part if self.layer.alpha_part is None else self.layer.alpha_part
            found.setdefault(part, set()).add(self.layer.alpha)
        return found


def read_headers(path: Path, options: Options) -> Headers:
    """Return the headers of a frame's parts, with R, G, B for luminance-chroma and gray.

    Raises LatticeError if the file is refused, deep ones too.
    """
    return tuple(map(_as_rgb, _stored(path, options)[0]))


def _as_rgb(header: FrameHeader) -> FrameHeader:
    return luma_chroma.rgb_header(header)


def _stored(path: Path, options: Options) -> tuple[Headers, str]:
    """Return the headers as they are in the file, and the transfer that decodes an image: the codes of a graded one are
    shown as they are. Raises LatticeError for a graded image that holds printing density."""
    kind, transfer = format_of(path), options.decoding
    stored = tuple(source.read_headers(path, transfer))
    if kind is None or stored[0].graded_by is None:
        return stored, transfer
    if kind.log:
        raise LatticeError(
            f"{path}: expected an EXR or TIFF to show as it is, got a {kind.name} graded with "
            f"{stored[0].graded_by}: it holds printing density"
        )
    return tuple(source.read_headers(path, CODES)), CODES


def plan_reading(path: Path, layer: str, view: str, options: Options) -> Reading:
    """Plan how a layer of a frame is read. layer, view: "" for the default. options: `input` says what the pixels are.

    Raises LatticeError if the file is missing or refused, or has no such layer or view.
    """
    where = str(path)
    if not os.path.lexists(path):
        raise LatticeError(f"{where}: missing frame")
    stored, transfer = _stored(path, options)
    headers = tuple(map(_as_rgb, stored))
    default = next(iter(offered(headers, where)))
    layers = (layer or default,) if layer or default else ()
    views = (view,) if view else ()
    plans = channels.plan_parts(headers, layers, views, where, may_change_codec=True)
    part, chosen = FramePlan(Job(None, path, path), "grade", 0, headers, plans).shown(views, layers)
    primaries, notes = _input(stored, headers, plans, options, path)
    planned = Reading(path, stored, headers, part, chosen, transfer, primaries, notes, 0)
    return replace(planned, bytes_needed=_bytes_needed(planned))


def _input(
    stored: Headers, headers: Headers, plans: tuple[channels.ChannelPlan, ...], options: Options, path: Path
) -> tuple[Primaries, tuple[str, ...]]:
    """Return the input of a file that is not graded, as a regrade takes it, and the lines to be said of it."""
    if headers[0].graded_by is not None:
        return "", (f"graded with {graded_label(headers[0])}: shown as it is",)
    if options.input is not None and headers[0].pixels_are:
        raise LatticeError(f"{path}: input: expected none for {headers[0].pixels_are}, got {options.input}")
    shown = [header for header, plan in zip(headers, plans, strict=True) if plan.rgb_layers]
    taken = input_of(headers, shown, options.input, str(path))
    assumed = assumption(taken.assumed, "this frame")
    return taken.primaries, (*stored[0].notes, *([] if assumed is None else [assumed]))


def _bytes_needed(reading: Reading) -> int:
    (height, width), file_bytes = reading.header.shape, size_of(reading.path)
    picture = height * width * len(reading.names) * HALF_BYTES
    if reading.header.exr is None:
        return memory.FIXED + picture + memory.reading_bytes(reading.stored, file_bytes)
    luma = memory.LUMA_BYTES * height * width if luma_chroma.is_luma(reading.stored[reading.part]) else 0
    return (
        memory.FIXED + picture + luma + picked.peak_bytes([h.exr for h in reading.stored], reading.wanted, file_bytes)
    )


def load(reading: Reading) -> Loaded:
    """Read and convert a frame. Raises LatticeError if it cannot be read, or its headers changed since the plan."""
    parts = _parts(reading)
    header, layer = reading.header, reading.layer
    color = [parts[reading.part].channels[name] for name in layer.names]
    alpha = alphas(parts, reading.part, (layer,)).get(layer)
    raw = header.graded_by is not None
    is_coded = header.exr is not None or header.stays_coded
    space = encoded(reading.primaries) if is_coded and not raw else None
    planes, infinite = _planes(color, alpha, header.straight, space)
    aspect = header.pixel_aspect
    notes = [*reading.notes, *infinite_notes(infinite)]
    if not 1 / FINEST_ASPECT < aspect < FINEST_ASPECT:
        notes.append(f"pixelAspectRatio {aspect:g} is taken as 1")
        aspect = 1.0
    premultiplied = alpha is not None and not raw
    picture = Picture(planes, header.window, header.display, aspect, 1, premultiplied, raw)
    kinds = dict.fromkeys(str(plane.dtype) for plane in (*color, *([] if alpha is None else [alpha])))
    return Loaded(picture, reading.names, ", ".join(kinds), reading.primaries, graded_label(header), tuple(notes))


def infinite_notes(count: int) -> tuple[str, ...]:
    """Return what is to be said of finite values that are infinite as halves."""
    return (f"{count} values beyond {HALF_MAX:g} are shown as infinite: the page holds halves",) if count else ()


def _parts(reading: Reading) -> list[Frame[FrameHeader]]:
    """Return the parts of a frame with the wanted channels alone, as R, G, B."""
    if reading.header.exr is None:
        frame: Frame[FrameHeader] = images.read(reading.path, reading.transfer)
        if frame.header != reading.stored[0]:
            raise LatticeError(f"{reading.path}: expected a finished file, got one that changed while it was read")
        return [frame]
    found = picked.read_channels(reading.path, [header.exr for header in reading.stored], reading.wanted)
    parts = [Frame(reading.path, header, found.get(k, {})) for k, header in enumerate(reading.stored)]
    return [luma_chroma.to_rgb(part) if part.channels else part for part in parts]


def _planes(
    color: list[Pixels], alpha: Pixels | None, straight: bool, space: InputSpace | None
) -> tuple[NDArray[np.float16], int]:
    """Return (3 or 4, H, W) halves, color multiplied by alpha, and how many finite values became infinite.

    straight: the color comes not multiplied. space: whose codes the color is; its light is made of them.
    """
    planes = np.empty((3 + (alpha is not None), *color[0].shape), np.float16)
    infinite = 0
    for rows in _bands(len(color[0])):
        cut = None if alpha is None else alpha[rows]
        band = [plane[rows] for plane in color]
        if space is not None:
            band = _light(band, None if straight else cut, space)
        if cut is not None and (straight or space is not None):
            band = [_multiplied(plane, cut, keeps=not straight) for plane in band]
        for plane, values in zip(planes, (*band, *([] if cut is None else [cut])), strict=True):
            infinite += _round(values, plane[rows])
    return planes, infinite


def _bands(height: int) -> Iterator[slice]:
    return (slice(top, top + ROWS) for top in range(0, height, ROWS))


def _light(codes: list[Pixels], alpha: Pixels | None, space: InputSpace) -> list[Pixels]:
    """Return the light of codes, divided by alpha before: an encoding is of the color alone. Codes 0 where alpha is not
    above 0 stay 0, whatever light they stand for: nothing is there, as a regrade takes it."""
    empty: NDArray[np.bool_] | None = None
    if alpha is not None and not bool((alpha == 1).all()):
        empty = ~(alpha > 0) & ~np.any(codes, axis=0)
        with np.errstate(over="ignore", invalid="ignore"):
            codes = [divided(plane.astype(np.float32), alpha.astype(np.float32)) for plane in codes]
    light = space.light(np.stack(codes, axis=-1))
    if empty is not None:
        light[empty] = 0
    return [light[..., k] for k in range(3)]


def _multiplied(plane: Pixels, alpha: Pixels, keeps: bool) -> Pixels:
    """Return color multiplied by alpha. keeps: where alpha is not above 0 and finite the color stays as it is."""
    factor = alpha.astype(np.float32)
    if keeps:
        factor = np.where((factor > 0) & np.isfinite(factor), factor, np.float32(1))
    with np.errstate(over="ignore", invalid="ignore"):
        return plane.astype(np.float32) * factor


def _round(values: Pixels, out: NDArray[np.float16]) -> int:
    """Write values to halves; return how many finite ones became infinite."""
    with np.errstate(over="ignore"):
        out[...] = values
    if values.dtype == np.float16:
        return 0
    return int(np.count_nonzero(np.isinf(out))) - int(np.count_nonzero(np.isinf(values)))


def frame_header(loaded: Loaded, path: Path, number: int | None, input_number: int) -> Mapping[str, object]:
    """Return the header of a frame's bytes, as JSON. input_number: what `POST /sdev` takes for the frame's light."""
    picture = loaded.picture
    count, height, width = picture.planes.shape
    return {
        "width": width,
        "height": height,
        "planes": count,
        "scale": picture.scale,
        "data": list(picture.data),
        "display": list(picture.display),
        "aspect": picture.aspect,
        "premultiplied": picture.premultiplied,
        "raw": picture.raw,
        "input": input_number,
        "names": list(loaded.names),
        "type": loaded.kind,
        "label": path.name,
        "number": number,
        "notes": list(loaded.notes),
        "graded": loaded.graded or None,
    }
