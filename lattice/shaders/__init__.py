"""A look as a shader of other programs: `export` writes it, in one of LANGUAGES."""

from lattice.shaders.export import export
from lattice.shaders.languages import LANGUAGES

__all__ = ["LANGUAGES", "export"]
