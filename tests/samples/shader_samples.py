"""Exported shaders run: GLSL and HLSL on Mesa's llvmpipe, WGSL on its lavapipe, the others by the host's compiler."""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

import numpy as np
from basics import require
from gl_samples import current, picture
from numpy.typing import NDArray

from lattice.shaders.data import node_texels, table_texels
from lattice.types import SDevData

Pixels = NDArray[np.float32]
WORDS = Path(__file__).with_name("shader_words")
# What makes codes (H, W, 4) of a scene (H, W, 4) by an exported text, of this device.
Draw = Callable[[str, SDevData, Pixels], Pixels]
CORNERS = """
    void main() { gl_Position = vec4(vec2((gl_VertexID << 1) & 2, gl_VertexID & 2) * 2.0 - 1.0, 0.0, 1.0); }"""
CORNERS_WGSL = """
@vertex fn corners(@builtin(vertex_index) i: u32) -> @builtin(position) vec4<f32> {
    return vec4<f32>(vec2<f32>(f32((i << 1u) & 2u), f32(i & 2u)) * 2.0 - 1.0, 0.0, 1.0);
}"""


def scene_picture() -> Pixels:
    """(512, 512, 4): every half as gray and beside other colors, natural colors; alpha is a ramp."""
    codes = np.ones((*picture().shape[:2], 4), np.float32)
    codes[..., :3] = picture()
    codes[..., 3] = np.linspace(0, 1, codes.shape[1])
    return codes


@contextmanager
def llvmpipe() -> Iterator[Draw]:
    """Mesa's software OpenGL, for GLSL of any version."""
    os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")
    try:
        import moderngl

        context = moderngl.create_context(standalone=True, backend="egl", libgl="libGL.so.1", libegl="libEGL.so.1")
    except Exception as error:  # moderngl raises what its loader raises
        require("llvmpipe", f"no OpenGL: {error}; on Debian and Ubuntu: apt-get install libegl1 libgl1 libgl1-mesa-dri")
    assert "llvmpipe" in context.info["GL_RENDERER"]

    def texture(texels: Pixels) -> Any:
        made = context.texture(texels.shape[1::-1], 4, np.ascontiguousarray(texels).tobytes(), dtype="f4")
        made.filter = (moderngl.NEAREST, moderngl.NEAREST)
        return made

    def draw(text: str, device: SDevData, scene: Pixels) -> Pixels:
        program = context.program(vertex_shader=text.partition("\n")[0] + CORNERS, fragment_shader=text)
        data = {"lattice_table": table_texels(device), "lattice_nodes": node_texels(device), "lattice_scene": scene}
        textures = [texture(texels) for texels in data.values()]
        for unit, (name, made) in enumerate(zip(data, textures, strict=True)):
            for uniform in [each for each in program if name in each]:
                program[uniform].value = unit
            made.use(unit)
        height, width = scene.shape[:2]
        drawn = context.texture((width, height), 4, dtype="f4")
        target = context.framebuffer([drawn])
        target.use()
        context.vertex_array(program, []).render(moderngl.TRIANGLES, vertices=3)
        codes = np.frombuffer(target.read(components=4, dtype="f4"), np.float32).reshape(scene.shape)
        for each in (*textures, drawn, target, program):
            each.release()
        return codes

    try:
        yield current(context, draw)
    finally:
        context.release()


@contextmanager
def hlsl_on_llvmpipe() -> Iterator[Draw]:
    """HLSL by glslang to SPIR-V, by SPIRV-Cross to GLSL, on llvmpipe."""
    with llvmpipe() as on_llvmpipe, TemporaryDirectory() as folder:
        yield lambda text, device, scene: on_llvmpipe(_glsl_of_hlsl(text, Path(folder)), device, scene)


def _glsl_of_hlsl(text: str, folder: Path) -> str:
    source, module = folder / "look.hlsl", folder / "look.spv"
    source.write_text(text)
    compiled("glslangValidator", "-D", "-V", "-e", "main", "-S", "frag", source, "-o", module)
    return compiled("spirv-cross", "--version", "330", "--no-es", module)


