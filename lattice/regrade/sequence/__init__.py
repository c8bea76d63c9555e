"""A sequence of frames: which, in what order, what became of each."""
