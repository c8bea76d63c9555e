"""The sub-command build: a look as an SDev's CLF, or as a LUT for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional, cast, get_args

import typer

from lattice.choices import HOSTS, DensityName, Interpolation, StageName
from lattice.cli.app import NUMBER, STOPS, Command, Overwrite, app, choices, working
from lattice.cli.record_options import DISPLAY, HELP, options_of
from lattice.errors import LatticeError, printable

if TYPE_CHECKING:
    from lattice.color.displays import Shown
    from lattice.export.recipe import Recipe
    from lattice.looks import Profile
    from lattice.regrade.options import Options

TakenOption = Annotated[
    Optional[str],
    typer.Option("--input", help="What the file takes: linear light, as ACEScg, or in LUTs codes, as LogC3/Rec.709"),
]
StageOption = Annotated[
    str,
    typer.Option(
        help="The negative alone, to printing density, or the print, from there; a grade goes between them",
        **choices(*get_args(StageName)),
    ),
]
DensityOption = Annotated[
    Optional[str],
    typer.Option(
        help="How a stage's printing densities are coded: adx16 by default, cineon, or the float itself",
        **choices(*get_args(DensityName)),
    ),
]


@app.command(cls=Command)
def build(
    name: Annotated[str, typer.Argument(help="A look's name or a profile .toml")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="The .clf to write, or .ctf, .cube, .csp, .spi3d, .3dl, .vf, ... (LUTs)"),
    ],
    host: Annotated[
        Optional[str], typer.Option("--for", help="The program that a LUT is for", **choices(*HOSTS))
    ] = None,
    size: Annotated[
        Optional[int], typer.Option(help="Nodes along each side: of a .clf, odd; of a LUT, 2 to 129", **NUMBER)
    ] = None,
    interpolation: Annotated[
        Optional[str], typer.Option(help="How colors between nodes are found", **choices(*get_args(Interpolation)))
    ] = None,
    sampled: Annotated[bool, typer.Option("--sampled", help="Sample the nodes instead of fitting them")] = False,
    split: Annotated[bool, typer.Option("--split", help="Write the shaper of a .cube into a file of its own")] = False,
    stage: StageOption = "full",
    density: DensityOption = None,
    taken: TakenOption = None,
    display: Annotated[Optional[str], typer.Option(help=HELP["display"], **DISPLAY)] = None,
    exposure: Annotated[float, typer.Option(help=HELP["exposure"], **STOPS)] = 0.0,
    printer_lights: Annotated[Optional[str], typer.Option(help=HELP["printer_lights"], metavar="R,G,B")] = None,
    overwrite: Overwrite = False,
) -> None:
    """Build a look into a CLF that opens here and in any OpenColorIO 2 host, or into a LUT for other programs."""
    from lattice.color.displays import find
    from lattice.export.recipe import check_suffix, choose, is_exact
    from lattice.looks import load_profile

    check_suffix(output, host)
    suffix = output.suffix.lower()
    is_sdev = is_exact(suffix)
    _check_nodes(output, is_sdev, sampled, interpolation is not None, split)
    _check_stage(stage, density, output, sampled, display, printer_lights, host is not None or split)
    if is_sdev and taken is not None:
        _check_light(output, taken)
    options = options_of(
        input=taken if is_sdev else None, display=display, exposure=exposure, printer_lights=printer_lights
    )
    asked = {"size": size if is_sdev else None, "interpolation": interpolation, "printer_lights": options.points}
    profile = load_profile(name).replace(**{field: value for field, value in asked.items() if value is not None})
    shown = profile.display.shown if options.display is None else find(options.display).shown
    if stage != "full" and not is_sdev:
        recipe = _stage_recipe(suffix, stage, taken, size, profile)
        _write_stage_lut(profile, output, shown, options, recipe, stage, density, overwrite)
    elif stage != "full":
        _write_stage(profile, output, shown, options, stage, density, overwrite)
    elif is_sdev:
        _write_sdev(profile, output, shown, options, sampled, overwrite, host)
    else:
        recipe = choose(suffix, host, taken, size, profile.input)
        _write_lut(profile, output, shown, recipe, options, split, overwrite)


def _write_sdev(
    profile: Profile, output: Path, shown: Shown, options: Options, sampled: bool, overwrite: bool, host: str | None
) -> None:
    from lattice.build.device import build_device
    from lattice.export.convert import listed_of
    from lattice.export.write import check_free, write
    from lattice.files import clf
    from lattice.sdev import SDev
    from lattice.sdev.load import load_built

    is_clf = output.suffix.lower() == ".clf"
    if is_clf:
        clf.check_new(output, overwrite)
    else:
        check_free([output], overwrite)
    clf.check_fits(profile.name, shown.gamma)
    with working(f"building {printable(profile.name)}"):
        sdev = SDev.from_device(build_device(profile, sampled)) if sampled else load_built(profile)
    sdev = (sdev if options.display is None else sdev.with_display(shown)).with_exposure(options.exposure)
    sdev = sdev if options.input is None else sdev.with_input(options.input)
    if is_clf:
        sdev.save(output, overwrite)
    else:
        write([output], [listed_of(sdev)], overwrite)
    takes, gives = sdev.provenance["input"], sdev.provenance["output"]
    print(printable(f"{output}: takes linear {takes}, gives {gives}"))
    if host is not None:
        from lattice.export.hosts import hosts

        words = {"curve": "", "primaries": takes, "gives": gives, "size": ""}
        print("\n".join(map(printable, hosts()[host].told("sdev", [output], words))))


def _check_light(output: Path, taken: str) -> None:
    """Raise LatticeError for codes, which a file of an SDev does not take."""
    from lattice.export.recipe import spaces

    space, primaries = spaces(taken)
    if space.is_encoded:
        raise LatticeError(
            f"{output}: an SDev takes linear light, not codes of {space.name}: --input '{primaries}', or "
            f"-o {output.stem}.cube for a LUT of codes"
        )


def _check_nodes(output: Path, is_sdev: bool, is_sampled: bool, has_method: bool, is_split: bool) -> None:
    """Raise LatticeError for options that the nodes of a file do not go with."""
    if not is_sdev and (is_sampled or has_method):
        raise LatticeError(
            f"{output}: its nodes are sampled, for tetrahedral interpolation: leave out "
            + ("--sampled" if is_sampled else "--interpolation")
        )
    if is_split and output.suffix.lower() != ".cube":
        raise LatticeError(f"{output}: --split is for a .cube")


def _check_stage(
    stage: str,
    density: str | None,
    output: Path,
    sampled: bool,
    display: str | None,
    printer_lights: str | None,
    is_whole: bool,
) -> None:
    """Raise LatticeError for options that go with no stage, or only with one."""
    if stage not in get_args(StageName):
        raise LatticeError(f"stage: expected {' or '.join(get_args(StageName))}, got {stage!r:.60}")
    if stage == "full":
        if density is not None:
            raise LatticeError("--density is of a stage: add --stage negative or --stage print")
        return
    if output.suffix.lower() == ".ctf":
        raise LatticeError(f"{output}: a stage is written as a .clf, or as a LUT")
    if sampled:
        raise LatticeError("--sampled: a stage is of the fitted look: leave it out")
    if stage == "negative" and display is not None:
        raise LatticeError("--display: a negative gives densities for no display: it goes with --stage print")
    if stage == "negative" and printer_lights is not None:
        raise LatticeError("--printer-lights: go with the print: add them to --stage print")
    if is_whole:
        raise LatticeError("--for and --split are of whole looks: leave them out with --stage")


def _write_stage(
    profile: Profile, output: Path, shown: Shown, options: Options, stage: str, density: str | None, overwrite: bool
) -> None:
    from lattice.color.displays import table_of
    from lattice.export.write import write
    from lattice.files import clf
    from lattice.sdev import SDev
    from lattice.sdev.load import load_stage

    clf.check_new(output, overwrite)
    name, coded = cast(StageName, stage), cast(DensityName, density or "adx16")
    with working(f"building {printable(profile.name)}"):
        made = load_stage(profile.replace(display=table_of(shown)), name, coded)
    made = made.with_exposure(options.exposure)
    made = made if options.input is None else made.with_input(options.input)
    if isinstance(made, SDev):
        made.save(output, overwrite)
    else:
        write([output], [made], overwrite)
    facts = made.provenance
    takes = facts.get("takes", f"linear {facts.get('input')}")
    print(printable(f"{output}: takes {takes}, gives {facts['output']}"))
    print(printable(f"densities {facts['densities']}"))


def _stage_recipe(suffix: str, stage: str, taken: str | None, size: int | None, profile: Profile) -> Recipe:
    """Return what a stage's LUT is; of a print, suffix and size count. Raises LatticeError for what goes with none."""
    from lattice.export.recipe import FORMS, LOG, choose

    if stage == "print" and taken is not None:
        raise LatticeError("--input: a print takes printing density, not light: leave it out")
    asked = taken if taken or FORMS[suffix].shaper != "none" else LOG
    return choose(suffix, None, asked, size, profile.input)


