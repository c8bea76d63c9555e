"""A shading language, and the frame around the shared text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from lattice.errors import printable
from lattice.interp import shader
from lattice.sdev.density import given_density
from lattice.shaders.numbers import Words, value_text
from lattice.shaders.shared import Shared, shared
from lattice.types import SDevData
from lattice.version import __version__

FRAMES = Path(__file__).with_name("frames")


@dataclass(frozen=True)
class Language:
    """A language of `lattice shader`.

    title: for people. suffix: of its files. checked: what lattice's tests do with a text. write: returns the text of an
    SDev that begins with a given head. has_files: False if the data are in the text.
    """

    name: str
    title: str
    suffix: str
    checked: str
    write: Callable[[SDevData, str], str]
    has_files: bool = True

    def text(self, device: SDevData) -> str:
        """Return the shader of an SDev. Raises LatticeError if its data do not fit into a text that holds them."""
        return self.write(device, head(device, self.title))


def head(device: SDevData, title: str) -> str:
    """Return the comment at a file's start: the look, what it takes and gives, its digest."""
    takes, gives = ends(device.provenance)
    lines = (
        f"The look {device.name} for {title}, made by lattice {__version__}.",
        f"  takes   {takes}",
        f"  gives   {gives}",
        f"  lattice {device.lattice.size}^3, {device.lattice.interpolation}",
        f"  sha256  {device.sha256}",
    )
    return "\n".join("// " + _plain(line) for line in lines)


def ends(facts: Mapping[str, str]) -> tuple[str, str]:
    """Return what an SDev takes and what it gives, in words, by its facts; what its file does not say is said so."""
    takes = facts.get("takes", "codes or light: its file does not say which")
    if "input" in facts:
        takes = f"scene-linear light, 0.18 = mid gray, primaries {facts['input']}"
    if given_density(facts) is not None:
        return takes, facts["output"]
    return takes, f"code values, 0 to 1, {facts.get('output', 'of a display that its file does not say')}"


def _plain(text: str) -> str:
    """Return text for a comment of any language: ASCII in one line, without a mark that joins lines."""
    return printable(text).encode("ascii", "replace").decode().replace("\\", "/")


@dataclass(frozen=True)
class Frame:
    """A file of `frames/`, and how a language writes numbers.

    memory: what the device holds before its numbers, as expressions; empty if functions read it by its name. change: to
    the shared text.
    """

    file: str
    words: Words
    memory: tuple[str, ...] = ()
    change: Callable[[Shared], Shared] = lambda text: text

    def filled(
        self, device: SDevData, says: str, fields: Mapping[str, object] = {}, numbers: shader.Numbers | None = None
    ) -> str:
        """Return the frame with the shared text and the numbers of an SDev in their places.

        says: the head. fields: further ones of the frame. numbers: None for the SDev's own.
        """
        text = self.change(shared(bool(self.memory)))
        return Template((FRAMES / self.file).read_text()).substitute(
            head=says,
            by_tetrahedra=str(device.lattice.interpolation == "tetrahedral").lower(),
            facts=text.facts,
            functions=text.functions,
            numbers=value_text(shader.numbers(device) if numbers is None else numbers, self.words, self.memory),
            **fields,
        )
