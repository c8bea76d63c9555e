"""What the tests of every room share: engines, made-up devices, and skips that CI turns into failures."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from lattice.interp import native, reference
from lattice.types import HALF_CODES, Display, FilmStage, Lattice, LatticeError, SDevData, Table

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
MEMORY = Path("/dev/shm")  # a folder in memory, where there is one
PLAIN = Display(1.0, np.eye(3), 1.0)  # shows the lattice's values as they are


def require(name: str, reason: str) -> NoReturn:
    """Skip for want of something; fail where LATTICE_REQUIRE (comma separated) names it."""
    if name in os.environ.get("LATTICE_REQUIRE", "").split(","):
        pytest.fail(f"LATTICE_REQUIRE asks for {name}: {reason}")
    pytest.skip(reason)


@dataclass(frozen=True)
class Engine:
    """One way to run a device. run(device, image, out, interpolation) fills `out`.

    name: what `SDev.apply(engine=...)` calls it. instruction_set: what LATTICE_NATIVE calls it. fixture: what it
    needs to run.
    """

    name: str
    run: Callable[[SDevData, Any, Any, Any], None]
    instruction_set: str = ""
    fixture: str = ""


def _through_gpu(*arguments: Any) -> None:
    from lattice.gpu import transfer

    transfer.run(*arguments)


# A new engine is one record here, and every truth is asked of it.
ENGINES = (
    Engine("numpy", lambda *arguments: reference.apply(*arguments)),
    *(Engine("native", native.apply, name) for name in ("avx512", "avx2", "neon", "portable")),
    *(Engine("cuda", _through_gpu, fixture=name) for name in ("host_gpu", "host_gpu_staged", "gpu")),
)


def _in_planes(device: SDevData, image: Any, out: Any, interpolation: Any) -> None:
    given, made = (np.empty((3, *image.shape[:2]), kind).transpose(1, 2, 0) for kind in (image.dtype, out.dtype))
    given[...] = image[..., :3]
    native.apply(device, given, made, interpolation)
    native.apply(device, image, out, interpolation)  # alpha, which planes have none of
    out[..., :3] = made


# Pictures that are planes of red, green and blue, which vectors take as they are.
IN_PLANES = tuple(Engine("native", _in_planes, name) for name in ("avx512", "avx2", "neon"))
IN_ANY_FORM = pytest.mark.parametrize(
    "engine",
    [*ENGINES, *IN_PLANES],
    indirect=True,
    ids=[
        *(engine.instruction_set or engine.fixture or engine.name for engine in ENGINES),
        *(f"planes-{engine.instruction_set}" for engine in IN_PLANES),
    ],
)


def halves() -> Any:
    """Every half float in the order of its bits."""
    return np.arange(HALF_CODES, dtype=np.uint16).view(np.float16)


def plain_table() -> Table:
    """u = the scene value itself, held to [0, 1]; NaN holds 0."""
    values = np.clip(np.nan_to_num(halves().astype(np.float32), nan=0.0), 0, 1)
    return Table(np.repeat(values[:, None], 3, axis=1))


def grid(size: int) -> Any:
    """u of every node: (size, size, size, 3) float64."""
    steps = np.arange(size) / (size - 1)
    return np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)


def make_device(
    nodes: Any,
    interpolation: Any = "trilinear",
    table: Table | FilmStage | None = None,
    display: Display = PLAIN,
    matrix: Any = None,
) -> SDevData:
    """A device of these nodes; everything not given passes values through."""
    return SDevData(
        "made up",
        np.eye(3) if matrix is None else matrix,
        table or plain_table(),
        Lattice(nodes, interpolation),
        display,
    )


def random_device(interpolation: Any, size: int = 13, display: Display = PLAIN) -> SDevData:
    """Random nodes and a random table: nothing in it is smooth, symmetric or monotone."""
    random = np.random.default_rng(size)
    table = Table(random.uniform(0, 1, (HALF_CODES, 3)))
    return make_device(random.uniform(0, 1, (size, size, size, 3)), interpolation, table, display)


def run(engine: Engine, device: SDevData, image: Any, out_type: Any = None, interpolation: Any = None) -> Any:
    """The picture an engine makes, in `out_type` or the image's own dtype."""
    out = np.full(image.shape, 7, out_type or image.dtype)
    engine.run(device, image, out, interpolation or device.lattice.interpolation)
    return out


def scene(count: int = 1_000_000) -> Any:
    """Random half pixels a scene may hold, with grays and black among them: (1, count, 3)."""
    random = np.random.default_rng(21)
    image = 0.18 * 2.0 ** (random.uniform(-12, 9, (1, count, 1)) + random.normal(0, 1.5, (1, count, 3)))
    image[0, :1000] = image[0, :1000, :1]
    image[0, 1000:1010] = 0
    return image.astype(np.float16)


def one_line(call: Callable[[], object], *says: str) -> None:
    with pytest.raises(LatticeError) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message, message
    assert all(part in message for part in says), message


def keep(path: Path, data: bytes) -> None:
    """Write a file that other test workers may want too, completely or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}")
    part.write_bytes(data)
    os.replace(part, path)


def write_toml(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)