def compiled(program: str, *arguments: str | Path) -> str:
    """What a compiler of shaders prints. It must end well."""
    package = {"glslangValidator": "glslang-tools"}.get(program, program)
    if shutil.which(program) is None:
        require("glsl", f"no {program}; on Debian and Ubuntu: apt-get install {package}")
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def lavapipe() -> Iterator[Draw]:
    """Mesa's software Vulkan, by wgpu."""
    try:
        import wgpu

        adapters = [each for each in wgpu.gpu.enumerate_adapters_sync() if each.info["backend_type"] == "Vulkan"]
        gpu = next(each for each in adapters if "llvmpipe" in each.info["device"]).request_device_sync()
    except (ImportError, StopIteration, RuntimeError) as error:
        require("wgpu", f"no software Vulkan: {error!r}; pip install wgpu, apt-get install mesa-vulkan-drivers")

    def texture(usage: int, width: int, height: int) -> Any:
        return gpu.create_texture(size=(width, height, 1), format="rgba32float", usage=usage)

    def draw(text: str, device: SDevData, scene: Pixels) -> Pixels:
        module = gpu.create_shader_module(code=text + CORNERS_WGSL)
        pipeline = gpu.create_render_pipeline(
            layout="auto",
            vertex={"module": module, "entry_point": "corners"},
            fragment={"module": module, "entry_point": "lattice_fragment", "targets": [{"format": "rgba32float"}]},
            primitive={"topology": "triangle-list"},
        )
        height, width = scene.shape[:2]
        rows = {"bytes_per_row": 16 * width, "rows_per_image": height}
        light = texture(wgpu.TextureUsage.TEXTURE_BINDING | wgpu.TextureUsage.COPY_DST, width, height)
        gpu.queue.write_texture({"texture": light}, scene.tobytes(), rows, (width, height, 1))
        storage = wgpu.BufferUsage.STORAGE
        buffers = [
            gpu.create_buffer_with_data(data=each.tobytes(), usage=storage)
            for each in (table_texels(device), node_texels(device))
        ]
        bound = [{"buffer": each, "offset": 0, "size": each.size} for each in buffers] + [light.create_view()]
        group = gpu.create_bind_group(
            layout=pipeline.get_bind_group_layout(0),
            entries=[{"binding": i, "resource": each} for i, each in enumerate(bound)],
        )
        drawn = texture(wgpu.TextureUsage.RENDER_ATTACHMENT | wgpu.TextureUsage.COPY_SRC, width, height)
        commands = gpu.create_command_encoder()
        target = {"view": drawn.create_view(), "load_op": "clear", "store_op": "store", "clear_value": (0, 0, 0, 0)}
        paint = commands.begin_render_pass(color_attachments=[target])
        paint.set_pipeline(pipeline)
        paint.set_bind_group(0, group)
        paint.draw(3)
        paint.end()
        gpu.queue.submit([commands.finish()])
        codes = gpu.queue.read_texture({"texture": drawn}, rows, (width, height, 1))
        return np.frombuffer(codes, np.float32).reshape(scene.shape)

    yield draw


def _by_compiler(words: str, *command: str) -> Callable[[], AbstractContextManager[Draw]]:
    """What runs a text on the host: its language's words, the text, and what calls it for each pixel."""

    @contextmanager
    def here() -> Iterator[Draw]:
        if shutil.which(command[0]) is None:
            require("native", f"no {command[0]}")
        with TemporaryDirectory() as folder:
            yield lambda text, device, scene: called(text, device, scene, Path(mkdtemp(dir=folder)))

    def called(text: str, device: SDevData, scene: Pixels, folder: Path) -> Pixels:
        source, library = folder / "look", folder / "look.so"
        before = "" if words == "metal" else f'#include "{words}.h"\n'
        source.write_text(f'{before}{text}\n#include "{words}_drive.h"\n')
        fused = ["-mfma"] if platform.machine() in ("x86_64", "AMD64") else []
        asked = [*OPTIONS, *fused, f"-I{WORDS}", str(source), "-o", str(library)]
        done = subprocess.run([*command, *asked], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert not done.stderr, done.stderr
        codes = np.zeros_like(scene)
        data = [scene, codes, table_texels(device), node_texels(device)]
        scene_at, codes_at, *data_at = (each.ctypes.data_as(ctypes.c_void_p) for each in data)
        ctypes.CDLL(str(library)).draw(scene_at, codes_at, scene.size // 4, *data_at)
        return codes

    return here


@contextmanager
def cycles() -> Iterator[Draw]:
    """OSL by Blender's Cycles: the program `blender`, or a Python with bpy, which LATTICE_BPY names."""
    python, blender = os.environ.get("LATTICE_BPY"), shutil.which("blender")
    if not python and not blender:
        require("osl", "no Blender: put `blender` on the PATH, or name a Python that has bpy in LATTICE_BPY")
    command = [python] if python else [str(blender), "-b", "--factory-startup", "--python"]

    with TemporaryDirectory() as folder:

        def draw(text: str, device: SDevData, scene: Pixels) -> Pixels:
            osl, given, wanted = (Path(folder, name) for name in ("look.osl", "scene.npy", "codes.npy"))
            osl.write_text(text)
            np.save(given, scene)
            script = Path(__file__).with_name("osl_in_blender.py")
            done = subprocess.run(
                [*command, script, "--", osl, given, wanted], capture_output=True, text=True, cwd=folder
            )
            assert wanted.is_file(), done.stdout + done.stderr
            return np.asarray(np.load(wanted))

        yield draw


OPTIONS = ["-O1", "-ffp-contract=off", "-Wall", "-Wno-unused-function", "-Wno-attributes", "-fPIC", "-shared"]
CXX, C99 = ("c++", "-std=c++14", "-x", "c++"), ("cc", "-std=c99", "-pedantic", "-x", "c")
DRIVERS: dict[str, Callable[[], AbstractContextManager[Draw]]] = {
    "glsl330": llvmpipe,
    "glsles300": llvmpipe,
    "glsl450": llvmpipe,
    "hlsl": hlsl_on_llvmpipe,
    "msl": _by_compiler("metal", *CXX),
    "wgsl": lavapipe,
    "cuda": _by_compiler("cuda", *CXX),
    "dctl": _by_compiler("dctl", *C99),
    "osl": cycles,
}
