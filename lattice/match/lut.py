"""A LUT as the reference: what it makes of scene colors, after a look at whether it is a picture of film at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lattice.build.samples import GRAY_STOPS, natural_colors
from lattice.color.displays import display_in
from lattice.color.primaries import convert
from lattice.errors import LatticeError
from lattice.inspect import spectra
from lattice.inspect.truth import camera
from lattice.looks.display import DisplaySpec
from lattice.match.reference import Aim, Reference, are_gray, lab_of_codes, lab_of_light
from lattice.sdev.asked import told_display
from lattice.sdev.load import AnySDev
from lattice.types import MID_GRAY, Array

# Colors by group: as many are fitted, and four times as many others measure the result.
COUNTS = {"natural": 300, "gray": 60, "skin": 60, "saturated": 120, "dark": 60}
TESTED = 4
NOISE = 1.0  # CIEDE2000 that a film model may miss a LUT by before a color counts as an outlier
# Of grays, which count for more: they are few, a cast on them is seen first, and other colors outvote them.
GRAY_NOISE = 0.2 * NOISE
SATURATED_STOPS, SATURATED_SPREAD, DARK_STOPS, SKIN_STOPS = (-4.0, 4.0), 1.8, (-7.0, -4.0), (-3.0, 3.0)
FITTED_SEED, TESTED_SEED = 17, 18
DENSE_SEED, DENSE = 19, 5  # of the colors of a residual, which has more numbers than a film
RAMP, SAME = 4001, 1e-3  # grays, and L* that are no difference
LEAST_RISE = 20.0  # L* from black to white: a picture has more
FALL = 3.0  # L* that grays may fall by from the brightest before: more is no film
STEEP, FLAT_STOPS = 6.0, 1.0  # L* a stop just below a flat end of this many stops: the end is cut, no shoulder
NEAR_STOPS = 0.5  # of that end, where it is judged
# Of shadows, in which L* hardly rises: codes that are no difference, and codes a stop just above a cut.
SAME_CODE, STEEP_CODE = 1e-3, 0.03
CHANNEL_FALL = 0.1  # codes that one channel of the grays may fall by
COLORED, COLORFUL = 2.0, 0.99  # least CIELAB chroma, gray's taken off, of the natural color with this share below it
PRIMARIES = ("red", "green", "blue")
PURE = (1.4, 0.21)  # channels of a clear primary, times mid gray: it may turn by 90 degrees of hue
# Of a ramp between these shares of its range: the share that may rise by less than HARDLY of the mean.
ENDS, HARDLY, MOST_LEVEL = (0.05, 0.95), 0.02, 0.2


def colors(primaries: str, seed: int, times: int = 1) -> tuple[Array, tuple[str, ...]]:
    """Draw scene colors (n, 3) of some primaries, and the group of each."""
    random = np.random.default_rng(seed)
    count = {group: times * many for group, many in COUNTS.items()}
    gray = np.linspace(*GRAY_STOPS, count["gray"])[:, None] + np.zeros(3)
    saturated = random.uniform(*SATURATED_STOPS, (count["saturated"], 1))
    dark = random.uniform(*DARK_STOPS, (count["dark"], 1)) + random.normal(0, 0.7, (count["dark"], 3))
    found = {
        "natural": natural_colors(count["natural"], random),
        "gray": MID_GRAY * 2.0**gray,
        "skin": _skin(count["skin"], random) @ convert("ACEScg", primaries).T,
        "saturated": MID_GRAY * 2.0 ** (saturated + random.normal(0, SATURATED_SPREAD, (count["saturated"], 3))),
        "dark": MID_GRAY * 2.0**dark,
    }
    return np.concatenate(list(found.values())), tuple(group for group in found for _ in range(len(found[group])))


def _skin(count: int, random: np.random.Generator) -> Array:
    """Draw skin in daylight, exposed from dark to bright: ACEScg (count, 3)."""
    daylight = spectra.balance_lights()[1]
    pixels = (spectra.skin() * daylight) @ camera(daylight).T
    drawn = pixels[random.integers(len(pixels), size=count)]
    return np.asarray(drawn * 2.0 ** random.uniform(*SKIN_STOPS, (count, 1)))


def of_lut(lut: AnySDev, about: str | None = None) -> Aim:
    """Return a LUT as what a match aims at: some colors, four times as many others, and those for a residual.

    lut: takes linear light of primaries that it tells, gives codes of an SDR display that it tells. about: what people
    know it by; its own name unless given.
    Raises LatticeError if it does not tell them, and if it is no picture of film: its grays fall, are cut off, or have
    bands.
    """
    name = about or lut.name
    primaries, display = _primaries(lut, name), _display(lut, name)
    if (fault := _fault(lut, primaries, display)) is not None:
        raise LatticeError(f"{name}: expected a picture of film, got {fault}")
    drawn = ((FITTED_SEED, 1), (TESTED_SEED, TESTED), (DENSE_SEED, DENSE))
    fitted, tested, dense = (_reference(lut, primaries, display, *colors(primaries, *each), name) for each in drawn)
    return Aim(fitted, tested, replace(dense, noise=np.full(len(dense.light), NOISE)))  # a residual outvotes no color


def _reference(
    lut: AnySDev, primaries: str, display: DisplaySpec, light: Array, groups: tuple[str, ...], about: str
) -> Reference:
    lab = _seen(lut, light, display)
    noise = np.where(are_gray(light), GRAY_NOISE, NOISE)
    return Reference(light, lab, primaries, display, groups, noise, about=about)


def _codes(lut: AnySDev, light: Array) -> Array:
    return np.clip(lut.apply(light.astype(np.float32)[None])[0].astype(np.float64), 0, 1)


def _seen(lut: AnySDev, light: Array, display: DisplaySpec) -> Array:
    return lab_of_codes(_codes(lut, light), display)


def _primaries(lut: AnySDev, name: str) -> str:
    told = lut.provenance.get("input")
    if told is None:
        raise LatticeError(
            f"{name}: what it takes is not known: --input NAME says it, such as --input Cineon/Rec.709 or --input "
            "LogC3 (in Python: taken=NAME); lattice inputs lists all"
        )
    return told


def _display(lut: AnySDev, name: str) -> DisplaySpec:
    told, curve = display_in(lut.provenance), told_display(lut.provenance)
    if told is None or curve is None or not isinstance(told[0], str):
        raise LatticeError(
            f"{name}: the display that its codes are for is not known: --display NAME says it, such as --display "
            "rec1886 (in Python: display=NAME); lattice displays lists all"
        )
    if curve.is_hdr:
        raise LatticeError(
            f"{name}: expected codes of an SDR display, got {curve.gamma}; --display rec1886, for example, says another"
        )
    return DisplaySpec(primaries=told[0], gamma=curve.gamma)


def _fault(lut: AnySDev, primaries: str, display: DisplaySpec) -> str | None:
    """Return why a LUT is no picture of film, None if it may be."""
    stops = np.linspace(*GRAY_STOPS, RAMP)
    codes = _codes(lut, MID_GRAY * 2.0 ** stops[:, None] * np.ones(3))
    grays = lab_of_codes(codes, display)
    return _fault_of_grays(stops, codes, grays[:, 0]) or _fault_of_colors(lut, primaries, display, grays)


def _fault_of_colors(lut: AnySDev, primaries: str, display: DisplaySpec, grays: Array) -> str | None:
    """Return why colors are not film's, None if they may be. grays: (n, 3) CIELAB of a ramp."""

    def colored(light: Array) -> Array:
        """Return a* and b* (n, 2) as shown, those of a gray as light taken off."""
        lab, rising = _seen(lut, light, display), np.maximum.accumulate(grays[:, 0])
        return np.stack([lab[:, k] - np.interp(lab[:, 0], rising, grays[:, k]) for k in (1, 2)], axis=-1)

    drawn, groups = colors(primaries, TESTED_SEED)
    if np.quantile(np.hypot(*colored(drawn[np.array(groups) == "natural"]).T), COLORFUL) < COLORED:
        return "a gray one: it does not tell a look"
    most, least = PURE
    pure = MID_GRAY * (least + (most - least) * np.eye(3))
    own = lab_of_light(pure, DisplaySpec(primaries="Rec.709"))[:, 1:]
    shown = colored(pure @ convert("Rec.709", primaries).T)
    cosine = (own * shown).sum(axis=1)
    if cosine.min() < 0:
        turned = PRIMARIES[int(cosine.argmin())]
        return f"{turned} that it turns into another hue: are its channels in another order?"
    return None


