"""Made-up CLF and CTF files: every process node in every style, and in several bit depths."""

from __future__ import annotations

from typing import Any

import numpy as np
from basics import halves

DEPTHS = 'inBitDepth="32f" outBitDepth="32f"'
SOP = "<SOPNode><Slope>1.1 .9 1.2</Slope><Offset>.1 -.1 .01</Offset><Power>1.2 .8 1</Power></SOPNode>"
GRADE = f"{SOP}<SatNode><Saturation>1.3</Saturation></SatNode>"
LIMITS = (
    "<minInValue>.1</minInValue><maxInValue>200</maxInValue><minOutValue>10</minOutValue><maxOutValue>222</maxOutValue>"
)
CINEON = 'gamma="{}" refWhite="685" refBlack="95" highlight="1" shadow="{}"'
LINES = 'base="10" logSideSlope=".3" logSideOffset=".2" linSideSlope="1.2" linSideOffset=".03"'


def listed(body: str, version: str = 'compCLFversion="3.0"') -> bytes:
    return f'<ProcessList id="a" {version}>\n{body}\n</ProcessList>'.encode()


def array(dim: str, *numbers: float) -> str:
    return f'<Array dim="{dim}">\n' + "\n".join(map(repr, numbers)) + "\n</Array>"


def cube(size: int, scale: float = 1) -> str:
    values = (np.random.default_rng(3).uniform(-0.1, 1.1, size**3 * 3) * scale).round(3)
    return array(f"{size} {size} {size} 3", *values.tolist())


def curves(entries: Any) -> str:
    return array(f"{entries.shape[0]} {entries.shape[1]}", *entries.ravel().tolist())


def by_depth(taken: str, given: str) -> dict[str, bytes]:
    said = f'inBitDepth="{taken}" outBitDepth="{given}"'
    rows = np.array([[1.0, 2, 3], [50, 60, 70], [200, 210, 300]])
    bodies = {
        "Matrix": f"<Matrix {said}>{array('3 4', 1.1, 0.1, 0, 5, 0.2, 0.8, 0.1, -3, 0, 0, 1.5, 10)}</Matrix>",
        "Range": f"<Range {said}>{LIMITS}</Range>",
        "noClamp": f'<Range {said} style="noClamp">{LIMITS}</Range>',
        "LUT1D": f"<LUT1D {said}>{curves(rows)}</LUT1D>",
        "InverseLUT1D": f"<InverseLUT1D {said}>{curves(rows)}</InverseLUT1D>",
        "LUT3D": f'<LUT3D {said} interpolation="tetrahedral">{cube(2, 300)}</LUT3D>',
        "Log": f'<Log {said} style="log10"/>',
        "Exponent": f'<Exponent {said} style="basicFwd"><ExponentParams exponent="2.2"/></Exponent>',
        "ASC_CDL": f"<ASC_CDL {said}>{GRADE}</ASC_CDL>",
    }
    return {f"{kind} {taken} {given}": listed(body, 'version="2.0"') for kind, body in bodies.items()}


def matrices() -> dict[str, bytes]:
    dims: dict[str, tuple[str, str, tuple[float, ...]]] = {
        "4x5": ("1.3", "4 5 4", (1, 0.5, 0, 0, 0.1, 0, 1, 0, 0, 0.2, 0, 0.3, 1, 0, 0.3, 0.2, 0, 0, 1, 0.4)),
        "4x4": ("1.3", "4 4", (1, 0.5, 0, 0, 0, 1, 0, 0, 0, 0.3, 1, 0, 0, 0, 0, 1)),
        "4x4 of 1.2": ("1.2", "4 4 3", (1, 0.5, 0, 0.1, 0, 1, 0, 0.2, 0, 0.3, 1, 0.3, 0, 0, 0, 0)),
        "3x3 of 1.2": ("1.2", "3 3 3", (1, 0.5, 0, 0, 1, 0, 0, 0.3, 1)),
        "diagonal": ("2.0", "3 3", (2, 0, 0, 0, -1, 0, 0, 0, 1)),
    }
    return {
        f"matrix {name}": listed(f"<Matrix {DEPTHS}>{array(dim, *values)}</Matrix>", f'version="{version}"')
        for name, (version, dim, values) in dims.items()
    }


def logs() -> dict[str, bytes]:
    found = {style: listed(f'<Log {DEPTHS} style="{style}"/>') for style in ("log2", "log10", "antiLog2", "antiLog10")}
    for style in ("linToLog", "logToLin"):
        camera = f"camera{style[0].upper()}{style[1:]}"
        found |= {
            f"{style}": listed(f'<Log {DEPTHS} style="{style}"><LogParams {LINES}/></Log>'),
            f"{style} falling": listed(
                f'<Log {DEPTHS} style="{style}"><LogParams base="8" logSideSlope="-.3" linSideSlope="-1.2" '
                'linSideOffset="1.5"/></Log>'
            ),
            f"{style} red": listed(f'<Log {DEPTHS} style="{style}"><LogParams channel="r" logSideSlope=".3"/></Log>'),
            camera: listed(f'<Log {DEPTHS} style="{camera}"><LogParams {LINES} linSideBreak=".01"/></Log>'),
            f"{camera} slope": listed(
                f'<Log {DEPTHS} style="{camera}"><LogParams {LINES} linSideBreak=".01" linearSlope="5"/></Log>'
            ),
        }
        for version in ("1.3", "2.0"):
            numbers = zip("RGB", (0.6, 0.7, 0.5), (0.001, 0, 0.01), strict=True)
            rows = "".join(f'<LogParams channel="{k}" {CINEON.format(g, s)}/>' for k, g, s in numbers)
            body = f'<Log {DEPTHS} style="{style}">{rows}</Log>'
            found[f"{style} densities {version}"] = listed(body, f'version="{version}"')
    return found


