"""Keep pass-through channels lossless if the file's codec would change them: another codec, or a separate part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lattice.channels.plan import ChannelPlan
from lattice.color.interop import INTEROP_ID
from lattice.files.exr.codecs import CODECS
from lattice.files.exr.file import Frame
from lattice.files.exr.header import Attribute, Header, channel_list
from lattice.files.frame import FrameHeader, about
from lattice.regrade.frame.header import exr_header, passing_id
from lattice.regrade.frame.packing import counted
from lattice.regrade.options import Lossy
from lattice.types import LatticeError

ZIPS = Attribute("compression", bytes([[codec.name for codec in CODECS].index("ZIPS")]))
UNNAMED = "rgba"  # name of a part that had none in its file
OTHER = "lossless"  # after a dot, ends the name of the part that is split off


def changing(header: FrameHeader, plan: ChannelPlan) -> list[str]:
    """Return the names of the channels that must pass and that the part's codec may change."""
    return [
        channel.name
        for channel in header.channels
        if channel.name in plan.passing and header.codec.changes(channel.name, channel.dtype)
    ]


def check(
    headers: Sequence[FrameHeader],
    written: Sequence[FrameHeader],
    plans: Sequence[ChannelPlan],
    lossy: Lossy,
    where: str,
) -> None:
    """Raise LatticeError if a file with views in its channel names would become multi-part, or if another codec than
    the source's would change a channel that must pass.

    headers, written: of each part, as in the source and as in the output. where: the file's name.
    """
    for header, output, plan in zip(headers, written, plans, strict=True):
        names = changing(output, plan)
        if lossy == "split" and header.views and names:
            raise LatticeError(f"{where}: expected a file with one view to split, got {' and '.join(header.views)}")
        if lossy == "refuse" and names and output.codec != header.codec:
            raise LatticeError(
                f"{about(where, header)}: channel {names[0]}: expected a codec that keeps it bit for bit, got "
                f"{output.codec.name}; --lossy zips or split keeps it"
            )


def settled(header: FrameHeader, plan: ChannelPlan, lossy: Lossy) -> FrameHeader:
    """Return the header of a part as "zips" packs it, if its codec would change a channel that must pass."""
    return _packed(header.exr) if lossy == "zips" and changing(header, plan) else header


def apply_codec_policy(
    parts: Sequence[Frame], plans: Sequence[ChannelPlan], lossy: Lossy, sources: Sequence[FrameHeader]
) -> list[tuple[Frame, ChannelPlan]]:
    """Return the parts to write, each with its channel plan.

    sources: the headers that the parts were made from, whose color the passing channels keep.
    lossy: "refuse" leaves the parts as they are; "zips" packs a part in which a passing channel would change with ZIPS;
    "split" moves such channels to a part of their own after it, packed with ZIPS (a part with no other channels is only
    packed).
    """
    settled: list[tuple[Frame, ChannelPlan]] = []
    for part, plan, source in zip(parts, plans, sources, strict=True):
        names = changing(part.header, plan)
        if names and (lossy == "zips" or (lossy == "split" and len(names) == len(part.header.channels))):
            settled.append((replace(part, header=_packed(part.header)), plan))
        elif lossy == "split" and names:
            settled += [(piece, plan) for piece in _split(part, names, source, sources[0])]
        else:
            settled.append((part, plan))
    if len(settled) == len(parts):
        return settled
    return [(_numbered(part, k), plan) for k, (part, plan) in enumerate(settled)]


def _split(part: Frame, names: list[str], source: FrameHeader, first: FrameHeader) -> tuple[Frame, Frame]:
    others = [channel.name for channel in part.header.channels if channel.name not in names]
    name = part.header.text("name") or UNNAMED
    one, other = _only(part, others), _only(part, names)
    kept = _with(exr_header(source), channels=other.header.attributes["channels"])
    about = {"name": Attribute.text(f"{name}.{OTHER}"), INTEROP_ID: Attribute.text(passing_id(kept, first))}
    return (
        replace(one, header=_with(one.header, name=Attribute.text(name))),
        replace(other, header=_packed(_with(other.header, **about))),
    )


def _only(part: Frame, names: list[str]) -> Frame:
    """Return the part with only the named channels."""
    channels, *smaller = ({name: level[name] for name in names} for level in part.levels)
    header = _with(part.header, channels=channel_list(c for c in part.header.channels if c.name in names))
    return replace(part, header=header, channels=channels, smaller=tuple(smaller))


def _packed(header: Header) -> Header:
    return counted(_with(header, compression=ZIPS))


def _numbered(part: Frame, number: int) -> Frame:
    kind = Attribute.text("tiledimage" if part.header.tiled else "scanlineimage")
    header = replace(_with(part.header, type=kind, chunkCount=Attribute("int", bytes(4))), part=number)
    return replace(part, header=counted(header))


def _with(header: Header, **attributes: Attribute) -> Header:
    return header.with_attributes({**header.attributes, **attributes})
