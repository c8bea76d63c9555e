"""The darkroom page: shots through SDevs, and film curves pulled by hand, in a browser or in a notebook.

The package can be called: `lattice.view(image, sdev="premier")` shows the page in a notebook's cell.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lattice.looks import Profile
    from lattice.sdev import SDev
    from lattice.view.notebook_still import Still
    from lattice.view.notebook_widget import Viewer

    Look = str | os.PathLike[str] | SDev | Profile


class _View(ModuleType):
    """A module that can be called, because `lattice.view` is both this package and the function that shows it."""

    def __call__(
        self, image: Any, sdev: Look | Sequence[Look] | None = None, input: str | None = None, layer: str | None = None
    ) -> Viewer | Still:
        """Show pictures through looks in a notebook.

        image: an array that `SDev.apply` takes, (H, W, 3 or 4) float16, float32, float64 or bfloat16; a list of arrays,
            which are frames; a path, or a pattern such as in.####.exr, of files that `lattice view` takes; or a list of
            them, which are shots.
        sdev: a look's name, a profile .toml, a .clf, an SDev or a Profile, or a list of up to nine, for slots 1 to 9;
            None: the slots of `lattice view`.
        input: what the pixels are, as `--input` names it; None: what a file names; of an array, what the first look's
            `SDev.apply` takes.
        layer: of a file, to show first; None: the beauty.
        Returns what a notebook shows: the viewer, where anywidget is installed (the extra `notebook`) and the front end
        has widgets, else a picture of the first frame through the looks. Raises LatticeError, one line, if an argument
        is wrong or a file cannot be read.
        """
        from lattice.view.notebook import show

        return show(image, sdev, input, layer)


sys.modules[__name__].__class__ = _View
