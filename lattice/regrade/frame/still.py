"""Convert a graded frame to an image other than EXR: its layer, its code values, its stamp."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from lattice.channels.layers import RGBLayer
from lattice.channels.plan import ChannelPlan
from lattice.color.transfer import TRANSFERS
from lattice.files.frame import FrameHeader
from lattice.files.images.formats import Format
from lattice.files.images.spec import EncodedImage
from lattice.files.window import shared, shown_pixels
from lattice.regrade.frame.alpha import divided
from lattice.regrade.options import KEEP, Options
from lattice.types import Display, LatticeError, Pixels, halves

ROWS = 32  # converted together, so that float64 takes little memory
LONGEST_NAME = 64  # characters of a look's name in a stamp, so that the whole stamp fits into 200 bytes
LEFT_OUT = "left out"  # begins the line that lists the channels left out


@dataclass(frozen=True)
class Still:
    """The part of a file that an image keeps.

    part: number of the layer's part in the file. alpha: text for people about the alpha kept; None without alpha.
    left_out: names of the channels not kept, after their part's name in a multi-part file.
    """

    kind: Format
    part: int
    rgb_layer: RGBLayer
    alpha: str | None
    left_out: tuple[str, ...]

    def lines(self, header: FrameHeader) -> list[str]:
        """Return lines for people: the channels written, and those left out."""
        held = "10-bit codes of printing density" if self.kind.log else f"{self.bits(header)}-bit display codes"
        lines = [
            f"{' '.join(self.rgb_layer.names)}: grade, written as {held}"
            + (f", {self.alpha} kept" if self.alpha else "")
        ]
        if self.left_out:
            lines.append(f"{LEFT_OUT}, for {self.kind.name} cannot hold it: {', '.join(self.left_out)}")
        height, width = header.shape
        beyond = height * width - shown_pixels(header)
        if beyond:
            lines.append(f"{LEFT_OUT}, for it is outside the display window: {beyond} of {height * width} pixels")
        return lines

    def bits(self, header: FrameHeader) -> int:
        """Return the bits of a written code value; 32, floats, for a source of floats if the format has floats."""
        return self.kind.bits[-1 if header.holds_floats else 0]


def choose(
    kind: Format, headers: Sequence[FrameHeader], plans: Sequence[ChannelPlan], options: Options, where: str
) -> Still:
    """Return the one layer that the image keeps, with its alpha if the format keeps alpha.

    plans: of each part, at least one layer in all. where: the file's name, for messages. That is the layer of
    `options.layers`, else the beauty. Raises LatticeError if several views or layers are asked for.
    """
    for name, value, default in (
        ("compression", options.compression, KEEP),
        ("tiles", options.tiles, KEEP),
        ("lossy", options.lossy, "refuse"),
        ("verify", options.verify, "decode"),
    ):
        if value != default:
            raise LatticeError(
                f"{where}: {name}: expected {default} for {kind.name}, got {value}: it is of EXRs; leave out --{name}"
            )
    found = showable(plans, options.layers, f"{where}: layers: expected one for {kind.name}")
    views = sorted({rgb_layer.view for _, rgb_layer in found})
    if len(views) > 1:
        raise LatticeError(
            f"{where}: views: expected one for {kind.name}, got {' and '.join(views)}; --views {views[0]} takes one"
        )
    part, rgb_layer = min(found, key=lambda each: bool(each[1].layer))  # the bare color comes before Blender's layers
    alpha = rgb_layer.alpha_text if rgb_layer.alpha and _keeps_alpha(kind, headers[part]) else None
    held = {(part, name) for name in rgb_layer.names}
    if alpha:
        held.add((part if rgb_layer.alpha_part is None else rgb_layer.alpha_part, rgb_layer.alpha or ""))
    left_out = tuple(
        channel.name if header.part is None else f"{header.text('name')}:{channel.name}"
        for k, header in enumerate(headers)
        for channel in header.channels
        if (k, channel.name) not in held
    )
    return Still(kind, part, rgb_layer, alpha, left_out)


def showable(plans: Sequence[ChannelPlan], layers: Sequence[str], expected: str) -> list[tuple[int, RGBLayer]]:
    """Return the part's number and the layer of each color that one picture may show: of `layers`, or of all if empty.

    expected: begins the message. Raises LatticeError if `layers` has several names.
    """
    if len(layers) > 1:
        raise LatticeError(f"{expected}, got {' and '.join(layers)}; --layers {layers[0]} takes one")
    found = [(part, rgb_layer) for part, plan in enumerate(plans) for rgb_layer in plan.rgb_layers]
    return [each for each in found if not layers or each[1].layer == layers[0]]


def _keeps_alpha(kind: Format, header: FrameHeader) -> bool:
    return kind.alpha in ("straight", "as it came") or (kind.alpha == "of its own" and header.format_name == kind.name)


def codes_of(
    still: Still,
    header: FrameHeader,
    graded: Mapping[str, Pixels],
    alpha: Pixels | None,
    display: Display | None,
    note: str,
) -> EncodedImage:
    """Return the image to write, in the display window; outside the data window it is black, with alpha 0.

    graded: display code values of the layer's channels, (h, w) each, of the data window. alpha: same shape; None if the
    layer has none. display: the SDev's; None if it gives printing densities. note: from `note`. The image's pixels are
    (H, W, 3 or 4): uint8 of 8 bits, float32 of 32, uint16 of others.
    """
    straight, wants_straight = header.straight, still.kind.alpha == "straight"
    wants_straight = wants_straight or (still.kind.alpha == "as it came" and straight)
    shown, held = shared(header.window, header.display)
    weight = None if alpha is None or straight == wants_straight else alpha[held]

    def color(plane: Pixels, rows: slice) -> Pixels:
        if weight is None:
            return plane[rows]
        return divided(plane[rows], weight[rows]) if wants_straight else plane[rows] * weight[rows]

    bits = still.bits(header)
    code, share = _to_codes(bits, display if still.kind.log else None), _to_codes(bits, None)
    planes = [(graded[name][held], color, code) for name in still.rgb_layer.names]
    if alpha is not None and still.alpha:
        planes.append((alpha[held], lambda plane, rows: plane[rows], share))
    black = [code(np.zeros(1, np.float32))[0] for _, _, code in planes]
    left, top, right, bottom = header.display
    pixels = np.full((bottom - top + 1, right - left + 1, len(planes)), black, black[0].dtype)
    picture = pixels[shown]
    for first in range(0, len(picture), ROWS):
        rows = slice(first, first + ROWS)
        for k, (plane, taken, code) in enumerate(planes):
            picture[rows, :, k] = code(taken(plane, rows))
    return EncodedImage(
        pixels,
        note,
        wants_straight,
        header.pixel_aspect,
        header.time_code,
        header.rate,
        header.kept if header.format_name == still.kind.name else b"",
    )


def note(stamped: Mapping[str, str], source_sha256: str, request: str) -> str:
    """Return the stamp of a frame for a file without attributes: one line, the same for the same inputs.

    stamped: the stamps of an EXR. source_sha256: hex digest of the source file. request: a digest, as of `Request`.
    """
    every = json.dumps([sorted(stamped.items()), source_sha256])
    digest = hashlib.sha256(every.encode()).hexdigest()
    return f"lattice {stamped['version']} {note_name(stamped['name'])} as:{request} sdev:{digest}"


def note_name(name: str) -> str:
    """Return a look's name as a stamp holds it: printable ASCII, at most LONGEST_NAME characters."""
    printable = "".join(each if each.isprintable() else " " for each in name)
    return " ".join(printable.split()).encode("ascii", "replace").decode()[:LONGEST_NAME]


def _to_codes(bits: int, display: Display | None) -> Callable[[Pixels], Pixels]:
    """Return a function that quantizes a plane to `bits`; NaN -> 0, values clipped to [0, 1].

    bits: 32 keeps floats as they are. display: its light is stored as printing density; None stores the values.
    """
    if bits == 32:
        return lambda plane: plane.astype(np.float32)

    def code(plane: Pixels) -> Pixels:
        share = np.clip(np.nan_to_num(plane.astype(np.float64), nan=0.0), 0, 1)
        if display is not None:
            share = TRANSFERS["cineon"].encode(display.decode(share))
        return np.rint(share * (2**bits - 1)).astype(np.uint8 if bits == 8 else np.uint16)

    of_halves = cache(lambda: code(halves()))  # only 2**16 values: each is computed once
    return lambda plane: np.take(of_halves(), plane.view(np.uint16)) if plane.dtype == np.float16 else code(plane)
