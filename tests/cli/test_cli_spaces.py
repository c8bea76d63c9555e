"""`lattice inputs` and `lattice displays` list the registers, by names that can be typed."""

from __future__ import annotations

from typing import Any

from cli_samples import DONE

from lattice.color.inputs import INPUTS, find
from lattice.color.interop import DISPLAYS
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


def test_displays_lists_primaries_and_the_ids_of_the_forum(run: Any) -> None:
    result = run("displays")
    assert (result.code, result.err) == (DONE, "")
    starts = [line.partition(",")[0] for line in result.out.splitlines() if line[0] not in " aw"]
    assert starts == [name for name, each in PRIMARIES.items() if each.is_display]
    assert result.out.splitlines()[-1].endswith(", ".join(WHITES))
    ids = {line.split()[-1] for line in result.out.splitlines() if line.startswith("  ")}
    assert {"srgb_rec709_display", "g24_rec709_display", "g26_p3d65_display"} <= ids <= DISPLAYS
