"""What a config holds of an SDev: its names, and the LUT files behind them.

One CLF holds scene light to the light of the display, without clip and curve, so that it serves every display; a tiny
one, shared by all, holds the clip and the curve of sRGB.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from lattice.encodings import SRGB_EXPONENT, SRGB_OFFSET
from lattice.errors import printable
from lattice.files import clf
from lattice.files.clf_nodes import NAMESPACE
from lattice.files.clf_stage import curve_node, exponent_node, matrix_node, range_node
from lattice.types import LatticeError, SDevData

FOLDER = "sdev"  # of the LUT files, beside config.ocio
CODES_FILE = "linear-light-to-srgb.clf"
MOST_LETTERS = 80  # of a name
SHA = 12  # letters of a digest in a file's name
UNFIT = re.compile(r"""[,:|$%"'\\\x00-\x1f]|^[-+ ]| $""")  # separators of lists, looks and context variables
ENTRIES, LEAST = 4096, 1e-6  # of a table of powers: straight between them it is 1e-7 of light off; its end at least
NAMES = f"a config takes a name of 1 to {MOST_LETTERS} letters without , : | $ % quotes and line ends"
LIGHT = "linear light of the display, Rec.709 primaries, 1 = the print's white"


@dataclass(frozen=True)
class Print:
    """An SDev as a config has it. name: in all names. light: file of scene-linear Rec.709 to linear light of the
    display, Rec.709 primaries; may hold context variables. about: which SDev, for descriptions."""

    name: str
    light: str
    about: str

    def __post_init__(self) -> None:
        if not is_name(self.name):
            found = UNFIT.search(self.name) if len(self.name) <= MOST_LETTERS else None
            got = f"{found[0]!r} in it" if found else "another"
            raise LatticeError(f"{printable(self.name[:40])}: {NAMES}, got {got}")

    @property
    def view(self) -> str:
        """Name of the view, its view transform or its color space: the same in every config."""
        return f"SDev {self.name}"

    @property
    def look(self) -> str:
        """Name of the look."""
        return f"{self.name} print"

    @property
    def named(self) -> str:
        """Name of the named transform."""
        return f"{self.name} print (linear Rec.709 to sRGB)"


def is_name(name: str) -> bool:
    """True if a config takes this name of an SDev."""
    return bool(name) and len(name) <= MOST_LETTERS and not UNFIT.search(name)


def file_name(device: SDevData, ending: str = "-light.clf") -> str:
    """Return the name of an SDev's LUT file; another SDev has another one, for hosts keep files by path."""
    plain = re.sub(r"[^\w.-]+", "-", device.name, flags=re.ASCII).strip(".-") or "sdev"
    return f"{plain}-{device.sha256[:SHA]}{ending}"


def light_clf(device: SDevData) -> bytes:
    """Return the CLF of an SDev up to its display's linear light: without clip and curve.

    The power after the lattice is a table: hosts compute powers in a hurry, 3e-5 off, which a 3x3 makes 7e-4 of code
    in dark colors. device: its display has Rec.709 primaries. Raises LatticeError as `clf.to_xml`.
    """
    text, found, _ = clf.to_xml(device).partition('\n<Range name="clip"')
    if not found:
        raise LatticeError(f"{device.name}: expected a CLF with a clip before the display's curve, got none")
    if device.display.exponent != 1:
        text = re.sub(r'<Exponent name="exponent".*?</Exponent>', _power_table(device), text, count=1, flags=re.DOTALL)
    text = text.replace(f'id="{device.sha256}"', f'id="{device.sha256}-light"', 1)
    told = f"<OutputDescriptor>{LIGHT}</OutputDescriptor>"
    text = re.sub(r"<OutputDescriptor>.*?</OutputDescriptor>", told, text, count=1, flags=re.DOTALL)
    return f"{text}\n</ProcessList>\n".encode()


def _power_table(device: SDevData) -> str:
    """Return the nodes that raise a lattice's values, held from 0 to its largest node, to its display's exponent."""
    most = max(float(device.lattice.nodes.max()), LEAST)
    curve = (np.linspace(0, most, ENTRIES) ** device.display.exponent).astype(np.float32)
    return f"{matrix_node('scale', np.eye(3) / most)}\n{curve_node('power', curve[:, None])}"


def codes_clf() -> bytes:
    """Return the CLF of linear light to code values of sRGB, held to [0, 1]."""
    start = '<?xml version="1.0" encoding="UTF-8"?>'
    head = f'<ProcessList xmlns="{NAMESPACE}" id="linear-light-to-srgb" name="linear light to sRGB" '
    nodes = range_node("clip"), exponent_node("gamma", "monCurveRev", SRGB_EXPONENT, SRGB_OFFSET)
    return "\n".join([start, f'{head}compCLFversion="3.0">', *nodes, "</ProcessList>\n"]).encode()
