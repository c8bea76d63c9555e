"""Match: a look from what was measured, or from a LUT.

found = lattice.match.fit(lattice.match.references("loved.cube", taken="Cineon/Rec.709", display="rec1886"))
found.after["natural"].mean     # CIEDE2000 on other colors
found.profile.sdev()            # a Profile as any other
found.save("mine.toml")
"""

from lattice.match.fitting import Match, fit
from lattice.match.patches import of_patches
from lattice.match.reference import Reference, Wedge
from lattice.match.sources import graded_still, references

__all__ = ["Match", "Reference", "Wedge", "fit", "graded_still", "of_patches", "references"]
