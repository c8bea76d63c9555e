"""Small images that are no EXR, by our own writers and, where those do not write them, by OpenImageIO."""

from __future__ import annotations

import numpy as np
from regrade_samples import GAMMA as GAMMA
from regrade_samples import FakeSDev

from lattice.files.images.file import write
from lattice.files.images.formats import REGISTER
from lattice.files.images.oiio import read_codes
from lattice.files.images.spec import EncodedImage
from lattice.regrade import Options, plan, regrade

KINDS = {kind.name: kind for kind in REGISTER}
WRITTEN = [kind for kind in REGISTER if kind.bits]
SOURCES = [kind for kind in REGISTER if kind.is_source]
NOTE = "lattice 0.1 premier sdev:" + "5d" * 32


def named(kind):
    return kind.name


def codes_for(kind, shape=(5, 7), bits=None, alpha=False, seed=0):
    """Any code values that a format holds; (H, W, 4) with alpha."""
    bits = bits or kind.bits[0]
    random = np.random.default_rng(seed)
    size = (*shape, 4 if alpha else 3)
    if bits == 32:
        return random.normal(0.5, 1, size).astype(np.float32)
    return random.integers(0, 2**bits, size).astype(np.uint8 if bits == 8 else np.uint16)


def save_by_oiio(oiio, path, plugin, pixels, kind, **attributes):
    """What only OpenImageIO writes here: `_` in an attribute's name stands for a colon."""
    height, width, channels = pixels.shape
    spec = oiio.ImageSpec(width, height, channels, kind)
    for name, value in attributes.items():
        spec.attribute(name.replace("__", ":"), value)
    file = oiio.ImageOutput.create(plugin)
    assert file.open(str(path), spec), file.geterror()
    assert file.write_image(np.ascontiguousarray(pixels))
    file.close()
    file.geterror()  # of a TIFF's Exif, which OpenImageIO 3.2 fails to write


def save_source(oiio, path, kind, shape=(5, 7)):
    """A file of a format that is a source, 16-bit or of floats where it can be."""
    if kind.bits:
        codes = codes_for(kind, shape)
        write(path, kind, EncodedImage(codes))
    else:
        save_by_oiio(
            oiio, path, kind.plugin, np.random.default_rng(0).uniform(0, 4, (*shape, 3)).astype(np.float32), "float"
        )
    return path


ShownSDev = FakeSDev  # which has a display


def go(source, target, status="ok", **options):
    """Regrade one file; the report."""
    (report,) = regrade(plan(ShownSDev(), source, target, options=Options(**options)))
    assert report.status == status, report.why
    assert "\n" not in report.why
    return report


def note_in(path, kind):
    """The text of a file that was written, without the checksum of its codes."""
    note = kind.look(path, path.read_bytes()[: 2**16], path.stat().st_size, "").note
    return note if kind.pack is None else note[:-9]


def codes_in(path, kind):
    """As OpenImageIO reads them."""
    facts = kind.look(path, path.read_bytes()[: 2**16], path.stat().st_size, "")
    codes = read_codes(path, kind.plugin, facts, "")
    return codes >> 16 - facts.bits if facts.bits in (10, 12) else codes
