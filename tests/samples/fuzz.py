"""Random calls of the native engine: `python tests/samples/fuzz.py COUNT [SEED]`. Prints a line; exits 1 on a finding.

Pictures of any bits, size and memory layout, each with marks around it, go through `SDev.apply` and `native.apply` on
the instruction set that LATTICE_NATIVE names, else on any that is here. Now and then the pixels are held to those of
another set, contiguous and without threads, and the marks are looked at; bad arguments must be refused.
`make sanitize` runs it under the sanitizers, which see every call.
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from random import Random
from typing import Any

import numpy as np
from basics import make_device, plain_table
from native_samples import LAYOUTS, SHOWS, every_half, fill, odd_floats, random_table, window

from lattice.interp import native, threads
from lattice.sdev import SDev
from lattice.types import INTERPOLATIONS, LARGEST_ENTRY, Display, LatticeError, Table

EVERY, BAD_EVERY = 8, 50  # calls: how often pixels and marks are looked at, and bad arguments given
LONGEST, FEW_ROWS = 140, 4  # more than two tiles of the engine
TYPES = (np.float16, np.float32)
MATRICES = (
    np.eye(3),
    np.array([[0.7, 0.4, -0.1], [0.1, 0.8, 0.1], [-0.3, 0.2, 1.1]]),
    np.full((3, 3), LARGEST_ENTRY),
    np.array([[1e9, -1e9, 0], [0, -1e8, 1e8], [1e-39, 0, -2]]),
)


def devices(random: Any) -> list[SDev]:
    """A small pool; nodes and matrices up to the largest, and denormal."""
    found = []
    for i, (exponent, gamma) in enumerate(SHOWS):
        for size, matrix in ((4, MATRICES[i % 4]), (9, MATRICES[i // 4])):
            nodes = random.uniform(-0.2, 1.2, (size, size, size, 3)) * (LARGEST_ENTRY / 2 if i % 4 == 1 else 1)
            table = (plain_table(), random_table(), Table(3 * random_table().values - 1))[i % 3]
            display = Display(exponent, MATRICES[(i + size) % 4], gamma)
            found.append(SDev.from_device(make_device(nodes, INTERPOLATIONS[i % 2], table, display, matrix)))
    return found


class Fuzz:
    """The calls, and what they found."""

    def __init__(self, seed: int) -> None:
        self.choose = Random(seed)
        self.devices = devices(np.random.default_rng(seed))
        self.pools = {kind: pool.reshape(-1) for kind, pool in zip(TYPES, (every_half(), odd_floats()), strict=True)}
        asked = os.environ.get(native.FORCE)
        self.sets = [asked] if asked else [name for name, is_here in native.instruction_sets().items() if is_here]

    def picture(self, shape: Any, kind: Any) -> tuple[Any, Any]:
        """A window of any layout, somewhere in memory that ends right behind it or goes on."""
        choose = self.choose
        margins = choose.choice(((0, 0, 0), (0, 0, 0), (1, 2, 0), (2, 1, 1), (0, 3, 0), (1, 0, 2)))
        layout = choose.choices(("packed", "planar", choose.choice(list(LAYOUTS))), (2, 1, 2))[0]
        return window(shape, kind, layout, margins, choose.choice((0, 0, 1, 2, 16, 31)))

    def call(self, looks: bool) -> str | None:
        """One call; what is wrong with it, if it is looked at."""
        choose = self.choose
        rows = choose.randint(0, LONGEST) if choose.random() < 0.05 else choose.randint(0, FEW_ROWS)
        shape = (rows, choose.randint(0, LONGEST), choose.choice((3, 4)))
        kind, method, sdev = choose.choice(TYPES), choose.choice(INTERPOLATIONS), choose.choice(self.devices)
        view, room = self.picture(shape, kind)
        start = choose.randrange(self.pools[kind].size - view.size) if view.size else 0
        fill(view, room, self.pools[kind][start : start + view.size].reshape(shape))
        out, out_room = view, room
        if choose.random() < 0.6:
            out, out_room = self.picture(shape, choose.choice(TYPES))
            fill(out, out_room, 7)
        before = (np.array(view), out.copy(), out_room.copy(), room.copy()) if looks else None
        os.environ[native.FORCE] = choose.choice(self.sets)
        if choose.random() < 0.5:
            native.apply(sdev, view, out, method)
        else:
            given = None if out.dtype == kind and choose.random() < 0.3 else out
            try:
                made = sdev.apply(view, given, method, engine="native", threads=choose.randint(1, 3))
            except LatticeError as error:
                return f"refused: {shape} {out.dtype} {out.strides}: {error}"
            if given is None:
                out[...] = made
        return None if before is None else self.fault(sdev, method, view, room, out, out_room, before)

    def fault(self, sdev: Any, method: Any, view: Any, room: Any, out: Any, out_room: Any, before: Any) -> str | None:
        image, old_out, old_room, old_input = before
        used, os.environ[native.FORCE] = os.environ[native.FORCE], self.choose.choice(self.sets)
        wanted = np.empty(image.shape, out.dtype)
        native.apply(sdev, image, wanted, method)
        if out.tobytes() != wanted.tobytes():
            return (
                f"{used} and {os.environ[native.FORCE]} differ: {method} {image.shape} {image.dtype} {view.strides}"
                f" to {out.dtype} {out.strides}, exponent {sdev.display.exponent}, gamma {sdev.display.gamma}"
            )
        out[...] = old_out
        if not np.array_equal(out_room, old_room) or (out is not view and not np.array_equal(room, old_input)):
            return f"{used} wrote beside the picture: {image.shape} {out.dtype} {out.strides}"
        return None

    def bad_call(self) -> str | None:
        """A call that must be refused; how it was not."""
        image = np.zeros((2, 3, 4), np.float32)
        arguments: dict[str, Any] = self.choose.choice(
            (
                {"out": np.broadcast_to(image, (2, 3, 4))},
                {"engine": "other"},
                {"interpolation": "cubic"},
                {"image": image[0, 0, 0]},
                {"image": image[..., :2]},
                {"image": image.astype(int)},
                {"image": None},
                {"out": image[:1]},
                {"out": image[::-1]},
                {"out": image.astype(int)},
                {"threads": 0},
                {"threads": 1.5},
                {"threads": "2"},
            )
        )
        try:
            self.choose.choice(self.devices).apply(**{"image": image, "engine": "native", **arguments})
        except LatticeError as error:
            return f"more than a line: {error}" if "\n" in str(error) else None
        return f"not refused: {arguments}"


def main(count: int, seed: int = 0) -> int:
    if (reason := native.unavailable_reason()) is not None:
        print(reason)
        return 1
    warnings.simplefilter("error")
    threads.BAND = 40  # pixels, so that small pictures go over threads too
    fuzz, found, start = Fuzz(seed), 0, time.perf_counter()
    for i in range(count):
        fault = fuzz.bad_call() if i % BAD_EVERY == 0 else fuzz.call(i % EVERY == 1)
        if fault is not None:
            print(f"call {i} of seed {seed}: {fault}", flush=True)  # the next one may crash
            found += 1
    seconds = time.perf_counter() - start
    print(f"{count} calls on {', '.join(fuzz.sets)} in {seconds:.1f} seconds: {found} findings")
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
