"""Find the colors of one part by channel name, and the layers that hold data by layer name."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lattice.files.frame import Channel, FrameHeader

COLORS = (("R", "G", "B", "A"), ("r", "g", "b", "a"), ("red", "green", "blue", "alpha"))
INTEGERS = "uint32"
COMBINED = "Combined"  # Blender's name for the bare color of a render layer
# A layer with one of these words in its name holds no light, whatever its components are called.
DATA_WORDS = frozenset(
    {
        "n",
        "normal",
        "normals",
        "nref",
        "p",
        "pos",
        "position",
        "positions",
        "pref",
        "pworld",
        "uv",
        "st",
        "motion",
        "motionvector",
        "mv",
        "velocity",
        "vel",
        "vector",
        "forward",
        "backward",
        "disparity",
        "depth",
        "z",
        "mask",
        "masks",
        "matte",
        "mattes",
        "id",
        "ids",
    }
)
MANIFEST_SIZE = 8  # bytes before an idmanifest's deflated text. Source: OpenEXR 3.5, ImfIDManifestAttribute.cpp
MANIFEST_MOST = 2**26  # bytes of manifest text searched


@dataclass(frozen=True)
class RGBLayer:
    """One color. names: its red, green and blue channels. is_beauty: graded without being asked for.

    alpha: the channel that the color is premultiplied by; None if there is none. alpha_part: number of the part that
        holds it; None if it is the color's own part. alpha_note: text for the user about another part's alpha.
    """

    layer: str
    view: str
    names: tuple[str, str, str]
    alpha: str | None
    is_beauty: bool = False
    alpha_part: int | None = None
    alpha_note: str = ""

    @property
    def alpha_text(self) -> str:
        """Text for the user: the alpha channel and its part; empty without alpha."""
        return f"{self.alpha}{self.alpha_note}" if self.alpha else ""


Groups = dict[str, dict[str, Channel]]  # channels by the name before the component, and the component
Placed = list[tuple[FrameHeader, RGBLayer]]  # each with its part's header


def split(name: str, views: tuple[str, ...]) -> tuple[str, str, str]:
    """Return (layer, view, component) of a channel name. A bare component is in the default view; in a file without
    `views` the view is empty."""
    *layer, component = name.split(".")
    if views and layer and layer[-1] in views:
        return ".".join(layer[:-1]), layer[-1], component
    return ".".join(layer), views[0] if views and not layer else "", component


def rgb_layers_of(header: FrameHeader) -> list[RGBLayer]:
    """Return every complete red, green, blue of floating-point channels, in channel list order."""
    groups, found = _groups(header), []
    for three, alpha in _triples(groups):
        if all(channel.dtype != INTEGERS for channel in three):
            names = three[0].name, three[1].name, three[2].name
            layer, view, _ = split(names[0], header.views)
            view = view or (header.text("view") or "" if header.part is not None else "")
            bare = groups.get("" if not header.views or view in header.views[:1] else view, {})
            found.append(RGBLayer(layer, view, names, _alpha(alpha, bare.get("A")), _is_beauty(layer)))
    return found


def integer_rgb(header: FrameHeader) -> tuple[Channel, ...]:
    """Return the first red, green, blue of which one holds integers; empty if there is none."""
    triples = (three for three, _ in _triples(_groups(header)))
    return next((three for three in triples if any(channel.dtype == INTEGERS for channel in three)), ())


def _groups(header: FrameHeader) -> Groups:
    groups: Groups = {}
    for channel in header.channels:
        prefix, _, component = channel.name.rpartition(".")
        groups.setdefault(prefix, {})[component] = channel
    return groups


def _triples(groups: Groups) -> Iterator[tuple[tuple[Channel, Channel, Channel], Channel | None]]:
    """Yield every complete red, green, blue, and the alpha of its group."""
    for group in groups.values():
        for *names, alpha in COLORS:
            if all(name in group for name in names):
                red, green, blue = (group[name] for name in names)
                yield (red, green, blue), group.get(alpha)


def _alpha(own: Channel | None, bare: Channel | None) -> str | None:
    """Return the layer's own alpha, or else the view's bare A: a render multiplies its layers by the same coverage."""
    return next((channel.name for channel in (own, bare) if channel is not None and channel.dtype != INTEGERS), None)


def _is_beauty(layer: str) -> bool:
    """True for bare color, or Blender's bare color of a render layer."""
    return not layer or layer == COMBINED or layer.endswith("." + COMBINED)


def data_reason(layer: str, header: FrameHeader) -> str | None:
    """Return why a layer of this name holds data, not color; None if it may be color."""
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", layer).lower())
    if any(word.startswith("crypto") for word in words) or _is_cryptomatte(layer, header):
        return "Cryptomatte"
    return next((f"data: {word}" for word in words if word in DATA_WORDS), None)


def _is_cryptomatte(layer: str, header: FrameHeader) -> bool:
    """True if a `cryptomatte/*/name` attribute names this layer, or the layer is such a name plus its rank
    (`matte00`)."""
    names = [header.text(key) for key in header.attributes if re.fullmatch(r"cryptomatte/.*/name", key)]
    return any(name and re.fullmatch(re.escape(name) + r"\d*", layer) for name in names)


def in_manifest(names: Sequence[str], header: FrameHeader) -> bool:
    """True if an `idmanifest` attribute contains one of these channel names, or cannot be decompressed."""
    for attribute in header.attributes.values():
        if attribute.kind == "idmanifest":
            try:
                text = zlib.decompressobj().decompress(attribute.data[MANIFEST_SIZE:], MANIFEST_MOST)
            except zlib.error:
                return True  # unknown which channels are IDs: no requested layer is safe
            if any(name.encode() in text for name in names):
                return True
    return False
