"""Convert a LUT file into one of another format: as it is where the format holds it, else resampled or fitted."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from lattice.build.samples import gray_scale, natural_colors
from lattice.export import resample, write
from lattice.export.bake import is_known, of_sdev
from lattice.export.looks import export
from lattice.export.loss import LOSS, between
from lattice.export.recipe import FORMS, choose
from lattice.files import clf
from lattice.files.luts import register
from lattice.files.luts.strip import LAYOUT
from lattice.interp import process
from lattice.process_list import MOST_SIZE, ProcessList
from lattice.sdev import SDev
from lattice.sdev.density import STAGE
from lattice.sdev.fused import fused
from lattice.sdev.load import own_sdev
from lattice.sdev.told import giving, known, taking, told_gives
from lattice.types import Array, LatticeError, SDevData

EXACT = 1e-6  # of a code: what rounding of numbers as text may change
COLORS, GRAYS, SEED = 30_000, 4_001, 99


def convert(
    source: Path,
    target: Path,
    takes: str | None = None,
    gives: str | None = None,
    asked: str | None = None,
    size: int | None = None,
    is_fitted: bool = False,
    domain: tuple[float, float] | None = None,
    overwrite: bool = False,
    name: str | None = None,
) -> list[str]:
    """Convert a LUT file; return what is said of it, in lines.

    source: its path, with `@id` of one of several CDLs. takes, gives: what the new file takes light for and gives, as
    in `lattice.load`; without takes the new file takes the old one's numbers, without gives it gives what that says.
    name: of the new file, instead of its title. asked: what a new file of an SDev takes, as in `recipe.choose`. size:
    of a lattice that is sampled or fitted. is_fitted: into one SDev, a .clf. domain: the numbers that a resampled LUT
    takes, where the file tells none; by default those of the light of the codes that it takes, else 0 to 1.
    Raises LatticeError if a file cannot be read or written, or the new format holds nothing of the kind.
    """
    source, correction = register.split(os.fspath(source))
    _check(source, target, size, is_fitted, overwrite, name)
    own = own_sdev(source)
    if own is not None and ((takes and "input" in own.provenance) or (gives and "output" in own.provenance)):
        raise LatticeError(f"{source}: it says what it takes and gives itself: leave out --takes and --gives")
    own = own if own is None or name is None else replace(own, name=name)
    suffix, is_look = target.suffix.lower(), own is not None and is_known(own) and not own.holds_codes
    if own is not None and is_look and domain is None and not gives and suffix in FORMS:
        recipe = choose(suffix, None, asked, size, own.provenance.get("input", ""))
        return export(of_sdev(own), _scenes(), recipe, target, overwrite=overwrite)
    if asked is not None:
        raise LatticeError("--input is for an SDev that becomes a LUT; what a LUT file takes is --takes")
    listed = listed_of(own) if own is not None else _read(source, correction)
    listed = listed if takes is None else taking(listed, takes)
    gives = told_gives(listed.provenance) if gives is None else gives
    listed = listed if gives is None else giving(listed, gives)
    listed = listed if name is None else _named(listed, name)
    if suffix != ".png":  # whose layout is of images alone
        listed = replace(listed, provenance={key: fact for key, fact in listed.provenance.items() if key != LAYOUT})
    if suffix == ".clf":
        own = None if takes or gives else own  # of which the list says more
        return _as_clf(own, listed, target, size, is_fitted, domain, overwrite)
    return _as_lut(listed, target, size, domain, overwrite)


def _check(source: Path, target: Path, size: int | None, is_fitted: bool, overwrite: bool, name: str | None) -> None:
    """Raise LatticeError, before any work, for what no file can be, or for a target that is not free."""
    register.formats_of(target)
    if is_fitted and target.suffix.lower() != ".clf":
        raise LatticeError(f"{target}: --fit makes an SDev, whose file is a .clf")
    if size is not None and not 2 <= size <= MOST_SIZE:
        raise LatticeError(f"size: expected 2 to {MOST_SIZE} nodes along a side, got {size}")
    write.check_free([target], overwrite)
    if name is not None and register.title(name, target) != name:
        raise LatticeError(f"name: expected a line of at most {register.LONGEST_NAME} characters, got {name!r:.60}")
    if target.exists() and source.exists() and target.samefile(source):
        raise LatticeError(f"{target}: is the file to convert; name another")


def _read(source: Path, correction: str) -> ProcessList:
    listed = register.read(source, correction)
    return replace(listed, provenance=known(listed.provenance, source))


def _named(listed: ProcessList, name: str) -> ProcessList:
    facts = listed.provenance
    return replace(listed, name=name, provenance={**facts, "title": name} if "title" in facts else facts)


def _scenes() -> dict[str, Array]:
    return {"natural": natural_colors(COLORS, np.random.default_rng(SEED)), "gray": gray_scale(GRAYS)}


def listed_of(device: SDevData) -> ProcessList:
    """Return the process nodes of an SDev, as its CLF has them."""
    nodes = register.parsed(clf.to_xml(device).encode(), Path("sdev.clf"))
    return ProcessList(device.name, nodes.nodes, device.provenance)


def _as_clf(
    own: SDev | None,
    listed: ProcessList,
    target: Path,
    size: int | None,
    is_fitted: bool,
    domain: tuple[float, float] | None,
    overwrite: bool,
) -> list[str]:
    device = fused(listed) if own is None else own
    if device is not None and not is_fitted and size is None and domain is None:
        made = SDev.from_device(device)
        made.save(target, overwrite)
        return [f"{target}: an SDev, the same pixels", *_of_one_display(made)]
    if not is_fitted:
        return [*_as_lut(listed, target, size, domain, overwrite), _to_an_sdev(listed)]
    from lattice.export.fit import USUAL_SIZE, fit

    fitted = fit(_without_loss(listed), USUAL_SIZE if size is None else size, domain)
    made = SDev.from_device(fitted)
    made.save(target, overwrite)
    parts = resample.parts_of(listed, domain)
    grid = f"{fitted.lattice.size}^3 {fitted.lattice.interpolation}"
    again = listed_of(fitted)
    return [
        f"{target}: an SDev of {grid}, fitted; {_told(listed, again, parts)}",
        *_seen(listed, again, parts),
        *_of_one_display(made),
    ]


def _of_one_display(made: SDev) -> list[str]:
    """Return what to type so that an SDev of codes can be shown on other displays."""
    if not made.holds_codes or made.shown.is_hdr:
        return []
    return [f"it shows {made.provenance['output']} alone; --fit makes one that any --display shows"]


def _to_an_sdev(listed: ProcessList) -> str:
    """Return what to type so that an SDev comes of a list that is none as it is."""
    told = {"output": "Rec.709 sRGB", **listed.provenance}
    if fused(replace(listed, provenance=told)) is not None and "output" not in listed.provenance:
        return "--gives NAME, the display that its codes are for, makes an SDev of it, the same pixels"
    return "--fit makes one SDev of it, which every engine runs"


def _seen(listed: ProcessList, other: ProcessList, parts: resample.Parts) -> list[str]:
    """Return the difference as it is seen, where it is told whose codes they are; else what to type for that."""
    if STAGE in listed.provenance or resample.difference(listed, other, parts)[1] <= EXACT:
        return []
    given = resample.probe(listed, parts)
    codes, others = (process.run(each.nodes, given).T for each in (listed, other))
    steps = between(codes, others, listed.provenance)
    if steps is None:
        return ["--gives NAME, the display that its codes are for, tells this in CIEDE2000, too"]
    mean, p99, largest = steps
    return [f"CIEDE2000 mean/p99/max, over the same numbers: {mean:.2f}/{p99:.2f}/{largest:.2f}"]


def _told(listed: ProcessList, other: ProcessList, parts: resample.Parts) -> str:
    """Return how far two lists are apart, for people."""
    mean, largest = resample.difference(listed, other, parts)
    over = f"over {parts.low.min():g} to {parts.high.max():g}"
    over += " in even stops" if "input" in listed.provenance else ""
    return (
        f"the same pixels {over}" if largest <= EXACT else f"{over} codes differ by {mean:.2g}, at most {largest:.2g}"
    )


def _as_lut(
    listed: ProcessList, target: Path, size: int | None, domain: tuple[float, float] | None, overwrite: bool
) -> list[str]:
    suffix = target.suffix.lower()
    held = None if size is not None or domain is not None else _held(listed, target)
    found = held or resample.resampled(_without_loss(listed), suffix if suffix in FORMS else ".cube", size, domain)
    write.write([target], [found], overwrite)
    parts = resample.parts_of(listed, domain)
    written = register.read(target)
    told = _told(listed, written.with_interpolation(listed.interpolation), parts)
    if told.startswith("the same"):
        told = "the same pixels" if held else told
    else:
        told = f"{'rounded' if held else 'resampled'}; {told}"
    lines = [f"{target}: {told}", *_seen(listed, written.with_interpolation(listed.interpolation), parts)]
    if written.interpolation != listed.interpolation:
        lines.append(
            f"choose {listed.interpolation} interpolation in the program: the file cannot say that it is for it"
        )
    return lines


def _without_loss(listed: ProcessList) -> ProcessList:
    """Return the list without what it says of its own loss, which is not that of what is made of it."""
    return replace(listed, provenance={key: fact for key, fact in listed.provenance.items() if key != LOSS})


def _held(listed: ProcessList, target: Path) -> ProcessList | None:
    """Return the list if the target's format holds it; None if it is to be resampled.

    Raises LatticeError if the format holds nothing that it could be resampled to.
    """
    try:
        register.text_of(listed, target)
    except LatticeError:
        suffix, has_lattice = target.suffix.lower(), any(not resample.takes_each_channel(node) for node in listed.nodes)
        if suffix in FORMS or suffix in (".clf", ".ctf") or (suffix in resample.CURVES and not has_lattice):
            return None
        raise
    return listed
