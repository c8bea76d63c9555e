"""Files of measured patches, each reader's values exactly, and every fault in a line."""

from __future__ import annotations

import builtins
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from measured_samples import WRITERS, cgats, csv, cxf, ti3

from lattice.errors import LatticeError
from lattice.files.measured.measured import Measured
from lattice.files.measured.register import REGISTER, read

NAMES = ("a b", "", "c")
RGB = np.array([[0, 1, 2], [300, 4000, 65535], [7, 8, 9]])
VALUES = np.array([[0.1, 1e-3, 0.3], [50.123456789, 100, 99], [3, 2.5, 1]])
NM = np.arange(380.0, 731, 10)
SPECTRA = np.random.default_rng(3).uniform(0.001, 1, (3, len(NM)))


def written(folder: Path, text: str, name: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def same(found: Measured, kind: str, values: Any, nm: Any = None) -> None:
    assert found.names == NAMES
    assert found.kind == kind
    assert np.array_equal(found.values, values)
    assert (found.wavelengths_nm is None) == (nm is None)
    assert nm is None or np.array_equal(found.wavelengths_nm, nm)  # type: ignore[arg-type]
    assert found.rgb.dtype == found.values.dtype == np.float64


@pytest.mark.parametrize("suffix", WRITERS)
@pytest.mark.parametrize("kind", ["XYZ", "Lab", "spectral"])
def test_every_format_and_kind_gives_what_was_written(tmp_path: Path, suffix: str, kind: str) -> None:
    values, nm = (SPECTRA, NM) if kind == "spectral" else (VALUES, None)
    found = read(written(tmp_path, WRITERS[suffix](NAMES, RGB, values, kind, nm), f"a{suffix}"))
    same(found, kind, values, nm)
    assert np.array_equal(found.rgb, RGB * (100 if suffix == ".ti3" else 1))
    assert found.full_scale == {".ti3": 100, ".cxf": 65535}.get(suffix)
    assert len(found) == 3


def test_every_format_is_in_the_register() -> None:
    assert {suffix for each in REGISTER for suffix in each.suffixes} >= set(WRITERS)


@pytest.mark.parametrize("mark", [";", "\t"])
def test_decimal_commas(tmp_path: Path, mark: str) -> None:
    found = read(written(tmp_path, csv(NAMES, RGB, VALUES, mark=mark), "a.txt"))
    same(found, "XYZ", VALUES)


@pytest.mark.parametrize(
    "header",
    [
        *("name,r,g,b,X,Y,Z", "Patch,R,G,B,XYZ_X,XYZ_Y,XYZ_Z", "SAMPLE_NAME,RGB_R,RGB_G,RGB_B,CIE X,CIE Y,CIE Z"),
        *("label,Red,Green,Blue,x,y,z", "id,red,green,blue,X,Y,Z"),
    ],
)
def test_spellings_of_xyz(tmp_path: Path, header: str) -> None:
    text = csv(NAMES, RGB, VALUES).replace("name,r,g,b,X,Y,Z", header)
    same(read(written(tmp_path, text, "a.csv")), "XYZ", VALUES)


@pytest.mark.parametrize("header", ["L,a,b", "L*,a*,b*", "LAB_L,LAB_A,LAB_B", "CIE L*,CIE a*,CIE b*"])
def test_spellings_of_lab_beside_rgb(tmp_path: Path, header: str) -> None:
    text = csv(NAMES, RGB, VALUES, "Lab").replace("L,a,b", header)
    found = read(written(tmp_path, text, "a.csv"))
    same(found, "Lab", VALUES)
    assert np.array_equal(found.rgb, RGB)


@pytest.mark.parametrize("band", ["SPECTRAL_NM_", "SPECTRAL_NM", "SPECTRAL_", "SPEC_", "NM_", "nm", "SPECTRAL_DEC", ""])
def test_spellings_of_bands(tmp_path: Path, band: str) -> None:
    text = cgats(NAMES, RGB, SPECTRA, "spectral", NM, band="X_").replace("X_", band)
    same(read(written(tmp_path, text, "a.it8")), "spectral", SPECTRA, NM)
    table = csv(NAMES, RGB, SPECTRA, "spectral", NM)
    spelled = re.sub(r"(?<=,)(\d+)(?=[,\n])", r"\1 nm", table.partition("\n")[0])
    same(read(written(tmp_path, spelled + "\n" + table.partition("\n")[2], "b.csv")), "spectral", SPECTRA, NM)


def test_bands_in_any_order_are_sorted_and_no_name_is_needed(tmp_path: Path) -> None:
    found = read(written(tmp_path, "r,g,b,500,400,450.5\n1,2,3,5,4,4.5\n", "a.csv"))
    assert np.array_equal(found.values, [[4, 4.5, 5]])
    assert np.array_equal(found.wavelengths_nm, [400, 450.5, 500])  # type: ignore[arg-type]
    assert found.names == ("",)


def test_xyz_is_read_before_lab_and_lab_before_spectra(tmp_path: Path) -> None:
    header = "r,g,b,380,390,400,L,a,b"
    three = f"{header},X,Y,Z\n1,2,3,4,5,6,7,8,9,10,11,12\n"
    assert read(written(tmp_path, three, "a.csv")).values.tolist() == [[10, 11, 12]]
    assert read(written(tmp_path, f"{header}\n1,2,3,4,5,6,7,8,9\n", "a.csv")).values.tolist() == [[7, 8, 9]]


def test_records_over_several_lines_and_the_first_table_with_colors(tmp_path: Path) -> None:
    other = "CAL\nBEGIN_DATA_FORMAT\nRGB_I RGB_R\nEND_DATA_FORMAT\nBEGIN_DATA\n0 0\n1 1\nEND_DATA\n"
    text = ti3(NAMES, RGB, VALUES, white=(99.0, 120.0, 110.0))
    data, _, rest = text.partition("BEGIN_DATA\n")
    split = data + "BEGIN_DATA\n" + rest.replace("\t", "\n").replace(" ", "\n").replace("a\nb", "a b")
    for whole in (text + other, other + text, split, text.replace("\n", "\r\n")):
        found = read(written(tmp_path, whole, "a.ti3"))
        same(found, "XYZ", VALUES)
        assert np.allclose(found.white, [82.5, 100, 110 / 1.2], rtol=1e-15)  # type: ignore[arg-type]
    absolute = read(written(tmp_path, text.replace('100 "YES"', '100 "NO"'), "a.ti3"))
    assert np.array_equal(absolute.white, [99, 120, 110])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("keywords", "illuminant"),
    [
        ('ILLUMINANT "D50"', "D50"),
        ('WEIGHTING_FUNCTION "ILLUMINANT, D65"\nWEIGHTING_FUNCTION "OBSERVER, 2 degree"', "D65"),
        ('WEIGHTING_FUNCTION "OBSERVER, 2 degree"', None),
        ('ILLUMINATION_NAME "F11"', "F11"),
        ("", None),
    ],
)
def test_illuminants_that_files_name(tmp_path: Path, keywords: str, illuminant: str | None) -> None:
    assert read(written(tmp_path, cgats(NAMES, RGB, VALUES, keywords=keywords), "a.txt")).illuminant == illuminant
    if keywords.startswith("ILLUMINANT"):
        assert read(written(tmp_path, cxf(NAMES, RGB, VALUES, illuminant="D50"), "a.cxf")).illuminant == "D50"


