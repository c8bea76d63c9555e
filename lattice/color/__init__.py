"""Color facts, each stated once: primaries, curves, inputs and displays."""
