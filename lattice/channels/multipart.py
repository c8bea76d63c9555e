"""The colors of a multi-part file: which part holds a view's color, and which part's alpha belongs to a color.

Part names follow no standard. A picture graded by mistake is lost; one that passes by mistake can be requested by name.
So data is recognized first, and a doubtful color counts as a layer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from lattice.channels.layers import COMBINED, Placed, RGBLayer, data_reason, rgb_layers_of
from lattice.color.interop import DATA, INTEROP_ID
from lattice.files.frame import FrameHeader

APART = r"._\s-"  # characters between the words of a name
# Whole name, apart from the view's, of the part that holds a view's color, as Nuke, RV and renderers write it.
NAMES = frozenset({"rgb", "rgba", "beauty"})
VAGUE = frozenset({"main", "default", "color", "combined", "c"})  # less certain than NAMES
SIDES = frozenset({"left", "right"})  # view names, in files without a view attribute
# A name with one of these words is a component of the light, or a property of the lit surface, not the picture.
AOV_WORDS = frozenset(
    {
        "albedo",
        "ambient",
        "ao",
        "caustics",
        "coat",
        "diff",
        "diffuse",
        "dir",
        "direct",
        "emission",
        "emissive",
        "env",
        "environment",
        "fog",
        "fresnel",
        "gi",
        "gloss",
        "glossy",
        "illum",
        "illumination",
        "ind",
        "indirect",
        "key",
        "fill",
        "rim",
        "light",
        "lighting",
        "lights",
        "occlusion",
        "raw",
        "refl",
        "reflect",
        "reflection",
        "refr",
        "refract",
        "refraction",
        "shadow",
        "shadows",
        "sheen",
        "spec",
        "specular",
        "sss",
        "subsurface",
        "trans",
        "translucence",
        "transmission",
        "volume",
        "variance",
        "filter",
        "noise",
        "denoise",
    }
)
ALPHA_NAMES = frozenset({"alpha", "a"})
LOSSLESS = ".lossless"  # suffix of the part that takes the channels that a lossy codec would change


def placed_rgb_layers(headers: Sequence[FrameHeader]) -> Placed:
    """Return the colors of every part. A part's bare color becomes a layer of the part's name, or beauty without a
    layer name. Where no color is bare, layers inside parts are judged by their names as parts are."""
    found = [(header, rgb_layer) for header in headers for rgb_layer in rgb_layers_of(header)]
    if not found or found[0][0].part is None:
        return _layers_judged(found)
    named = _named(found) if any(not t.layer for _, t in found) else _layers_judged(found)
    return [(h, _with_alpha(h, t, named, headers)) for h, t in named]


def _layers_judged(found: Placed) -> Placed:
    """Mark as beauty what the names of layers say, if nothing is beauty yet: `rgba.R`, or the only color of a view."""
    if any(rgb_layer.is_beauty for _, rgb_layer in found):
        return found
    color = {k: (h, t) for k, (h, t) in enumerate(found) if data_of(t.layer, h) is None}
    chosen = _beauties(color, is_known=False)
    return [(h, replace(t, is_beauty=k in chosen)) for k, (h, t) in enumerate(found)]


def data_of(layer: str, header: FrameHeader) -> str | None:
    """Return why a layer holds data, by its own name, its part's name or its part's `colorInteropID`; None if it may be
    color."""
    if header.part is not None and header.text(INTEROP_ID) == DATA:
        return f"data: {INTEROP_ID}"
    name = (header.text("name") or "") if header.part is not None else ""
    name = _less_view(name, header.text("view") or "")
    first = name[: -len(_words(name)[-1])].rstrip("._- \t") if _words(name) else ""  # Cryptomatte names are exact
    return next(filter(None, (data_reason(each, header) for each in (layer, name, first))), None)


def is_in_doubt(layer: str, header: FrameHeader) -> bool:
    """True if a layer that is a part's bare color may be its view's color."""
    return header.part is not None and bool({*_words(layer)[-1:]} & (NAMES | VAGUE))


def _less_view(name: str, view: str) -> str:
    if view:
        name = re.sub(rf"(^|[{APART}]+){re.escape(view)}(?=$|[{APART}])", "", name, flags=re.IGNORECASE)
    return name.strip("._- \t")


def _words(name: str) -> list[str]:
    return [word for word in re.split(rf"[{APART}]+", name.lower()) if word]


def _less_vague(name: str) -> list[str]:
    """Return the words of a name without a vague last one that says nothing of `rgb_main`, `alpha_main`."""
    words = _words(name)
    return words[:-1] if len(words) > 1 and words[-1] in VAGUE else words


def _stem(name: str) -> str:
    """Return the words before the last that is not vague: a render layer, or nothing."""
    return ".".join(_less_vague(name)[:-1])


def _named(found: Placed) -> Placed:
    """Give each bare color its part's name as layer, or mark it as beauty."""
    inside = [replace(t, is_beauty=t.is_beauty and data_of(t.layer, h) is None) for h, t in found]
    bare = {
        k: replace(t, layer=_less_view(h.text("name") or "", t.view), is_beauty=False)
        for k, (h, t) in enumerate(found)
        if not t.layer
    }
    chosen = _beauties({k: (found[k][0], t) for k, t in bare.items()}, any(t.is_beauty for t in inside if t.layer))
    named = []
    for k, (header, rgb_layer) in enumerate(found):
        rgb_layer = bare.get(k, inside[k])
        if k in chosen:
            is_combined = rgb_layer.layer.endswith("." + COMBINED)
            rgb_layer = replace(rgb_layer, layer=rgb_layer.layer if is_combined else "", is_beauty=True)
        named.append((header, rgb_layer))
    return named


