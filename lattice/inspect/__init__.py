"""Inspect a look: measure it against its exact chain, and draw it."""
