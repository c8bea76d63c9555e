"""CxF3, X-Rite's XML of colors, read through colour-cxf (extra `match`).

Source: ISO 17972-1:2015, whose schema colour-cxf holds.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from lattice.errors import LatticeError, one_line
from lattice.files.clf_nodes import checked_text
from lattice.files.measured.measured import KINDS, Kind, Measured
from lattice.files.measured.text import SHOWN
from lattice.record import shortened
from lattice.types import Array

INSTALL = "pip install 'lattice-film[match]'"
MOST_MARKS = 100_000  # elements and attributes
FULL_SCALE = 255.0  # of RGB without MaxRange
TEN_DEGREES, CUSTOM = "10_Degree", "Custom"
MEASURED: dict[Kind, tuple[str, ...]] = {
    "XYZ": ("ColorCiexyz", "ColorEmissiveCiexyz"),
    "Lab": ("ColorCielab",),
    "spectral": ("EmissiveSpectrum",),
}  # classes of colour-cxf


def is_it(text: str) -> bool:
    """True if a text is XML."""
    return text.lstrip().startswith("<")


def parse(text: str, path: str) -> Measured:
    """Return the objects of a CxF3 document that have ColorRGB and a measured color. path: for messages.

    ReflectanceSpectrum is not read: it is no light off a screen.
    Raises LatticeError, with the object, for XML that is no CxF3, lacks colors, holds numbers that are not finite, is
    of the 10 degree observer, or mixes scales, wavelengths or illuminants; and if colour-cxf is not installed.
    """
    document = _document(text, path)
    resources = document.resources
    objects = [*_list(resources, "object_collection", "object_value")]
    specifications = {
        each.id: each for each in _list(resources, "color_specification_collection", "color_specification")
    }
    kind = next((kind for kind in KINDS if any(_color(each, kind) for each in objects)), None)
    if kind is None:
        found = sorted({type(color).__name__ for each in objects for color in _choices(each.color_values)})
        wanted = "ColorCIEXYZ, ColorCIELab or EmissiveSpectrum, colors off a screen"
        raise LatticeError(f"{path}: expected {wanted}, got {', '.join(found) or 'none'}")
    return _measured(path, [each for each in objects if _color(each, kind)], kind, specifications)


def _measured(path: str, objects: list[Any], kind: Kind, specifications: dict[str, Any]) -> Measured:
    places = tuple(f"object {shortened(each.name or each.id or '', SHOWN)}" for each in objects)
    where = [f"{path}: {place}" for place in places]
    device = [_device(each, at) for each, at in zip(objects, where, strict=True)]
    colors = [_color(each, kind) for each in objects]
    said = [specifications.get(each.color_specification) for each in colors]
    values = [_values(color, kind, at) for color, at in zip(colors, where, strict=True)]
    _one(map(len, values), f"{path}: numbers of {kind}")
    nm = None
    if kind == "spectral":
        bands = [_wavelengths(*each) for each in zip(colors, said, values, where, strict=True)]
        nm = np.array(_one((tuple(each) for each in bands), f"{path}: wavelengths"))
    return Measured(
        path,
        tuple(each.name or "" for each in objects),
        places,
        np.array([rgb for rgb, _ in device]),
        kind,
        np.array(values),
        "CxF3",
        _one((scale for _, scale in device), f"{path}: MaxRange"),
        nm,
        illuminant=_one((_illuminant(each, at) for each, at in zip(said, where, strict=True)), f"{path}: illuminant"),
    )


def _document(text: str, path: str) -> Any:
    try:
        import colour_cxf
    except ImportError:
        raise LatticeError(f"{path}: CxF needs colour-cxf: {INSTALL}") from None
    try:
        data = checked_text(text.encode(), "a CxF", MOST_MARKS).encode()
        with warnings.catch_warnings(), _strict():
            warnings.simplefilter("error")  # of a value that the schema has otherwise
            return colour_cxf.read_cxf(data)
    except LatticeError as error:
        raise LatticeError(f"{path}: {error}") from None
    except Exception as error:  # the parser raises many kinds of exception
        raise LatticeError(f"{path}: expected a CxF3 document, got another: {one_line(error):.200}") from None


class _Refusing(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        raise ValueError(record.getMessage())


@contextmanager
def _strict() -> Iterator[None]:
    """Raise where the parser would log that it leaves something out, such as a second X of one color."""
    log, handler = logging.getLogger("xsdata"), _Refusing(logging.WARNING)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


def _list(resources: Any, collection: str, of: str) -> list[Any]:
    return getattr(getattr(resources, collection, None), of, [])


def _choices(values: Any) -> Iterator[Any]:
    yield from getattr(values, "choice", ())


def _color(of: Any, kind: Kind) -> Any:
    return next((each for each in _choices(of.color_values) if type(each).__name__ in MEASURED[kind]), None)


def _device(of: Any, where: str) -> tuple[Array, float]:
    """Return the RGB of an object and its full scale."""
    color = next((each for each in _choices(of.device_color_values) if type(each).__name__ == "ColorRgb"), None)
    if color is None:
        raise LatticeError(f"{where}: expected ColorRGB among its DeviceColorValues, got none")
    scale = FULL_SCALE if color.max_range is None else float(color.max_range)
    if scale <= 0:
        raise LatticeError(f"{where}: MaxRange: expected a number above 0, got {scale:g}")
    return _finite((color.r, color.g, color.b), where), scale


def _values(color: Any, kind: Kind, where: str) -> Array:
    if kind == "spectral":
        return _finite(color.value, where)
    return _finite((color.x, color.y, color.z) if kind == "XYZ" else (color.l, color.a, color.b), where)


def _finite(numbers: Iterable[Any], where: str) -> Array:
    given = list(numbers)
    found = np.array([np.nan if each is None else float(each) for each in given])
    if not np.isfinite(found).all():
        raise LatticeError(f"{where}: expected finite numbers, got {', '.join(map(str, given[:3]))}")
    return found


def _wavelengths(color: Any, specification: Any, values: Array, where: str) -> Array:
    bands = getattr(getattr(specification, "measurement_spec", None), "wavelength_range", None)
    start = color.start_wl if color.start_wl is not None else getattr(bands, "start_wl", None)
    step = getattr(bands, "increment", None)
    if start is None or step is None or step <= 0:
        raise LatticeError(f"{where}: expected a WavelengthRange with StartWL and Increment, got none")
    return np.asarray(start + step * np.arange(len(values)), np.float64)


def _illuminant(specification: Any, where: str) -> str | None:
    """Return the illuminant that a specification names. Raises LatticeError for the 10 degree observer."""
    said = getattr(specification, "tristimulus_spec", None)
    observer = getattr(getattr(getattr(said, "observer", None), "value", None), "value", None)
    if observer == TEN_DEGREES:
        raise LatticeError(f"{where}: expected the CIE 1931 2 degree observer, got {observer}")
    named = getattr(getattr(getattr(said, "illuminant_or_custom_illuminant", None), "value", None), "value", None)
    return named if isinstance(named, str) and named != CUSTOM else None


def _one(values: Iterable[Any], what: str) -> Any:
    """Return the value that all have. Raises LatticeError if they differ."""
    found = list(dict.fromkeys(values))
    if len(found) > 1:
        raise LatticeError(f"{what}: expected the same of all objects, got {found[0]!s:.40} and {found[1]!s:.40}")
    return found[0]
