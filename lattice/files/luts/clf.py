"""The CLF of any host (Common LUT Format, SMPTE ST 2136-1): read in versions 1 to 3, written in version 3."""

from __future__ import annotations

from lattice.files.luts import clf_read, clf_write
from lattice.files.luts.format import LutFormat
from lattice.process_list import ProcessList


def write(process_list: ProcessList) -> bytes:
    """Return a CLF; raises LatticeError as `clf_write.to_xml` does."""
    return clf_write.to_xml(process_list, is_ctf=False)


FORMAT = LutFormat("CLF", (".clf",), clf_read.parse, clf_read.MOST_BYTES, write)
