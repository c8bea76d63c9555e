"""The shipped look that a match is best begun with is found."""

from __future__ import annotations

import numpy as np
from match_samples import measured, natural, patches

from lattice.looks import load_profile
from lattice.match.nearest import nearest


def test_a_look_s_own_colors_name_it_first_whatever_its_lights() -> None:
    look, told = load_profile("fuji").replace(printer_lights=(28, 23, 26)), []
    found = nearest(measured(look, np.vstack([patches(look.input), natural(30, 5)]), 1), told.append)
    names = list(found)
    assert names[0] == "fuji"
    assert list(found.values()) == sorted(found.values())
    assert found["premier"] > 2 * found["fuji"]
    assert set(told) == set(names)
    assert not any(name.endswith("-scan") for name in names)
