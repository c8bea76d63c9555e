"""A look as a shader on disk: its text, and the data that are beside it."""

from __future__ import annotations

import re
from pathlib import Path

from lattice.errors import did_you_mean, holding
from lattice.files.storage import atomic
from lattice.interp import shader
from lattice.sdev import AnySDev, SDev
from lattice.shaders.data import manifest, node_texels, table_texels
from lattice.shaders.language import Language
from lattice.shaders.languages import LANGUAGES
from lattice.shaders.osl import identifier
from lattice.types import LatticeError

LONGEST = 60  # characters of a look's name in a file's


def export(sdev: AnySDev, language: str, folder: str | Path, overwrite: bool = False) -> list[Path]:
    """Write an SDev as a shader into a folder, which is made: NAME.SUFFIX, and where the language reads data beside its
    text NAME.table.bin, NAME.nodes.bin and NAME.json, which are the same for all languages.

    language: a name of LANGUAGES. overwrite: replace files of other content; those of the same are left as they are.
    Returns the paths. Raises LatticeError, before anything is written, for another language, an SDev that takes codes
    or does not fit, or a name that is taken.
    """
    target = Path(atomic.path_text(folder))
    written = {target / name: data for name, data in files_of(sdev, language).items()}
    new = [path for path, data in written.items() if not atomic.holds(path, data, overwrite)]
    atomic.make_folder(target)
    for path in new:
        atomic.write_new(path, written[path], overwrite)
    return list(written)


def files_of(sdev: AnySDev, language: str) -> dict[str, bytes]:
    """Return the files of an SDev in a language, by their names; errors as in `export`."""
    if language not in LANGUAGES:
        raise LatticeError(f"language: expected {', '.join(LANGUAGES)}, got {language!r:.40}{_meant(language)}")
    if not isinstance(sdev, SDev):
        raise LatticeError(
            f"{sdev.name}: expected an SDev's stages, which a shader computes, got a LUT file of others: "
            "lattice convert FILE NEW.clf --takes NAME --gives NAME --fit makes an SDev of it"
        )
    if sdev.codes is not None:
        raise LatticeError(
            f"{sdev.name}: a shader takes linear light, not {sdev.codes.name}: decode before it, and take its "
            f"primaries, {sdev.codes.primaries}"
        )
    if sdev.lattice.size > shader.MOST_NODES:
        raise LatticeError(
            f"{sdev.name}: a shader takes lattices up to {shader.MOST_NODES}^3, got {sdev.lattice.size}^3"
        )
    return _files(sdev, LANGUAGES[language])


def _meant(word: object) -> str:
    """Return the names that a word may stand for, as `did_you_mean` does: "glsl" is three, "Metal" is a title's."""
    text = str(word).casefold()
    titles = {name: re.findall(r"\w+", each.title.casefold()) for name, each in LANGUAGES.items()}
    found = holding(text, LANGUAGES) or [name for name, words in titles.items() if text in words]
    return f"; did you mean {' or '.join(map(repr, found))}?" if found else did_you_mean(word, LANGUAGES)


def _files(sdev: SDev, language: Language) -> dict[str, bytes]:
    plain = identifier(sdev.name) if language.name == "osl" else re.sub(r"[^\w.-]+", "-", sdev.name, flags=re.ASCII)
    name = plain.strip("-.")[:LONGEST] or "look"
    files = {f"{name}.{language.suffix}": language.text(sdev).encode()}
    if language.has_files:
        data = {f"{name}.table.bin": table_texels(sdev), f"{name}.nodes.bin": node_texels(sdev)}
        files |= {file: texels.tobytes() for file, texels in data.items()}
        files[f"{name}.json"] = manifest(sdev, data)
    return files