def test_cxf_as_programs_write_it(tmp_path: Path) -> None:
    """With a prefix, white space, a schema's location, and resources of the program's own."""
    whole = cxf(NAMES, RGB, VALUES).replace("><", ">\n\t<").replace("</", "</cc:").replace("<", "<cc:")
    whole = whole.replace("<cc:/cc:", "</cc:").replace("<cc:?", "<?").replace("xmlns=", "xmlns:cc=")
    xsi = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://a b.xsd"'
    own = '<cc:CustomResources><x:Own xmlns:x="http://x"><x:Y a="1">2</x:Y></x:Own></cc:CustomResources></cc:CxF>'
    whole = changed(changed(whole, 'CxF3-core"', f'CxF3-core"{xsi}'), "</cc:CxF>", own)
    same(read(written(tmp_path, whole, "a.cxf")), "XYZ", VALUES)


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


CGATS, CXF = cgats(NAMES, RGB, VALUES), cxf(NAMES, RGB, VALUES)
SPECTRAL = cxf(NAMES, RGB, SPECTRA, "spectral", NM)
BAD = [
    ("a.csv", "name,r,g,b,X,Y\n" + "1,2,3,4,5,6\n", "expected measured columns X, Y, Z, or L, a, b, or one a"),
    ("a.csv", "name,r,g,b\na,1,2,3\n", "such as 380, got 'name', 'r', 'g', 'b'"),
    ("a.csv", "name,X,Y,Z\na,1,2,3\n", r"expected columns r, g, b .* got 'name', 'X', 'Y', 'Z'"),
    ("a.csv", "L,a,r,g,b\n1,2,3,4,5\n", "expected measured columns"),
    ("a.csv", "r,g,b,X,Y,Z\n1,2,3,4,nan,6\n", "line 2: Y: expected a finite number"),
    ("a.csv", "r,g,b,X,Y,Z\n", "expected rows below the header, got none"),
    ("a.csv", "r,g,b,380,380.0,390\n1,2,3,4,5,6\n", "got 380 nm twice"),
    ("a.cvs", "r,g,b,X,Y,Z\n1,2,3,4,5,6\n", "did you mean '.csv'"),
    ("a.ti1", changed(CGATS, "CGATS.17", "CTI1"), r"expected measured colors \(.ti3\), got CTI1"),
    ("a.txt", changed(CGATS, "CGATS.17", "CTI2"), "got CTI2"),
    ("a.ti3", changed(ti3(NAMES, RGB, VALUES), "DISPLAY", "OUTPUT"), "expected DISPLAY, .* got 'OUTPUT'"),
    ("a.ti3", ti3(NAMES, RGB, VALUES, white=(1, 0, 1)), "CDM2: expected X, Y, Z above 0, got 1 0 1"),
    ("a.ti3", ti3(NAMES, RGB, VALUES, white=(-1, 1, 1)), "CDM2: expected X, Y, Z above 0, got -1 1 1"),
    ("a.ti3", ti3(NAMES, RGB, VALUES, white=(1, 1, 0)), "CDM2: expected X, Y, Z above 0, got 1 1 0"),
    ("a.ti3", changed(ti3(NAMES, RGB, VALUES, white=(1, 2, 1)), '2 1"', 'x 1"'), "CDM2: expected a number"),
    ("a.txt", changed(CGATS, "\nEND_DATA\n", "\n"), "expected END_DATA, got the end of the file"),
    ("a.txt", changed(CGATS, "SETS 3", "SETS 4"), "NUMBER_OF_SETS: expected 3, as many as there are, got '4'"),
    ("a.txt", changed(CGATS, "FIELDS 8", "FIELDS 7"), "NUMBER_OF_FIELDS: expected 8"),
    ("a.txt", changed(CGATS, "\t2.5\t", "\t"), "line 13: expected 8 words a record, got others"),
    ("a.txt", changed(CGATS, "\t2.5\t", "\tNaN\t"), "line 13: XYZ_Y: expected a finite number, got 'NaN'"),
    ("a.txt", changed(CGATS, '"a b"', '"a b'), "line 11: expected a quote that ends on its line"),
    ("a.txt", changed(CGATS, "XYZ_Z", "XYZ_Y"), "expected each column once, got 'xyz_y' twice"),
    ("a.txt", re.sub("RGB_R.*", "", CGATS), "NUMBER_OF_FIELDS: expected 2"),
    ("a.txt", re.sub(r"(?s)DATA\n1.*END", "DATA\nEND", CGATS), "expected data between .* got none"),
    ("a.txt", re.sub(r"SAMPLE_ID.*", "", CGATS), "expected fields between"),
    ("a.txt", "BEGIN_DATA_FORMAT\nEND_DATA_FORMAT\n", "expected a table between BEGIN_DATA and END_DATA, got none"),
    ("a.txt", changed(CGATS, "XYZ_", "CMY_"), "expected measured columns .* got 'SAMPLE_ID'"),
    ("a.txt", changed(CGATS, "CGATS.17", 'CGATS.17\nOBSERVER "10"'), "expected the CIE 1931 2 degree observer"),
    ("a.cxf", changed(CXF, "2_Degree", "10_Degree"), "object 'a b': expected the CIE 1931 2 degree observer"),
    ("a.cxf", changed(CXF, "</CxF>", ""), "expected a CxF3 document, got another"),
    ("a.cxf", changed(CXF, "<?xml", "<!DOCTYPE a><?xml"), "without a DOCTYPE"),
    ("a.cxf", changed(CXF, "CxF3-core", "CxF2"), "expected a CxF3 document"),
    ("a.cxf", changed(CXF, "ColorRGB", "ColorHSL"), "expected a CxF3 document"),
    ("a.cxf", re.sub("<DeviceColorValues>.*?</DeviceColorValues>", "", CXF), "object 'a b': expected ColorRGB among"),
    ("a.cxf", changed(CXF, "<Y>100</Y>", "<Y>NaN</Y>"), "object '1': expected finite numbers, got 50.12.*, nan, 99"),
    ("a.cxf", changed(CXF, "<Y>100</Y>", "<Y>x</Y>"), "expected a CxF3 document"),
    ("a.cxf", changed(CXF, "<Y>100</Y>", "<Y>100</Y><Y>9</Y>"), "expected a CxF3 document, got another: Unknown"),
    ("a.cxf", changed(CXF, "</ColorCIEXYZ>", "</ColorCIEXYZ>x"), "got another: Unassigned"),
    ("a.cxf", CXF.replace("65535</MaxRange>", "255</MaxRange>", 1), "MaxRange: expected the same of all objects"),
    ("a.cxf", changed(CXF, ">65535</MaxRange>", ">0</MaxRange>"), "MaxRange: expected a number above 0, got 0"),
    ("a.cxf", changed(SPECTRAL, "EmissiveSpectrum", "ReflectanceSpectrum"), "screen, got ReflectanceSpectrum"),
    ("a.cxf", re.sub("<WavelengthRange[^>]*>", "", SPECTRAL), "object 'a b': expected a WavelengthRange"),
    ("a.cxf", SPECTRAL.replace('StartWL="380">', 'StartWL="390">', 1), "wavelengths: expected the same of all objects"),
    ("a.cxf", "<CxF", "expected a CxF3 document"),
    ("a.cxf", "<a>" * 200_000, "expected a CxF of at most 100,000 elements"),
]


