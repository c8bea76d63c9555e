"""Configs to extend, as Blender and studios have them, and what OpenColorIO shows through a config."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lattice.color.primaries import convert, rgb_to_xyz

TO_AP0 = convert("Rec.709", "ACES2065-1", "Bradford")
XYZ = rgb_to_xyz("Rec.709")
GAIN = "Version 1\nFrom 0 1\nLength 2\nComponents 1\n{\n0\n0.5\n}\n"


def matrix_text(matrix: Any) -> str:
    whole = np.eye(4)
    whole[:3, :3] = matrix
    return f"!<MatrixTransform> {{matrix: [{', '.join(map(repr, whole.ravel().tolist()))}]}}"


def lut_space(source: str) -> str:
    return f"  - !<ColorSpace>\n    name: graded\n    to_reference: !<FileTransform> {{src: {source}}}\n"


def xyz_reference(folder: Path, search_path: str = "luts", source: str = "gain.spi1d") -> Path:
    """A config as of Blender 4: XYZ as reference, no display color spaces, a LUT of its own, two active views."""
    (folder / "luts").mkdir(parents=True)
    (folder / "luts" / "gain.spi1d").write_text(GAIN)
    encode = "!<ExponentWithLinearTransform> {gamma: 2.4, offset: 0.055, direction: inverse}"
    (folder / "config.ocio").write_text(
        "ocio_profile_version: 2\n"
        f"search_path: {search_path}\n"
        "roles: {scene_linear: Linear Rec.709, default: Linear Rec.709, default_byte: sRGB}\n"
        "displays:\n  sRGB:\n"
        "    - !<View> {name: Standard, colorspace: sRGB}\n    - !<View> {name: AgX, colorspace: sRGB}\n"
        "active_views: [Standard, AgX]\n"
        "looks:\n  - !<Look> {name: AgX - Punchy, process_space: Linear Rec.709, transform: !<CDLTransform> {sat: 2}}\n"
        "colorspaces:\n"
        "  - !<ColorSpace>\n    name: Linear CIE-XYZ\n    family: linear\n"
        f"  - !<ColorSpace>\n    name: Linear Rec.709\n    to_reference: {matrix_text(XYZ)}\n"
        f"  - !<ColorSpace>\n    name: sRGB\n    from_reference: !<GroupTransform>\n      children:\n"
        f"        - {matrix_text(np.linalg.inv(XYZ))}\n        - {encode}\n" + lut_space(source)
    )
    return folder / "config.ocio"


def named_otherwise(folder: Path) -> Path:
    """A config whose display is not called as its color space, and whose displays' reference is not XYZ."""
    folder.mkdir()
    encode = "!<ExponentWithLinearTransform> {gamma: 2.4, offset: 0.055, direction: inverse}"
    from_ap0, to_light = matrix_text(np.linalg.inv(TO_AP0)), matrix_text(np.linalg.inv(XYZ))
    (folder / "config.ocio").write_text(
        "ocio_profile_version: 2.1\n"
        "roles: {default: ACEScg, scene_linear: ACEScg, aces_interchange: AP0, cie_xyz_d65_interchange: XYZ}\n"
        "displays:\n  My monitor:\n"
        "    - !<View> {name: Un-tone-mapped, view_transform: Plain, display_colorspace: sRGB - Display}\n"
        f"view_transforms:\n  - !<ViewTransform>\n    name: Plain\n    from_scene_reference: {from_ap0}\n"
        "display_colorspaces:\n"
        f"  - !<ColorSpace>\n    name: XYZ\n    to_display_reference: {to_light}\n"
        f"  - !<ColorSpace>\n    name: sRGB - Display\n    from_display_reference: {encode}\n"
        "colorspaces:\n"
        "  - !<ColorSpace>\n    name: AP0\n"
        f"  - !<ColorSpace>\n    name: ACEScg\n    to_scene_reference: {matrix_text(convert('ACEScg', 'ACES2065-1'))}\n"
        "  - !<ColorSpace>\n    name: Rec.709\n    aliases: [lin_rec709]\n"
        f"    from_scene_reference: {from_ap0}\n"
    )
    return folder / "config.ocio"


def first_version(folder: Path, search_path: str = "luts", source: str = "gain.spi1d") -> Path:
    """A config of profile version 1, as that of ACES 1.2: AP0 as reference, no active views."""
    (folder / "luts").mkdir(parents=True, exist_ok=True)
    (folder / "luts" / "gain.spi1d").write_text(GAIN)
    (folder / "config.ocio").write_text(
        "ocio_profile_version: 1\n"
        f"search_path: {search_path}\n"
        "roles: {scene_linear: ACES - ACES2065-1, default: ACES - ACES2065-1}\n"
        "displays:\n  ACES:\n    - !<View> {name: Raw, colorspace: ACES - ACES2065-1}\n"
        "colorspaces:\n"
        "  - !<ColorSpace>\n    name: ACES - ACES2065-1\n    family: ACES\n"
        f"  - !<ColorSpace>\n    name: Utility - Linear - sRGB\n    to_reference: {matrix_text(TO_AP0)}\n"
        + lut_space(source)
    )
    return folder / "config.ocio"


def opened(ocio: Any, path: Path) -> Any:
    """The config of a folder or an archive, as a host opens it."""
    ocio.ClearAllCaches()  # it keeps files by path
    return ocio.Config.CreateFromFile(str(path / "config.ocio" if path.is_dir() else path))


def shown(processor: Any, image: Any, flags: Any) -> Any:
    """What a processor makes of float32 pixels (n, 3), held to what a monitor shows."""
    pixels = np.ascontiguousarray(image, np.float32).copy()
    processor.getOptimizedCPUProcessor(flags).applyRGB(pixels)
    return np.clip(pixels, 0, 1)


def with_look(ocio: Any, config: Any, source: str, display: str, view: str, look: str) -> Any:
    """The processor of a view with a look of the menu."""
    pipeline = ocio.LegacyViewingPipeline()
    pipeline.setDisplayViewTransform(ocio.DisplayViewTransform(source, display, view))
    pipeline.setLooksOverrideEnabled(True)
    pipeline.setLooksOverride(look)
    return pipeline.getProcessor(config)