def _beauties(bare: dict[int, tuple[FrameHeader, RGBLayer]], is_known: bool) -> set[int]:
    """Return the keys of the colors that are their view's. bare: of parts or layers, each with its name as layer.
    is_known: a layer inside a part is beauty.

    1. The whole name is a name of such a part.
    2. Otherwise the name ends in such a name, if one part per view does.
    3. Otherwise it is a view's only color.
    The last two rules apply only if no part qualified by the first, and only if every view agrees. They do not apply if
    `is_known`.
    """
    color = {k: (_words(t.layer), t) for k, (h, t) in bare.items() if data_of(t.layer, h) is None}
    sure: set[int] = set()
    vague: set[int] = set()
    likely: set[int] = set()
    for k, (words, rgb_layer) in color.items():
        own = set(words) - SIDES
        is_aov = bool(own & AOV_WORDS)
        if not own - NAMES - VAGUE:
            (vague if own and own <= VAGUE else sure).add(k)
        elif rgb_layer.layer.endswith("." + COMBINED) and not is_aov:
            sure.add(k)
        elif words[-1] in NAMES and not is_aov:
            likely.add(k)
    settled = {color[k][1].view for k in sure}
    sure |= {k for k in vague if color[k][1].view not in settled}
    if sure or is_known:
        return sure
    rgb_layers = {k: t for k, (_, t) in bare.items()}
    return _alone({k: rgb_layers[k] for k in likely}) or (_alone(rgb_layers) & set(color))


def _alone(rgb_layers: dict[int, RGBLayer]) -> set[int]:
    """Return all keys if each view has one color and all have the same name; otherwise none."""
    views = [rgb_layer.view for rgb_layer in rgb_layers.values()]
    names = {rgb_layer.layer.lower() for rgb_layer in rgb_layers.values()}
    return set(rgb_layers) if len(names) == 1 and len(set(views)) == len(views) else set()


