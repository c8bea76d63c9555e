"""The lattice step alone in float32, ours and its peers' on the same card. A peer that fails is left out by a line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from gpu import card
from gpu.checks import exact
from gpu.looks import alone, film_nodes

from lattice.gpu import engine
from lattice.gpu.kernel import Picture
from lattice.types import INTERPOLATIONS, Interpolation

FRAMES = 4  # of float32, more than any card's L2 together
CHECKED = 1 << 15  # pixels, the first
OWN = 2e-6  # of full scale. Source: bench/own_engines.py, LATTICE_TOLERANCE
FLOAT32 = 2e-5  # of full scale, for a peer that weighs in float32
# Of full scale, for the hardware's weights of 8 bits. Source: CUDA C++ Programming Guide, "Linear Filtering".
FILTERED = 0.05
TEXTURE = """
extern "C" __global__ void look_through(cudaTextureObject_t nodes, const float4* in, float4* out, long long pixels,
                                        float cells) {
    long long step = (long long)gridDim.x * blockDim.x;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < pixels; i += step) {
        float4 pixel = __ldcs(in + i);
        float4 found = tex3D<float4>(nodes, fmaf(pixel.z, cells, 0.5f), fmaf(pixel.y, cells, 0.5f),
                                     fmaf(pixel.x, cells, 0.5f));
        __stcs(out + i, make_float4(found.x, found.y, found.z, pixel.w));
    }
}
"""
TEXTURE_THREADS, TEXTURE_BLOCKS = 256, 8  # in a block; blocks for each multiprocessor


@dataclass(frozen=True)
class Peer:
    """run: what is timed. first: the first `CHECKED` colors of its result, (n, 3). tolerance: against float64."""

    name: str
    run: Callable[[], object]
    first: Callable[[], Any]
    tolerance: float
    method: Interpolation = "trilinear"


@dataclass(frozen=True)
class Task:
    """Pixels (H, W, 4) float32 in [0, 1] that are `times` on the card one after another, and nodes to look through."""

    picture: Any
    times: int
    nodes: Any

    @property
    def pixels(self) -> int:
        """Of all frames."""
        return self.picture.shape[0] * self.picture.shape[1] * self.times

    @property
    def colors(self) -> Any:
        """(n, 3) of one frame."""
        return self.picture[..., :3].reshape(-1, 3)


class Packed:
    """The task's RGBA pixels on the card, and as much memory for a result."""

    def __init__(self, task: Task) -> None:
        self.task, size = task, task.picture.nbytes * task.times
        self.source, self.target = card.allocate(size), card.allocate(size)
        self.size = size
        card.tile(self.source.ptr, task.picture, task.times)

    def first(self) -> Any:
        """The first colors of the result."""
        count = min(CHECKED, len(self.task.colors))
        return card.download(self.target.ptr, (count, 4), np.float32)[:, :3]

    def ours(self, method: Interpolation) -> Peer:
        """Our kernel with the straight table and the plain display, both of which it skips."""
        height, width, _ = self.task.picture.shape
        row, device = width * 16, alone(self.task.nodes)
        image, out = (
            Picture(memory.ptr, row, height * self.task.times, width, 4, False) for memory in (self.source, self.target)
        )
        return Peer(
            f"lattice, {method}, RGBA", partial(engine.launch, device, image, out, method), self.first, OWN, method
        )

    def texture(self) -> Peer:
        """A 3D texture that the hardware filters."""
        cupy, size = engine.cupy(), len(self.task.nodes)
        runtime, texture = cupy.cuda.runtime, cupy.cuda.texture
        kind = texture.ChannelFormatDescriptor(32, 32, 32, 32, runtime.cudaChannelFormatKindFloat)
        array = texture.CUDAarray(kind, size, size, size)
        padded = np.zeros((size, size, size, 4), np.float32)  # depth r, height g, width b
        padded[..., :3] = self.task.nodes
        array.copy_from(padded.reshape(size, size, size * 4))
        filtered = texture.TextureObject(
            texture.ResourceDescriptor(runtime.cudaResourceTypeArray, cuArr=array),
            texture.TextureDescriptor(
                (runtime.cudaAddressModeClamp,) * 3, runtime.cudaFilterModeLinear, runtime.cudaReadModeElementType
            ),
        )
        grid = (engine.limits().processors * TEXTURE_BLOCKS,)
        arguments = (
            filtered,
            np.uint64(self.source.ptr),
            np.uint64(self.target.ptr),
            np.int64(self.task.pixels),
            np.float32(size - 1),
        )
        function = card.built(TEXTURE, "look_through")
        return Peer(
            "3D texture, filtered by the hardware, RGBA",
            lambda: function(grid, (TEXTURE_THREADS,), arguments),
            self.first,
            FILTERED,
        )


