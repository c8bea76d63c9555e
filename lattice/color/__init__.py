"""Color facts, each once: primaries, curves, displays."""
