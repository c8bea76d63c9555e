"""Convert a LUT file into one of another format: as it is where the format holds it, else resampled or fitted."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lattice.build.samples import gray_scale, natural_colors
from lattice.color.inputs import find
from lattice.export import resample, write
from lattice.export.bake import of_sdev
from lattice.export.looks import export
from lattice.export.recipe import FORMS, choose
from lattice.files import clf
from lattice.files.luts import register
from lattice.process_list import ProcessList
from lattice.sdev import SDev
from lattice.sdev.fused import fused
from lattice.sdev.load import own_sdev
from lattice.sdev.lut import giving, taking
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
    overwrite: bool = False,
) -> list[str]:
    """Convert a LUT file; return what is said of it, in lines.

    takes, gives: of a file that does not say it, as in `lattice.load`. asked: what a new file of an SDev takes, as in
    `recipe.choose`. size: of a lattice that is sampled or fitted. is_fitted: into one SDev, a .clf.
    Raises LatticeError if a file cannot be read or written, or the new format holds nothing of the kind.
    """
    suffix = target.suffix.lower()
    register.formats_of(target)
    if is_fitted and suffix != ".clf":
        raise LatticeError(f"{target}: --fit makes an SDev, whose file is a .clf")
    write.check_free([target], overwrite)
    own = own_sdev(source)
    if own is not None and (takes or gives):
        raise LatticeError(f"{source}: it says what it takes and gives itself: leave out --takes and --gives")
    if own is not None and suffix in FORMS:
        recipe = choose(suffix, None, asked, size, own.provenance.get("input", ""))
        return export(of_sdev(own), _scenes(), recipe, target, overwrite=overwrite)
    if asked is not None:
        raise LatticeError("--input is for an SDev that becomes a LUT; what a LUT file takes is --takes")
    listed = _listed(own) if own is not None else register.read(source)
    listed = listed if takes is None else taking(listed, find(takes))
    listed = listed if gives is None else giving(listed, gives)
    if suffix == ".clf":
        return _as_clf(own, listed, target, size, is_fitted, overwrite)
    return _as_lut(listed, target, size, overwrite)


def _scenes() -> dict[str, Array]:
    return {"natural": natural_colors(COLORS, np.random.default_rng(SEED)), "gray": gray_scale(GRAYS)}


def _listed(device: SDevData) -> ProcessList:
    """Return the process nodes of an SDev, as its CLF has them."""
    nodes = register.parsed(clf.to_xml(device).encode(), Path("sdev.clf"))
    return ProcessList(device.name, nodes.nodes, device.provenance)


def _as_clf(
    own: SDev | None, listed: ProcessList, target: Path, size: int | None, is_fitted: bool, overwrite: bool
) -> list[str]:
    device = fused(listed) if own is None else own
    if device is not None and not is_fitted:
        SDev.from_device(device).save(target, overwrite)
        return [f"{target}: an SDev, the same pixels"]
    if not is_fitted:
        write.write([target], [listed], overwrite)
        return [f"{target}: the same process nodes; --fit makes one SDev of them, which every engine runs"]
    from lattice.export.fit import USUAL_SIZE, fit

    fitted = fit(listed, size or USUAL_SIZE)
    SDev.from_device(fitted).save(target, overwrite)
    mean, largest = resample.difference(listed, _listed(fitted))
    grid = f"{fitted.lattice.size}^3 {fitted.lattice.interpolation}"
    return [f"{target}: an SDev of {grid}, fitted; codes differ by {mean:.2g}, at most {largest:.2g}"]


def _as_lut(listed: ProcessList, target: Path, size: int | None, overwrite: bool) -> list[str]:
    found = None
    if size is None:
        try:
            register.text_of(listed, target)
            found = listed
        except LatticeError:
            found = None
    lists = [resample.resampled(listed, target.suffix.lower(), size)] if found is None else [found]
    write.write([target], lists, overwrite)
    written = register.read(target)
    mean, largest = resample.difference(listed, written)
    if largest <= EXACT:
        return [f"{target}: the same pixels"]
    how = "rounded" if found is not None else "resampled"
    return [f"{target}: {how}; over the LUT's domain codes differ by {mean:.2g}, at most {largest:.2g}"]
