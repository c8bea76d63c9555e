"""Third parties that take long to import: what is light loads none of them."""

from __future__ import annotations

SCIENCE = {"colour", "matplotlib", "scipy", "numpy", "pydantic", "cupy", "PyOpenColorIO"}
FILES = {"OpenEXR", "OpenImageIO", "fileseq", "av", "PIL", "colour_cxf"}
SERVERS = {"dask", "distributed", "dask_jobqueue", "starlette", "uvicorn", "anywidget", "traitlets"}
HEAVY = SCIENCE | FILES | SERVERS
