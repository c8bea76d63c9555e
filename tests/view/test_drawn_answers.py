"""Pictures that the server draws, and the numbers of their pixels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient
from view_samples import Open, client, folder, opened, picture, refused, unframed

from lattice.sdev import SDev
from lattice.view.drawn import codes_of, draw
from lattice.view.looking import Looking, Picture
from lattice.view.probe import probe

__all__ = ["client", "folder", "opened"]  # fixtures


def asked(**more: Any) -> dict[str, Any]:
    looking = {"zoom": 1.0, "center": [32, 24]}
    return {"shot": 0, "frame": 0, "looking": looking, "width": 80, "height": 50, "a": {"slot": 2}} | more


def test_the_server_draws_the_same_picture(client: TestClient, folder: Path, built: Any) -> None:
    answer = client.post("/draw", json=asked())
    header, _ = unframed(client.get("/frame/0/0").content)
    assert json.loads(answer.headers["x-lattice"]) == {"scale": 1, "notes": [], "header": header}
    seen = Looking(center=(32, 24))
    wanted = draw((80, 50), seen, (picture(folder / "a.1.exr"), built("premier")))
    assert answer.content == wanted.tobytes()
    half = client.post("/draw", json=asked(looking={"zoom": 0.4, "center": [32, 24], "exposure": 1}))
    assert json.loads(half.headers["x-lattice"])["scale"] == 2
    wipe = {"zoom": 1.0, "center": [32, 24], "mode": "wipe"}
    other = client.post("/draw", json=asked(looking=wipe, frame=2, b={"slot": 1, "shot": 1}))
    assert json.loads(other.headers["x-lattice"])["notes"] == [
        "no color space named in this frame: taken as Rec.709 (--input says otherwise)"
    ]
    both = (picture(folder / "a.3.exr"), built("premier")), (picture(folder / "b.exr"), built("vision"))
    assert other.content == draw((80, 50), Looking.of(wipe), *both).tobytes()


def test_the_server_fits_a_picture_that_the_page_does_not_know(client: TestClient, folder: Path, built: Any) -> None:
    answer = client.post("/draw", json=asked(fit=True, looking={}, width=40, height=80))
    whole = picture(folder / "a.1.exr")
    (width, height), seen = whole.size, json.loads(answer.headers["x-lattice"])
    zoom = 40 / (width * whole.aspect)
    assert seen["header"]["display"] == list(whole.display)
    fitted = client.post(
        "/draw", json=asked(looking={"zoom": zoom, "center": [width / 2, height / 2]}, width=40, height=80)
    )
    assert answer.content == fitted.content


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"width": 0}, "width"),
        ({"height": "x"}, "height"),
        ({"width": 16384, "height": 16384}, "width"),
        ({"looking": {"exposure": 99}}, "exposure"),
        ({"looking": {"zoom": 0}}, "zoom"),
        ({"looking": {"nothing": 0}}, ""),
        ({"looking": 7}, "looking"),
        ({"a": None}, "a"),
        ({"a": {"slot": 2, "shot": 5}}, "a.shot"),
        ({"a": {"slot": 2, "shot": 5}, "fit": True}, "a.shot"),
        ({"looking": {"mode": "wipe"}, "b": {"slot": 2, "shot": 5}}, "b.shot"),
        ({"looking": {"mode": "wipe"}, "b": 7}, "b"),
        ({"shot": 9}, "shot"),
        ({"frame": None}, "frame"),
        ({"frame": 3}, "frame"),
        ({"layer": 7}, "layer"),
    ],
)
def test_a_wrong_drawing_is_told_by_field(more: Any, name: str, client: TestClient) -> None:
    refused(client.post("/draw", json=asked(**more)), 422, name, "expected")


def test_a_graded_frame_is_drawn_as_it_is(opened: Open, folder: Path, premier: SDev) -> None:
    from lattice.regrade import plan, regrade

    [report] = regrade(plan(premier, folder / "a.1.exr", folder / "graded.exr"))
    assert report.status == "ok"
    client = opened("graded.exr")
    header, _ = unframed(client.get("/frame/0/0").content)
    assert header["raw"]
    assert header["graded"].startswith("premier ")
    wanted = draw((80, 50), Looking(center=(32, 24)), (picture(folder / "graded.exr"), None))
    assert client.post("/draw", json=asked()).content == wanted.tobytes()


def test_the_probe_tells_the_numbers_of_a_pixel_and_of_an_area(client: TestClient, folder: Path, built: Any) -> None:
    def probed(**more: Any) -> Any:
        return client.post("/probe", json={"shot": 0, "frame": 0, "a": {"slot": 2}, **more}).json()

    planes = picture(folder / "a.1.exr").planes
    found = probed(x=10, y=9)  # 12, 6 of the data window
    assert found["scene"] == [float(plane[6, 12]) for plane in planes]
    assert found["exact"] == [f"0x{int(plane[6, 12].view(np.uint16)):04x}" for plane in planes]
    light = (planes[:3, 6, 12].astype(np.float64) / float(planes[3, 6, 12])).astype(np.float32)
    alpha = float(planes[3, 6, 12])
    assert found["code"] == pytest.approx(alpha * built("premier").apply(light[None])[0])
    assert found["stops"] == pytest.approx(np.log2(light @ [0.2126, 0.7152, 0.0722] / 0.18))
    assert all(0 <= u <= 1 for u in found["u"])
    assert found["cell"] == [min(int(u * 12), 11) for u in found["u"]]
    brighter = probed(x=10, y=9, exposure=1)
    assert (brighter["scene"], brighter["stops"]) == (found["scene"], found["stops"])
    assert brighter["code"] > found["code"]
    area = probed(x=-2, y=3, w=4, h=2)
    assert area["pixels"] == 8
    assert area["scene"] == pytest.approx([float(plane[:2, :4].astype(float).mean()) for plane in planes])
    for place in ({"x": 62, "y": 9}, {"x": 10, "y": 1}, {"x": -50, "y": -50, "w": 9, "h": 9}):
        assert probed(**place)["scene"] is None
    nan = probed(shot=1, x=5, y=5, w=30, h=30)
    assert json.dumps(nan, allow_nan=False)
    refused(client.post("/probe", json={"shot": 0, "frame": 0, "x": 1.5, "y": 0}), 422, "x")
    refused(client.post("/probe", json={"shot": 0, "frame": 0, "x": 1, "y": 0, "exposure": 99}), 422, "exposure")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("alpha", [-0.5, 0.0, 0.25, 1.0, 2.0])
@pytest.mark.parametrize("rgb", [(0.0, 0.0, 0.0), (0.5, 0.1, 0.02), (-1.0, np.inf, np.nan)])
@pytest.mark.parametrize("stops", [0.0, 3.0])
def test_the_probe_tells_the_codes_that_are_drawn(
    alpha: float, rgb: tuple[float, ...], stops: float, built: Any
) -> None:
    planes = np.array([*rgb, alpha], np.float16)[:, None, None].repeat(2, 1)
    shown = Picture(planes, (0, 0, 0, 1), (0, 0, 0, 1), premultiplied=True)
    looking = Looking(exposure=stops, center=(0.5, 1))
    wanted = codes_of((1, 2), looking, (shown, built("premier")))[:, 0, 0]
    found = probe(shown, (0, 0, 1, 1), built("premier"), stops)
    assert found["code"] == pytest.approx(wanted.tolist(), abs=1e-3)
    planes[:, 1] *= -1
    assert json.dumps(probe(shown, (0, 0, 1, 2), built("premier"), stops), allow_nan=False)
