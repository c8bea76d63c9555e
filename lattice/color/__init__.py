"""Color facts, each stated once: primaries and transfer functions."""
