"""Invert one frame, file to file: display codes in, the scene light that shows as them out, in an EXR."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from lattice.channels.layers import RGBLayer
from lattice.channels.plan import ChannelPlan, plan_parts
from lattice.color.inputs import INPUTS
from lattice.color.interop import INTEROP_ID, SCENE_LINEAR, full_id
from lattice.color.primaries import chromaticities
from lattice.files import source
from lattice.files.exr import file as exr
from lattice.files.exr import luma_chroma
from lattice.files.exr.header import Attribute, Header, channel_list
from lattice.files.frame import HELD, INVERSE, STAMP, Channel, Frame, FrameHeader, about
from lattice.files.images.formats import format_of
from lattice.regrade.frame.alpha import alphas, divided
from lattice.regrade.frame.header import DROPPED, exr_header
from lattice.regrade.frame.memory import inverse_bytes
from lattice.regrade.frame.packing import packed
from lattice.regrade.frame.plan import size_of
from lattice.regrade.frame.undone import doubts, held
from lattice.regrade.options import Options
from lattice.regrade.process.memory_budget import Budget
from lattice.sdev import SDev
from lattice.types import Display, Interpolation, LatticeError, Pixels

LOSSLESS = Options(compression="zip")


@dataclass(frozen=True)
class Asked:
    """What frames are inverted by. sdev: as it was loaded, on the display of the codes. primaries: the input that is
    written, as `--input` names it; None: the SDev's own. mask: the channel that is 1 where a color has an inverse and 0
    elsewhere, with the prefix of its layer; None: none. interpolation: None: the one that the nodes were fitted for.
    memory: what a frame may take."""

    sdev: SDev
    primaries: str | None = None
    mask: str | None = "found"
    interpolation: Interpolation | None = None
    memory: Budget = field(default_factory=lambda: Budget(None))

    @cached_property
    def inverted(self) -> SDev:
        """The SDev that takes what is written. Raises LatticeError as `SDev.with_input` does."""
        return self.sdev if self.primaries is None else self.sdev.with_input(self.primaries)


@dataclass(frozen=True)
class Inverted:
    """What became of a frame. found: the share of its pixels that have an inverse. holds: what the pixels are, for
    people. doubts: a line for each reason why its codes may not be the SDev's."""

    found: float
    holds: str
    doubts: tuple[str, ...]


def check_target(path: Path, target: Path, overwrite: bool) -> None:
    """Raise LatticeError, before any work, if an output is no .exr, is the source, or is there and must not be
    replaced."""
    if target.suffix.lower() != ".exr":
        raise LatticeError(f"{target}: expected a name ending in .exr, which holds scene light")
    if os.path.lexists(target) and path.exists() and target.exists() and target.samefile(path):
        raise LatticeError(f"{target}: expected an output apart from its input, got the same file")
    if os.path.lexists(target) and not overwrite:
        raise LatticeError(f"{target}: exists already; --overwrite replaces it")


def invert_frame(asked: Asked, path: Path, target: Path, overwrite: bool = False) -> Inverted:
    """Write the scene light of a frame of display codes; return what became of it.

    path: an EXR, or an image that `regrade` reads: TIFF as codes, DPX and Cineon as printing density of the display's
    light, which `regrade` writes. target: an EXR: color as float32, premultiplied by its alpha, with ZIP; all other
    channels, the windows and the attributes stay; the smaller levels of a mip-map are left out.
    Raises LatticeError, with `target` as it was, if the source cannot be read, says that it is scene light, takes more
    memory than there is (which is known before a pixel is read), or has the mask's channel already; as `check_target`
    and `SDev.inverse` do; or if the output cannot be written and verified.
    """
    check_target(path, target, overwrite)
    kind, sdev = format_of(path), asked.inverted
    transfer = "cineon" if kind and kind.log else "linear"
    stored = tuple(source.read_headers(path, transfer if kind else "auto"))
    headers = [luma_chroma.rgb_header(header) for header in stored]
    for header in headers:
        name = full_id(header.text(INTEROP_ID) or "")
        if name in SCENE_LINEAR:
            raise LatticeError(f"{about(str(path), header)}: expected display codes, got {name}, scene light")
    plans = plan_parts(headers, (), (), str(path), may_change_codec=True)
    asked.memory.check(inverse_bytes(stored, headers, plans, size_of(path)), str(path))
    parts = tuple(map(luma_chroma.to_rgb, source.read_parts(path, transfer)))
    display = sdev.shown if kind and kind.log else None
    done = [_inverted_part(asked, parts, number, plan, display) for number, plan in enumerate(plans)]
    frames = [exr.Frame(target, packed(header, LOSSLESS), channels) for header, channels, _ in done]
    exr.write_parts(target, frames, [frame.channels for frame in frames])
    found = np.concatenate([plane.ravel() for *_, planes in done for plane in planes])
    return Inverted(float(found.mean()), held(sdev), doubts(headers, sdev, asked.sdev.sha256))