def _with_alpha(header: FrameHeader, rgb_layer: RGBLayer, named: Placed, headers: Sequence[FrameHeader]) -> RGBLayer:
    """Add the alpha of another part of the view if the color's own part has none: a render's parts share their
    coverage."""
    if rgb_layer.alpha or (rgb_layer.is_beauty and rgb_layer.layer) or data_of(rgb_layer.layer, header):
        return rgb_layer  # a render layer's color has its own coverage or none
    several = len({view for h in headers for view in h.views or (h.text("view") or "",) if view}) > 1
    offers = [
        (h, alpha)
        for h, view, alpha in _alphas(header, rgb_layer, named, headers)
        if not several or view == rgb_layer.view
    ]
    if not offers:
        return rgb_layer
    part, alpha = offers[0]
    place = f" of part {part.part} {part.text('name')}"
    why = _misfit(header, rgb_layer, part, alpha)
    if why:
        return replace(rgb_layer, alpha_note=f"without {alpha}{place}, {why}")
    is_within = _within(header.window, part.window)
    return replace(
        rgb_layer,
        alpha=alpha,
        alpha_part=part.part,
        alpha_note=place + ("" if is_within else ", 0 outside its data window"),
    )


def _alphas(
    header: FrameHeader, rgb_layer: RGBLayer, named: Placed, headers: Sequence[FrameHeader]
) -> list[tuple[FrameHeader, str, str]]:
    """Return the parts whose alpha may belong to a color, the likeliest first, with their view and alpha channel."""
    name = _less_view(header.text("name") or "", rgb_layer.view)
    stems = (".".join(_less_vague(name)), _stem(name), "")
    offers: list[tuple[int, FrameHeader, str, str]] = []
    colors = [(h, t) for h, t in named if t.alpha and h is not header and (t.is_beauty or _is_layers_own(h, t))]
    for part, beauty in colors:
        stem = _stem(_less_view(part.text("name") or "", beauty.view))
        is_only = beauty.is_beauty and sum(t.is_beauty and t.view == beauty.view for _, t in colors) == 1
        if stem in stems or is_only:
            place = stems.index(stem) if stem in stems else len(stems)
            offers.append((2 * place, part, beauty.view, beauty.alpha or ""))
    for part in headers:
        view = part.text("view") or ""
        alpha = _lone_alpha(part, view)
        stem = _stem(_less_view(part.text("name") or "", view))
        if alpha and stem in stems and part is not header:
            offers.append((2 * stems.index(stem) + 1, part, view, alpha))
    return [offer[1:] for offer in sorted(offers, key=lambda offer: offer[0])]


def _is_layers_own(header: FrameHeader, rgb_layer: RGBLayer) -> bool:
    """True if a color that is not its view's may still be a render layer's: `bg.rgba` beside `bg.diffuse`."""
    words = _words(rgb_layer.layer)
    is_bare = rgb_layer.layer == _less_view(header.text("name") or "", rgb_layer.view)
    return is_bare and len(words) > 1 and words[-1] in NAMES and data_of(rgb_layer.layer, header) is None


def _lone_alpha(header: FrameHeader, view: str) -> str | None:
    """Return the alpha of a part that exists to hold it; None for another part."""
    name = _less_view(header.text("name") or "", view)
    names = [channel.name for channel in header.channels if channel.dtype != "uint32"]
    is_alpha = {*_less_vague(name)[-1:]} & (ALPHA_NAMES | NAMES) or name.endswith(LOSSLESS)
    if not is_alpha or any(not rgb_layer.layer for rgb_layer in rgb_layers_of(header)):
        return None
    return next((each for each in ("A", "a", "alpha") if each in names), None)


def _misfit(header: FrameHeader, rgb_layer: RGBLayer, part: FrameHeader, alpha: str) -> str | None:
    """Return why another part's alpha cannot be used for a color; None if it can."""
    sampling = {channel.name: channel.sampling for channel in part.channels}[alpha]
    if any(c.sampling != sampling for c in header.channels if c.name in rgb_layer.names):
        return "whose sampling is another"
    own, other = ([image.window for image in each.images] for each in (header, part))
    return "whose levels are others" if len(own) > 1 and own != other[: len(own)] else None


def _within(inner: tuple[int, ...], outer: tuple[int, ...]) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]