def _fault_of_grays(stops: Array, codes: Array, lightness: Array) -> str | None:
    """Return why a ramp of grays is not film's, None if it may be.

    stops: (n,) about 0.18. codes: (n, 3), and lightness: (n,), L*, as they are shown.
    """
    if lightness[-1] < lightness[0]:
        return "a LUT that inverts: more light is darker"
    if lightness[-1] - lightness[0] < LEAST_RISE:
        return f"grays that rise by {lightness[-1] - lightness[0]:.0f} L* alone"
    channel_falls = (np.maximum.accumulate(codes, axis=0) - codes).max(axis=0)
    if channel_falls.max() > CHANNEL_FALL:
        channel = PRIMARIES[int(channel_falls.argmax())]
        return f"grays whose {channel} falls by {channel_falls.max():.2f} of 1 with more light: an inverted channel"
    falls = np.maximum.accumulate(lightness) - lightness
    if falls.max() > FALL:
        return f"grays that fall by {falls.max():.0f} L* at {stops[falls.argmax()]:+.1f} stops: a folded LUT"
    if (level := _level(lightness)) > MOST_LEVEL:
        return f"bands: {level:.0%} of the grays between black and white are as light as their neighbors"
    code = codes.mean(axis=1)
    for name, values, flat, steep in (
        ("highlights", lightness, lightness > lightness[-1] - SAME, STEEP),
        ("shadows", lightness, lightness < lightness[0] + SAME, STEEP),
        ("shadows", code, code < code[0] + SAME_CODE, STEEP_CODE),
    ):
        if (end := _cut(stops, values, flat, steep)) is not None:
            return (
                f"{name} that are cut off at {end:+.1f} stops; --input says if it takes other codes. A LUT from "
                "display to display holds no film's shoulder: grade a still with it, and type --source and --target"
            )
    return None


def _level(lightness: Array) -> float:
    """Return which share of a ramp, between its ends, hardly rises: (n,) L*."""
    share = (lightness - lightness[0]) / (lightness[-1] - lightness[0])
    rises = np.diff(lightness[(share > ENDS[0]) & (share < ENDS[1])])
    return float(np.mean(rises < HARDLY * rises.mean()))


def _cut(stops: Array, values: Array, flat: Array, steep: float) -> float | None:
    """Return where a ramp is cut: a flat end that a part runs into, steep by its rise a stop; None if it is not."""
    is_top, inside = bool(flat[-1]), np.flatnonzero(np.logical_not(flat))
    edge = inside[-1] if is_top else inside[0]
    away = (stops[edge] - stops) * (1 if is_top else -1)
    slope = np.ptp(values[(away >= 0) & (away <= NEAR_STOPS)]) / NEAR_STOPS
    return float(stops[edge]) if np.ptp(stops[flat]) >= FLAT_STOPS and slope > steep else None
