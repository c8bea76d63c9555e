"""The sub-commands `inputs` and `displays`: what pixels may be, and what a look may be shown on."""

from __future__ import annotations

from lattice.cli.app import Command, app
from lattice.color.gamuts import PRIMARIES, WHITES


@app.command(cls=Command)
def inputs() -> None:
    """List what --input takes: linear light of primaries, and codes of a curve and primaries."""
    from lattice.color.inputs import INPUTS

    print("in any case and punctuation, as logc3 or slog3-sgamut3cine; @legal: of video's legal range, as v-log@legal")
    for title, is_encoded in (("linear light", False), ("codes", True)):
        print(title)
        for each in INPUTS.values():
            if each.is_encoded == is_encoded:
                ranges = "@legal" if each.has_ranges else ""
                print(f"  {each.name:28} {each.title:54} {ranges:7} {each.interop_id or ''}".rstrip())


@app.command(cls=Command)
def displays() -> None:
    """List what a profile's display may be: primaries, with a gamma from 1 to 3 or sRGB, and a white."""
    from lattice.color.display import CURVES, Encoding

    print('as in display = { primaries = "Rec.709", gamma = 2.4 }; a gamma is "sRGB" or a number from 1 to 3')
    for each in PRIMARIES.values():
        if each.is_display:
            white = " ".join(f"{number:g}" for number in each.xy[6:])
            print(f"{each.name}, white {white} ({each.source})")
            for gamma in CURVES:
                encoding = Encoding(each.xy, gamma)
                if encoding.interop_id is not None:
                    print(f"  {encoding.title:28} {encoding.interop_id}")
    print("white, that the picture's white is shown in: " + ", ".join(WHITES))
