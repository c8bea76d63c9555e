"""What a check of a LUT file found, the rules that it is held to, and the text of both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np

from lattice.errors import printable
from lattice.inspect.domain import Domain
from lattice.inspect.nodes import Folds, Outlier
from lattice.inspect.words import code, color, filled, number, share, tetrahedra
from lattice.types import MID_GRAY

# Of what a ramp reaches. Codes of a display are about L* / 100, so this is the 0.2 of L* that a look's gradients may go
# back by: the least just noticeable difference. Source: DICOM PS3.14, Grayscale Standard Display Function.
MOST_FALL = 0.002
NOTHING = 1e-4  # of code: a file that changes less does nothing; six decimals and 12 bits round by less
# From here on a note is written. Shares are of 1.
OUTSIDE = 0.01  # of colors, at an end where gray still moves; a film's table ends where film is black or clear
BEYOND = 0.001  # of code, about one of 10 bits: below 0 or above 1, cut in files of integers
FOLDED = 0.001  # of a lattice's volume; of fitted looks it is 0.0009 at most
LEAST_FILLED = 0.001  # of the cube of codes: with less, as in black and white, there is no mirror image
JUMP = 4.0  # times the steps around: a step that shows as a line in a sky


@dataclass(frozen=True)
class Finite:
    """Colors that give NaN or infinity. bad: how many that a picture may hold; example: one of them. odd: how many of
    those that none should hold: NaN, infinities and what is far beyond its codes."""

    bad: int
    example: tuple[float, ...]
    odd: int


@dataclass(frozen=True)
class Reached:
    """What comes out. low, high: the least and the largest value of a channel; low_at, high_at: the colors in that give
    them. reached: share of the cube of codes that the colors out fill. clipped: share of the colors in, of which a
    channel is at 0 or 1 or beyond. mirrored: the colors out are a mirror image of those in. spread: the largest
    difference between two colors out, in a channel."""

    low: float
    low_at: tuple[float, ...]
    high: float
    high_at: tuple[float, ...]
    reached: float
    clipped: float
    mirrored: bool
    spread: float


@dataclass(frozen=True)
class Ramp:
    """A ramp of 4,096 steps. fall: by what it goes back at most, of what it reaches or 1; fall_at: where. jump: its
    largest step over those around; jump_at: where. rise: from its first to its last color. ends: how far it moves in
    its first and in its last 64th."""

    fall: float
    fall_at: float
    jump: float
    jump_at: float
    rise: float
    ends: tuple[float, float]


@dataclass(frozen=True)
class FileReport:
    """The result of `lattice check` for a file.

    stages: what it is made of. outside: shares of natural colors (light) or of all codes that are below its tables and
    above.
    ramps: of gray, and of each channel beside the least of the others. tint: the largest difference between the
    channels of gray, and where. compared: how many nodes and entries are compared with those around, and how many there
    are. folds: of each lattice. bits: of the integers that it holds, if these are few. change:
    the largest difference of a channel between what goes in and what comes out.
    """

    name: str
    stages: tuple[str, ...]
    domain: Domain
    outside: tuple[float, float]
    finite: Finite
    range: Reached
    ramps: dict[str, Ramp]
    tint: tuple[float, float]
    outliers: tuple[Outlier, ...]
    compared: tuple[int, int]
    folds: tuple[Folds, ...]
    bits: int | None
    change: float

    @property
    def does_nothing(self) -> bool:
        """True if colors stay as they are."""
        return self.change <= NOTHING

    @property
    def good(self) -> bool:
        """True if no rule failed."""
        return not self.failures

    @property
    def failures(self) -> tuple[str, ...]:
        """A line for each rule that failed: what was expected, what was measured, and what may help."""
        return tuple(self._failures())

    def _failures(self) -> Iterator[str]:
        if self.finite.bad:
            bad = color(self.domain, self.finite.example)
            yield f"finite: expected numbers, got NaN or infinity of {self.finite.bad:,} colors, such as {bad}"
        for outlier in self.outliers:
            yield f"nodes: expected a node like those beside it, got {outlier}; correct it in the file"
        gray = self.ramps["gray"]
        if not gray.fall <= MOST_FALL:
            turned = gray.rise < 0
            remedy = "it is a negative, or upside down" if turned else "look at its gray ramp: lattice plot"
            yield (
                f"gray: expected a ramp that goes back by {MOST_FALL:g} at most, got {gray.fall:.3f} up to "
                f"{self._place(gray.fall_at)}; {remedy}"
            )

    @property
    def notes(self) -> tuple[str, ...]:
        """A line for each thing that is no failure, and that whoever uses the file should know."""
        return tuple(self._notes())

    def _notes(self) -> Iterator[str]:
        out, folded = self.range, max((each.share for each in self.folds), default=0.0)
        if self.does_nothing:
            yield "it does nothing: colors stay as they are" + (" inside of its domain" if any(self.outside) else "")
        for beyond, moves, place in zip(self.outside, self.ramps["gray"].ends, ("below", "above"), strict=True):
            if beyond > OUTSIDE and moves > MOST_FALL:
                yield f"clipped domain: {share(beyond)} of {self._colors} are {place} it, and gray still moves there"
        if self.finite.odd:
            yield "NaN, infinities or numbers far beyond codes give NaN or infinity"
        if out.spread <= NOTHING:
            yield "it gives one color, whatever goes in"
        if out.low < -BEYOND or out.high > 1 + BEYOND:
            values = f"values from {number(out.low)} to {number(out.high)}"
            yield f"{values}: files of integers cut what is below 0 or above 1"
        if out.mirrored and out.reached > LEAST_FILLED:
            yield "colors are mirrored, as where two channels are swapped or a table is upside down"
        yield from self._notes_of_ramps()
        if folded > FOLDED:
            yield f"folds: {share(folded)} of the lattice's volume is turned inside out; different colors become one"
        if self.bits:
            yield f"values are multiples of 1/{2**self.bits - 1} ({self.bits} bits): gradients may band"

    def _notes_of_ramps(self) -> Iterator[str]:
        backward = {name: ramp for name, ramp in self.ramps.items() if name != "gray" and ramp.fall > MOST_FALL}
        if backward:
            falls = ", ".join(f"{name} by {ramp.fall:.3f}" for name, ramp in backward.items())
            yield f"pure ramps go back: {falls}"
        name, jumping = max(self.ramps.items(), key=lambda each: each[1].jump)
        if jumping.jump > JUMP:
            times, place = number(jumping.jump), self._place(jumping.jump_at)
            yield f"a step of the {name} ramp is {times} times those around it, at {place}"

    @property
    def _colors(self) -> str:
        return "natural colors" if self.domain.is_light else "the codes from 0 to 1"

    def as_dict(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        told = ("does_nothing", "good", "failures", "notes")
        domain = self.domain
        ends = {"first": domain.first.tolist(), "last": domain.last.tolist(), "is_limited": domain.is_limited}
        takes = {name: getattr(domain, name) for name in ("is_light", "told", "primaries", "said")}
        names = ("name", "stages", "outside", "tint", "compared", "bits", "change")
        plain = {name: getattr(self, name) for name in names}
        records = {name: asdict(getattr(self, name)) for name in ("finite", "range")}
        many = {name: [asdict(each) for each in getattr(self, name)] for name in ("outliers", "folds")}
        ramps = {name: asdict(ramp) for name, ramp in self.ramps.items()}
        rules = {name: getattr(self, name) for name in told}
        return {**plain, "domain": ends | takes, **records, "ramps": ramps, **many, **rules}

    def __str__(self) -> str:
        lines = {
            "takes": self._takes(),
            "domain": self._domain(),
            "numbers": self._numbers(),
            "range": self._range(),
            "gray": f"{self._back(self.ramps['gray'])}; {self._tint()}",
            "ramps": self._pure(),
            "steps": self._steps(),
            **({"nodes": self._nodes()} if self.compared[1] else {}),
            **{f"folds{f' {k + 1}' if k else ''}": tetrahedra(each) for k, each in enumerate(self.folds)},
            "gamut": self._gamut(),
            **({} if self.domain.is_light else {"change": f"{code(self.change)} at most"}),
        }
        nodes = ", nodes" if self.compared[0] else ""
        return "\n".join(
            [
                f"{printable(self.name)}: {printable('; '.join(self.stages) or 'no stages')}",
                *(f"  {what:10}{text}" for what, text in lines.items()),
                *(f"  NOTE {line}" for line in self.notes),
                *(f"  FAILED {printable(line)}" for line in self.failures),
                *([f"  passes: numbers{nodes} and gray are in order{self._but()}"] if self.good else []),
            ]
        )

    def _but(self) -> str:
        """Return the notes again for the verdict."""
        return f"; but {'; '.join(self.notes)}" if self.notes else ""

    def _takes(self) -> str:
        if self.domain.told:
            return f"linear light, {printable(self.domain.primaries)} primaries"
        if self.domain.said:
            return printable(self.domain.said)
        if not self.domain.is_light and not self.domain.is_limited:
            return "codes, it is assumed: neither the file nor a table in it says what"
        return f"{'linear light' if self.domain.is_light else 'codes'}: the file does not say it, its tables do"

    def _domain(self) -> str:
        first, last = self.domain.first, self.domain.last
        if not self.domain.is_limited:
            return "every number"
        same = np.ptp(first) <= NOTHING * abs(first).max() and np.ptp(last) <= NOTHING * abs(last).max()
        ends = [f"{number(low)} to {number(high)}" for low, high in zip(first, last, strict=True)][: 1 if same else 3]
        names = [""] if same else ["red ", "green ", "blue "]
        text = ", ".join(f"{name}{each}" for name, each in zip(names, ends, strict=True))
        if self.domain.is_light and same and first[0] > 0:
            text += f" ({np.log2(first[0] / MID_GRAY):+.1f} to {np.log2(last[0] / MID_GRAY):+.1f} stops)"
        if not any(self.outside):
            return f"{text}; all {self._colors.removeprefix('the ')} are inside"
        below, above = map(share, self.outside)
        return f"{text}; {below} of {self._colors} have a channel below, {above} above"

    def _range(self) -> str:
        out = self.range
        ends = ((out.low, out.low_at), (out.high, out.high_at))
        return " to ".join(f"{number(value)} at {color(self.domain, place)}" for value, place in ends)

    def _numbers(self) -> str:
        odd = f"{self.finite.odd:,} odd ones (NaN, infinities, far beyond codes)"
        if self.finite.bad:
            return f"{self.finite.bad:,} colors of pictures give NaN or infinity, and {odd}"
        if self.finite.odd:
            return f"colors of pictures give numbers; {odd} do not"
        return "every half and odd floats, NaN and infinities too, give numbers"

    def _place(self, value: float) -> str:
        return color(self.domain, (value,))

    def _tint(self) -> str:
        most, place = self.tint
        return f"tint {code(most)} at most, at {self._place(place)}" if most > NOTHING else "no tint"

    def _back(self, ramp: Ramp) -> str:
        if not ramp.fall > NOTHING:
            return "never goes back"
        return f"goes back by {ramp.fall:.4f} up to {self._place(ramp.fall_at)}"

    def _pure(self) -> str:
        pure = {name: self._back(ramp) for name, ramp in self.ramps.items() if name != "gray"}
        if set(pure.values()) == {"never goes back"}:
            return "red, green and blue never go back"
        return "; ".join(f"{name} {text}" for name, text in pure.items())

    def _gamut(self) -> str:
        clipped = f"{share(self.range.clipped)} of colors have a channel at 0 or 1, or beyond"
        return f"{filled(self.range.reached)}; {clipped}"

    def _steps(self) -> str:
        most = max(ramp.jump for ramp in self.ramps.values())
        return f"the largest is {number(most)} times those around it" if most > JUMP else "none is larger than usual"

    def _nodes(self) -> str:
        if not self.compared[0]:
            return "too few along a side to be compared with those around"
        return f"{len(self.outliers) or 'none'} of {self.compared[0]:,} out of line with those around"
