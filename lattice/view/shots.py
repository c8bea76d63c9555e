"""The shots of the command line: their files, and what the page may choose in them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lattice.channels.layers import RGBLayer, in_manifest
from lattice.channels.multipart import data_of, placed_rgb_layers
from lattice.errors import did_you_mean, one_line, printable
from lattice.files.frame import FrameHeader, stamps_in
from lattice.files.storage import sequence
from lattice.regrade.frame.request import SHORT
from lattice.regrade.sequence.missing import frames_asked
from lattice.types import LatticeError

MOST_TRIED = 24  # frames of a shot whose headers are tried before it is refused

Headers = Sequence[FrameHeader]


@dataclass(frozen=True)
class Shot:
    """A sequence, or one file.

    source: as it was asked for. name: of its files, before the frame's number. paths: of each frame, there or not.
    numbers: of each frame; empty for a plain file. layers: the views of each layer that may be chosen, the default
    first; "" is the bare color. views: of the files, the default first. rate: frames per second; None if the files do
    not say. graded: with what, if the files are graded, else "".
    """

    source: str
    name: str
    paths: tuple[Path, ...]
    numbers: tuple[int, ...]
    layers: dict[str, tuple[str, ...]]
    views: tuple[str, ...]
    rate: float | None
    graded: str

    @property
    def frames(self) -> str:
        """The frames as a range, such as 1001-1100; empty for a plain file."""
        return sequence.frame_range(self.numbers) if self.numbers else ""

    def number(self, index: int) -> int | None:
        """The number of a frame; None for a plain file."""
        return self.numbers[index] if self.numbers else None

    def as_json(self) -> dict[str, Any]:
        """Return the facts that the page shows."""
        return {
            "name": self.name,
            "files": printable(self.source),
            "first": self.number(0),
            "count": len(self.paths),
            "frames": self.frames,
            "numbers": list(self.numbers) or None,
            "layers": [{"name": name, "views": list(views)} for name, views in self.layers.items()],
            "views": list(self.views),
            "rate": self.rate,
            "graded": self.graded or None,
        }


def find_shot(where: str, read_headers: Callable[[Path], Headers]) -> Shot:
    """Return the shot that a pattern or a path names, with the facts of its first frame that can be read.

    read_headers: of a file, with its color as R, G, B. Frames between the first and the last that are not on disk
    belong to it. Raises LatticeError if there are none, none of the first ones can be read, or they have no color.
    """
    found = sequence.find(where, frames_asked(where, None, "error"))
    headers = _first_headers([each.path for each in found], read_headers)
    layers = offered(headers, where)
    return Shot(
        where,
        printable(getattr(sequence.beside(where, ""), "name", Path(where).stem)),
        tuple(each.path for each in found),
        tuple(each.frame for each in found if each.frame is not None),
        {name: tuple(dict.fromkeys(layer.view for layer in of if layer.view)) for name, of in layers.items()},
        tuple(dict.fromkeys(view for header in headers for view in _views(header) if view)),
        None if headers[0].rate is None else float(headers[0].rate),
        graded_label(headers[0]),
    )


def _first_headers(paths: Sequence[Path], read_headers: Callable[[Path], Headers]) -> Headers:
    faults = []
    for path in [path for path in paths if os.path.lexists(path)][:MOST_TRIED]:
        try:
            return read_headers(path)
        except LatticeError as error:
            faults.append(error)
    raise faults[0]


def _views(header: FrameHeader) -> tuple[str, ...]:
    return header.views or (header.text("view") or "",)


def offered(headers: Headers, where: str) -> dict[str, list[RGBLayer]]:
    """Return the colors of a file by the layer's name, the default first; of a graded EXR those that are graded.

    Layers of data, such as normals, are none. Raises LatticeError if there is no color.
    """
    found = [(header, layer) for header, layer in placed_rgb_layers(headers) if _is_color(header, layer)]
    graded = re.split("[;:,]", stamps_in(headers[0]).get("layers", ""))
    if graded != [""]:
        found = [(header, layer) for header, layer in found if set(layer.names) <= set(graded)]
    layers: dict[str, list[RGBLayer]] = {}
    for _, layer in sorted(found, key=lambda each: (not each[1].is_beauty, bool(each[1].layer) and each[1].is_beauty)):
        layers.setdefault(layer.layer, []).append(layer)
    if not layers:
        names = ", ".join(channel.name for header in headers for channel in header.channels)
        raise LatticeError(f"{where}: expected color channels R, G, B of half or float, got {one_line(names)}")
    return layers


def _is_color(header: FrameHeader, layer: RGBLayer) -> bool:
    return layer.is_beauty or (data_of(layer.layer, header) is None and not in_manifest(layer.names, header))


def graded_label(header: FrameHeader) -> str:
    """Return what a file was graded with, and for which display where it says so; "" if it is not graded."""
    if header.graded_by is None:
        return ""
    stamps = stamps_in(header)
    label = f"{header.graded_by or 'an SDev'} {stamps.get('sha256', '')[:SHORT]}".strip()
    return printable(label + (f" for {stamps['output']}" if "output" in stamps else ""))


def check_layer(layer: str | None, shot: Shot) -> None:
    """Raise LatticeError, with the layers that there are, if a shot has no layer of this name."""
    if layer is not None and layer not in shot.layers:
        names = ", ".join(name or "the bare R, G, B" for name in shot.layers)
        raise LatticeError(f"--layer: expected {names}, got {layer}" + did_you_mean(layer, shot.layers))
