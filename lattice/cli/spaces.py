"""The sub-commands `inputs` and `displays`: what pixels may be, and what a look may be shown on."""

from __future__ import annotations

from lattice.cli.app import Command, app


@app.command(cls=Command)
def inputs() -> None:
    """List what --input takes: linear light of primaries, and codes of a curve and primaries."""
    from lattice.color.inputs import INPUTS

    print("in any case and punctuation, as logc3 or slog3-sgamut3cine; @legal: of video's legal range, as v-log@legal;")
    print("curve/primaries: a curve over other primaries than its camera's, as LogC3/Rec.709")
    for title, is_encoded in (("linear light", False), ("codes", True)):
        print(title)
        for each in INPUTS.values():
            if each.is_encoded == is_encoded:
                ranges = "@legal" if each.has_ranges else ""
                print(f"  {each.name:28} {each.title:54} {ranges:7} {each.interop_id or ''}".rstrip())


@app.command(cls=Command)
def displays() -> None:
    """List what --display takes, and what a profile's display may be."""
    from lattice.color.displays import DISPLAYS, USUAL_PEAK, Encoding
    from lattice.color.primaries import PRIMARIES, WHITES

    print("in any case and punctuation, as p3-dci or rec1886; @203: white at 203 nits, as pq@203")
    for each in DISPLAYS.values():
        shown = each.shown
        encoding = Encoding(PRIMARIES[shown.primaries].xy, shown.gamma, shown.peak or USUAL_PEAK)
        nits = "" if shown.peak is None else "@nits"
        print(f"  {each.name:12} {encoding.title:44} {nits:6} {encoding.interop_id or ''}".rstrip())
    print('a profile takes a name, as display = "P3-DCI", or primaries and a gamma: 1 to 3, "sRGB", "PQ", "HLG", as in')
    names = ", ".join(name for name, each in PRIMARIES.items() if each.is_display)
    print(f'  display = {{ primaries = "Rec.709", gamma = 2.4 }}; primaries: {names}')
    print("white, that the picture's white is shown in: " + ", ".join(WHITES))


@app.command(cls=Command)
def luts() -> None:
    """List the LUT formats that are read and written, and the programs of build --for."""
    from lattice.export.hosts import hosts
    from lattice.export.recipe import is_exact
    from lattice.files.luts.register import REGISTER

    for each in REGISTER:
        print(f"{' '.join(each.suffixes):18} {each.name:22} {'read, written' if each.write else 'read'}")
    print()
    for name, host in hosts().items():
        lut = f"a LUT of {host.size}^3 that takes {host.input or 'linear light'}"
        exact = [is_exact(suffix) for suffix in host.suffixes]
        takes = "the SDev itself" if all(exact) else f"the SDev itself, or {lut}" if any(exact) else lut
        print(f"{'--for ' + name:18} {' '.join(host.suffixes):22} {host.title}: {takes}")
