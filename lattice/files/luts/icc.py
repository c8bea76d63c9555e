"""ICC profiles: device links from RGB to RGB, read and written, and RGB profiles of a matrix and curves, read.

A profile of a matrix and curves is taken as OpenColorIO 2.6 takes it: from CIE XYZ over white D65 to device codes.
Curves of one power go on beyond [0, 1], mirrored below 0; others are tables, of 1,024 entries if they are parametric.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from lattice.errors import LatticeError
from lattice.files.luts import icc_curves, icc_link, icc_profile, layout, notes
from lattice.files.luts.format import LutFormat
from lattice.files.luts.icc_curves import LARGEST_CODE, Curve
from lattice.files.luts.icc_profile import Profile
from lattice.process_list import Exponent, InverseLut1D, Lut1D, Lut3D, Matrix, Node, ProcessList

MOST_BYTES = 2**24  # a link of 129 nodes in 16 bits takes 13 MB
LINK, RGB, XYZ = b"link", b"RGB ", b"XYZ "
# Bradford's, with the whites as OpenColorIO rounds them. Source: OpenColorIO 2.6, the ICC reader.
D50_TO_D65 = [
    [0.955509474537, -0.023074829492, 0.063312392987],
    [-0.028327238868, 1.00994465504, 0.021055592145],
    [0.012329273379, -0.020536209966, 1.33072998567],
]
SAMPLES = 1024  # of a parametric curve
FALL = 1 / 1023  # of a parametric curve where its parts meet, at most
DISPLAY = "from CIE XYZ over white D65 to device codes"
NOT_STATED = "Not stated"  # the copyright, which a profile must have
HOLDS = "an ICC device link, which holds one LUT3D with values in 0..1, and a LUT1D before it or behind it over 0..1"


def parse(data: bytes) -> ProcessList:
    """Return the process list of a profile, named by its description.

    Raises LatticeError unless it is a device link from RGB to RGB, or an RGB profile of a matrix and curves.
    """
    profile = icc_profile.read(data)
    if profile.device_class == LINK:
        if (profile.space, profile.pcs) != (RGB, RGB):
            spaces = f"{_letters(profile.space)} to {_letters(profile.pcs)}"
            raise LatticeError(f"expected a device link from RGB to RGB, got {spaces}")
        tag = profile.tag(b"A2B0", icc_link.LUT8, icc_link.LUT16, icc_link.A_TO_B)
        nodes, about = icc_link.nodes(tag), {}
    else:
        if (profile.space, profile.pcs) != (RGB, XYZ):
            got = f"{_letters(profile.device_class)} of {_letters(profile.space)} and {_letters(profile.pcs)}"
            raise LatticeError(f"expected a device link, or an RGB profile of a matrix and curves, got {got}")
        nodes, about = _from_light(profile), {"about": DISPLAY}
    return _with_facts(profile, nodes, about)


def _letters(name: bytes) -> str:
    return ascii(name.decode("latin-1").strip())


def _with_facts(profile: Profile, nodes: list[Node], about: dict[str, str]) -> ProcessList:
    title = icc_profile.text_of(profile.given(b"desc"))
    rights = icc_profile.text_of(profile.given(b"cprt"))
    lines = [f"{name}: {value}" for name, value in icc_profile.facts_of(profile.given(b"meta"))]
    found = notes.process_list(nodes, lines, title)
    if rights not in ("", NOT_STATED):
        about = about | {"copyright": rights}
    more = {key: value for key, value in about.items() if key not in found.provenance}
    return ProcessList(found.name, found.nodes, dict(found.provenance) | more)


def _from_light(profile: Profile) -> list[Node]:
    columns = [profile.tag(name, XYZ) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
    to_xyz = np.array([icc_profile.fixed(column, 8, 3) for column in columns], np.float64).T
    curves = [icc_curves.read(profile.tag(name, b"curv", b"para")) for name in (b"rTRC", b"gTRC", b"bTRC")]
    try:
        to_d50, from_xyz = (np.asarray(np.linalg.inv(matrix), np.float64) for matrix in (D50_TO_D65, to_xyz))
    except np.linalg.LinAlgError:
        raise LatticeError("expected rXYZ, gXYZ and bXYZ that span a volume, got others") from None
    return [Matrix(to_d50), Matrix(from_xyz), *_encoded(curves)]


def _encoded(curves: list[Curve]) -> list[Node]:
    """Return the node from light to codes, of curves from codes to light."""
    if all(curve.is_identity for curve in curves):
        return []
    if all(curve.numbers for curve in curves) and len({curve.kind for curve in curves}) == 1:
        if curves[0].kind == 0:
            return [Exponent("basicMirrorRev", np.array([curve.numbers[0] for curve in curves]))]
        steps = np.linspace(0, 1, SAMPLES)
        entries = np.stack([curve.at(steps) for curve in curves], axis=1)
        if (np.diff(entries, axis=0) < -FALL).any():
            raise LatticeError("expected parametric curves that rise, got one that falls")
        return [InverseLut1D(Lut1D(entries.astype(np.float32)))]
    tables = [curve.table for curve in curves if curve.table is not None]
    if len(tables) != len(curves) or len({len(table) for table in tables}) > 1:
        raise LatticeError("expected curves rTRC, gTRC and bTRC of one type and length, got others")
    return [InverseLut1D(Lut1D(np.stack(tables, axis=1)))]


def write(process_list: ProcessList) -> bytes:
    """Return a device link of one table of 16 bits; each value is within half a code.

    An identity of two entries before or behind the LUT3D is read back as none. Raises LatticeError for a process list
    that is not one Lut3D with values in 0..1, and a Lut1D of at most 4,096 entries over 0..1 before it or behind it.
    """
    before: list[Node]
    behind: list[Node]
    match process_list.nodes:
        case (Lut3D() as lut, *behind):
            before = []
        case (Lut1D() as first, Lut3D() as lut, *behind):
            before = [first]
        case _:
            raise layout.not_held(process_list, HOLDS)
    if len(behind) > 1 or not all(_is_held(node) for node in (*before, *behind)):
        raise layout.not_held(process_list, HOLDS)
    table = icc_link.lut16(_curve(before), _codes(lut.nodes), _curve(behind))
    facts = [line.partition(": ")[::2] for line in notes.of_list(process_list)]
    title = icc_profile.text(process_list.name[: icc_profile.MOST_TEXT] or "Device link")
    # One profile in the sequence: without maker, model, attributes or technology, and two descriptions.
    sequence = b"pseq" + bytes(4) + struct.pack(">I", 1) + bytes(20) + title + title
    tags = {
        b"desc": title,
        b"cprt": icc_profile.text(process_list.provenance.get("copyright", NOT_STATED)[: icc_profile.MOST_TEXT]),
        b"pseq": sequence,
        b"A2B0": table,
        b"meta": icc_profile.facts(facts),
    }
    return icc_profile.assembled((LINK, RGB, RGB), tags)


def _is_held(node: Node) -> bool:
    return isinstance(node, Lut1D) and layout.is_over_unit(node) and len(node.entries) <= icc_link.MOST_ENTRIES


def _curve(nodes: list[Node]) -> NDArray[np.int64]:
    return _codes(nodes[0].entries) if nodes and isinstance(nodes[0], Lut1D) else icc_link.PLAIN_CURVE


def _codes(values: NDArray[np.float32]) -> NDArray[np.int64]:
    return layout.codes(values, LARGEST_CODE, "an ICC device link")


FORMAT = LutFormat("ICC profile", (".icc", ".icm", ".pf"), parse, MOST_BYTES, write, is_exact=False)
