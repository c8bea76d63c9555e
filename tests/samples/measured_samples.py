"""Measured patches as files: the same colors as a table, CGATS, Argyll's .ti3 and CxF3."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from match_samples import REC1886

from lattice.color.primaries import rgb_to_xyz
from lattice.match import Reference

FIELDS = {"XYZ": ("X", "Y", "Z"), "Lab": ("L", "a", "b")}
WHITE = rgb_to_xyz(REC1886.primaries).sum(axis=1)
NS = 'xmlns="http://colorexchangeformat.com/CxF3-core"'
SPECIFICATION = """<ColorSpecification Id="of"><TristimulusSpec><Illuminant>{illuminant}</Illuminant>
<Observer>2_Degree</Observer><Method>E308_Table5</Method></TristimulusSpec><MeasurementSpec>
<MeasurementType>Spectrum_Emissive</MeasurementType><GeometryChoice/>
<WavelengthRange StartWL="{start}" Increment="{step}"/></MeasurementSpec></ColorSpecification>"""


def xyz_of(lab: Any, white: Any = WHITE) -> Any:
    """XYZ (n, 3), Y of white 100, of CIELAB over a white, REC1886's by default."""
    f = np.stack([(lab[:, 0] + 16) / 116 + lab[:, 1] / 500, (lab[:, 0] + 16) / 116], axis=-1)
    f = np.column_stack([f, f[:, 1] - lab[:, 2] / 200])
    return 100 * white * np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29))


def fields(kind: str, nm: Any = None) -> list[str]:
    """Names of columns in a table."""
    return [f"{each:g}" for each in nm] if kind == "spectral" else list(FIELDS[kind])


def words(values: Any) -> list[str]:
    return [f"{value:.17g}" for value in values]


def csv(names: Sequence[str], rgb: Any, values: Any, kind: str = "XYZ", nm: Any = None, mark: str = ",") -> str:
    """A table; with a mark other than a comma, its numbers have decimal commas."""
    rows = [["name", "r", "g", "b", *fields(kind, nm)]]
    for name, color, measured in zip(names, rgb, values, strict=True):
        numbers = words([*color, *measured])
        rows.append([name, *(numbers if mark == "," else [number.replace(".", ",") for number in numbers])])
    return "\n".join(mark.join(row) for row in rows) + "\n"


def cgats(
    names: Sequence[str], rgb: Any, values: Any, kind: str = "XYZ", nm: Any = None, keywords: str = "", band: str = ""
) -> str:
    """CGATS.17 text. keywords: lines before the table. band: how a spectral field begins."""
    prefix = {"XYZ": "XYZ_", "Lab": "LAB_", "spectral": band or "SPECTRAL_NM_"}[kind]
    header = ["SAMPLE_ID", "SAMPLE_NAME", "RGB_R", "RGB_G", "RGB_B"]
    header += [f"{prefix}{each}".upper() for each in fields(kind, nm)]
    rows = [
        "\t".join([str(at), f'"{name}"', *words([*color, *measured])])
        for at, (name, color, measured) in enumerate(zip(names, rgb, values, strict=True), 1)
    ]
    return "\n".join(
        [
            *("CGATS.17", 'ORIGINATOR "lattice # tests"', "# a comment", *keywords.splitlines(), ""),
            *(f"NUMBER_OF_FIELDS {len(header)}", "BEGIN_DATA_FORMAT", " ".join(header), "END_DATA_FORMAT"),
            *(f"NUMBER_OF_SETS {len(rows)}", "BEGIN_DATA", *rows, "END_DATA", ""),
        ]
    )


def ti3(names: Sequence[str], rgb: Any, values: Any, kind: str = "XYZ", nm: Any = None, white: Any = None) -> str:
    """Argyll's text: RGB over 100, XYZ of the screen's white in cd/m2."""
    lines = ['DESCRIPTOR "Argyll Calibration Target chart information 3"', 'DEVICE_CLASS "DISPLAY"']
    if white is not None:
        lines += [f'LUMINANCE_XYZ_CDM2 "{" ".join(words(white))}"', 'NORMALIZED_TO_Y_100 "YES"']
    text = cgats(names, np.asarray(rgb) * 100, values, kind, nm, "\n".join(lines), "SPEC_")
    return text.replace("CGATS.17", "CTI3   ")


def cxf(names: Sequence[str], rgb: Any, values: Any, kind: str = "XYZ", nm: Any = None, illuminant: str = "D65") -> str:
    """CxF3 text. rgb: whole numbers over 65535."""
    objects = []
    for at, (name, color, measured) in enumerate(zip(names, rgb, values, strict=True)):
        numbers = words(measured)
        if kind == "spectral":
            held = f'<EmissiveSpectrum ColorSpecification="of" StartWL="{nm[0]:g}">{" ".join(numbers)}'
            held += "</EmissiveSpectrum>"
        else:
            tag = {"XYZ": "ColorCIEXYZ", "Lab": "ColorCIELab"}[kind]
            marks = "".join(f"<{of.upper()}>{n}</{of.upper()}>" for of, n in zip(FIELDS[kind], numbers, strict=True))
            held = f'<{tag} ColorSpecification="of">{marks}</{tag}>'
        device = "".join(f"<{of}>{round(n)}</{of}>" for of, n in zip("RGB", color, strict=True))
        objects.append(
            f'<Object ObjectType="Target" Name="{name}" Id="{at}"><CreationDate>2026-01-01T00:00:00Z</CreationDate>'
            f"<ColorValues>{held}</ColorValues><DeviceColorValues>"
            f'<ColorRGB ColorSpecification="of"><MaxRange>65535</MaxRange>{device}</ColorRGB>'
            "</DeviceColorValues></Object>"
        )
    step = 10 if nm is None else int(nm[1] - nm[0])
    said = SPECIFICATION.format(illuminant=illuminant, start=380 if nm is None else int(nm[0]), step=step)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><CxF {NS}><FileInformation><Creator>tests</Creator></FileInformation>'
        f"<Resources><ObjectCollection>{''.join(objects)}</ObjectCollection><ColorSpecificationCollection>{said}"
        "</ColorSpecificationCollection></Resources></CxF>"
    )


WRITERS: dict[str, Callable[..., str]] = {".csv": csv, ".cgats": cgats, ".ti3": ti3, ".cxf": cxf}


def text_of(reference: Reference, suffix: str, kind: str = "XYZ") -> str:
    """A reference on REC1886 as a file of this suffix: its light over 1, .ti3 over 100; no .cxf, whose RGB is whole."""
    names = reference.names or tuple(f"p{at}" for at in range(len(reference.light)))
    values = xyz_of(reference.lab) if kind == "XYZ" else reference.lab
    return WRITERS[suffix](names, reference.light, values, kind)
