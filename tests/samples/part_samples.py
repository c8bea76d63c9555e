"""Multi-part files made for tests."""

from __future__ import annotations

import struct
from dataclasses import replace

from exr_samples import header_of, smooth

from lattice.files.exr import file as exr
from lattice.files.exr.header import Attribute, chunk_count


def part_of(number, name, arrays, attributes=None, view=None, **layout):
    header = header_of(arrays, attributes, **layout)
    about = {
        "name": Attribute.text(name),
        "type": Attribute.text("tiledimage" if header.tiled else "scanlineimage"),
        "chunkCount": Attribute("int", struct.pack("<i", chunk_count(header))),
    }
    if view:
        about["view"] = Attribute.text(view)
    return exr.Frame("", replace(header, attributes={**header.attributes, **about}, part=number), arrays)


def save_parts(path, *parts):
    """parts: (name, arrays, layout) each."""
    frames = [part_of(k, name, arrays, **layout) for k, (name, arrays, layout) in enumerate(parts)]
    exr.write_parts(path, frames, [frame.channels for frame in frames])
    return frames


DISPLAY = {"display": (0, 0, 99, 99)}


def views_file(path):
    three = {n: smooth((6, 6), seed=k) for k, n in enumerate("RGB")}
    return save_parts(
        path,
        ("left.rgba", three, {"view": "left"}),
        ("right.rgba", three, {"view": "right"}),
        ("left.diffuse", three, {"view": "left"}),
        ("N.left", three, {"view": "left"}),
    )
