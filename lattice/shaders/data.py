"""What an exported shader reads beside its text: two textures, and the manifest that describes them."""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray

from lattice.interp import shader
from lattice.shaders.language import ends
from lattice.types import SDevData, Table
from lattice.version import __version__

WIDTH = 1024  # texels in a row; with it 255 nodes an edge need 16,257 rows, and usual GPUs have 16,384


def table_texels(device: SDevData) -> NDArray[np.float32]:
    """Return the texture of TABLE or CURVE: (rows, 1024, 4) float32, filled up with zeros.

    Of a table: texel = the half's bits, its entries in r, g, b. Of a film stage: the curves' entries one after another
    in r, the step to the next entry in g.
    """
    memory = shader.table_memory(device)
    return _rows(memory.T if isinstance(device.table, Table) else memory)


def node_texels(device: SDevData) -> NDArray[np.float32]:
    """Return the texture of NODE: (rows, 1024, 4) float32. Texel = (r * size + g) * size + b; zeros after the last."""
    return _rows(shader.padded_nodes(device.lattice.nodes))


def _rows(values: NDArray[np.float32]) -> NDArray[np.float32]:
    count, channels = values.shape
    rows = -(-count // WIDTH)
    texels = np.zeros((rows * WIDTH, 4), "<f4")
    texels[:count, :channels] = values
    return texels.reshape(rows, WIDTH, 4)


def manifest(device: SDevData, files: dict[str, NDArray[np.float32]]) -> bytes:
    """Return the JSON that says what is in the files. files: texels by file name, the table's first."""
    kinds = ("table" if isinstance(device.table, Table) else "curves", "nodes")
    textures = {
        name: {"file": file, "holds": kind, "format": "RGBA32F", "width": WIDTH, "height": len(texels)}
        for name, kind, (file, texels) in zip(("lattice_table", "lattice_nodes"), kinds, files.items(), strict=True)
    }
    takes, gives = ends(device.provenance)
    facts = {
        "look": device.name,
        "sha256": device.sha256,
        "takes": takes,
        "gives": gives,
        "input": device.provenance.get("input"),
        "output": device.provenance.get("output"),
        "lattice": f"{device.lattice.size}^3 {device.lattice.interpolation}",
        "byte order": "little-endian, first row first",
        "textures": textures,
        "made by": f"lattice {__version__}",
    }
    return (json.dumps(facts, indent=2, ensure_ascii=False) + "\n").encode()
