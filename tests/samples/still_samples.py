"""A small picture of natural colors, graded, and what may lie over a graded still."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from exr_samples import save
from image_samples import KINDS
from match_samples import REC1886, natural

from lattice.build import film_exposure, make_chain
from lattice.build.display import make_display
from lattice.color.primaries import convert
from lattice.encodings import encode_srgb
from lattice.files.exr.header import Attribute
from lattice.files.images.file import write
from lattice.files.images.spec import EncodedImage
from lattice.looks import Profile

HEIGHT, WIDTH, SIDE = 432, 768, 24
PRIMARIES = "Rec.709"
TWIST = np.radians(6)


def scene(seed: int = 1, height: int = HEIGHT, width: int = WIDTH) -> Any:
    """Scene light (H, W, 3): surfaces of natural colors under light that falls off, a gray one in seven."""
    random = np.random.default_rng(seed)
    rows, columns = np.indices((height, width)).astype(float)
    count = (height // SIDE + 2) * (width // SIDE + 2)
    colors = natural(count, seed)
    colors[::7] = colors[::7].mean(axis=1, keepdims=True)
    bent_rows = rows + 8 * np.sin(columns / 31)
    bent_columns = columns + 8 * np.sin(rows / 23)
    number = (bent_rows // SIDE + 1).astype(int) * (width // SIDE + 2) + (bent_columns // SIDE + 1).astype(int)
    light = colors[np.clip(number, 0, count - 1)]
    shade = 2.0 ** (0.4 * np.sin(rows / 37) + 0.4 * np.cos(columns / 41))
    return (light * shade[..., None] * np.exp(random.normal(0, 0.01, light.shape))).astype(np.float16).astype(float)


def graded(look: Profile, light: Any) -> Any:
    """Codes (H, W, 3) of a look on REC1886."""
    shown = look.replace(display=REC1886)
    chain = make_chain(shown)
    film = film_exposure(shown, light @ convert(PRIMARIES, shown.input).T)
    linear = (chain.project(film) * chain.base[1] / chain.base) @ make_display(shown, chain).matrix.T
    return np.clip(linear, 0, 1) ** (1 / 2.4)


def twisted(codes: Any) -> Any:
    """Codes of a grade that is no film: display light with its chroma turned about gray by TWIST."""
    light = codes**2.4
    gray = (light @ [0.2126, 0.7152, 0.0722])[..., None]
    axis, chroma = np.ones(3) / np.sqrt(3), light - gray
    turned = chroma * np.cos(TWIST) + np.cross(axis, chroma) * np.sin(TWIST)
    return np.clip(gray + turned, 0, 1) ** (1 / 2.4)


def _logo(codes: Any, light: Any) -> Any:
    codes[HEIGHT // 4 : -HEIGHT // 4, WIDTH // 4 : -WIDTH // 4] = 0.85, 0.1, 0.12


def _other(codes: Any, light: Any) -> Any:
    codes[: HEIGHT // 2, WIDTH // 2 :] = codes[::-1, ::-1][: HEIGHT // 2, WIDTH // 2 :].copy()


def _wipe(codes: Any, light: Any) -> Any:
    codes[:, 3 * WIDTH // 4 :] = encode_srgb(np.clip(light[:, 3 * WIDTH // 4 :], 0, 1))


def _bars(codes: Any, light: Any) -> Any:
    codes[: HEIGHT // 8] = codes[-HEIGHT // 8 :] = 0
    for left in range(WIDTH // 4, 3 * WIDTH // 4, 12):
        codes[-HEIGHT // 5 : -HEIGHT // 6, left : left + 7] = 0.95


OCCLUDERS: dict[str, Callable[[Any, Any], None]] = {"logo": _logo, "other": _other, "wipe": _wipe, "bars": _bars}


def occluded(kind: str, codes: Any, light: Any) -> Any:
    """A graded picture with a quarter of it replaced."""
    changed = codes.copy()
    OCCLUDERS[kind](changed, light)
    return changed


def save_plate(path: Path, light: Any, interop_id: str = "lin_rec709_scene", **layout: Any) -> Path:
    """An EXR of halves that names its color space; of a still's codes with the ID of a display."""
    said = {"colorInteropID": Attribute.text(interop_id)}
    save(path, {name: light[..., k].astype(np.float16) for k, name in enumerate("RGB")}, said, **layout)
    return path


def save_still(path: Path, codes: Any, bits: int = 8) -> Path:
    """A PNG, JPEG or TIFF of codes, of 16 bits in a TIFF."""
    kind = next(each for each in KINDS.values() if path.suffix in each.suffixes)
    bits = kind.bits[0] if kind.bits[0] > bits else bits
    values = np.round(codes * (2**bits - 1)).astype(np.uint8 if bits == 8 else np.uint16)
    write(path, kind, EncodedImage(values))
    return path