@pytest.mark.parametrize(("name", "text", "message"), BAD)
def test_bad_files_are_refused_in_a_line(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = written(tmp_path, text, name)
    with pytest.raises(LatticeError, match=message) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("keyword", ["KEYWORD", "ORIGINATOR", "a"])
def test_a_keyword_that_comes_often_takes_time_in_proportion(tmp_path: Path, keyword: str) -> None:
    took = []
    for count in (25_000, 100_000):
        path = written(tmp_path, CGATS.replace("CGATS.17", "CGATS.17\n" + f'{keyword} "{"x" * 40}"\n' * count), "a.txt")
        start = time.process_time()
        same(read(path), "XYZ", VALUES)
        took.append(time.process_time() - start)
    assert took[1] < 8 * took[0]


def test_no_more_than_100_tables_are_taken(tmp_path: Path) -> None:
    other = "BEGIN_DATA_FORMAT\nRGB_I\nEND_DATA_FORMAT\nBEGIN_DATA\n0\nEND_DATA\n"
    same(read(written(tmp_path, other * 99 + CGATS, "a.txt")), "XYZ", VALUES)
    with pytest.raises(LatticeError, match=r"a.txt: line 606: expected at most 100 tables, got more"):
        read(written(tmp_path, other * 200_000, "a.txt"))


def test_cxf_without_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any) -> Any:
        if name == "colour_cxf":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(LatticeError, match=re.escape("CxF needs colour-cxf: pip install 'lattice-film[match]'")):
        read(written(tmp_path, CXF, "a.cxf"))
