"""Decide which channels of a file are graded as color and which pass through untouched, each with its reason.

Channels are identified by name, never by position: the last component of the name is the channel's, before it is the
view if `multiView` lists it, and before that the layer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from lattice.channels.layers import Placed, RGBLayer, in_manifest, integer_rgb, split
from lattice.channels.multipart import data_of, is_in_doubt, placed_rgb_layers
from lattice.files.frame import Channel, FrameHeader, about
from lattice.types import LatticeError

ALPHAS = frozenset({"A", "AR", "AG", "AB", "a", "alpha"})
DEPTHS = frozenset({"Z", "ZBack"})


@dataclass(frozen=True)
class ChannelPlan:
    """rgb_layers: the graded colors. passing: the name of every other channel, and why it passes."""

    rgb_layers: tuple[RGBLayer, ...]
    passing: Mapping[str, str]

    @property
    def graded(self) -> str:
        """The graded channels as one word: "R,G,B;left.R,left.G,left.B"."""
        return ";".join(",".join(rgb_layer.names) for rgb_layer in self.rgb_layers)

    def lines(self) -> list[str]:
        """Return the plan as text for the user, one line per color and per passing channel."""
        graded = [
            f"{' '.join(t.names)}: grade"
            + (f", premultiplied by {t.alpha_text}" if t.alpha else f", {t.alpha_note}" if t.alpha_note else "")
            for t in self.rgb_layers
        ]
        return graded + [f"{name}: pass ({why})" for name, why in self.passing.items()]


def plan(
    header: FrameHeader, layers: Collection[str] = (), views: Collection[str] = (), where: str = ""
) -> ChannelPlan:
    """Return the channel plan of a single-part file. Arguments and errors: as for `plan_parts`."""
    return plan_parts((header,), layers, views, where)[0]


def plan_parts(
    headers: Sequence[FrameHeader],
    layers: Collection[str] = (),
    views: Collection[str] = (),
    where: str = "",
    may_change_codec: bool = False,
) -> tuple[ChannelPlan, ...]:
    """Return the channel plan of each part of a file.

    layers: names of layers to grade, too. views: grade only these; all if empty. where: the file's name, for messages.
    Graded by default: the bare R, G, B of every view, and Blender's `*.Combined`; where a file has neither, the layer
    that is called so (`rgba.R`) or is the only color. Another layer is graded only if it is in `layers`: a non-linear
    grade of a sum is not the sum of the grades.
    In a multi-part file a part's bare R, G, B is its view's color if the part's whole name says so (`rgba`, `beauty`,
    the view's own name...), or if no part of the file has such a name and no other part of the view has any color;
    otherwise it is a layer of the part's name. Its alpha may be in another part. All other channels pass.
    Raises LatticeError if nothing is color, if a view of `views` is absent, if a layer of `layers` is absent,
    incomplete or holds data (normals, masks, Cryptomatte, IDs), or if the file's codec would change a channel that must
    pass, unless `may_change_codec`.
    """
    wanted = set(layers)
    found = placed_rgb_layers(headers)
    _check_layers(wanted, found, where)
    _check_views(views, headers, where)
    color = [(h, t) for h, t in found if t.is_beauty or t.layer in wanted]
    taken = [(h, t) for h, t in color if not views or t.view in views or not (h.views or h.part is not None)]
    if not taken:
        reasons = {t.layer: data_of(t.layer, h) for h, t in found}
        offered = sorted(layer for layer, reason in reasons.items() if reason is None)
        data = sorted(f"{layer} ({reason})" for layer, reason in reasons.items() if reason is not None)
        raise LatticeError(
            f"{where}: expected color channels R, G, B{_got(headers)}"
            + (f"; --layers takes {', '.join(offered)}" if offered else "")
            + (f"; never graded is {', '.join(data)}" if data else "")
        )
    plans = tuple(_plan_of(header, taken, color, found) for header in headers)
    for header, plan in zip(headers, plans, strict=True):
        if not may_change_codec:
            _check_codec(header, plan, about(where, header))
    return plans


def _got(headers: Sequence[FrameHeader]) -> str:
    """Return the end of a message on a file without color: integers that are called R, G, B, or all channels."""
    integers = next(filter(None, map(integer_rgb, headers)), ())
    if integers:
        kinds = ", ".join(f"{channel.name} of {channel.dtype}" for channel in integers)
        return f" of half or float, got {kinds}: integers hold no light"
    return ", got " + ", ".join(channel.name for header in headers for channel in header.channels)


def _plan_of(header: FrameHeader, taken: Placed, color: Placed, found: Placed) -> ChannelPlan:
    rgb_layers = tuple(t for h, t in taken if h is header)
    graded = {name for rgb_layer in rgb_layers for name in rgb_layer.names}
    elsewhere = {name for h, t in color if h is header for name in t.names}
    layered = {name: t.layer for h, t in found if h is header for name in t.names}
    passing = {
        c.name: "another view" if c.name in elsewhere else _reason(c, layered.get(c.name), header)
        for c in header.channels
        if c.name not in graded
    }
    return ChannelPlan(rgb_layers, passing)


def _check_codec(header: FrameHeader, plan: ChannelPlan, where: str) -> None:
    for channel in header.channels:
        if channel.name in plan.passing and header.codec.ruins(channel.name, channel.dtype):
            raise LatticeError(
                f"{where}: channel {channel.name}: expected a codec that keeps it bit for bit, "
                f"got {header.codec.name}, lossy for {channel.dtype} of this name; --lossy zips or split keeps it"
            )


def _check_views(views: Collection[str], headers: Sequence[FrameHeader], where: str) -> None:
    there = {view: None for header in headers for view in header.views or (header.text("view") or "",) if view}
    absent = sorted(set(views) - set(there))
    if absent:
        raise LatticeError(f"{where}: views: expected {' or '.join(there) or 'none'}, got {absent[0]}")


def _check_layers(wanted: set[str], found: Placed, where: str) -> None:
    for layer in sorted(wanted):
        rgb_layers = [(header, rgb_layer) for header, rgb_layer in found if rgb_layer.layer == layer]
        if not rgb_layers:
            offered = sorted({rgb_layer.layer for _, rgb_layer in found if rgb_layer.layer})
            raise LatticeError(
                f"{where}: layer {layer}: expected a complete R, G, B, got none; "
                f"complete layers: {', '.join(offered) or 'none'}"
            )
        for header, rgb_layer in rgb_layers:
            is_id = in_manifest(rgb_layer.names, header)
            why = data_of(layer, header) or ("IDs, says idmanifest" if is_id else None)
            if why:
                raise LatticeError(f"{where}: layer {layer}: expected color, got {why}, which is never graded")


def _reason(channel: Channel, color_layer: str | None, header: FrameHeader) -> str:
    layer, _, component = split(channel.name, header.views)
    kinds = ((component in ALPHAS, "alpha"), (component in DEPTHS, "depth"), (channel.dtype == "uint32", "integers"))
    why = next((name for applies, name in kinds if applies), None) or data_of(layer, header)
    if why is None:
        doubt = "in doubt, so " if color_layer and not layer and is_in_doubt(color_layer, header) else ""
        why = f"{doubt}a layer; graded only when asked for: {color_layer}" if color_layer else "not color"
    if header.codec.changes(channel.name, channel.dtype):
        why += f"; {header.codec.name} is lossy, kept only if it comes back bit for bit"
    return why
