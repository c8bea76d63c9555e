"""Watch a look's TOML: a still is drawn again at each save, by a sampled lattice at once, by a fitted one then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from lattice.files.storage import atomic
from lattice.files.storage.read import State, read_bytes, state_of
from lattice.looks import Profile, load_profile
from lattice.looks.toml_text import read_toml
from lattice.looks.where import STOCKS, ancestors
from lattice.regrade.options import Options
from lattice.sdev import SDev
from lattice.types import LatticeError, SDevData
from lattice.view.author import error as error_of
from lattice.view.author import sketch
from lattice.view.drawn import colors_of, draw
from lattice.view.fitting import Fitter
from lattice.view.frames import Loaded
from lattice.view.looking import Looking, Picture, fitted, scale_for
from lattice.view.sheet import MOST_PIXELS, check_target, png_of
from lattice.view.still import for_still, read_still

POLL = 0.03  # seconds between looks at the files
SETTLED = 0.1  # seconds without a change, after which a fault is no half-written file
REST = 0.1  # seconds without a change, after which the lattice is fitted
JUST_SAVED = 10.0  # seconds: an older change is no save that somebody waits for
PAGE = "watch"  # by which the Fitter knows us
LARGEST = 1 << 20  # bytes of a file that are compared; a look has 64 KB at most
Say = Callable[[str, bool], None]  # a line, and whether it is a fault


@dataclass(frozen=True)
class Asked:
    """What is drawn. look: the .toml. still: the picture's file. layer, view: "" for the default. options: `input` and
    `transfer` say what the pixels are. exposure: stops. size: largest width and height of the PNG; None: the picture's.
    """

    look: Path
    still: Path
    layer: str = ""
    view: str = ""
    options: Options = field(default_factory=Options)
    exposure: float = 0.0
    size: tuple[int, int] | None = None


def watch(asked: Asked, target: Path, overwrite: bool, say: Say, stop: Callable[[], bool]) -> None:
    """Draw a still through a look until `stop()`: again whenever one of the look's files, or the still, is saved.

    target: the .png. overwrite: its first version may replace a file. say: gets a line for each picture and each fault;
    a look or a still with a fault leaves the last picture as it is.
    Raises LatticeError if the look is no .toml, the PNG's name is taken, or another program writes the PNG meanwhile.
    """
    if asked.look.suffix.lower() != ".toml":
        raise LatticeError(f"{asked.look}: expected the .toml of a look")
    check_target(target, asked.still, overwrite)
    watching = Watch(asked, _Png(target, overwrite), say)
    try:
        while not stop():
            watching.step(time.monotonic())
            time.sleep(POLL)
    finally:
        watching.close()


class _Png:
    """The file that is drawn. overwrite: the first version replaces the file that is there now."""

    def __init__(self, path: Path, overwrite: bool) -> None:
        self.path = path
        self._state = state_of(path) if overwrite else None
        self.check()

    def check(self) -> None:
        """Raise LatticeError if there is a file that is not ours."""
        state = state_of(self.path)
        if state is not None and state != self._state:
            raise LatticeError(f"{self.path}: exists already, written by another; --overwrite replaces it")

    def write(self, data: bytes) -> None:
        """Write the whole file or nothing. Raises LatticeError as `check` does, or if the disk refuses."""
        self.check()
        atomic.replace(self.path, [data], verify=lambda _: None)
        self._state = state_of(self.path)


class Watch:
    """A look, a still, and the picture of both. `step` is called again and again."""

    def __init__(self, asked: Asked, png: _Png, say: Say) -> None:
        self._asked, self._png, self._say = asked, png, say
        self._texts: dict[Path, bytes | None] = {asked.look: b""}  # of the look's files
        self._state: State | None = None  # of the still
        self._loaded: Loaded | None = None
        self._profile: Profile | None = None  # what is drawn
        self._shown: Loaded | None = None
        self._fitting: Future[SDevData | LatticeError | None] | None = None  # of what is drawn
        self._fault = ""
        self._is_to_fit = False
        self._changed = 0.0
        self._fitter = Fitter()

    def step(self, now: float) -> None:
        """Look at the files once and do what is due. now: seconds of a clock. Raises LatticeError as `watch` does."""
        texts, state = _texts(self._texts), state_of(self._asked.still)
        if texts != self._texts or state != self._state:
            self._changed = now
            self._take(texts, state)
        elif self._fault and now - self._changed > SETTLED:
            self._say(self._fault, True)
            self._fault = ""
        elif self._is_to_fit and now - self._changed > REST and self._profile is not None:
            self._is_to_fit, self._fitting = False, self._fitter.start(self._profile, PAGE)
        elif self._fitting is not None and self._fitting.done():
            self._show(self._fitting.result())

    def close(self) -> None:
        """End the process that fits."""
        self._fitter.close()

    def _take(self, texts: dict[Path, bytes | None], state: State | None) -> None:
        """Draw what changed; a fault is kept, to be said if it stays."""
        if state != self._state:
            self._loaded = None
        self._texts, self._state, self._fault = texts, state, ""
        try:
            if self._loaded is None:
                asked = self._asked
                loaded = read_still(asked.still, asked.layer, asked.view, asked.options)
                framed(loaded.picture, asked.exposure, asked.size)  # one too large is the still's fault
                self._loaded = loaded
            profile = load_profile(self._asked.look)
            self._texts = _texts(files_of(self._asked.look)) | texts
            if profile == self._profile and self._loaded is self._shown:
                return
            sdev = for_still(SDev.from_device(sketch(profile)), self._loaded)
        except LatticeError as error:
            self._fault = str(error)
            return
        self._draw(sdev, self._loaded)
        self._profile, self._fitting, self._is_to_fit = profile, None, True
        self._say(f"{self._png.path}: {sdev.lattice.size}^3 sampled{self._since_saved()}", False)

    def _show(self, fitted: SDevData | LatticeError | None) -> None:
        """Draw what is shown with its fitted lattice, once."""
        self._fitting = None
        if isinstance(fitted, LatticeError):
            self._say(str(fitted), True)
        elif fitted is not None and self._profile is not None and self._shown is not None:
            self._draw(for_still(SDev.from_device(fitted), self._shown), self._shown)
            error = error_of(fitted, self._profile)
            self._say(
                f"{self._png.path}: {fitted.lattice.size}^3 fitted, CIEDE2000 to the exact chain: "
                f"mean {error['mean']:.2f}, 99% below {error['p99']:.2f}, largest {error['max']:.2f}",
                False,
            )

    def _draw(self, sdev: SDev, loaded: Loaded) -> None:
        canvas, looking = framed(loaded.picture, self._asked.exposure, self._asked.size)
        picture = loaded.picture.proxy(scale_for(looking.zoom))
        drawn = colors_of(draw(canvas, looking, (picture, sdev)))
        self._png.write(png_of(drawn, f"watch of {self._asked.look.name}: {sdev.sha256[:12]}"))
        self._shown = loaded

    def _since_saved(self) -> str:
        """Return how long ago the newest file was saved, for people; nothing if that is long ago."""
        times = [state[2] for path in (*self._texts, self._asked.still) if (state := state_of(path)) is not None]
        seconds = time.time() - max(times, default=0) / 1e9
        return f", {1000 * seconds:.0f} ms after it was saved" if 0 <= seconds < JUST_SAVED else ""


def framed(picture: Picture, exposure: float, size: tuple[int, int] | None) -> tuple[tuple[int, int], Looking]:
    """Return the canvas that the display window fills, and how it is looked at: 1:1, or smaller so that it fits `size`.

    Raises LatticeError if the canvas is too large.
    """
    width, height = picture.size
    full = max(1, round(width * picture.aspect)), height
    zoom, center = fitted(picture, size or full, most=1.0)
    if size is None:
        zoom = 1.0
    canvas = max(1, round(width * picture.aspect * zoom)), max(1, round(height * zoom))
    if canvas[0] * canvas[1] > MOST_PIXELS:
        raise LatticeError(
            f"size: expected at most {MOST_PIXELS / 1e6:.0f} megapixels, got {canvas[0]}x{canvas[1]}; "
            "--size 1920x1080 makes it smaller"
        )
    return canvas, Looking(exposure=exposure, zoom=zoom, center=center)


def files_of(look: Path) -> list[Path]:
    """Return the file of a look, the files that it extends, and the stocks that it names by a path."""
    found = [look]
    with suppress(LatticeError):
        for file in ancestors(look, "profile"):
            found.append(file)
            values = read_toml(file)
            for value in (values.get(name) for name in STOCKS):
                name = value.get("extends") if isinstance(value, dict) else value
                if isinstance(name, str) and name.lower().endswith(".toml"):
                    found += ancestors(file.parent / name, "stock")
    return list(dict.fromkeys(found))


def _texts(paths: Iterable[Path]) -> dict[Path, bytes | None]:
    """Return the bytes of each file, None if it cannot be read: an editor replaces it just now, or it is gone."""
    texts: dict[Path, bytes | None] = dict.fromkeys(paths)
    for path in texts:
        with suppress(LatticeError):
            texts[path] = read_bytes(path, LARGEST)
    return texts
