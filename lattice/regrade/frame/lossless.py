"""Channels that must pass, in files whose codec would change them: another codec, or a part of their own."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import replace

from lattice.channels.plan import ChannelPlan
from lattice.files.exr.codecs import CODECS
from lattice.files.exr.file import Frame
from lattice.files.exr.header import Attribute, Header, channel_list, chunk_count
from lattice.files.frame import FrameHeader
from lattice.regrade.options import Lossy
from lattice.types import LatticeError

ZIPS = Attribute("compression", bytes([[codec.name for codec in CODECS].index("ZIPS")]))
UNNAMED = "rgba"  # what a part is called whose file had no name for it
OTHER = "lossless"  # after a dot, the part beside it


def changing(header: FrameHeader, plan: ChannelPlan) -> list[str]:
    """The channels that must pass and that the file's codec may change."""
    return [channel.name for channel in header.channels
            if channel.name in plan.passing and header.codec.changes(channel.name, channel.dtype)]


def check(headers: Sequence[FrameHeader], plans: Sequence[ChannelPlan], lossy: Lossy, where: str) -> None:
    """Raise LatticeError where a file that keeps its views in channel names would become multi-part."""
    for header, plan in zip(headers, plans, strict=True):
        if lossy == "split" and header.views and changing(header, plan):
            raise LatticeError(f"{where}: expected a file with one view to split, got {' and '.join(header.views)}")


def apply_codec_policy(parts: Sequence[Frame], plans: Sequence[ChannelPlan],
                       lossy: Lossy) -> list[tuple[Frame, ChannelPlan]]:
    """The parts to write, each with the plan that its channels come from.

    lossy: "refuse" leaves them; "zips" packs a part in which a passing channel would change by ZIPS; "split" takes such
    channels out into a part of their own, packed by ZIPS, after it.
    """
    settled: list[tuple[Frame, ChannelPlan]] = []
    for part, plan in zip(parts, plans, strict=True):
        names = changing(part.header, plan)
        if names and (lossy == "zips" or (lossy == "split" and len(names) == len(part.header.channels))):
            settled.append((replace(part, header=_packed(part.header)), plan))
        elif lossy == "split" and names:
            settled += [(piece, plan) for piece in _split(part, names)]
        else:
            settled.append((part, plan))
    if len(settled) == len(parts):
        return settled
    return [(_numbered(part, k), plan) for k, (part, plan) in enumerate(settled)]


def _split(part: Frame, names: list[str]) -> tuple[Frame, Frame]:
    others = [channel.name for channel in part.header.channels if channel.name not in names]
    name = part.header.text("name") or UNNAMED
    one, other = _only(part, others), _only(part, names)
    return (replace(one, header=_with(one.header, name=Attribute.text(name))),
            replace(other, header=_packed(_with(other.header, name=Attribute.text(f"{name}.{OTHER}")))))


def _only(part: Frame, names: list[str]) -> Frame:
    """The part with these of its channels."""
    channels, *smaller = ({name: level[name] for name in names} for level in part.levels)
    header = _with(part.header, channels=channel_list(c for c in part.header.channels if c.name in names))
    return replace(part, header=header, channels=channels, smaller=tuple(smaller))


def _packed(header: Header) -> Header:
    return _counted(_with(header, compression=ZIPS))


def _numbered(part: Frame, number: int) -> Frame:
    kind = Attribute.text("tiledimage" if part.header.tiled else "scanlineimage")
    header = replace(_with(part.header, type=kind, chunkCount=Attribute("int", bytes(4))), part=number)
    return replace(part, header=_counted(header))


def _counted(header: Header) -> Header:
    """With the number of chunks that it says, where it says one, made true."""
    if "chunkCount" not in header.attributes:
        return header
    return _with(header, chunkCount=Attribute("int", struct.pack("<i", chunk_count(header))))


def _with(header: Header, **attributes: Attribute) -> Header:
    return header.with_attributes({**header.attributes, **attributes})