def _on_card(array: Any, times: int) -> Any:
    """A CuPy array (..., n * times) of a packed NumPy array (..., n), outside of CuPy's pools."""
    cupy = engine.cupy()
    whole = np.ascontiguousarray(np.concatenate([array] * times, axis=-1))
    memory = card.allocate(whole.nbytes)
    card.upload(memory.ptr, whole)
    return cupy.ndarray(whole.shape, whole.dtype, cupy.cuda.MemoryPointer(memory, 0))


def map_coordinates(task: Task) -> Peer:
    """CuPy's, a channel at a time, from planes of coordinates that lie ready."""
    from cupyx.scipy.ndimage import map_coordinates as look_up

    places = _on_card(np.ascontiguousarray(task.colors.T) * np.float32(len(task.nodes) - 1), task.times)
    planes = [_on_card(np.ascontiguousarray(task.nodes[..., k], np.float32), 1) for k in range(3)]
    found = [_on_card(np.zeros(len(task.colors), np.float32), task.times) for _ in range(3)]

    def run() -> None:
        for plane, shown in zip(planes, found, strict=True):
            look_up(plane, places, shown, 1, "nearest", 0.0, False)

    def first() -> Any:
        count = min(CHECKED, len(task.colors))
        return np.stack([card.download(shown.data.ptr, (count,), np.float32) for shown in found], axis=1)

    return Peer("CuPy map_coordinates, order 1, 3 planes", run, first, FLOAT32)


def grid_sample(task: Task) -> Peer:
    """PyTorch's, from coordinates in [-1, 1] that lie ready."""
    import torch

    if not torch.cuda.is_available():
        raise RuntimeError("PyTorch sees no GPU")
    nodes = torch.from_numpy(np.ascontiguousarray(task.nodes.transpose(3, 0, 1, 2), np.float32)[None]).cuda()
    places = np.ascontiguousarray(2 * task.picture[..., 2::-1] - 1, np.float32)  # b is along the width
    places = torch.from_numpy(places[None, None]).cuda().repeat(1, task.times, 1, 1, 1)
    shown: list[Any] = []

    def run() -> None:
        shown[:] = [
            torch.nn.functional.grid_sample(nodes, places, mode="bilinear", padding_mode="border", align_corners=True)
        ]

    def first() -> Any:
        colors = shown[0][0, :, 0].reshape(3, -1)[:, :CHECKED]
        return np.ascontiguousarray(colors.T.cpu().numpy())

    return Peer(f"PyTorch {torch.__version__.partition('+')[0]} grid_sample, RGB", run, first, FLOAT32)


def _error(task: Task, peer: Peer) -> float:
    peer.run()
    engine.cupy().cuda.runtime.deviceSynchronize()
    count = min(CHECKED, len(task.colors))
    wanted = exact(alone(task.nodes), task.colors[None, :count], peer.method)[0]
    return float(np.abs(peer.first().astype(np.float64) - wanted).max())


def made(task: Task) -> tuple[list[Peer], dict[str, float], list[str]]:
    """The works that run here, the worst error of each, and lines on those left out. Ours must be right."""
    packed = Packed(task)
    makers: dict[str, Callable[[], Peer]] = {
        f"lattice, {method}": partial(packed.ours, method) for method in INTERPOLATIONS
    }
    makers |= {
        "The hardware's 3D texture": packed.texture,
        "CuPy's map_coordinates": partial(map_coordinates, task),
        "PyTorch's grid_sample": partial(grid_sample, task),
    }
    peers, errors, lines = [], {}, []
    for name, make in makers.items():
        card.poison(packed.target.ptr, packed.size)
        try:
            peer = make()
            error = _error(task, peer)
        except Exception as failure:  # whatever it is, the others are still to be measured
            if name.startswith("lattice"):
                raise
            print(f"{name} is left out: {' '.join(str(failure).split())[:300]}")  # may name this machine's paths
            lines.append(f"{name} is left out: {type(failure).__name__}.")
            continue
        if error <= peer.tolerance:
            peers.append(peer)
            errors[peer.name] = error
        elif name.startswith("lattice"):
            sys.exit(f"{peer.name}: off by {error:.2g}, expected {peer.tolerance:g} at most")
        else:
            lines.append(f"{name} is left out: off by {error:.2g}, expected {peer.tolerance:g} at most.")
    return peers, errors, lines


def task_of(picture: Any) -> Task:
    """FRAMES of a picture, or what a quarter of the card's memory holds, through the film-like nodes."""
    times = max(1, min(FRAMES, card.free_bytes() // 4 // (picture.nbytes * 5)))
    return Task(picture, times, np.ascontiguousarray(film_nodes(13), np.float32))