def _write_stage_lut(
    profile: Profile,
    output: Path,
    shown: Shown,
    options: Options,
    recipe: Recipe,
    stage: str,
    density: str | None,
    overwrite: bool,
) -> None:
    from lattice.color.displays import table_of
    from lattice.export.stages import check_density, export_stage
    from lattice.inspect.scenes import colors
    from lattice.sdev.density import encoding_of
    from lattice.sdev.load import load_stage

    coded = cast(DensityName, density or "adx16")
    check_density(encoding_of(coded), stage == "print", output)
    with working(f"building {printable(profile.name)}"):
        whole = profile.replace(display=table_of(shown))
        negative = load_stage(whole, "negative", coded)
        made = negative if stage == "negative" else load_stage(whole, "print", coded)
        made = made.with_exposure(options.exposure)
        negative = negative if stage == "print" else made
        lines = export_stage(negative, made, recipe, output, colors(profile), overwrite)
    for line in lines:
        print(printable(line))


def _write_lut(
    profile: Profile, output: Path, shown: Shown, recipe: Recipe, options: Options, split: bool, overwrite: bool
) -> None:
    from lattice.color.displays import table_of
    from lattice.export.bake import of_profile
    from lattice.export.looks import export
    from lattice.inspect.scenes import colors

    with working(f"sampling {printable(profile.name)}"):
        source = of_profile(profile.replace(display=table_of(shown)), options.exposure)
        lines = export(source, colors(profile), recipe, output, split, overwrite)
    for line in lines:
        print(printable(line))
