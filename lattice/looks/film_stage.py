"""The numbers of a negative's film-exposure stage: scene ACEScg to what its three layers receive."""

from __future__ import annotations

from typing import Annotated, Self

import numpy as np
from pydantic import Field, field_validator, model_validator

from lattice.looks.base import Matrix3, Record

# Where the slopes of a stage's curves are given.
SLOPES_AT = (-9.0, -5.0, -2.5, -1.25, -0.5, 0.0, 0.5, 1.25, 2.5, 5.0, 9.0)
SLOPES = (0.005, 25.0)  # the flattest and the steepest
EVEN, PARTED = (1.0, 1.0, 1.0), (1.0, 0.0, 0.0)  # equal layers before and after a round's matrix
CLOSE = 1e-6  # of the sums of a row
Slope = Annotated[float, Field(ge=SLOPES[0], le=SLOPES[1])]
Slopes = Annotated[tuple[Slope, ...], Field(min_length=len(SLOPES_AT), max_length=len(SLOPES_AT))]


class StageRound(Record):
    """A matrix of logarithms, then a rising curve each for the last two of the three numbers."""

    matrix: Matrix3 = Field(description="Logs to exposure and two differences, or those to others")
    slopes: tuple[Slopes, Slopes] = Field(
        description=f"Of the second and the third number's curve at {', '.join(f'{x:g}' for x in SLOPES_AT)}"
    )


class FilmStage(Record):
    """Scene ACEScg to film-layer exposure, in logarithms and two rounds; see `lattice.build.film_stage`.

    Equal R, G, B stay as they are, and twice the light is twice the exposure.
    """

    mixing: Matrix3 = Field(description="ACEScg to three sums of it without negatives; rows sum to 1")
    first: StageRound
    second: StageRound
    layers: Matrix3 = Field(description="The second round's numbers to log2 layer exposures; first column 1")

    @field_validator("mixing")
    @classmethod
    def _has_no_negatives(cls, mixing: Matrix3) -> Matrix3:
        if min(map(min, mixing)) < 0:
            raise ValueError(f"expected no entry below 0, got {min(map(min, mixing)):g}")
        return mixing

    @model_validator(mode="after")
    def _keeps_gray(self) -> Self:
        steps = (
            ("mixing", self.mixing, EVEN, EVEN),
            ("first.matrix", self.first.matrix, EVEN, PARTED),
            ("second.matrix", self.second.matrix, PARTED, PARTED),
            ("layers", self.layers, PARTED, EVEN),
        )
        for name, matrix, given, wanted in steps:
            found = np.array(matrix) @ given
            if not np.allclose(found, wanted, rtol=0, atol=CLOSE):
                what = "rows that sum to" if given is EVEN else "a first column of"
                got, want = (", ".join(f"{each:g}" for each in row) for row in (found, wanted))
                raise ValueError(f"{name}: expected {what} {want}, so that gray stays gray, got {got}")
        if np.linalg.det([matrix for _, matrix, _, _ in steps]).prod() <= 0:
            raise ValueError("expected matrices with a product of determinants above 0, so that no color is mirrored")
        return self
