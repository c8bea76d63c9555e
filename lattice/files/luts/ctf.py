"""The CTF of OpenColorIO and Autodesk: a CLF with inverse LUTs; read in versions 1 and 2, written in version 2."""

from __future__ import annotations

from lattice.files.luts import clf_read, clf_write
from lattice.files.luts.format import LutFormat
from lattice.process_list import ProcessList


def write(process_list: ProcessList) -> bytes:
    """Return a CTF; raises LatticeError as `clf_write.to_xml` does."""
    return clf_write.to_xml(process_list, is_ctf=True)


FORMAT = LutFormat("CTF", (".ctf",), clf_read.parse, clf_read.MOST_BYTES, write)
