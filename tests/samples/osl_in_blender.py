"""Runs inside Blender: an OSL shader over a picture, by Cycles. After `--`: .osl, .npy of the scene, of the codes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

try:
    import bpy
except ImportError:  # pytest collects this folder's names only
    bpy = None


def _put_picture(scene: Any, path: Path) -> Any:
    """An image of Blender with these texels; through an OpenEXR, whose values are not converted."""
    height, width = scene.shape[:2]
    made = bpy.data.images.new("scene", width, height, alpha=True, float_buffer=True, is_data=True)
    made.pixels.foreach_set(scene[::-1].astype(np.float32).ravel())
    made.save_render(str(path), scene=bpy.context.scene)
    found = bpy.data.images.load(str(path))
    found.colorspace_settings.name = "Non-Color"
    return found


def _settings(width: int, height: int) -> None:
    """One sample for each texel, and no view transform."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device, scene.cycles.shading_system, scene.cycles.samples = "CPU", True, 1
    scene.cycles.use_denoising = scene.cycles.use_adaptive_sampling = False
    scene.cycles.pixel_filter_type = "BOX"
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.view_settings.view_transform = "Raw"
    scene.render.image_settings.file_format, scene.render.image_settings.color_depth = "OPEN_EXR", "32"


def _material(osl: Path, picture: Any) -> Any:
    """What shines with the shader's codes of the picture."""
    import _cycles

    compiled = osl.with_suffix(".oso")
    assert _cycles.osl_compile(str(osl), str(compiled)), "the shader does not compile"
    material = bpy.data.materials.new("look")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    texture, script, light, end = (
        tree.nodes.new(f"ShaderNode{name}") for name in ("TexImage", "Script", "Emission", "OutputMaterial")
    )
    texture.image, texture.interpolation = picture, "Closest"
    script.mode, script.filepath = "EXTERNAL", str(compiled)
    script.inputs.new("NodeSocketColor", "In")
    script.outputs.new("NodeSocketColor", "Out")
    for (one, out), (other, given) in (
        ((texture, "Color"), (script, "In")),
        ((script, "Out"), (light, "Color")),
        ((light, "Emission"), (end, "Surface")),
    ):
        tree.links.new(one.outputs[out], other.inputs[given])
    return material


def main(osl: Path, given: Path, wanted: Path) -> None:
    scene = np.load(given)
    height, width = scene.shape[:2]
    bpy.ops.wm.read_factory_settings(use_empty=True)
    _settings(width, height)
    bpy.ops.mesh.primitive_plane_add(size=2)
    bpy.context.object.data.materials.append(_material(osl, _put_picture(scene, osl.with_suffix(".exr"))))
    camera = bpy.data.cameras.new("camera")
    camera.type, camera.ortho_scale = "ORTHO", 2
    bpy.context.scene.camera = bpy.data.objects.new("camera", camera)
    bpy.context.scene.camera.location = (0, 0, 5)
    bpy.context.scene.collection.objects.link(bpy.context.scene.camera)
    bpy.context.scene.render.filepath = str(osl.with_name("codes.exr"))
    bpy.ops.render.render(write_still=True)
    drawn = bpy.data.images.load(bpy.context.scene.render.filepath)
    drawn.colorspace_settings.name = "Non-Color"
    codes = np.empty(scene.size, np.float32)
    drawn.pixels.foreach_get(codes)
    np.save(wanted, codes.reshape(scene.shape)[::-1])


if __name__ == "__main__":
    main(*map(Path, sys.argv[sys.argv.index("--") + 1 :]))
