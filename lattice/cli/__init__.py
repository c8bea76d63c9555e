"""The command line: one thin function for each sub-command.

Exit codes: 0 all done, 1 some work failed (the rest is done), 2 wrong use or input, 130 stopped by Ctrl-C, 143 by
SIGTERM (frames in work are finished, and the same command does the rest).
"""

from __future__ import annotations

import os
import re
import sys
import warnings
from typing import Annotated

import typer

from lattice import __version__
from lattice.cli.app import DONE, FAILED, SIGNALLED, WRONG_USE, ClickException, app, load_commands, outline, usage_line
from lattice.cli.streams import lost, patient
from lattice.errors import LatticeError, LatticeWarning, printable

__all__ = ["app", "main"]
SIGINT = 2
OF_PYTHON = re.compile(r" \(in Python: [^)]*\)")  # what to type there, and not here


def main() -> None:
    """Run the command line. What the user can mend is one line on stderr; so is output that could not be printed."""
    sys.stdout, sys.stderr = patient(sys.stdout), patient(sys.stderr)
    warnings.formatwarning = _as_note
    code = _run()
    if (why := lost()) is not None:
        _say(f"standard output could not be written: {why}")
        code = code or FAILED
    sys.exit(code)


def _run() -> int:
    """Run the command; return its exit code."""
    words = sys.argv[1:]
    load_commands(*words[:1])
    try:
        asked = outline() if words == ["--help"] else app
        return asked(list(map(_with_home, words)), standalone_mode=False, prog_name="lattice") or DONE
    except LatticeError as error:
        _say(OF_PYTHON.sub("", str(error)))
    except ClickException as error:
        return _refuse(error)
    except typer.Abort:
        return SIGNALLED + SIGINT
    except MemoryError:
        _say("out of memory; smaller pictures, fewer --threads or a larger limit (ulimit -v) would do")
    except RuntimeError as error:
        if "start new thread" not in str(error):  # CPython says no more than that
            raise
        _say("the system starts no more threads; fewer --threads or a larger limit (ulimit -u, ulimit -v) would do")
    except OSError as error:
        _say(_of_the_system(error))
    return WRONG_USE


def _with_home(word: str) -> str:
    if not word.startswith("~/"):
        return word
    from lattice.files.storage.sequence import with_home

    return with_home(word)


def _refuse(error: Exception) -> int:
    """Say what Typer refuses; a command without arguments gets its help instead."""
    if type(error).__name__.startswith("NoArgsIsHelp"):
        error.show()  # type: ignore[attr-defined]  # Typer's
    else:
        _say(usage_line(error))
    return WRONG_USE


def _of_the_system(error: OSError) -> str:
    try:
        os.getcwd()
    except OSError:
        return "the working folder is gone; cd to one that exists, or give absolute paths"
    return f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)


def _say(text: str) -> None:
    print(f"lattice: {printable(text)}", file=sys.stderr)


def _as_note(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    if issubclass(category, LatticeWarning):
        return f"lattice: {printable(message)}\n"
    return f"{filename}:{lineno}: {category.__name__}: {message}\n"


def _version(wanted: bool) -> None:
    if wanted:
        print(f"lattice {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    pass
