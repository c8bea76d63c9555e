"""The memory of a movie: what its encoder holds, and what the pictures in hand may share."""

from __future__ import annotations

from collections.abc import Sequence

from lattice.files.movie.codecs import CODECS
from lattice.files.movie.file import Movie
from lattice.regrade.dailies.shot import Shot
from lattice.regrade.options import Options
from lattice.regrade.process.memory_budget import PROGRAM, Budget, size_said
from lattice.sdev import cores
from lattice.types import LatticeError

# Bytes a pixel at the peak, as measured at 4000 x 3000: of the display window while it is cut out and scaled; of the
# movie's picture while it becomes codes; of the movie's picture alone.
SHOWN_BYTES, DRAWN_BYTES, PICTURE_BYTES = 30, 45, 12


def picture_bytes(shot: Shot, movie: Movie) -> int:
    """Return the bytes of memory that one picture of a shot needs at its peak, to its codes."""
    shown = shot.geometry[0] * shot.geometry[1]
    return shot.bytes_needed + max(SHOWN_BYTES * shown, DRAWN_BYTES * _area(movie)) + PICTURE_BYTES * _area(movie)


def encoder_bytes(movie: Movie, workers: int) -> int:
    """Return the bytes that the encoder holds, and the codes of as many pictures as there are workers."""
    layout = movie.layout
    planes = _area(movie) * (1 + 2 / (layout.across * layout.down)) * (1 if layout.bits == 8 else 2)
    return int(planes * (CODECS[movie.codec].held + 2 * cores() + workers))


def _area(movie: Movie) -> int:
    return movie.coded_size[0] * movie.coded_size[1]


def budget(shots: Sequence[Shot], movie: Movie, options: Options) -> Budget:
    """Return the memory that the pictures in hand share: what there is, less what the encoder holds.

    options: `memory`, or a share of what is free, is what there is.
    Raises LatticeError if the largest picture does not fit.
    """
    most = Budget(options.memory).most
    if most is None:
        return Budget(None)
    encoder = encoder_bytes(movie, options.workers)
    for shot in shots:
        needed = encoder + picture_bytes(shot, movie)
        if needed > most:
            what = f"{movie.size[0]} x {movie.size[1]} in {CODECS[movie.codec].title}"
            raise LatticeError(
                f"{shot.source}: {what} takes about {size_said(needed)} of memory, of {size_said(most)}; a smaller "
                f"--size takes less, --memory {(needed + PROGRAM >> 20) + 1}M would take it"
            )
    return Budget(most - encoder)
