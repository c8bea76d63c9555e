"""The register of inputs: every record against OpenColorIO, or colour-science where that has none; names; ranges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from basics import one_line

import lattice
from lattice.color.curves import LIGHTS
from lattice.color.inputs import INPUTS, NAMES, InputSpace, encoded, find, folded
from lattice.color.primaries import PRIMARIES, convert
from lattice.sdev import SDev
from lattice.types import HALF_MAX

every = pytest.mark.parametrize("space", INPUTS.values(), ids=INPUTS)
ENCODED = {name: space for name, space in INPUTS.items() if space.is_encoded}
CURVED = {name: space for name, space in ENCODED.items() if space.adx_bits is None}
coded = pytest.mark.parametrize("space", ENCODED.values(), ids=ENCODED)
curved = pytest.mark.parametrize("space", CURVED.values(), ids=CURVED)
RAMP = np.linspace(0, 1, 1024)
CODES = np.vstack([RAMP[:, None].repeat(3, axis=1), np.random.default_rng(7).random((3000, 3))]).astype(np.float32)
# OpenColorIO takes these to ACES by Bradford, lattice by CAT02: the matrices of graded frames stay. To D65 there is
# nothing to adapt.
BY_XYZ = ("Rec.709", "Display P3", "Rec.2020", "AdobeRGB", "CIE XYZ-D65")
XYZ, ACES = "CIE XYZ-D65", "ACES2065-1"
BUILT_IN = {"REDLogFilm": "RED_REDLOGFILM-RWG_to_ACES2065-1"}  # not in the config
WITHOUT_OCIO = {  # decoders of colour-science
    "P3-DCI": None,
    "Cineon": "log_decoding_Cineon",
    "S-Log2 S-Gamut": "log_decoding_SLog2",
    "F-Log2": "log_decoding_FLog2",
    "N-Log": "log_decoding_NLog",
    **{f"ARRI LogC3 EI{index}": "log_decoding_ARRILogC3" for index in LIGHTS if index != 800},
}
CLAMPED = ("ACEScc", "ADX10", "ADX16")  # OpenColorIO holds their light between 0 and the largest half
MOST = 900  # of a color's light, whose exposures are smaller than the largest half then
TABLE = 1e-4  # of light: OpenColorIO has the curves of ADX as tables
RELATIVE, FLOOR = 1e-5, 1e-3  # of the color's largest light; light below FLOOR differs by RELATIVE * FLOOR at most
AFTER_A_LOOK = 2e-4
ROUNDED = 2e-4  # of light: ARRI prints LogC3's numbers with six digits


def by_ocio(ocio: Any, space: InputSpace, target: str) -> np.ndarray:
    """The light of CODES in a linear space, without approximations."""
    config = ocio.Config.CreateFromBuiltinConfig("studio-config-latest")
    if space.name in BUILT_IN:
        processor = config.getProcessor(ocio.BuiltinTransform(BUILT_IN[space.name]))
    else:
        name = {XYZ: "lin_ciexyzd65_scene", ACES: "lin_ap0_scene"}[target]
        processor = config.getProcessor(space.interop_id, name)
    pixels = CODES.copy()
    processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_NONE).applyRGB(pixels)
    return pixels.astype(np.float64)


def held(space: InputSpace, light: np.ndarray) -> np.ndarray:
    """The mask (n,) of the colors that OpenColorIO does not clamp."""
    return (space.name not in CLAMPED) | ((light > 0) & (light < MOST)).all(axis=1)


def reference(space: InputSpace) -> str:
    return XYZ if space.primaries in BY_XYZ and space.adaptation is None else ACES


@every
def test_the_light_is_that_of_opencolorio(space: InputSpace, ocio: Any) -> None:
    if space.name in WITHOUT_OCIO:
        assert space.interop_id is None
        pytest.skip(f"OpenColorIO has no {space.name}")
    target = reference(space)
    theirs = by_ocio(ocio, space, target)
    ours = space.decode(CODES) @ convert(space.primaries, target, space.adaptation).T
    size = np.maximum(np.abs(theirs).max(axis=1, keepdims=True), FLOOR)
    difference = (np.abs(ours - theirs) / size)[held(space, theirs)]
    assert len(difference) > 500
    assert difference.max() < (TABLE if space.adx_bits else RELATIVE), f"{difference.max():.1e}"


@pytest.mark.parametrize("name", [name for name, decoder in WITHOUT_OCIO.items() if decoder])
def test_the_light_is_that_of_colour_science_where_opencolorio_has_none(name: str) -> None:
    colour = pytest.importorskip("colour")
    more = {"EI": int(name.partition("EI")[2])} if "EI" in name else {}
    theirs = getattr(colour.models, WITHOUT_OCIO[name])(RAMP, **more)
    difference = np.abs(INPUTS[name].decode(RAMP) - theirs) / np.maximum(np.abs(theirs), 0.02 if more else FLOOR)
    assert difference.max() < (ROUNDED if more else RELATIVE)


@coded
def test_a_look_is_the_same_from_opencolorios_light(space: InputSpace, ocio: Any, premier: SDev) -> None:
    if space.name in WITHOUT_OCIO:
        pytest.skip(f"OpenColorIO has no {space.name}")
    target = reference(space)
    theirs = by_ocio(ocio, space, target)
    adaptation = space.adaptation or PRIMARIES[space.primaries].adaptation
    wanted = premier.apply((theirs @ convert(target, "Rec.709", adaptation).T).astype(np.float32))
    ready = premier.with_input(space.primaries, space.adaptation)
    difference = np.abs(ready.apply(space.light(CODES)) - wanted)[held(space, theirs)]
    assert difference.max() < AFTER_A_LOOK
    halves = CODES.astype(np.float16)
    exact = ready.apply(space.decode(halves).astype(np.float32))
    np.testing.assert_array_equal(ready.apply(space.light(halves)), exact)


@curved
def test_codes_rise_and_come_back(space: InputSpace) -> None:
    for each in (space, *((find(f"{space.name}@legal"),) if space.has_ranges else ())):
        light = each.decode(RAMP)
        assert (np.diff(light[(0.07 if each.is_legal else 0) <= RAMP]) > 0).all()
        back = each.encode(light)
        floor = (0.063 if each.is_legal and "Apple" in each.name else -1) < RAMP  # Apple Log ends at its black
        np.testing.assert_allclose(back[floor], RAMP[floor], atol=1.5e-4 if space.name == "N-Log" else 1e-9)


@coded
def test_what_is_odd_is_finite_light(space: InputSpace) -> None:
    for dtype in (np.float16, np.float32):
        odd = np.array([[-1, -HALF_MAX, HALF_MAX], [np.inf, -np.inf, 0.5], [np.nan] * 3], dtype)
        with np.errstate(all="raise", under="ignore"):
            light = space.light(odd)
        assert light.dtype == np.float32
        assert np.isnan(light[2]).all()
        if space.adx_bits is None:
            assert (np.abs(light[:2]) <= HALF_MAX).all()
            assert light[0, 0] < light[1, 2] < light[0, 2]


@pytest.mark.parametrize(
    ("name", "code"),
    [  # 18 % gray in 10 bits, as the makers print it
        ("ACEScc", 423.1),
        ("Cineon", 467.8),
        ("ARRI LogC3 EI160", 400.0),
        ("ARRI LogC3 EI800", 400.0),
        ("ARRI LogC4", 284.8),
        ("S-Log2 S-Gamut", 347.3),
        ("S-Log3 S-Gamut3", 420.0),
        ("V-Log", 433.0),
        ("Log3G10", 341.0),
        ("Canon Log 2", 407.4),
        ("Canon Log 3", 351.3),
        ("Apple Log", 499.5),
        ("DaVinci Intermediate", 343.8),
        ("BMD Film Gen 5", 392.4),
        ("F-Log2", 400.0),
        ("N-Log", 372.0),
        ("D-Log", 407.9),
        ("S-Log3 S-Gamut3@legal", 423.6),
        ("BMD Film Gen 5@legal", 400.0),
    ],
)
def test_gray_is_where_the_maker_has_it(name: str, code: float) -> None:
    assert 1023 * find(name).encode(0.18) == pytest.approx(code, abs=0.06)


@pytest.mark.parametrize(("bits", "black", "white"), [(8, 16, 235), (10, 64, 940), (12, 256, 3760), (16, 4096, 60160)])
def test_a_legal_range_has_its_ends_at_every_depth(bits: int, black: int, white: int) -> None:
    ends = find("vlog@legal").decode(np.array([black, white]) / (2**bits - 1), bits)
    np.testing.assert_allclose(ends, find("vlog").decode([0.0, 1.0]), rtol=1e-12)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("logc3", "ARRI LogC3 EI800"),
        ("ARRI LogC3", "ARRI LogC3 EI800"),
        ("ARRI LogC3 (EI800)", "ARRI LogC3 EI800"),
        ("logc3@ei400", "ARRI LogC3 EI400"),
        ("LogC3 EI400", "ARRI LogC3 EI400"),
        ("logc3@ei400@legal", "ARRI LogC3 EI400@legal"),
        ("slog3-sgamut3cine", "S-Log3 S-Gamut3.Cine"),
        ("S-Log3 S-Gamut3.Cine@full", "S-Log3 S-Gamut3.Cine"),
        ("SLog3/SGamut3.Cine@LEGAL", "S-Log3 S-Gamut3.Cine@legal"),
        ("acescct", "ACEScct"),
        ("linear acescg", "ACEScg"),
        ("P3-D65", "Display P3"),
        ("xyz", "CIE XYZ-D65"),
        ("rec709", "Rec.709"),
        ("srgb", "sRGB"),
        ("v-log v-gamut", "V-Log"),
        ("awg3", "ARRI Wide Gamut 3"),
    ],
)
def test_people_type_names_in_many_ways(typed: str, name: str) -> None:
    assert find(typed).name == name


@every
def test_a_canonical_name_means_itself(space: InputSpace) -> None:
    for spelling in (space.name, space.name.upper(), folded(space.name), space.interop_id or space.name):
        assert find(spelling) is space
    legal = f"{space.name}@legal"
    if space.has_ranges:
        assert find(find(legal).name) == find(legal) == encoded(legal)
    else:
        one_line(lambda: find(legal), f"input: {space.name} has one range alone: leave out @legal")
    assert (encoded(space.name) is space) == space.is_encoded
    assert find(space.name.replace(" ", "-")) is space, "as the shell completes it"
    spellings = [each for each in NAMES if NAMES[each] == space.name]
    assert all(find(each) is space for each in spellings)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("slog3", "S-Log3 S-Gamut3"),
        ("logc5", "ARRI LogC3 EI800"),
        ("ACESct", "ACEScct"),
        ("LogC3 EI300", "ARRI LogC3 EI"),
        ("", "lattice inputs lists all"),
        ("vlog@full1", "V-Log"),
    ],
)
def test_an_unknown_name_is_answered_by_the_nearest(typed: str, meant: str) -> None:
    one_line(lambda: find(typed), f"input: no input is named {typed!r};", meant, "lattice inputs lists all")


def test_codes_are_decoded_in_python() -> None:
    codes = np.random.default_rng(1).random((4, 5, 4)).astype(np.float32)
    light = lattice.to_linear(codes, "logc3")
    assert light.dtype == np.float32
    np.testing.assert_array_equal(light[..., 3], codes[..., 3])
    np.testing.assert_allclose(light[..., :3], find("logc3").decode(codes[..., :3]), rtol=1e-6)
    one_line(lambda: lattice.to_linear(0.5, "logc3"), "codes: expected (..., 3 or 4), got ()")


@pytest.mark.parametrize(
    ("codes", "got"), [(np.full((2, 3), 420, np.uint16), "uint16"), ([[0.1, 0.2], [0.3]], "object"), (["a"] * 3, "<U1")]
)
def test_what_holds_no_codes_is_refused(codes: Any, got: str) -> None:
    one_line(lambda: lattice.to_linear(codes, "logc3"), f"codes: expected numbers, 0 to 1 = all codes, got {got}; div")
    np.testing.assert_array_equal(lattice.to_linear([[0, 1, 0]], "logc3"), lattice.to_linear([[0.0, 1, 0]], "logc3"))


def test_a_long_name_is_told_short() -> None:
    with pytest.raises(lattice.LatticeError) as refusal:
        find("x" * 10_000)
    assert len(str(refusal.value)) < 120
