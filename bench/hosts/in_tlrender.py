"""Runs where `tlrender` is: draws a picture through configs and LUT files by OpenGL. Argument: a file of jobs."""

from __future__ import annotations

import json
import os
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ["SDL_VIDEO_DRIVER"] = "offscreen"  # before SDL is loaded

import feather_tk as ftk
import numpy as np
import tlrender as tl

PATIENCE = 30  # for a picture to be loaded, s


def player(context: Any, picture: str) -> Any:
    """A player that has its picture."""
    made, start = tl.Player(context, tl.Timeline(context, picture)), time.monotonic()
    while not (made.currentVideo and made.currentVideo[0].layers and made.currentVideo[0].layers[0].image):
        if time.monotonic() - start > PATIENCE:
            raise TimeoutError(picture)
        context.tick()
        time.sleep(0.01)
    return made


def draw(context: Any, job: dict[str, str]) -> None:
    """Draw a picture through a config's view, or through a LUT file alone, and save it as an array."""
    render = tl.OffscreenRender(context)
    config, lut = tl.OCIOOptions(), tl.LUTOptions()
    if job["config"]:
        config.enabled, config.config, config.fileName = True, tl.OCIOConfig.File, job["config"]
        config.input, config.display, config.view = job["space"], job["display"], job["view"]
    else:
        lut.enabled, lut.fileName = True, job["lut"]
    render.setOCIOOptions(config)
    render.setLUTOptions(lut)
    drawn = render.render(player(context, job["picture"]).currentVideo, type=ftk.ImageType.RGBA_F32)
    np.save(job["out"], np.asarray(drawn)[..., :3])


if __name__ == "__main__":
    jobs = Path(sys.argv[1])
    context = ftk.Context()
    tl.init(context)
    for job in json.loads(jobs.read_text()):
        draw(context, job)
    jobs.with_suffix(".told").write_text(json.dumps({"version": version("tlrender")}))
