"""Which channels of a file are color to be graded, and which pass through untouched, each with its reason.

Channels are told by name, never by place: the last part is the component, before it the view where the file
lists it in `multiView`, and before that the layer.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from lattice.files.header import Channel, Header, about
from lattice.types import LatticeError

COLORS = (("R", "G", "B", "A"), ("r", "g", "b", "a"), ("red", "green", "blue", "alpha"))
ALPHAS = frozenset({"A", "AR", "AG", "AB", "a", "alpha"})
DEPTHS = frozenset({"Z", "ZBack"})
BEAUTY = "Combined"  # what Blender calls the bare color of a render layer
# What the part that holds a view's color is called, beside the view's name; as Nuke, RV and renderers write it.
BEAUTY_PARTS = frozenset({"rgb", "rgba", "beauty", "main", "default", "color", "combined", "c"})
# A layer with one of these words in its name holds no light, whatever its components are called.
DATA_WORDS = frozenset({
    "n", "normal", "normals", "nref", "p", "pos", "position", "positions", "pref", "pworld", "uv", "st", "motion",
    "motionvector", "mv", "velocity", "vel", "vector", "forward", "backward", "disparity", "depth", "z", "mask",
    "masks", "matte", "mattes", "id", "ids",
})
MANIFEST_SIZE = 8  # bytes before an idmanifest's deflated text. Source: OpenEXR 3.5, ImfIDManifestAttribute.cpp
MANIFEST_MOST = 2**26  # bytes of manifest looked at


@dataclass(frozen=True)
class Triple:
    """One color to grade. names: its red, green and blue channels. alpha: the channel it is premultiplied by."""

    layer: str
    view: str
    names: tuple[str, str, str]
    alpha: str | None


Placed = list[tuple[Header, Triple]]  # each with the part that it lies in


@dataclass(frozen=True)
class ChannelPlan:
    """triples: what is graded. passing: every other channel's name, and why it passes."""

    triples: tuple[Triple, ...]
    passing: Mapping[str, str]

    @property
    def graded(self) -> str:
        """The graded channels as one word: "R,G,B;left.R,left.G,left.B"."""
        return ";".join(",".join(triple.names) for triple in self.triples)

    def lines(self) -> list[str]:
        """The plan for people, one line for each color and for each channel that passes."""
        graded = [f"{' '.join(t.names)}: grade" + (f", premultiplied by {t.alpha}" if t.alpha else "")
                  for t in self.triples]
        return graded + [f"{name}: pass ({why})" for name, why in self.passing.items()]


def plan(header: Header, layers: Collection[str] = (), views: Collection[str] = (), where: str = "") -> ChannelPlan:
    """The channel plan of a single-part file; all else as for `plan_parts`."""
    return plan_parts((header,), layers, views, where)[0]


def plan_parts(headers: Sequence[Header], layers: Collection[str] = (), views: Collection[str] = (),
               where: str = "", may_change_codec: bool = False) -> tuple[ChannelPlan, ...]:
    """The channel plan of each part of a file.

    Graded are the bare R, G, B of every view, Blender's `*.Combined`, and the layers named in `layers`: a
    non-linear grade of a sum is not the sum of the grades, so a layer is graded only when asked for. Where
    `views` are named only theirs are graded. In a multi-part file a part's bare R, G, B is its view's color where
    the part is called so (`rgba`, `beauty`, the view's own name...) or no other part of the view has any; else it is
    a layer of the part's name.
    Everything else passes. Raises LatticeError where nothing is color, where a named view is absent, where an asked-for
    layer is absent, incomplete or holds data (normals, masks, Cryptomatte, IDs), or where the file's codec would
    change a channel that must pass, unless `may_change_codec`.
    """
    wanted = set(layers)
    found = _all_triples(headers)
    _check_layers(wanted, found, where)
    _check_views(views, headers, where)
    color = [(h, t) for h, t in found if t.layer in wanted or _is_beauty(t.layer)]
    taken = [(h, t) for h, t in color if not views or t.view in views or not (h.views or h.part is not None)]
    if not taken:
        names = [channel.name for header in headers for channel in header.channels]
        offered = sorted({t.layer for _, t in found})
        raise LatticeError(f"{where}: expected color channels R, G, B, got {', '.join(names)}"
                           + (f"; layers that can be asked for: {', '.join(offered)}" if offered else ""))
    plans = tuple(_plan_of(header, taken, color, found) for header in headers)
    for header, plan in zip(headers, plans, strict=True):
        if not may_change_codec:
            _check_codec(header, plan, about(where, header))
    return plans


def _plan_of(header: Header, taken: Placed, color: Placed, found: Placed) -> ChannelPlan:
    triples = tuple(t for h, t in taken if h is header)
    graded = {name for triple in triples for name in triple.names}
    elsewhere = {name for h, t in color if h is header for name in t.names}
    layered = {name: t.layer for h, t in found if h is header for name in t.names}
    passing = {c.name: "another view" if c.name in elsewhere else _reason(c, layered.get(c.name), header)
               for c in header.channels if c.name not in graded}
    return ChannelPlan(triples, passing)


def _check_codec(header: Header, plan: ChannelPlan, where: str) -> None:
    for channel in header.channels:
        if channel.name in plan.passing and header.codec.ruins(channel.name, channel.dtype):
            raise LatticeError(f"{where}: channel {channel.name}: expected a codec that keeps it bit for bit, "
                               f"got {header.codec.name}, lossy for {channel.dtype} of this name")


