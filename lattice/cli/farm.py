"""Sub-commands for farms: `lattice farm script` and `lattice farm openjd`."""

from __future__ import annotations

import os
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from lattice.cli.app import NUMBER, Command, Group, Overwrite, app, load_commands, load_sdev, needed, typed
from lattice.cli.record_options import PARAMETERS, options_of
from lattice.errors import LatticeError, printable
from lattice.regrade.farm.environment import travelling
from lattice.regrade.options import Options

if TYPE_CHECKING:
    from lattice.regrade.farm.array_jobs import Task
    from lattice.regrade.show.table import Shot

farm = typer.Typer(
    cls=Group,
    help="Write an array job or an Open Job Description template for a farm.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(farm, name="farm")

Told = dict[str, Any]  # values from the command line, by parameter name
Words = Annotated[list[str], typer.Argument(metavar="-- IN OUT --sdev LOOK ...", help="Arguments of `lattice regrade`")]
Output = Annotated[Path, typer.Option("--output", "-o", help="The file to write")]
Chunk = Annotated[int, typer.Option(help="Frames of each task", **NUMBER)]
Cores = Annotated[Optional[int], typer.Option(help="Cores of each task, and the most that it uses", **NUMBER)]
Walltime = Annotated[Optional[str], typer.Option(help="Time limit of each task, HH:MM:SS")]
Queue = Annotated[Optional[str], typer.Option(help="The queue or partition")]

OF_LOOKS = {"sdev", "takes", "gives"}
OF_OPTIONS = {PARAMETERS.get(each.name, each.name) for each in fields(Options)}
OF_TASKS = {"source", "target", "frames"} | OF_LOOKS | OF_OPTIONS
OF_JOBS = ("queue", "walltime")  # written before `--`
SCRIPT_SUFFIXES = ("", ".sh", ".bash", ".job", ".slurm", ".lsf", ".pbs", ".sub", ".condor")
TEMPLATE_SUFFIXES = ("", ".json", ".template", ".yaml", ".yml")  # YAML holds JSON


class _AfterDashes(Command):
    """A command that names the missing `--` before the arguments of `lattice regrade`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if "--" not in args and "--help" not in args:
            raise LatticeError(f"-- is missing before IN: lattice farm {ctx.info_name} -o FILE -- IN OUT --sdev LOOK")
        return super().parse_args(ctx, args)


@farm.command(cls=_AfterDashes)
def script(
    words: Words,
    output: Output,
    slurm: Annotated[bool, typer.Option("--slurm")] = False,
    lsf: Annotated[bool, typer.Option("--lsf")] = False,
    pbs: Annotated[bool, typer.Option("--pbs")] = False,
    htcondor: Annotated[bool, typer.Option("--htcondor")] = False,
    chunk: Chunk = 10,
    cores: Cores = None,
    walltime: Walltime = None,
    queue: Queue = None,
    overwrite: Overwrite = False,
) -> None:
    """Write an array job, a task for each chunk of frames: lattice farm script --slurm -o job.sh -- IN OUT ..."""
    from lattice.regrade.farm import array_jobs

    asked = {"slurm": slurm, "lsf": lsf, "pbs": pbs, "htcondor": htcondor}
    kinds = [name for name, wanted in asked.items() if wanted]
    if len(kinds) != 1:
        flags = ["--" + name for name in kinds or asked]
        raise LatticeError(f"{' and '.join(flags)}: name one scheduler" if kinds else f"add {' or '.join(flags)}")
    _check_output(output, SCRIPT_SUFFIXES, overwrite)
    task = _task(words, chunk, cores, walltime, queue)
    _write(output, array_jobs.script(kinds[0], task), overwrite)
    if (note := array_jobs.array_note(kinds[0], task)) is not None:
        _note(note)


@farm.command(cls=_AfterDashes)
def openjd(words: Words, output: Output, chunk: Chunk = 10, cores: Cores = None, overwrite: Overwrite = False) -> None:
    """Write an Open Job Description template: lattice farm openjd -o job.json -- IN OUT ..."""
    from lattice.regrade.farm.openjd import template

    _check_output(output, TEMPLATE_SUFFIXES, overwrite)
    _write(output, template(_task(words, chunk, cores, None, None)), overwrite)


def _check_output(output: Path, suffixes: tuple[str, ...], overwrite: bool) -> None:
    """Raise LatticeError if the file is another kind's by its name, or is there and may not be replaced."""
    if output.suffix.lower() not in suffixes:
        raise LatticeError(f"-o {output}: expected a name ending in {', '.join(filter(None, suffixes))} or in none")
    if os.path.lexists(output) and not overwrite:
        raise LatticeError(f"-o {output} is there already: add --overwrite to replace it")


def _write(output: Path, text: str, overwrite: bool) -> None:
    from lattice.files.storage import atomic

    data = text.encode("utf-8", "surrogateescape")
    atomic.make(output, lambda part: atomic.gather(part, [data]), lambda _: None, is_new=not overwrite)
    print(printable(output))


def _note(text: str) -> None:
    from lattice.regrade.sequence.progress import say

    say(f"lattice: {text}", is_error=True)


def _task(words: list[str], chunk: int, cores: int | None, walltime: str | None, queue: str | None) -> Task:
    """Return the task that runs these words, after the checks of `lattice regrade`."""
    from lattice.regrade.farm.array_jobs import Task, chunks

    context = _parsed(words)
    options = _options(context.params)
    again = _spelled(context)
    given = {option.name for option in _given(context)}
    for name in ("threads", "cores"):
        again += [f"--{name}", str(cores)] if cores is not None and name not in given else []
    frames = _planned(context.params, options)
    return Task(tuple(again), chunks(frames, chunk), cores, options.memory, walltime, queue, _command(), travelling())


def _parsed(words: list[str]) -> typer.Context:
    """Return the context of `lattice regrade` for these words. Raises LatticeError for options that no task has."""
    load_commands("regrade")
    command = typer.main.get_command(app)
    regrade = command.commands["regrade"]  # type: ignore[attr-defined]  # the app's command is a group
    context = regrade.make_context("lattice regrade", list(words))
    for option in _given(context):
        if option.name not in OF_TASKS:
            wanted = "write it before --" if option.name in OF_JOBS else "leave it out: a task runs the plain command"
            raise LatticeError(f"{option.opts[0]} after --: {wanted}")
    for name, shown in (("source", "IN"), ("target", "OUT"), ("sdev", "--sdev")):
        needed(context.params[name], shown)
    return context


def _given(context: typer.Context) -> list[Any]:
    """Return the options that the words contain, without defaults."""
    options = [option for option in context.command.params if option.param_type_name == "option"]
    return [option for option in options if typed(context, str(option.name))]


def _spelled(context: typer.Context) -> list[str]:
    """Return equivalent words, without --frames and with absolute paths: a farm task runs in another folder."""
    from lattice.files.storage.sequence import plain_pattern
    from lattice.sdev.grade import is_correction
    from lattice.sdev.load import is_file

    told = context.params
    words = [_absolute(plain_pattern(told["source"])), _absolute(told["target"])]
    for option in _given(context):
        value = told[option.name]
        if option.name == "frames":
            continue
        if option.is_flag:
            words.append((option.opts if value else option.secondary_opts)[0])
            continue
        if (option.name == "sdev" and is_file(value)) or (option.name == "grade" and is_correction(value)):
            value = _absolute(value)
        for each in value if option.multiple else [value]:
            words += [option.opts[0], str(each)]
    return words


def _absolute(path: str) -> str:
    return os.fspath(Path(path).absolute())  # keeps `..`, which may lead out of a linked folder


def _options(told: Told) -> Options:
    return options_of(**{each.name: told[PARAMETERS.get(each.name, each.name)] for each in fields(Options)})


def _planned(told: Told, options: Options) -> list[int]:
    """Return the frames to do, of all views, on disk or not yet, after all checks of `lattice regrade` before its first
    frame."""
    from lattice.regrade.show.plan import shots_of_views
    from lattice.regrade.show.table import Shot

    look = {name: told[name] for name in OF_LOOKS}
    shot = Shot("", told["source"], told["target"], frames=told["frames"], options=options, **look)
    return sorted({frame for each in shots_of_views(shot) or (shot,) for frame in _frames(each)})


def _frames(shot: Shot) -> list[int]:
    from lattice.files.storage import sequence
    from lattice.regrade import plan
    from lattice.regrade.sequence.missing import frames_asked

    asked = frames_asked(shot.source, shot.frames, shot.options.missing)
    found = sequence.find(shot.source, asked)
    if found[0].frame is None:
        raise LatticeError(f"{shot.source}: expected a frame field such as ####, got a plain file, which needs no farm")
    absent = [each.frame or 0 for each in found if not os.path.lexists(each.path)]
    if absent and shot.options.missing == "error":
        _note(f"missing frames fail their tasks unless they come first: {sequence.frame_range(absent)}")
    # A frame missing now may exist when a task runs, and the task's machine may have a GPU that this one lacks.
    engine = "auto" if shot.options.engine == "cuda" else shot.options.engine
    here = replace(shot.options, missing="error", engine=engine)
    sdev = load_sdev(shot.sdev, shot.options.points, shot.takes, shot.gives)
    settled = plan(sdev, shot.source, shot.target, asked, here)
    for note in settled.notes:
        _note(note)
    if settled.refused and os.path.lexists(settled.jobs[0].source):
        _note(f"as it is now, the first frame is {settled.lines[0]}")
    return [each.frame for each in found if each.frame is not None]


def _command() -> tuple[str, ...]:
    """Return the words that start this same program from any folder and with any PATH."""
    beside = Path(sys.executable).with_name("lattice")
    return (str(beside),) if os.access(beside, os.X_OK) else (sys.executable, "-m", "lattice.cli")
