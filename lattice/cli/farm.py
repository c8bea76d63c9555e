"""Sub-commands for farms: `lattice farm script` and `lattice farm openjd`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from lattice.cli.words import app
from lattice.errors import LatticeError

farm = typer.Typer(help="Write an array job or an Open Job Description template for a farm.", no_args_is_help=True,
                   rich_markup_mode=None)
app.add_typer(farm, name="farm")

Words = Annotated[list[str], typer.Argument(metavar="-- IN OUT --sdev LOOK ...", help="All that `lattice regrade` is "
                                            "told")]
Output = Annotated[Path, typer.Option("--output", "-o", help="The file to write")]
Chunk = Annotated[int, typer.Option(help="Frames a task")]
Cores = Annotated[Optional[int], typer.Option(help="Cores a task")]
Walltime = Annotated[Optional[str], typer.Option(help="HH:MM:SS a task")]
Queue = Annotated[Optional[str], typer.Option(help="The queue or partition")]


@farm.command()
def script(words: Words, output: Output, slurm: Annotated[bool, typer.Option("--slurm")] = False,
           lsf: Annotated[bool, typer.Option("--lsf")] = False, pbs: Annotated[bool, typer.Option("--pbs")] = False,
           htcondor: Annotated[bool, typer.Option("--htcondor")] = False, chunk: Chunk = 10, cores: Cores = None,
           walltime: Walltime = None, queue: Queue = None) -> None:
    """Write an array job, a task for each chunk of frames: lattice farm script --slurm -o job.sh -- IN OUT ..."""
    from lattice.regrade import farm as scripts

    asked = {"slurm": slurm, "lsf": lsf, "pbs": pbs, "htcondor": htcondor}
    kinds = [name for name, wanted in asked.items() if wanted]
    if len(kinds) != 1:
        raise LatticeError(f"expected one of {', '.join('--' + name for name in asked)}, got {len(kinds)}")
    _write(output, scripts.script(kinds[0], _task(words, chunk, cores, walltime, queue)))


@farm.command()
def openjd(words: Words, output: Output, chunk: Chunk = 10, cores: Cores = None) -> None:
    """Write an Open Job Description template: lattice farm openjd -o job.json -- IN OUT ..."""
    from lattice.regrade import farm as scripts

    _write(output, scripts.openjd(_task(words, chunk, cores, None, None)))


def _write(output: Path, text: str) -> None:
    from lattice.files import atomic

    atomic.replace(output, [text.encode("utf-8", "surrogateescape")], verify=lambda _: None)
    print(output)


def _task(words: list[str], chunk: int, cores: int | None, walltime: str | None, queue: str | None) -> Any:
    """The task that runs these words, which are checked as `lattice regrade` would check them."""
    from lattice.files import sequence
    from lattice.regrade.farm import Task, chunks
    from lattice.regrade.memory import parse_size
    from lattice.regrade.missing import frames_asked

    told = _parsed(words)
    asked = frames_asked(told["source"], told["frames"], told["missing"])
    found = sequence.find(told["source"], asked)
    if found[0].frame is None:
        raise LatticeError(f"{told['source']}: expected a frame field such as ####, got a plain file")
    memory = None if told["memory"] is None else parse_size(told["memory"])
    return Task(tuple(_without_frames(words)), chunks([f.frame for f in found if f.frame is not None], chunk), cores,
                memory, walltime, queue)


def _parsed(words: list[str]) -> dict[str, Any]:
    command = typer.main.get_command(app)
    regrade = command.commands["regrade"]  # type: ignore[attr-defined]  # it is a group
    told: dict[str, Any] = regrade.make_context("lattice regrade", list(words)).params
    return told


def _without_frames(words: list[str]) -> list[str]:
    kept, left = [], iter(words)
    for word in left:
        if word == "--frames":
            next(left, None)
        elif not word.startswith("--frames="):
            kept.append(word)
    return kept
