"""Which channels of a file are color to be graded, and which pass through untouched, each with its reason.

Channels are told by name, never by place: the last part is the component, before it the view where the file
lists it in `multiView`, and before that the layer.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lattice.files.header import Channel, Header
from lattice.types import LatticeError

COLORS = (("R", "G", "B", "A"), ("r", "g", "b", "a"), ("red", "green", "blue", "alpha"))
ALPHAS = frozenset({"A", "AR", "AG", "AB", "a", "alpha"})
DEPTHS = frozenset({"Z", "ZBack"})
BEAUTY = "Combined"  # what Blender calls the bare color of a render layer
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
    """The channel plan of a file.

    Graded are the bare R, G, B of every view, Blender's `*.Combined`, and the layers named in `layers`: a
    non-linear grade of a sum is not the sum of the grades, so a layer is graded only when asked for. Where
    `views` are named only theirs are graded.
    Everything else passes. Raises LatticeError where nothing is color, where a named view is absent, where an asked-for
    layer is absent, incomplete or holds data (normals, masks, Cryptomatte, IDs), or where the file's codec would
    change a channel that must pass.
    """
    wanted = set(layers)
    found = _triples(header)
    _check_layers(wanted, found, header, where)
    color = [t for t in found if t.layer in wanted or _is_beauty(t.layer)]
    triples = tuple(_viewed(color, views, header, where))
    elsewhere = {name for t in color if t not in triples for name in t.names}
    if not triples:
        names = [channel.name for channel in header.channels]
        offered = sorted({t.layer for t in found})
        raise LatticeError(f"{where}: expected color channels R, G, B, got {', '.join(names)}"
                           + (f"; layers that can be asked for: {', '.join(offered)}" if offered else ""))
    graded = {name for triple in triples for name in triple.names}
    layered = {name: t.layer for t in found for name in t.names}
    passing = {c.name: "another view" if c.name in elsewhere else _reason(c, layered.get(c.name), header)
               for c in header.channels if c.name not in graded}
    for channel in header.channels:
        if channel.name in passing and header.codec.ruins(channel.name, channel.dtype):
            raise LatticeError(f"{where}: channel {channel.name}: expected a codec that keeps it bit for bit, "
                               f"got {header.codec.name}, lossy for {channel.dtype} of this name")
    return ChannelPlan(triples, passing)


def _viewed(color: list[Triple], views: Collection[str], header: Header, where: str) -> list[Triple]:
    there = header.views or (header.text("view") or "",)
    absent = sorted(set(views) - set(there))
    if absent:
        raise LatticeError(f"{where}: views: expected {' or '.join(filter(None, there)) or 'none'}, got {absent[0]}")
    return [t for t in color if not views or not header.views or t.view in views]


def _split(name: str, views: tuple[str, ...]) -> tuple[str, str, str]:
    """(layer, view, component) of a channel's name."""
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
                bare = groups.get("" if view in header.views[:1] else view, {})
                found.append(Triple(layer, view, names, _alpha(groups[prefix].get(alpha), bare.get("A"))))
    return found


def _alpha(own: Channel | None, bare: Channel | None) -> str | None:
    """The layer's own alpha, else the view's bare A: a render multiplies its layers by the same coverage."""
    return next((channel.name for channel in (own, bare) if channel is not None and channel.dtype != "uint32"), None)


def _is_beauty(layer: str) -> bool:
    return not layer or layer == BEAUTY or layer.endswith("." + BEAUTY)


def _check_layers(wanted: set[str], found: list[Triple], header: Header, where: str) -> None:
    for layer in sorted(wanted):
        triples = [triple for triple in found if triple.layer == layer]
        if not triples:
            offered = sorted({triple.layer for triple in found if triple.layer})
            raise LatticeError(f"{where}: layer {layer}: expected a complete R, G, B, got none; "
                               f"complete layers: {', '.join(offered) or 'none'}")
        names = [name for triple in triples for name in triple.names]
        why = _data_reason(layer, header) or ("IDs, says idmanifest" if _in_manifest(names, header) else None)
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


def _in_manifest(names: list[str], header: Header) -> bool:
    for attribute in header.attributes.values():
        if attribute.kind == "idmanifest":
            try:
                text = zlib.decompressobj().decompress(attribute.data[MANIFEST_SIZE:], MANIFEST_MOST)
            except zlib.error:
                return True  # it cannot be told which channels are IDs: none of the asked-for layers is safe
            if any(name.encode() in text for name in names):
                return True
    return False
