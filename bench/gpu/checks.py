"""What the kernels compute, held against the definition in float64. Ends the program at the first failure."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from gpu import card
from work import FLOAT_TOLERANCE

from lattice.gpu import engine
from lattice.gpu.kernel import WORD, Picture
from lattice.interp import native, reference
from lattice.sdev import SDev
from lattice.types import INTERPOLATIONS, MID_GRAY, Interpolation

PLAIN_FROM = 1 / 64  # codes from here up are off by at most one unit of a half; docs/engines.md says why not below
POOL = 1 << 16  # random pixels; every layout takes as many of them as it holds
SPECIAL = np.array([0, -0.0, np.nan, np.inf, -np.inf, -1, 1, 65504, -65504, 1e30, 3e-8, 2.0**-24, 2.0**-14, 2.0**-15])
STAGED = (False, True)


@dataclass(frozen=True)
class Judged:
    """How near results were. worst: of full scale, past a half's own rounding. halves, equal: how many half values
    there were, and how many were the exact one, rounded. units: the most that one differed from PLAIN_FROM up."""

    worst: float = 0.0
    halves: int = 0
    equal: int = 0
    units: int = 0

    def __add__(self, other: Judged) -> Judged:
        return Judged(
            max(self.worst, other.worst),
            self.halves + other.halves,
            self.equal + other.equal,
            max(self.units, other.units),
        )

    def __str__(self) -> str:
        text = f"worst error {self.worst:.1e} of {FLOAT_TOLERANCE:.0e}"
        return text + (
            f", {self.equal / self.halves:.4%} of the halves exact, off by at most {self.units} unit from "
            f"{PLAIN_FROM} up"
            if self.halves
            else ""
        )


def exact(device: SDev, image: Any, method: Interpolation) -> Any:
    """The definition's codes of a picture (H, W, 3 or 4) in float64."""
    shown = np.empty(image.shape)
    with np.errstate(invalid="ignore"):  # signalling NaN
        reference.apply(device, image, shown, method, np.float64)
    return shown


def judge(device: SDev, got: Any, wanted: Any, alpha: Any, what: str) -> Judged:
    """How near a result (H, W, 3 or 4) is to the exact one. alpha: what had to be carried, (H, W, 0 or 1)."""
    if not np.array_equal(got[..., 3:], alpha.astype(got.dtype)):
        sys.exit(f"{what}: alpha is not carried")
    got, wanted = got[..., :3], wanted[..., :3]
    codes, gamma = got.astype(np.float64), device.display.gamma
    error, is_half = np.abs(codes - wanted), got.dtype == np.float16
    nearest = wanted.astype(np.float16)
    if is_half:
        error = error - np.spacing(nearest).astype(np.float64) / 2
    if gamma != "sRGB" and gamma > 1:  # its slope at 0 has no end: near black, light is compared
        with np.errstate(invalid="ignore"):  # a NaN or a negative code stays NaN, and fails
            error = np.where(wanted < PLAIN_FROM, np.abs(codes**gamma - wanted**gamma), error)
    worst = float(error.max())
    if not worst <= FLOAT_TOLERANCE or not 0 <= codes.min() <= codes.max() <= 1:  # NaN fails
        sys.exit(
            f"{what}: off by {worst:.2g}, expected {FLOAT_TOLERANCE:g} at most; "
            f"{codes.min():g} to {codes.max():g}, expected 0 to 1"
        )
    if not is_half:
        return Judged(max(0.0, worst))
    steps = np.abs(np.abs(got).view(np.int16).astype(int) - nearest.view(np.int16))  # of -0 as of 0
    units = int(steps[wanted >= PLAIN_FROM].max(initial=0))
    if units > 1:
        sys.exit(f"{what}: off by {units} units of a half, expected 1 at most")
    return Judged(max(0.0, worst), steps.size, int((steps == 0).sum()), units)


def random_pixels(random: np.random.Generator, is_half: bool) -> Any:
    """(POOL, 4): a scene of 21 stops, with what is special, grays and black among it; alpha in [0, 1]."""
    light = MID_GRAY * 2.0 ** (random.uniform(-12, 9, (POOL, 1)) + random.normal(0, 1.5, (POOL, 4)))
    light[: len(SPECIAL), :3] = SPECIAL[:, None]
    light[100:400, :3] = light[100:400, :1]
    light[:, 3] = random.random(POOL)
    with np.errstate(over="ignore"):
        return light.astype(np.float16 if is_half else np.float32)


