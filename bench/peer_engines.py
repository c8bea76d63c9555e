"""The peers, each as a `Work` on one picture of a case."""

from __future__ import annotations

import re
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import colour
import numpy as np
import PyOpenColorIO as ocio
from work import FLOAT_TOLERANCE, Case, Work

try:
    import av
except ImportError:
    av = None

HAS_FFMPEG = av is not None
OPEN_COLOR_IO, OPEN_COLOR_IO_PLANES = "OpenColorIO, 1 thread", "OpenColorIO planes, 1 thread"
COLOUR_SHARE = 40  # colour-science does the first of so many parts of the rows; the time is scaled
COLOUR_BLOCK = 4096  # colors at a time, at which colour-science is quickest
COLOUR = {
    "trilinear": colour.algebra.table_interpolation_trilinear,
    "tetrahedral": colour.algebra.table_interpolation_tetrahedral,
}
OCIO_METHODS = {"trilinear": ocio.INTERP_LINEAR, "tetrahedral": ocio.INTERP_TETRAHEDRAL}
DEPTHS = {np.dtype(np.float16): ocio.BIT_DEPTH_F16, np.dtype(np.float32): ocio.BIT_DEPTH_F32}
FFMPEG_FORMAT = "gbrpf32le"  # planes of float32; no alpha
COLOUR_TOLERANCE = 1e-6  # of full scale: it computes in float64
FAST_POWERS = 2e-3  # of full scale: OpenColorIO's default optimization takes powers that are off by up to 7e-4


def _processor(case: Case, folder: Path) -> ocio.Processor:
    """OpenColorIO's processor of the lattice, or of the SDev's CLF with the case's interpolation."""
    if case.is_alone:
        transform = ocio.Lut3DTransform(case.sdev.lattice.size)
        transform.setData(case.sdev.lattice.nodes.ravel())
        transform.setInterpolation(OCIO_METHODS[case.method])
    else:
        path = folder / "look.clf"
        case.sdev.save(path)
        path.write_text(re.sub(r'(<LUT3D [^>]*interpolation=)"\w+"', rf'\1"{case.method}"', path.read_text()))
        ocio.ClearAllCaches()  # it keeps files by path
        transform = ocio.FileTransform(str(path))
    return ocio.Config.CreateRaw().getProcessor(transform)


def _description(image: Any) -> ocio.PackedImageDesc:
    height, width, channels = image.shape
    row, column, channel = image.strides
    return ocio.PackedImageDesc(image, width, height, channels, DEPTHS[image.dtype], channel, column, row)


def _planes(picture: Any) -> ocio.PlanarImageDesc:
    height, width = picture.shape[:2]
    apart = [picture[..., channel] for channel in range(3)]
    row, column = apart[0].strides
    return ocio.PlanarImageDesc(*apart, width, height, DEPTHS[picture.dtype], column, row)


def open_color_io(case: Case, picture: str) -> list[Work]:
    """Its processor for this bit depth with its default optimization, of packed pixels and of planes."""
    image = case.images[picture]
    depth = DEPTHS[image.dtype]
    with tempfile.TemporaryDirectory() as folder:
        cpu = _processor(case, Path(folder)).getOptimizedCPUProcessor(depth, depth, ocio.OPTIMIZATION_DEFAULT)
    tolerance = FLOAT_TOLERANCE if case.is_alone else FAST_POWERS

    def work(name: str, source: Any, target: Any, out: Any) -> Work:
        def run() -> Any:
            cpu.apply(source, target)
            return out

        return Work(name, run, len(image), tolerance)

    return [
        work(OPEN_COLOR_IO, _description(image), _description(case.out), case.out),
        work(OPEN_COLOR_IO_PLANES, _planes(case.planes[picture]), _planes(case.planes_out), case.planes_out),
    ]


def colour_science(case: Case, image: Any) -> Work:
    """Its table interpolation in float64, in blocks, on some rows."""
    rows, nodes = max(1, len(image) // COLOUR_SHARE), case.sdev.lattice.nodes.astype(np.float64)
    colors = image[:rows, :, :3].reshape(-1, 3).astype(np.float64)
    blocks = [colors[start : start + COLOUR_BLOCK] for start in range(0, len(colors), COLOUR_BLOCK)]
    return Work(
        "colour-science, float64, 1 thread",
        lambda: [COLOUR[case.method](block, nodes) for block in blocks],
        rows,
        COLOUR_TOLERANCE,
        lambda result: np.concatenate(result).reshape(rows, -1, 3),
    )


def ffmpeg(case: Case, image: Any) -> Work:
    """Its lut3d filter on planes that lie ready."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image[..., :3]), format=FFMPEG_FORMAT)
    graph = av.filter.Graph()
    graph.threads = 1
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 24))
    nodes = case.sdev.lattice.nodes.transpose(2, 1, 0, 3).reshape(-1, 3)  # a .cube has R fastest
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nodes.cube"
        np.savetxt(path, nodes, "%.9g", header=f"LUT_3D_SIZE {case.sdev.lattice.size}", comments="")
        look_up = graph.add("lut3d", file=str(path), interp=case.method)
    graph.link_nodes(source, look_up, graph.add("buffersink")).configure()

    def run() -> Any:
        graph.push(frame)
        return graph.pull()

    return Work(
        f"ffmpeg lut3d, {FFMPEG_FORMAT}, 1 thread", run, len(image), FLOAT_TOLERANCE, lambda shown: shown.to_ndarray()
    )


def ffmpeg_version() -> str:
    """Of PyAV and of the ffmpeg inside."""
    return f"PyAV {av.__version__} with ffmpeg {av.ffmpeg_version_info}"


def peers(case: Case, picture: str) -> list[Work]:
    """Every peer that can do the case here."""
    if not case.is_alone:
        return open_color_io(case, picture)
    image = case.images[picture]
    return [*open_color_io(case, picture), colour_science(case, image), *([ffmpeg(case, image)] if HAS_FFMPEG else [])]
