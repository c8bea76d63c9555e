"""Write an OpenColorIO config that has SDevs; one that does not show them is not written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lattice.errors import LatticeError
from lattice.files.ocio import prints
from lattice.files.ocio.base import Base, declare_variables, find_base, lut_files, make_movable, sources
from lattice.files.ocio.extend import add_prints, look_name, plain_view
from lattice.files.ocio.library import library
from lattice.files.ocio.prints import FOLDER, Print
from lattice.files.ocio.whole import ARCHIVE, MARK, check_target, write_config
from lattice.hosts.chosen import FITTED, NONE_TOLD, SHOT, LutsTold, check_names, named, of_shots, sdev_of
from lattice.hosts.proof import check_print
from lattice.sdev import SDev
from lattice.version import __version__

SHOT_PRINT = "shot"  # name of the print that follows $SHOT


@dataclass(frozen=True)
class Written:
    """A config that was written. views, looks, named: names of what it got. plain: the view that the looks go with.
    linear: name of linear Rec.709. shots: their names. notes: what to know, a line each."""

    path: Path
    base: str
    linear: str
    views: tuple[str, ...]
    looks: tuple[str, ...]
    named: tuple[str, ...]
    plain: str | None
    shots: tuple[str, ...]
    notes: tuple[str, ...] = ()


def extend_config(
    target: str | os.PathLike[str],
    sdevs: Sequence[str] = (),
    base: str = "studio-config",
    blender: Path | None = None,
    shots: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    luts: LutsTold = NONE_TOLD,
) -> Written:
    """Write a config with a view, a look and a named transform for every SDev.

    target: a new folder, or a .ocioz archive. sdevs: looks' names, .toml or LUT files; luts: what those take and
    give. base, blender: as in `find_base`.
    shots: a table of shots, whose looks follow the context variable $SHOT.
    Before the config takes its name it is read back, and every processor is held to its SDev.
    Raises LatticeError if that fails, and for names, bases and targets that are refused.
    """
    target = Path(target)
    library()
    check_target(target, overwrite)
    check_names(sdevs, luts)
    start = find_base(base, blender)
    if target.suffix.lower() == ARCHIVE and start.outside:
        raise LatticeError(
            f"{target}: an archive cannot hold {start.outside[0]}, outside of the base's folder; name a folder instead"
        )
    chosen = _chosen(sdevs, luts)
    by_shot = {} if shots is None else of_shots(shots)
    if not chosen and not by_shot:
        raise LatticeError("expected an SDev: --sdev NAME, or --shots FILE")
    return _write(target, start, chosen, by_shot, overwrite)


def _chosen(names: Sequence[str], luts: LutsTold) -> dict[str, SDev]:
    found: dict[str, SDev] = {}
    for name in dict.fromkeys(names):
        sdev = named(name, sdev_of(name, luts, names), (*found, SHOT_PRINT), names)
        found[sdev.name] = sdev
    return found


def _write(
    target: Path, base: Base, chosen: Mapping[str, SDev], by_shot: Mapping[str, SDev], overwrite: bool
) -> Written:
    config, plain = base.config, plain_view(base.config)
    named, copied = sources(config), lut_files(base)
    made = {name: Print(name, prints.file_name(sdev), about(sdev)) for name, sdev in chosen.items()}
    make_movable(base)
    if by_shot:
        config.addSearchPath(f"{FOLDER}/${SHOT}")
        declare_variables(base)
        config.addEnvironmentVar(SHOT, next(iter(by_shot)))
        made[SHOT_PRINT] = Print(SHOT_PRINT, shot_file(f"${SHOT}"), f"The print of the shot in ${SHOT}")
    config.addSearchPath(FOLDER)
    add_prints(base, made.values())
    views = tuple(each.view for each in made.values())
    config.setDescription(f"{config.getDescription()}\n\n{MARK} {__version__}: {', '.join(views)}".strip())

    def check(again: Any) -> None:
        if lost := named - sources(again):
            raise LatticeError(f"{base.name}: its file {min(lost)} is not found from {target}")
        for name, sdev in chosen.items():
            check_print(again, base, made[name], sdev)
        for number, (shot, sdev) in enumerate(by_shot.items()):
            check_print(again, base, made[SHOT_PRINT], sdev, {SHOT: shot}, with_views=number == 0)

    write_config(target, config, _files(made, chosen, by_shot), copied, check, overwrite)
    return Written(
        target,
        base.name,
        base.linear,
        views,
        tuple(look_name(base, each) for each in made.values()),
        tuple(each.named for each in made.values()) if config.getMajorVersion() > 1 else (),
        plain,
        tuple(by_shot),
        (*_notes(base, chosen.values()), *_of_shots(by_shot)),
    )


def shot_file(shot: str) -> str:
    """Return the name of a shot's LUT file; it begins with a word, for archives take no variable there."""
    return f"shot-{shot}-light.clf"


def _files(
    made: Mapping[str, Print], chosen: Mapping[str, SDev], by_shot: Mapping[str, SDev]
) -> Iterator[tuple[str, bytes]]:
    """Yield the LUT files, path and bytes, one at a time."""
    yield f"{FOLDER}/{prints.CODES_FILE}", prints.codes_clf()
    for name, sdev in chosen.items():
        yield f"{FOLDER}/{made[name].light}", prints.light_clf(sdev)
    for shot, sdev in by_shot.items():
        yield f"{FOLDER}/{shot}/{shot_file(shot)}", prints.light_clf(sdev)


def _of_shots(by_shot: Mapping[str, SDev]) -> Iterator[str]:
    if by_shot:
        yield f"without ${SHOT} hosts show {next(iter(by_shot))}"


def _notes(base: Base, sdevs: Iterable[SDev]) -> Iterator[str]:
    yield from (f"needs {folder}, which it does not hold" for folder in base.outside)
    for sdev in sdevs:
        if sdev.lattice.interpolation != FITTED:
            yield f"{sdev.name} has trilinear nodes, which GPUs weigh by 8 bits; name its profile instead of a .clf"


def about(sdev: SDev) -> str:
    """Return which SDev it is, for descriptions."""
    facts = sdev.provenance
    told = [facts[key] for key in ("negative", "print") if facts.get(key)]
    stocks = f" ({' on '.join(told)})" if told else ""
    return f"Film print {sdev.name}{stocks}, SDev {sdev.sha256[: prints.SHA]}, by lattice"
