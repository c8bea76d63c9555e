"""What the tests of every room share: built looks, engines, made-up devices, and skips that CI turns into failures."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from basics import ENGINES, MEMORY, ROOT, SHARED, Engine, keep, require
from cli_samples import DONE, Result
from exr_samples import SAID, save, smooth

from lattice import cli
from lattice.interp import native
from lattice.sdev import SDev, load
from lattice.sdev.load import LOOKS
from lattice.types import INTERPOLATIONS

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell starts what runs in its background so
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOM = 8 << 30  # bytes of MEMORY; a run's files are never half of it
KEPT_LOOKS = ROOT / ".pytest_cache" / "looks"  # between runs


def pytest_configure() -> None:
    """Temporary folders are in memory where it has room: a disk's fsync is most of what tests that write wait for."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def _folder(name: str) -> Path:
    if not (SHARED / name).is_dir():
        require(name, f"no folder ../shared/{name} beside the repository")
    return SHARED / name


@pytest.fixture(scope="session")
def film_data() -> Path:
    """Digitized film data and the expected values of the exact chain."""
    return _folder("film")


@pytest.fixture(scope="session")
def images() -> Path:
    """Real EXRs."""
    return _folder("images")


@pytest.fixture(scope="session")
def ocio() -> Any:
    try:
        import PyOpenColorIO
    except ImportError:
        require("ocio", "PyOpenColorIO is not installed")
    return PyOpenColorIO


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The user's cache folder is never touched; subprocesses inherit the temporary one.

    It begins with the looks that earlier runs and other workers built: their names hold a digest of what built them.
    """
    folder = tmp_path_factory.mktemp("cache")
    here = folder / "lattice" / "looks"
    here.mkdir(parents=True)
    here.chmod(0o700)
    kept = {path.name for path in KEPT_LOOKS.glob("*.looks")}
    for name in kept:
        with suppress(FileNotFoundError):  # another worker deleted it as the oldest
            shutil.copyfile(KEPT_LOOKS / name, here / name)
            (here / name).chmod(0o600)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield
    for path in here.glob("*.looks"):
        if path.name not in kept:
            keep(KEPT_LOOKS / path.name, path.read_bytes())
    by_age = sorted(KEPT_LOOKS.glob("*.looks"), key=lambda path: path.stat().st_mtime)
    for path in by_age[: -LOOKS.most]:
        path.unlink(missing_ok=True)


@cache
def _load(name: str) -> SDev:
    return load(name)


@pytest.fixture(scope="session")
def built() -> Callable[[str], SDev]:
    """The built SDev of a shipped look, by name; each is built once a session."""
    return _load


@pytest.fixture
def premier(built: Callable[[str], SDev]) -> SDev:
    return built("premier")


@pytest.fixture(params=ENGINES, ids=lambda engine: engine.instruction_set or engine.fixture or engine.name)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Each engine: each instruction set of the native one, forced by the environment; the GPU's kernels, on the host
    and on a GPU."""
    asked: Engine = request.param
    if asked.fixture:
        request.getfixturevalue(asked.fixture)
    if asked.instruction_set:
        if (reason := native.unavailable_reason()) is not None:
            require("native", reason)
        sets = native.instruction_sets()
        if not sets.get(asked.instruction_set):
            pytest.skip(
                f"{asked.instruction_set}: "
                + ("this processor lacks it" if asked.instruction_set in sets else "of another architecture")
            )
        monkeypatch.setenv(native.FORCE, asked.instruction_set)
    return asked


@pytest.fixture(scope="session")
def _host_kernels(tmp_path_factory: pytest.TempPathFactory) -> None:
    from compiling import build_kernels
    from host_cupy import LIBRARIES

    if shutil.which("c++") is None:
        require("native", "no C++ compiler")
    LIBRARIES.update(build_kernels(tmp_path_factory.mktemp("kernels")))


@pytest.fixture
def host_gpu(_host_kernels: None) -> Iterator[None]:
    """The kernels run on the host, and everything around them as on a GPU."""
    from host_cupy import in_place_of_cupy

    with in_place_of_cupy():
        yield


@pytest.fixture
def host_gpu_staged(host_gpu: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, with the table in shared memory whatever the picture's size."""
    monkeypatch.setattr("lattice.gpu.kernel.PIXELS_TO_STAGE", 0)


@pytest.fixture(scope="session")
def gpu() -> None:
    """A GPU."""
    from lattice.gpu import engine

    if (reason := engine.unavailable_reason()) is not None:
        require("cuda", reason)


@pytest.fixture(params=INTERPOLATIONS)
def interpolation(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def standing(tmp_path):
    """A target that exists already; whatever fails, it must stay as it is, alone in its folder."""
    target = tmp_path / "a.exr"
    target.write_bytes(b"the old file")
    yield target
    assert os.listdir(tmp_path) == ["a.exr"]
    assert target.read_bytes() == b"the old file"


@pytest.fixture(scope="session")
def oiio():
    try:
        import OpenImageIO
    except ImportError:
        require("images-io", "OpenImageIO is not installed")
    return OpenImageIO


@pytest.fixture
def scene(folder):
    """A scene-linear EXR."""
    save(folder / "s.exr", {name: smooth((16, 16), seed=k) for k, name in enumerate("RGB")}, SAID)
    return folder / "s.exr"


@pytest.fixture
def folder(tmp_path):
    """Whatever a test does, no temporary may be left behind."""
    yield tmp_path
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".tmp")]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the program's own main in this process."""

    def command(*arguments: str | Path) -> Result:
        monkeypatch.setattr(sys, "argv", ["lattice", *map(str, arguments)])
        code: Any = DONE
        try:
            cli.main()
        except SystemExit as end:
            code = end.code
        text = capsys.readouterr()
        return Result(code or DONE, text.out, text.err)

    return command
