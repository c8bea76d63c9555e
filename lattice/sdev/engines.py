"""Choose an engine, by its name and by whether the image is on a GPU. Nothing else chooses one."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache, partial
from typing import get_args

from lattice.choices import Engine as Engine
from lattice.errors import did_you_mean
from lattice.interp import native, reference, shader
from lattice.interp.threads import cores
from lattice.process_list import ProcessList
from lattice.types import Interpolation, LatticeError, Pixels, SDevData

ENGINES = get_args(Engine)
ON_GPU = ("auto", "cuda")  # engines that accept CuPy arrays
Run = Callable[[Pixels, Pixels, Interpolation], None]  # image, out, interpolation


def check_engine(name: object) -> None:
    """Raise LatticeError unless `name` is the name of an engine."""
    if not isinstance(name, str) or name not in ENGINES:
        raise LatticeError(
            f"engine: expected {', '.join(ENGINES[:-1])} or {ENGINES[-1]}, got {name!r}" + did_you_mean(name, ENGINES)
        )


def runner(device: SDevData, name: Engine, on_gpu: bool = False) -> Run:
    """Prepare an SDev for an engine once; return the function that applies it to images.

    on_gpu: True for CuPy arrays. Raises LatticeError if the engine is unknown, cannot run here, or cannot take the SDev
    or such images.
    """
    check_engine(name)
    if on_gpu:
        if name not in ON_GPU:
            raise LatticeError(f"engine: expected {' or '.join(ON_GPU)} for a picture on a GPU, got {name!r}")
        from lattice.gpu import engine

        return partial(engine.run, device)
    if name == "cuda":
        from lattice.gpu import engine, transfer

        engine.plan(device)
        return partial(transfer.run, device)
    if arithmetic(device, name) == "numpy":
        return partial(reference.apply, device)
    if not native.takes(device):
        raise LatticeError(f"engine: native takes lattices up to {shader.MOST_NODES}^3, got {device.lattice.size}^3")
    return native.runner(device)


def process_runner(device: ProcessList, name: Engine, on_gpu: bool = False) -> Run:
    """Prepare a process list for an engine once; return the function that applies it to images.

    Its interpolation is that of every lattice. Raises LatticeError as `runner`, and for a GPU.
    """
    check_engine(name)
    if on_gpu or name == "cuda":
        raise LatticeError(
            f"engine: {device.name} is a list of process nodes, which a GPU does not run: as one lattice it does, by "
            "lattice convert FILE FILE.clf --fit"
        )
    from lattice.interp import native_process, process

    if arithmetic(device, name) == "numpy":
        listed = cache(device.with_interpolation)
        return lambda image, out, method: process.apply(listed(method), image, out)
    if not native_process.takes(device):
        raise LatticeError(
            "engine: native runs no inverse of a LUT and no curve that keeps hues, and "
            f"{device.name} has one: expected numpy or auto"
        )
    prepared = cache(lambda method: native_process.runner(device.with_interpolation(method)))
    prepared(device.interpolation)
    return lambda image, out, method: prepared(method)(image, out)


def arithmetic(device: SDevData | ProcessList, name: Engine) -> str:
    """Return "numpy" or "fused": engines with the same value give the same bits.

    Raises LatticeError for an unknown engine.
    """
    check_engine(name)
    here = native.unavailable_reason() is None or native.is_asked_for()
    return "fused" if name in ("native", "cuda") or (name == "auto" and here and _native_takes(device)) else "numpy"


def _native_takes(device: SDevData | ProcessList) -> bool:
    if not isinstance(device, ProcessList):
        return native.takes(device)
    from lattice.interp import native_process

    return native_process.takes(device)


def no_gpu_reason() -> str | None:
    """Return why engine "cuda" cannot run here, or None if it can. Raises LatticeError if CUDA is there but fails."""
    from lattice.gpu import engine

    return engine.unavailable_reason()


def engine_facts() -> tuple[str, ...]:
    """Return lines that state which engines run here and why.

    Raises LatticeError if LATTICE_NATIVE names an instruction set that does not run here.
    """
    return (*_cpu_facts(), _gpu_fact(), f"threads    {cores()}")


def _cpu_facts() -> tuple[str, ...]:
    reason = native.unavailable_reason()
    if reason is not None:
        is_used = "in use, native is not here" if not native.is_asked_for() else "not in use, native is asked for"
        return (f"numpy      {is_used}: {reason}",)
    used = native.in_use()
    why = f"asked for by {native.FORCE}" if os.environ.get(native.FORCE) else "the fastest of this processor"
    sets = [
        f"  {name:8} " + (f"in use, {why}" if name == used else "runs here" if here else "this processor lacks it")
        for name, here in native.instruction_sets().items()
    ]
    return ("native     in use", *sets, "numpy      the definition; runs everywhere")


def _gpu_fact() -> str:
    try:
        reason = no_gpu_reason()
    except LatticeError as error:
        reason = str(error)
    if reason is not None:
        return f"cuda       not here: {reason}"
    from lattice.gpu import engine

    return f"cuda       {engine.name()}, for pictures that lie there, and where asked for"
