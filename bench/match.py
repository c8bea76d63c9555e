"""What a match finds again: looks changed at random, measured with noise; a LUT of another film model. Into
RESULTS-MATCH.md."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from foreign_film_samples import GIVES, TAKES, loved_lut
from match_samples import (
    NOISE,
    REC1886,
    STEPS,
    WEDGE_NOISE,
    changed,
    difference,
    measured,
    natural,
    patches,
    shown,
    wedge_of,
)
from still_samples import graded, save_plate, save_still, scene, twisted
from timing import cpu_model
from wedge_samples import ends
from wedge_samples import read as densities

from lattice.encodings import encode_srgb
from lattice.looks import load_profile
from lattice.match.curve import fit_curve
from lattice.match.fitting import fit
from lattice.match.freedoms import FREEDOMS, LAYERS, freedoms
from lattice.match.reference import lab_of_codes
from lattice.match.solve import solve
from lattice.match.sources import graded_still, references

LOOKS = ("premier", "vision", "fuji", "bleach-bypass", "vision-camera")
FREE = ("lights", "interimage", "silver", "curves")
SEEDS, REPEATS = range(3), range(10)
HEIGHT, WIDTH = 1080, 1920
ASKED = {
    "24 patches": (0.35, 0.75),
    "24 patches at three exposures": (0.15, 0.32),
    "24 patches and a wedge": (0.16, 0.30),
    "140 colors": (0.14, 0.30),
}
OTHERS = natural(3000, 99)
RESULTS = Path(__file__).with_name("RESULTS-MATCH.md")


def free_of(look: Any) -> Any:
    return freedoms(look, [name for name in FREE if look.chain in FREEDOMS[name].chains])


def reference_of(what: str, look: Any, seed: int) -> Any:
    chart = patches(look.input)
    light = np.vstack([chart / 4, chart, chart * 4]) if "three" in what else chart
    found = measured(look, np.vstack([chart, natural(116, 5)]) if "140" in what else light, seed)
    return replace(found, wedge=wedge_of(look, seed)) if "wedge" in what else found


def found_again() -> Iterator[str]:
    """Rows of what is found of each look, from each kind of measurement: the median and the worst of the seeds."""
    for what, (mean, p95) in ASKED.items():
        rows, seconds = {}, []
        for name in LOOKS:
            start, runs = load_profile(name), []
            for seed in SEEDS:
                truth = changed(name, seed)
                reference, began = reference_of(what, truth, seed), time.process_time()
                found = solve(start, free_of(start), reference).profile
                seconds.append(time.process_time() - began)
                off = difference(shown(found, OTHERS), shown(truth, OTHERS))
                lights = np.abs(np.array(found.printer_lights) - truth.printer_lights).max()
                silver, interimage = found.print_silver - truth.print_silver, found.interimage - truth.interimage
                runs.append((off.mean(), np.percentile(off, 95), lights, abs(silver), abs(interimage)))
            rows[name] = np.array(runs)
        for name, runs in rows.items():
            middle, worst = np.median(runs, axis=0), runs.max(axis=0)
            cells = [f"{m:.3f} ({w:.3f})" for m, w in zip(middle, worst, strict=True)]
            yield f"| {what} | {name} | {mean} / {p95} | {' | '.join(cells)} |"
        print(what, f"median {np.median(seconds):.1f} s of CPU a fit", file=sys.stderr)


def covered() -> str:
    """How many numbers of ten looks' measurements are within two standard errors of the truth."""
    within: list[bool] = []
    for name in ("vision", "premier-camera"):
        start = load_profile(name)
        for seed in REPEATS:
            truth = changed(name, seed)
            seen = [truth.interimage] if truth.chain != "film-out" else []
            numbers = [*truth.printer_lights, *seen, truth.print_silver]
            found = solve(start, free_of(start), reference_of("140 colors", truth, seed))
            within += list(np.abs(found.numbers[: len(numbers)] - numbers) <= 2 * found.errors[: len(numbers)])
    return f"{sum(within)} of {len(within)}"


def foreign(folder: Path) -> Iterator[str]:
    """Rows of a LUT of another film model: errors of its match, and seconds."""
    loved_lut(folder)
    path = folder / "loved0.cube"
    for start in ("premier", "vision", "fuji"):
        first = load_profile(start)
        began = time.process_time()
        found = fit(references(str(path), first, TAKES, GIVES), first, residual=True)
        look = found.profile.sdev()
        seconds = time.process_time() - began
        tested = found.aim.tested.some(np.array(found.aim.tested.groups) == "natural")
        codes = look.with_display(GIVES).apply(tested.light.astype(np.float32)[None])[0]
        off = difference(lab_of(codes), tested.lab)
        film, after = found.film_only["natural"], found.after["natural"]
        built = f"{off.mean():.2f} / {np.percentile(off, 95):.2f}"
        yield f"| {start} | {found.before['natural']} | {film} | {after} | {built} | {seconds:.1f} |"


