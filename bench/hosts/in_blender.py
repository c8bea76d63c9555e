"""Runs where `bpy` is: saves a picture through views and looks of the config in $OCIO. Argument: a file of jobs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import bpy


def save(job: dict[str, str]) -> str:
    """Save a picture as a render is saved, 16-bit PNG; return the color space that 8-bit images are taken for."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    image = bpy.data.images.load(job["picture"])
    image.colorspace_settings.name = job["space"]
    scene.display_settings.display_device = job["display"]
    scene.view_settings.view_transform = job["view"]
    if job["look"]:
        scene.view_settings.look = job["look"]
    scene.render.dither_intensity = 0
    settings = scene.render.image_settings
    settings.file_format, settings.color_mode, settings.color_depth = "PNG", "RGB", "16"
    image.save_render(job["out"], scene=scene)
    return bpy.data.images.new("8 bits", 4, 4).colorspace_settings.name


if __name__ == "__main__":
    jobs = Path(sys.argv[1])
    bytes_of = [save(job) for job in json.loads(jobs.read_text())]
    told = {"version": bpy.app.version_string, "bytes": bytes_of}
    jobs.with_suffix(".told").write_text(json.dumps(told))
