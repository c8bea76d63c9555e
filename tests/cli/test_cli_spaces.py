"""`lattice inputs` and `lattice displays` list the registers, by names that can be typed."""

from __future__ import annotations

from typing import Any

from cli_samples import DONE

from lattice.color.displays import DISPLAYS, Encoding
from lattice.color.displays import find as find_display
from lattice.color.inputs import INPUTS, find
from lattice.color.primaries import PRIMARIES, WHITES


def test_inputs_lists_every_name_with_its_id_and_ranges(run: Any) -> None:
    result = run("inputs")
    assert (result.code, result.err) == (DONE, "")
    rows = {line[2:30].strip(): line for line in result.out.splitlines() if line.startswith("  ")}
    assert rows.keys() == INPUTS.keys()
    for name, row in rows.items():
        assert find(name).title in row
        assert row.endswith(INPUTS[name].interop_id or "")
        assert ("@legal" in row) == INPUTS[name].has_ranges


def test_displays_lists_every_name_with_its_id_and_what_a_profile_takes(run: Any) -> None:
    result = run("displays")
    assert (result.code, result.err) == (DONE, "")
    first, *lines, profile, primaries, whites = result.out.splitlines()
    assert {line[2:15].strip(): "@nits" in line for line in lines} == {
        name: each.shown.peak is not None for name, each in DISPLAYS.items()
    }
    for line in lines:
        space = find_display(line[2:15])
        primaries_of = PRIMARIES[space.shown.primaries]
        assert primaries_of.name in line
        assert line.endswith(Encoding(primaries_of.xy, space.shown.gamma).interop_id or "")
    assert "@203" in first
    assert "P3-DCI" in profile
    assert primaries.endswith(", ".join(name for name, each in PRIMARIES.items() if each.is_display))
    assert whites.endswith(", ".join(WHITES))
