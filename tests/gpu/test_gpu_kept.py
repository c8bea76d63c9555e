"""What is kept: a device is uploaded once a GPU, a kernel compiled once a machine."""

from __future__ import annotations

import gc
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gpu_samples import by_gpu, by_native, differing, raised_by, random_picture, sdev_of
from host_cupy import Device, ndarray
from host_memory import GPU, NUMBER
from native_samples import METHOD, run_script, sets_here, small_devices

from lattice.cache import SEAL
from lattice.gpu import engine
from lattice.sdev import SDev
from lattice.types import LatticeError

pytestmark = pytest.mark.slow

IMAGE = random_picture((5, 70, 3))
ARRAYS = 2  # of a device: its table, its nodes


@pytest.fixture(autouse=True)
def cache(host_gpu: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of kernels of one's own."""
    sets_here()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "lattice" / "kernels"


def test_a_device_is_uploaded_once() -> None:
    sdev = sdev_of()
    for image in (ndarray(IMAGE), ndarray(IMAGE), ndarray(IMAGE.astype("f4"))):
        sdev.apply(image)
    sdev.prepare("cuda")
    assert GPU.memory.count == ARRAYS


def test_equal_devices_share_an_upload_and_the_last_takes_it_along() -> None:
    devices = [sdev_of(), sdev_of(), pickle.loads(pickle.dumps(sdev_of())), replace(sdev_of(), name="another")]
    assert sum(differing(by_gpu(device, IMAGE), by_native(device, IMAGE)) for device in devices) == 0
    assert GPU.memory.count == ARRAYS
    while devices:
        assert GPU.memory.held > 0
        devices.pop()
        gc.collect()
    assert GPU.memory.held == 0


def test_other_devices_do_not_share() -> None:
    devices = [sdev_of(device) for device in small_devices()]
    for device in devices:
        device.apply(ndarray(IMAGE))
    assert GPU.memory.count == ARRAYS * len(devices)
    for device in devices:
        assert differing(device.apply(ndarray(IMAGE)).array, by_native(device, IMAGE)) == 0


def test_another_gpu_gets_its_own() -> None:
    sdev = sdev_of()
    for number in (NUMBER, NUMBER + 1, NUMBER, NUMBER + 1):
        sdev.apply(ndarray(IMAGE, number))
        with Device(number):
            sdev.apply(IMAGE, engine="cuda")
    uploads = [piece for piece in GPU.memory.pieces if piece.size > 1000]
    assert {piece.number for piece in uploads} == {NUMBER, NUMBER + 1}
    assert sum(piece.size == 3 * 65536 * 4 for piece in uploads) == 2


def test_many_threads_upload_once() -> None:
    sdevs = [sdev_of() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda sdev: sdev.apply(ndarray(IMAGE)).array, sdevs))
    assert GPU.memory.count == ARRAYS
    assert all(differing(each, by_native(sdevs[0], IMAGE)) == 0 for each in found)


def test_an_upload_that_failed_is_tried_again() -> None:
    sdev = sdev_of()
    GPU.memory.refuses = lambda number, size: number in (ARRAYS, ARRAYS + 1)  # a second try, too
    assert isinstance(raised_by(lambda: sdev.apply(ndarray(IMAGE))), LatticeError)
    gc.collect()
    assert GPU.memory.held == 0
    assert differing(sdev.apply(ndarray(IMAGE)).array, by_native(sdev, IMAGE)) == 0


def test_a_kernel_is_compiled_once_and_kept_in_a_file_each(cache: Path) -> None:
    sdev = sdev_of()
    for _ in range(3):
        for image in (IMAGE, IMAGE.astype("f4")):
            sdev.apply(ndarray(image))
    assert len(GPU.compiled) == len(list(cache.iterdir())) == 2
    engine._function.cache_clear()
    sdev.apply(ndarray(IMAGE))
    sdev_of().apply(ndarray(IMAGE))
    assert len(GPU.compiled) == len(list(cache.iterdir())) == 2


SECOND = """
from pathlib import Path
import host_cupy
from host_memory import GPU
host_cupy.LIBRARIES.update({libraries})
with host_cupy.in_place_of_cupy():
    sdev.apply(host_cupy.ndarray(np.ones((5, 70, 3), np.float16)))
    print(len(GPU.compiled), len(GPU.launches))
"""


def test_another_process_compiles_nothing(cache: Path) -> None:
    from host_cupy import LIBRARIES

    script = SECOND.format(libraries={kind: str(path) for kind, path in LIBRARIES.items()})
    assert run_script(script).split() == ["1", "1"]
    assert run_script(script).split() == ["0", "1"]
    assert len(list(cache.iterdir())) == 1


def test_another_text_or_compiler_or_gpu_is_compiled_again(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sdev = sdev_of()
    sdev.apply(ndarray(IMAGE))
    text = engine.source()
    for change in (
        lambda: monkeypatch.setattr(engine, "source", lambda: text + "\n"),
        lambda: monkeypatch.setattr(engine.cupy().cuda.nvrtc, "getVersion", lambda: (99, 0)),
        lambda: setattr(GPU, "capability", "80"),
    ):
        engine._function.cache_clear()
        count = len(GPU.compiled)
        change()
        sdev.apply(ndarray(IMAGE))
        assert len(GPU.compiled) == count + 1
    assert len(list(cache.iterdir())) == 4


def _no_folder(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.parent.parent.mkdir()
    cache.parent.write_text("a file")


def _not_ours_alone(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.mkdir(parents=True)
    cache.chmod(0o777)


def _no_name(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.replace", _refused)


def _refused(*arguments: Any, **words: Any) -> Any:
    raise PermissionError("made up")


@pytest.mark.filterwarnings("ignore::lattice.errors.LatticeWarning")
@pytest.mark.parametrize("spoil", [_no_folder, _not_ours_alone, _no_name])
def test_a_cache_that_cannot_be_written_is_done_without(
    spoil: Any, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(cache, monkeypatch)
    try:
        found = sdev_of().apply(ndarray(IMAGE))
    except RuntimeError as error:
        pytest.fail(str(error))
    assert differing(found.array, by_native(small_devices()[-1], IMAGE)) == 0
    assert len(GPU.compiled) == 1


def test_a_file_that_cannot_be_finished_leaves_nothing_behind(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _no_name(cache, monkeypatch)
    sdev_of().apply(ndarray(IMAGE))
    assert list(cache.iterdir()) == []


def test_what_is_kept_is_what_was_compiled(cache: Path) -> None:
    sdev_of().apply(ndarray(IMAGE))
    [path] = cache.iterdir()
    assert path.read_bytes()[SEAL:] == engine.compiled(_kernel(), 90)


def _kernel() -> Any:
    return engine.plan(sdev_of()).launch(*[engine.Picture.of(IMAGE, 0, "image")] * 2, METHOD, engine.limits()).kernel


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: whole[:10],
        lambda whole: whole[:-1],
        lambda whole: whole[:-9] + b"!" + whole[-8:],
        lambda whole: whole[32:],
    ],
)
def test_a_damaged_file_is_made_again(damage: Any, cache: Path) -> None:
    sdev: SDev = sdev_of()
    sdev.apply(ndarray(IMAGE))
    [path] = cache.iterdir()
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    engine._function.cache_clear()
    assert differing(sdev.apply(ndarray(IMAGE)).array, by_native(sdev, IMAGE)) == 0
    assert path.read_bytes() == whole
    assert len(GPU.compiled) == 2
