"""An SDev's data as bytes: the same bits back, and nothing else is taken."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from basics import grid, make_device, random_device

from lattice.sdev.raw import from_bytes, to_bytes
from lattice.types import Display, FilmStage, LatticeError, SDevData, Step

STAGE = FilmStage(
    2.0**-14,
    (
        Step(np.arange(12.0).reshape(3, 4)),
        Step(np.eye(3, 4) / 3, np.linspace(-1, 7, 10).reshape(2, 5)),
        Step(np.eye(3, 4), np.tile(np.linspace(0, 1, 9), (3, 1))),
    ),
)
MATRIX = np.array([[0.1, 0.2, 0.7], [-1e-9, 3, 1e9], [1 / 3, np.pi, 0]])
DEVICES = {
    "a table": random_device("tetrahedral", 5),
    "a film stage": make_device(grid(4) - 0.5, "trilinear", STAGE, Display(3.0, MATRIX, "sRGB"), MATRIX),
    "PQ": make_device(grid(2), "trilinear", STAGE, Display(1 / 3, MATRIX, "PQ", 203.5)),
    "a power": make_device(grid(33), "tetrahedral", None, Display(2.2, MATRIX, 2.6)),
}


@pytest.mark.parametrize("device", DEVICES.values(), ids=DEVICES)
def test_every_bit_comes_back(device: SDevData) -> None:
    facts = {"look": '{"name": "\N{LATIN SMALL LETTER O WITH DIAERESIS}\\n"}', "input": "Rec.709"}
    given = replace(device, name='a "name"\n\udc80', provenance=facts)
    found = from_bytes(to_bytes(given))
    assert (found.name, found.provenance) == (given.name, facts)
    assert found.sha256 == given.sha256
    assert found.display == given.display
    assert found.table == given.table
    for one, other in ((found.matrix, given.matrix), (found.lattice.nodes, given.lattice.nodes)):
        assert one.tobytes() == other.tobytes()
        assert not one.flags.writeable


def told(**changes: Any) -> bytes:
    """The bytes of a film stage's device with other words before its arrays."""
    head, _, body = to_bytes(DEVICES["a film stage"]).partition(b"\n")
    return json.dumps(json.loads(head) | changes).encode() + b"\n" + body


WRONG = {
    "nothing": b"",
    "no JSON": b"<xml>\n",
    "a list": b"[1]\n",
    "deep": b"[" * 100_000 + b"\n",
    "another version": told(format="lattice sdev 2"),
    "no version": told(format=None),
    "cut": told()[:-1],
    "longer": told() + b"\0",
    "fewer nodes": told(nodes=[3, 3, 3, 3]),
    "more nodes": told(nodes=[10**9, 10**9, 10**9, 3]),
    "below no nodes": told(nodes=[-4, -4, 4, 3]),
    "flat nodes": told(nodes=[192]),
    "a number for a name": told(name=3),
    "a number for a fact": told(facts={"a": 1}),
    "a number that no float holds": told(display=[10**400, 1, 100]),
    "another method": told(interpolation="cubic"),
    "no display": told(display=[3.0, "sRGB"]),
    "another curve": told(display=[3.0, "log", 100.0]),
    "a table for a stage": told(floor=None),
    "no floor": told(floor="low"),
    "fewer steps": told(steps=[None]),
    "no steps": told(steps=[]),
    "no facts": told(facts=3),
    "not finite": told()[:-12] + np.full(3, np.inf, "<f4").tobytes(),
}


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_nothing_else_is_taken(data: bytes) -> None:
    assert from_bytes(told()).sha256 == DEVICES["a film stage"].sha256
    with pytest.raises(LatticeError):
        from_bytes(data)
