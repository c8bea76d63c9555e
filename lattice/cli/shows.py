"""The sub-commands `status` and `ledger`: what became of frames, and what they have cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from lattice.cli.app import DONE, FAILED, Command, app
from lattice.errors import LatticeError, printable
from lattice.regrade.report import MEGA, MOST_REASONS, table

if TYPE_CHECKING:
    from lattice.regrade.show.account import Cost
    from lattice.regrade.show.status import Status

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object")]


@app.command(cls=Command)
def status(
    targets: Annotated[
        Optional[list[str]], typer.Argument(metavar="OUT...", help="Outputs, as given to regrade: out.####.exr")
    ] = None,
    shots: Annotated[Optional[Path], typer.Option(help="A table of shots instead of OUT")] = None,
    frames: Annotated[
        Optional[str], typer.Option(help="Frames that are to be there; by default those of the ledger and on disk")
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read every output whole, and its source as the table or ledger names it")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Tell what became of every frame, without grading; exit code 0 only if all are done."""
    if bool(targets) == (shots is not None):
        raise LatticeError("expected OUT, such as out.####.exr, or a table of shots: --shots FILE")
    if shots is not None and frames is not None:
        raise LatticeError(f"{shots}: expected frames in the table alone, got --frames {frames}")
    found = _of_table(shots, verify) if shots is not None else _of_targets(targets or [], frames, verify)
    if as_json:
        print(json.dumps({"shots": [each.as_dict() for each in found]}))
    else:
        print("\n".join(printable(line) for each in found for line in _lines(each)))
    raise typer.Exit(DONE if all(each.is_whole for each in found) else FAILED)


def _of_targets(targets: list[str], frames: str | None, verify: bool) -> list[Status]:
    """Return the status of each target; of one among others that nothing is known of, a status with that fault."""
    from lattice.files.storage.sequence import parse_frames
    from lattice.regrade.show.outputs import each_output
    from lattice.regrade.show.status import Status, status_of

    wanted = None if frames is None else parse_frames(frames)
    found: list[Status] = []
    for target in targets:
        try:
            found += [status_of(each, wanted, verify=verify) for each in each_output([target])]
        except LatticeError as error:
            if len(targets) == 1:
                raise
            found.append(Status(Path(target).name, target, "", {}, {}, (), str(error)))
    return found


def _of_table(path: Path, verify: bool) -> list[Status]:
    from lattice.regrade.show.table import read
    from lattice.regrade.show.wanted import statuses_of

    return list(statuses_of(read(path), verify))


def _lines(found: Status) -> list[str]:
    """Return the status as text: the sequence, then a line for each state that has frames."""
    lines = [f"{found.name}  {found.look}".rstrip() + ("  whole" if found.is_whole else "")]
    lines += [f"  {'fault':14} {found.fault}"] if found.fault else []
    for state, frames in found.ranges().items():
        reasons = sorted({found.why[frame] for frame in found.frames[state] if frame in found.why})
        lines.append(f"  {state:14} {frames}" + (f": {reasons[0]}" if reasons else ""))
        lines += [f"  {'':14} {reason}" for reason in reasons[1:MOST_REASONS]]
        if len(reasons) > MOST_REASONS:
            lines.append(f"  {'':14} and {len(reasons) - MOST_REASONS} more reasons; --json has every frame's")
    return lines + [f"  graded now by  {run}" for run in found.runs]


@app.command(cls=Command)
def ledger(
    ledgers: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="out.sdev.jsonl, or the pattern out.####.exr")
    ],
    by: Annotated[str, typer.Option(help="What is summed apart: some of shot,look,host,day; or nothing")] = (
        "shot,look,host,day"
    ),
    as_json: JsonOption = False,
) -> None:
    """Sum what frames have cost: seconds, CPU seconds and bytes, by shot, look, host and day (of UTC)."""
    from lattice.files.storage.sequence import beside
    from lattice.regrade.sequence.ledger import SUFFIX
    from lattice.regrade.show.account import Cost, costs
    from lattice.regrade.show.outputs import each_output

    names = tuple(name.strip() for name in by.split(",") if name.strip())
    found = costs([beside(each, SUFFIX) or Path(each) for each in each_output(ledgers)], names)
    if as_json:
        print(json.dumps([dict(zip(names, key, strict=True)) | cost.as_dict() for key, cost in found.items()]))
        return
    every = sum(found.values(), Cost())
    rows = [dict(zip(names, key, strict=True)) | _columns(cost) for key, cost in found.items()]
    every_row = dict.fromkeys(names, "all") | _columns(every)
    print("\n".join(map(printable, table([*rows, every_row] if names else [every_row]).splitlines())))


def _columns(cost: Cost) -> dict[str, str]:
    return {
        "graded": str(cost.graded),
        "failed": str(cost.failed),
        "seconds": f"{cost.seconds:.1f}",
        "CPU seconds": f"{cost.cpu_seconds:.1f}",
        "MB read": f"{cost.bytes_read / MEGA:.1f}",
        "MB written": f"{cost.bytes_written / MEGA:.1f}",
    }