@dataclass(frozen=True)
class Layout:
    """How a picture lies. gap: values between a row's end and the next, at least; align: of which a row's length is a
    multiple. shift: values before the first."""

    name: str
    height: int
    width: int
    gap: int = 0
    align: int = 1
    shift: int = 0
    in_place: bool = False

    def row(self, channels: int) -> int:
        """Values from a row to the next."""
        return -(-(self.width * channels + self.gap) // self.align) * self.align

    def picture(self, address: int, channels: int, is_half: bool) -> Picture:
        """Of memory at an address."""
        item = 2 if is_half else 4
        start, row = address + self.shift * item, self.row(channels) * item
        return Picture(start, row, self.height, self.width, channels, is_half)

    def view(self, flat: Any, channels: int) -> Any:
        """(H, W, channels) of the values (n,) where the picture lies."""
        row = self.row(channels)
        rows = flat[self.shift : self.shift + self.height * row].reshape(self.height, row)
        return rows[:, : self.width * channels].reshape(self.height, self.width, channels)


PACKED = (Layout("packed", 64, 1000), Layout("odd width", 61, 1021), Layout("in place", 61, 1021, in_place=True))
LAYOUTS = (
    *PACKED,
    Layout("padded rows", 64, 1000, gap=16),
    Layout("padded odd rows", 61, 1021, gap=1, align=8),
    Layout("rows anywhere", 61, 1021, gap=3),
    Layout("one value off", 61, 1021, shift=1),
    Layout("one pixel", 1, 1),
)
Kind = tuple[int, bool, bool]  # channels, half in, half out
ALL_KINDS: tuple[Kind, ...] = tuple(product((3, 4), (True, False), (True, False)))
PLAIN_KINDS: tuple[Kind, ...] = ((4, True, True), (4, False, False))
TYPES = {True: np.float16, False: np.float32}


def _poisoned(size: int, dtype: Any) -> Any:
    return np.full(size, card.POISON, np.uint8).view(dtype)


class Checker:
    """Runs small pictures through the kernels. One piece of memory on either side serves all."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        self.pixels = {is_half: random_pixels(random, is_half) for is_half in (True, False)}
        self.room = POOL * WORD + 4096
        self.source, self.target = card.allocate(self.room), card.allocate(self.room)
        self.runs = 0

    def device(self, device: SDev, kinds: tuple[Kind, ...], layouts: tuple[Layout, ...]) -> Judged:
        """One device over all of these, by both interpolations, with the table staged and not."""
        found = Judged()
        for is_half, method in product((True, False), INTERPOLATIONS):
            wanted = exact(device, self.pixels[is_half][None], method)[0]
            for kind, layout, staged in product(kinds, layouts, STAGED):
                if kind[1] == is_half and (kind[1] == kind[2] or not layout.in_place):
                    found += self._one(device, wanted, method, kind, layout, staged)
        return found

    def _one(
        self, device: SDev, wanted: Any, method: Interpolation, kind: Kind, layout: Layout, staged: bool
    ) -> Judged:
        channels, half_in, half_out = kind
        what = ", ".join(
            [
                device.name,
                method,
                f"{TYPES[half_in].__name__} to {TYPES[half_out].__name__}",
                "RGBA" if channels == 4 else "RGB",
                layout.name,
                f"table staged: {staged}",
            ]
        )
        shape = (layout.height, layout.width, channels)
        pixels = self.pixels[half_in][: layout.height * layout.width, :channels].reshape(shape)
        sent = _poisoned(self.room, pixels.dtype)
        layout.view(sent, channels)[...] = pixels
        card.upload(self.source.ptr, sent)
        card.poison(self.target.ptr, self.room)
        target = self.source if layout.in_place else self.target
        image = layout.picture(self.source.ptr, channels, half_in)
        engine.launch(device, image, layout.picture(target.ptr, channels, half_out), method, staged)
        shown = self._taken(target.ptr, layout, channels, TYPES[half_out], what)
        self.runs += 1
        self._native(device, pixels, shown, method, what)
        return judge(device, shown, wanted[: shape[0] * shape[1]].reshape(*shape[:2], 4), pixels[..., 3:], what)

    def _taken(self, address: int, layout: Layout, channels: int, dtype: Any, what: str) -> Any:
        """The picture at an address; all around it must be as poisoned as it was."""
        untouched = _poisoned(self.room, dtype)
        got = card.download(address, untouched.shape, dtype)
        shown = layout.view(got, channels).copy()
        layout.view(untouched, channels)[...] = shown
        if untouched.tobytes() != got.tobytes():
            sys.exit(f"{what}: written beside the picture")
        return shown

    def _native(self, device: SDev, pixels: Any, shown: Any, method: Interpolation, what: str) -> None:
        if native.unavailable_reason() is None and native.takes(device):
            same = np.empty(shown.shape, shown.dtype)
            device.apply(pixels, same, method, "native", 1)
            if same.tobytes() != shown.tobytes():
                sys.exit(f"{what}: other bits than the native engine's")