Done = tuple[Header, dict[str, Pixels], list[Pixels]]  # header and channels to write; where there is an inverse


def _inverted_part(
    asked: Asked, parts: Sequence[Frame[FrameHeader]], number: int, plan: ChannelPlan, display: Display | None
) -> Done:
    part, masks = parts[number], {}
    channels = dict(part.channels)
    for layer, alpha in _with_alpha(parts, number, plan):
        light, found = _inverted(asked, [channels[name] for name in layer.names], alpha, part.header.straight, display)
        channels |= dict(zip(layer.names, light, strict=True))
        masks[layer] = found.astype(np.float32)
    for layer, plane in masks.items() if asked.mask is not None else ():
        name = f"{layer.names[0].rpartition('.')[0]}.{asked.mask}".lstrip(".")
        if name in channels:
            where = about(str(part.path), part.header)
            raise LatticeError(f"{where}: channel {name}: is there already; --mask gives the mask another name")
        channels[name] = plane
    return _light_header(asked.inverted, part, channels, bool(masks)), channels, list(masks.values())


def _with_alpha(
    parts: Sequence[Frame[FrameHeader]], number: int, plan: ChannelPlan
) -> list[tuple[RGBLayer, Pixels | None]]:
    found = alphas(parts, number, plan.rgb_layers)
    return [(layer, found.get(layer)) for layer in plan.rgb_layers]


def _inverted(
    asked: Asked, color: Sequence[Pixels], alpha: Pixels | None, is_straight: bool, display: Display | None
) -> tuple[list[Pixels], Pixels]:
    """Return the light of three planes of codes (H, W), float32, and where they have an inverse.

    alpha: codes are divided by it unless straight, and light is multiplied by it; where it is not above 0 codes of 0
    stay 0. display: its linear light is given in the place of codes.
    """
    planes = [plane.astype(np.float32) for plane in color]
    if alpha is not None and not is_straight:
        planes = [divided(plane, alpha) for plane in planes]
    codes = np.stack(planes, axis=-1)
    if display is not None:
        codes = display.encode(codes)
    scene, found = asked.inverted.inverse(codes, asked.interpolation)
    if alpha is not None:
        covered = (alpha > 0) & np.isfinite(alpha)
        is_empty = ~covered & (codes == 0).all(axis=-1)
        scene *= np.where(covered, alpha, 1).astype(np.float32)[..., None]
        scene[is_empty], found[is_empty] = 0, False
    return list(np.moveaxis(scene, -1, 0).copy()), found


def _light_header(sdev: SDev, part: Frame[FrameHeader], channels: Mapping[str, Pixels], is_light: bool) -> Header:
    """Return the header of a part's channels: those that are new, or no longer halves, in their new types; of color
    the SDev's input, in a part that has light."""
    header = exr_header(part.header)
    header = header.one_level() if len(header.images) > 1 else header
    old = {each.name: each for each in header.channels}
    kinds = [
        old.get(name, Channel(name, "float32"))._replace(dtype=str(plane.dtype)) for name, plane in channels.items()
    ]
    false = {*(DROPPED if is_light else ()), *(name for name in header.attributes if name.startswith(STAMP))}
    attributes = {name: value for name, value in header.attributes.items() if name not in false}
    attributes["channels"] = channel_list(kinds)
    named = sdev.provenance.get("input")
    attributes.pop("chromaticities", None)
    if named is not None:
        xy = chromaticities(named if named[:1].isalpha() else [float(word) for word in named.split()])
        attributes["chromaticities"] = Attribute.floats("chromaticities", *xy)
    space = sdev.codes or INPUTS.get(named or "")
    if is_light and space is not None and space.interop_id is not None:
        attributes[INTEROP_ID] = Attribute.text(space.interop_id)
    if is_light:
        attributes[INVERSE] = Attribute.text(f"{sdev.name} {sdev.sha256}")
        attributes[HELD] = Attribute.text(held(sdev))
    return header.with_attributes(attributes)
