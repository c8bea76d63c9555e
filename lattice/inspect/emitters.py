"""How a stage takes saturated lights from black to over-exposed, beside the spectral truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lattice.inspect import spectra
from lattice.inspect.truth import Picture, Samples, Scene, Stage, delta_e, scenes
from lattice.looks import Profile
from lattice.types import Array

LEDS = {
    "red 630": (630, 20),
    "amber 595": (595, 20),
    "green 525": (525, 30),
    "cyan 500": (500, 30),
    "blue 460": (460, 20),
}
STOPS = np.arange(-4, 10.01, 0.25)
COLORLESS = 3.0  # C*; with less, a hue says nothing


@dataclass(frozen=True)
class Path:
    """One light, from -4 to +10 stops of its strongest layer about 0.18, through a stage and the exact chain.

    lab, truth: (57, 3) CIELAB as displayed, of the stage and of the layers' true exposures. fall: the largest fall of
    L* from one stop to the next, before the display clips. difference: (57,) CIEDE2000 between the two.
    """

    lab: Array
    truth: Array
    fall: float
    difference: Array

    @property
    def chroma(self) -> Array:
        """C* along the path."""
        return np.hypot(self.lab[:, 1], self.lab[:, 2])

    @property
    def hue(self) -> Array:
        """Hue angle along the path, degrees from 0 to 360."""
        return np.degrees(np.arctan2(self.lab[:, 2], self.lab[:, 1])) % 360

    @property
    def hues(self) -> tuple[float, float] | None:
        """The least and the largest hue where there is a color, in degrees; the second may be above 360.

        None if there is no color.
        """
        seen = self.hue[self.chroma >= COLORLESS]
        if not seen.size:
            return None
        turned = np.unwrap(seen, period=360)
        least = float(turned.min()) % 360
        return least, least + float(np.ptp(turned))

    def __str__(self) -> str:
        hues = " ".join(
            "-" if c < COLORLESS else f"{h:.0f}" for h, c in zip(self.hue[::8], self.chroma[::8], strict=True)
        )
        return f"{self.difference.mean():.1f}/{self.difference.max():.0f}, L* falls by {self.fall:.1f}, hue {hues}"


def emitters(scene: Scene, stops: Array = STOPS) -> dict[str, Samples]:
    """Return pixels and layer exposures of six lights along stops, camera and film balanced to the scene's light."""
    lights = {name: spectra.line(*peak_and_width) for name, peak_and_width in LEDS.items()} | {"neon": spectra.neon()}
    return {name: scene.sample(power[None]).leveled().at(tuple(stops)) for name, power in lights.items()}


def paths(profile: Profile, stage: Stage) -> dict[str, Path]:
    """Return the path of each light through a profile. Errors as in `truth.measure`."""
    picture = Picture(profile)
    found = {}
    for name, samples in emitters(scenes(profile.negative)[0]).items():
        film = stage(samples.pixels)
        lab, truth = picture.lab(film), picture.lab(samples.film)
        lightness = picture.lab(film, clipped=False)[:, 0]
        fall = float(np.max(lightness[:-1] - lightness[1:], initial=0.0))
        found[name] = Path(lab, truth, fall, delta_e(lab, truth))
    return found
