"""Plan a show: every shot on its own, in one budget; a shot that cannot start does not stop the others."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from lattice.files.storage import sequence
from lattice.files.storage.listing import listed_once
from lattice.files.storage.views import FIELD, found_views, of_view, views_of
from lattice.regrade.frame.session import Session
from lattice.regrade.options import Options
from lattice.regrade.process.memory_budget import Budget
from lattice.regrade.sequence.plan import Plan, check_asked, identity, plan_in, session_for
from lattice.regrade.show.table import Shot
from lattice.sdev import AnySDev, load
from lattice.types import LatticeError

Look = tuple[str, str | None, str | None]  # as `Shot.look`


@dataclass(frozen=True)
class PlannedShot:
    """A shot and its plan; why it cannot start if `plan` is None."""

    shot: Shot
    plan: Plan | None
    why: str = ""


def plan_show(shots: Sequence[Shot]) -> tuple[PlannedShot, ...]:
    """Plan every shot; nothing is written.

    The shots share memory and threads, those of the first one's options. A shot whose look or frames are refused, or
    whose output is an input or an output of another shot, has no plan but the reason. Raises nothing for one shot.
    """
    looks: dict[Look, AnySDev | LatticeError] = {}
    sessions: dict[tuple[Look, Options], tuple[Session, tuple[str, ...]]] = {}
    budget = Budget(shots[0].options.memory)
    planned = []
    with listed_once():
        for shot, refusal in each_view(shots):
            try:
                if refusal is not None:
                    raise refusal
                planned.append(PlannedShot(shot, _planned(shot, looks, sessions, budget)))
            except LatticeError as error:
                planned.append(PlannedShot(shot, None, str(error)))
        return _apart(planned)


def each_view(shots: Iterable[Shot]) -> Iterator[tuple[Shot, LatticeError | None]]:
    """Yield each shot, or those of its views; with it, why its views cannot be found, or None."""
    for shot in shots:
        try:
            views = shots_of_views(shot) or (shot,)
        except LatticeError as error:
            yield shot, error
        else:
            yield from ((each, None) for each in views)


def shots_of_views(shot: Shot) -> tuple[Shot, ...]:
    """Return a shot for each view whose files are on disk, where the input's pattern has `%V` or `%v`; else none.

    Each is called after its view, or after the shot and the view. `options.views` names the views to take.
    Raises LatticeError if such a view has no files, or the output no place for the view.
    """
    views = views_of(shot.source, shot.options.views)
    absent = [view for view in shot.options.views if views and view not in views]
    if absent:
        raise LatticeError(f"{shot.source}: views: expected {' or '.join(views)}, got {absent[0]}")
    options = replace(shot.options, views=()) if views else shot.options
    name = shot.name if FIELD.search(shot.name) else f"{shot.name}.%V".lstrip(".")
    return tuple(
        replace(
            shot,
            name=view.join(FIELD.split(name)),
            source=of_view(shot.source, view),
            target=of_view(shot.target, view),
            options=options,
        )
        for view in shot.options.views or views
        if view in views
    )


def _planned(
    shot: Shot,
    looks: dict[Look, AnySDev | LatticeError],
    sessions: dict[tuple[Look, Options], tuple[Session, tuple[str, ...]]],
    budget: Budget,
) -> Plan:
    if shot.look not in looks:
        try:
            looks[shot.look] = load(*shot.look)
        except LatticeError as error:
            looks[shot.look] = error
    sdev = looks[shot.look]
    if isinstance(sdev, LatticeError):
        raise sdev
    key = (shot.look, shot.options)
    if key not in sessions:
        sessions[key] = session_for(sdev, shot.options)
        sessions[key][0].budget = budget
    session, notes = sessions[key]
    settled = replace(plan_in(session, shot.source, shot.target, shot.frames, notes), name=shot.name)
    check_asked(settled)
    return settled


def _apart(planned: Sequence[PlannedShot]) -> tuple[PlannedShot, ...]:
    """Take the plan from each shot that writes over an input of any other shot, also of one that cannot start, or over
    an output of an earlier one."""
    inputs: dict[object, dict[int, str]] = {}
    for number, each in enumerate(planned):
        for path in _inputs(each):
            inputs.setdefault(identity(path), {})[number] = each.shot.name
    outputs: dict[object, str] = {}
    apart = []
    for number, each in enumerate(planned):
        why = "" if each.plan is None else _clash(number, each.plan, inputs, outputs)
        apart.append(PlannedShot(each.shot, None, why) if why else each)
    return tuple(apart)


def _inputs(each: PlannedShot) -> list[Path]:
    """Return the files that a shot reads, and the other frames of its pattern."""
    read = [] if each.plan is None else [job.source for job in each.plan.jobs]
    with suppress(LatticeError):  # the pattern of a shot that cannot start
        source = each.shot.source
        for pattern in [of_view(source, view) for view in found_views(source)] or [source]:
            read += sequence.files_of(pattern)
    return read


def _clash(number: int, plan: Plan, inputs: dict[object, dict[int, str]], outputs: dict[object, str]) -> str:
    own = {identity(job.target): job.target for job in plan.jobs}
    for key, target in own.items():
        readers = [name for shot, name in inputs.get(key, {}).items() if shot != number]
        if readers or key in outputs:
            other = f"input of shot {readers[0]}" if readers else f"output of shot {outputs[key]}"
            return f"{os.fspath(target)}: expected an output of its own, got an {other}"
    outputs.update(dict.fromkeys(own, plan.name))
    return ""
