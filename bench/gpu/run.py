"""The GPU's kernels beside a copy and their peers: `make bench-gpu`, or `--quick` on small pictures.

Checks every kernel first, on random pixels that are new each time, then times, prints the tables and writes them to
bench/RESULTS-GPU.md (with `--quick` it only prints). Needs CuPy and a GPU; what else is not installed is left out.
"""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gpu import card
from gpu import carried as gpu_carried
from gpu import looks as gpu_looks
from gpu import peers as gpu_peers
from gpu import report as gpu_report
from gpu import stack as gpu_stack
from gpu.checks import ALL_KINDS, LAYOUTS, PACKED, PLAIN_KINDS, Checker, Judged
from work import PICTURES, encoded_picture, scene_picture

from lattice.gpu import engine
from lattice.interp import native
from lattice.sdev import SDev
from lattice.types import LatticeError

RESULTS = Path(__file__).parents[1].joinpath("RESULTS-GPU.md")
FRAME, QUICK_FRAME = (2160, 4096), (96, 1024)  # rows, columns
SMALL, QUICK_SMALL = (1080, 1920), (54, 96)


def timed_devices() -> tuple[list[SDev], list[str]]:
    """What is checked and timed, and a line on what is left out."""
    shipped, why = gpu_looks.shipped()
    made_up = [gpu_looks.film_like(), gpu_looks.film_gamma()]
    return (made_up, [why]) if shipped is None else ([*made_up, shipped], [])


def checked(devices: list[SDev]) -> str:
    """Every kernel on small pictures."""
    seed = secrets.randbits(32)
    print(f"checking, seed {seed}", flush=True)
    checker = Checker(seed)
    found: dict[str, Judged] = {}
    for k, device in enumerate([*devices, *gpu_looks.others()]):
        every = (ALL_KINDS, LAYOUTS) if k == 0 else (PLAIN_KINDS, PACKED)
        found[device.name] = checker.device(device, *every)
        print(f"  {device.name}: {found[device.name]}", flush=True)
    return gpu_report.checks(found, checker.runs, seed, native.unavailable_reason() is None)


def stacked(clock: card.Clock, stack: gpu_stack.Stack, devices: list[SDev], encoded: dict[str, Any]) -> Iterator[str]:
    """Half and float32: the stack in one launch, and frame by frame; then the kernels."""
    scenes = {name: scene_picture(picture) for name, picture in encoded.items()}
    rows: list[list[str]] = []
    for kind in (stack, stack.of_frames(stack.height, stack.width, False)):
        pictures = {name: scene.astype(kind.dtype) for name, scene in scenes.items()}
        every = gpu_stack.runs(devices, kind)
        for per, what in ((kind.frames, f"{kind.frames} frames in one launch"), (1, "a launch a frame")):
            measured = gpu_stack.measured(clock, kind, every, per, pictures)
            yield gpu_report.rates_table(
                f"{'half' if kind.half else 'float32'}, {what}", *measured, 2 * kind.pixel_bytes
            )
        rows += gpu_stack.kernels(every, kind)
    yield gpu_report.kernels_table(rows)


def peers(clock: card.Clock, encoded: dict[str, Any]) -> str:
    """The lattice alone."""
    rates: dict[str, dict[str, float]] = {}
    judged: dict[str, tuple[float, float]] = {}
    left_out: dict[str, None] = {}
    for name, picture in encoded.items():
        task = gpu_peers.task_of(picture)
        made, errors, lines = gpu_peers.made(task)
        seconds = clock.seconds({peer.name: peer.run for peer in made})
        rates[name] = {work: task.pixels / spent for work, spent in seconds.items()}
        judged |= {
            peer.name: (max(errors[peer.name], judged.get(peer.name, (0.0,))[0]), peer.tolerance) for peer in made
        }
        left_out |= dict.fromkeys(lines)
    return gpu_report.peers_table(rates, judged, list(left_out))


def sections(frame: tuple[int, int], small: tuple[int, int]) -> Iterator[str]:
    """The report's parts, each as soon as it is measured."""
    yield "\n\n".join(["# The GPU's kernels beside a copy and their peers", card.facts()])
    devices, notes = timed_devices()
    checks = checked(devices)
    clock, (stack, less) = card.Clock(), gpu_stack.make_stack(*frame)
    yield "\n\n".join([gpu_report.how(stack), *notes, *less, checks])
    encoded = {name: encoded_picture(name, *frame) for name in PICTURES}
    yield from stacked(clock, stack, devices, encoded)
    few = gpu_carried.small(stack, scene_picture(encoded_picture("noise", *small)))
    yield gpu_report.latency_table(gpu_carried.latency(clock, devices[0], few), few)
    scene, size = scene_picture(encoded["noise"]), stack.frame_bytes
    del stack, few
    yield gpu_report.carried_table(gpu_carried.carried(devices[0], scene), gpu_carried.bus(size), size)
    yield peers(clock, encoded)
    if clock.late:
        yield f"The host could not keep ahead of the card for: {'; '.join(sorted(clock.late))}."


def main() -> None:
    """Check, time, print, and keep what was printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small pictures, and nothing is written")
    quick = parser.parse_args().quick
    try:
        why = engine.unavailable_reason()
    except LatticeError as error:
        why = str(error)
    if why is not None:
        sys.exit(f"make bench-gpu: there is no GPU to measure: {why}")
    report = []
    for section in sections(*((QUICK_FRAME, QUICK_SMALL) if quick else (FRAME, SMALL))):
        report.append(section)
        print(section, end="\n\n", flush=True)
        if not quick:  # after each, so that what comes later cannot lose it
            RESULTS.write_text("\n\n".join(report) + "\n")


if __name__ == "__main__":
    main()