def exponents() -> dict[str, bytes]:
    found = {}
    for start in ("basic", "basicMirror", "basicPassThru", "monCurve", "monCurveMirror"):
        offset = 'offset=".055"' if start.startswith("mon") else ""
        for style in (f"{start}Fwd", f"{start}Rev"):
            row = f'<ExponentParams exponent="2.4" {offset}/>'
            found[style] = listed(f'<Exponent {DEPTHS} style="{style}">{row}</Exponent>')
            row = f'<GammaParams channel="G" gamma="2.4" {offset}/><GammaParams channel="A" gamma="3" {offset}/>'
            body = f'<Gamma {DEPTHS} style="{style.lower()}">{row}</Gamma>'
            found[f"Gamma {style} green"] = listed(body, 'version="2.0"')
    row = '<ExponentParams exponent="1" offset="0"/>'
    found["monCurve as a line"] = listed(f'<Exponent {DEPTHS} style="monCurveFwd">{row}</Exponent>')
    return found


def grades() -> dict[str, bytes]:
    styles = ["Fwd", "Rev", "FwdNoClamp", "RevNoClamp", "v1.2_Fwd", "v1.2_Rev", "noClampFwd", "noClampRev"]
    return {style: listed(f'<ASC_CDL {DEPTHS} style="{style}">{GRADE}</ASC_CDL>') for style in styles}


def index_maps() -> dict[str, bytes]:
    said = 'inBitDepth="10i" outBitDepth="32f"'
    pairs = '<IndexMap dim="2">64.5@0 940 @ 1.5</IndexMap>'
    found = {}
    for version in ('compCLFversion="2.0"', 'compCLFversion="3.0"', 'version="1.4"', 'version="1.6"', 'version="1.7"'):
        body = f"<LUT1D {said}>{pairs}{array('4 1', 0, 0.2, 0.7, 1)}</LUT1D>"
        found[f"IndexMap LUT1D {version}"] = listed(body, version)
        body = f'<LUT3D {said} interpolation="trilinear">{pairs}{cube(3)}</LUT3D>'
        found[f"IndexMap LUT3D {version}"] = listed(body, version)
    return found


def tables() -> dict[str, bytes]:
    light = halves().astype(np.float64)
    rising = np.sort(np.random.default_rng(4).uniform(0, 1, (17, 3)), axis=0)
    turning = np.array([0, 0, 0, 0.1, 0.3, 0.2, 0.25, 0.6, 0.6, 0.6, 0.8, 0.7, 1, 1, 1])
    with np.errstate(all="ignore"):
        held = {
            "sqrt": np.sign(light) * np.abs(light) ** 0.5,
            "clip": np.clip(light, -0.25, 2),
            "log": np.log2(np.where(light == 0, 2.0**-24, light)),
        }
    lut, inverse = ("<{} {} {}>{}</{}>".format(kind, DEPTHS, "{}", "{}", kind) for kind in ("LUT1D", "InverseLUT1D"))
    bodies = {
        "no interpolation": f"<LUT3D {DEPTHS}>{cube(3)}</LUT3D>",
        "hue": lut.format('hueAdjust="dw3"', curves(rising)),
        "raw halfs": lut.format('rawHalfs="true"', array("3 1", 0, 14336, 15360)),
        "inverse, rising": inverse.format("", curves(rising)),
        "inverse, falling": inverse.format("", curves(rising[::-1])),
        "inverse, turning": inverse.format("", curves(turning[:, None])),
        "inverse, turning and falling": inverse.format("", curves(turning[::-1, None])),
        "inverse, flat": inverse.format("", array("3 1", 0.3, 0.3, 0.3)),
        "inverse, hue": inverse.format('hueAdjust="dw3"', curves(rising)),
    }
    for name, values in held.items():
        bodies[f"half domain, {name}"] = lut.format('halfDomain="true"', curves(values[:, None]))
        finite = np.nan_to_num(np.stack([values, -values, np.clip(values, 0, 1)], axis=-1), neginf=-30, posinf=60000)
        bodies[f"inverse of a half domain, {name}"] = inverse.format('halfDomain="true"', curves(finite))
    return {name: listed(body, 'version="1.7"') for name, body in bodies.items()}


MADE = {
    **by_depth("8i", "10i"),
    **by_depth("12i", "16i"),
    **by_depth("16f", "32f"),
    **by_depth("16i", "8i"),
    **matrices(),
    **logs(),
    **exponents(),
    **grades(),
    **index_maps(),
    **tables(),
    "one limit": listed(f"<Range {DEPTHS}><minInValue>.1</minInValue><minOutValue>.1</minOutValue></Range>"),
    "noClamp of 1.6": listed(f'<Range {DEPTHS} style="noClamp">{LIMITS}</Range>', 'version="1.6"'),
}
