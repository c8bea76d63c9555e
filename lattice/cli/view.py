"""The sub-command `view`: shots in the browser, through SDevs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from lattice.cli.app import NUMBER, SIGNALLED, Command, app, look_names
from lattice.cli.record_options import Gives, Takes, with_options
from lattice.errors import LatticeError, printable
from lattice.regrade.options import Options
from lattice.regrade.sequence.signals import stop_on_signals

if TYPE_CHECKING:
    from lattice.regrade.sequence.signals import Stop
    from lattice.view.kept import Frames
    from lattice.view.place import Place
    from lattice.view.pool import Pool
    from lattice.view.session import Slots

MEMORY = "1G"
PATIENCE = 0.4  # seconds that threads may take to end
TAKEN = ("input", "transfer", "memory")  # the fields of Options that have a meaning here


@app.command(cls=Command)
@with_options(
    *(each.name for each in fields(Options) if each.name not in TAKEN),
    memory=f"The most memory of the program, for pictures that are kept and frames in reading; {MEMORY} by default",
)
def view(
    shots: Annotated[
        list[str],
        typer.Argument(metavar="SHOT...", help="Shots such as in.####.exr (%04d, @ and $F4 work too), or single files"),
    ],
    options: Options,
    sdev: Annotated[
        Optional[list[str]],
        typer.Option(
            "--sdev",
            "-s",
            autocompletion=look_names,
            help="Looks of slots 1 to 9: names, profiles .toml or LUT files, as in vision,premier; repeatable",
        ),
    ] = None,
    takes: Takes = None,
    gives: Gives = None,
    layer: Annotated[Optional[str], typer.Option(help="The layer to show first; the beauty by default")] = None,
    author: Annotated[
        Optional[str],
        typer.Option(help="Open the authoring panel; the page saves to this .toml, which is edited if it is there"),
    ] = None,
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one", **NUMBER)] = 0,
    host: Annotated[
        Optional[str],
        typer.Option(help="A name or address of this machine for other machines' browsers; needs TLS", metavar="NAME"),
    ] = None,
    tls_cert: Annotated[Optional[str], typer.Option(help="The certificate, PEM", metavar="FILE")] = None,
    tls_key: Annotated[Optional[str], typer.Option(help="The certificate's key, PEM", metavar="FILE")] = None,
    insecure_host: Annotated[
        bool, typer.Option("--insecure-host", help="Let --host send pictures and the token in the clear")
    ] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the link")] = False,
) -> None:
    """Show shots in the browser, through looks, at full dynamic range; pull film curves and save them."""
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise LatticeError(f"lattice view needs more libraries: pip install '.[view]' ({error})") from None
    from lattice.view.place import Place

    place = Place(host, port, tls_cert, tls_key, insecure_host)
    place.check()
    make = partial(_slots, tuple(sdev or ()), author, takes, gives)
    raise typer.Exit(_run(shots, options, place, make, layer, no_browser))


def _slots(sdevs: tuple[str, ...], author: str | None, takes: str | None, gives: str | None) -> Slots:
    from lattice.view.session import Slots, slot_names

    return Slots(slot_names(sdevs), author, takes, gives)


def _run(
    shots: list[str],
    options: Options,
    place: Place,
    make_slots: Callable[[], Slots],
    layer: str | None,
    no_browser: bool,
) -> int:
    """Serve until a signal comes; return the exit code. The first frame, the first look and the browser load at once,
    side by side with the server."""
    from lattice.regrade.process.malloc import retain_freed_memory
    from lattice.regrade.process.memory_budget import frames_memory
    from lattice.view.frames import read_headers
    from lattice.view.kept import Frames, Want
    from lattice.view.place import open_browser
    from lattice.view.pool import Pool
    from lattice.view.shots import check_layer, find_shot

    found = [find_shot(each, lambda path: read_headers(path, options)) for each in shots]
    check_layer(layer, found[0])
    retain_freed_memory()
    frames, pool = Frames(found, options.memory or frames_memory(MEMORY), options), Pool()
    with stop_on_signals() as stop, _ended(frames, pool, stop):
        pool.run(lambda: frames.get(Want(0, 0, layer or "")))
        from lattice.view.references import Reference

        slots = make_slots()
        listener = place.listen()
        door = place.door(listener.getsockname()[1])
        print(f"{printable(door.link(door.token))}  (Ctrl-C stops it)", flush=True)
        if not no_browser:
            open_browser(door.link(door.once[0]))
        pool.run(lambda: slots.sdev(Reference(1)).prepare())
        from lattice.view.answers import Room
        from lattice.view.serve import serve

        with closing(slots):
            serve(Room(frames, slots, pool, layer or ""), listener, door, place, stop)
    return SIGNALLED + (stop.signal or 0)


@contextmanager
def _ended(frames: Frames, pool: Pool, stop: Stop) -> Iterator[None]:
    """End the threads after the block; end the program if one of them hangs on a disk after a stop."""
    try:
        yield
    finally:
        frames.close(0)
        pool.close(PATIENCE)
        if stop() and not (frames.close(0) and pool.close(0)):
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(SIGNALLED + (stop.signal or 0))