def stills(folder: Path) -> Iterator[str]:
    """Rows of a 1080p still of 8 bits, a quarter of it covered: errors on parts of the picture that are not fitted."""
    light, look = scene(height=HEIGHT, width=WIDTH), changed("premier", 3)
    plate = save_plate(folder / "plate.exr", light)
    grades = {"another lab's premier": graded(look, light)}
    grades |= {
        "its hues turned by 6 degrees": twisted(grades["another lab's premier"]),
        "CDL and S curve": _s_curve(light),
    }
    for grade, codes in grades.items():
        for what, cover in COVERS.items():
            covered = codes.copy()
            cover(covered, light)
            still = save_still(folder / "still.png", covered)
            began = time.process_time()
            found = fit(graded_still(plate, still, "premier", display="rec1886"))
            seconds = time.process_time() - began
            yield f"| {grade} | {what} | {found.before['all']} | {found.after['all']} | {seconds:.1f} |"


def _s_curve(light: Any) -> Any:
    """A grade that is no film: slope, offset and power, an S curve, more saturation."""
    codes = np.clip(light * [1.1, 1.0, 0.92] + [0.0, 0.002, 0.006], 0, None) ** [0.95, 1.0, 1.05]
    codes = codes / (codes + 0.5) * 1.3
    gray = (codes @ [0.2126, 0.7152, 0.0722])[..., None]
    codes = np.clip(gray + 1.2 * (codes - gray), 0, 1) ** (1 / 2.4)
    return codes + 0.06 * np.sin(2 * np.pi * (codes - 0.5))


def _other_picture(codes: Any, light: Any) -> None:
    codes[: HEIGHT // 2, WIDTH // 2 :] = codes[::-1, ::-1][: HEIGHT // 2, WIDTH // 2 :].copy()


def _logo(codes: Any, light: Any) -> None:
    codes[: HEIGHT // 2, WIDTH // 2 :] = 0.85, 0.1, 0.12


def _ungraded(codes: Any, light: Any) -> None:
    codes[:, 3 * WIDTH // 4 :] = encode_srgb(np.clip(light[:, 3 * WIDTH // 4 :], 0, 1))


COVERS = {"a logo": _logo, "another picture": _other_picture, "the ungraded picture": _ungraded}


def wedges() -> Iterator[str]:
    """Rows of curves fitted to a wedge: density that they miss the true ones by, root mean square."""
    for what in ("the stock that is extended", "another lab's"):
        off = []
        for name in LOOKS[:4]:
            start = load_profile(name).print.curves
            for seed in range(20):
                true = start if what.startswith("the stock") else changed(name, seed).print.curves
                x = np.linspace(*ends(true), STEPS)
                read = densities(true, x, seed)
                curves = {
                    layer: fit_curve(getattr(start, layer), x, read[:, k], WEDGE_NOISE)
                    for k, layer in enumerate(LAYERS)
                }
                at = np.linspace(x[0], x[-1], 500)
                missed = densities(start.replace(**curves), at, None) - densities(true, at, None)
                off.append(float(np.sqrt(np.mean(missed**2))))
        yield f"| {what} | {np.mean(off):.4f} | {np.percentile(off, 95):.4f} | {max(off):.4f} |"


def lab_of(codes: Any) -> Any:
    return lab_of_codes(codes.astype(np.float64), REC1886)


def main() -> None:
    """Write the table."""
    with tempfile.TemporaryDirectory() as folder:
        lut_rows = "\n".join(foreign(Path(folder)))
        still_rows = "\n".join(stills(Path(folder)))
    look_rows, wedge_rows = "\n".join(found_again()), "\n".join(wedges())
    text = f"""# What a match finds again

`make bench-match`, on {cpu_model()}.

Looks with other curves, lights, silver and interimage, drawn at random, measured with {NOISE} CIEDE2000 of noise (a
wedge: {STEPS} steps, {WEDGE_NOISE} D of noise). Errors on {len(OTHERS)} other colors of -4 to +4 stops. In each cell:
the median of {len(SEEDS)} such looks, and in brackets the worst.

| measured | start | wanted mean / 95 % | mean | 95 % | lights, points | silver | interimage |
| --- | --- | --- | --- | --- | --- | --- | --- |
{look_rows}

Of measurements of 140 colors of {len(REPEATS)} such looks each of vision and premier-camera, {covered()} numbers
(lights, silver, interimage) are within two standard errors of the truth.

A LUT of another film model (density-only, other matrices, hues turned), 33^3, Cineon log in. CIEDE2000 of natural
colors, mean / 95 %. The last column is the processor's time for all, on one core, the SDev's build included; in the
first row imports, too.

| start | before | film model | with residual | its SDev | CPU seconds |
| --- | --- | --- | --- | --- | --- |
{lut_rows}

A graded still of 1920x1080 and 8 bits, a quarter of it covered, from premier. CIEDE2000 of parts of the picture that
were not fitted, mean / 95 %. CDL and S curve is no film.

| grade | covered by | before | after | CPU seconds |
| --- | --- | --- | --- | --- |
{still_rows}

Curves of 12 points from a wedge of {STEPS} steps with {WEDGE_NOISE} D of noise, of 4 stocks, 20 readings each: density
between the steps, root mean square.

| wedge of | mean | 95 % | worst |
| --- | --- | --- | --- |
{wedge_rows}
"""
    RESULTS.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
