"""What of the real images is refused."""

from __future__ import annotations

from exr_samples import LUMA, MIPPED, REFUSED


def is_refused(path):
    return path.name.startswith((*REFUSED, *MIPPED, *LUMA, "WideFloatRange"))
