"""The sub-commands `sheet` and `watch`: one picture through looks, in a PNG, without a browser."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Optional

import typer

from lattice.cli.app import NUMBER, SIGNALLED, Command, Overwrite, app, look_names
from lattice.cli.record_options import Gives, Takes, with_options
from lattice.errors import LatticeError, printable
from lattice.regrade.options import Options
from lattice.regrade.sequence.signals import stop_on_signals

Picture = Annotated[str, typer.Argument(metavar="IN", help="A picture that regrade reads, or a pattern of frames")]
Layer = Annotated[str, typer.Option("--layer", help="The layer to show; the beauty by default")]
View = Annotated[str, typer.Option("--view", help="The view to show, of a file with several")]
Frame = Annotated[
    Optional[int], typer.Option("--frame", help="The frame of a sequence; its first by default", **NUMBER)
]
Looks = Annotated[
    str,
    typer.Option(
        "--sdev",
        "-s",
        metavar="LOOK,LOOK",
        autocompletion=lambda: [*look_names(), "none"],
        help="Looks, a column each: shipped names, profile .toml or LUT files; none is the picture as it was rendered",
    ),
]
SIZE = re.compile(r"([1-9]\d{0,4})x([1-9]\d{0,4})", re.ASCII)
MOST_CELLS = 400  # pictures of a sheet
LEFT_OUT = [each.name for each in fields(Options) if each.name not in ("input", "transfer")]


@app.command(cls=Command)
@with_options(*LEFT_OUT)
def sheet(
    source: Picture,
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The .png to write")],
    sdev: Looks,
    options: Options,
    takes: Takes = None,
    gives: Gives = None,
    exposure: Annotated[
        str, typer.Option("--exposure", metavar="STOPS,STOPS", help="Exposures, a row each, such as -1,0,1")
    ] = "0",
    layer: Layer = "",
    view: View = "",
    frame: Frame = None,
    width: Annotated[int, typer.Option("--width", help="Pixels across the sheet", **NUMBER)] = 1920,
    overwrite: Overwrite = False,
) -> None:
    """Draw a picture through several looks and exposures on one contact sheet, to compare them."""
    from lattice.files.storage import atomic
    from lattice.regrade.sequence.progress import say
    from lattice.sdev.load import check_among, load_among, only_sdev
    from lattice.view.labels import check_installed
    from lattice.view.plain import NONE, plain
    from lattice.view.sheet import check_target, make_sheet, png_of
    from lattice.view.still import find_still, read_still

    names, stops = _words("sdev", sdev), [_stops(word) for word in _words("exposure", exposure)]
    if len(names) * len(stops) > MOST_CELLS:
        raise LatticeError(f"sheet: expected at most {MOST_CELLS} pictures, got {len(names)} x {len(stops)}")
    check_among(names, takes, gives)
    check_installed("sheet")
    path = find_still(source, frame)
    check_target(target, path, overwrite)
    loaded = read_still(path, layer, view, options)
    sdevs = [plain() if name == NONE else only_sdev(load_among(name, takes, gives, names)) for name in names]
    title = printable("   ".join([path.name, *filter(None, [layer, view])]))
    pixels = make_sheet(loaded, sdevs, stops, title, width)
    made_of = ", ".join(f"{each.name} {each.sha256[:12]}" for each in sdevs)
    atomic.write_new(target, png_of(pixels, printable(f"sheet of {path.name}: {made_of}")), overwrite)
    for note in loaded.notes:
        say(f"lattice: {printable(note)}", is_error=True)
    print(printable(f"{target}: {pixels.shape[1]}x{pixels.shape[0]}"))


@app.command(cls=Command)
@with_options(*LEFT_OUT)
def watch(
    look: Annotated[Path, typer.Argument(metavar="LOOK", help="The profile .toml that is edited")],
    source: Picture,
    output: Annotated[Path, typer.Option("--output", "-o", help="The .png to draw, again and again")],
    options: Options,
    exposure: Annotated[str, typer.Option("--exposure", metavar="STOPS", help="Of the scene before the film")] = "0",
    size: Annotated[
        Optional[str], typer.Option("--size", metavar="WxH", help="The largest picture, such as 1280x720")
    ] = None,
    layer: Layer = "",
    view: View = "",
    frame: Frame = None,
    overwrite: Overwrite = False,
) -> None:
    """Draw a still again whenever the TOML of a look is saved, until Ctrl-C."""
    from lattice.regrade.process.malloc import retain_freed_memory
    from lattice.regrade.sequence.progress import say
    from lattice.view.still import find_still
    from lattice.view.watch import Asked
    from lattice.view.watch import watch as draw_again

    stops, largest = _stops(exposure), None if size is None else _size(size)
    asked = Asked(look, find_still(source, frame), layer, view, options, stops, largest)

    def tell(line: str, is_fault: bool) -> None:
        say(f"lattice: {line}" if is_fault else line, is_error=is_fault)

    retain_freed_memory()
    with stop_on_signals() as stop:
        draw_again(asked, output, overwrite, tell, stop)
    raise typer.Exit(SIGNALLED + (stop.signal or 0))


def _words(option: str, text: str) -> list[str]:
    words = [word.strip() for word in text.split(",")]
    if not all(words):
        raise LatticeError(f"{option}: expected words with a comma between them, got {text!r:.60}")
    return words


def _stops(word: str) -> float:
    from lattice.sdev.asked import checked_stops

    try:
        return checked_stops(float(word))
    except ValueError:
        raise LatticeError(f"exposure: expected stops from -20 to 20, got {word!r:.40}") from None


def _size(text: str) -> tuple[int, int]:
    match = SIZE.fullmatch(text)
    if match is None:
        raise LatticeError(f"size: expected a width and a height from 1 to 99999, such as 1280x720, got {text!r:.40}")
    return int(match[1]), int(match[2])