def _check_views(views: Collection[str], headers: Sequence[Header], where: str) -> None:
    there = {view: None for header in headers for view in header.views or (header.text("view") or "",) if view}
    absent = sorted(set(views) - set(there))
    if absent:
        raise LatticeError(f"{where}: views: expected {' or '.join(there) or 'none'}, got {absent[0]}")


def _all_triples(headers: Sequence[Header]) -> Placed:
    """The triples of every part; a part's bare color gets its layer from the part's name."""
    found = [(header, triple) for header in headers for triple in _triples(header)]
    bare = [t.view for h, t in found if h.part is not None and not t.layer]
    return [(h, replace(t, layer=_part_layer(h, t, bare.count(t.view) == 1))
             if h.part is not None and not t.layer else t) for h, t in found]


def _part_layer(header: Header, triple: Triple, is_only: bool) -> str:
    name = header.text("name") or ""
    words = [word for word in re.split(r"[._\s-]+", name) if word and word != triple.view]
    if not words or words[-1].lower() in BEAUTY_PARTS:
        return ""
    return "" if is_only and _data_reason(name, header) is None else ".".join(words)


def _split(name: str, views: tuple[str, ...]) -> tuple[str, str, str]:
    """(layer, view, component) of a channel's name; in a file without views the view is empty."""
    *layer, component = name.split(".")
    if views and layer and layer[-1] in views:
        return ".".join(layer[:-1]), layer[-1], component
    return ".".join(layer), views[0] if views and not layer else "", component


def _triples(header: Header) -> list[Triple]:
    """Every complete red, green, blue of floating-point channels, in the order of the channel list."""
    groups: dict[str, dict[str, Channel]] = {}  # by all that stands before the component
    for channel in header.channels:
        prefix, _, component = channel.name.rpartition(".")
        groups.setdefault(prefix, {})[component] = channel
    found = []
    for prefix, group in groups.items():
        for red, green, blue, alpha in COLORS:
            three = [group[component] for component in (red, green, blue) if component in group]
            if len(three) == 3 and all(channel.dtype != "uint32" for channel in three):
                names = three[0].name, three[1].name, three[2].name
                layer, view, _ = _split(names[0], header.views)
                view = view or (header.text("view") or "" if header.part is not None else "")
                bare = groups.get("" if view in header.views[:1] else view, {})
                found.append(Triple(layer, view, names, _alpha(groups[prefix].get(alpha), bare.get("A"))))
    return found


def _alpha(own: Channel | None, bare: Channel | None) -> str | None:
    """The layer's own alpha, else the view's bare A: a render multiplies its layers by the same coverage."""
    return next((channel.name for channel in (own, bare) if channel is not None and channel.dtype != "uint32"), None)


def _is_beauty(layer: str) -> bool:
    return not layer or layer == BEAUTY or layer.endswith("." + BEAUTY)


def _check_layers(wanted: set[str], found: Placed, where: str) -> None:
    for layer in sorted(wanted):
        triples = [(header, triple) for header, triple in found if triple.layer == layer]
        if not triples:
            offered = sorted({triple.layer for _, triple in found if triple.layer})
            raise LatticeError(f"{where}: layer {layer}: expected a complete R, G, B, got none; "
                               f"complete layers: {', '.join(offered) or 'none'}")
        for header, triple in triples:
            is_id = _in_manifest(triple.names, header)
            why = _data_reason(layer, header) or ("IDs, says idmanifest" if is_id else None)
            if why:
                raise LatticeError(f"{where}: layer {layer}: expected color, got {why}, which is never graded")


def _reason(channel: Channel, color_layer: str | None, header: Header) -> str:
    layer, _, component = _split(channel.name, header.views)
    kinds = ((component in ALPHAS, "alpha"), (component in DEPTHS, "depth"), (channel.dtype == "uint32", "integers"))
    why = next((name for applies, name in kinds if applies), None) or _data_reason(layer, header)
    if why is None:
        why = "not color" if color_layer is None else f"a layer; graded only when asked for: {color_layer}"
    if header.codec.changes(channel.name, channel.dtype):
        why += f"; {header.codec.name} is lossy, kept only if it comes back bit for bit"
    return why


def _data_reason(layer: str, header: Header) -> str | None:
    """Why a layer of this name holds data and not color; None where it may be color."""
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", layer).lower())
    if any(word.startswith("crypto") for word in words) or _is_cryptomatte(layer, header):
        return "Cryptomatte"
    return next((f"data: {word}" for word in words if word in DATA_WORDS), None)


def _is_cryptomatte(layer: str, header: Header) -> bool:
    """Does `cryptomatte/*/name` name this layer, or does it end such a name with its rank (`matte00`)?"""
    names = [header.text(key) for key in header.attributes if re.fullmatch(r"cryptomatte/.*/name", key)]
    return any(name and re.fullmatch(re.escape(name) + r"\d*", layer) for name in names)


def _in_manifest(names: Sequence[str], header: Header) -> bool:
    for attribute in header.attributes.values():
        if attribute.kind == "idmanifest":
            try:
                text = zlib.decompressobj().decompress(attribute.data[MANIFEST_SIZE:], MANIFEST_MOST)
            except zlib.error:
                return True  # it cannot be told which channels are IDs: none of the asked-for layers is safe
            if any(name.encode() in text for name in names):
                return True
    return False
